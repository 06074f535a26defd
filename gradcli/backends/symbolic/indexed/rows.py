"""The formula of an entry of each row for tensors."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from operator import itemgetter
from typing import Any

import sympy
from sympy import Eq, Integer, KroneckerDelta, Piecewise, S

from gradcli.backends.symbolic.build import NoFormula, symbol
from gradcli.backends.symbolic.indexed.derivative import derivative
from gradcli.backends.symbolic.indexed.formulas import Index, Indexed, Opaque
from gradcli.backends.symbolic.indexed.notation import (
    Largest,
    ListedIndex,
    Multiple,
    Smallest,
    base,
    fresh,
    over,
    total,
)
from gradcli.functions.entries import ONE, EntryRule, MatrixRule, PlaceRule, SignRule, SizeRule
from gradcli.tape.dependence import entry_rule
from gradcli.tape.tape import ConstantNumber, Derivative, Input, Primitive, Tape
from gradcli.tape.trees import known_as, tree_of

MAX_LISTED = 16  # entries of a list, or parts of a chain, that are written out as cases


class IndexFormulas(Indexed):
    """The formulas of a tape by the rules of this file."""

    def rule(self, name: str) -> Callable[..., Any]:
        """The formula of the entries of a row for tensors."""
        return _diff if name == "diff" else _entry


FOLDS: dict[str, Callable[..., Any]] = {
    "+": total,
    "*": partial(over, Multiple),
    "max": partial(over, Largest),
    "min": partial(over, Smallest),
}


NOTHING: dict[str, Any] = {"+": S.Zero, "*": S.One}  # what stands for entries that are left out


def _entry(f: Indexed, op: Primitive, index: int, here: Index) -> Any:
    """An entry by the row's own rule."""
    entry = entry_rule(f.tape, op)
    assert entry is not None
    if isinstance(entry, SizeRule):
        return sympy.Mul(*(f.sizes(op.args[0])[dim] for dim in entry.dims))
    if isinstance(entry, SignRule):
        return f.named(index)[here]
    if isinstance(entry, PlaceRule):
        return _placed(f, op, index, here, entry)
    if isinstance(entry, MatrixRule):
        return _whole(f, op, index, here, entry.kind)
    if entry.fold == "median":
        return _whole(f, op, index, here, entry.fold)
    if entry.counts:  # a constant, as far as derivatives go
        named = f.named(index)
        return named[here] if here else symbol(str(named.label))
    if entry.upto is not None and entry.fold not in NOTHING:
        axis = entry.factors[0].index(entry.upto[0])
        return _whole(f, op, index, here, entry.fold, axis)
    return _folded(f, op, here, entry)


def _folded(f: Indexed, op: Primitive, here: Index, entry: EntryRule) -> Any:
    """Products of entries, folded over new indices."""
    at = dict(zip(entry.result[::-1], here[::-1])) | {letter: fresh() for letter in entry.folded}
    sizes = entry.sizes([f.sizes(arg) for arg in op.args])
    body = S.One
    for arg, inner in zip(op.args, entry.entries(at, S.Zero)):
        body = body * f.at(arg, inner)
    if entry.upto is not None:
        body = Piecewise((body, at[entry.upto[0]] <= at[entry.upto[1]]), (NOTHING[entry.fold], True))
    for letter in reversed(entry.folded):
        body = FOLDS[entry.fold](body, at[letter], sizes[letter])
    for letter, other in zip(entry.result, here):
        if letter != ONE and at[letter] != other:
            body = KroneckerDelta(at[letter], other) * body
    return body


