"""A second opinion on a derivative: one-sided difference quotients of a program at 300 digits, and no rule at all.

Three sizes of steps, none of them powers of one number; at each a polynomial through the point and a few
steps, whose derivative is the quotient after Richardson. Where the sizes meet there is a value; where they grow there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gradcli.language.nodes import Program
from tests.reference.evaluator import DontKnow, NoValue, evaluate, exact, mp, mpf

SIZES = (-77, -127, -210)  # of the steps, as powers of two: some 1e-20, 1e-35, 1e-60 with the nodes
NODES = (1437, 2911, 5303, 9127, 13001, 17393)  # irregular, and whole: the steps are exact
MEETS = mpf("1e-12")
NOTHING = mpf("1e-25")  # quotients that fall below this tend to 0
POWER_GROWTH = 100  # from one size of steps to the next: h**-0.1 grows by so much
LOG_GROWTH = mpf("1e-4")  # how evenly a logarithm grows

Function = Callable[[Any], Any]


@dataclass(frozen=True)
class Side:
    """What is known of a derivative from one side: a value, "grows" with a sign, "nothing" there, or "unknown"."""

    state: str
    value: Any = None


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
        return self.right.value if same(self.left.value, self.right.value) else None

    @property
    def differs(self) -> bool:
        """Whether there is no derivative."""
        states = {self.left.state, self.right.state}
        if self.value is None or "grows" in states or "nothing" in states:
            return True
        return states == {"value"} and not same(self.left.value, self.right.value)


UNKNOWN = Side("unknown")


def same(a: Any, b: Any) -> bool:
    """Whether two derivatives are one, up to 12 digits."""
    return bool(abs(a - b) <= MEETS * max(abs(a), abs(b)) or max(abs(a), abs(b)) < NOTHING)


def first(program: Program, point: Mapping[str, float], by: str) -> Opinion:
    """The derivative by one variable."""
    return _opinion(_along(program, point, by), point[by], 1)


def second(program: Program, point: Mapping[str, float], by: tuple[str, str]) -> Opinion:
    """A second derivative: none where there is no first one."""
    if by[0] != by[1]:
        return _mixed(program, point, by)
    f = _along(program, point, by[0])
    below = _opinion(f, point[by[0]], 1)
    if below.smooth is None:
        return Opinion(below.value, UNKNOWN, UNKNOWN)
    return _opinion(f, point[by[0]], 2)


def _along(program: Program, point: Mapping[str, float], by: str) -> Function:
    numbers = {name: exact(value) for name, value in point.items()}
    return lambda x: evaluate(program, {**numbers, by: x})


def _opinion(f: Function, x: float, order: int) -> Opinion:
    try:
        value = f(exact(x))
    except NoValue:
        value = None
    except DontKnow:
        return Opinion(mpf(0), UNKNOWN, UNKNOWN)
    sides = [_side(f, x, value, order, sign) for sign in (-1, 1)]
    return Opinion(value, sides[0], sides[1])


def _side(f: Function, x: float, value: Any, order: int, sign: int) -> Side:
    found, missing = [], 0
    for size in SIZES:
        try:
            found.append(_quotient(f, x, value, order, size, sign))
        except NoValue:
            missing += 1
        except DontKnow:
            return UNKNOWN
    if missing:
        return Side("nothing") if missing == len(SIZES) else UNKNOWN
    return UNKNOWN if value is None else _trend(found)


def _quotient(f: Function, x: float, value: Any, order: int, size: int, sign: int) -> Any:
    """The derivative of the polynomial through the point and some steps beside it."""
    unit = mp.ldexp(abs(mpf(x)) if x else 1, size) * sign
    count = order + 3
    values = [f(exact(x + node * unit)) for node in NODES[:count]]
    return _of_polynomial([mpf(0), *map(mpf, NODES[:count])], [value or mpf(0), *values], order) / unit**order


def _of_polynomial(nodes: list[Any], values: list[Any], order: int) -> Any:
    """The derivative at the first node, which is 0, by Newton's form."""
    table = [mpf(value) for value in values]
    for level in range(1, len(nodes)):
        for index in range(len(nodes) - 1, level - 1, -1):
            table[index] = (table[index] - table[index - 1]) / (nodes[index] - nodes[index - level])
    powers = [table[-1]]
    for level in range(len(nodes) - 2, -1, -1):
        powers = [a - nodes[level] * b for a, b in zip([mpf(0), *powers], [*powers, mpf(0)])]
        powers[0] += table[level]
    return powers[order] * mp.factorial(order)


def _trend(found: list[Any]) -> Side:
    wide, middle, narrow = found
    if max(abs(middle), abs(narrow)) < NOTHING:
        return Side("value", mpf(0) if abs(narrow) <= abs(middle) * MEETS or not same_size(middle, narrow) else narrow)
    if abs(middle - narrow) <= MEETS * abs(narrow):
        return Side("value", narrow)
    if abs(narrow) < NOTHING:
        return Side("value", mpf(0)) if abs(narrow) < abs(middle) < abs(wide) else UNKNOWN
    if wide * middle > 0 and middle * narrow > 0:
        if abs(middle) > POWER_GROWTH * abs(wide) and abs(narrow) > POWER_GROWTH * abs(middle):
            return Side("grows", mp.sign(narrow))
        pace = [(middle - wide) / (SIZES[0] - SIZES[1]), (narrow - middle) / (SIZES[1] - SIZES[2])]
        if abs(pace[0] - pace[1]) <= LOG_GROWTH * abs(pace[0]) and abs(narrow) > abs(middle) > abs(wide):
            return Side("grows", mp.sign(narrow))
    return UNKNOWN


def same_size(a: Any, b: Any) -> bool:
    return bool(abs(a - b) <= MEETS * abs(b))


def _mixed(program: Program, point: Mapping[str, float], by: tuple[str, str]) -> Opinion:
    """By two variables: the value that all four quadrants and two sizes of steps have; else nothing is known.

    A first derivative that does not exist may cancel in these quotients, so that both have to.
    """
    if any(first(program, point, name).smooth is None for name in by):
        return Opinion(mpf(0), UNKNOWN, UNKNOWN)
    numbers = {name: exact(value) for name, value in point.items()}
    x, y = point[by[0]], point[by[1]]
    found = []
    try:
        value = evaluate(program, numbers)
        for size in SIZES[:2]:
            for across in (-1, 1):
                for along in (-1, 1):

                    def inner(there: Any, size: int = size, across: int = across) -> Any:
                        moved = {**numbers, by[1]: there}
                        f: Function = lambda here: evaluate(program, {**moved, by[0]: here})  # noqa: E731
                        return _quotient(f, x, f(exact(x)), 1, size, across)

                    found.append(_quotient(inner, y, inner(exact(y)), 1, size, along))
    except (NoValue, DontKnow):
        return Opinion(mpf(0), UNKNOWN, UNKNOWN)
    if all(same(found[0], other) for other in found):
        return Opinion(value, Side("value", found[-1]), Side("value", found[-1]))
    return Opinion(value, UNKNOWN, UNKNOWN)
