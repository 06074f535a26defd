"""The same answers at any speed: `python -m tests.fuzz.loaded save FILE`, on an idle machine and on a loaded one, and
`python -m tests.fuzz.loaded compare FILE OTHER`.

Every verdict but `undecided` has to be the same, and fewer than 1 % of the programs may differ at all.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import gradcli
from tests.fuzz import grammar
from tests.reference.programs import kinked, smooth

PROGRAMS = 300
SEED = 300
MOST_THAT_DIFFER = 0.01
UNDECIDED = "undecided"


def programs(count: int = PROGRAMS, seed: int = SEED) -> list[tuple[str, Any, int]]:
    """Programs with their points and orders: of the grammar, smooth ones and ones with kinks."""
    found: list[tuple[str, Any, int]] = []
    for number in range(count):
        rng = Random(f"{seed} {number}")
        if number % 3 == 0:
            drawn = grammar.program(rng)
            found.append((drawn.text, list(drawn.at), drawn.order))
        else:
            one = smooth(rng) if number % 3 == 1 else kinked(rng)
            found.append((one.text, dict(one.at), 1))
    return found


def answer(text: str, at: Any, order: int, **options: Any) -> dict[str, Any]:
    """What is said of a program: the stage of a refusal, or the verdict and the kind of point of each number."""
    try:
        result = gradcli.differentiate(text, at or None, order=order, **options)
    except gradcli.LimitError:
        return {"refused": [UNDECIDED, "a limit"]}
    except gradcli.GradcliError as error:
        return {"refused": ["refused", error.stage]}
    said = {"value": [result.value_verdict.value if result.value_verdict else UNDECIDED, None]}
    for one in result.partials:
        name = ",".join((*one.wrt, *map(str, one.of or ())))
        said[name] = [one.verdict.value if one.verdict else UNDECIDED, one.kind]
    return said


def differing(mine: list[Any], others: list[Any]) -> tuple[list[int], list[int]]:
    """Which programs' answers differ at all, and which of them in a verdict that both of them have."""
    some = [number for number, (one, other) in enumerate(zip(mine, others)) if one["said"] != other["said"]]
    return some, [number for number in some if not _one_could_not_tell(mine[number]["said"], others[number]["said"])]


def _one_could_not_tell(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    if one.keys() != other.keys():  # a limit stands for all that the other one says
        return [UNDECIDED, "a limit"] in (one.get("refused"), other.get("refused"))
    return all(said == other[name] or UNDECIDED in (said[0], other[name][0]) for name, said in one.items())


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.loaded", description=__doc__)
    parser.add_argument("action", choices=["save", "compare"])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--count", type=int, default=PROGRAMS)
    parser.add_argument("--patience", type=float, default=None, help="of each program, in seconds")
    arguments = parser.parse_args()
    os.environ["GRADCLI_SERVER"] = "off"
    logging.disable(logging.WARNING)
    if arguments.action == "save":
        wall, work = time.monotonic(), time.process_time()
        options = {} if arguments.patience is None else {"patience": arguments.patience}
        with arguments.files[0].open("w") as out:
            for text, at, order in programs(arguments.count):
                out.write(
                    json.dumps({"program": text, "order": order, "said": answer(text, at, order, **options)}) + "\n"
                )
                out.flush()
        print(
            f"{arguments.count} programs; {time.monotonic() - wall:.0f} s, {time.process_time() - work:.0f} s of work"
        )
        return 0
    mine, others = ([json.loads(line) for line in path.read_text().splitlines()] for path in arguments.files)
    some, wrong = differing(mine, others)
    for number in some:
        print(f"{mine[number]['program']!a}: {mine[number]['said']} and {others[number]['said']}")
    print(f"{min(len(mine), len(others))} programs: {len(some)} differ, {len(wrong)} of them in a verdict that is one")
    return int(bool(wrong) or len(some) >= max(1, MOST_THAT_DIFFER * len(mine)))


if __name__ == "__main__":
    raise SystemExit(main())
