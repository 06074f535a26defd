"""The plain data of a plot: curves, the points they run through, and the places where they break."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from gradcli.errors import ExitCode, GradcliError
from gradcli.plot.curves import (
    OK,
    OUTSIDE,
    UNCHECKED,
    Axis,
    Curve,
    DescentTrace,
    ExtremeMark,
    PlotSample,
    Special,
    Tangent,
    TaylorCurve,
    Window,
)
from gradcli.plot.shown import CheckedPoints, ShownCurve, ShownPlot, ShownPoint, ShownSpecial
from gradcli.tape.codec import JsonAnswer, as_fields
from gradcli.terminal.console import PAGE
from gradcli.terminal.page import Displayed, view

SCHEMA = "gradcli.plot/1"


class NothingToDraw(GradcliError):
    """The function has no value at any point of the range."""

    exit_code = ExitCode.UNDEFINED


@dataclass(frozen=True)
class Plot(JsonAnswer, Displayed, schema=SCHEMA):
    """A function of one variable, or of two, with derivatives; samples in order (of two variables, rows of a grid).

    windows   of each curve
    specials  from left to right; those of two variables are not looked for
    shape     of the grid, of two variables: rows (the second variable), columns (the first)
    also      further functions of the same variable, each as a plot with one curve
    taylor    polynomials beside the function
    extrema   its extreme points; None where they were not looked for
    descent   the way of a descent
    notes     what a reader should know
    """

    program: str
    name: str
    axes: tuple[Axis, ...]
    at: Mapping[str, Any]
    dtype: str
    curves: tuple[Curve, ...]
    samples: tuple[PlotSample, ...]
    windows: tuple[Window, ...]
    specials: tuple[Special, ...] = ()
    tangents: tuple[Tangent, ...] = ()
    shape: tuple[int, ...] = ()
    also: tuple[Plot, ...] = ()
    taylor: tuple[TaylorCurve, ...] = ()
    extrema: tuple[ExtremeMark, ...] | None = None
    descent: DescentTrace | None = None
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_function(self) -> bool:
        """Whether the first curve is the function itself."""
        return not self.curves[0].order

    @property
    def is_wrong(self) -> bool:
        """Whether torch is wrong about a curve at some point."""
        return any(sample.wrong for one in (self, *self.also) for sample in one.samples)

    @property
    def columns(self) -> list[str]:
        """The names of the curves, for programs."""
        return [curve.column(self.name) for curve in self.curves]

    def wrong(self, curve: int) -> list[PlotSample]:
        """The points at which autograd is wrong about a curve."""
        return [sample for sample in self.samples if curve in sample.wrong]

    def furthest(self, curve: int) -> PlotSample:
        """That one of them where it is furthest off."""

        def off(sample: PlotSample) -> float:
            said = sample.autograd[curve]
            return abs(said - (sample.values[curve] or 0.0)) if math.isfinite(said) else math.inf

        return max(self.wrong(curve), key=off)

    @property
    def checked(self) -> int:
        """At how many points the reference looked."""
        return sum(sample.status != UNCHECKED for sample in self.samples)

    @property
    def right(self) -> int:
        """At how many of these autograd is right about every curve."""
        return sum(sample.status != UNCHECKED and not sample.wrong for sample in self.samples)

    def outside(self) -> list[tuple[float, float]]:
        """Of one variable: the stretches where the function has no value, which begin and end at special places."""
        stretches, begin = [], self.samples[0].x
        places = {special.x for special in self.specials}
        for is_outside, run in groupby(self.samples, key=lambda sample: sample.status == OUTSIDE):
            samples = list(run)
            if is_outside and len(samples) > 1:
                start = begin if begin in places else samples[0].x
                stretches.append((start, samples[-1].x))
            elif stretches and samples[0].x in places and stretches[-1][1] < samples[0].x:
                stretches[-1] = (stretches[-1][0], samples[0].x)
            begin = samples[-1].x
        return stretches

    def strokes(self, curve: int) -> list[list[tuple[float, float]]]:
        """The lines that make up a curve: each runs as far as the curve does, to its limits at the ends."""
        found: list[list[tuple[float, float]]] = [[]]
        specials = {special.x: special for special in self.specials}
        for sample in self.samples:
            if sample.x in specials:
                _break_at(found, specials[sample.x], curve)
            else:
                _add(found, sample.x, sample.values[curve])
        return [stroke for stroke in found if stroke]

    def derivatives_alone(self) -> Plot:
        """The same without the function itself, which is the first curve."""
        samples = tuple(
            replace(s, values=s.values[1:], autograd=s.autograd[1:], wrong=tuple(j - 1 for j in s.wrong if j),
                    status=OK if s.wrong == (0,) else s.status)
            for s in self.samples
        )  # fmt: skip
        specials = tuple(
            replace(s, value=s.value[1:], left=s.left[1:], right=s.right[1:], autograd=s.autograd and s.autograd[1:])
            for s in self.specials
        )
        return replace(self, curves=self.curves[1:], windows=self.windows[1:], samples=samples, specials=specials)

    _repr_html_ = None  # type: ignore[assignment]  # a notebook takes the picture

    def __str__(self) -> str:
        return str(view(self, "field" if self.shape else "terminal", "render")(self, PAGE)).rstrip("\n")

    def _repr_svg_(self) -> str | None:
        """What notebooks show; None where nothing draws it."""
        try:
            return str(view(self, "picture", "picture")(self, "svg").decode())
        except ImportError:
            return None

    def to_dict(self) -> dict[str, Any]:
        """The plot in the shape of the schema gradcli.plot/1."""
        return {"schema": SCHEMA, **as_fields(self._shown())}

    def _shown(self) -> ShownPlot:
        """The same with the names of curves and variables beside all numbers."""
        names, axes = self.columns, [axis.name for axis in self.axes]

        def named(numbers: Sequence[float | None]) -> Mapping[str, float | None]:
            return dict(zip(names, numbers))

        def point(one: PlotSample) -> ShownPoint:
            at, wrong = dict(zip(axes, one.at)), tuple(names[curve] for curve in one.wrong)
            return ShownPoint(at, named(one.values), named(one.autograd), one.status, wrong)

        def special(one: Special) -> ShownSpecial:
            autograd = None if one.autograd is None else named(one.autograd)
            return ShownSpecial(one, named(one.value), named(one.left), named(one.right), autograd)

        curves = tuple(map(ShownCurve, names, self.curves, self.windows))
        points, specials = tuple(map(point, self.samples)), tuple(map(special, self.specials))
        checked = CheckedPoints(self.checked, self.right)
        also = tuple(one._shown() for one in self.also)
        return ShownPlot(
            self.program, self.axes, self.at, self.dtype, self.shape, curves, points, specials, self.tangents, checked,
            self.notes, self.versions, also, self.taylor, self.extrema, self.descent,
        )  # fmt: skip


def _break_at(found: list[list[tuple[float, float]]], special: Special, curve: int) -> None:
    """End a line at a special point, and begin another one there; a curve that runs through has one line."""
    _add(found, special.x, special.left[curve])
    if special.value[curve] is None or special.value[curve] != special.left[curve]:
        found.append([])
    _add(found, special.x, special.right[curve])


def _add(found: list[list[tuple[float, float]]], x: float, y: float | None) -> None:
    """One more point of the last line; a line ends where there is no number."""
    if y is None or not math.isfinite(y):
        if found[-1]:
            found.append([])
    elif not found[-1] or found[-1][-1] != (x, y):
        found[-1].append((x, y))
