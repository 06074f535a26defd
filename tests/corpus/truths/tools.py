"""How truths are computed: closed forms, and difference quotients in mpmath, held against each other.

Nothing here, nor in the families, knows anything of gradcli but the spelling of its programs. Numbers that are
typed are rounded once to a double, and everything after that is exact.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath

mp = mpmath.MPContext()  # of its own: the precision of mpmath's is nobody's to change
mp.dps = DIGITS = 600
mpf = mp.mpf

STEP = "1e-40"  # relative to the point: with five more nodes than the order, the quotient is right to 40 digits or more
WRITTEN = 30  # digits of a truth in the file
SAME = mpf("1e-22")
NOTHING = mpf("1e-150")  # two quotients that are smaller and do not meet are what the nodes leave of a zero
NODES = ("1.37", "2.91", "0.53", "4.19", "3.07", "5.83", "7.31", "6.47", "8.89", "9.73", "11.3", "12.7")

Function = Callable[..., Any]
Line = dict[str, Any]
Typed = dict[str, str]


def typed(text: str) -> Any:
    """The double that a typed number is rounded to: decimals, quotients of them, and what NAMED holds."""
    if text in NAMED:
        return nearest(NAMED[text]())
    return mpf(float(Fraction(text) if "/" not in text else _quotient(text)))


def _quotient(text: str) -> Fraction:
    above, below = text.split("/")
    return Fraction(above) / Fraction(below)


def nearest(value: Any) -> Any:
    """The double nearest to a number of mpmath."""
    with mp.workprec(53):
        return +value


NAMED: dict[str, Callable[[], Any]] = {
    "pi": lambda: mp.pi,
    "-pi": lambda: -mp.pi,
    "2*pi": lambda: 2 * mp.pi,
    "3*pi": lambda: 3 * mp.pi,
    "pi/2": lambda: mp.pi / 2,
    "pi/3": lambda: mp.pi / 3,
    "pi/4": lambda: mp.pi / 4,
    "-pi/2": lambda: -mp.pi / 2,
    "2*pi/3": lambda: 2 * mp.pi / 3,
    "3*pi/4": lambda: 3 * mp.pi / 4,
    "e": lambda: mp.e,
    "1/e": lambda: 1 / mp.e,
    "-1/e": lambda: -1 / mp.e,
    "sqrt(2)": lambda: mp.sqrt(2),
    "sqrt(2/3)": lambda: mp.sqrt(mpf(2) / 3),
    "sqrt(1/3)": lambda: mp.sqrt(mpf(1) / 3),
    "cbrt(4)": lambda: mp.cbrt(4),
    "2**(1/6)": lambda: mp.root(2, 6),
}


def point(at: str) -> tuple[Typed, list[Any]]:
    """The point as it is typed, and the doubles of its values in that order."""
    texts = dict(part.strip().split("=", 1) for part in at.split(","))
    return texts, [typed(text) for text in texts.values()]


def quotient(f: Function, x: Any, order: int, side: Any) -> Any:
    """The derivative from one side: that of the polynomial through the point and irregular steps away from it."""
    h = mpf(STEP) * (abs(x) if x else 1) * side
    steps = [mpf(0), *(mpf(node) for node in NODES[: order + 5])]
    values = [mpf(f(x + h * step)) for step in steps]
    coefficients = list(values)
    for level in range(1, len(steps)):  # Newton's divided differences
        for index in range(len(steps) - 1, level - 1, -1):
            coefficients[index] = (coefficients[index] - coefficients[index - 1]) / (
                steps[index] - steps[index - level]
            )
    powers = [coefficients[-1]]
    for level in range(len(steps) - 2, -1, -1):
        shifted = [mpf(0), *powers]
        powers = [a - steps[level] * b for a, b in zip(shifted, [*powers, mpf(0)])]
        powers[0] += coefficients[level]
    return powers[order] * mp.factorial(order) / h**order


def along(f: Function, values: list[Any], position: int) -> Function:
    """The function of one of its arguments."""
    return lambda x: f(*values[:position], x, *values[position + 1 :])


ROUNDING = mpf(10) ** -590  # what 600 digits leave of a derivative that is 0


def rounded(value: Any) -> Any:
    """A truth of ordinary size, without what rounding leaves of a 0."""
    return value if abs(value) > ROUNDING else mpf(0)


def partial(f: Function, values: list[Any], positions: list[int], side: Any = 1) -> Any:
    """A partial derivative of any order, from one side in each variable; a side is a sign, and how wide it goes."""
    counts = [(position, positions.count(position)) for position in sorted(set(positions))]

    def lowered(rest: list[tuple[int, int]], here: list[Any]) -> Any:
        if not rest:
            return f(*here)
        (position, order), *later = rest
        inner = along(lambda *there: lowered(later, list(there)), here, position)
        return quotient(inner, here[position], order, side)

    return rounded(lowered(counts, values))


def briefly(f: Function, digits: int = 150) -> Function:
    """The function to fewer digits, where more would take long; there are enough for a quotient of order 1."""

    def to_fewer(*values: Any) -> Any:
        with mp.workdps(digits):
            return f(*values)

    return to_fewer


def same(a: Any, b: Any) -> bool:
    """Whether two ways to a truth meet; a zero is met absolutely."""
    return bool(abs(a - b) <= SAME * max(abs(a), abs(b), mpf("1e-5") if not (a and b) else 0))


def decimal(value: Any) -> str:
    """A truth as the file has it."""
    if isinstance(value, str):
        return value
    return "0" if value == 0 else mp.nstr(mpf(value), WRITTEN)


def smooth(
    family: str, program: str, at: str, f: Function | None = None, closed: Any = None, *, by: str = "x", order: int = 1,
    **more: Any,
) -> Line:  # fmt: skip
    """A line whose derivative exists: by quotients from both sides, by a closed form, or by both, which must meet."""
    texts, values = point(at)
    names = by.split(",") * (order if "," not in by else 1)
    positions = [list(texts).index(name) for name in names]
    found = []
    if f is not None:
        found = [partial(f, values, positions, side) for side in (1, -1, mpf("1.618"))]
        meet = all(same(found[0], other) for other in found)
        if not meet and max(map(abs, found)) < NOTHING:
            found = [mpf(0)]
        elif not meet:
            raise AssertionError(
                f"{program} at {at}: {mp.nstr(found[0], 25)} from above, {mp.nstr(found[-1], 25)} from below"
            )
    if closed is not None:
        found.insert(0, mpf(closed(*values) if callable(closed) else closed))
        if not all(same(found[0], other) for other in found):
            raise AssertionError(f"{program} at {at}, order {order}: {[mp.nstr(one, 25) for one in found]}")
    return {**_head(family, program, texts, names), "value": decimal(found[0]), **more}


def broken(
    family: str, program: str, at: str, kind: str | list[str], left: Any = None, right: Any = None,
    f: Function | None = None, *, by: str = "x", order: int = 1, **more: Any,
) -> Line:  # fmt: skip
    """A line without a derivative: its kind or kinds, its one-sided values where they are to be found."""
    texts, values = point(at)
    names = [by] * order
    ends = {"left": left, "right": right}
    for index, (name, side) in enumerate((("left", -1), ("right", 1))):
        wanted = (left, right)[index]
        if f is not None and wanted is not None and not isinstance(wanted, str):
            found = partial(f, values, [list(texts).index(by)] * order, side)
            if not same(found, mpf(wanted)):
                raise AssertionError(
                    f"{program} at {at}: {mp.nstr(found, 25)} and {mp.nstr(mpf(wanted), 25)} on the {name}"
                )
    line = {**_head(family, program, texts, names), "kinds": [kind] if isinstance(kind, str) else kind}
    return line | {name: decimal(value) for name, value in ends.items() if value is not None} | more


def tensor(family: str, program: str, at: dict[str, Any], by: str, value: Any, order: int = 1, **more: Any) -> Line:
    """A line over a tensor: the value is nested lists, with None for an entry that is not compared."""
    return {**_head(family, program, at, [by] * order), "value": _nested(value), **more}


def _nested(value: Any) -> Any:
    if isinstance(value, list):
        return [_nested(one) for one in value]
    return None if value is None else decimal(value)


def _head(family: str, program: str, at: dict[str, Any], names: list[str]) -> Line:
    head: Line = {
        "family": family,
        "program": program,
        "at": at,
        "wrt": list(dict.fromkeys(names)),
        "order": len(names),
    }
    return head | ({"by": names} if len(set(names)) > 1 else {})
