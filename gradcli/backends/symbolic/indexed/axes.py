"""Sizes as letters: which dimensions have to be equal for a program to have a meaning, whatever they are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import sympy

from gradcli.functions.entries import ONE, EntryRule, MatrixRule, PlaceRule, SizeRule
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
        if isinstance(entry, PlaceRule):
            return self._placed(op, given, entry)
        if isinstance(entry, MatrixRule):
            if entry.takes_any:
                return self._fixed(op, given)
            self.unify(*given[0])
            return given[0][: len(op.shape)]
        return () if isinstance(entry, SizeRule) else self._fixed(op, given)

    def _folded(self, op: Op, given: Sequence[Sizes], entry: EntryRule) -> Sizes:
        """By the row's own rule: dimensions with one letter have one size; a diagonal has the smaller one."""
        known: dict[str, tuple[Any, int]] = {}
        for letters, sizes, arg in zip(entry.factors, given, op.args):
            for letter, size, value in zip(letters, sizes, self.tape.ops[arg].shape):
                if letter == ONE:
                    self.unify(size, sympy.S.One)
                    continue
                before = known.setdefault(letter, (size, value))
                if before[1] == value:
                    self.unify(before[0], size)
                elif value < before[1]:
                    known[letter] = size, value
        if entry.upto is not None:
            known[entry.upto[1]] = known[entry.upto[0]]
        return tuple(sympy.S.One if letter == ONE else known[letter][0] for letter in entry.result)

    def _placed(self, op: Op, given: Sequence[Sizes], entry: PlaceRule) -> Sizes:
        """The parts have the same sizes, but for those along which they stand."""
        if entry.along is None:
            for dim in entry.fixed:
                self.fix(given[0][dim])
            sizes = entry.sizes(given)
            return self._fixed(op, given) if sizes is None else tuple(sympy.S.One * size for size in sizes)
        for sizes in given[1:]:
            for i, (a, b) in enumerate(zip(given[0], sizes)):
                if entry.new or i != entry.along:
                    self.unify(a, b)
        before, after = given[0][: entry.along], given[0][entry.along + (not entry.new) :]
        count = len(given) if entry.new else sympy.Add(*(sizes[entry.along] for sizes in given))
        return (*before, sympy.Integer(count) if entry.new else count, *after)

    def _fixed(self, op: Op, given: Sequence[Sizes]) -> Sizes:
        """Sizes that are numbers, whatever the arguments': only for those of this program."""
        for sizes in given:
            for size in sizes:
                self.fix(size)
        return _numbers(op)

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
