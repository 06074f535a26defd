"""A guard with a series: near a place the Taylor polynomial, elsewhere the best of other programs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from gradcli.audit.measured import MeasuredProgram, ProgramMeter, cost_of
from gradcli.audit.regimes import expression, figure
from gradcli.backends.arb.context import BALLS, is_ball, precision
from gradcli.backends.arb.flint import IS_FLINT
from gradcli.backends.arb.series import BallSeries
from gradcli.backends.rational_series import RationalSeries
from gradcli.backends.series_arithmetic import NoSeries
from gradcli.errors import GradcliError
from gradcli.language.nodes import Name
from gradcli.language.parser import parse
from gradcli.language.printer import unparse
from gradcli.language.trees import substituted
from gradcli.problem.job import Job
from gradcli.runtime.deadlines import Deadline, OutOfTime, WorkDeadline
from gradcli.tape.tape import Tape

ORDERS = (24, 12, 6)  # the highest power; a lower one where that takes long
MOST_TERMS = 11
BITS = 1_200
LONGEST = 12  # characters of a coefficient as a fraction
TERM = 0.004  # what a term costs beside digits
LETTER = 0.001  # and a character of the other program
RADII = tuple(float(f"{m}e{k}") for k in range(-12, 3) for m in (1, 2, 5))
SECONDS, ONE = 2.5, 0.8  # of all expansions at a place, and of one
TRIED = 8  # programs whose own tape may have a series
KEPT = 3  # radii and orders that are measured


class SeriesGuard:
    """Makes programs with a series in one variable."""

    def __init__(self, job: Job, name: str, meter: ProgramMeter, deadline: Deadline) -> None:
        self.job, self.name, self.meter, self.deadline = job, name, meter, deadline
        taken = job.own_names
        self.distance = next(one for one in ("d", "s", "w", "dist", "z1") if one not in taken)
        self.moved = next(one for one in (f"{name}1", f"{name}0", f"{name}_", f"{name}9") if one not in taken)

    def coefficients(self, center: float, pool: Sequence[MeasuredProgram]) -> list[tuple[str, float]] | None:
        """The coefficients at a place, as they are written, and as numbers; None where there is no series."""
        until = WorkDeadline(SECONDS)
        for order in ORDERS if IS_FLINT else ():
            for one in pool[:TRIED]:
                if until.left < 0:
                    return None
                try:
                    return until.within(ONE).run(lambda one=one: self._of(one.job.exact, Fraction(center), order))  # type: ignore[misc]  # noqa: B023
                except (NoSeries, GradcliError, ArithmeticError, OutOfTime):
                    continue
        return None

    def _of(self, tape: Tape, center: Fraction, order: int) -> list[tuple[str, float]]:
        fixed = {name: value for name, value in (self.job.numbers or {}).items() if name != self.name}
        with precision(BITS):
            point = {name: (BALLS.number(value), BALLS.number(0)) for name, value in fixed.items()}
            point[self.name] = (BALLS.number(center), BALLS.number(1))
            balls = BallSeries(tape, self.deadline).run(point, order + 1)
            if not all(is_ball(one) and one.is_finite() for one in balls):
                raise NoSeries("a coefficient is not resolved", undecided=True)
            numbers = [float(one.mid()) for one in balls]
            exact = self._exact(tape, fixed, center, order)
            texts = [_written(number, exact[k] if exact else None) for k, number in enumerate(numbers)]
            tiny = [one.contains(0) for one in balls]
        return [("0", 0.0) if small else (text, number) for text, number, small in zip(texts, numbers, tiny)]

    def _exact(self, tape: Tape, fixed: Mapping[str, Fraction], center: Fraction, order: int) -> list[Fraction] | None:
        point = {name: (value, Fraction(0)) for name, value in fixed.items()}
        point[self.name] = (center, Fraction(1))
        try:
            return RationalSeries(tape, self.deadline).run(point, order + 1)
        except NoSeries:
            return None

    def programs(
        self, center: float, pool: Sequence[MeasuredProgram], first: MeasuredProgram
    ) -> Iterator[MeasuredProgram]:
        """The programs with the best radii and orders at a place."""
        known = self.coefficients(center, [first, *pool])
        if known is None or not any(number for _, number in known):
            return
        x = self.meter.array[:, 0]
        distance = x - center
        outside = [(one, one.by_point) for one in pool]
        tries: list[tuple[float, int, float, MeasuredProgram]] = []
        for order in self._orders(known):
            inner = self._cost(known[: order + 1], distance)
            terms = sum(1 for _, number in known[: order + 1] if number)
            for radius in RADII:
                inside = np.abs(distance) < radius
                if not inside.any() or radius > float(np.abs(distance).max()) * 2:
                    continue
                for one, cost in outside:
                    total = float(np.where(inside, inner, cost).mean())
                    tries.append((total + TERM * terms + LETTER * len(one.text), order, radius, one))
        tries.sort(key=lambda one: one[0])
        for _, order, radius, one in tries[:KEPT]:
            yield from self._measured(center, known[: order + 1], radius, one)

    @staticmethod
    def _orders(known: Sequence[tuple[str, float]]) -> Iterator[int]:
        """The orders at which something is added, up to the most terms."""
        terms = 0
        for order, (_, number) in enumerate(known):
            if number:
                terms += 1
                if terms > MOST_TERMS:
                    return
                yield order

    def _cost(self, known: Sequence[tuple[str, float]], distance: Any) -> Any:
        """What the polynomial and its derivative cost at all points."""
        polynomial = np.polynomial.Polynomial([number for _, number in known])
        with np.errstate(all="ignore"):
            rows = np.stack([polynomial(distance), polynomial.deriv()(distance)])
        return cost_of(self.meter.lost(rows))

    def _measured(
        self, center: float, known: Sequence[tuple[str, float]], radius: float, one: MeasuredProgram
    ) -> Iterator[MeasuredProgram]:
        tree = expression(one.job.program)
        if tree is None:
            return
        away, head = self._away(center)
        polynomial = _polynomial(known, away)
        condition = f"abs({away}) < {figure(radius)}"
        steps = (*one.steps, (f"near {self.name} = {center:g}", polynomial))
        plain = f"{head}where({condition}, {polynomial}, {unparse(tree)})"
        found = self.meter.measured(plain, steps)
        safe = figure(float(f"{center + radius:.15g}"))
        moved = f"{self.moved} = where({condition}, {safe}, {self.name}); "
        inner = unparse(substituted(tree, {self.name: Name(self.moved, tree.span)}, simplify=False))
        guarded = self.meter.measured(f"{head}{moved}where({condition}, {polynomial}, {inner})", steps)
        if found is not None and (guarded is None or found.cost <= guarded.cost + TERM):
            yield found
        elif guarded is not None:
            yield guarded

    def _away(self, center: float) -> tuple[str, str]:
        """How the distance is written, and the statement that gives it a name."""
        if center == 0:
            return self.name, ""
        return self.distance, f"{self.distance} = {self.name} {'-' if center > 0 else '+'} {figure(abs(center))}; "


def _written(number: float, exact: Fraction | None) -> str:
    """A coefficient as it is written: a short fraction, or decimals."""
    if exact is not None and len(str(exact)) <= LONGEST:
        return str(exact)
    return figure(number)


def _polynomial(known: Sequence[tuple[str, float]], name: str) -> str:
    """The polynomial as a person writes it: 1/2 - x**2/24 + x**4/720."""
    text = ""
    for power, (coefficient, number) in enumerate(known):
        if not number:
            continue
        size = coefficient.lstrip("-")
        factor = "" if power == 0 else name if power == 1 else f"{name}**{power}"
        above, _, below = size.partition("/")
        term = above if not factor else factor if above == "1" else f"{above}*{factor}"
        term = f"{term}/{below}" if below else term
        negative = coefficient.startswith("-")
        text += f" {'-' if negative else '+'} {term}" if text else f"{'-' if negative else ''}{term}"
    return unparse(parse(text).output.value) if text and math.isfinite(known[0][1]) else text or "0"
