"""Newton's method in balls: a root of a square system that is found, and proven by Krawczyk's operator.

Where K(X) = m - C·F(m) + (1 - C·F'(X))·(X - m) lies inside the box X, there is exactly one root in X, and it is in
K(X) (Krawczyk 1969, Moore 1977). C is any matrix near the inverse of F'(m); here that inverse itself, unproven.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from gradcli.backends.arb.context import BALLS
from gradcli.backends.arb.evaluate import Enclosed, is_ball
from gradcli.backends.arb.flint import arb

MAX_STEPS = 80  # of a search: a double root takes a step for each bit, and is not proven anyway
MAX_HALVINGS = 40  # of a step that leads away
ARRIVED = 0.9  # of the working bits, that a step moves no more than the last of
WIDTHS = (0.8, 0.6, 0.4, 0.25, 0.1)  # of the working bits: boxes that are tried, the narrowest first
LEAST_SCALE = 1e-3  # what a coordinate near 0 is compared with
ASIDE = 0.0078125  # of a coordinate: where a search goes on that began where no step leads anywhere

Box = list[Any]  # balls, a coordinate each
Matrix = list[list[Any]]


class BallSystem(Protocol):
    """As many functions as unknowns, with their derivatives, in balls."""

    def values(self, box: Sequence[Any]) -> list[Enclosed]:
        """The functions on a box."""

    def jacobian(self, box: Sequence[Any]) -> list[list[Enclosed]]:
        """Their derivatives on it: a row for each function."""


class ProvenRoot(NamedTuple):
    """A box with exactly one root."""

    box: Box

    @property
    def is_exact(self) -> bool:
        """Whether the root is known exactly."""
        return all(one.is_exact() for one in self.box)


def approached(system: BallSystem, start: Sequence[Any]) -> Box | None:
    """Where Newton's steps from a start lead, exact numbers; None where there are no values. Nothing is proven."""
    x = [BALLS.midpoint(one) for one in start]
    values = system.values(x)
    if not _are_balls(values):
        return None
    for _ in range(MAX_STEPS):
        if all(value.is_zero() for value in values):
            return x
        step = solved(system.jacobian(x), values)
        if step is None:
            x = [one + arb(LEAST_SCALE) * _scale(one) + one * ASIDE for one in x]
            x = [BALLS.midpoint(one) for one in x]
            values = system.values(x)
            if not _are_balls(values):
                return None
            continue
        found = _damped(system, x, step, values)
        if found is None:
            return x
        x, values = found
        if _is_small(step, x):
            return x
    return x


def _damped(system: BallSystem, x: Box, step: Box, before: Sequence[Any]) -> tuple[Box, list[Any]] | None:
    """A step, halved until it leads somewhere better; None where none does."""
    size = sum(abs(value) for value in before).mid()
    factor = arb(1)
    for _ in range(MAX_HALVINGS):
        moved = [BALLS.midpoint(one - factor * by) for one, by in zip(x, step)]
        values = system.values(moved)
        if _are_balls(values) and sum(abs(value) for value in values).mid() < size:
            return moved, values
        factor = factor / 2
    return None


def _is_small(step: Sequence[Any], x: Sequence[Any]) -> bool:
    tiny = arb(2) ** -int(ARRIVED * BALLS.bits)
    return bool(step) and all(abs(by).mid() <= tiny * _scale(one) for by, one in zip(step, x))


def _scale(x: Any) -> Any:
    """What a coordinate's width is relative to."""
    size = abs(BALLS.midpoint(x))
    return size if size > LEAST_SCALE else arb(LEAST_SCALE)


def proven(system: BallSystem, x: Sequence[Any]) -> ProvenRoot | None:
    """The one root in a box around some exact numbers; None where that cannot be proven at the working precision."""
    values = system.values(x)
    exact = _are_balls(values) and all(value.is_zero() for value in values)
    for part in WIDTHS:
        width = arb(2) ** -int(part * BALLS.bits)
        box = [one + arb(0, 1) * (width * _scale(one)) for one in x]
        inner = krawczyk(system, x, box)
        if inner is not None and all(a.contains_interior(b) for a, b in zip(box, inner)):
            return ProvenRoot(list(x) if exact else inner)
    return None


def krawczyk(system: BallSystem, middle: Sequence[Any], box: Sequence[Any]) -> Box | None:
    """Krawczyk's operator on a box: it contains every root that the box has; None where something is not finite."""
    values, wide = system.values(middle), system.jacobian(box)
    inverse = inverted(system.jacobian(middle))
    if inverse is None or not _are_balls(values) or not all(map(_are_balls, wide)):
        return None
    count = len(box)
    moved = [_dot(row, values) for row in inverse]
    result = []
    for i in range(count):
        row = [
            (1 if i == j else 0) - _dot(inverse[i], [wide[k][j] for k in range(count)])
            for j in range(count)
        ]  # fmt: skip
        result.append(middle[i] - moved[i] + _dot(row, [box[j] - middle[j] for j in range(count)]))
    return result if all(one.is_finite() for one in result) else None


def inverted(matrix: Sequence[Sequence[Enclosed]]) -> Matrix | None:
    """The inverse of the matrix of midpoints, as exact numbers, rounded; None where a pivot is 0."""
    count = len(matrix)
    columns = []
    for j in range(count):
        column = solved(matrix, [arb(1) if i == j else arb(0) for i in range(count)])
        if column is None:
            return None
        columns.append(column)
    return [[columns[j][i] for j in range(count)] for i in range(count)]


def solved(matrix: Sequence[Sequence[Enclosed]], right: Sequence[Any]) -> Box | None:
    """The solution of a small linear system of midpoints, by elimination with pivots, rounded; None without one."""
    if not all(map(_are_balls, matrix)):
        return None
    rows = [[BALLS.midpoint(one) for one in (*row, value)] for row, value in zip(matrix, right)]
    count = len(rows)
    for i in range(count):
        pivot = max(range(i, count), key=lambda k: abs(float(rows[k][i])) if rows[k][i] != 0 else -1.0)
        if rows[pivot][i] == 0:
            return None
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for k in range(count):
            if k != i:
                factor = BALLS.midpoint(rows[k][i] / rows[i][i])
                rows[k] = [BALLS.midpoint(a - factor * b) for a, b in zip(rows[k], rows[i])]
    found = [BALLS.midpoint(row[count] / row[i]) for i, row in enumerate(rows)]
    return found if all(one.is_finite() for one in found) else None


def _dot(a: Sequence[Any], b: Sequence[Any]) -> Any:
    total = arb(0)
    for x, y in zip(a, b):
        total += x * y
    return total


def _are_balls(values: Sequence[Enclosed]) -> bool:
    return all(is_ball(value) and value.is_finite() for value in values)
