"""A plot as its format has it: every number by the name of its curve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

from gradcli.plot.curves import (
    Axis,
    Curve,
    DescentTrace,
    ExtremeMark,
    Special,
    Status,
    Tangent,
    TaylorCurve,
    Window,
)
from gradcli.tape.codec import JsonLayout
from gradcli.tape.kinds import Count, DtypeWord, Finite, Index, Limits
from gradcli.tape.strict import PointValue

Named = Mapping[str, float | None]


@dataclass(frozen=True)
class ShownCurve:
    """A curve.

    name    its key in all that follows
    window  the values that are shown
    """

    name: str
    curve: Curve
    window: Window

    JSON: ClassVar[JsonLayout] = JsonLayout("name curve window", spread=("curve",))


@dataclass(frozen=True)
class ShownPoint:
    """A point of every curve.

    at        the variables that vary
    values    the true ones as far as they are known, else torch's; None where there is none
    autograd  what torch says of each curve
    status    how torch did: ok, wrong, unchecked by the reference; or what sort of place this is
    wrong     the curves that torch is wrong about
    """

    at: Mapping[str, Finite]
    values: Named
    autograd: Named
    status: Status
    wrong: tuple[str, ...]

    JSON: ClassVar[JsonLayout] = JsonLayout("at values autograd status wrong", numbers=("values", "autograd"))


@dataclass(frozen=True)
class ShownSpecial:
    """A place where the function or a derivative breaks.

    value     of each curve at the place itself
    left      what each curve tends to from there; perhaps infinite, None where it tends to nothing
    right     the same from the other side
    autograd  what torch says there; None where no double is that place
    """

    special: Special
    value: Named
    left: Named
    right: Named
    autograd: Named | None

    JSON: ClassVar[JsonLayout] = JsonLayout(
        "special value left right autograd", spread=("special",), numbers=("value", "left", "right", "autograd")
    )


@dataclass(frozen=True)
class CheckedPoints:
    """What the reference looked at.

    points  at how many it looked
    right   at how many of these autograd is right about every curve
    """

    points: Count
    right: Count


@dataclass(frozen=True)
class ShownPlot:
    """A whole plot.

    program   as it was given
    over      the variables that vary: one, or two
    at        the values of the other variables
    dtype     of torch's numbers
    shape     of the grid over two variables: rows (the second one), columns (the first); empty over one
    curves    what is plotted
    points    in order, of two variables the rows of a grid
    specials  the places where the function or a derivative breaks, from left to right; of two variables none
    tangents  at the point that was given
    checked   what the reference looked at
    notes     what a reader should know
    versions  of gradcli, and of the libraries that took part
    also      further functions over the same range; absent where there are none
    taylor    polynomials beside the function; absent where there are none
    extrema   the extreme points over the range; absent where they were not looked for
    descent   the way of a descent; absent where there is none
    """

    program: str
    over: Annotated[tuple[Axis, ...], Limits(1, 2)]
    at: Mapping[str, PointValue]
    dtype: DtypeWord
    shape: Index
    curves: Annotated[tuple[ShownCurve, ...], Limits(1)]
    points: tuple[ShownPoint, ...]
    specials: tuple[ShownSpecial, ...]
    tangents: tuple[Tangent, ...]
    checked: CheckedPoints
    notes: tuple[str, ...]
    versions: Mapping[str, str]
    also: tuple[ShownPlot, ...] = ()
    taylor: tuple[TaylorCurve, ...] = ()
    extrema: tuple[ExtremeMark, ...] | None = None
    descent: DescentTrace | None = None

    JSON: ClassVar[JsonLayout] = JsonLayout(
        "program over at dtype shape curves points specials tangents checked notes versions also taylor extrema"
        " descent",
        optional=("also", "taylor", "extrema", "descent"),
    )
