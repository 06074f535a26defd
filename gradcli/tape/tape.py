"""The program as a list of operations, in evaluation order: what every engine runs.

A tree is lowered once for each reading of it: calls of the program's own functions are written out, names
become references to where their value stands, literals are rounded to the dtype. Occurrences stay apart:
nothing is shared that the user did not share by giving it a name.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, NamedTuple

from gradcli.errors import LimitError, Span
from gradcli.functions import table
from gradcli.functions.row import Row
from gradcli.functions.shapes import Shape
from gradcli.tape.arrays import Array

MAX_OPERATIONS = 100_000  # of a program, its functions written out
MAX_WITH_DERIVATIVES = 400_000


class CustomVjp(NamedTuple):
    """A derivative that the program gives to one of its functions: a tape by each parameter.

    Where a function of whole tensors is written out, the parameters are entries, and `whole` has the shape of each
    tensor (or number) that they are entries of.
    """

    name: str
    params: tuple[str, ...]
    incoming: str | None
    partials: tuple[Tape, ...]
    captured: tuple[str, ...] = ()  # further names that the tapes use
    whole: tuple[tuple[str, Shape], ...] = ()


class _Kind:
    """What is asked of an operation of any kind; one that has no arguments, and is a number, says nothing else."""

    __slots__ = ()
    args: tuple[int, ...] = ()
    shape: Shape = ()

    @property
    def called(self) -> str:
        """The name of the row that it is a call of; nothing where it is none."""
        return ""

    @property
    def is_tensor(self) -> bool:
        """Whether a tensor is its result, or it works on tensors as wholes."""
        return bool(self.shape)


@dataclass(slots=True)
class Input(_Kind):
    """A variable."""

    label: str
    shape: Shape = ()
    span: Span | None = None


@dataclass(slots=True)
class ConstantNumber(_Kind):
    """A number that is known beforehand, exact: a literal or a named constant."""

    value: Fraction
    span: Span | None = None
    rounded: bool = False  # whether it is not what was typed, but the nearest one of the dtype


@dataclass(slots=True)
class Literal(ConstantNumber):
    """A number that stands in the program, or was computed from such ones."""


@dataclass(slots=True)
class NamedConstant(ConstantNumber):
    """A constant of the language: pi, e."""

    label: str = field(kw_only=True)


@dataclass(slots=True)
class ConstantTensor(_Kind):
    """A tensor that is known beforehand: made by a row without arguments, or given."""

    data: Array
    shape: Shape
    span: Span | None = None
    label: str | None = None  # of one that is no part of the program
    row: Row | None = None  # that made it
    statics: tuple[Any, ...] = ()  # what that row was told

    @property
    def called(self) -> str:
        """The name of the row that made it; nothing where none did."""
        return "" if self.row is None else self.row.name

    @property
    def is_tensor(self) -> bool:
        """Whether it is one, even of no dimensions."""
        return True


@dataclass(slots=True)
class Primitive(_Kind):
    """A row applied to earlier operations."""

    row: Row
    args: tuple[int, ...]
    span: Span | None = None
    shape: Shape = ()
    statics: tuple[Any, ...] = ()  # what a row for tensors is told beside its arguments

    @property
    def called(self) -> str:
        """The name of the row."""
        return self.row.name

    @property
    def is_tensor(self) -> bool:
        """Whether a tensor is its result, or it works on tensors as wholes."""
        return bool(self.shape) or self.row.shape is not None


@dataclass(slots=True)
class Derivative(Primitive):
    """A `diff` inside the program: of its first argument by its second one."""

    order: int = 1


@dataclass(slots=True)
class Custom(_Kind):
    """A call of one of the program's own functions that has a derivative written by hand.

    args: the body's value, the arguments, the values of the names around
    """

    vjp: CustomVjp
    args: tuple[int, ...]
    span: Span | None = None
    shape: Shape = ()


Op = Input | Literal | NamedConstant | ConstantTensor | Primitive | Derivative | Custom


def label_of(op: Op) -> str | None:
    """The name of a variable, a constant or a given tensor; None of everything else."""
    return op.label if isinstance(op, (Input, NamedConstant, ConstantTensor)) else None


def moved(op: Op, args: tuple[int, ...]) -> Op:
    """The same operation on other arguments."""
    return replace(op, args=args) if isinstance(op, (Primitive, Custom)) else op


class Derived(NamedTuple):
    """A `diff` that is written out by the rules: its result, what was differentiated, by what, and how often.

    The rules give its value where the derivative exists and a rule holds; elsewhere it is the derivative, or nothing.
    """

    result: int
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
            self.inputs[name] = self.append(Input(name, shape))
        return self.inputs[name]

    def number(self, value: Fraction, span: Span | None = None) -> int:
        """The index of a new number."""
        return self.append(Literal(value, span))

    def call(self, name: str, args: tuple[int, ...], span: Span | None = None) -> int:
        """The index of a new call of a row."""
        return self.append(Primitive(table.BY_NAME[name], args, span))

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
        return self.literal(op.args[1]) if op.called == "**" else None

    def literal(self, index: int) -> Fraction | None:
        """The number that is written at an index; None for everything else, a named constant too."""
        op = self.ops[index]
        return op.value if isinstance(op, Literal) else None

    def constant(self, index: int) -> Fraction | None:
        """The number that is known to stand at an index: a literal's or a named constant's."""
        op = self.ops[index]
        return op.value if isinstance(op, ConstantNumber) else None

    def variable(self, index: int) -> str:
        """The name of the variable at an index; nothing where there is none."""
        op = self.ops[index]
        return op.label if isinstance(op, Input) else ""

    def find(self, name: str) -> int | None:
        """Where the value of a variable or an intermediate stands."""
        return self.inputs.get(name, self.named.get(name))
