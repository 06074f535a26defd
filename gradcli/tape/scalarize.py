"""Tensors written out into numbers: the entries that are asked for, and what they are computed from.

The reference judges numbers; here a program over tensors becomes one over their entries, by definitions that
know nothing of torch. Only what an entry needs is written out, without recursion. Where just some entries of
the variables vary, the part of a sum that stays constant is one operation, a `rest`, whose value is needed
only where something that is not linear comes after it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Union

from gradcli.errors import Source
from gradcli.functions.entries import Entry, EntryRule
from gradcli.functions.shapes import Shape
from gradcli.tape.arrays import Array
from gradcli.tape.dependence import entry_rule, held_by_diff
from gradcli.tape.emit import Emitter
from gradcli.tape.sweep import derivative
from gradcli.tape.tape import ConstantNumber, ConstantTensor, Custom, Input, Primitive, Tape

if TYPE_CHECKING:
    from gradcli.tape.activity import ActiveEntries

MAX_UNROLLED = 60_000  # operations on numbers

Index = tuple[int, ...]
Key = tuple[int, Index]
Asking = Generator[Key, int, int]  # asks for entries, and is sent the operations that compute them
Rule = Callable[["Unroller", Primitive, int, Index], Asking]
Point = Mapping[str, Union[Fraction, Array]]


def entry_name(name: str, index: Index) -> str:
    """What an entry of a variable is called on the tape of numbers."""
    return f"{name}[{','.join(map(str, index))}]" if index else name


class Unroller:
    """Writes out entries of one tape, whose rows with a definition are written out already.

    tape      of tensors
    point     the value of each variable; those not in `free` are constants
    free      variables, and intermediates, whose entries are to be differentiated by
    rough     the value of an operation in doubles, for the order of pivots
    active    which entries depend on the chosen ones; without it all of them are written out
    """

    def __init__(
        self,
        tape: Tape,
        point: Point,
        free: Collection[str],
        source: Source,
        rough: Mapping[int, Any] | None = None,
        active: ActiveEntries | None = None,
        needed: Collection[Key] | None = None,
    ) -> None:
        self.tape = tape
        self.point = point
        self.free = {name: place for name in free if (place := tape.find(name)) is not None}
        self.source = source
        self.rough = rough or {}
        self.active = active
        self.needed = needed
        self.numbers = Tape(most=MAX_UNROLLED)
        self.not_finite: dict[str, float] = {}  # inputs of the tape of numbers whose values are not finite
        self.variables: dict[str, tuple[str, Index]] = {}  # what the inputs of the tape of numbers are entries of
        self.known: dict[Key, int] = {}
        self.constants: dict[Fraction, int] = {}
        self.rests: dict[int, Key] = {}
        self.entry_rules: dict[int, tuple[Entry, list[Shape]]] = {}
        self.names: dict[int, list[str]] = {}  # of the free ones, by the operation
        for name, place in self.free.items():
            self.names.setdefault(place, []).append(name)
        self.inner = held_by_diff(tape)
        self.held: set[int] = set()  # on the tape of numbers: what something is differentiated by
        self.current: Key = (-1, ())  # the entry that is being written out

    def entry(self, index: int, at: Index) -> int:
        """The operation on the tape of numbers that computes an entry.

        Raises LimitError where it takes too many of them.
        """
        key = (index, at)
        waiting: list[tuple[Key, Asking]] = []
        while key not in self.known or waiting:
            if key in self.known:
                above, asking = waiting[-1]
                self.current = above
                try:
                    key = asking.send(self.known[key])
                except StopIteration as done:
                    waiting.pop()
                    key = self.keep(above, done.value)
                continue
            asking = self._asking(*key)
            waiting.append((key, asking))
            self.current = key
            try:
                key = next(asking)
            except StopIteration as done:
                waiting.pop()
                key = self.keep(key, done.value)
        return self.known[key]

    def keep(self, key: Key, place: int) -> Key:
        """Remember where an entry stands; an entry that is differentiated by has an operation of its own."""
        index, at = key
        names, label = self.names.get(index, ()), self.tape.variable(index)
        free = self._is_free(index, at)
        if not free and (index in self.inner or (names and label not in names)):
            place = self.call("pos", place)
            free = True
        if free:
            self.held.add(place)
            for name in names:
                if name != label:
                    self.numbers.named[entry_name(name, at)] = place
        self.known[key] = place
        return key

    def _is_free(self, index: int, at: Index) -> bool:
        """Whether this is an entry of a variable, and itself an input."""
        op = self.tape.ops[index]
        return (
            isinstance(op, Input)
            and op.label in self.free
            and (self.active is None or self.active.is_chosen(index, at))
        )

    # What an entry is made of

    def _asking(self, index: int, at: Index) -> Asking:
        op = self.tape.ops[index]
        if isinstance(op, ConstantTensor):
            return self._constant(Fraction(op.data[at]))
        if isinstance(op, ConstantNumber):
            return self._constant(op.value)
        if isinstance(op, Custom):
            return self._same(op, at)
        if isinstance(op, Input):
            return self._variable(op, at)
        if op.row.shape is None and op.row.name != "diff":
            return self._elementwise(op, at)
        return self.rule(op.row.name)(self, op, index, at)

    def rule(self, name: str) -> Rule:
        """What an entry of a row for tensors is made of."""
        raise NotImplementedError

    def _constant(self, value: Fraction) -> Asking:
        return self.number(value)
        yield

    def _same(self, op: Custom, at: Index) -> Asking:
        return (yield op.args[0], at)

    def _variable(self, op: Input, at: Index) -> Asking:
        name = op.label
        value = self.point[name]
        number = value[at] if isinstance(value, Array) else value
        is_finite = isinstance(number, Fraction) or math.isfinite(number)
        if is_finite and not self._is_free(self.tape.inputs[name], at):
            return self.number(Fraction(number))
        entry = entry_name(name, at)
        if not is_finite:
            self.not_finite[entry] = float(number)
        self.variables[entry] = name, at
        return self.numbers.input(entry)
        yield

    def _elementwise(self, op: Primitive, at: Index) -> Asking:
        args = []
        for arg in op.args:
            args.append((yield arg, aligned(at, self.tape.ops[arg].shape)))
        return self.numbers.append(Primitive(row=op.row, args=tuple(args), span=op.span))

    # Building blocks for the rules

    def number(self, value: Fraction) -> int:
        """The operation of a constant."""
        if value not in self.constants:
            self.constants[value] = self.numbers.number(value)
        return self.constants[value]

    def call(self, name: str, *args: int) -> int:
        """The operation of a row of numbers, for the entry that is being written out."""
        index, _ = self.current
        return self.numbers.call(name, args, self.tape.ops[index].span)

    def fold(self, name: str, parts: Sequence[int]) -> int:
        """A row of two arguments applied from left to right."""
        total = parts[0]
        for part in parts[1:]:
            total = self.call(name, total, part)
        return total

    def shape(self, index: int) -> Shape:
        """The shape of an operation's result."""
        return self.tape.ops[index].shape

    def entry_rule(self, index: int) -> tuple[Entry, list[Shape]]:
        """What the row of an operation says that an entry of it is, and the shapes of its arguments."""
        if index not in self.entry_rules:
            op = self.tape.ops[index]
            rule = entry_rule(self.tape, op)
            assert rule is not None
            self.entry_rules[index] = rule, [self.shape(arg) for arg in op.args]
        return self.entry_rules[index]

    def varies(self, index: int, at: Index) -> bool:
        """Whether an entry depends on what is differentiated by."""
        return self.active is None or self.active.has(index, at)

    def rest(self, key: Key) -> int | None:
        """What stands for the constant part of a sum; None where that part has to be written out."""
        if self.needed is not None and key in self.needed:
            return None
        name = f"rest {key[0]} {key[1]}"
        place = self.numbers.input(name)
        self.rests[place] = key
        return place

    def derivative(self, value: int, by: int, order: int) -> int:
        """The derivative of one operation by another, as a further operation."""
        return derivative(Emitter(self.numbers, self.held), value, by, order, self.source)


def aligned(at: Index, shape: Shape) -> Index:
    """The entry of a broadcast operand that meets an entry of the result."""
    return tuple(0 if size == 1 else i for i, size in zip(at[len(at) - len(shape) :], shape)) if shape else ()


def unrolled_size(tape: Tape) -> int:
    """About how many operations on numbers a tape comes to."""
    total = 0
    for op in tape.ops:
        entries = math.prod(op.shape)
        given = [tape.ops[arg].shape for arg in op.args]
        entry = entry_rule(tape, op) if op.args else None
        if isinstance(op, Primitive) and op.row.eliminates:
            total += 3 * max(given[0]) ** 3
        elif isinstance(entry, EntryRule) and len(entry.factors) > 1 and entry.folded:
            total += len(entry.factors) * math.prod(entry.sizes(given).values())
        elif isinstance(entry, EntryRule) and entry.orders:
            total += math.prod(given[0]) * max(1, math.prod(given[0]).bit_length()) ** 2
        else:
            is_whole = given and isinstance(op, Primitive) and op.row.shape is not None
            total += max(entries, *map(math.prod, given)) if is_whole else entries
    return total
