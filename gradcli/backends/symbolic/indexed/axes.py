"""Sizes as letters: which dimensions have to be equal for a program to have a meaning, whatever they are."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from typing import Any

import sympy

from gradcli.functions import shapes
from gradcli.functions.entries import ONE, EntryRule
from gradcli.tape.dependence import entry_rule
from gradcli.tape.interpret import Rules, interpret
from gradcli.tape.tape import Input, Op, Primitive, Tape

LETTERS = "nmpqrstuvw"
Sizes = tuple[Any, ...]


class Axes:
    """The sizes of every operation's dimensions: letters, numbers, or expressions of both."""

    def __init__(self, tape: Tape, taken: Collection[str]) -> None:
        self.tape = tape
        self.same: dict[Any, Any] = {}
        self.values: dict[Any, int] = {}
        self.sizes: list[Sizes] = []
        rules = Rules(_numbers, self._of_row, _numbers, input=self._of_variable)
        interpret(tape, rules, values=self.sizes)
        self._settle(taken)

    def here(self, expression: Any) -> Any:
        """An expression with the sizes put in."""
        return expression.xreplace({letter: sympy.Integer(value) for letter, value in self.values.items()})

    # Equal sizes

    def _resolved(self, size: Any) -> Any:
        while size.free_symbols & self.same.keys():
            size = size.xreplace(self.same)
        return size

    def unify(self, first: Any, second: Any) -> None:
        """Two sizes have to be equal."""
        a, b = self._resolved(first), self._resolved(second)
        if a == b:
            return
        if a.is_Symbol and a not in b.free_symbols:
            self.same[a] = b
        elif b.is_Symbol and b not in a.free_symbols:
            self.same[b] = a
        else:
            self.fix(a)
            self.fix(b)

    def fix(self, size: Any) -> None:
        """Sizes that cannot be any: only for these numbers has the program this form."""
        for letter in self._resolved(size).free_symbols:
            self.same[letter] = sympy.Integer(self.values[letter])

    def _settle(self, taken: Collection[str]) -> None:
        """Name what is left by letters: n for one size, m and n for two."""
        self.sizes = [tuple(self._resolved(size) for size in sizes) for sizes in self.sizes]
        order: list[Any] = []
        for index in self.tape.inputs.values():
            for size in self.sizes[index]:
                order += [letter for letter in sorted(size.free_symbols, key=str) if letter not in order]
        names = [letter for letter in LETTERS if letter not in taken] + [
            name for i in range(1, len(order) + 1) if (name := f"n{i}") not in taken
        ]
        chosen = names[: len(order)]
        if len(order) > 1:
            chosen[:2] = chosen[1::-1]
        renamed = {old: letter_symbol(name) for old, name in zip(order, chosen)}
        self.values = {renamed[old]: self.values[old] for old in order}
        self.sizes = [tuple(size.xreplace(renamed) for size in sizes) for sizes in self.sizes]

    # Sizes of results

    def _of_variable(self, op: Input) -> Sizes:
        return tuple(self._new(size) for size in op.shape)

    def _of_row(self, op: Primitive, given: Sequence[Sizes]) -> Sizes:
        if op.row.name == "diff":
            return given[1]
        if op.row.shape is None:
            return self._broadcast(op, given)
        entry = entry_rule(self.tape, op)
        if isinstance(entry, EntryRule):
            return self._folded(op, given, entry)
        return _RULES.get(op.row.name, _fixed)(self, op, given)

    def _folded(self, op: Op, given: Sequence[Sizes], entry: EntryRule) -> Sizes:
        """By the row's own rule: dimensions with one letter have one size; a diagonal has the smaller one."""
        known: dict[str, tuple[Any, int]] = {}
        for letters, sizes, arg in zip(entry.factors, given, op.args):
            for letter, size, value in zip(letters, sizes, self.tape.ops[arg].shape):
                before = known.setdefault(letter, (size, value))
                if before[1] == value:
                    self.unify(before[0], size)
                elif value < before[1]:
                    known[letter] = size, value
        if entry.upto is not None:
            known[entry.upto[1]] = known[entry.upto[0]]
        return tuple(sympy.S.One if letter == ONE else known[letter][0] for letter in entry.result)

    def _new(self, value: int) -> Any:
        letter = sympy.Symbol(f"_n{len(self.values)}", integer=True, positive=True)
        self.values[letter] = value
        return letter

    def _broadcast(self, op: Op, given: Sequence[Sizes]) -> Sizes:
        result: list[Any] = []
        for back in range(-len(op.shape), 0):
            wanted = op.shape[back]
            found = None
            for sizes, arg in zip(given, op.args):
                if len(sizes) < -back:
                    continue
                if self.tape.ops[arg].shape[back] != wanted:
                    self.unify(sizes[back], sympy.S.One)
                elif found is None:
                    found = sizes[back]
                else:
                    self.unify(found, sizes[back])
            result.append(found)
        return tuple(result)


