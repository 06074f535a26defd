"""One run of a callable on balls: the working precision, the values that were computed, and what was noticed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from gradcli.backends.arb.context import BALLS, UNKNOWN, Enclosed, is_ball, precision
from gradcli.backends.arb.evaluate import call
from gradcli.backends.arb.flint import arb
from gradcli.backends.arb.guards import guards
from gradcli.functions import table
from gradcli.functions.guards import sign
from gradcli.functions.row import Row
from gradcli.runtime.deadlines import Deadline

MAX_OPERATIONS = 400_000  # on numbers, in one run of the callable
UNCHANGING = -2  # in the place of the sign of a guard
DECIDED = 2  # the label of a comparison that does not hold; of one that does it is the next number
CHECK_EVERY = 256  # operations between two looks at the clock
TOO_CLOSE = "a decision about numbers that are too close to tell"

Array = Any  # a NumPy array of objects: balls, None where there is no value, UNKNOWN


class Unsupported(Exception):
    """The callable does something that cannot be followed at high precision; the text says what."""


class EvaluationContext:
    """One run of a callable.

    labels    for each guard of an operation with pieces its sign; 0 where it is 0, or its ball does not tell; and what
              comparisons came to
    narrow    the dtypes narrower than float64 in which torch would have computed
    cuts      what gradients were stopped at: by detach, no_grad, or item
    held      the numbers that such cuts gave in another run: they stay the same here
    moving    the identities of the balls that depend on what was moved
    reads     the operations that read one triangle of a matrix
    triangle  those of them that were given one that is not symmetric
    """

    def __init__(self, bits: int, deadline: Deadline | None = None, held: list[Array] | None = None) -> None:
        self.deadline = deadline
        self.bits = bits
        self.labels: list[int] = []
        self.narrow: set[str] = set()
        self.cuts: list[Array] = []
        self.held = held
        self.off = False  # whether the user has turned gradients off
        self.followed = False  # whether a derivative of the user's own was met
        self.stale = False  # whether what its forward saved was written into afterwards
        self.overwrites = False  # whether several values were put in one place
        self.saved: list[tuple[Any, list[Enclosed]]] = []  # tensors saved by a forward, and what they held
        self.operations = 0
        self.moving: set[int] = set()
        self.reads: set[str] = set()
        self.triangle: set[str] = set()
        self._computed: dict[Any, tuple[Sequence[Enclosed], Enclosed]] = {}  # by the row, and identities
        self._numbers: dict[Any, Any] = {}
        self.lifted: dict[int, tuple[Any, int, Any]] = {}  # tensors of plain numbers, by identity

    def number(self, value: Any) -> Any:
        """A number of Python's, exactly; one that is equal to another is that other."""
        if value != value:  # noqa: PLR0124
            return None
        found = self._numbers.get(value)
        if found is None:
            found = self._numbers[value] = arb(value) if isinstance(value, float) else BALLS.number(int(value))
        return found

    def numbers(self, values: Any) -> Array:
        """An array of doubles or whole numbers."""
        flat = np.asarray(values).reshape(-1).tolist()
        return array([self.number(one) for one in flat], np.shape(values))

    def call(self, row: Row, *values: Enclosed) -> Enclosed:
        """A row applied to values; the same row of the same values is the same value."""
        self.count(1)
        same = [id(value) for value in values]
        key = (row.name, *same)
        known = self._computed.get(key)
        if known is None:
            known = self._computed[key] = values, _called(row, values, same)
            if not self.moving.isdisjoint(same) and is_ball(known[1]):
                self.moving.add(id(known[1]))
        if row.guards:
            self.labels += [sign_of(guard) for guard in guards(row, values, same)]
        return known[1]

    def named(self, name: str, *values: Enclosed) -> Enclosed:
        """A row, by its name, applied to values."""
        return self.call(table.BY_NAME[name], *values)

    def truth(self, name: str, *values: Enclosed) -> bool:
        """Whether a comparison holds; false where there is no value, as with NaN.

        Raises Unsupported where the balls do not tell.
        """
        found = self.named(name, *values)
        if found is UNKNOWN:
            raise Unsupported(TOO_CLOSE)
        holds = name == "!=" if found is None else bool(found)
        self.labels.append(DECIDED + holds)
        return holds

    def count(self, operations: int) -> None:
        """Take note of work.

        Raises OutOfTime, or Unsupported where it is too much.
        """
        before = self.operations
        self.operations += operations
        if before // CHECK_EVERY != self.operations // CHECK_EVERY:
            if self.deadline is not None:
                self.deadline.check()
            if self.operations > MAX_OPERATIONS:
                raise Unsupported(f"it comes to more than {MAX_OPERATIONS:,} operations on numbers")

    def made(self, value: Any, *sources: Any) -> Any:
        """A ball that was computed from others in one step."""
        if any(id(one) in self.moving for source in sources for one in source):
            self.moving.add(id(value))
            self._computed["kept", id(value)] = (), value  # an identity lasts as long as what has it
        return value


def _called(row: Row, values: Sequence[Enclosed], same: Sequence[int]) -> Enclosed:
    found = call(row, values, same)
    if (found is None or found is UNKNOWN) and row.name in ("+", "-", "*", "/") and all(map(is_ball, values)):
        return _infinite(row.name, *values)
    return found


def _infinite(name: str, x: Any, y: Any) -> Enclosed:
    """A sum or a product of numbers some of which are infinite; 1/0 is, as of doubles."""
    if name == "/" and y.is_exact() and y.is_zero():
        if x.contains(0):
            return None if x.is_zero() else UNKNOWN
        return arb("inf") if x > 0 else arb("-inf")
    if x.is_finite() and y.is_finite():
        return UNKNOWN
    found = x + y if name == "+" else x - y if name == "-" else x * y if name == "*" else x / y
    if found.is_nan():
        return None
    return found


def sign_of(guard: Enclosed) -> int:
    """The sign of a guard; 0 where it is 0, or not known; and one of its own where nothing changes there."""
    return UNCHANGING if guard is None else sign(guard) if is_ball(guard) else 0


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


def array(values: Any, shape: Sequence[int]) -> Array:
    """Values as an array of a shape."""
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found.reshape(tuple(shape))
