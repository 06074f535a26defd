"""Numbers in balls that know what they were computed from: one node for each, over the rows of the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import numpy as np

from gradcli.backends.arb.context import BALLS, precision
from gradcli.backends.arb.evaluate import UNKNOWN, Enclosed, call, is_ball
from gradcli.backends.arb.flint import arb
from gradcli.backends.arb.guards import guards
from gradcli.functions import table
from gradcli.functions.guards import sign
from gradcli.functions.row import Row
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.interpret import Rules
from gradcli.tape.rules import local

MAX_OPERATIONS = 400_000  # on numbers, in one run of the callable
UNCHANGING = -2  # in the place of the sign of a guard
DECIDED = 2  # the label of a comparison that does not hold; of one that does it is the next number
CHECK_EVERY = 256  # operations between two looks at the clock

Array = Any  # a NumPy array of nodes

_SIGNS = {name: table.BY_NAME[name] for name in ("+", "-", "*", "/", "neg")}


class Unsupported(Exception):
    """The callable does something that cannot be followed at high precision; the text says what."""


class BallNode:
    """A ball, a truth value, None where there is no value or UNKNOWN; and the operation that made it."""

    __slots__ = ("args", "made", "row", "value")

    def __init__(
        self, value: Enclosed, row: Row | None = None, args: tuple[BallNode, ...] = (), made: Any = None
    ) -> None:
        self.value = value
        self.row = row
        self.args = args
        self.made = made  # the call of an autograd Function that this is an output of

    def __add__(self, other: BallNode) -> BallNode:
        return world().call(_SIGNS["+"], self, other)

    def __radd__(self, other: int) -> BallNode:  # NumPy's sums begin with 0
        return self if other == 0 else world().number(other) + self

    def __sub__(self, other: BallNode) -> BallNode:
        return world().call(_SIGNS["-"], self, other)

    def __mul__(self, other: BallNode) -> BallNode:
        return world().call(_SIGNS["*"], self, other)

    def __truediv__(self, other: BallNode) -> BallNode:
        return world().call(_SIGNS["/"], self, other)

    def __neg__(self) -> BallNode:
        return world().call(_SIGNS["neg"], self)


class Made:
    """A call of an autograd Function: only its backward knows the way from its outputs to its inputs.

    inputs    the nodes of each argument; None for what is no tensor of real numbers
    outputs   the nodes of each result, likewise
    backward  takes the incoming gradient of each output, gives that of each input; None: none
    """

    __slots__ = ("backward", "inputs", "outputs")

    def __init__(self, inputs: list[Array], backward: Callable[[list[Array]], list[Array]]) -> None:
        self.inputs = inputs
        self.outputs: list[Array] = []
        self.backward = backward


class EvaluationContext:
    """One run of a callable: the working precision, and what was noticed on the way.

    labels    for each guard of an operation with pieces its sign; 0 where it is 0, or its ball does not tell; and what
              comparisons came to
    narrow    the dtypes narrower than float64 in which torch would have computed
    cuts      how often a gradient was stopped: by detach, no_grad, or item
    held      the numbers that such cuts gave in another run: they stay the same here
    """

    def __init__(self, bits: int, deadline: Deadline | None = None, held: list[Array] | None = None) -> None:
        self.deadline = deadline
        self.bits = bits
        self.labels: list[int] = []
        self.narrow: set[str] = set()
        self.cuts: list[Array] = []
        self.held = held
        self.inside = 0  # autograd Functions' forwards that are running
        self.followed = False  # whether an autograd Function was met
        self.stale = False  # whether its backward used a tensor that had been written into since it was saved
        self.connected = True  # whether nodes remember where they come from
        self.operations = 0
        self.moving: set[int] = set()  # the identities of the balls that depend on what was moved
        self._computed: dict[Any, tuple[list[Enclosed], Enclosed]] = {}  # by the row and the arguments' identities
        self._numbers: dict[Any, Any] = {}
        self.rules: Rules[BallNode] = Rules(lambda op: self.number(op.value), lambda op, args: self.call(op.row, *args))

    def number(self, value: Any) -> BallNode:
        """A number of Python's, exactly; one that is equal to another is that other."""
        if isinstance(value, (bool, np.bool_)):
            return BallNode(bool(value))
        if isinstance(value, (float, np.floating)):
            if value != value:  # noqa: PLR0124
                return BallNode(None)
            value = float(value)
        elif isinstance(value, np.integer):
            value = int(value)
        elif not isinstance(value, (int, Fraction)):
            raise Unsupported(f"a value of the type {type(value).__name__}")
        if value not in self._numbers:
            self._numbers[value] = arb(value) if isinstance(value, float) else BALLS.number(value)
        return BallNode(self._numbers[value])

    def call(self, row: Row, *args: BallNode) -> BallNode:
        """A row applied to nodes; the same row of the same values is the same value."""
        self.operations += 1
        if self.operations % CHECK_EVERY == 0:
            if self.deadline is not None:
                self.deadline.check()
            if self.operations > MAX_OPERATIONS:
                raise Unsupported(f"it comes to more than {MAX_OPERATIONS:,} operations on numbers")
        values = [arg.value for arg in args]
        same = [id(value) for value in values]
        key = (row.name, *same)
        known = self._computed.get(key)
        if known is None:
            known = self._computed[key] = values, call(row, values, same)
            if not self.moving.isdisjoint(same) and is_ball(known[1]):
                self.moving.add(id(known[1]))
        if isinstance(known[1], bool):
            self.labels.append(DECIDED + known[1])
        if row.guards:
            self.labels += [sign_of(guard) for guard in guards(row, values, same)]
        return BallNode(known[1], row, args) if self.connected else BallNode(known[1])

    def named(self, name: str, *args: BallNode) -> BallNode:
        """A row, by its name, applied to nodes."""
        return self.call(table.BY_NAME[name], *args)

    def local(self, row: Row, position: int, args: Sequence[BallNode]) -> BallNode:
        """The derivative of a row by one of its arguments.

        Raises Unsupported where the table has no rule for it.
        """
        found = local(row, position, self.rules, args)
        if found is None:
            raise Unsupported(f"the derivative of {row.name} by its argument {position + 1}")
        return found

    def label(self, value: int) -> None:
        """Remember which way was taken, where that depends on numbers."""
        self.labels.append(value)


