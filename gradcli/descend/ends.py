"""What sort of point a descent has come to: by the Hessian in doubles, and by a root of the gradient in balls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import torch

from gradcli.backends.arb.context import BALLS, precision
from gradcli.backends.arb.evaluate import BallEvaluator, Enclosed, is_ball
from gradcli.backends.arb.flint import IS_FLINT
from gradcli.backends.torch.descent import TorchLoss, flat, in_shape, solved
from gradcli.descend.data import FLAT, MAXIMUM, MINIMUM, SADDLE, EndKind
from gradcli.language.numbers import fraction_of
from gradcli.problem.job import Job
from gradcli.problem.values import Value
from gradcli.reference.newton import approached, proven
from gradcli.reference.texts import text
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.tape.chain import chain

MOST = 40  # entries of the parameters: the Hessian is small
MOST_PROVEN = 6  # numbers of which a root is proven
BITS, DIGITS = 200, 20
CHANGES = 0.1  # of an eigenvalue on the way to the stationary point that it still tells the kind of
NEAR = Fraction(1, 1000)  # of a variable: a root that is farther away is another one


def end_kind(job: Job, loss: TorchLoss, parameters: list[torch.Tensor], deadline: Deadline) -> EndKind | None:
    """The kind of the stationary point near some parameters; None where the Hessian is large, or not finite."""
    if sum(one.numel() for one in parameters) > MOST:
        return None
    here = loss.hessian(parameters)
    if not bool(here.isfinite().all()):
        return None
    values = torch.linalg.eigvalsh(here.double())
    numbers = tuple(map(float, values))
    if IS_FLINT and not job.has_tensors and len(parameters) <= MOST_PROVEN:
        at = {name: Fraction(one.item()) for name, one in zip(job.wrt, parameters)}
        try:
            found = _proven(job, at, deadline)
        except OutOfTime:
            found = None
        if found is not None:
            return EndKind(found[0], numbers, True, found[1])
    return EndKind(_likely(loss, parameters, here, values), numbers)


def _likely(loss: TorchLoss, parameters: list[torch.Tensor], here: torch.Tensor, values: torch.Tensor) -> str:
    """The kind in doubles, where the eigenvalues are about the same twice as far on as the stationary point is.

    At a root of a higher order, the Hessian vanishes on the way there.
    """
    _, gradient = loss.gradient(parameters)
    away = solved(here, flat(gradient))
    if away is None:
        return FLAT
    beyond = [one.detach() - 2 * part for one, part in zip(parameters, in_shape(away, parameters))]
    there = torch.linalg.eigvalsh(loss.hessian(beyond).double())
    scale = values.abs().max() * torch.finfo(loss.like.dtype).eps * len(values) * 16
    if not bool(there.isfinite().all()) or bool((values.abs() <= scale).any()):
        return FLAT
    if bool(((there - values).abs() > CHANGES * values.abs()).any()):
        return FLAT
    return _kind([1 if value > 0 else -1 for value in values.tolist()])


def _kind(signs: Sequence[int]) -> str:
    return MINIMUM if min(signs) > 0 else MAXIMUM if max(signs) < 0 else SADDLE


class _GradientOfBalls:
    """The gradient of a program of numbers as a system of equations in balls."""

    def __init__(self, job: Job, point: Mapping[str, Value], deadline: Deadline) -> None:
        self.chain = chain(job.exact, job.wrt, 2, job.program.source)
        tape = self.chain.tape
        self.names = job.wrt
        self.fixed = {
            name: one for name, one in point.items()
            if isinstance(one, Fraction) and name in tape.inputs and name not in job.wrt
        }  # fmt: skip
        self.evaluator = BallEvaluator(tape, deadline)

    def values(self, box: Sequence[Any]) -> list[Enclosed]:
        """The gradient on a box."""
        found = self._run(box)
        return [found[self.chain.partials[(k,)]] for k in range(len(self.names))]

    def jacobian(self, box: Sequence[Any]) -> list[list[Enclosed]]:
        """The Hessian on it."""
        found, count = self._run(box), len(self.names)
        return [[found[self.chain.partials[(min(i, j), max(i, j))]] for j in range(count)] for i in range(count)]

    def _run(self, box: Sequence[Any]) -> list[Enclosed]:
        inputs = {name: BALLS.number(value) for name, value in self.fixed.items()}
        return self.evaluator.run({**inputs, **dict(zip(self.names, box))})


def _proven(job: Job, at: Mapping[str, Fraction], deadline: Deadline) -> tuple[str, dict[str, str] | None] | None:
    """The kind of the one stationary point near a place, and where it is; None where that cannot be proven."""
    system = _GradientOfBalls(job, job.point or {}, deadline)
    with precision(BITS):
        arrived = approached(system, [BALLS.number(x) for x in at.values()])
        root = None if arrived is None else proven(system, arrived)
        if root is None:
            return None
        middles = [fraction_of(BALLS.midpoint(one)) for one in root.box]
        if any(abs(x - m) > NEAR * max(Fraction(1), abs(x)) for x, m in zip(at.values(), middles)):
            return None
        signs = _inertia(system.jacobian(root.box))
        if signs is None:
            return None
        texts = {name: text(one, DIGITS) for name, one in zip(at, root.box)}
        said = {name: one for name, one in texts.items() if one is not None}
        return _kind(signs), said if len(said) == len(texts) else None


def _inertia(matrix: list[list[Enclosed]]) -> list[int] | None:
    """The signs of the eigenvalues of a symmetric matrix, by Sylvester's law; None where a pivot's is not told."""
    rows = [list(row) for row in matrix]
    signs = []
    for k in range(len(rows)):
        pivot = rows[k][k]
        if not all(is_ball(one) for one in rows[k]) or not pivot.is_finite() or pivot.contains(0):
            return _indefinite(rows, k)
        signs.append(1 if pivot > 0 else -1)
        for i in range(k + 1, len(rows)):
            factor = rows[i][k] / pivot
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k])]
    return signs


def _indefinite(rows: list[list[Enclosed]], k: int) -> list[int] | None:
    """Signs of both kinds where two by two entries prove them: a saddle such as x*y has no pivot."""
    for i in range(k, len(rows)):
        for j in range(i + 1, len(rows)):
            a, b, d = _ball(rows[i][i]), _ball(rows[i][j]), _ball(rows[j][j])
            if a is not None and b is not None and d is not None and a * d - b * b < 0:
                return [1, -1]
    return None


def _ball(value: Enclosed) -> Any:
    return value if is_ball(value) else None
