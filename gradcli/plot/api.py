"""The API of plots: a program and a range in, the data of a plot out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from gradcli.errors import OPTIONS, GradcliError, LimitError, Source
from gradcli.language.names import Names, names_of
from gradcli.language.numbers import to_float
from gradcli.language.parser import parse
from gradcli.language.printer import unparse_program
from gradcli.plot.beside import surface_program
from gradcli.plot.curves import Axis, Curve
from gradcli.plot.data import Plot
from gradcli.plot.extras import PlotExtras
from gradcli.plot.formulas import LegendFormulas
from gradcli.problem import bindings as given
from gradcli.problem import options
from gradcli.problem.job import Job
from gradcli.problem.pasted import program_of
from gradcli.problem.prepare import prepare
from gradcli.problem.ranges import OPTION, Over, Range, read_ranges
from gradcli.problem.shown import listed_at, output_name
from gradcli.problem.values import Value
from gradcli.version import __version__

MAX_CURVES = 12
MAX_ORDER = 5


def plot(
    program: str,
    over: Over,
    at: Mapping[str, object] | str | Sequence[str] | None = None,
    *,
    orders: Sequence[int] = (0, 1),
    wrt: Sequence[str] | str | None = None,
    dtype: str | None = None,
    patience: float = 2.0,
    formulas: bool = True,
    tangent: bool = False,
    taylor: int | None = None,
    also: Sequence[str] | str = (),
    extrema: bool = False,
    descend: bool | Mapping[str, Any] = False,
) -> Plot:
    """A function over a range of one variable, or of two, with its derivatives, as numbers: nothing is drawn.

    `over` is a text as on the command line ("x=-10:10"), or {"x": (-10, 10)}; a third number is that of the points,
    else they are as close as the curves bend. `at` gives the other variables; for the variable that varies, the
    point of a tangent. `orders` are those of the derivatives, 0 the function itself; `wrt` the variables to
    differentiate by, the one that varies unless given. Without `formulas`, SymPy is not asked for any.

    Beside the function are drawn: the `tangent` at its point (it is anyway where nothing else needs that point), the
    `taylor` polynomial of an order there, the functions that `also` has as programs, its `extrema`, and the way of a
    descent from that point: `descend` is true, or the options of gradcli.descend, {"rate": 0.1, "steps": 20}.

    Raises GradcliError for anything that is wrong with the input, and where there is nothing to draw; LimitError
    where it costs too much.
    """
    extras = PlotExtras(tangent, taylor, (also,) if isinstance(also, str) else tuple(also), extrema, descend)
    task = PlotTask(program, over, at, orders, wrt, dtype, patience, extras)
    return task.run() if formulas else task.sampled()


class PlotTask:
    """A plot that is to be made; everything that can be checked without an engine is checked."""

    def __init__(
        self,
        program: str,
        over: Over,
        at: Mapping[str, object] | str | Sequence[str] | None,
        orders: Sequence[int],
        wrt: Sequence[str] | str | None,
        dtype: str | None,
        patience: float,
        extras: PlotExtras,
    ) -> None:
        self.orders = _orders(orders)
        self.program, self.extras = program, extras
        self.over = read_ranges(over, options.dtype(dtype or "float64"))
        said = given.said(at)
        starts = {**said, **{one.name: one.start for one in self.over}}
        read, code = program_of(program, starts)
        if code is not None and dtype is None:
            dtype = code.dtype
            self.over = read_ranges(over, options.dtype(dtype))
        self.shown = program if code is None else unparse_program(read)
        names = names_of(read, starts)
        _check_ranges(self.over, names, said)
        varying = [one.name for one in self.over]
        self.touch = {name: said.pop(name) for name in varying if name in said}
        extras.check(varying, self.touch, self.orders)
        self.given = said
        elsewhere = {name for one in extras.also for name in names_of(parse(one), said).variables}
        self.said = {one: value for one, value in said.items() if one in names.variables or one not in elsewhere}
        point = {**self.said, **{one.name: one.start for one in self.over}}
        self.job: Job = prepare(
            program, point, wrt=options.names(wrt) or varying, dtype=dtype, patience=patience, most=1
        )
        self._check_numbers(names)
        self.curves = self._curves()
        self.asked = over, dtype, patience
        self.also = [self._beside(one) for one in extras.also]

    def _beside(self, other: str) -> PlotTask:
        """The plot of another program over the same range, with the values of these that it has."""
        over, dtype, patience = self.asked
        known = names_of(parse(other), self.given).variables
        for name in (one.name for one in self.over):
            if name not in known:
                raise GradcliError(
                    OPTIONS, f'--also has a program without "{name}", which varies', source=Source(other),
                    expected=f"a function of {' and '.join(one.name for one in self.over)}",
                    hint=f"a constant is 2 + 0*{name}" if len(self.over) == 1 else f"add 0*{name}",
                )  # fmt: skip
        said = {one: value for one, value in self.given.items() if one in known}
        return PlotTask(other, over, said, (0,), None, dtype, patience, PlotExtras())

    def run(self) -> Plot:
        """Sample and judge, and meanwhile look for formulas."""
        shown = self.curves if 0 in self.orders else self.curves[1:]
        with LegendFormulas(self.job, shown) as formulas:
            sampled = self.sampled()
            found = formulas.answer()
        return replace(sampled, curves=tuple(replace(curve, formula=text) for curve, text in zip(shown, found)))

    def sampled(self) -> Plot:
        """Sample and judge alone."""
        if len(self.over) == 2:
            from gradcli.plot.grid import PlotGrid

            grid = PlotGrid(self.job, self.over, self.curves)
            samples = grid.sample()
            return self._with_extras(self._plot(grid.windows, samples, grid.notes, shape=grid.shape))
        from gradcli.plot.line import PlotLine

        line = PlotLine(self.job, self.over[0], self.curves)
        samples = line.sample()
        notes = line.notes
        found: list[Any] = []
        for name, value in self.touch.items() if self.extras.has_tangent else ():
            from gradcli.plot.tangents import tangents

            found, note = tangents(self.job, name, self._place(name, value))
            notes += [note] if note else []
        plot = self._plot(line.windows, samples, notes, specials=tuple(line.specials), tangents=tuple(found))
        return self._with_extras(plot)

    def _with_extras(self, plot: Plot) -> Plot:
        also, notes = [one.sampled() for one in self.also], []
        for order in self.extras.surfaces if len(self.over) == 2 else ():
            names = [one.name for one in self.over]
            found, why = surface_program(self.program, {**self.said, **self.touch}, names, order)
            notes += why
            if found is not None:
                called = "tangent plane" if order == 1 else f"order {order}"
                also.append(replace(self._beside(found[0]).sampled(), name=called, program=found[1]))
        whole = self.extras.added(plot, self.program, self.over, self.said, self.touch, also)
        return replace(whole, notes=(*whole.notes, *notes))

    def _plot(self, windows: Any, samples: Any, notes: Any, **rest: Any) -> Plot:
        import torch

        assert self.job.point is not None
        axes = tuple(Axis(one.name, to_float(one.start), to_float(one.stop)) for one in self.over)
        varying = {one.name for one in self.over}
        found = Plot(
            program=self.shown.strip(),
            name=output_name(self.job),
            axes=axes,
            at={name: value for name, value in listed_at(self.job).items() if name not in varying},
            dtype=self.job.dtype.name,
            curves=self.curves,
            samples=tuple(samples),
            windows=tuple(windows),
            notes=(*self.job.notes, *notes),
            versions={"gradcli": __version__, "torch": torch.__version__},
            **rest,
        )
        return found if 0 in self.orders else found.derivatives_alone()

    def _place(self, name: str, value: object) -> Fraction:
        """Where a tangent is wanted."""
        found: Value = given.value(name, value, self.job.dtype)
        if not isinstance(found, Fraction):
            raise GradcliError(OPTIONS, f'"{name}" varies, and a tangent is at one number', hint=f"write {name}=1")
        return found

    def _curves(self) -> tuple[Curve, ...]:
        """The function, and its derivatives by each variable in turn."""
        orders = [order for order in self.orders if order]
        found = (Curve(None, 0), *(Curve(name, order) for name in self.job.wrt for order in orders))
        if len(found) > MAX_CURVES:
            raise LimitError(OPTIONS, f"there would be {len(found)} curves", expected=f"{MAX_CURVES} at the most")
        if len(self.over) == 2 and (
            self.orders not in ([0], [0, 1]) or set(self.job.wrt) != {one.name for one in self.over}
        ):
            raise GradcliError(
                OPTIONS,
                "over two variables, the function and its gradient are shown",
                hint="leave out --orders and --wrt",
            )
        return found

    def _check_numbers(self, names: Names) -> None:
        """Refuse what is not a number at each point."""
        tape, source = self.job.typed, self.job.program.source
        if tape.ops[tape.output].shape:
            raise GradcliError(
                OPTIONS, "the output is a tensor, and a plot shows numbers", source=source,
                span=self.job.program.output.value.span,
                hint="plot one entry, such as y[0], or sum(y); a variable that varies is a number at each point",
            )  # fmt: skip
        for name in self.job.wrt:
            if name in names.intermediates or name in self.job.shapes:
                what = "an intermediate" if name in names.intermediates else "a tensor"
                raise GradcliError(
                    OPTIONS, f'"{name}" is {what}: a plot differentiates by variables that are numbers',
                    hint="name others with --wrt",
                )  # fmt: skip


def _orders(orders: Sequence[int]) -> list[int]:
    """The orders, each once, in order."""
    if not orders or any(not isinstance(order, int) or order < 0 for order in orders):
        raise GradcliError(OPTIONS, "the orders are whole numbers from 0", expected="some of 0, 1, 2, ...")
    if max(orders) > MAX_ORDER:
        raise LimitError(OPTIONS, f"the order is {max(orders)}", expected=f"{MAX_ORDER} at the most")
    return sorted(set(orders))


def _check_ranges(over: Sequence[Range], names: Names, said: Mapping[str, object]) -> None:
    """Refuse ranges of what does not vary, and the lack of any."""
    for one in over:
        if one.name not in names.variables:
            error = given.unknown(one.name, one, names.variables)
            error.stage, error.expected = "reading the range", f"a range for {' or '.join(names.variables)}"
            if not names.variables:
                error.expected = None
                error.hint = "the program has no variables: there is nothing to vary"
            raise error
    if not over:
        name = next((name for name in names.variables if name not in said), None) or next(iter(names.variables), None)
        if name is None:
            raise GradcliError(OPTIONS, "the program has no variables: there is nothing to plot over")
        raise GradcliError(
            OPTIONS, "it is not said which variable varies, and from where to where",
            hint=f"add {OPTION} {name}=-10:10" + (f", and leave {name} out of --at" if name in said else ""),
        )  # fmt: skip
    if len(over) > 2:
        raise GradcliError(
            "reading the range", f"{len(over)} variables vary", source=over[2].source, span=over[2].name_span,
            expected="one, or two for a contour", hint="give the others a value with --at",
        )  # fmt: skip
