"""What flows back in a reverse sweep: balls, their sizes in doubles, or merely which entries reach which."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from gradcli.backends.arb.flint import arb
from gradcli.backends.arb.tensors import arrays, decomposed
from gradcli.backends.arb.tensors.enclosures import local_derivative, second_derivative
from gradcli.backends.arb.tensors.forward import TensorEvaluation
from gradcli.backends.arb.tensors.leaf import Leaf
from gradcli.functions.entries import MatrixRule
from gradcli.tape.tape import Op, Primitive

ONE = 1  # a factor that takes no multiplication, as -1 does


class BallField:
    """Adjoints in balls."""

    def __init__(self, evaluation: TensorEvaluation) -> None:
        self.evaluation = evaluation
        self.known: dict[tuple[int, int], Any] = {}
        self.samples: dict[int, list[int]] = {}  # of matrices of which only some entries are differentiated by
        self.seconds: dict[tuple[int, int, int], Any] = {}

    one: Any = arb(1)

    def through(self, index: int, arg: int, entry: MatrixRule, g: Any) -> Any:
        """What flows back through a function of a whole matrix."""
        return decomposed.back(self, index, arg, entry, g)

    def inside(self, evaluation: TensorEvaluation) -> BallField:
        """The same inside the program of an operation."""
        return BallField(evaluation)

    def zeros(self, shape: Any) -> Any:
        """Nothing that flows."""
        return arrays.zeros(shape)

    def product(self, x: Any, y: Any) -> Any:
        """The product of two matrices."""
        return arrays.matrix_product(x, y)

    def value(self, index: int) -> Any:
        """The value of an operation."""
        return self.evaluation.values[index]

    def kept(self, index: int) -> Any:
        """What the evaluation kept of an operation."""
        return self.evaluation.kept[index]

    def before(self, adjoint: Any, index: int) -> Any:
        """A matrix of adjoints, by the transpose of a matrix."""
        value = self.value(index).T
        kept = None if isinstance(value, Leaf) else partial(self.evaluation.matrix, index, True)
        return arrays.matrix_product(adjoint, value, right=kept)

    def after(self, index: int, adjoint: Any) -> Any:
        """The transpose of a matrix, by a matrix of adjoints."""
        value = self.value(index).T
        kept = None if isinstance(value, Leaf) else partial(self.evaluation.matrix, index, True)
        return arrays.matrix_product(value, adjoint, left=kept)

    def inverse(self, index: int) -> Any:
        """The inverse of a matrix."""
        key = index, -1
        if key not in self.known:
            self.known[key] = arrays.inverse(self.value(index))
        return self.known[key]

    def local(self, index: int, op: Op, position: int) -> Any:
        """The derivative of an elementwise operation by one argument: an array, or a factor of 1 or -1."""
        key = index, position
        if key not in self.known:
            self.known[key] = self._local(index, op, position)
        return self.known[key]

    def second(self, index: int, op: Op, position: int, by: int) -> Any:
        """The derivative of that by another argument; None where it is 0."""
        key = index, position, by
        if key not in self.seconds:
            assert isinstance(op, Primitive)
            self.seconds[key] = second_derivative(op.row, position, by, self.evaluation.args(op))
        return self.seconds[key]

    def _local(self, index: int, op: Op, position: int) -> Any:
        assert isinstance(op, Primitive)
        name, args = op.row.name, self.evaluation.args(op)
        if op.row.signs:
            return op.row.signs[position]
        if name == "*":
            return args[1 - position]
        if name == "/":
            below = arrays.as_array(1 / args[1])
            return arrays.as_array(-self.value(index) * below) if position else below
        return local_derivative(op.row, position, args)

    def times(self, adjoint: Any, factor: Any) -> Any:
        """An adjoint times a local derivative."""
        if isinstance(factor, int):
            return adjoint if factor == ONE else -adjoint
        return arrays.scaled(adjoint, factor)

    def masked(self, adjoint: Any, mask: Any) -> Any:
        """The adjoint where the mask is set, else exactly 0."""
        return np.where(mask, adjoint, self.zeros(()))

    def add(self, x: Any, y: Any) -> Any:
        """A sum of two adjoints."""
        return x + y

    def settled(self, adjoint: Any) -> Any:
        """An adjoint when all has been added to it."""
        return arrays.as_array(adjoint)


class SizeField(BallField):
    """The sums of the absolute contributions, in doubles: what an adjoint would be without any cancellation."""

    def __init__(self, balls: BallField) -> None:
        super().__init__(balls.evaluation)
        self.balls = balls
        self.samples = balls.samples

    one: Any = 1.0

    def through(self, index: int, arg: int, entry: MatrixRule, g: Any) -> Any:
        """What flows back through a function of a whole matrix."""
        return _finite(decomposed.sizes(self.balls.evaluation, index, entry, g))

    def inside(self, evaluation: TensorEvaluation) -> BallField:
        """The same inside the program of an operation."""
        return SizeField(BallField(evaluation))

    def zeros(self, shape: Any) -> Any:
        """No contributions."""
        return np.zeros(shape)

    def product(self, x: Any, y: Any) -> Any:
        """The product of two matrices."""
        return _finite(x @ y)

    def before(self, adjoint: Any, index: int) -> Any:
        """A matrix of adjoints, by the transpose of a matrix."""
        leaf = self.balls.value(index)
        if isinstance(leaf, Leaf):
            return _finite(leaf.sizes_times(adjoint.T).T)
        return self.product(adjoint, self.value(index).T)

    def after(self, index: int, adjoint: Any) -> Any:
        """The transpose of a matrix, by a matrix of adjoints."""
        leaf = self.balls.value(index)
        if isinstance(leaf, Leaf):
            return _finite(leaf.T.sizes_times(adjoint))
        return self.product(self.value(index).T, adjoint)

    def value(self, index: int) -> Any:
        """The absolute value."""
        return _size(self.balls.value(index))

    def kept(self, index: int) -> Any:
        """The absolute values of what was kept."""
        kept = self.balls.kept(index)
        return _size(kept) if kept.dtype == object else kept

    def inverse(self, index: int) -> Any:
        """The absolute values of the inverse."""
        return _size(self.balls.inverse(index))

    def _local(self, index: int, op: Op, position: int) -> Any:
        found = self.balls.local(index, op, position)
        return ONE if isinstance(found, int) else _size(found)

    def times(self, adjoint: Any, factor: Any) -> Any:
        """A product; 0 wins."""
        return adjoint if isinstance(factor, int) else _finite(adjoint * factor)


class ReachField(SizeField):
    """Which entries of one variable reach which: 1 where a change may come through, else 0.

    `moving` says which operations depend on that variable: a factor that does not, and is exactly 0, lets nothing come.
    """

    def __init__(self, balls: BallField, moving: Sequence[int]) -> None:
        super().__init__(balls)
        self.samples = {}
        self.moving = moving
        self.patterns: dict[int, Any] = {}

    def through(self, index: int, arg: int, entry: MatrixRule, g: Any) -> Any:
        """Every entry of a matrix matters to what is made of all of them."""
        return np.where(np.any(g > 0), 1.0, np.zeros(self.evaluation.values[arg].shape))

    def inside(self, evaluation: TensorEvaluation) -> BallField:
        """The same inside the program of an operation."""
        return ReachField(BallField(evaluation), [1] * len(evaluation.tape.ops))

    def product(self, x: Any, y: Any) -> Any:
        """Where there is any path."""
        return np.minimum(x @ y, 1.0)

    def value(self, index: int) -> Any:
        """Where a factor lets something come through."""
        values = self.evaluation.values[index]
        if self.moving[index]:
            return np.broadcast_to(1.0, values.shape)
        if index not in self.patterns:
            self.patterns[index] = 1.0 - arrays.is_zero(values)
        return self.patterns[index]

    def kept(self, index: int) -> Any:
        """What wins a maximum is kept, and what ties with it; all else may matter."""
        kept = self.balls.kept(index)
        ties = self.evaluation.special.get(index)
        return np.ones(kept.shape) if kept.dtype == object else kept if ties is None else np.where(ties, 1.0, kept)

    def inverse(self, index: int) -> Any:
        """Every entry of a matrix matters to its inverse."""
        return np.broadcast_to(1.0, self.evaluation.values[index].shape)

    def _local(self, index: int, op: Op, position: int) -> Any:
        assert isinstance(op, Primitive)
        return self.value(op.args[1 - position]) if op.row.name == "*" else ONE

    def settled(self, adjoint: Any) -> Any:
        """Whether anything comes through, however much."""
        return np.asarray(np.minimum(adjoint, 1.0))


def _size(values: Any) -> Any:
    return _finite(np.abs(arrays.nearest(values)))


def _finite(values: Any) -> Any:
    return np.asarray(np.nan_to_num(values, nan=0.0))
