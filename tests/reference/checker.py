"""A second opinion on a derivative: one-sided difference quotients of a program at 300 digits, and no rule at all.

Three sizes of steps, none of them powers of one number; at each a polynomial through the point and a few
steps, whose derivative is the quotient after Richardson. Where the sizes meet there is a value; where they grow there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.doors import Program
from tests.reference.evaluator import DontKnow, NoValue, evaluate, exact, mp, mpf

SIZES = (-77, -127, -210)  # of the steps, as powers of two: some 1e-20, 1e-35, 1e-60 with the nodes
INNER = -350  # of the steps for a first derivative beside the point
NODES = (1437, 2911, 5303, 9127)  # irregular, and whole: the steps are exact
MEETS = mpf("1e-12")
NOTHING = mpf("1e-25")  # quotients that fall below this tend to 0
CLEARLY = 10  # times the error, values differ
POWER_GROWTH = 100  # from one size of steps to the next: h**-0.1 grows by so much
LOG_GROWTH = mpf("1e-4")  # how evenly a logarithm grows

Function = Callable[[Any], Any]


@dataclass(frozen=True)
class Side:
    """What is known of a derivative from one side: a value, "grows" with a sign, "nothing" there, or "unknown"."""

    state: str
    value: Any = None
    error: Any = NOTHING  # how far the two finer quotients are apart


@dataclass(frozen=True)
class Opinion:
    """The value of the program, and the derivative from both sides."""

    value: Any
    left: Side
    right: Side

    @property
    def smooth(self) -> Any:
        """The derivative, where both sides have the same; None where that is not known."""
        if self.value is None or self.left.state != "value" or self.right.state != "value":
            return None
        gap, error = gap_of(self.left, self.right)
        return self.right.value if gap <= error else None

    @property
    def differs(self) -> bool:
        """Whether there is no derivative."""
        states = {self.left.state, self.right.state}
        if self.value is None or "grows" in states or "nothing" in states:
            return True
        if states != {"value"}:
            return False
        gap, error = gap_of(self.left, self.right)
        return bool(gap > CLEARLY * error)


UNKNOWN = Side("unknown")


def gap_of(one: Side, other: Side) -> tuple[Any, Any]:
    """How far two values are apart, and how far they may be and still be one."""
    largest = max(abs(one.value), abs(other.value), 1)
    return abs(one.value - other.value), one.error + other.error + NOTHING * largest


def first(program: Program, point: Mapping[str, float], by: str) -> Opinion:
    """The derivative by one variable."""
    return _opinion(_along(program, point, by), point[by])


def second(program: Program, point: Mapping[str, float], by: tuple[str, str]) -> Opinion:
    """A second derivative: that of the first one beside the point, which has to exist there; by either side's quotient."""
    below = [first(program, point, name) for name in dict.fromkeys(by)]
    unknown = Opinion(below[0].value, UNKNOWN, UNKNOWN)
    if any(one.smooth is None for one in below):
        return unknown
    right, left = (_opinion(_derivative(program, point, by, sign), point[by[1]]) for sign in (1, -1))
    if not _alike(left.left, right.left) or not _alike(left.right, right.right):
        return unknown
    return Opinion(below[0].value, right.left, right.right)


def _derivative(program: Program, point: Mapping[str, float], by: tuple[str, str], sign: int) -> Function:
    """The first derivative as a function of the second variable, by steps that are far smaller than all others."""

    def there(moved: Any) -> Any:
        numbers = {**{name: exact(value) for name, value in point.items()}, by[1]: moved}
        f: Function = lambda x: evaluate(program, {**numbers, by[0]: x})  # noqa: E731
        x = numbers[by[0]]
        return _quotient(f, x, f(x), INNER, sign)

    return there


def _alike(one: Side, other: Side) -> bool:
    if one.state != other.state or one.state != "value":
        return one.state == other.state
    gap, error = gap_of(one, other)
    return bool(gap <= error)


def _along(program: Program, point: Mapping[str, float], by: str) -> Function:
    numbers = {name: exact(value) for name, value in point.items()}
    return lambda x: evaluate(program, {**numbers, by: x})


def _opinion(f: Function, x: float) -> Opinion:
    try:
        value = f(exact(x))
    except NoValue:
        value = None
    except DontKnow:
        return Opinion(mpf(0), UNKNOWN, UNKNOWN)
    sides = [_side(f, x, value, sign) for sign in (-1, 1)]
    return Opinion(value, sides[0], sides[1])


def _side(f: Function, x: float, value: Any, sign: int) -> Side:
    found, missing = [], 0
    for size in SIZES:
        try:
            found.append(_quotient(f, x, value, size, sign))
        except NoValue:
            missing += 1
        except DontKnow:
            return UNKNOWN
    if missing:
        return Side("nothing") if missing == len(SIZES) else UNKNOWN
    return UNKNOWN if value is None else _trend(found)


def _quotient(f: Function, x: Any, value: Any, size: int, sign: int) -> Any:
    """The derivative of the polynomial through the point and some steps beside it."""
    unit = mp.ldexp(abs(mpf(x)) if x else 1, size) * sign
    values = [f(exact(x + node * unit)) for node in NODES]
    return _of_polynomial([mpf(0), *map(mpf, NODES)], [value or mpf(0), *values]) / unit


def _of_polynomial(nodes: list[Any], values: list[Any]) -> Any:
    """The derivative at the first node, which is 0, by Newton's form."""
    table = [mpf(value) for value in values]
    for level in range(1, len(nodes)):
        for index in range(len(nodes) - 1, level - 1, -1):
            table[index] = (table[index] - table[index - 1]) / (nodes[index] - nodes[index - level])
    powers = [table[-1]]
    for level in range(len(nodes) - 2, -1, -1):
        powers = [a - nodes[level] * b for a, b in zip([mpf(0), *powers], [*powers, mpf(0)])]
        powers[0] += table[level]
    return powers[1]


def _trend(found: list[Any]) -> Side:
    wide, middle, narrow = found
    if abs(middle - narrow) <= MEETS * abs(narrow):
        return Side("value", narrow, abs(middle - narrow))
    if max(abs(middle), abs(narrow)) < NOTHING or (abs(narrow) < NOTHING and abs(narrow) < abs(middle) < abs(wide)):
        return Side("value", mpf(0))
    if wide * middle > 0 and middle * narrow > 0:
        if abs(middle) > POWER_GROWTH * abs(wide) and abs(narrow) > POWER_GROWTH * abs(middle):
            return Side("grows", mp.sign(narrow))
        pace = [(middle - wide) / (SIZES[0] - SIZES[1]), (narrow - middle) / (SIZES[1] - SIZES[2])]
        if abs(pace[0] - pace[1]) <= LOG_GROWTH * abs(pace[0]) and abs(narrow) > abs(middle) > abs(wide):
            return Side("grows", mp.sign(narrow))
    return UNKNOWN
