"""gradcli beside its peers, measured in one run: `python -m tests.benchmarks [NAME ...] [--json FILE] [--rounds N] [--rows N]`.

Each comparison runs both sides in turn, so that a noisy machine is noisy for both, and prints the ratio of the
medians beside the most that it may be. The exit code is 1 if one is above that. gradcli/help/speed.md shows the figures of a
file that `--json` wrote: `python -m tests.benchmarks.page FILE`.
"""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial
from pathlib import Path

from tests.benchmarks import cases, memory
from tests.benchmarks.machine import machine
from tests.benchmarks.measure import Figure


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help=f"of these: {', '.join(cases.ALL)}")
    parser.add_argument("--rounds", type=int, default=10, help="how often each side runs")
    parser.add_argument("--rows", type=int, default=memory.ROWS, help="how many the map has whose memory is measured")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures and the machine there")
    chosen = parser.parse_args()
    if unknown := sorted(set(chosen.names) - set(cases.ALL)):
        parser.error(f"there is no benchmark {', '.join(unknown)}")
    figures: list[Figure] = []
    measured = cases.ALL | {"memory": partial(memory.memory, rows=chosen.rows)}
    for name, case in measured.items():
        if chosen.names and name not in chosen.names:
            continue
        for figure in case(chosen.rounds):
            print(figure.line(), flush=True)
            figures.append(figure)
    if chosen.json:
        data = {"machine": machine(), "figures": [figure.to_dict() for figure in figures]}
        chosen.json.write_text(json.dumps(data, indent=2) + "\n")
    return 0 if all(figure.holds for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
