"""The formulas of a program one statement at a time: what has a name of its own in a derivation.

The program's intermediates keep their names; a sum over an index inside something that is not linear is given a
letter, as a person does before the chain rule.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sympy import S

from gradcli.backends.symbolic.build import symbol
from gradcli.backends.symbolic.indexed.axes import Axes
from gradcli.backends.symbolic.indexed.formulas import Index
from gradcli.backends.symbolic.indexed.notation import base, place
from gradcli.backends.symbolic.indexed.rows import IndexFormulas
from gradcli.functions.entries import EntryRule, MatrixRule, SignRule, SizeRule
from gradcli.tape.dependence import depends, entry_rule, reaches
from gradcli.tape.tape import Derivative, Input, Op, Primitive, Tape

LETTERS = "uvwhgacdbefoz"
MAX_NAMED = 40  # of a derivation


class NamedFormulas(IndexFormulas):
    """The formulas of a tape where operations have names; `own` is what a name stands for.

    Letters stand for operations that the program gives no name; dimensions of size 1 they do not have.
    """

    def __init__(self, tape: Tape, axes: Axes, names: Mapping[int, str], letters: Mapping[int, str]) -> None:
        super().__init__(tape, axes, {**names, **letters})
        self.letters = letters

    def own(self, index: int, at: Index) -> Any:
        """The formula of an entry of an operation in terms of what has a name before it.

        Raises NoFormula where there is none.
        """
        for arg in self.tape.ops[index].args:
            self._build(arg)
        named, self.targets = self.targets, {k: name for k, name in self.targets.items() if k != index}
        try:
            formula = super()._formula(index)
        finally:
            self.targets = named
        return formula.xreplace(dict(zip(map(place, range(len(at))), at)))

    def entry_of(self, index: int, at: Index) -> Any:
        """A named operation's entry as it is written."""
        shown = self.shown(index, at)
        return base(self.targets[index])[shown] if shown else symbol(self.targets[index])

    def shown(self, index: int, at: Index) -> Index:
        """The indices that are written."""
        if index not in self.letters:
            return at
        return tuple(i for i, size in zip(at, self.sizes(index)) if size != S.One)

    def sizes_at(self, index: int) -> tuple[Any, ...]:
        """The sizes of the dimensions that entries of an operation show."""
        return self.shown(index, self.sizes(index))

    def _formula(self, index: int) -> Any:
        if index in self.letters:
            return self.entry_of(index, tuple(map(place, range(len(self.tape.ops[index].shape)))))
        return super()._formula(index)


def names_of(tape: Tape, output: int, targets: Collection[int]) -> dict[int, str]:
    """The intermediates that the output uses and the program names, by their place."""
    used, inner = used_by(tape, output, targets), _inside_diff(tape)
    found: dict[int, str] = {}
    for name, index in tape.named.items():
        if used[index] and index != output and not isinstance(tape.ops[index], Input) and not inner[index]:
            found.setdefault(index, name)
    return {index: found[index] for index in sorted(found)} | {
        index: name for name, index in tape.named.items() if index in targets
    }


def lettered_operations(
    tape: Tape, output: int, targets: Collection[int], names: Collection[int], taken: Collection[str]
) -> dict[int, str]:
    """The operations that are given a letter."""
    active = _moving(tape, targets)
    used, inner = used_by(tape, output, targets), _inside_diff(tape)
    runs = bytearray(len(tape.ops))  # whether the formula of an operation has a sum over an index
    chosen: list[int] = []
    for index, op in enumerate(tape.ops):
        for position, arg in enumerate(op.args):
            fits = (
                used[index] and active[arg] and runs[arg] and not inner[arg] and arg not in chosen and arg not in names
            )
            if fits and _bends(tape, index, position, active):
                chosen.append(arg)
        inherits = any(runs[arg] and arg not in names and arg not in chosen for arg in op.args)
        runs[index] = inherits or _runs(tape, op)
    letters = [letter for letter in LETTERS if letter not in taken]
    letters += [name for i in range(1, len(chosen) + 1) if (name := f"u{i}") not in taken]
    return dict(zip(sorted(chosen), letters[:MAX_NAMED]))


def used_by(tape: Tape, output: int, targets: Collection[int]) -> bytearray:
    """For each operation, whether the output uses it, other than through what it is differentiated by."""
    flags = bytearray(len(tape.ops))
    flags[output] = 1
    for index in range(output, -1, -1):
        if flags[index] and index not in targets:
            for arg in tape.ops[index].args:
                flags[arg] = 1
    return flags


def _inside_diff(tape: Tape) -> bytearray:
    """For each operation, whether the program itself differentiates it: there it is written out."""
    return reaches(tape, [arg for op in tape.ops if isinstance(op, Derivative) for arg in op.args])


def _moving(tape: Tape, targets: Collection[int]) -> bytearray:
    """For each operation, whether a derivative flows; how many entries something has depends on none of them."""
    active = depends(tape, targets, derivatives=True)
    for index, op in enumerate(tape.ops):
        if active[index] and op.args and index not in targets:
            counts = isinstance(entry_rule(tape, op), (SizeRule, SignRule))
            active[index] = not counts and any(active[arg] for arg in op.args)
    return active


def _runs(tape: Tape, op: Op) -> bool:
    """Whether the formula of an operation runs over an index."""
    entry = entry_rule(tape, op)
    return isinstance(entry, EntryRule) and entry.runs


def _bends(tape: Tape, index: int, position: int, active: bytearray) -> bool:
    """Whether an operation is not linear in an argument, or runs over an index itself."""
    op = tape.ops[index]
    if not isinstance(op, Primitive):
        return False
    name = op.row.name
    if op.row.shape is not None:
        entry = entry_rule(tape, op)
        return entry is None or isinstance(entry, MatrixRule) or (isinstance(entry, EntryRule) and entry.bends)
    if op.row.signs or name == "detach":
        return False
    others = any(active[arg] for i, arg in enumerate(op.args) if i != position)
    if name == "*" or (name == "/" and position == 0):
        return others
    return not (name == "where" and position == 0)
