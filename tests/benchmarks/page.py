"""The figures of the page on speed, written from the file that a benchmark left: `python -m tests.benchmarks.page [FILE]`.

Without FILE it is tests/benchmarks/figures.json, which `python -m tests.benchmarks --json` writes.
"""

from __future__ import annotations

import argparse
import json
import re
import textwrap
from pathlib import Path
from typing import Any

from tests.support import ROOT

FIGURES = ROOT / "tests" / "benchmarks" / "figures.json"
PAGE = ROOT / "gradcli" / "help" / "speed.md"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
HEADINGS = ("what", "gradcli", "peer", "the peer's", "ratio", "at most")
WIDTH = 118


def section(data: dict[str, Any]) -> str:
    """The table of a file of figures, after a sentence that says the machine; Markdown."""
    rows = [_row(figure) for figure in data["figures"]]
    lines = [_line(HEADINGS), "|---|---|---|---|---|---|", *map(_line, rows)]
    missed = [figure for figure in data["figures"] if not figure["holds"]]
    after = ["", "Bold: more than what is promised."] if missed else []
    return "\n".join([textwrap.fill(machine(data["machine"]), WIDTH, break_on_hyphens=False), "", *lines, *after])


def machine(data: dict[str, Any]) -> str:
    """The machine in a sentence."""
    cores = "1 core" if data["cores"] == 1 else f"{data['cores']} cores"
    versions = ", ".join(f"{name} {version}" for name, version in data["versions"].items())
    return (
        f"Measured on {data['date']}: {data['processor']}, {cores}, {data['memory_gib']:g} GiB of memory, "
        f"{data['system']}, Python {data['python']}, {versions}."
    )


def _row(figure: dict[str, Any]) -> tuple[str, ...]:
    unit, alone = figure["unit"], figure["peer"] is None
    ratio = "" if alone else f"{figure['figure']:.2g}"
    own = quantity(figure["own"], unit)
    if not figure["holds"]:
        own, ratio = (f"**{own}**", ratio) if alone else (own, f"**{ratio}**")
    return (
        _escaped(figure["name"]),
        own,
        "" if alone else _escaped(figure["peer"]),
        "" if alone else quantity(figure["peer_own"], unit),
        ratio,
        quantity(figure["most"], unit) if alone else f"{figure['most']:.2g}",
    )


def quantity(amount: float, unit: str) -> str:
    """A figure with two or three digits; less than a tenth of a second in milliseconds."""
    if unit == "s" and amount < 0.1:
        amount, unit = amount * 1000, "ms"
    return f"{amount:.3g} {unit}"


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    return re.sub(r"([|*_`<\\])", r"\\\1", text)


def rewrite(text: str, data: dict[str, Any]) -> str:
    """A Markdown page whose figures, between two comments, are those of the data."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise SystemExit(f"there is no {BEGIN} ... {END} to write between")
    return f"{before}{begin}\n{section(data)}\n{end}{after}"


def main() -> None:
    """Rewrite the page."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.page", description=__doc__.partition("\n")[0])
    parser.add_argument("file", nargs="?", type=Path, default=FIGURES, help="what `--json` of the benchmarks wrote")
    chosen = parser.parse_args()
    PAGE.write_text(rewrite(PAGE.read_text(), json.loads(chosen.file.read_text())))


if __name__ == "__main__":
    main()
