"""The reverse sweep on whole tensors: what flows from each operation to its arguments."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np

from gradcli.backends.arb.tensors import arrays
from gradcli.backends.arb.tensors.enclosures import NotEnclosed
from gradcli.backends.arb.tensors.fields import BallField, ReachField
from gradcli.backends.arb.tensors.forward import cross, groups, product, subs, ungrouped
from gradcli.backends.arb.tensors.leaf import sampled_products
from gradcli.functions import shapes
from gradcli.tape.tape import Custom, Op, Primitive, Tape

Adjoint = Any  # an array of the operation's shape


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
        rule = RULES.get(op.row.name)
        if rule is None:
            raise NotEnclosed(op.row.name)
        found_by_rule: Sequence[Adjoint | None] = rule(field, op, index, adjoint)
        return found_by_rule
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


def _restored(adjoint: Adjoint, op: Primitive, shape: Sequence[int]) -> Adjoint:
    """The adjoint of a reduction with its reduced dimensions again, of size 1."""
    gone = shapes.dims(tuple(shape), op.statics[0])
    return adjoint.reshape([1 if place in gone else size for place, size in enumerate(shape)])


def _sum(f: BallField, op: Primitive, index: int, g: Adjoint) -> list[Adjoint]:
    shape = f.value(op.args[0]).shape
    return [np.broadcast_to(_restored(g, op, shape), shape)]


def _prod(f: BallField, op: Primitive, index: int, g: Adjoint) -> list[Adjoint]:
    """The product of all others, which needs no quotient: one of them may be 0."""
    x = f.value(op.args[0])
    rows = groups(x, op.statics[0])
    before, after = rows.copy(), rows.copy()
    before[:, 1:] = np.multiply.accumulate(rows[:, :-1], axis=1)
    after[:, :-1] = np.multiply.accumulate(rows[:, :0:-1], axis=1)[:, ::-1]
    before[:, 0] = after[:, -1] = f.one
    others = ungrouped(before * after, x.shape, op.statics[0])
    return [f.times(_restored(g, op, x.shape), others)]


def _chosen(f: BallField, op: Primitive, index: int, g: Adjoint) -> list[Adjoint]:
    return [f.masked(_restored(g, op, f.value(op.args[0]).shape), f.kept(index) > 0)]


def _cumsum(f: BallField, op: Primitive, index: int, g: Adjoint) -> list[Adjoint]:
    gone = shapes.dims(g.shape, op.statics[0])
    return [np.flip(np.add.accumulate(np.flip(g, gone[0]), axis=gone[0]), gone[0]) if gone else g]


def _matmul(f: BallField, op: Primitive, index: int, g: Adjoint) -> list[Adjoint]:
    """A vector on the left is a row, and on the right a column."""
    x, y = op.args
    one, other = (f.evaluation.values[arg].shape for arg in (x, y))
    rows, columns = one[0] if len(one) == 2 else 1, other[1] if len(other) == 2 else 1
    middle = g.reshape(rows, columns)
    return [  # only the one that is wanted is computed
        lambda: _sampled(f, middle, y, other, x) if x in f.samples else _turned(f, middle, y, other).reshape(one),
        lambda: (
            _sampled(f, middle, x, one, y, after=True)
            if y in f.samples
            else _turned(f, middle, x, one, after=True).reshape(other)
        ),
    ]


def _sampled(
    f: BallField, middle: Adjoint, index: int, shape: Sequence[int], matrix: int, after: bool = False
) -> Adjoint:
    """Those adjoints of a matrix that are wanted, as a vector."""
    value = f.value(index)
    if after:
        turned = value[None, :].T if len(shape) == 1 else value.T
        return sampled_products(turned, middle.T, f.samples[matrix], middle.shape[1])
    turned = value[:, None] if len(shape) == 1 else value
    return sampled_products(middle, turned, f.samples[matrix], turned.shape[0])


def _turned(f: BallField, middle: Adjoint, index: int, shape: Sequence[int], after: bool = False) -> Adjoint:
    """Adjoints by the transpose of one side; a vector stands for the row or the column that it is there."""
    if len(shape) == 2:
        return f.after(index, middle) if after else f.before(middle, index)
    value = f.value(index)
    return f.product(value[:, None], middle) if after else f.product(middle, value[None, :])


def _outer(f: BallField, op: Primitive, index: int, g: Adjoint) -> list[Adjoint]:
    x, y = f.value(op.args[0]), f.value(op.args[1])
    return [product(g, y, f.product), product(x, g, f.product)]


def _cross(f: BallField, op: Primitive, index: int, g: Adjoint) -> list[Adjoint]:
    x, y = f.value(op.args[0]), f.value(op.args[1])
    return [cross(y, g, f.minus), cross(g, x, f.minus)]


def _diag(f: BallField, op: Primitive, index: int, g: Adjoint) -> list[Adjoint]:
    if g.ndim == 2:
        return [g.diagonal()]
    found = f.zeros(f.value(op.args[0]).shape)
    found[np.arange(len(g)), np.arange(len(g))] = g
    return [found]


def _listed(f: BallField, op: Primitive, index: int, g: Adjoint) -> list[Adjoint]:
    place = op.statics[0] % len(op.shape) if op.statics else 0
    return [arrays.as_array(part) for part in np.moveaxis(g, place, 0)]


def _cat(f: BallField, op: Primitive, index: int, g: Adjoint) -> list[Adjoint]:
    place = op.statics[0] % len(op.shape)
    ends = np.cumsum([f.value(arg).shape[place] for arg in op.args])[:-1]
    return list(np.split(g, ends, axis=place))


def _index(f: BallField, op: Primitive, index: int, g: Adjoint) -> list[Adjoint]:
    found = f.zeros(f.value(op.args[0]).shape)
    found[subs(op)] = g if g.ndim else g[()]
    return [found]


def _cross_entropy(f: BallField, op: Primitive, index: int, g: Adjoint) -> list[Adjoint]:
    return [f.times(g, f.kept(index))]


def _det(f: BallField, op: Primitive, index: int, g: Adjoint) -> list[Adjoint]:
    """Of a singular matrix there is an adjugate, too, but no inverse to have it from: this is not finite there."""
    if isinstance(f, ReachField):
        return [g * f.inverse(op.args[0]).T]
    return [f.settled(g * f.value(index) * f.inverse(op.args[0]).T)]


def _inv(f: BallField, op: Primitive, index: int, g: Adjoint) -> list[Adjoint]:
    turned = f.value(index).T
    return [f.times(f.product(f.product(turned, g), turned), -1)]


def _pinv(f: BallField, op: Primitive, index: int, g: Adjoint) -> list[Adjoint]:
    """By the rule of Golub and Pereyra, for full rank."""
    x, p, inner = f.value(op.args[0]), f.value(index), f.kept(index)
    first = f.product(f.product(p.T, g), p.T)
    if x.shape[0] >= x.shape[1]:
        once = f.product(g.T, inner)
        second = f.minus(once, f.product(x, f.product(p, once)))
    else:
        once = f.product(inner, g.T)
        second = f.minus(once, f.product(f.product(once, p), x))
    return [f.minus(second, first)]


RULES: Mapping[str, Callable[..., Any]] = {
    "sum": _sum,
    "prod": _prod,
    "amax": _chosen,
    "amin": _chosen,
    "median": _chosen,
    "count": lambda f, op, index, g: [None],
    "cumsum": _cumsum,
    "@": _matmul,
    "outer": _outer,
    "cross": _cross,
    "transpose": lambda f, op, index, g: [g.T],
    "diag": _diag,
    "[]": _listed,
    "stack": _listed,
    "cat": _cat,
    "x[]": _index,
    "reshape": lambda f, op, index, g: [g.reshape(f.value(op.args[0]).shape)],
    "cross_entropy": _cross_entropy,
    "det": _det,
    "inv": _inv,
    "pinv": _pinv,
}
