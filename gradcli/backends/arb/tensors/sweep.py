"""The reverse sweep on whole tensors: what flows from each operation to its arguments."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from gradcli.backends.arb.tensors import arrays
from gradcli.backends.arb.tensors.contract import contracted
from gradcli.backends.arb.tensors.fields import BallField, ReachField
from gradcli.backends.arb.tensors.leaf import sampled_products
from gradcli.backends.arb.tensors.programs import MATRIX
from gradcli.backends.arb.tensors.rows_of import as_matrix, groups, ungrouped
from gradcli.functions.entries import ONE, EntryRule, MatrixRule, PlaceRule, SignRule, SizeRule
from gradcli.tape.activity import placed
from gradcli.tape.tape import Custom, Op, Primitive, Tape

Adjoint = Any  # an array of the operation's shape


@np.errstate(all="ignore")  # NumPy sees the flags of FLINT's own doubles
def sweep(
    field: BallField,
    tape: Tape,
    seeds: Mapping[int, Adjoint],
    active: Sequence[int],
    keep: Collection[int] | None = None,
) -> dict[int, Adjoint]:
    """The adjoints of the operations in `keep` (of all, without it) from those of some others.

    Only `active` operations pass anything on. Raises NotEnclosed where a row has no rule.
    """
    adjoints: dict[int, Adjoint] = dict(seeds)
    kept: dict[int, Adjoint] = {}
    for index in range(max(adjoints, default=-1), -1, -1):
        adjoint = adjoints.pop(index, None)
        if adjoint is None or not active[index]:
            continue
        adjoint = field.settled(adjoint)
        if keep is None or index in keep:
            kept[index] = adjoint
        op = tape.ops[index]
        if not op.args:
            continue
        for arg, part in zip(op.args, _contributions(field, tape, index, op, adjoint, active)):
            if part is not None and active[arg]:
                found = part() if callable(part) else part
                adjoints[arg] = field.add(adjoints[arg], found) if arg in adjoints else found
    return kept


def _contributions(
    field: BallField, tape: Tape, index: int, op: Op, adjoint: Adjoint, active: Sequence[int]
) -> Sequence[Adjoint | None]:
    if isinstance(op, Custom):
        return [adjoint]
    assert isinstance(op, Primitive)
    if op.row.name == "detach":
        return [None]
    if op.row.shape is not None:
        return whole(field, op, index, adjoint)
    if op.row.name == "where":
        return _where(field, tape, op, adjoint)
    found: list[Adjoint | None] = []
    for position, arg in enumerate(op.args):
        if not active[arg]:
            found.append(None)
            continue
        part = field.times(adjoint, field.local(index, op, position))
        found.append(unbroadcast(part, tape.ops[arg].shape))
    return found


def unbroadcast(values: Any, shape: Sequence[int]) -> Any:
    """The sums over the dimensions along which an operand was broadcast."""
    values = arrays.as_array(values)
    lead = values.ndim - len(shape)
    gone = (*range(lead), *(lead + i for i, size in enumerate(shape) if size == 1 and values.shape[lead + i] != 1))
    return np.add.reduce(values, axis=gone, keepdims=True).reshape(shape) if gone else values


def _where(field: BallField, tape: Tape, op: Primitive, adjoint: Adjoint) -> list[Adjoint | None]:
    """Only the branch that is taken passes anything on; where the condition comes from may matter to who reaches."""
    condition = np.asarray(np.equal(field.evaluation.values[op.args[0]], True), dtype=bool)
    parts: list[Adjoint | None] = [None]
    if isinstance(field, ReachField):
        parts = [unbroadcast(adjoint, tape.ops[op.args[0]].shape)]
    for arg, mask in zip(op.args[1:], (condition, ~condition)):
        parts.append(unbroadcast(field.masked(adjoint, mask), tape.ops[arg].shape))
    return parts


def whole(f: BallField, op: Op, index: int, g: Adjoint) -> Sequence[Adjoint | None]:
    """What flows to the arguments of a row for tensors, by what an entry of it is."""
    entry = f.evaluation.rule(index)
    if isinstance(entry, (SizeRule, SignRule)) or (
        isinstance(entry, EntryRule) and entry.counts and not isinstance(f, ReachField)
    ):
        return [None]
    if isinstance(entry, PlaceRule):
        return _placed(f, op, entry, g)
    if isinstance(entry, MatrixRule):
        return [_of_matrix(f, op, index, entry, g)]
    if entry.inner is not None:
        return _product(f, op, entry.inner, g)
    if entry.is_general:
        return [partial(_contracted, f, op, entry, position, g) for position in range(len(op.args))]
    return [_folded(f, op, index, entry, g)]


def _contracted(f: BallField, op: Op, entry: EntryRule, position: int, g: Adjoint) -> Adjoint:
    """To one factor of a sum of products: the adjoint times the others, summed over what it does not have."""
    others = [(letters, f.value(arg)) for i, (letters, arg) in enumerate(zip(entry.factors, op.args)) if i != position]
    shape = f.evaluation.values[op.args[position]].shape
    return contracted([(entry.result, g), *others], entry.factors[position], shape, f.product, f.zeros)


def _folded(f: BallField, op: Op, index: int, entry: EntryRule, g: Adjoint) -> Adjoint:
    """To entries of one argument: some in another place, or folded."""
    shape, (letters,) = f.value(op.args[0]).shape, entry.factors
    if entry.counts:  # every entry may decide which one it is
        return np.broadcast_to(f.evaluation.spread(index, g), shape)
    if entry.upto is not None:
        axis = letters.index(entry.upto[0])
        if entry.fold != "+":
            return ungrouped(_running(f, op, index, entry.fold, axis, g), shape, (axis,))
        return np.flip(np.add.accumulate(np.flip(g, axis), axis=axis), axis)
    there = entry.result.replace(ONE, "")
    kept = [letter for letter in letters if letter in there]
    if there != "".join(kept):
        g = g.transpose([there.index(letter) for letter in kept])
    restored = f.evaluation.spread(index, g)
    if entry.selects:
        return f.masked(restored, f.kept(index) > 0)
    return np.broadcast_to(restored, shape) if entry.fold == "+" else _others(f, op, entry.gone, restored)


def _running(f: BallField, op: Op, index: int, fold: str, axis: int, g: Adjoint) -> Adjoint:
    """To the entries of which the first ones were multiplied, or were the largest or the smallest, in rows."""
    g = groups(g, (axis,))
    count = g.shape[1]
    if fold != "*":
        return _to_places(f, index, axis, g)
    x = groups(f.value(op.args[0]), (axis,))
    before = np.multiply.accumulate(x, axis=1)
    columns = [g[:, count - 1 :]]  # what flows to each of the products, the last one first
    for position in range(count - 2, -1, -1):
        columns.append(g[:, position : position + 1] + columns[-1] * x[:, position + 1 : position + 2])
    columns.reverse()
    parts = [columns[0], *(columns[position] * before[:, position - 1 : position] for position in range(1, count))]
    return np.concatenate(parts, axis=1)


def _to_places(f: BallField, index: int, axis: int, g: Adjoint) -> Adjoint:
    """To the entries that stand in the result; those that tie may all matter to who reaches."""
    places, found = f.evaluation.places[index], f.zeros(g.shape)
    every = np.arange(len(places))
    for column in range(g.shape[1]):
        found[every, places[:, column]] = found[every, places[:, column]] + g[:, column]
    if isinstance(f, ReachField) and index in f.evaluation.special:
        found = found + groups(f.evaluation.special[index], (axis,)) * g.max(axis=1, keepdims=True)
    return found


def _placed(f: BallField, op: Op, entry: PlaceRule, g: Adjoint) -> list[Adjoint]:
    """To entries of the arguments, each in its place."""
    parts, shapes = [], [f.value(arg).shape for arg in op.args]
    for shape, (part, place, there) in zip(shapes, placed(entry, op.shape, shapes)):
        found, values = f.zeros(shape), arrays.as_array(g[part])
        if there is not None:
            values = f.masked(values, there)
        values = unbroadcast(values, np.broadcast_shapes(*map(np.shape, place)))
        if entry.repeats or there is not None:
            np.add.at(found, place, values)
        else:
            found[place] = values if values.ndim else values[()]
        parts.append(found)
    return parts


def _others(f: BallField, op: Op, gone: Sequence[int], g: Adjoint) -> Adjoint:
    """The product of all others, which needs no quotient: one of them may be 0."""
    x = f.value(op.args[0])
    rows = groups(x, gone)
    before, after = rows.copy(), rows.copy()
    before[:, 1:] = np.multiply.accumulate(rows[:, :-1], axis=1)
    after[:, :-1] = np.multiply.accumulate(rows[:, :0:-1], axis=1)[:, ::-1]
    before[:, 0] = after[:, -1] = f.one
    return f.times(g, ungrouped(before * after, x.shape, gone))


def _product(f: BallField, op: Op, inner: int, g: Adjoint) -> list[Adjoint]:
    """A vector on the left is a row, and on the right a column."""
    x, y = op.args
    one, other = (f.evaluation.values[arg].shape for arg in (x, y))
    outer = len(one) - inner
    middle = g.reshape(math.prod(one[:outer]), math.prod(other[inner:]))
    return [  # only the one that is wanted is computed
        lambda: _sampled(f, middle, y, inner, x) if x in f.samples else _turned(f, middle, y, inner).reshape(one),
        lambda: (
            _sampled(f, middle, x, outer, y, after=True)
            if y in f.samples
            else _turned(f, middle, x, outer, after=True).reshape(other)
        ),
    ]


def _sampled(f: BallField, middle: Adjoint, index: int, rows: int, matrix: int, after: bool = False) -> Adjoint:
    """Those adjoints of a matrix that are wanted, as a vector."""
    value = as_matrix(f.value(index), rows)
    if after:
        return sampled_products(value.T, middle.T, f.samples[matrix], middle.shape[1])
    return sampled_products(middle, value, f.samples[matrix], value.shape[0])


def _turned(f: BallField, middle: Adjoint, index: int, rows: int, after: bool = False) -> Adjoint:
    """Adjoints by the transpose of one side; a vector stands for the row or the column that it is there."""
    if len(f.evaluation.values[index].shape) == 2 and rows == 1:
        return f.after(index, middle) if after else f.before(middle, index)
    value = as_matrix(f.value(index), rows).T
    return f.product(value, middle) if after else f.product(middle, value)


def _of_matrix(f: BallField, op: Op, index: int, entry: MatrixRule, g: Adjoint) -> Adjoint:
    """To the matrix that a function of a whole one is taken of."""
    if entry.kind == "determinant":
        return _determinant(f, op, index, g)
    if entry.kind == "inverse":
        return _inverse(f, index, g)
    if entry.program is None:
        return f.through(index, op.args[0], entry, g)
    inner = f.evaluation.inside(index)
    position = inner.tape.inputs[MATRIX]
    found = sweep(f.inside(inner), inner.tape, {inner.tape.output: g}, [1] * len(inner.tape.ops), [position])
    return found[position] if position in found else f.zeros(inner.tape.ops[position].shape)


def _determinant(f: BallField, op: Op, index: int, g: Adjoint) -> Adjoint:
    """Of a singular matrix there is an adjugate, too, but no inverse to have it from: this is not finite there."""
    if isinstance(f, ReachField):
        return g * f.inverse(op.args[0]).T
    return f.settled(g * f.value(index) * f.inverse(op.args[0]).T)


def _inverse(f: BallField, index: int, g: Adjoint) -> Adjoint:
    turned = f.value(index).T
    return f.times(f.product(f.product(turned, g), turned), -1)
