"""A program over tensors, its rows written out, evaluated in balls on whole tensors."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from gradcli.backends.arb.tensors import arrays
from gradcli.backends.arb.tensors.enclosures import NotEnclosed, apply
from gradcli.backends.arb.tensors.leaf import BallArray, Leaf
from gradcli.functions import shapes, table
from gradcli.tape.interpret import Rules, interpret
from gradcli.tape.tape import ConstantTensor, Literal, NamedConstant, Op, Primitive, Tape

Point = Mapping[str, BallArray]


class TensorEvaluation:
    """The values of a tape at a point.

    values    of each operation, an array of balls or of truth values
    kept      what a row's backward needs beside values, by operation
    special   by operation, which entries of what it reduces decide it without being alone (ties, or balls too wide)
    is_uncertain   whether balls were too wide to tell which entry decides

    `held` is the evaluation whose values `detach` holds.
    """

    def __init__(self, tape: Tape, point: Point, used: Sequence[int], held: TensorEvaluation | None = None) -> None:
        self.tape = tape
        self.values: list[Any] = []
        self.kept: dict[int, Any] = {}
        self.special: dict[int, Any] = {}
        self.is_uncertain = False
        self.matrices: dict[tuple[int, bool], Any] = {}
        self.held = held
        rules = Rules(self._number, self._primitive, self._tensor)
        interpret(tape, rules, point, values=self.values, used=used, after=self._moved(point))

    def _number(self, op: Literal | NamedConstant) -> BallArray:
        return arrays.from_number(op.value)

    def _tensor(self, op: ConstantTensor) -> BallArray:
        return arrays.from_doubles(np.frombuffer(op.data.data)).reshape(op.shape)

    def _primitive(self, op: Primitive, args: Sequence[BallArray]) -> BallArray:
        index = len(self.values)
        if op.row.name == "detach" and self.held is not None:
            return arrays.midpoints(self.held.values[index])
        if op.row.shape is not None:
            rule = RULES.get(op.row.name)
            if rule is None:
                raise NotEnclosed(op.row.name)
            return arrays.as_array(rule(self, index, op, *args))
        if op.row.name == "diff":
            raise NotEnclosed("diff")
        return apply(op.row, args)

    def _moved(self, point: Point) -> Callable[[int, BallArray], BallArray] | None:
        """What becomes of a value: `point` may have a change of an operation, by its number."""
        if not any(name.isdigit() for name in point):
            return None

        def moved(index: int, value: BallArray) -> BallArray:
            change = point.get(f"{index}")
            return value if change is None or value is None else arrays.as_array(value + change)

        return moved

    apply = staticmethod(apply)
    product: Any = staticmethod(arrays.matrix_product)
    inverse = staticmethod(arrays.inverse)
    determinant = staticmethod(arrays.determinant)

    def multiplied(self, op: Primitive, x: BallArray, y: BallArray) -> BallArray:
        """The product of two arguments, matrices or vectors."""
        if self.held is not None or isinstance(x, Leaf) or isinstance(y, Leaf):  # no matrix is needed again
            return product(x, y, arrays.matrix_product)
        left, right = (partial(self.matrix, arg) if value.ndim == 2 else None for arg, value in zip(op.args, (x, y)))
        return product(x, y, partial(arrays.matrix_product, left=left, right=right))

    def selected(self, index: int, op: Primitive, x: BallArray) -> BallArray:
        """The largest, the smallest or the middle entry: which one it is has to be certain."""
        rows = groups(x, op.statics[0])
        winners = np.zeros(rows.shape)
        special = np.zeros(rows.shape, dtype=bool)
        found = []
        for place, row in enumerate(rows):
            assert isinstance(op, Primitive)
            value, winner, rivals = _select(op.row.name, row)
            self.is_uncertain |= any(row[i] != row[winner] or not row[i].is_exact() for i in rivals)
            found.append(value)
            winners[place, winner] = 1
            special[place, rivals] = True
        self.kept[index] = ungrouped(winners, x.shape, op.statics[0])
        if special.any():
            self.special[index] = ungrouped(special, x.shape, op.statics[0])
        return arrays.array_of(found, op.shape)

    def matrix(self, index: int, turned: bool = False) -> Any:
        """A matrix, or its transpose, as FLINT's: it is needed forward and back, and for every row of a Jacobian."""
        key = index, turned
        if key not in self.matrices:
            values = self.values[index]
            known = self.matrices.get((index, not turned))
            self.matrices[key] = (
                known.transpose() if known is not None else arrays.matrix(values.T if turned else values)
            )
        return self.matrices[key]

    def args(self, op: Op) -> list[BallArray]:
        """The values of an operation's arguments."""
        return [self.values[arg] for arg in op.args]


def groups(x: Any, dim: Any) -> Any:
    """A tensor as rows of what is reduced together."""
    gone = shapes.dims(x.shape, dim)
    kept = [place for place in range(x.ndim) if place not in gone]
    turned = x.transpose([*kept, *gone])
    return turned.reshape(-1, math.prod(x.shape[place] for place in gone))


def ungrouped(rows: Any, shape: Sequence[int], dim: Any) -> Any:
    """The tensor of such rows again."""
    gone = shapes.dims(tuple(shape), dim)
    order = [*(place for place in range(len(shape)) if place not in gone), *gone]
    turned = rows.reshape([shape[place] for place in order])
    return turned.transpose(np.argsort(order)) if order else turned


