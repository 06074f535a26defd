"""The plain data of a plot: curves, the points they run through, and the places where they break."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, ClassVar

from gradcli.errors import ExitCode, GradcliError
from gradcli.tape.codec import JsonLayout, as_fields
from gradcli.tape.strict import line

SCHEMA = "gradcli.plot/1"

OK, WRONG, UNCHECKED, OUTSIDE, KINK = "ok", "wrong", "unchecked", "outside", "kink"

Numbers = tuple["float | None", ...]  # one for each curve; None where there is none


class NothingToDraw(GradcliError):
    """The function has no value at any point of the range."""

    exit_code = ExitCode.UNDEFINED


@dataclass(frozen=True)
class Curve:
    """The function itself (`order` 0), or its derivative of an order by a variable, with its formula if it is known."""

    wrt: str | None
    order: int
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
    status: str
    wrong: tuple[int, ...] = ()

    @property
    def x(self) -> float:
        """Where the point is."""
        return self.at[0]


@dataclass(frozen=True)
class Special:
    """A place where the function, or a derivative that is shown, breaks.

    kind         as in a verdict: corner, jump, pole, hole, edge, vertical tangent, oscillating
    order        the derivative that does not exist: 1 at a corner of the function, 0 where it has no value or jumps
    value        of each curve at the place itself
    left, right  what each curve tends to there; perhaps infinite, None where it tends to nothing
    autograd     what torch says there; None where no double is that place
    """

    x: float
    kind: str
    order: int
    value: Numbers
    left: Numbers
    right: Numbers
    autograd: tuple[float, ...] | None = None

    JSON: ClassVar = JsonLayout("x kind order")  # and its numbers by the names of the curves


@dataclass(frozen=True)
class Tangent:
    """A tangent of the function at a point; at a corner one for each side."""

    x: float
    y: float
    slope: float
    side: str | None = None  # "left" or "right" at a corner or an edge


@dataclass(frozen=True)
class Window:
    """The values of a curve that are worth showing; `clipped` tells whether there are others."""

    low: float
    high: float
    clipped: bool = False


@dataclass(frozen=True)
class Axis:
    """A variable that varies."""

    name: str
    start: float
    stop: float


@dataclass(frozen=True)
class Plot:
    """A function of one variable, or of two, with derivatives; samples in order (of two variables, rows of a grid).

    windows   of each curve
    specials  from left to right; those of two variables are not looked for
    shape     of the grid, of two variables: rows (the second variable), columns (the first)
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
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

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

    def _special(self, special: Special) -> dict[str, Any]:
        found = as_fields(special)
        for name in ("value", "left", "right", "autograd"):
            values = getattr(special, name)
            found[name] = None if values is None else _named(self.columns, values)
        return found

    def to_dict(self) -> dict[str, Any]:
        """The plot in the shape of the schema gradcli.plot/1."""
        names = self.columns
        return {
            "schema": SCHEMA,
            "program": self.program,
            "over": [as_fields(axis) for axis in self.axes],
            "at": dict(self.at),
            "dtype": self.dtype,
            "shape": list(self.shape),
            "curves": [
                {"name": curve.column(self.name), **as_fields(curve), "window": as_fields(window)}
                for curve, window in zip(self.curves, self.windows)
            ],
            "points": [
                {
                    "at": {axis.name: x for axis, x in zip(self.axes, sample.at)},
                    "values": _named(names, sample.values),
                    "autograd": _named(names, sample.autograd),
                    "status": sample.status,
                    "wrong": [names[curve] for curve in sample.wrong],
                }
                for sample in self.samples
            ],
            "specials": [self._special(special) for special in self.specials],
            "tangents": [as_fields(tangent) for tangent in self.tangents],
            "checked": {"points": self.checked, "right": self.right},
            "notes": list(self.notes),
            "versions": dict(self.versions),
        }

    def to_json(self) -> str:
        """The plot as one line of strict JSON."""
        return line(self.to_dict())


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


def _named(names: Sequence[str], numbers: Sequence[float | None]) -> dict[str, Any]:
    """Each number under its name; JSON has no NaN, so a status stands beside a null."""
    data: dict[str, Any] = {}
    for name, number in zip(names, numbers):
        if number is None or math.isfinite(number):
            data[name] = number
        else:
            data |= {name: None, f"{name}_status": "nan" if math.isnan(number) else "inf" if number > 0 else "-inf"}
    return data
