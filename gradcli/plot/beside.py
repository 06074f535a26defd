"""What is drawn beside a function: further ones, Taylor polynomials, its extreme points, the way of a descent."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gradcli.errors import OPTIONS, GradcliError
from gradcli.language.numbers import to_float
from gradcli.plot.curves import DescentTrace, ExtremeMark, TaylorCurve
from gradcli.plot.data import Plot

NAMES = ("g", "h", "k", "p", "q", "r")  # of functions that say no name of their own
MOST_ALSO = 6
NOT_ALL = "extreme points: parts of the range could not be told, and there may be more"


def with_own_names(first: str, plots: Sequence[Plot]) -> tuple[Plot, ...]:
    """Plots with names that are not taken before them."""
    taken, found = {first}, []
    for one in plots:
        name = one.name if one.name not in taken else next(name for name in NAMES if name not in taken)
        taken.add(name)
        found.append(replace(one, name=name))
    return tuple(found)


def taylor_curve(
    program: str, at: Mapping[str, object], name: str, order: int
) -> tuple[tuple[TaylorCurve, ...], list[str]]:
    """The Taylor polynomial of an order at the point of the variable that varies; or why there is none."""
    from gradcli.taylor.api import taylor
    from gradcli.taylor.text import factor_of, polynomial

    found = taylor(program, at, order=order, wrt=[name])
    if not found.terms:
        kind = f": {found.kind}" if found.kind else ""
        return (), [f"no Taylor polynomial of order {order} is drawn: {found.status}{kind}"]
    text = polynomial(found, [factor_of(one, found) for one in found.terms])
    numbers = tuple(float(one.value) for one in found.terms)
    return (TaylorCurve(found.at[name], numbers, text),), []


def surface_program(
    program: str, at: Mapping[str, object], names: Sequence[str], order: int
) -> tuple[tuple[str, str] | None, list[str]]:
    """The Taylor polynomial of two variables at their point as a program, and as it is shown: of order 1 the plane."""
    from gradcli.taylor.api import taylor
    from gradcli.taylor.text import factor_of, polynomial

    found = taylor(program, at, order=order, wrt=list(names))
    if not found.terms:
        kind = f": {found.kind}" if found.kind else ""
        what = "tangent plane" if order == 1 else f"Taylor polynomial of order {order}"
        return None, [f"no {what} is drawn: {found.status}{kind}"]
    terms = []
    for one in found.terms:
        powers = zip(names, one.powers)
        factors = [f"({name} - ({found.at[name]!r}))**{power}" for name, power in powers if power]
        terms.append("*".join([f"({one.value})", *factors]))
    text = polynomial(found, [factor_of(one, found) for one in found.terms])
    return (" + ".join([*terms, *(f"0*{name}" for name in names)]), text), []


def extreme_marks(
    program: str, over: Mapping[str, tuple[float, float]], at: Mapping[str, object]
) -> tuple[tuple[ExtremeMark, ...], list[str]]:
    """The points that `extrema` finds over a range, where the function has a value; and what is not known."""
    from gradcli.extrema.api import extrema
    from gradcli.extrema.data import BORDER

    found = extrema(program, over, at or None, inflections=len(over) == 1, sources=False)
    extreme = [*found.least.at, *found.greatest.at]
    marks = tuple(
        ExtremeMark(tuple(float(one.at[name]) for name in over), float(one.value), one.kind, one.place, one.proven)
        for one in found.points
        if one.value is not None and (one.place != BORDER or one.at in extreme)  # others are extreme along it alone
    )
    return marks, [NOT_ALL] if found.unresolved else []


def descent_trace(
    program: str, at: Mapping[str, object], names: Sequence[str], options: Mapping[str, Any]
) -> DescentTrace:
    """The way of a descent by the variables that vary."""
    from gradcli.descend.api import descend

    found = descend(program, at, wrt=list(names), reference=False, **options)
    points = tuple(tuple(x for name in names if isinstance(x := one.variables[name], float)) for one in found.path)
    values = tuple(one.loss if math.isfinite(one.loss) else None for one in found.path)
    return DescentTrace(found.method, found.rate, points, values, found.said)


def check_place(names: Sequence[str], touched: Mapping[str, object], option: str) -> None:
    """Refuse an option that needs the place of a variable that varies, where there is none.

    Raises GradcliError.
    """
    missing = [name for name in names if name not in touched]
    if missing:
        has = "has" if len(missing) == 1 else "have"
        raise GradcliError(
            OPTIONS, f"{option} needs a place, and {' and '.join(missing)} {has} none",
            hint="add --at " + ",".join(f"{name}=1" for name in missing),
        )  # fmt: skip


def bounds_of(over: Sequence[Any]) -> dict[str, tuple[float, float]]:
    """The ranges as `extrema` takes them."""
    return {one.name: (to_float(one.start), to_float(one.stop)) for one in over}


def seen(trace: DescentTrace, plot: Plot) -> int:
    """How many points of a descent are within the range."""
    ends = [(axis.start, axis.stop) for axis in plot.axes]
    return sum(all(low <= x <= high for x, (low, high) in zip(point, ends)) for point in trace.points)


def strokes_of(curve: TaylorCurve, start: float, stop: float, count: int) -> list[list[tuple[float, float]]]:
    """A polynomial as a line of so many points."""
    places = sorted({*(start + (stop - start) * i / (count - 1) for i in range(count)), *_inside(curve.x, start, stop)})
    return [[(x, curve.at(x)) for x in places]]


def _inside(x: float, start: float, stop: float) -> list[float]:
    return [x] if start <= x <= stop else []
