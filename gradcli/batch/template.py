"""The record of one program at ordinary points: the same text with other numbers in it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gradcli.diff.data import Result, Verdict
from gradcli.diff.judged import holds
from gradcli.problem.job import Job
from gradcli.runtime.lines.records import Encoder, encoded
from gradcli.tape.findings import Numbers, Positions
from gradcli.terminal.numbers import context_of

NEAR = 0.01  # digits more than make a number right: of fewer the verdict is given elsewhere
MARK = 1.6180339887498949e200  # of a double that stands for others: this, and the ones that follow


class Template:
    """Pieces of a record, between which numbers are put. All of its verdicts are `agree`, and its formulas hold."""

    def __init__(self, result: Result, positions: Sequence[Positions], job: Job, encoder: Encoder) -> None:
        self.names = list(result.at or ())
        self.positions = list(positions)
        self.most = job.dtype.digits
        self.least = (round(self.most / 2, 2) if job.min_digits is None else job.min_digits) + NEAR
        self.context = context_of(job.digits)
        self.has_formula = [partial.symbolic_value is not None for partial in result.partials]
        self.pieces, self.order = _cut(result, encoder)

    def fill(
        self, who: str, point: Mapping[str, float], numbers: Numbers, truth: Any, ball_source: Any
    ) -> bytes | None:
        """The record of an id (as JSON) at a point; None where it is not such a record."""
        right = ball_source.digits(numbers.value, truth.value_ball, self.most)
        if right is None or right < self.least:
            return None
        values = [who, *(repr(point[name]) for name in self.names), repr(numbers.value), self._decimals(truth.value)]
        values.append(repr(right))
        for positions, has_formula in zip(self.positions, self.has_formula):
            number = numbers.partials[positions]
            right = ball_source.digits(number, truth.balls[positions], self.most)
            if right is None or right < self.least or not math.isfinite(number):
                return None
            values += (repr(number), self._decimals(truth.partials[positions]), repr(right))
            if has_formula:
                formula = truth.formulas[positions]
                if not holds(formula, truth.partials[positions]):
                    return None
                values.append(repr(formula))
        pieces = [self.pieces[0]]
        for index, piece in zip(self.order, self.pieces[1:]):
            pieces += (values[index], piece)
        return encoded("".join(pieces))

    def _decimals(self, value: Any) -> str:
        return f'"{str(self.context.create_decimal(value)).lower()}"' if value else '"0"'


def template_of(result: Result, positions: Sequence[Positions], job: Job, encoder: Encoder) -> Template | None:
    """The template that a record gives; None where it is none of an ordinary point."""
    if result.value_verdict is not Verdict.AGREE or result.value_digits is None:
        return None
    if any(partial.verdict is not Verdict.AGREE or partial.digits is None for partial in result.partials):
        return None
    if any(partial.symbolic_holds is False for partial in result.partials):
        return None
    try:
        return Template(result, positions, job, encoder)
    except ValueError:
        return None


def _cut(result: Result, encoder: Encoder) -> tuple[list[str], list[int]]:
    """The text of a record around its numbers, and which of the numbers stand between its pieces.

    Raises ValueError where one of the marks is somewhere else, too.
    """
    marks: list[str] = []

    def number() -> float:
        value = MARK * (1 + len(marks) * 2**-40)
        marks.append(repr(value))
        return value

    def text(name: str) -> str:
        value = f"{name} {MARK * (1 + len(marks) * 2**-40)!r}"
        marks.append(f'"{value}"')
        return value

    who = text("id")
    at = {name: number() for name in result.at or ()}
    value, reference, digits, partials = number(), text("value"), number(), []
    for partial in result.partials:
        marked = replace(partial, autograd=number(), reference=text("reference"), digits=number())
        partials.append(replace(marked, symbolic_value=None if partial.symbolic_value is None else number()))
    marked_result = replace(result, at=at, value=value, value_reference=reference, value_digits=digits)
    marked_result = replace(marked_result, partials=tuple(partials))
    whole = encoder.answer(who, marked_result).text.decode("utf-8")
    if any(whole.count(mark) != 1 for mark in marks):
        raise ValueError
    indices = sorted(range(len(marks)), key=lambda index: whole.index(marks[index]))
    pieces, end = [], 0
    for index in indices:
        start = whole.index(marks[index])
        pieces.append(whole[end:start])
        end = start + len(marks[index])
    return [*pieces, whole[end:]], indices
