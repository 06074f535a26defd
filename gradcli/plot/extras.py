"""What is asked for beside a function: checked first, and added to its plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gradcli.errors import OPTIONS, GradcliError
from gradcli.plot.beside import (
    MOST_ALSO,
    bounds_of,
    check_place,
    descent_trace,
    extreme_marks,
    taylor_curve,
    with_own_names,
)
from gradcli.plot.data import Plot
from gradcli.problem.ranges import Range


@dataclass(frozen=True)
class PlotExtras:
    """What is drawn beside a function.

    tangent  at the point of the variable that varies
    taylor   the order of a polynomial there
    also     further programs
    extrema  whether its extreme points are marked
    descend  whether a descent is drawn, or its options
    """

    tangent: bool = False
    taylor: int | None = None
    also: tuple[str, ...] = ()
    extrema: bool = False
    descend: bool | Mapping[str, Any] = False

    @property
    def has_tangent(self) -> bool:
        """Whether a tangent is drawn: where it is asked for, and where nothing else needs the point."""
        return self.tangent or (self.taylor is None and self.descend is False)

    @property
    def surfaces(self) -> tuple[int, ...]:
        """The orders of the Taylor polynomials of two variables that are drawn: 1 is the tangent plane."""
        return tuple(sorted({*([1] if self.tangent else []), *([] if self.taylor is None else [self.taylor])}))

    def check(self, names: Sequence[str], touched: Mapping[str, object], orders: Sequence[int]) -> None:
        """Refuse what cannot be drawn.

        Raises GradcliError.
        """
        for wanted, option in ((self.tangent, "--tangent"), (self.taylor is not None, "--taylor")):
            if wanted:
                check_place(names, touched, option)
        if self.descend is not False:
            check_place(names, touched, "--descend")
        elif len(names) > 1 and touched and not self.surfaces:
            raise GradcliError(OPTIONS, f"{next(iter(touched))} varies, and has a value, too",
                               hint="leave out the value; --tangent, --taylor and --descend take a point")  # fmt: skip
        if len(self.also) > MOST_ALSO:
            raise GradcliError(OPTIONS, f"--also has {len(self.also)} programs", expected=f"{MOST_ALSO} at the most")
        wanted_ones = (self.taylor is not None, self.extrema, self.descend is not False)
        if any(wanted_ones) and 0 not in orders:
            raise GradcliError(OPTIONS, "what is drawn is beside the function, and --orders leaves that out",
                               hint="--orders 0,1")  # fmt: skip

    def added(
        self, plot: Plot, program: str, ranges: Sequence[Range], said: Mapping[str, object],
        touched: Mapping[str, object], also: Sequence[Plot],
    ) -> Plot:  # fmt: skip
        """The plot with all of these; `said` are the values of the other variables, `touched` of those that vary."""
        names, place = [one.name for one in ranges], {**said, **touched}
        notes: list[str] = []
        plot = replace(plot, also=with_own_names(plot.name, also))
        if self.taylor is not None and len(names) == 1:
            curves, why = taylor_curve(program, place, names[0], self.taylor)
            plot, notes = replace(plot, taylor=curves), notes + why
        if self.extrema:
            marks, why = extreme_marks(program, bounds_of(ranges), said)
            plot, notes = replace(plot, extrema=marks), notes + why
        if self.descend is not False:
            options = self.descend if isinstance(self.descend, Mapping) else {}
            plot = replace(plot, descent=descent_trace(program, place, names, options))
        return replace(plot, notes=(*plot.notes, *notes))
