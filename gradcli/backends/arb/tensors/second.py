"""Second derivatives: a program and its reverse sweep, moved along one entry of a variable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.backends.arb.tensors import arrays
from gradcli.backends.arb.tensors.enclosures import apply, local_derivative
from gradcli.backends.arb.tensors.fields import BallField
from gradcli.backends.arb.tensors.forward import Point, TensorEvaluation
from gradcli.backends.arb.tensors.jets import Jet, along, jet_determinant, jet_inverse, jet_product
from gradcli.backends.arb.tensors.leaf import BallArray
from gradcli.backends.arb.tensors.rows_of import groups, product, ungrouped
from gradcli.functions.entries import MatrixRule
from gradcli.tape.tape import ConstantTensor, Literal, NamedConstant, Op, Primitive, Tape

if TYPE_CHECKING:
    from gradcli.functions.row import Row


class MovingEvaluation(TensorEvaluation):
    """The values of a tape with their changes along a direction; what does not change is as in the evaluation at rest.

    moves   how operations change, by operation
    """

    def __init__(self, rest: BallField, moves: Mapping[int, BallArray]) -> None:
        self.rest = rest
        self.moves = moves
        tape = rest.evaluation.tape
        point = {name: rest.value(place) for name, place in tape.inputs.items()}
        super().__init__(tape, point, [value is not None for value in rest.evaluation.values])

    zeros = staticmethod(lambda shape: _still(arrays.zeros(shape)))
    matrix_product = staticmethod(jet_product)
    inverse = staticmethod(jet_inverse)
    determinant = staticmethod(jet_determinant)

    def _moved(self, point: Point) -> Callable[[int, Any], Any]:
        def moved(index: int, value: Any) -> Any:
            if index not in self.moves:
                return value
            return value + Jet(arrays.zeros(self.tape.ops[index].shape), self.moves[index])

        return moved

    def _number(self, op: Literal | NamedConstant | ConstantTensor) -> Any:
        return self.rest.value(len(self.values))

    _tensor = _number

    def _primitive(self, op: Primitive, args: Sequence[Any]) -> Any:
        index = len(self.values)
        still = self.rest.value(index)
        if op.row.name == "detach" or op.row.gives_truth:
            return still
        if not any(isinstance(arg, Jet) for arg in args):
            if index in self.rest.evaluation.kept:
                self.kept[index] = self.rest.kept(index)
            if index in self.rest.evaluation.places:
                self.places[index] = self.rest.evaluation.places[index]
            return still
        if op.row.shape is not None:
            return self.whole(index, op, args)
        if op.row.name == "where":
            condition = np.asarray(np.equal(args[0], True), dtype=bool)
            a, b = (arg if isinstance(arg, Jet) else _still(arg) for arg in args[1:])
            either: Any = np.where
            return either(condition, a, b)
        locals_ = [
            self.rest.local(index, op, position) if isinstance(arg, Jet) else None for position, arg in enumerate(args)
        ]
        change = along(locals_, args, op.shape)
        return still if change is None else Jet(still, change)

    def inside(self, index: int) -> TensorEvaluation:
        """The evaluation of the program of an operation; of one that does not move, too."""
        if index not in self.inner:
            self.inner[index] = MovingEvaluation(BallField(self.rest.evaluation.inner[index]), {})
        return self.inner[index]

    def evaluation_of(self, index: int, tape: Tape, point: Point) -> TensorEvaluation:
        """That of the program of an operation, moved as its arguments are."""
        moves = {tape.inputs[name]: value.change for name, value in point.items()}
        return MovingEvaluation(BallField(self.rest.evaluation.inner[index]), moves)

    def spectrum(self, index: int, matrix: Any) -> Any:
        """That of the evaluation at rest."""
        return self.rest.evaluation.spectra[index]

    def gauge(self, index: int, rule: MatrixRule, columns: Any) -> Any:
        """The signs of the evaluation at rest."""
        return self.rest.evaluation.gauges[index]

    def multiplied(self, op: Primitive, inner: int, x: Any, y: Any) -> Any:
        """The product of two arguments, matrices or vectors."""
        return product(x, y, inner, jet_product)

    def running(self, index: int, fold: str, axis: int, x: Any) -> Any:
        """The products of the first entries, or those of them that were the largest or the smallest."""
        rows = groups(x, (axis,))
        if fold == "*":
            return ungrouped(np.multiply.accumulate(rows, axis=1), x.shape, (axis,))
        places = self.places[index] = self.rest.evaluation.places[index]
        return ungrouped(rows[np.arange(len(places))[:, None], places], x.shape, (axis,))

    def counted(self, index: int, op: Primitive, axis: int | None, x: Any) -> Any:
        """Whole numbers, which do not change."""
        return self.rest.value(index)

    def ordered(self, index: int, axis: int, x: Any) -> Any:
        """The entries in the order that they have at rest."""
        return self.running(index, "sorted", axis, x)

    def selected(self, index: int, op: Primitive, x: Any) -> Any:
        """The entry that is the largest, the smallest or in the middle."""
        self.kept[index] = self.rest.kept(index)
        chosen = np.where(self.kept[index] > 0, x, arrays.zeros(()))
        gone = self.rule(index).gone
        return np.add.reduce(chosen, axis=gone, keepdims=True).reshape(op.shape) if gone else chosen

    @staticmethod
    def apply(row: Row, args: Any) -> Any:
        """A row on an array that changes."""
        values = [arg.value if isinstance(arg, Jet) else arg for arg in args]
        found = apply(row, values)
        locals_ = [
            local_derivative(row, index, values) if isinstance(arg, Jet) else None for index, arg in enumerate(args)
        ]
        change = along(locals_, args, found.shape)
        return found if change is None else Jet(found, change)


class MovingField(BallField):
    """Adjoints in balls, with their changes."""

    def __init__(self, evaluation: MovingEvaluation) -> None:
        super().__init__(evaluation)
        self.rest = evaluation.rest

    def inside(self, evaluation: TensorEvaluation) -> BallField:
        """The same inside the program of an operation."""
        assert isinstance(evaluation, MovingEvaluation)
        return MovingField(evaluation)

    def product(self, x: Any, y: Any) -> Any:
        """The product of two matrices."""
        return jet_product(x, y)

    def zeros(self, shape: Any) -> Any:
        """Exact zeros, which do not change."""
        return _still(arrays.zeros(shape))

    def before(self, adjoint: Any, index: int) -> Any:
        """A matrix of adjoints, by the transpose of a matrix."""
        return jet_product(adjoint, self.value(index).T)

    def after(self, index: int, adjoint: Any) -> Any:
        """The transpose of a matrix, by a matrix of adjoints."""
        return jet_product(self.value(index).T, adjoint)

    def inverse(self, index: int) -> Any:
        """The inverse of a matrix."""
        return jet_inverse(self.value(index))

    def _local(self, index: int, op: Op, position: int) -> Any:
        assert isinstance(op, Primitive)
        still = self.rest.local(index, op, position)
        if isinstance(still, int):
            return still
        args = self.evaluation.args(op)
        if op.row.name == "*":
            return args[1 - position]
        seconds = [
            self.rest.second(index, op, position, by) if isinstance(arg, Jet) else None for by, arg in enumerate(args)
        ]
        change = along(seconds, args, op.shape)
        return still if change is None else Jet(np.broadcast_to(still, op.shape), change)

    def times(self, adjoint: Any, factor: Any) -> Any:
        """An adjoint times a local derivative."""
        if isinstance(factor, int) or not (isinstance(adjoint, Jet) or isinstance(factor, Jet)):
            return super().times(adjoint, factor)
        value, change = (adjoint.value, adjoint.change) if isinstance(adjoint, Jet) else (adjoint, None)
        still, moved = (factor.value, factor.change) if isinstance(factor, Jet) else (factor, None)
        parts = [arrays.scaled(change, still)] if change is not None else []
        if moved is not None:
            parts.append(arrays.scaled(value, moved))
        return Jet(arrays.scaled(value, still), parts[0] if len(parts) == 1 else parts[0] + parts[1])


def _still(values: BallArray) -> Jet:
    return Jet(values, arrays.zeros(values.shape))
