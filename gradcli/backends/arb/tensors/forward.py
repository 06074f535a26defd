"""A program over tensors, its rows written out, evaluated in balls on whole tensors."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from gradcli.backends.arb.tensors import arrays, decomposed
from gradcli.backends.arb.tensors.contract import contracted
from gradcli.backends.arb.tensors.enclosures import NotEnclosed, apply
from gradcli.backends.arb.tensors.leaf import BallArray, Leaf
from gradcli.backends.arb.tensors.programs import MATRIX, program_of
from gradcli.backends.arb.tensors.rows_of import chosen, groups, placed_entries, product, ungrouped
from gradcli.functions.entries import ONE, EntryRule, MatrixRule, PlaceRule, SignRule, SizeRule
from gradcli.tape.dependence import entry_rule
from gradcli.tape.interpret import Rules, interpret
from gradcli.tape.tape import ConstantTensor, Literal, NamedConstant, Op, Primitive, Tape

Point = Mapping[str, BallArray]


class TensorEvaluation(decomposed.Decompositions):
    """The values of a tape at a point.

    values    of each operation, an array of balls or of truth values
    kept      what a row's backward needs beside values, by operation
    special   by operation, which entries of what it reduces decide it without being alone (ties, or balls too wide)
    places    by operation, where in its row of the argument each entry of the result stood
    is_uncertain   whether balls were too wide to tell which entry decides
    inner     by operation that is computed by a program of its own, the evaluation of that

    `held` is the evaluation whose values `detach` holds.
    """

    def __init__(self, tape: Tape, point: Point, used: Sequence[int], held: TensorEvaluation | None = None) -> None:
        super().__init__()
        self.tape = tape
        self.values: list[Any] = []
        self.kept: dict[int, Any] = {}
        self.places: dict[int, Any] = {}
        self.matrices: dict[tuple[int, bool], Any] = {}
        self.rules: dict[int, Any] = {}
        self.inner: dict[int, TensorEvaluation] = {}
        self.held = held
        rules = Rules(self._number, self._primitive, self._tensor)
        interpret(tape, rules, point, values=self.values, used=used, after=self._moved(point))

    def _number(self, op: Literal | NamedConstant) -> BallArray:
        return arrays.from_number(op.value)

    def _tensor(self, op: ConstantTensor) -> BallArray:
        return arrays.from_doubles(np.frombuffer(op.data.data)).reshape(op.shape)

    def _primitive(self, op: Primitive, args: Sequence[BallArray]) -> BallArray:
        index = len(self.values)
        if op.row.name == "detach":
            return args[0] if self.held is None else arrays.midpoints(self.held.values[index])
        if op.row.shape is not None:
            return arrays.as_array(self.whole(index, op, args))
        if op.row.name == "diff":
            raise NotEnclosed("diff")
        return apply(op.row, args)

    def _moved(self, point: Point) -> Callable[[int, BallArray], BallArray] | None:
        """What becomes of a value: `point` may have a change of an operation, by its number."""
        numbers = [name for name in point if name.isdigit() and name not in self.tape.inputs]
        moves = {int(name): point[name] for name in numbers}

        def moved(index: int, value: BallArray) -> BallArray:
            return value if value is None or index not in moves else arrays.as_array(value + moves[index])

        return moved if moves else None

    zeros: Callable[[Any], Any] = staticmethod(arrays.zeros)
    matrix_product: Callable[[Any, Any], Any] = staticmethod(arrays.matrix_product)
    inverse = staticmethod(arrays.inverse)
    determinant = staticmethod(arrays.determinant)

    def rule(self, index: int) -> Any:
        """What an entry of an operation is, by its row.

        Raises NotEnclosed where that is nothing that is known of whole tensors.
        """
        if index not in self.rules:
            op = self.tape.ops[index]
            rule = self.rules[index] = entry_rule(self.tape, op)
            if rule is None or (isinstance(rule, EntryRule) and not _is_known(rule)):
                raise NotEnclosed(op.called)
        return self.rules[index]

    def whole(self, index: int, op: Primitive, args: Sequence[Any]) -> Any:
        """The value of a row for tensors, by what an entry of it is."""
        entry = self.rule(index)
        if isinstance(entry, SizeRule):
            return arrays.from_number(Fraction(math.prod(args[0].shape[dim] for dim in entry.dims)))
        if isinstance(entry, SignRule):
            at_rest = getattr(args[0], "value", args[0])  # of one that moves
            return arrays.from_doubles(entry.near(arrays.nearest(at_rest)))
        if isinstance(entry, PlaceRule):
            return placed_entries(op, entry, args)
        if isinstance(entry, MatrixRule):
            return self.of_matrix(index, entry, args[0])
        if entry.inner is not None:
            return self.multiplied(op, entry.inner, *args)
        if entry.is_general:
            given = list(zip(entry.factors, args))
            return contracted(given, entry.result, op.shape, self.matrix_product, self.zeros)
        return _folded(self, index, op, entry, *args)

    def of_matrix(self, index: int, entry: MatrixRule, x: Any) -> Any:
        """A function of a whole matrix."""
        if entry.kind == "determinant":
            return self.determinant(x)
        if entry.kind == "inverse":
            return self.inverse(x)
        if entry.program is None:
            return decomposed.value(self, index, entry, x)
        tape = program_of(entry.program, x.shape)
        self.inner[index] = self.evaluation_of(index, tape, {MATRIX: x})
        return self.inner[index].values[tape.output]

    def inside(self, index: int) -> TensorEvaluation:
        """The evaluation of the program of an operation."""
        return self.inner[index]

    def evaluation_of(self, index: int, tape: Tape, point: Point) -> TensorEvaluation:
        """That of the program of an operation."""
        held = None if self.held is None else self.held.inner[index]
        return TensorEvaluation(tape, point, [1] * len(tape.ops), held)

    def argument(self, index: int) -> BallArray:
        """The matrix that an operation decomposes."""
        return self.values[self.tape.ops[index].args[0]]

    def before(self, index: int) -> Any:
        """The value of an operation where the evaluation that is held has it."""
        return None if self.held is None else self.held.values[index]

    def multiplied(self, op: Primitive, inner: int, x: BallArray, y: BallArray) -> BallArray:
        """The product of two arguments, matrices or vectors."""
        if self.held is not None or isinstance(x, Leaf) or isinstance(y, Leaf):  # no matrix is needed again
            return product(x, y, inner, arrays.matrix_product)
        left, right = (
            partial(self.matrix, arg) if (value.ndim, inner) == (2, 1) else None for arg, value in zip(op.args, (x, y))
        )
        return product(x, y, inner, partial(arrays.matrix_product, left=left, right=right))

    def selected(self, index: int, op: Primitive, x: BallArray) -> BallArray:
        """The largest, the smallest or the middle entry: which one it is has to be certain."""
        entry = self.rule(index)
        rows = groups(x, entry.gone)
        winners = np.zeros(rows.shape)
        special = np.zeros(rows.shape, dtype=bool)
        found = []
        for position, row in enumerate(rows):
            value, winner, rivals = chosen(entry.fold, row)
            self.is_uncertain |= any(row[i] != row[winner] or not row[i].is_exact() for i in rivals)
            found.append(value)
            winners[position, winner] = 1
            special[position, rivals] = True
        self.kept[index] = ungrouped(winners, x.shape, entry.gone)
        if special.any():
            self.special[index] = ungrouped(special, x.shape, entry.gone)
        return arrays.array_of(found, op.shape)

    def running(self, index: int, fold: str, axis: int, x: BallArray) -> Any:
        """The products, the largest or the smallest of the first entries."""
        rows = groups(x, (axis,))
        if fold == "*":
            return ungrouped(np.multiply.accumulate(rows, axis=1), x.shape, (axis,))
        winners, special = np.zeros(rows.shape, dtype=np.intp), np.zeros(rows.shape, dtype=bool)
        found = arrays.zeros(rows.shape)
        for position, row in enumerate(rows):
            for last in range(len(row)):
                before = winners[position, last - 1] if last else 0
                candidates = np.unique([before, last, *np.flatnonzero(special[position, :last])])
                value, winner, rivals = chosen(fold, row[candidates])
                found[position, last], winners[position, last] = value, candidates[winner]
                if rivals:
                    special[position, candidates[rivals]] = True
                    self.is_uncertain |= any(row[candidates[i]] != row[candidates[winner]] for i in rivals)
        self.places[index] = winners
        if special.any():
            self.special[index] = ungrouped(special, x.shape, (axis,))
        return ungrouped(found, x.shape, (axis,))

    def ordered(self, index: int, axis: int, x: BallArray) -> Any:
        """The entries in ascending order along a dimension: which one is where has to be certain, or they tie."""
        rows = groups(x, (axis,))
        places = self.places[index] = np.argsort(arrays.nearest(rows), axis=1, kind="stable")
        found = rows[np.arange(len(rows))[:, None], places]
        special = np.zeros(rows.shape, dtype=bool)
        for row, own, entries in zip(special, places, found):
            for i, (one, other) in enumerate(pairwise(entries)):
                if not one < other:
                    row[own[i]] = row[own[i + 1]] = True
                    self.is_uncertain |= one != other
        if special.any():
            self.special[index] = ungrouped(special, x.shape, (axis,))
        return ungrouped(found, x.shape, (axis,))

    def counted(self, index: int, op: Primitive, axis: int | None, x: BallArray) -> Any:
        """Where the entries in ascending order stand along a dimension, or the first extreme one of what is folded."""
        entry = self.rule(index)
        if axis is not None:
            self.ordered(index, axis, x)
            return ungrouped(arrays.from_doubles(self.places[index].astype(np.float64)), x.shape, (axis,))
        rows, found = groups(x, entry.gone), []
        special = np.zeros(rows.shape, dtype=bool)
        for position, row in enumerate(rows):
            _, winner, rivals = chosen(entry.fold.removeprefix("arg"), row)
            self.is_uncertain |= any(row[i] != row[winner] for i in rivals)
            special[position, rivals] = True
            found.append(min([winner, *rivals]))
        if special.any():
            self.special[index] = ungrouped(special, x.shape, entry.gone)
        return arrays.from_doubles(np.array(found, dtype=np.float64)).reshape(op.shape)

    def spread(self, index: int, reduced: Any) -> Any:
        """What has the shape of a reduction's result, with its reduced dimensions again, of size 1."""
        shape, rule = self.values[self.tape.ops[index].args[0]].shape, self.rule(index)
        if isinstance(rule, MatrixRule):
            return np.any(reduced)
        if rule.upto is not None:  # whatever is used of the result
            return np.max(reduced, axis=rule.factors[0].index(rule.upto[0]), keepdims=True)
        gone = rule.gone
        return reduced.reshape([1 if position in gone else size for position, size in enumerate(shape)])

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


