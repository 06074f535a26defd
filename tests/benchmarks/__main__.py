"""gradcli beside its peers, measured in one run: `python -m tests.benchmarks [NAME ...] [--json FILE] [--rounds N]`.

Each comparison runs both sides in turn, so that a noisy machine is noisy for both, and prints the ratio of the
medians beside the most that it may be. The exit code is 1 if one is above that.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from tests.benchmarks import cases
from tests.benchmarks.measure import Figure


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help=f"of these: {', '.join(cases.ALL)}")
    parser.add_argument("--rounds", type=int, default=10, help="how often each side runs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    chosen = parser.parse_args()
    if unknown := sorted(set(chosen.names) - set(cases.ALL)):
        parser.error(f"there is no benchmark {', '.join(unknown)}")
    figures: list[Figure] = []
    for name, case in cases.ALL.items():
        if chosen.names and name not in chosen.names:
            continue
        for figure in case(chosen.rounds):
            print(figure.line(), flush=True)
            figures.append(figure)
    if chosen.json:
        chosen.json.write_text(json.dumps([figure.to_dict() for figure in figures], indent=2) + "\n")
    return 0 if all(figure.holds for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
