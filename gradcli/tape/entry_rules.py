"""What each entry of a tensor operation is, in terms of entries of its arguments."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from gradcli.errors import LimitError
from gradcli.functions import shapes
from gradcli.functions.entries import ONE, EntryRule, MatrixRule, PlaceRule, SignRule, SizeRule
from gradcli.tape.eliminate import cholesky, determinant, inverse
from gradcli.tape.scalarize import Asking, Index, Key, Rule, Unroller
from gradcli.tape.tape import Derivative, Primitive

EXTREMES: Mapping[str, Callable[..., float]] = {"max": max, "min": min}
FEW = 8  # entries whose largest one is looked for among all of them
MARGIN = 1e-3  # by the largest absolute value: far more than rounding, and than any step that the reference makes


class NotByNumbers(LimitError):
    """There is a function of a whole matrix that no finite number of operations on numbers computes."""

    def __init__(self, name: str) -> None:
        super().__init__(
            "writing out entries",
            f"{name} is not computed by operations on numbers, which this takes a program apart into",
            hint="gradcli diff and steps judge it on whole matrices",
        )


class Entries(Unroller):
    """Writes out entries of a tape by the rules of this file."""

    def rule(self, name: str) -> Rule:
        """What an entry of a row for tensors is made of."""
        return _diff if name == "diff" else _entry


def _entry(u: Unroller, op: Primitive, index: int, at: Index) -> Asking:
    """An entry by the row's own rule."""
    entry, given = u.entry_rule(index)
    if isinstance(entry, SizeRule):
        return u.number(Fraction(math.prod(given[0][dim] for dim in entry.dims)))
    if isinstance(entry, SignRule):
        return u.number(Fraction(int(entry.near(_rough(u, op))[at[0]])))
    if isinstance(entry, PlaceRule):
        return (yield from _placed(u, op, at, entry, given))
    if isinstance(entry, MatrixRule):
        return (yield from _eliminated(u, op, index, at, entry))
    return (yield from _folded(u, op, index, at, entry, given))


def _rough(u: Unroller, op: Primitive) -> Any:
    """The argument of an operation in doubles."""
    (arg,) = op.args
    if arg not in u.rough:
        raise NotByNumbers(op.row.name)
    return np.asarray(u.rough[arg], dtype=np.float64)


