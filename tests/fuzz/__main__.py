"""A long run: `python -m tests.fuzz programs --count 50000 --seed 7 --save found.jsonl`; prints counts and what it found.

Kinds: programs, truths, texts, claims, mutations (of derivatives), disguises, files, or all. What is found is saved as it comes,
in its smallest form, with the seed that makes it again.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from tests.fuzz.attack import Attacker
from tests.fuzz.kinds import KINDS

PART = 10  # cases in one folder


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("kind", choices=[*KINDS, "all"])
    parser.add_argument("--count", type=int, default=1000, help="cases of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="for each kind")
    parser.add_argument("--save", type=Path, default=None, help="a file of JSON lines for what is found")
    arguments = parser.parse_args()
    os.environ["GRADCLI_SERVER"] = "off"
    attacker, total = Attacker(), 0
    for kind in KINDS if arguments.kind == "all" else [arguments.kind]:
        counts, until = Counter[str](), time.monotonic() + arguments.seconds
        for part in range(0, arguments.count, PART):
            if time.monotonic() > until:
                break
            count = min(PART, arguments.count - part)
            report = attacker.attack(kind, count, arguments.seed * 1_000_003 + part, until - time.monotonic())
            counts += report.counts
            for one in report.found:
                print(f"{one.kind}: {one.what}: {one.text!a}: {one.said!a}", flush=True)
                if arguments.save is not None:
                    with arguments.save.open("a") as saved:
                        saved.write(json.dumps(asdict(one)) + "\n")
            total += len(report.found)
        print(f"{kind}: {', '.join(f'{number:,} {what}' for what, number in counts.most_common())}", flush=True)
    return int(total > 0)


if __name__ == "__main__":
    raise SystemExit(main())
