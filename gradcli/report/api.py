"""The API of reports: a program and a point in, all that there is to tell of them out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from gradcli.diff.api import differentiate
from gradcli.diff.data import Result
from gradcli.errors import GradcliError
from gradcli.graph.api import graph
from gradcli.plot.api import plot
from gradcli.problem.objects import as_text
from gradcli.report.data import DERIVATION, GRAPH, PLOT, Report
from gradcli.steps.api import steps

Part = TypeVar("Part")

AROUND = 2.0  # a plot goes so far to both sides of the point, of its size, or of 1 where that is larger
ALONE = 5.0  # and of 0, where there is no point


def report(
    program: object,
    at: Mapping[str, object] | str | Sequence[str] | None = None,
    *,
    wrt: Sequence[str] | str | None = None,
    order: int = 1,
    over: str | Sequence[str] | None = None,
    dtype: str | None = None,
    patience: float = 2.0,
    shape: Mapping[str, Sequence[int] | int] | Sequence[str] | str | None = None,
) -> Report:
    """The derivatives of a program with their verdicts, the derivation, torch's graph and a plot, for one page.

    What cannot be (a graph without a point, a plot of tensors) is left out, and `missing` says why. `over` is the range
    of the plot; without it, it goes around the point.

    Raises GradcliError where there are no derivatives.
    """
    text, at, wrt = as_text(program, at, wrt)
    result = differentiate(text, at, wrt=wrt, order=order, dtype=dtype, patience=patience, latex=True, shape=shape)  # type: ignore[arg-type]
    missing: dict[str, str] = {}

    def part(name: str, make: Callable[[], Part]) -> Part | None:
        try:
            return make()
        except GradcliError as error:
            missing[name] = error.message
            return None

    derivation = part(
        DERIVATION, lambda: steps(text, at, wrt=wrt, order=order, dtype=result.dtype, patience=patience, shape=shape)
    )
    found = None
    if result.at is None:
        missing[GRAPH] = "there is no point"
    else:
        found = part(GRAPH, lambda: graph(text, at, wrt=wrt, dtype=result.dtype, patience=patience))
    drawn = part(PLOT, lambda: _plot(text, result, over, patience))
    return Report(text, result, derivation, found, drawn, missing)


def _plot(text: str, result: Result, over: str | Sequence[str] | None, patience: float) -> Any:
    """A plot over the range that was asked for, or of the first variable that is a number, around the point."""
    at = dict(result.at or {})
    if over is None:
        name = next(
            (one.wrt[0] for one in result.partials if not result.at or isinstance(at.get(one.wrt[0]), float)), None
        )
        if name is None or any(one.is_tensor and not result.at for one in result.partials):
            raise GradcliError("drawing the plot", "no variable is a number")
        start = at.get(name, 0.0)
        assert isinstance(start, float)
        far = AROUND * max(1.0, abs(start)) if result.at else ALONE
        over = f"{name}={start - far!r}:{start + far!r}"
    return plot(text, over, at or None, dtype=result.dtype, patience=patience)
