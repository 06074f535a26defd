"""The plain data of extreme points. Views are functions of it; nothing here computes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from gradcli.errors import ExitCode
from gradcli.reference.verdict import Verdict
from gradcli.tape.codec import JsonAnswer, JsonLayout
from gradcli.tape.kinds import Decimals, Digits, Finite, OneOf
from gradcli.tape.strict import Listed
from gradcli.terminal.page import Displayed

SCHEMA = "gradcli.extrema/1"
MINIMUM, MAXIMUM, SADDLE, NEITHER = "minimum", "maximum", "saddle", "neither"
INFLECTION, UNDECIDED = "inflection", "undecided"
STATIONARY, NONSMOOTH, END, CORNER = "stationary", "nonsmooth", "end", "corner of the box"
BORDER = "border"
PointClass = Annotated[str, OneOf((MINIMUM, MAXIMUM, SADDLE, NEITHER, INFLECTION, UNDECIDED))]
PointPlace = Annotated[str, OneOf((STATIONARY, NONSMOOTH, END, CORNER, BORDER))]


@dataclass(frozen=True)
class SlopeHere:
    """A partial derivative at the doubles next to a stationary point, from three sources.

    wrt        the variable that it is by
    at         the doubles
    autograd   what torch computes there
    symbolic   the formula; None where there is none
    symbolic_value  its value there
    reference  the true derivative there, in decimals
    digits     correct ones of autograd's number; None where it is 0 up to the rounding of the point
    verdict    on autograd's number
    note       what else there is to say
    """

    wrt: str
    at: Mapping[str, Finite]
    autograd: float
    symbolic: str | None
    symbolic_value: float | None
    reference: Decimals | None
    digits: Digits | None
    verdict: Verdict
    note: str | None = None


@dataclass(frozen=True)
class ExtremePoint:
    """A point that may be extreme.

    at        the variables, in decimals
    value     of the function there, in decimals; None where it has none
    kind      minimum or maximum (near it, over the box), saddle, neither, inflection, or undecided
    place     the gradient is zero here, or does not exist, or it is an end of the interval, or on the border of the box
    proven    whether it is proven to be there, and to be of this kind
    slopes    at a nonsmooth point: what sort it is of, and the slopes from the left and from the right
    second    the second derivative of one variable, the determinant of the Hessian of two
    sources   of a stationary point: what autograd, the formula and the reference say of the slopes there
    """

    at: Mapping[str, Decimals]
    value: Decimals | None
    kind: PointClass
    place: PointPlace
    proven: bool = True
    slopes: str | None = None
    second: Decimals | None = None
    sources: tuple[SlopeHere, ...] = ()

    JSON: ClassVar[JsonLayout] = JsonLayout(
        "at value kind place proven slopes second sources", optional=("slopes", "second", "sources")
    )


@dataclass(frozen=True)
class BoxPart:
    """A part of the box: where a function is constant, has no value, or could not be looked at.

    start, stop  of each variable, rounded outwards
    what         the matter with it
    """

    start: Mapping[str, Finite]
    stop: Mapping[str, Finite]
    what: str


@dataclass(frozen=True)
class ExtremeValue:
    """The least or the greatest value over the box.

    value     in decimals; None where there is none, or none could be told
    at        the points at which it is taken
    proven    whether it is proven
    note      why there is none, or what is in doubt
    """

    value: Decimals | None
    at: tuple[Mapping[str, Decimals], ...] = ()
    proven: bool = True
    note: str | None = None


@dataclass(frozen=True)
class Extrema(JsonAnswer, Displayed, schema=SCHEMA):
    """The extreme points of a function over a box of one or two variables.

    program     as it was given
    name        of its value
    over        each variable's range: from, to
    at          the other variables
    points      in order of the first variable
    flat        parts on which the function is constant
    unresolved  parts in which there may be further points
    skipped     parts beside nonsmooth points, which are not searched
    least, greatest  over the box
    complete    whether all points are proven to be found
    notes       how the program was read; absent where there is nothing to say
    versions    of gradcli
    """

    program: str
    name: str
    over: Mapping[str, tuple[Finite, ...]]
    at: Mapping[str, Listed]
    points: tuple[ExtremePoint, ...]
    flat: tuple[BoxPart, ...]
    unresolved: tuple[BoxPart, ...]
    skipped: tuple[BoxPart, ...]
    least: ExtremeValue
    greatest: ExtremeValue
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    JSON: ClassVar[JsonLayout] = JsonLayout(
        "program name over at points flat unresolved skipped least greatest complete notes versions",
        optional=("notes",),
    )

    @property
    def complete(self) -> bool:
        """Whether all points are proven to be found."""
        return not self.unresolved and not self.skipped

    @property
    def exit_code(self) -> ExitCode:
        """The exit code that the answer leads to."""
        doubtful = any(not one.proven or one.kind == UNDECIDED for one in self.points if one.place == STATIONARY)
        return ExitCode.LIMIT if self.unresolved or doubtful else ExitCode.AGREE
