"""The judge of a Python callable: its gradients by torch at many points, held against the truth."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from itertools import combinations_with_replacement
from typing import Any

import torch

from gradcli.check.callables import forward, habits, remainder, second
from gradcli.check.callables.callables import CallableTarget, CallFailed, Inputs
from gradcli.check.callables.findings import finding, positions_of, written
from gradcli.check.callables.places import around, scalars
from gradcli.check.callables.point import MAX_ENTRIES, CallablePoint, Looker
from gradcli.check.callables.weigh import WeighedJudgement
from gradcli.check.data import Check, ClaimFinding
from gradcli.errors import GradcliError
from gradcli.reference.verdict import ClaimVerdict
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.version import __version__

AGREEING = 12  # digits that are right of a right gradient
MAX_ENTRIES_ELSEWHERE = 6  # of a tensor, at every point but the first
POINTS_IN_DOUBLE = 8  # a derivative takes some hundred calls there
LEAST_SECONDS = 2.0  # kept for what comes after the points


class Judge:
    """Judges one target."""

    def __init__(
        self, target: CallableTarget, base: Inputs, given: bool, order: int, seed: int, deadline: Deadline,
        wrt: Sequence[str] | None = None,
    ) -> None:  # fmt: skip
        self.target = target
        self.base = base
        self.given = given
        self.order = order
        self.seed = seed
        self.deadline = deadline
        self.wrt = tuple(wrt or base.tensors)
        self.chosen = wrt is not None
        self.looker = Looker(target, seed, deadline)
        self.notes: list[str] = list(target.notes)
        self.places: list[CallablePoint] = []

    def judge(self) -> Check:
        """Everything that there is to say.

        Raises CallFailed where the target cannot be run at the point.
        """
        shapes = _output_shapes(self.looker, self.base) if self.given else []
        manner = habits.of(self.looker, self.base) if self.given else habits.Habits()
        self.notes += manner.notes
        wandering = around(self.base, self.seed) if self.given else scalars(self.base, self.seed)
        self._look(wandering)
        if not self.places:
            raise CallFailed(f"running {self.target.name}", "its value is not finite at any point that was tried",
                             hint="name a point with --at")  # fmt: skip
        shapes = shapes or _output_shapes(self.looker, self.places[0].inputs)
        self._without_settings()
        if self.order == 1:
            findings = [self._finding(name, shapes) for name in self.wrt]
        else:
            findings = self._second()
        if manner.undecided:
            findings = [
                ClaimFinding(one.wrt, ClaimVerdict.UNDECIDED, shape=one.shape, note=manner.undecided)
                for one in findings
            ]
        modes, jvp = forward.compared(self.looker, self.places)
        if jvp is not None and not manner.undecided:
            findings.append(jvp)
        self._remarks(findings)
        return self._check(tuple(findings), modes)

    def _look(self, wandering: Iterable[Inputs]) -> None:
        """Visit the points while there is time."""
        for number, found in enumerate(wandering):
            first = number == 0 and self.given
            inputs = found.symmetrized(self.looker.symmetric)
            try:
                place = self.looker.look(inputs, MAX_ENTRIES if first else MAX_ENTRIES_ELSEWHERE)
            except CallFailed as error:
                if first:
                    raise
                if not self.given and number == 0:
                    raise self._not_with_numbers(error) from None
                continue
            except OutOfTime:
                if not self.places:
                    raise
                self.notes.append(f"it is slow: {len(self.places)} points were looked at")
                break
            if place is not None:
                self.places.append(place)
            elif first:
                self.notes.append("the point that was given is left out: a number is infinite there, or on the way")
            if self.deadline.left < LEAST_SECONDS and self.places:
                break
            if self.looker.why_double is not None and len(self.places) >= POINTS_IN_DOUBLE:
                break

    def _not_with_numbers(self, error: CallFailed) -> GradcliError:
        """What to say where no point was given, and numbers do not do."""
        name = next(iter(self.base.tensors))
        failed = GradcliError("reading the point", f"with a number for each parameter it fails: {error.message}",
                              hint=f'name a point: --at "{name}=[1, 2]"')  # fmt: skip
        failed.trace = error.trace  # type: ignore[attr-defined]
        return failed

    def _without_settings(self) -> None:
        """Leave out the inputs for which a Function's backward returns None, unless they were asked for."""
        names = list(self.base.tensors)
        flowing = {name for place in self.places for name, flows in zip(names, place.flows) if flows}
        if self.target.function is None or self.chosen or not flowing:
            return
        for name in self.wrt:
            if name not in flowing:
                self.notes.append(f"backward returns None for {name}: so it is a setting (--wrt {name} checks it)")
        self.wrt = tuple(name for name in self.wrt if name in flowing)

    def _finding(self, name: str, shapes: Sequence[tuple[int, ...]]) -> ClaimFinding:
        places, measured = self.places, None
        if self.looker.why_double is None and self.looker.why_claims is None:
            positions = positions_of(self.base, name)
            wrong = [place for place in places if place.of(WeighedJudgement.WRONG, positions)]
            measured = remainder.rate(self.looker, wrong or places, name)
        return finding(self.looker, places, name, shapes, measured)

    def _second(self) -> list[ClaimFinding]:
        pairs = combinations_with_replacement(self.wrt, 2)
        is_given = self.given and bool(self.places) and written(self.places[0].inputs) == written(self.base)
        found, note = second.findings(self.looker, self.places, list(pairs), is_given)
        self.notes += [note] if note else []
        return found

    def _remarks(self, findings: Sequence[ClaimFinding]) -> None:
        """What is to be said beside the verdicts."""
        looker = self.looker
        self._remark_given(findings)
        if looker.reads:
            self.notes.append(_of_triangles(sorted(looker.reads), looker.symmetric))
        if looker.why_double is not None:
            self.notes.append(f"judged in float64, because {looker.why_double}")
        elif looker.why_claims is not None:
            self.notes.append(f"torch's numbers were judged as they are: of its backward, {looker.why_claims}")
        if looker.narrow:
            digits = [one.digits for one in findings if one.digits is not None]
            many = f": {min(digits):.1f} digits of the gradient are right" if digits else ""
            self.notes.append(f"it computes in {' and '.join(sorted(looker.narrow))} inside{many}")
        if self.order == 1 and looker.followed and all(one.verdict is ClaimVerdict.HOLDS for one in findings):
            try:
                remark = second.remark(looker, self.places[0])
            except OutOfTime:
                remark = None
            self.notes += [remark] if remark else []

    def _remark_given(self, findings: Sequence[ClaimFinding]) -> None:
        """What autograd gives where it gives no number."""
        lost = [place for place in self.places if place.inputs in self.looker.lost]
        first = self.places[0]
        if self.given and first not in lost and not any(one.counterexample is not None for one in findings):
            for name in self.wrt:
                positions = positions_of(self.base, name)
                if any(not math.isfinite(one.torch) for one in first.entries if one.position in positions):
                    self.notes.append(f"autograd gives {_kinds(first, positions)} by {name} at {_at(first)}")
        if lost:
            self.notes.append(f"the formula is right, and autograd gives {_kinds(lost[0])} at {_at(lost[0])}: a number"
                              " on the way is too large or too small for float64")  # fmt: skip

    def _check(self, findings: tuple[ClaimFinding, ...], modes: Any) -> Check:
        return Check(
            program=self.target.name,
            imported=self.target.name,
            at=written(self.base) if self.given else None,
            wrt=self.wrt,
            findings=findings,
            name=self.target.name.rpartition(":")[2].rpartition(".")[2],
            order=self.order,
            shapes={name: list(one.shape) for name, one in self.base.tensors.items() if one.dim()},
            points=tuple(written(place.inputs) for place in self.places),
            seed=self.seed,
            digits=AGREEING,
            modes=modes,
            notes=tuple(dict.fromkeys(f"{note[:1].upper()}{note[1:]}." for note in self.notes)),
            versions={"gradcli": __version__, "torch": torch.__version__},
        )


def _kinds(place: CallablePoint, positions: Collection[int] | None = None) -> str:
    """What stands where a number should."""
    found = {repr(one.torch) for one in place.entries if positions is None or one.position in positions}
    return " and ".join(sorted(found & {"nan", "inf", "-inf"}))


def _at(place: CallablePoint) -> str:
    return ", ".join(f"{name} = {value}".replace("'", "") for name, value in written(place.inputs).items())


def _of_triangles(names: Sequence[str], symmetric: Sequence[str]) -> str:
    said = f"{' and '.join(names)} read{'s' if len(names) == 1 else ''} one triangle of a matrix"
    if symmetric:
        return f"{said}: gradients by {' and '.join(symmetric)} are judged for changes that keep it symmetric"
    return f"{said}, and torch's gradient is that for symmetric changes: give a symmetric matrix"


def _output_shapes(looker: Looker, inputs: Inputs) -> list[tuple[int, ...]]:
    return [tuple(one.shape) for one in looker.real.run(inputs, wanted=False).outputs]
