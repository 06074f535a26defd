"""gradcli's language in mpmath, a second time: the real functions, branches taken lazily, nothing decided by rounding."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import mpmath

from tests.doors import Assign, Call, Name, Node, Number, Output, Program

mp = mpmath.MPContext()  # of its own: the precision of mpmath's is nobody's to change
mp.dps = DIGITS = 300
mpf = mp.mpf

CLOSE = mpf("1e-220")  # what two rounded numbers may differ by and still be equal


class NoValue(Exception):
    """The function has no real value there."""


class DontKnow(Exception):
    """Rounding would decide, or the evaluator has no such function."""


class Exact(mp.mpf):  # type: ignore[name-defined,misc]
    """A number that no rounding has touched: a typed one, or sums and products of such."""


def exact(value: Any) -> Any:
    return Exact(value)


def is_exact(*values: Any) -> bool:
    return all(isinstance(value, Exact) for value in values)


def kept(value: Any, *of: Any) -> Any:
    """The value, exact where everything that it comes from is."""
    return Exact(value) if is_exact(*of) else mpf(value)


def sign(x: Any) -> int:
    """-1, 0 or 1; not known of a rounded number that is as good as 0."""
    if not is_exact(x) and abs(x) < CLOSE:
        raise DontKnow
    return (x > 0) - (x < 0)


def compared(x: Any, y: Any) -> int:
    """The sign of the difference; not known of rounded numbers that are as good as equal."""
    if not is_exact(x, y) and abs(x - y) <= CLOSE * max(abs(x), abs(y), 1):
        raise DontKnow
    return (x > y) - (x < y)


def needs(holds: bool) -> None:
    if not holds:
        raise NoValue


def divide(x: Any, y: Any) -> Any:
    needs(sign(y) != 0)
    return x / y


def floor(x: Any) -> Any:
    nearest = mp.nint(x)
    if not is_exact(x) and abs(x - nearest) < CLOSE * max(abs(x), 1):
        raise DontKnow
    return kept(mp.floor(x), x)


def power(x: Any, y: Any) -> Any:
    if is_exact(y) and y == int(y):
        if y >= 0:
            return kept(mpf(x) ** int(y), x) if y < 20 else mpf(x) ** int(y)
        needs(sign(x) != 0)
        return mpf(x) ** int(y)
    if is_exact(x) and x == 0:
        needs(sign(y) > 0)
        return mpf(0)
    needs(sign(x) > 0)
    return mpf(x) ** y


def log(x: Any) -> Any:
    needs(sign(x) > 0)
    return mp.log(x)


def sqrt(x: Any) -> Any:
    needs(sign(x) >= 0)
    return mp.sqrt(x)


def cbrt(x: Any) -> Any:
    return mp.cbrt(x) if x >= 0 else -mp.cbrt(-x)


def within(f: Callable[[Any], Any], low: Any, high: Any) -> Callable[[Any], Any]:
    """A function that has real values between two bounds only."""

    def there(x: Any) -> Any:
        needs((low is None or compared(x, exact(low)) >= 0) and (high is None or compared(x, exact(high)) <= 0))
        return f(x)

    return there


def atanh(x: Any) -> Any:
    needs(compared(abs(x), exact(1)) < 0)
    return mp.atanh(x)


def of_gamma(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def there(x: Any) -> Any:
        needs(not (x <= 0 and compared(x, exact(mp.nint(x))) == 0))
        return f(x)

    return there


def atan2(y: Any, x: Any) -> Any:
    needs(bool(sign(x) or sign(y)))
    return mp.atan2(y, x)


def clamp(x: Any, low: Any, high: Any) -> Any:
    return min(max(x, low), high)


def softplus(x: Any) -> Any:
    return mp.log1p(mp.exp(x)) if x < 500 else x + mp.log1p(mp.exp(-x))


def sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def ndtr(x: Any) -> Any:
    return mp.erfc(-x / mp.sqrt(2)) / 2


def xlogy(x: Any, y: Any) -> Any:
    return mpf(0) if is_exact(x) and x == 0 else x * log(y)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "+": lambda x, y: kept(mpf(x) + y, x, y),
    "-": lambda x, y: kept(mpf(x) - y, x, y),
    "*": lambda x, y: kept(mpf(x) * y, x, y),
    "neg": lambda x: kept(-mpf(x), x),
    "pos": lambda x: x,
    "/": divide,
    "**": power,
    "//": lambda x, y: floor(divide(x, y)),
    "%": lambda x, y: x - y * floor(divide(x, y)),
    "==": lambda x, y: compared(x, y) == 0,
    "!=": lambda x, y: compared(x, y) != 0,
    "<": lambda x, y: compared(x, y) < 0,
    "<=": lambda x, y: compared(x, y) <= 0,
    ">": lambda x, y: compared(x, y) > 0,
    ">=": lambda x, y: compared(x, y) >= 0,
    "abs": lambda x: kept(abs(mpf(x)), x),
    "sign": lambda x: exact(sign(x)),
    "max": max,
    "min": min,
    "relu": lambda x: kept(max(mpf(x), 0), x),
    "clamp": clamp,
    "floor": floor,
    "ceil": lambda x: -floor(kept(-mpf(x), x)),
    "exp": mp.exp,
    "exp2": lambda x: mpf(2) ** x,
    "expm1": mp.expm1,
    "log": log,
    "log2": lambda x: log(x) / mp.log(2),
    "log10": lambda x: log(x) / mp.log(10),
    "log1p": lambda x: log(kept(1 + mpf(x), x)),
    "sqrt": sqrt,
    "cbrt": cbrt,
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "asin": within(mp.asin, -1, 1),
    "acos": within(mp.acos, -1, 1),
    "atan": mp.atan,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "asinh": mp.asinh,
    "acosh": within(mp.acosh, 1, None),
    "atanh": atanh,
    "erf": mp.erf,
    "erfc": mp.erfc,
    "gamma": of_gamma(mp.gamma),
    "lgamma": of_gamma(lambda x: mp.log(abs(mp.gamma(x)))),
    "atan2": atan2,
    "hypot": lambda x, y: mp.sqrt(mpf(x) ** 2 + mpf(y) ** 2),
    "softplus": softplus,
    "sigmoid": sigmoid,
    "silu": lambda x: x * sigmoid(x),
    "gelu": lambda x: x * ndtr(x),
    "ndtr": ndtr,
    "logaddexp": lambda x, y: mp.log(mp.exp(x) + mp.exp(y)),
    "xlogy": xlogy,
    "square": lambda x: kept(mpf(x) ** 2, x),
}
CONSTANTS = {"pi": float(mp.pi), "e": float(mp.e)}


def evaluate(program: Program, bound: Mapping[str, Any]) -> Any:
    """The value of a program at numbers of mpmath.

    Raises NoValue where it has none, DontKnow where that cannot be told.
    """
    names = dict(bound)
    for statement in program.statements:
        if not isinstance(statement, Assign | Output):
            raise DontKnow
        value = _value(statement.value, names)
        if isinstance(statement, Assign):
            names[statement.name] = value
    return value


def largest(program: Program, bound: Mapping[str, Any]) -> Any:
    """The largest magnitude on the way to the value of a program of one statement without branches."""
    (statement,) = program.statements
    found = mpf(0)
    waiting: list[Node] = [statement.value]  # type: ignore[union-attr]
    while waiting:
        node = waiting.pop()
        found = max(found, abs(_value(node, bound)))
        if isinstance(node, Call):
            waiting += node.args
    return found


def _value(node: Node, names: Mapping[str, Any]) -> Any:
    if isinstance(node, Number):
        return exact(float(Fraction(node.value)))
    if isinstance(node, Name):
        return names[node.name] if node.name in names else exact(CONSTANTS[node.name])
    if not isinstance(node, Call):
        raise DontKnow
    if node.function == "where":
        condition, yes, no = node.args
        return _value(yes if _value(condition, names) else no, names)
    if node.function in ("and", "or"):
        first, second = node.args
        is_true = _value(first, names)
        return _value(second, names) if is_true == (node.function == "and") else is_true
    if node.function == "not":
        return not _value(node.args[0], names)
    if node.function not in FUNCTIONS:
        raise DontKnow
    return FUNCTIONS[node.function](*(_value(arg, names) for arg in node.args))