def _sum(e: TensorEvaluation, index: int, op: Primitive, x: BallArray) -> BallArray:
    gone = shapes.dims(x.shape, op.statics[0])
    return np.add.reduce(x, axis=gone, keepdims=True).reshape(op.shape) if gone else x


def _prod(e: TensorEvaluation, index: int, op: Primitive, x: BallArray) -> BallArray:
    return np.multiply.reduce(groups(x, op.statics[0]), axis=1).reshape(op.shape)


def _select(name: str, row: BallArray) -> tuple[Any, int, list[int]]:
    """The chosen value of a row, where it stands, and the entries that tie with it or might."""
    order = np.argsort(arrays.nearest(row), kind="stable")
    place = {"amax": len(row) - 1, "amin": 0, "median": (len(row) - 1) // 2}[name]
    winner = int(order[place])
    value = row[winner]
    low = [int(i) for i in order[:place] if not row[i] < value]
    high = [int(i) for i in order[place + 1 :] if not row[i] > value]
    rivals = low + high
    if not rivals:
        return value, winner, []
    rivals.append(winner)
    if all(row[i] == value for i in rivals):
        return value, winner, rivals
    if name == "median":
        return value.nan(), winner, rivals  # a wide ball might be on the other side
    for i in rivals:
        value = value.max(row[i]) if name == "amax" else value.min(row[i])
    return value, winner, rivals


def _count(e: TensorEvaluation, index: int, op: Primitive, x: BallArray) -> BallArray:
    return arrays.from_number(Fraction(math.prod(x.shape[place] for place in shapes.dims(x.shape, op.statics[0]))))


def _cumsum(e: TensorEvaluation, index: int, op: Primitive, x: BallArray) -> BallArray:
    gone = shapes.dims(x.shape, op.statics[0])
    return np.add.accumulate(x, axis=gone[0]) if gone else x


def _listed(e: TensorEvaluation, index: int, op: Primitive, *parts: BallArray) -> BallArray:
    place = op.statics[0] % len(op.shape) if op.statics else 0
    return np.stack(parts, axis=place)


def _cat(e: TensorEvaluation, index: int, op: Primitive, *parts: BallArray) -> BallArray:
    return np.concatenate(parts, axis=op.statics[0] % len(op.shape))


def subs(op: Primitive) -> tuple[Any, ...]:
    """The indices and slices of an index, for NumPy."""
    return tuple(slice(*sub) if isinstance(sub, tuple) else sub for sub in op.statics)


def _cross_entropy(e: TensorEvaluation, index: int, op: Primitive, x: BallArray) -> BallArray:
    rows = x.reshape(-1, x.shape[-1])
    target = np.atleast_1d(np.array(op.statics[0]))
    raised = e.apply(table.BY_NAME["exp"], [rows])
    totals = np.add.reduce(raised, axis=1)
    places = np.arange(len(rows))
    shares = raised / totals[:, None]
    shares[places, target] = shares[places, target] - 1
    e.kept[index] = (shares / len(rows)).reshape(x.shape)
    losses = e.apply(table.BY_NAME["log"], [totals]) - rows[places, target]
    return np.add.reduce(losses) / len(rows)


def product(x: Any, y: Any, multiply: Callable[[Any, Any], Any]) -> Any:
    """The product of matrices and vectors, by a product of matrices."""
    left = x[None, :] if x.ndim == 1 else x
    right = y[:, None] if y.ndim == 1 else y
    return multiply(left, right).reshape((*x.shape[:-1], *y.shape[1:]))


def cross(x: Any, y: Any, minus: Callable[[Any, Any], Any]) -> Any:
    """The cross product."""
    after, before = [1, 2, 0], [2, 0, 1]
    return minus(x[after] * y[before], x[before] * y[after])


def _pinv(e: TensorEvaluation, index: int, op: Primitive, x: BallArray) -> BallArray:
    """Of a matrix of full rank: inv(x.T@x)@x.T, or x.T@inv(x@x.T) where it is wide."""
    tall = x.shape[0] >= x.shape[1]
    inner = e.kept[index] = e.inverse(e.product(x.T, x) if tall else e.product(x, x.T))
    return e.product(inner, x.T) if tall else e.product(x.T, inner)


def _diag(op: Primitive, x: BallArray) -> BallArray:
    if x.ndim == 2:
        return x.diagonal()
    found = x.reshape(-1, 1) * arrays.zeros(op.shape)
    found[np.arange(len(x)), np.arange(len(x))] = x
    return found


RULES: Mapping[str, Callable[..., Any]] = {
    "sum": _sum,
    "prod": _prod,
    "amax": lambda e, index, op, x: e.selected(index, op, x),
    "amin": lambda e, index, op, x: e.selected(index, op, x),
    "median": lambda e, index, op, x: e.selected(index, op, x),
    "count": _count,
    "cumsum": _cumsum,
    "@": lambda e, index, op, x, y: e.multiplied(op, x, y),
    "outer": lambda e, index, op, x, y: x[:, None] * y[None, :],
    "cross": lambda e, index, op, x, y: cross(x, y, lambda a, b: a - b),
    "transpose": lambda e, index, op, x: x.T,
    "diag": lambda e, index, op, x: _diag(op, x),
    "[]": _listed,
    "stack": _listed,
    "cat": _cat,
    "x[]": lambda e, index, op, x: x[subs(op)],
    "reshape": lambda e, index, op, x: x.reshape(op.shape),
    "cross_entropy": _cross_entropy,
    "det": lambda e, index, op, x: e.determinant(x),
    "inv": lambda e, index, op, x: e.inverse(x),
    "pinv": _pinv,
}
