"""The plain data of a table of difference quotients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from gradcli.tape.codec import JsonLayout
from gradcli.tape.kinds import Decimals, Digits, Finite, Index, OneOf

SIDES = ("forward", "backward", "central")


@dataclass(frozen=True)
class QuotientRow:
    """The difference quotients of one step, in the dtype.

    h          the step
    forward    (f(x + h) - f(x))/h
    backward   (f(x) - f(x - h))/h
    central    (f(x + h) - f(x - h))/(2*h)
    forward_digits, backward_digits, central_digits  how many decimal digits of it are those of the derivative, at a
               corner of the one of its side; None where that is 0 or none, or the quotient no number
    stuck      whether x + h is x, and x - h, too, in the dtype
    """

    h: Finite
    forward: float
    backward: float
    central: float
    forward_digits: Digits | None
    backward_digits: Digits | None
    central_digits: Digits | None
    stuck: bool

    JSON: ClassVar[JsonLayout] = JsonLayout(
        "h forward forward_digits backward backward_digits central central_digits stuck"
    )


@dataclass(frozen=True)
class BestStep:
    """The step of the table with the smallest error, and the one where theory has it.

    side      of the quotient
    h         the step; the largest of those that are equally good
    digits    decimal digits of the derivative that it has
    expected  the step at which what the quotient leaves out is as large as the rounding of f; None where nothing is
              left out, or that is not known
    """

    side: Annotated[str, OneOf(SIDES)]
    h: Finite
    digits: Digits | None
    expected: Finite | None

    JSON: ClassVar[JsonLayout] = JsonLayout("side h digits expected")


@dataclass(frozen=True)
class QuotientTable:
    """The difference quotients of an output by one variable.

    of            the output's index, where there are several
    wrt           the variable that moves
    derivative    what they are held against; None where there is none, or it is not known
    left, right   the one-sided derivatives where there is none
    second, third the derivatives of these orders, roughly, which say what is left out; None where they are not known
    rows          from the largest step to the smallest
    best          of each side for which there is one
    """

    of: Index | None
    wrt: str
    derivative: Decimals | None
    left: Decimals | None
    right: Decimals | None
    second: Decimals | None
    third: Decimals | None
    rows: tuple[QuotientRow, ...]
    best: tuple[BestStep, ...]

    JSON: ClassVar[JsonLayout] = JsonLayout(
        "of wrt derivative left right second third rows best", sides=("left", "right")
    )


def paired(result: Any) -> Iterator[tuple[QuotientTable, Any]]:
    """Each table of an answer with the partial that it is of."""
    partials = {(one.of, one.wrt): one for one in result.partials}
    return ((table, partials[table.of, (table.wrt,)]) for table in result.quotients)
