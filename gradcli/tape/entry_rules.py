"""What each entry of a tensor operation is, in terms of entries of its arguments."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from gradcli.functions import shapes
from gradcli.functions.entries import ONE, EntryRule, PlaceRule
from gradcli.tape.eliminate import determinant, inverse
from gradcli.tape.scalarize import Asking, Index, Key, Rule, Unroller
from gradcli.tape.tape import Derivative, Primitive

EXTREMES: Mapping[str, Callable[..., float]] = {"max": max, "min": min}
FEW = 8  # entries whose largest one is looked for among all of them
MARGIN = 1e-3  # by the largest absolute value: far more than rounding, and than any step that the reference makes


class Entries(Unroller):
    """Writes out entries of a tape by the rules of this file."""

    def rule(self, name: str) -> Rule:
        """What an entry of a row for tensors is made of."""
        return RULES.get(name, _folded)


def _folded(u: Unroller, op: Primitive, index: int, at: Index) -> Asking:
    """An entry by the row's own rule: products of entries, folded. The constant part of a sum may be a rest."""
    entry, given = u.entry_rule(index)
    if isinstance(entry, PlaceRule):
        return (yield from _placed(u, op, at, entry, given))
    here = dict(zip(entry.result, at))
    if any(here[letter] != i for letter, i in zip(entry.result, at) if letter != ONE):
        return u.number(Fraction(0))
    if entry.upto is not None:
        return (yield from _running(u, op, index, at, entry))
    sizes = entry.sizes(given)
    ranges = {letter: range(size) for letter, size in sizes.items()} | {letter: (i,) for letter, i in here.items()}
    sums, rest = entry.fold == "+" and bool(entry.folded) and u.varying is not None, None
    if len(op.args) == 1:  # there may be 100,000 of them, at each of many points
        (arg,), (letters,) = op.args, entry.factors
        every = list(itertools.product(*(ranges[letter] for letter in dict.fromkeys(letters))))
        every = every if len(set(letters)) == len(letters) else [one * 2 for one in every]
        moving = [one for one in every if u.varies(arg, one)] if sums else every
        rest = u.rest((index, at)) if len(moving) < len(every) else None
        products = [[(arg, one)] for one in (every if rest is None else moving)]
    else:
        products = [
            list(zip(op.args, entry.entries(here | dict(zip(entry.folded, places)))))
            for places in itertools.product(*(ranges[letter] for letter in entry.folded))
        ]
        if sums:
            some = [product for product in products if any(itertools.starmap(u.varies, product))]
            rest = u.rest((index, at)) if len(some) < len(products) else None
            products = products if rest is None else some
    if entry.fold in EXTREMES:
        products = _nearest(u, products, EXTREMES[entry.fold])
    parts = []
    for product in products:
        factors = []
        for key in product:
            factors.append((yield key))
        parts.append(u.fold("*", factors))
    return u.fold(entry.fold, parts if rest is None else [*parts, rest])


def _placed(u: Unroller, op: Primitive, at: Index, entry: PlaceRule, given: Sequence[shapes.Shape]) -> Asking:
    """One entry of one argument."""
    starts = entry.starts(given)
    part = 0 if entry.along is None else bisect_right(starts, at[entry.along]) - 1
    return (yield op.args[part], entry.place(at, starts[part], op.shape, given))


def _running(u: Unroller, op: Primitive, index: int, at: Index, entry: EntryRule) -> Asking:
    """An entry that folds one more than the one before it."""
    assert entry.upto is not None
    letter, end = entry.upto
    place = entry.result.index(end)
    (inner,) = entry.entries(dict(zip(entry.result.replace(end, letter), at)))
    last = yield op.args[0], inner
    if at[place] == 0:
        return last
    before = yield index, (*at[:place], at[place] - 1, *at[place + 1 :])
    return u.call(entry.fold, before, last)


def _over(shape: shapes.Shape, at: Index, dim: Any, keepdim: bool) -> list[Index]:
    """The entries that are reduced to one."""
    gone = shapes.dims(shape, dim)
    left = iter(at)
    ranges = []
    for place, size in enumerate(shape):
        if place not in gone:
            ranges.append([next(left)])
        else:
            if keepdim:
                next(left)
            ranges.append(list(range(size)))
    return list(itertools.product(*ranges))


def _nearest(u: Unroller, products: list[list[Key]], extreme: Callable[..., float]) -> list[list[Key]]:
    """Of what the largest or smallest is looked for among, those that come near it at the point: they decide it."""
    if len(products) < FEW or any(arg not in u.rough for product in products for arg, _ in product):
        return products
    values = [math.prod(float(u.rough[arg][entry]) for arg, entry in product) for product in products]
    if not all(map(math.isfinite, values)):
        return products
    best, margin = extreme(values), MARGIN * max(map(abs, values))
    return [product for product, value in zip(products, values) if abs(value - best) <= margin]


