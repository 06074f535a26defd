"""Formulas as a short program: what occurs several times, and what would be too long for a line, has a name.

The names are chosen on the tape, whose derivative operations are the reverse sweep with equal ones written once; each
definition is then built, and tidied, on its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import sympy

from gradcli.backends.symbolic.build import PastLimit, SymbolicTape, symbol
from gradcli.backends.symbolic.equal import alike
from gradcli.backends.symbolic.short.known_numbers import KnownNumbers
from gradcli.backends.symbolic.tidy import operations, tidy
from gradcli.tape.tape import Primitive, Tape

LINE = 32  # parts of a formula that fit on a line: about a hundred characters
PLAIN = 5  # parts of what is not worth a name of its own
WORTH = 2  # parts that a definition has to save: its name, and the equals sign
MAX_DEFINITIONS = 250  # that SymPy is asked for, at some milliseconds each


class StraightLine(NamedTuple):
    """Definitions, each in terms of the ones before it, and formulas in their terms."""

    definitions: dict[Any, Any]
    formulas: list[Any]

    @property
    def size(self) -> int:
        """How long it reads: the parts of all formulas, and a name for each definition."""
        return sum(map(operations, [*self.definitions.values(), *self.formulas])) + len(self.definitions)


class Cuts(NamedTuple):
    """The operations that formulas need, in order, and those of them that get names."""

    needed: list[int]
    cuts: set[int]


def straight_line(
    tape: SymbolicTape, outputs: Sequence[int], names: Mapping[int, str], prefix: str, typed: KnownNumbers
) -> StraightLine:
    """The formulas of these operations, in the names, and in further ones that begin with a prefix.

    Raises PastLimit where there would be very many of those, NoFormula where something has no finite form.
    """
    found = cuts(tape.tape, outputs, names).cuts
    if len(found) > MAX_DEFINITIONS:
        raise PastLimit(f"it would have {len(found):,} definitions, and {MAX_DEFINITIONS:,} is the limit")
    fresh = {index: f"{prefix} {index}" for index in sorted(found)}  # renamed when it is known which ones are left
    known = {**names, **fresh}
    definitions = {symbol(name): tape.define(index, known) for index, name in fresh.items()}
    shown = [tape.build(index, known) for index in outputs]
    return _renamed(_inlined(_shortened(definitions, shown, typed)), prefix)


def cuts(tape: Tape, outputs: Sequence[int], names: Mapping[int, str]) -> Cuts:
    """Which operations get names: those that occur several times, and those that would be too long for a line."""
    uses = Counter(outputs)
    needed: set[int] = set()
    stack = list(outputs)
    while stack:
        index = stack.pop()
        if index not in needed:
            needed.add(index)
            args = _args(tape, index, names)
            uses.update(args)
            stack.extend(args)
    sizes: dict[int, int] = {}
    cuts: set[int] = set()
    ordered = sorted(needed)
    for index in ordered:
        args = _args(tape, index, names)
        parts = [_size_of(arg, sizes, cuts) for arg in args]
        while 1 + sum(parts) > LINE:
            longest = max(range(len(args)), key=lambda i: parts[i] if _can_be_named(tape, args[i]) else 0)
            if parts[longest] == 1 or not _can_be_named(tape, args[longest]):
                break
            cuts.add(args[longest])
            parts = [_size_of(arg, sizes, cuts) for arg in args]
        size = sizes[index] = 1 + sum(parts)
        if (uses[index] - 1) * (size - 1) > WORTH and size > WORTH and _can_be_named(tape, index):
            cuts.add(index)
    return Cuts(ordered, cuts)


def _args(tape: Tape, index: int, names: Mapping[int, str]) -> tuple[int, ...]:
    op = tape.ops[index]
    return () if index in names else op.args if isinstance(op, Primitive) else op.args[:1]


def _size_of(index: int, sizes: Mapping[int, int], cuts: set[int]) -> int:
    return 1 if index in cuts else sizes[index]


def _can_be_named(tape: Tape, index: int) -> bool:
    """Whether an operation's value is a number, which can have a name; a condition cannot."""
    op = tape.ops[index]
    return not isinstance(op, Primitive) or not op.row.gives_truth


def _shortened(definitions: Mapping[Any, Any], formulas: Sequence[Any], typed: KnownNumbers) -> StraightLine:
    """Each definition tidied; what turns out to be plain, or an earlier one, has no name of its own."""
    kept: dict[Any, Any] = {}
    names: dict[Any, Any] = {}
    instead: dict[Any, Any] = {}
    for name, formula in definitions.items():
        found = _tidied(formula.xreplace(instead), typed)
        if _is_plain(found):
            instead[name] = found
        elif found in names:
            instead[name] = names[found]
        else:
            kept[name] = found
            names[found] = name
    return StraightLine(kept, [_tidied(formula.xreplace(instead), typed) for formula in formulas])


def _tidied(formula: Any, typed: KnownNumbers) -> Any:
    found = tidy(formula, typed)
    return found if alike(formula, found) else formula


def _is_plain(formula: Any) -> bool:
    """Whether this reads as fast as a name: -x, 2*x, a/b, sqrt(x)."""
    return operations(formula, PLAIN) <= PLAIN and not formula.has(sympy.Function)


def _inlined(program: StraightLine) -> StraightLine:
    """The program without the definitions that nothing uses; those that are used once stand there, while they fit."""
    definitions, formulas = dict(program.definitions), list(program.formulas)
    users: dict[Any, list[Any]] = {name: [] for name in definitions}
    for user, formula in [*enumerate(formulas), *definitions.items()]:
        for name in _names_in(formula, users):
            users[name].append(user)
    for name in reversed(list(definitions)):
        formula = definitions[name]
        if not users[name]:
            del definitions[name]
            for inner in _names_in(formula, users):
                users[inner].remove(name)
        elif len(users[name]) == 1:
            (user,) = users[name]
            whole = formulas[user] if isinstance(user, int) else definitions[user]
            if operations(whole) + operations(formula) > LINE:
                continue
            (formulas if isinstance(user, int) else definitions)[user] = whole.xreplace({name: formula})
            del definitions[name]
            for inner in _names_in(formula, users):
                users[inner].remove(name)
                users[inner].append(user)
    return StraightLine(definitions, formulas)


def _names_in(formula: Any, names: Mapping[Any, Any]) -> list[Any]:
    """The names in a formula, as often as they stand there."""
    return [part for part in sympy.preorder_traversal(formula) if part in names]


def _renamed(program: StraightLine, prefix: str) -> StraightLine:
    """The names that are left, counted in order."""
    fresh = {name: symbol(f"{prefix}{count}") for count, name in enumerate(program.definitions, 1)}
    definitions = {fresh[name]: formula.xreplace(fresh) for name, formula in program.definitions.items()}
    return StraightLine(definitions, [formula.xreplace(fresh) for formula in program.formulas])
