"""Every formula in the transcripts and on the pages, typed in again, has the value of the derivative."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.diff.data import Verdict
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


# Formulas of tensors: whole ones (matrix form), and those of an entry with numbers for its free indices

ENTRY = re.compile(r"^∂\w+/∂(\w+)\[([\w,]+)\] = (?:.*: )?(.*)$")
MATRIX = "matrix form: "
LARGEST = 1_000  # entries of a variable that is tried
LEAST_OF_TENSORS = 70  # formulas that there are


def _shown_of_tensors() -> Iterator[tuple[str, str, str, str]]:
    """The command, the variable, its free indices (none of a matrix form), and the formula."""
    for path in FILES:
        command, name = "", ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("$ "):
                command, name = line[2:], ""
            elif found := ENTRY.match(line):
                name = found[1]
                yield command, name, found[2], found[3]
            elif line.startswith(MATRIX) and name:
                yield command, name, "", line.removeprefix(MATRIX)


def _value(program: str, formula: str, at: str) -> Any:
    """What a formula comes to after the statements of a program at a point, all of whose names it need not have."""
    *before, _ = re.split(r"[;\n]", program)
    names = re.findall(r"(?:^|,)(\w+)=", at)
    zero = "".join(f" + sum(where({name} == {name}, 0, 0))" for name in names if re.search(rf"\b{name}\b", program))
    again = "; ".join([*(one.strip() for one in before if one.strip()), formula + zero])
    return np.asarray(gradcli.differentiate(again, at, wrt=names[:1], reference=False).value)


def test_formulas_of_tensors_are_programs_with_the_derivatives_as_values() -> None:
    found = 0
    for command, name, letters, formula in _shown_of_tensors():
        told = _asked(command) if command.startswith("gradcli diff ") and "--order" not in command else None
        if told is None:
            continue
        program, at = told
        (partial,) = gradcli.differentiate(program, at, wrt=name).partials
        numbers = np.asarray(partial.autograd)
        if partial.verdict is not Verdict.AGREE or numbers.size > LARGEST:
            continue  # at kinks and where numbers overflow they are not the same, which the verdict says
        if not letters:
            assert _value(program, formula, at) == pytest.approx(numbers, rel=1e-9), (command, formula)
        for index in (0, -1):
            entry = [index % size for size in numbers.shape]
            text = formula
            for letter, number in zip(letters.split(","), entry):
                text = re.sub(rf"(?<!\w){letter}(?!\w)", str(number), text) if letter else text
            try:
                value = _value(program, text, at) if letters else numbers[tuple(entry)]
            except gradcli.GradcliError as error:  # an entry beside the ends, in a case that is not met
                assert "outside" in error.message or "has to be known" in error.message, (command, text)
                continue
            assert value == pytest.approx(numbers[tuple(entry)], rel=1e-9), (command, text)
            found += 1
    assert found >= LEAST_OF_TENSORS


@pytest.mark.parametrize(
    "program",
    [
        "sum(x[:2])**2",
        "sum(x[:4])**2",
        "sum(x[:-1])**2",
        "sum(x[1:])**2",
        "sum(x[:3]*y)**2",
        "sum(x*x)*sum(x[:2])",
        "max(x[:3])*sum(x)",
        "u = x*x; sum(u[:2])**2",
        "sum(y[:2])*sum(x[:2])",
        "prod(x[:2])*sum(x)",
        "prod(x[1:])",
        "prod(x[:3])**2",
        "sum(sort(x)[:2])**2",
        "amax(sort(x)[:3])**2",
        "sum(cummax(x)[:2])**2",
        "sum(topk(x, 2))**2",
    ],
)
def test_a_sum_over_a_part_of_a_tensor_says_how_far_it_goes(program: str) -> None:
    at = "x=[1,2,7,4,5]" + ",y=[3,8,2]" * ("y" in program)
    (partial,) = gradcli.differentiate(program, at, wrt="x").partials
    text = partial.symbolic_here or partial.symbolic
    assert text is not None
    for entry, number in enumerate(np.asarray(partial.autograd)):
        typed = re.sub(r"(?<!\w)i(?!\w)", str(entry), text)
        if entry < 2 or "y[" not in typed:  # the others are outside of y, in the case that is not met
            assert _value(program, typed, at) == pytest.approx(number), typed
