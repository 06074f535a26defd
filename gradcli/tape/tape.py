"""The program as a list of operations, in evaluation order: what every engine runs.

A tree is lowered once for each reading of it: calls of the program's own functions are written out, names
become references to where their value stands, literals are rounded to the dtype. Occurrences stay apart:
nothing is shared that the user did not share by giving it a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from gradcli.errors import LimitError, Span
from gradcli.functions import table
from gradcli.functions.entries import Entry, EntryRule
from gradcli.functions.row import Row
from gradcli.functions.shapes import Shape
from gradcli.tape.arrays import Array

MAX_OPERATIONS = 100_000  # of a program, its functions written out
MAX_WITH_DERIVATIVES = 400_000


class HandWritten(NamedTuple):
    """A derivative that the program gives to one of its functions: a tape by each parameter."""

    name: str
    params: tuple[str, ...]
    incoming: str | None
    partials: tuple[Tape, ...]
    around: tuple[str, ...] = ()  # further names that the tapes use


@dataclass(slots=True)
class Op:
    """One operation: an input, a number, a constant, or a row applied to earlier operations."""

    row: Row | None = None
    args: tuple[int, ...] = ()
    value: Fraction | None = None  # of a number or a constant, exact
    label: str | None = None  # of an input or a constant
    span: Span | None = None
    hand: HandWritten | None = None  # args: the body's value, the arguments, the values of the names around
    order: int = 1  # of a `diff`
    shape: Shape = ()
    statics: tuple[Any, ...] = ()  # what a row for tensors is told beside its arguments
    data: Array | None = None  # of a constant tensor
    rounded: bool = False  # whether a number is not what was typed, but the nearest one of the dtype

    @property
    def is_input(self) -> bool:
        """Whether this is a variable."""
        return self.row is None and self.value is None and self.hand is None and self.data is None

    @property
    def is_constant(self) -> bool:
        """Whether its value is known beforehand: a number, a named constant, a tensor even where a row made it."""
        return self.value is not None or self.data is not None

    @property
    def is_literal(self) -> bool:
        """Whether this is a number that stands in the program, and no named constant."""
        return self.value is not None and self.label is None

    @property
    def is_diff(self) -> bool:
        """Whether this is a derivative inside the program: of its first argument by its second one."""
        return self.row is not None and self.row.name == "diff"

    @property
    def is_guarded(self) -> bool:
        """Whether its row changes its formula somewhere."""
        return self.row is not None and bool(self.row.guards)

    @property
    def is_tensor(self) -> bool:
        """Whether a tensor is its result, or it works on tensors as wholes."""
        return bool(self.shape) or self.data is not None or (self.row is not None and self.row.shape is not None)


class Derived(NamedTuple):
    """A `diff` that is written out by the rules: its result, what was differentiated, by what, and how often.

    The rules give its value where the derivative exists and a rule holds; elsewhere it is the derivative, or nothing.
    """

    place: int
    value: int
    by: int
    order: int


@dataclass(slots=True)
class Tape:
    """Operations, each after the ones it uses."""

    ops: list[Op] = field(default_factory=list)
    inputs: dict[str, int] = field(default_factory=dict)  # variables
    named: dict[str, int] = field(default_factory=dict)  # intermediates
    output: int = -1
    most: int = MAX_OPERATIONS
    warnings: list[str] = field(default_factory=list)
    derived: list[Derived] = field(default_factory=list)

    @property
    def has_tensors(self) -> bool:
        """Whether there is more than numbers and operations on them."""
        return any(op.is_tensor for op in self.ops)

    def append(self, op: Op) -> int:
        """Add an operation; its index."""
        if len(self.ops) >= self.most:
            raise LimitError("building the computation", f"it comes to more than {self.most:,} operations")
        self.ops.append(op)
        return len(self.ops) - 1

    def input(self, name: str, shape: Shape = ()) -> int:
        """The index of a variable."""
        if name not in self.inputs:
            self.inputs[name] = self.append(Op(label=name, shape=shape))
        return self.inputs[name]

    def number(self, value: Fraction, span: Span | None = None) -> int:
        """The index of a new number."""
        return self.append(Op(value=value, span=span))

    def call(self, name: str, args: tuple[int, ...], span: Span | None = None) -> int:
        """The index of a new call of a row."""
        return self.append(Op(row=table.BY_NAME[name], args=args, span=span))

    def copy(self) -> Tape:
        """A tape that can grow on its own; the operations themselves are shared."""
        return Tape(
            list(self.ops),
            dict(self.inputs),
            dict(self.named),
            self.output,
            MAX_WITH_DERIVATIVES,
            derived=list(self.derived),
        )

    def literal_exponent(self, op: Op) -> Fraction | None:
        """The exponent of a power, where it is a number that stands in the program."""
        if op.row is None or op.row.name != "**":
            return None
        exponent = self.ops[op.args[1]]
        return exponent.value if exponent.label is None else None

    def find(self, name: str) -> int | None:
        """Where the value of a variable or an intermediate stands."""
        return self.inputs.get(name, self.named.get(name))


def entry_rule(tape: Tape, op: Op) -> Entry | None:
    """What the row of an operation says that an entry of it is; None where it says nothing."""
    if op.row is None or op.row.entry is None:
        return None
    return op.row.entry(*(tape.ops[arg].shape for arg in op.args), *op.statics)


def is_product(tape: Tape, op: Op) -> bool:
    """Whether an operation is a product of matrices or vectors."""
    rule = entry_rule(tape, op)
    return isinstance(rule, EntryRule) and rule.inner == 1


def held_by_diff(tape: Tape) -> set[int]:
    """The operations that a `diff` inside the program differentiates by."""
    return {op.args[1] for op in tape.ops if op.is_diff}


def nested_order(tape: Tape) -> int:
    """The order that derivatives inside the program come to, one around the other."""
    orders: list[int] = []
    for op in tape.ops:
        own = op.order if op.is_diff else 0
        if op.hand is not None:
            own = max((nested_order(partial) for partial in op.hand.partials), default=0)
        orders.append(own + max((orders[arg] for arg in op.args), default=0))
    return max(orders, default=0)


def depends(tape: Tape, on: Iterable[int], end: int | None = None, derivatives: bool = False) -> bytearray:
    """For each operation, whether its value depends on one of these; `detach` cuts.

    With `derivatives`, whether a derivative flows: comparisons cut too.
    """
    ops = tape.ops if end is None else tape.ops[:end]
    flags = bytearray(len(ops))
    for index in on:
        if index < len(flags):
            flags[index] = 1
    for index, op in enumerate(ops):
        if flags[index] or not op.args:
            continue
        if op.row is not None and (op.row.name == "detach" or (derivatives and op.row.gives_truth)):
            continue
        for arg in op.args:
            if flags[arg]:
                flags[index] = 1
                break
    return flags


def reaches(tape: Tape, outputs: Iterable[int]) -> bytearray:
    """For each operation, whether one of these outputs uses it."""
    flags = bytearray(len(tape.ops))
    for index in outputs:
        flags[index] = 1
    for index in range(len(flags) - 1, -1, -1):
        if flags[index]:
            for arg in tape.ops[index].args:
                flags[arg] = 1
    return flags


def guarded_among(tape: Tape, *flags: Sequence[int]) -> list[int]:
    """The operations that change their formula somewhere, of those for which each of the flags is set."""
    count = min(map(len, flags))
    return [i for i, op in enumerate(tape.ops[:count]) if op.is_guarded and all(flag[i] for flag in flags)]
