"""Answers a sample of the corpus of truths, a line of JSON each: `python -m tests.corpus.answers FIRST STEP`.

Of every family the lines FIRST, FIRST + STEP, ...; each with its verdict, its proof and every complaint. The last line
says whether python-flint was there.
"""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from typing import Any

from gradcli.errors import GradcliError
from tests.corpus.expectations import complaints
from tests.corpus.truths import FILE
from tests.reference.ask import ask

PATIENCE = 4.0  # seconds: what takes longer in plain Python is undecided


def sample(first: int, step: int) -> list[dict[str, Any]]:
    """So many lines of every family."""
    families: dict[str, list[dict[str, Any]]] = {}
    for text in FILE.read_text(encoding="utf-8").splitlines():
        line = json.loads(text)
        families.setdefault(line["family"], []).append(line)
    return [line for lines in families.values() for line in lines[first::step]]


def answer(line: dict[str, Any]) -> dict[str, Any]:
    """What gradcli says of a line, and what is wrong with it."""
    found = {name: line[name] for name in ("family", "program", "at", "order")}
    try:
        result = ask(line["program"], line["at"], wrt=line["wrt"], order=line["order"], patience=PATIENCE)
    except GradcliError as error:
        return found | {"verdict": "refused", "proof": None, "complaints": [str(error)]}
    wanted = tuple(line.get("by", line["wrt"] * line["order"]))
    (partial,) = (one for one in result.partials if one.wrt == wanted)
    verdict = partial.verdict.value if partial.verdict else None
    return found | {"verdict": verdict, "proof": partial.proof, "complaints": complaints(line, result)}


def main() -> None:
    """Answer them all."""
    for line in sample(int(sys.argv[1]), int(sys.argv[2])):
        print(json.dumps(answer(line)), flush=True)
    try:
        print(json.dumps({"flint": find_spec("flint") is not None}))
    except ValueError:  # the import is blocked
        print(json.dumps({"flint": False}))


if __name__ == "__main__":
    main()