def _folded(
    u: Unroller, op: Primitive, index: int, at: Index, entry: EntryRule, given: Sequence[shapes.Shape]
) -> Asking:
    """Products of entries, folded. The constant part of a sum may be a rest."""
    here = dict(zip(entry.result, at))
    if any(here[letter] != i for letter, i in zip(entry.result, at) if letter != ONE):
        return u.number(Fraction(0))
    if entry.orders and entry.upto is not None:
        return (yield from _sorted(u, op, index, at, entry, given))
    if entry.upto is not None:
        return (yield from _running(u, op, index, at, entry))
    sizes = entry.sizes(given)
    ranges = {letter: range(size) for letter, size in sizes.items()} | {letter: (i,) for letter, i in here.items()}
    sums, rest = entry.fold == "+" and bool(entry.folded) and u.active is not None, None
    if len(op.args) == 1:
        products, rest = _of_one(u, (index, at), op.args[0], entry, ranges)
    else:
        products = [
            list(zip(op.args, entry.entries(here | dict(zip(entry.folded, places)), 0)))
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
    if entry.fold == "median":
        return _middle(u, parts)
    if entry.counts:
        return _place_of(u, parts, entry)
    return u.fold(entry.fold, parts if rest is None else [*parts, rest])


def _of_one(
    u: Unroller, key: Key, arg: int, entry: EntryRule, ranges: Mapping[str, Sequence[int]]
) -> tuple[list[list[Key]], int | None]:
    """The entries of a single argument that are folded, and the rest of a sum; of millions only those that vary."""
    (letters,), here = entry.factors, dict(zip(entry.result, key[1]))
    own = "".join(dict.fromkeys(letters))
    if u.active is not None and entry.fold == "+" and entry.folded:
        moving = list(u.active.among(arg, [here.get(one) for one in letters]))
        if len(own) < len(letters):  # a diagonal
            moving = [one for one in moving if len(set(zip(letters, one))) == len(own)]
        rest = u.rest(key) if len(moving) < math.prod(len(ranges[letter]) for letter in own) else None
        if rest is not None:
            return [[(arg, one)] for one in moving], rest
    spots = [own.index(letter) for letter in letters]
    every = itertools.product(*(ranges[letter] for letter in own))
    return [[(arg, tuple([one[spot] for spot in spots]))] for one in every], None


def _placed(u: Unroller, op: Primitive, at: Index, entry: PlaceRule, given: Sequence[shapes.Shape]) -> Asking:
    """One entry of one argument, or 0."""
    if entry.inside is not None and not all(entry.inside(at, op.shape, given)):
        return u.number(Fraction(0))
    starts = entry.starts(given)
    part = 0 if entry.along is None else bisect_right(starts, at[entry.along]) - 1
    return (yield op.args[part], entry.inner(at, starts[part], op.shape, given))


def _running(u: Unroller, op: Primitive, index: int, at: Index, entry: EntryRule) -> Asking:
    """An entry that folds one more than the one before it."""
    assert entry.upto is not None
    letter, end = entry.upto
    place = entry.result.index(end)
    (inner,) = entry.entries(dict(zip(entry.result.replace(end, letter), at)), 0)
    last = yield op.args[0], inner
    if at[place] == 0:
        return last
    before = yield index, (*at[:place], at[place] - 1, *at[place + 1 :])
    return u.call(entry.fold, before, last)


def _nearest(u: Unroller, products: list[list[Key]], extreme: Callable[..., float]) -> list[list[Key]]:
    """Of what the largest or smallest is looked for among, those that come near it at the point: they decide it."""
    if len(products) < FEW or any(arg not in u.rough for product in products for arg, _ in product):
        return products
    values = [math.prod(float(u.rough[arg][entry]) for arg, entry in product) for product in products]
    if not all(map(math.isfinite, values)):
        return products
    best, margin = extreme(values), MARGIN * max(map(abs, values))
    return [product for product, value in zip(products, values) if abs(value - best) <= margin]


def _sorted(
    u: Unroller, op: Primitive, index: int, at: Index, entry: EntryRule, given: Sequence[shapes.Shape]
) -> Asking:
    """An entry of those in order; the others are remembered. Where they stand far apart at the point, that is known."""
    assert entry.upto is not None
    (arg,), axis = op.args, entry.factors[0].index(entry.upto[0])
    keys = [(arg, (*at[:axis], i, *at[axis + 1 :])) for i in range(given[0][axis])]
    parts = []
    for key in keys:
        parts.append((yield key))
    found = []
    for together in _apart(u, keys):
        if entry.fold == "sorted":
            found += _in_order(u, [parts[i] for i in together])
        else:
            found += _places_in_order(u, [parts[i] for i in together], together)
    for place, part in enumerate(found):
        if place != at[axis]:
            u.keep((index, (*at[:axis], place, *at[axis + 1 :])), part)
    return found[at[axis]]


def _apart(u: Unroller, keys: Sequence[Key]) -> list[list[int]]:
    """Positions in ascending order of what is there at the point, those of which the order is not plain together."""
    if len(keys) < FEW or keys[0][0] not in u.rough:
        return [list(range(len(keys)))]
    values = [float(u.rough[arg][entry]) for arg, entry in keys]
    if not all(map(math.isfinite, values)):
        return [list(range(len(keys)))]
    margin = MARGIN * max(map(abs, values))
    order = sorted(range(len(keys)), key=values.__getitem__)
    groups = [[order[0]]]
    for before, i in itertools.pairwise(order):
        if values[i] - values[before] <= margin:
            groups[-1].append(i)
        else:
            groups.append([i])
    return groups


def _middle(u: Unroller, parts: list[int]) -> int:
    """The middle one."""
    return _in_order(u, parts)[(len(parts) - 1) // 2]


def _places_in_order(u: Unroller, parts: list[int], places: Sequence[int]) -> list[int]:
    """Where each stands that is put in ascending order."""
    numbers = [u.number(Fraction(place)) for place in places]
    for i in range(1, len(parts)):  # by insertion, so that those that tie stay in their order
        for j in range(i, 0, -1):
            swaps = u.call(">", parts[j - 1], parts[j])
            for row in (parts, numbers):
                row[j - 1], row[j] = (
                    u.call("where", swaps, row[j], row[j - 1]),
                    u.call("where", swaps, row[j - 1], row[j]),
                )
    return numbers


def _place_of(u: Unroller, parts: list[int], entry: EntryRule) -> int:
    """Where the first extreme one stands, among all that are folded in row-major order."""
    sign = ">" if entry.fold == "argmax" else "<"
    best, place = parts[0], u.number(Fraction(0))
    for i, part in enumerate(parts[1:], 1):
        better = u.call(sign, part, best)
        best, place = u.call("where", better, part, best), u.call("where", better, u.number(Fraction(i)), place)
    return place


def _in_order(u: Unroller, parts: list[int]) -> list[int]:
    """Numbers in ascending order, by a network of comparisons (Batcher's odd-even merge sort)."""
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
    return parts


def _eliminated(u: Unroller, op: Primitive, index: int, at: Index, entry: MatrixRule) -> Asking:
    """An entry of an inverse or a Cholesky factor, whose others are remembered, or a determinant."""
    (arg,) = op.args
    if not entry.is_by_numbers:
        raise NotByNumbers(op.row.name)
    rows, columns = u.shape(arg)
    matrix = []
    for i in range(rows):
        row = []
        for j in range(columns):
            row.append((yield arg, (i, j)))
        matrix.append(row)
    if entry.kind == "determinant":
        return determinant(u, matrix, u.rough.get(arg))
    found = inverse(u, matrix, u.rough.get(arg)) if entry.kind == "inverse" else cholesky(u, matrix)
    for i, j in itertools.product(range(rows), range(columns)):
        if (i, j) != at:
            u.keep((index, (i, j)), found[i][j])
    return found[at[0]][at[1]]


def _diff(u: Unroller, op: Primitive, index: int, at: Index) -> Asking:
    assert isinstance(op, Derivative)
    value = yield op.args[0], ()
    by = yield op.args[1], at
    return u.derivative(value, by, op.order)
