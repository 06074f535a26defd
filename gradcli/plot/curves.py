"""What a plot consists of: curves, the points they run through, and the places where they break."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from gradcli.tape.codec import JsonLayout
from gradcli.tape.kinds import POINT_KINDS, Count, Finite, OneOf

OK, WRONG, UNCHECKED, OUTSIDE, KINK = "ok", "wrong", "unchecked", "outside", "kink"

Numbers = tuple[float | None, ...]  # one for each curve; None where there is none
SpecialKind = Annotated[str, OneOf((*POINT_KINDS, "undecided"))]
Status = Annotated[str, OneOf((OK, WRONG, UNCHECKED, OUTSIDE, KINK, *POINT_KINDS, "undecided"))]


@dataclass(frozen=True)
class Curve:
    """The function itself, or one of its derivatives.

    wrt      what it is by; None of the function itself
    order    of the derivative; 0 is the function itself
    formula  in gradcli's language, if it is known
    """

    wrt: str | None
    order: Count
    formula: str | None = None

    def column(self, function: str) -> str:
        """A name for programs: f, df_dx, d2f_dx2."""
        if not self.order:
            return function
        power = "" if self.order == 1 else str(self.order)
        return f"d{power}{function}_d{self.wrt}{power}"


@dataclass(frozen=True)
class PlotSample:
    """A point of every curve.

    values    the true ones as far as they are known, else torch's; None where there is none
    autograd  what torch says, of each curve; of the function itself its value
    status    "ok", "wrong" (torch has not half of its digits right), "unchecked" (the reference had no time for it),
              "outside" (the function has no value here), "kink" (an operation breaks here, and no derivative is
              claimed), or the kind of the special place that this is
    wrong     the curves that torch is wrong about
    """

    at: tuple[float, ...]
    values: Numbers
    autograd: tuple[float, ...]
    status: Status
    wrong: tuple[int, ...] = ()

    @property
    def x(self) -> float:
        """Where the point is."""
        return self.at[0]


@dataclass(frozen=True)
class Special:
    """A place where the function, or a derivative that is shown, breaks.

    x            where it is
    kind         as in a verdict
    order        the derivative that does not exist: 1 at a corner of the function, 0 where it has no value or jumps
    value        of each curve at the place itself
    left, right  what each curve tends to there; perhaps infinite, None where it tends to nothing
    autograd     what torch says there; None where no double is that place
    """

    x: Finite
    kind: SpecialKind
    order: Count
    value: Numbers
    left: Numbers
    right: Numbers
    autograd: tuple[float, ...] | None = None

    JSON: ClassVar[JsonLayout] = JsonLayout("x kind order")  # and its numbers by the names of the curves


@dataclass(frozen=True)
class Tangent:
    """A tangent of the function at a point; at a corner one for each side.

    x      where it touches
    y      the function's value there
    slope  of the tangent
    side   at a corner or an edge
    """

    x: Finite
    y: Finite
    slope: Finite
    side: Annotated[str, OneOf(("left", "right"))] | None = None


@dataclass(frozen=True)
class Window:
    """The values of a curve that are worth showing.

    low      the least
    high     the greatest
    clipped  whether there are others
    """

    low: Finite
    high: Finite
    clipped: bool = False


@dataclass(frozen=True)
class Axis:
    """A variable that varies.

    name   of the variable
    start  its first value
    stop   its last value
    """

    name: str
    start: Finite
    stop: Finite


@dataclass(frozen=True)
class TaylorCurve:
    """A Taylor polynomial that is drawn beside the function.

    x             the point that it is expanded at
    coefficients  of the powers of the distance from there, from 0 on
    text          the polynomial, in the language
    """

    x: Finite
    coefficients: tuple[Finite, ...]
    text: str

    @property
    def order(self) -> int:
        """Its highest power."""
        return len(self.coefficients) - 1

    def at(self, x: float) -> float:
        """Its value, by Horner's rule."""
        value = 0.0
        for one in reversed(self.coefficients):
            value = value * (x - self.x) + one
        return value


@dataclass(frozen=True)
class ExtremeMark:
    """An extreme point that is marked.

    at      the variables that vary
    value   of the function there
    kind    minimum, maximum, saddle, inflection, neither, undecided
    place   stationary, nonsmooth, end, border, corner of the box
    proven  whether it is proven to be there, and to be of this kind
    """

    at: tuple[Finite, ...]
    value: Finite
    kind: str
    place: str
    proven: bool


@dataclass(frozen=True)
class DescentTrace:
    """The way of a descent.

    method  what takes the steps
    rate    the learning rate
    points  the variables that vary, from the start on
    values  of the function there; None where it has none
    said    why it ended, in words
    """

    method: str
    rate: Finite
    points: tuple[tuple[Finite, ...], ...]
    values: tuple[Finite | None, ...]
    said: tuple[str, ...]
