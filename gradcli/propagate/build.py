"""Each output with its uncertainty: the linear propagation, what is held against it, and the verdict."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from statistics import NormalDist
from typing import Any

import numpy as np

from gradcli.diff.data import Partial, Result, Verdict
from gradcli.errors import GradcliError
from gradcli.language.numbers import to_float
from gradcli.problem.compiled import Compiled
from gradcli.problem.job import Job
from gradcli.propagate import formulas, sampling
from gradcli.propagate.data import BudgetLine, Linearity, MeasuredInput, PropagatedOutput, Propagation, Spread
from gradcli.propagate.higher import second_order
from gradcli.propagate.nearby import KindOf, nonsmooth_nearby
from gradcli.propagate.rounding import last_place, rounded
from gradcli.tape.arrays import listed

SAMPLES = 1_000_000  # as GUM Supplement 1 has it for an interval of 95 %
SAMPLES_OF_SLOW = 10_000  # where a function is computed number by number, which takes up to a millisecond or more
OF_CHANCE = 5  # standard errors of a sampled end that are chance
WITHOUT = 1e-3  # the part of the samples without a value from which on nothing linear is right
NORMAL = NormalDist()
SECOND = 0.05  # of u: how much the next order may change it, or the mean, where nothing was sampled


class Propagator:
    """Propagates the uncertainties of one question."""

    def __init__(
        self, job: Job, result: Result, inputs: Sequence[MeasuredInput], correlation: Any, joint: Sequence[int],
        coverage: float, samples: int | None, seed: int, names: Sequence[str], kind_of: KindOf,
    ) -> None:  # fmt: skip
        self.job = job
        self.result = result
        self.inputs = tuple(inputs)
        self.correlation = correlation
        self.joint = joint
        self.coverage = coverage
        self.asked = samples
        self.samples = 0 if samples is None else samples
        self.seed = seed
        self.names = names
        self.kind_of = kind_of
        sizes = np.array([one.u for one in inputs])
        self.covariance = correlation * np.outer(sizes, sizes)
        value: Any = listed(result.value) if result.shape else [result.value]
        self.values = [math.nan if one is None else float(one) for one in value]
        self.partials = self._partials()
        self.sensitivities = np.array([[_believed(one) for one in row] for row in self.partials])
        self.notes: list[str] = list(result.notes)

    @np.errstate(all="ignore")
    def propagation(self) -> Propagation:
        """The answer."""
        own = {one.name for one in self.inputs}
        point = self.job.point or {}
        constants = {name: value for name, value in point.items() if name not in own}
        compiled = Compiled(replace(self.job, wrt=()), constants, "f")
        exact = {name: value for name, value in point.items() if isinstance(value, Fraction)}
        sampled = None
        if self.asked is None:
            slow = sampling.said_slow(compiled)
            self.samples = SAMPLES_OF_SLOW if slow else SAMPLES
            if slow:
                self.notes.append(f"{SAMPLES_OF_SLOW:,} samples are drawn: {slow}")
        if self.samples:
            usable = np.where(np.isfinite(self.sensitivities), self.sensitivities, 0.0)
            sampled = sampling.draw(
                compiled, self.inputs, self.correlation, usable, self.joint, self.samples, self.seed,
                self.job.patience,
            )  # fmt: skip
        numbers = {name: to_float(value) for name, value in exact.items()}
        added = second_order(compiled, [one.name for one in self.inputs], numbers, self.covariance)
        self.notes += nonsmooth_nearby(compiled, self.inputs, exact, self.job.patience, self.kind_of)
        outputs = tuple(self._output(k, sampled, added[k] if added else None) for k in range(len(self.values)))
        is_known = bool(np.isfinite(self.sensitivities).all())
        covariance, correlation = self._of_outputs() if is_known else (np.zeros((0, 0)), np.zeros((0, 0)))
        return Propagation(
            program=self.job.program.source.text.strip(), inputs=self.inputs,
            exact={name: value for name, value in numbers.items() if name not in own},
            correlation=_rows(self.correlation), outputs=outputs, covariance=_rows(covariance),
            output_correlation=_rows(correlation), coverage=self.coverage * 100, samples=self.samples,
            seed=self.seed, definitions=self.result.definitions, definitions_latex=self.result.definitions_latex,
            notes=tuple(dict.fromkeys(self.notes)), versions=self.result.versions,
        )  # fmt: skip

    def _of_outputs(self) -> tuple[Any, Any]:
        """The covariance of the outputs, and their correlation; squares of large sensitivities would overflow."""
        sized = self.sensitivities * np.array([one.u for one in self.inputs])
        largest = np.max(np.abs(sized), axis=1, initial=0.0)
        largest = np.where(largest > 0, largest, 1.0)
        unit = sized / largest[:, None]
        own = unit @ self.correlation @ unit.T
        sizes = np.sqrt(np.diag(own))
        return own * np.outer(largest, largest), own / np.where(np.outer(sizes, sizes) > 0, np.outer(sizes, sizes), 1.0)

    def _partials(self) -> list[list[Partial]]:
        """Of each output, the partial by each input."""
        names = [one.name for one in self.inputs]
        found = {(partial.of or (0,), partial.wrt[0]): partial for partial in self.result.partials}
        return [[found[(k,), name] for name in names] for k in range(len(self.values))]

    def _output(self, k: int, sampled: sampling.Draws | None, added: tuple[float, float] | None) -> PropagatedOutput:
        c, value = self.sensitivities[k], self.values[k]
        name = self.names[k]
        spread = sampling.spread(sampled.outputs[k], self.coverage) if sampled else None
        missing = [one for one, known in zip(self.partials[k], np.isfinite(c)) if not known]
        if missing or not math.isfinite(value):
            return self._without(name, value, missing, spread)
        for one in self.partials[k]:
            if one.verdict not in (Verdict.AGREE, None):
                self.notes.append(f"autograd is wrong by {one.wrt[0]}: the reference's sensitivity is taken")
        parts = [abs(float(ci)) * one.u for ci, one in zip(c, self.inputs)]
        largest = max(parts, default=0.0) or 1.0
        if not math.isfinite(largest):
            return self._without(name, value, [], spread)
        scaled = [part / largest for part in parts]  # squares of the parts themselves may overflow, or vanish
        signed = np.array([math.copysign(part, ci) for part, ci in zip(scaled, c)])
        variance = max(float(signed @ self.correlation @ signed), 0.0)
        u = largest * math.sqrt(variance)
        budget = [
            BudgetLine(one.name, float(ci), partial.symbolic, partial.latex, part,
                       100 * relative**2 / variance if variance else 0.0)
            for one, ci, partial, part, relative in zip(self.inputs, c, self.partials[k], parts, scaled)
        ]  # fmt: skip
        dof = self._dof(scaled, variance)
        level = (1 + self.coverage) / 2
        factor = coverage_factor(level, dof)
        low, high = value - factor * u, value + factor * u
        whole = None if added is None else u * u + added[1]
        second = None if whole is None or not 0 <= whole < math.inf else math.sqrt(whole)
        scale = u or (spread.u if spread else 0.0)
        linear = None if sampled is None else sampled.linear[k] + value
        verdict, reason, tolerance = self._judged(u, scale, (low, high), factor, dof, spread, linear, added)
        return PropagatedOutput(
            name, value, u, rounded(value, u), tuple(sorted(budget, key=lambda line: -line.part)),
            100 * (1 - sum(part**2 for part in scaled) / variance) if variance and self._correlates else 0.0,
            dof, factor, low, high, second, None if added is None else added[0], spread, tolerance, verdict, reason,
            formulas.text(name, self.inputs, self.partials[k], self.correlation),
            formulas.latex(name, self.inputs, self.partials[k], self.correlation),
        )  # fmt: skip

    def _without(self, name: str, value: float, missing: Sequence[Partial], spread: Spread | None) -> PropagatedOutput:
        """An output whose derivative is missing."""
        kinds = {one.kind or "no derivative" for one in missing} or {"no value"}
        is_undecided = any(one.verdict is Verdict.UNDECIDED for one in missing)
        verdict = Linearity.UNDECIDED if is_undecided else Linearity.NO_DERIVATIVE
        by = ", ".join(one.wrt[0] for one in missing)
        reason = f"{' and '.join(sorted(kinds))} at the estimates" + (f", by {by}" if by else "")
        return PropagatedOutput(
            name, value, None, f"{value:.6g}", (), 0.0, None, math.nan, None, None, None, None, spread, None, verdict,
            reason,
        )  # fmt: skip

    @property
    def _correlates(self) -> bool:
        return not np.array_equal(self.correlation, np.eye(len(self.inputs)))

    def _dof(self, parts: Sequence[float], variance: float) -> float | None:
        """The effective degrees of freedom by Welch and Satterthwaite (GUM G.4.1); those of readings where all are."""
        dofs = [one.dof for one in self.inputs]
        if not any(dofs) or not variance:
            return None
        if len(self.joint) == len(self.inputs):
            return dofs[0]
        if self._correlates:
            self.notes.append("inputs correlate: there are no effective degrees of freedom (Welch-Satterthwaite)")
            return None
        total = sum((part**2 / variance) ** 2 / dof for part, dof in zip(parts, dofs) if dof is not None)
        return 1 / total if total else None

    def _judged(
        self, u: float, scale: float, interval: tuple[float, float], factor: float, dof: float | None,
        spread: Spread | None, linear: Any, added: tuple[float, float] | None,
    ) -> tuple[Linearity, str, float | None]:  # fmt: skip
        """The verdict, why, and the tolerance (GUM Supplement 1, 8.1, with two significant digits of u)."""
        if spread is None or linear is None:
            if self.samples:
                return Linearity.NOT_LINEAR, "the program has no value at any sample", None
            return self._by_second_order(u, added)
        if not scale:
            same = spread.low == spread.high == interval[0]
            return (Linearity.LINEAR if same else Linearity.NOT_LINEAR), "nothing moves the result", 0.0
        tolerance = max(0.5 * 10.0 ** last_place(scale), SECOND * scale)
        if spread.without_value > WITHOUT:
            return Linearity.NOT_LINEAR, f"{spread.without_value:.1%} of the samples have no value", tolerance
        tail = (1 - self.coverage) / 2
        density = max(NORMAL.pdf(NORMAL.inv_cdf(tail)), 1e-9)
        tolerance = max(tolerance, OF_CHANCE * scale * math.sqrt(tail / self.samples) / density)
        of_linear = sampling.ends(linear, self.coverage)
        apart = max(abs(spread.low - of_linear[0]), abs(spread.high - of_linear[1]))
        if not apart <= tolerance:
            return Linearity.NOT_LINEAR, f"its interval is {apart / scale:.2g} u off that of its tangent", tolerance
        shape = max(abs(spread.low - interval[0]), abs(spread.high - interval[1]))
        own = tolerance if dof is None else max(tolerance, factor * u / math.sqrt(2 * dof))
        if not shape <= own:
            kinds = sorted({one.distribution for one in self.inputs if one.distribution != "normal"})
            return Linearity.NOT_NORMAL, f"the ends are {shape / scale:.2g} u apart: inputs are {', '.join(kinds)}", own
        return Linearity.LINEAR, f"both intervals have the same ends, within {tolerance:.2g}", tolerance

    def _by_second_order(self, u: float, added: tuple[float, float] | None) -> tuple[Linearity, str, float | None]:
        if added is None:
            return Linearity.UNDECIDED, "nothing was sampled, and the next order is too long", None
        bias, variance = added
        if abs(bias) <= SECOND * u and abs(variance) <= 2 * SECOND * u * u:
            return Linearity.LINEAR, "the next order changes less than 5 % of u; nothing was sampled", None
        return Linearity.NOT_LINEAR, "the next order changes more than 5 % of u; nothing was sampled", None


def _believed(partial: Partial) -> float:
    """The sensitivity: autograd's where it is right, else the reference's; nan where there is none."""
    if partial.verdict in (Verdict.AGREE, None) and isinstance(partial.autograd, float):
        return partial.autograd
    if partial.verdict is Verdict.UNDEFINED or not isinstance(partial.reference, str):
        return math.nan
    try:
        return float(partial.reference)
    except (ValueError, GradcliError):
        return math.nan


def coverage_factor(level: float, dof: float | None) -> float:
    """The quantile of the normal distribution, or of t with these degrees of freedom (GUM G.3)."""
    normal = NORMAL.inv_cdf(level)
    if dof is None:
        return normal
    from mpmath import betainc, findroot

    def excess(k: Any) -> Any:
        return 1 - betainc(dof / 2, 0.5, 0, dof / (dof + k * k), regularized=True) / 2 - level

    high = max(2 * normal, 2.0)
    while excess(high) < 0:
        high *= 2
    return float(findroot(excess, (0.0, high), solver="anderson", tol=1e-12, verify=False))


def _rows(matrix: Any) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(one) for one in row) for row in matrix)
