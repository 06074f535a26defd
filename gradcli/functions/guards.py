"""The guards of a row: numbers that are 0 where it changes its formula, jumps, has a pole or ends.

A row declares them once, as a kind of zero of an expression of its arguments. Whatever kind of number the arguments
are (balls, mpmath's numbers, tensors of torch), its `GuardNumbers` say how the kinds are computed: nobody else knows
a guard from another one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple, Protocol

GuardFunction = Callable[..., Any]  # of a row's arguments; None where nothing changes there


class GuardKind(Enum):
    """Where an expression z makes a guard 0."""

    ZERO = "z = 0"
    WHOLE = "z a whole number"
    HALF = "z halfway between whole numbers"
    SINE = "sin(z) = 0"
    COSINE = "cos(z) = 0"
    BRANCH = "z = -1/e"
    AMPLITUDE = "k*sin(phi)^2 = 1, z being (phi, k)"


class Guard(NamedTuple):
    """One guard of a row.

    of      the expression z: a callable of the row's arguments, which may be of any type that has + - * / and abs
    kind    where that is 0
    unless  a condition in which nothing changes there: a callable of `is_whole` (whether a number is a whole one) and
            the arguments, of comparisons joined by & and |; certain where the arguments are balls
    """

    of: Callable[..., Any]
    kind: GuardKind = GuardKind.ZERO
    unless: Callable[..., Any] | None = None


class Guarded(Protocol):
    """A row, as far as its guards go."""

    @property
    def guards(self) -> tuple[Guard, ...]: ...  # noqa: D102


class GuardNumbers:
    """How guards are computed with one type of numbers.

    kinds     for each kind but ZERO a function of z that is 0 exactly there, and changes its sign where a formula does
    is_whole  whether a number is a whole one
    without   the guard where a condition holds or not: None where it does; another number than 0 where the numbers are
              those of many points
    """

    def __init__(
        self,
        kinds: Mapping[GuardKind, Callable[[Any], Any]],
        is_whole: Callable[[Any], Any],
        without: Callable[[Any, Any], Any] | None = None,
    ) -> None:
        self.kinds = kinds
        self.is_whole = is_whole
        self.without = without
        self._functions: dict[Guarded, tuple[GuardFunction, ...]] = {}

    def functions(self, row: Guarded) -> tuple[GuardFunction, ...]:
        """The guards of a row as functions of its arguments."""
        found = self._functions.get(row)
        if found is None:
            found = self._functions[row] = tuple(self._function(guard) for guard in row.guards)
        return found

    def values(self, row: Guarded, args: Sequence[Any]) -> list[Any]:
        """The guards of a row at some arguments, each in its place; None where nothing changes."""
        return [function(*args) for function in self.functions(row)]

    def _function(self, guard: Guard) -> GuardFunction:
        of, unless, is_whole, without = guard.of, guard.unless, self.is_whole, self.without
        value = of
        if guard.kind is not GuardKind.ZERO:
            kind = self.kinds[guard.kind]

            def value(*args: Any) -> Any:
                return kind(of(*args))

        if unless is None:
            return value
        if without is not None:
            return lambda *args: without(unless(is_whole, *args), value(*args))
        return lambda *args: None if unless(is_whole, *args) else value(*args)


def sign(guard: Any) -> int:
    """The sign of a number: 1, -1, or 0, which a ball has, too, that does not exclude 0."""
    return int(guard > 0) - int(guard < 0)


# What several families share.


def at(*points: int) -> tuple[Guard, ...]:
    """These values of the first argument are special."""
    return tuple(
        Guard(lambda x, *_: x) if not point else Guard(lambda x, *_, point=point: x - point) for point in points
    )


def last_at(*points: int) -> tuple[Guard, ...]:
    """These values of the last argument are special."""
    return tuple(
        Guard(lambda *args: args[-1]) if not point else Guard(lambda *args, point=point: args[-1] - point)
        for point in points
    )


DIFFERENCE = (Guard(lambda x, y: x - y),)
"""The points where both arguments are equal are special."""


BASE = (Guard(lambda x, y: x, unless=lambda is_whole, x, y: is_whole(y) & (y >= 0)),)
"""A power is analytic everywhere when its exponent is a whole number >= 0; else x = 0 is special."""


def poles(z: Callable[..., Any]) -> Guard:
    """The poles of the gamma function of an expression are special."""
    return Guard(z, GuardKind.WHOLE, lambda _, *args: z(*args) >= 0.5)
