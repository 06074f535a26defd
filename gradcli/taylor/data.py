"""The plain data of Taylor polynomials. Views are functions of it; nothing here computes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from gradcli.errors import ExitCode
from gradcli.tape.codec import JsonAnswer, JsonLayout
from gradcli.tape.kinds import Count, Decimals, Finite, Names, OneOf, Order, PointKind
from gradcli.terminal.page import Displayed

SCHEMA = "gradcli.taylor/1"
ENCLOSED, ESTIMATED, UNDEFINED, UNDECIDED = "enclosed", "estimated", "undefined", "undecided"


@dataclass(frozen=True)
class TaylorTerm:
    """One term of the polynomial: its coefficient times the powers of the variables' distances from the point.

    powers  one for each variable that the polynomial is in
    value   the coefficient, in decimals
    exact   the same as a rational number or in closed form: "-1/6", "exp(1)/6", "sqrt(2)/4"; None where it is not known
            to be one, or is long
    latex   that form in LaTeX
    """

    powers: tuple[Count, ...]
    value: Decimals
    exact: str | None = None
    latex: str | None = None

    JSON: ClassVar[JsonLayout] = JsonLayout("powers value exact latex", optional=("latex",))


def is_sum_of(term: TaylorTerm) -> bool:
    """Whether its exact coefficient is a sum, which stands in brackets before a factor."""
    depth = 0
    for sign in (term.exact or "").split(" "):
        if depth == 0 and sign in ("+", "-"):
            return True
        depth += sign.count("(") - sign.count(")")
    return False


@dataclass(frozen=True)
class Remainder:
    """How far the function is from its polynomial over a range of its variables.

    over   of each variable, from where to where
    bound  on the distance, rounded up; None where none is proven
    proof  whether it is proven, or rests on a function that is estimated
    note   why there is none
    """

    over: Mapping[str, tuple[Finite, ...]]
    bound: Decimals | None = None
    proof: Annotated[str, OneOf((ENCLOSED, ESTIMATED))] | None = None
    note: str | None = None

    JSON: ClassVar[JsonLayout] = JsonLayout("over bound proof note", optional=("note",))


@dataclass(frozen=True)
class Taylor(JsonAnswer, Displayed, schema=SCHEMA):
    """The Taylor polynomial of a program at a point.

    program    as it was given
    name       of its output
    wrt        the variables that the polynomial is in
    at         the point, all variables after rounding to doubles
    order      the highest one of its terms
    terms      by rising order; none where there is no such polynomial
    status     enclosed: every digit is proven; estimated: a function, or a limit, is not; undefined: a derivative does
               not exist; undecided: it could not be told
    kind       what sort of point it is, where a derivative or the value does not exist
    note       why there is no polynomial, or what there is to say of it
    remainder  over the range that was asked for; absent where none was
    notes      how the program was read; absent where there is nothing to say
    versions   of gradcli
    """

    program: str
    name: str
    wrt: Names
    at: Mapping[str, Finite]
    order: Order
    terms: tuple[TaylorTerm, ...]
    status: Annotated[str, OneOf((ENCLOSED, ESTIMATED, UNDEFINED, UNDECIDED))]
    kind: PointKind | None = None
    note: str | None = None
    remainder: Remainder | None = None
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    JSON: ClassVar[JsonLayout] = JsonLayout(
        "program name wrt at order terms status kind note remainder notes versions", optional=("remainder", "notes")
    )

    @property
    def exit_code(self) -> ExitCode:
        """The exit code that the answer leads to."""
        if self.status == UNDEFINED:
            return ExitCode.UNDEFINED
        unbounded = self.remainder is not None and self.remainder.bound is None
        return ExitCode.LIMIT if self.status == UNDECIDED or unbounded else ExitCode.AGREE
