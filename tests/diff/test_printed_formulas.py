"""Every formula of a number in the transcripts and on the pages, typed in again, has the value that stands beside it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import pytest

import gradcli
from tests.support import ROOT

FILES = (ROOT / "examples.txt", ROOT / "README.md", *sorted((ROOT / "gradcli" / "help").glob("*.md")))
HEADER = re.compile(r"\s+autograd\s+(?=derivative\s)")
VALUE = "its value"
LEAST = 40  # formulas that there are


def _shown() -> Iterator[tuple[str, str, str, str, str]]:
    """The command, its program and point, a formula and its value."""
    for path in FILES:
        command, columns = "", (0, 0, 0)
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("$ "):
                command, columns = line[2:], (0, 0, 0)
            elif VALUE in line and (head := HEADER.match(line)):
                start = line.index(VALUE)
                columns = head.end(), start, start + len(VALUE) + len(line[start + len(VALUE) :].partition("d")[0])
            elif columns[1] and line.startswith("∂") and command.startswith("gradcli diff "):
                told, value = _asked(command), line[columns[1] : columns[2]].strip()
                if told is not None and value:
                    yield (command, *told, line[columns[0] : columns[1]].strip(), value)
            elif not line.strip():
                columns = 0, 0, 0


def _asked(command: str) -> tuple[str, str] | None:
    """The program and the point of a command without further options."""
    words = shlex.split(command)[2:]
    if "|" in words or not words or words[0].startswith("-"):
        return None
    program, *options = words
    at: list[str] = []
    while options:
        name, value, *options = options if len(options) > 1 else [*options, ""]
        if name == "--at":
            at.append(value)
        elif name not in ("--order", "--wrt"):
            return None
    return (program, ",".join(at)) if at and "@" not in "".join(at) else None


def test_formulas_in_transcripts_are_programs_with_these_values() -> None:
    found = 0
    for command, program, at, formula, value in _shown():
        *before, _ = re.split(r"[;\n]", program)
        again = "; ".join([*(one.strip() for one in before if one.strip()), formula])
        names = [part.partition("=")[0].strip() for part in at.split(",")]
        zero = "".join(f" + 0*{name}" for name in names if re.fullmatch(r"\w+", name))
        computed = gradcli.differentiate(f"{again}{zero}", at, wrt=names[:1], reference=False).value
        assert computed == pytest.approx(float(value), rel=1e-6, abs=1e-9), command
        found += 1
    assert found >= LEAST