def sign_of(guard: Enclosed) -> int:
    """The sign of a guard; 0 where it is 0, or not known; and one of its own where nothing changes there."""
    return UNCHANGING if guard is None else sign(guard) if is_ball(guard) else 0


def decided(node: BallNode) -> Enclosed:
    """The value of a node where what is done next depends on it; a whole number as one of Python's.

    Raises Unsupported where the ball does not tell it.
    """
    value = node.value
    if is_ball(value) and value.is_integer():
        return int(value.unique_fmpz())
    if value is UNKNOWN or is_ball(value):
        raise Unsupported("a decision about numbers that are too close to tell")
    return value


def has_value(node: BallNode) -> bool:
    """Whether there is a value. Raises Unsupported where that is not known."""
    if node.value is UNKNOWN:
        raise Unsupported("a number that is too large or too close to a pole to tell")
    return node.value is not None


_current: list[EvaluationContext] = []


def world() -> EvaluationContext:
    """The run that is going on."""
    return _current[-1]


@contextmanager
def entered(one: EvaluationContext) -> Iterator[EvaluationContext]:
    """Make this the run that is going on."""
    _current.append(one)
    try:
        with precision(one.bits):
            yield one
    finally:
        _current.pop()


def array(nodes: Any, shape: Sequence[int]) -> Array:
    """Nodes as an array of a shape."""
    found = np.empty(len(nodes), dtype=object)
    found[:] = nodes
    return found.reshape(tuple(shape))


__all__ = [
    "UNKNOWN",
    "Array",
    "BallNode",
    "EvaluationContext",
    "Made",
    "Unsupported",
    "array",
    "decided",
    "entered",
    "has_value",
    "is_ball",
    "world",
]  # fmt: skip