def letter_symbol(name: str) -> Any:
    """A size."""
    return sympy.Symbol(name, integer=True, positive=True)


def _numbers(op: Op) -> Sizes:
    return tuple(sympy.Integer(size) for size in op.shape)


def _fixed(axes: Axes, op: Primitive, given: Sequence[Sizes]) -> Sizes:
    """Sizes that are numbers."""
    for sizes in given:
        for size in sizes:
            axes.fix(size)
    return _numbers(op)


def _reduced(axes: Axes, op: Primitive, given: Sequence[Sizes]) -> Sizes:
    dim, keepdim = op.statics
    gone = shapes.dims(axes.tape.ops[op.args[0]].shape, dim)
    sizes = given[0]
    if keepdim:
        return tuple(sympy.S.One if i in gone else size for i, size in enumerate(sizes))
    return tuple(size for i, size in enumerate(sizes) if i not in gone)


def _square(axes: Axes, op: Primitive, given: Sequence[Sizes]) -> Sizes:
    axes.unify(*given[0])
    return given[0] if op.shape else ()


def _list(axes: Axes, op: Primitive, given: Sequence[Sizes]) -> Sizes:
    for sizes in given[1:]:
        for a, b in zip(given[0], sizes):
            axes.unify(a, b)
    spot = op.statics[0] % len(op.shape) if op.statics else 0
    return (*given[0][:spot], sympy.Integer(len(given)), *given[0][spot:])


def _cat(axes: Axes, op: Primitive, given: Sequence[Sizes]) -> Sizes:
    spot = op.statics[0] % len(op.shape)
    for sizes in given[1:]:
        for i, (a, b) in enumerate(zip(given[0], sizes)):
            if i != spot:
                axes.unify(a, b)
    return (*given[0][:spot], sympy.Add(*(sizes[spot] for sizes in given)), *given[0][spot + 1 :])


def _index(axes: Axes, op: Primitive, given: Sequence[Sizes]) -> Sizes:
    result = []
    shape = axes.tape.ops[op.args[0]].shape
    for spot, size in enumerate(given[0]):
        sub = op.statics[spot] if spot < len(op.statics) else (None, None, None)
        if not isinstance(sub, int):
            result.append(_sliced(size, shape[spot], sub))
    return tuple(result)


def _sliced(size: Any, value: int, sub: tuple[int | None, int | None, int | None]) -> Any:
    start, stop, step = sub
    if step in (None, 1) and (start is None or start >= 0) and (stop is None or stop < 0):
        return size - (start or 0) + (stop or 0)
    return sympy.Integer(len(range(*slice(*sub).indices(value))))


def _reshape(axes: Axes, op: Primitive, given: Sequence[Sizes]) -> Sizes:
    wanted = op.statics[0] if len(op.statics) == 1 and isinstance(op.statics[0], tuple) else op.statics
    if -1 in wanted and math.prod(one for one in wanted if one != -1) == 1:
        return tuple(sympy.Mul(*given[0]) if one == -1 else sympy.S.One for one in wanted)
    return _fixed(axes, op, given)


_RULES: dict[str, Callable[[Axes, Primitive, Sequence[Sizes]], Sizes]] = {
    "median": _reduced, "count": lambda a, o, g: (), "cross_entropy": lambda a, o, g: (),
    "det": _square, "inv": _square, "pinv": lambda a, o, g: g[0][::-1], "[]": _list, "stack": _list, "cat": _cat,
    "x[]": _index, "reshape": _reshape,
}  # fmt: skip