def _placed(f: Indexed, op: Primitive, index: int, here: Index, entry: PlaceRule) -> Any:
    """The entry of the part that an index chooses; a long list of numbers keeps a name."""
    given = [f.sizes(arg) for arg in op.args]
    if entry.tables:
        return _looked_up(f, op, index, here, entry)
    starts, parts = entry.starts(given), []
    for arg, start in zip(op.args, starts):
        inner = entry.place(here, start, f.sizes(index), given)
        parts.append(f.at(arg, tuple(Integer(i) if isinstance(i, int) else i for i in inner)))
    if entry.inside is not None:
        there = sympy.And(*entry.inside(here, f.sizes(index), given))
        return Piecewise((parts[0], there), (S.Zero, True))
    if entry.along is None:
        return parts[0]
    if not entry.new:
        branches = [(part, here[entry.along] < stop) for part, stop in zip(parts, starts[1:])]
        return Piecewise(*branches[:-1], (parts[-1], True))
    plain = all(_is_number(f.tape, arg) for arg in op.args)
    if (plain and len(parts) > 2) or len(parts) > MAX_LISTED:
        if not plain:
            raise NoFormula(f"a list of {len(parts)} different entries has no formula for all of them")
        return f.named(index)[here]
    return _cases(parts, here[entry.along])


def _looked_up(f: Indexed, op: Primitive, index: int, here: Index, entry: PlaceRule) -> Any:
    """The entry that a short list of places chooses, written out as cases; a long list keeps a name."""
    given, sizes = [f.sizes(arg) for arg in op.args], f.sizes(index)
    along = {dim: size for table in entry.tables for dim, size in zip(table.dims, table.shape)}

    def at(here: Index, looked: Sequence[Any]) -> Any:
        inner = entry.place(here, 0, sizes, given, *looked)
        return f.at(op.args[0], tuple(Integer(i) if isinstance(i, int) else i for i in inner))

    if math.prod(along.values()) > MAX_LISTED:
        tables = [f.table(index, position, table) for position, table in enumerate(entry.tables)]
        return at(here, [ListedIndex(one, *(here[dim] for dim in one.table.dims)) for one in tables])

    def chosen(whole: Index, left: Sequence[int]) -> Any:
        if not left:
            return at(whole, [table.at([int(i) if i.is_Integer else 0 for i in whole]) for table in entry.tables])
        dim, *rest = left
        parts = [chosen((*whole[:dim], Integer(i), *whole[dim + 1 :]), rest) for i in range(along[dim])]
        return _cases(parts, here[dim])

    return chosen(here, sorted(along))


def _cases(parts: Sequence[Any], at: Any) -> Any:
    """The part that an index chooses."""
    if isinstance(at, Integer):
        return parts[int(at)]
    if all(part == parts[0] for part in parts):
        return parts[0]
    branches = [(part, Eq(at, i)) for i, part in enumerate(parts[:-1])]
    return Piecewise(*branches, (parts[-1], True), evaluate=False)


def _is_number(tape: Tape, index: int) -> bool:
    stack = [index]
    while stack:
        op = tape.ops[stack.pop()]
        if not isinstance(op, ConstantNumber) and op.called not in ("[]", "neg"):
            return False
        stack.extend(op.args)
    return True


def _whole(f: Indexed, op: Primitive, index: int, here: Index, kind: str, axis: int | None = None) -> Any:
    """A function of all entries of its argument at once, or of those along a dimension."""
    if kind == "median" and here:
        raise NoFormula("a median along a dimension has none by entries")
    (arg,) = op.args
    name = f.label(tree_of(f.tape, index))
    key = base(name).label if here else symbol(name)
    entry, sizes = partial(f.at, arg), f.sizes(arg)
    value, argument = itemgetter(index), itemgetter(arg)
    f.opaque[key] = Opaque(kind, known_as(f.tape, arg), entry, sizes, f.sizes(index), value, argument, axis)
    return base(name)[here] if here else key


def _diff(f: Indexed, op: Primitive, index: int, here: Index) -> Any:
    value, by = op.args
    inner = f.tape.ops[by]
    if not isinstance(inner, Input):
        raise NoFormula("a derivative inside the program by an intermediate has no formula")
    found = f.at(value, ())
    assert isinstance(op, Derivative)
    for _ in range(op.order):
        found = derivative(f, found, inner.label or "", here, f.sizes(by))
    return found
