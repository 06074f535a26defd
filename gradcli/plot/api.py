"""The door to plots: a program and a range in, the data of a plot out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from gradcli.errors import OPTIONS, GradcliError, LimitError
from gradcli.language.names import Names, names_of
from gradcli.language.numbers import to_float
from gradcli.plot.curves import Axis, Curve
from gradcli.plot.data import Plot
from gradcli.problem import bindings as given
from gradcli.problem import options
from gradcli.problem.forks import can_fork
from gradcli.problem.job import Job
from gradcli.problem.pasted import program_of
from gradcli.problem.prepare import prepare
from gradcli.problem.ranges import OPTION, Over, Range, read_ranges
from gradcli.problem.shown import listed_at, output_name
from gradcli.problem.values import Value
from gradcli.runtime.worker import Child, Parent, gather
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
    dtype: str = "float64",
    patience: float = 2.0,
    formulas: bool = True,
) -> Plot:
    """A function over a range of one variable, or of two, with its derivatives, as numbers: nothing is drawn.

    `over` is a text as on the command line ("x=-10:10"), or {"x": (-10, 10)}; a third number is that of the points,
    else they are as close as the curves bend. `at` gives the other variables; for the variable that varies, the
    point of a tangent. `orders` are those of the derivatives, 0 the function itself; `wrt` the variables to
    differentiate by, the one that varies unless given. Without `formulas`, SymPy is not asked for any.

    Raises GradcliError for anything that is wrong with the input, and where there is nothing to draw; LimitError
    where it costs too much.
    """
    task = PlotTask(program, over, at, orders, wrt, dtype, patience)
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
        dtype: str,
        patience: float,
    ) -> None:
        self.orders = _orders(orders)
        self.over = read_ranges(over, options.dtype(dtype))
        said = given.said(at)
        starts = {**said, **{one.name: one.start for one in self.over}}
        read, _ = program_of(program, starts)
        names = names_of(read, starts)
        _check_ranges(self.over, names, said)
        varying = [one.name for one in self.over]
        self.touch = {name: said.pop(name) for name in varying if name in said}
        point = {**said, **{one.name: one.start for one in self.over}}
        self.job: Job = prepare(
            program, point, wrt=options.names(wrt) or varying, dtype=dtype, patience=patience, most=1
        )
        self._check_numbers(names)
        self.curves = self._curves()

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
            return self._plot(grid.windows, samples, grid.notes, shape=grid.shape)
        from gradcli.plot.line import PlotLine

        line = PlotLine(self.job, self.over[0], self.curves)
        samples = line.sample()
        notes = line.notes
        found: list[Any] = []
        for name, value in self.touch.items():
            from gradcli.plot.tangents import tangents

            found, note = tangents(self.job, name, self._place(name, value))
            notes += [note] if note else []
        return self._plot(line.windows, samples, notes, specials=tuple(line.specials), tangents=tuple(found))

    def _plot(self, windows: Any, samples: Any, notes: Any, **rest: Any) -> Plot:
        import torch

        assert self.job.point is not None
        axes = tuple(Axis(one.name, to_float(one.start), to_float(one.stop)) for one in self.over)
        varying = {one.name for one in self.over}
        found = Plot(
            program=self.job.program.source.text.strip(),
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
        """Refuse what is no number at each point."""
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


class LegendFormulas:
    """The formulas of the curves, from a forked child where there may be one."""

    def __init__(self, job: Job, curves: Sequence[Curve]) -> None:
        self.job, self.curves = job, curves
        self.child = Child(self._tell, job.allowance) if can_fork(job) else None

    def __enter__(self) -> LegendFormulas:
        return self

    def __exit__(self, *error: object) -> None:
        if self.child is not None:
            self.child.end()

    def answer(self) -> list[str | None]:
        """A formula for each curve; None where there is none."""
        if self.child is None:
            return self._found()
        (answer,) = gather([self.child])
        return [None] * len(self.curves) if answer is None else answer["formulas"]

    def _found(self) -> list[str | None]:
        from gradcli.plot.legends import formulas

        return formulas(self.job, self.curves)

    def _tell(self, parent: Parent) -> None:
        import gradcli.plot.legends  # noqa: F401

        parent.tell({"ready": True})
        parent.tell({"answer": {"formulas": self._found()}})


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