def _count(u: Unroller, op: Primitive, index: int, at: Index) -> Asking:
    shape = u.shape(op.args[0])
    return u.number(Fraction(math.prod(shape[place] for place in shapes.dims(shape, op.statics[0]))))
    yield


def _median(u: Unroller, op: Primitive, index: int, at: Index) -> Asking:
    """The middle one of the entries, put in order by a network of comparisons (Batcher's odd-even merge sort)."""
    parts = []
    for entry in _over(u.shape(op.args[0]), at, *op.statics):
        parts.append((yield op.args[0], entry))
    count = len(parts)
    p = 1
    while p < count:
        k = p
        while k >= 1:
            for j in range(k % p, count - k, 2 * k):
                for i in range(min(k, count - j - k)):
                    a, b = i + j, i + j + k
                    if a // (2 * p) == b // (2 * p):
                        parts[a], parts[b] = u.call("min", parts[a], parts[b]), u.call("max", parts[a], parts[b])
            k //= 2
        p *= 2
    return parts[(count - 1) // 2]


def _cross(u: Unroller, op: Primitive, index: int, at: Index) -> Asking:
    x, y = op.args
    first, second = (at[0] + 1) % 3, (at[0] + 2) % 3
    entries = []
    for arg, place in ((x, first), (y, second), (x, second), (y, first)):
        entries.append((yield arg, (place,)))
    return u.call("-", u.call("*", *entries[:2]), u.call("*", *entries[2:]))


def _cross_entropy(u: Unroller, op: Primitive, index: int, at: Index) -> Asking:
    (arg,), (target,) = op.args, op.statics
    targets = [((), target)] if isinstance(target, int) else [((row,), one) for row, one in enumerate(target)]
    losses = []
    for row, right in targets:
        scores = []
        for column in range(u.shape(arg)[-1]):
            scores.append((yield arg, (*row, column)))
        total = u.fold("+", [u.call("exp", score) for score in scores])
        losses.append(u.call("-", u.call("log", total), scores[right]))
    total = u.fold("+", losses)
    return total if len(losses) == 1 else u.call("/", total, u.number(Fraction(len(losses))))


def _matrix(u: Unroller, arg: int) -> Any:
    """All entries of a matrix."""
    rows, columns = u.shape(arg)
    matrix = []
    for i in range(rows):
        row = []
        for j in range(columns):
            row.append((yield arg, (i, j)))
        matrix.append(row)
    return matrix


def _det(u: Unroller, op: Primitive, index: int, at: Index) -> Asking:
    matrix = yield from _matrix(u, op.args[0])
    return determinant(u, matrix, u.rough.get(op.args[0]))


def _inv(u: Unroller, op: Primitive, index: int, at: Index) -> Asking:
    matrix = yield from _matrix(u, op.args[0])
    return _keep_all(u, index, inverse(u, matrix, u.rough.get(op.args[0])), at)


def _pinv(u: Unroller, op: Primitive, index: int, at: Index) -> Asking:
    """Of a matrix of full rank: inv(x.T@x)@x.T, or x.T@inv(x@x.T) where it is wide."""
    x = yield from _matrix(u, op.args[0])
    turned = [list(column) for column in zip(*x)]
    rough = u.rough.get(op.args[0])
    tall = len(x) >= len(turned)
    square = None if rough is None else (rough.T @ rough if tall else rough @ rough.T)
    inner = inverse(u, _times(u, turned, x) if tall else _times(u, x, turned), square)
    return _keep_all(u, index, _times(u, inner, turned) if tall else _times(u, turned, inner), at)


def _times(u: Unroller, x: list[list[int]], y: list[list[int]]) -> list[list[int]]:
    columns = list(zip(*y))
    return [[u.fold("+", [u.call("*", a, b) for a, b in zip(row, column)]) for column in columns] for row in x]


def _keep_all(u: Unroller, index: int, matrix: list[list[int]], at: Index) -> int:
    """Remember every entry of a matrix that was computed as a whole."""
    for i, row in enumerate(matrix):
        for j, place in enumerate(row):
            if (i, j) != at:
                u.keep((index, (i, j)), place)
    return matrix[at[0]][at[1]]


def _diff(u: Unroller, op: Primitive, index: int, at: Index) -> Asking:
    assert isinstance(op, Derivative)
    value = yield op.args[0], ()
    by = yield op.args[1], at
    return u.derivative(value, by, op.order)


RULES: dict[str, Rule] = {
    "count": _count, "median": _median, "cross": _cross,
    "cross_entropy": _cross_entropy,
    "det": _det, "inv": _inv, "pinv": _pinv, "diff": _diff,
}  # fmt: skip