def _is_known(entry: EntryRule) -> bool:
    """Whether whole tensors are computed by such a rule."""
    if entry.inner is not None or entry.is_general:
        return True
    if len(entry.factors) > 1:
        return False
    (letters,) = entry.factors
    there = entry.result.replace(ONE, "")
    if len(set(letters)) < len(letters) or len(set(there)) < len(there):
        return False
    if entry.upto is not None:
        letter, end = entry.upto
        return there.replace(end, letter) == letters
    kept = [letters.index(letter) for letter in there]
    return not (entry.selects or entry.counts) or kept == sorted(kept)


def _folded(e: TensorEvaluation, index: int, op: Primitive, entry: EntryRule, x: Any) -> Any:
    """Entries of one argument: some in another place, or folded."""
    (letters,) = entry.factors
    if entry.upto is not None:
        axis = letters.index(entry.upto[0])
        if entry.counts:
            return e.counted(index, op, axis, x)
        if entry.fold == "sorted":
            return e.ordered(index, axis, x)
        return np.add.accumulate(x, axis=axis) if entry.fold == "+" else e.running(index, entry.fold, axis, x)
    if entry.counts:
        return e.counted(index, op, None, x)
    if entry.selects:
        return e.selected(index, op, x)
    order = [letters.index(letter) for letter in entry.result if letter != ONE]
    kept = sorted(order)
    if entry.fold == "*":
        x = np.multiply.reduce(groups(x, entry.gone), axis=1).reshape([x.shape[place] for place in kept])
    elif entry.gone:
        shape = [x.shape[place] for place in kept]
        x = np.add.reduce(x, axis=entry.gone, keepdims=True).reshape(shape)
    if order != kept:
        x = x.transpose([kept.index(place) for place in order])
    return x.reshape(op.shape)
