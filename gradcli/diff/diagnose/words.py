"""What is said of an origin: a headline for what was born where, and the reason in one sentence."""

from __future__ import annotations

import math

from gradcli.language.numbers import Dtype
from gradcli.problem.report import BACKWARD, Origin
from gradcli.terminal.numbers import figure

MOST_ALIKE = 3  # operations that share a headline
FEW = 4  # digits of the largest number of a dtype
MOST_EXPONENT = 10  # digits of an exponent that is read as a number

BRANCH = ", in the branch of where that is not taken"
_PASSES = {1: "backward pass", 2: "second backward pass", 3: "third backward pass"}


def headline(origin: Origin) -> str:
    """What was born, and in which operation."""
    more = f" (and {origin.others:,} more entries)" if origin.others > 1 else " (and one more entry)" * origin.others
    if origin.alike:
        shown = ", ".join(origin.alike[:MOST_ALIKE]) + ", ..." * (len(origin.alike) > MOST_ALIKE)
        more += f", and likewise of {shown}" if origin.phase == BACKWARD else f", and likewise in {shown}"
    return f"{origin.born} arises in {where(origin)}{more}{BRANCH if origin.untaken else ''}"


def where(origin: Origin) -> str:
    """The operation, and which pass of it."""
    text = origin.text or origin.operation
    place = f" at [{','.join(map(str, origin.index))}]" if origin.index else ""
    if origin.phase != BACKWARD:
        return f"{text}{place}"
    if origin.operation == "sum":
        return f"the {_pass(origin.order)}, in the sum of what flows back to {text}{place}"
    by = f", by {origin.by}" if origin.by not in (None, text) else ""
    return f"the {_pass(origin.order)} of {text}{by}{place}"


def _pass(order: int) -> str:
    return _PASSES.get(order, f"backward pass number {order}")


def product(adjoint: float, local: float, rule: str | None, born: str) -> str:
    """The reason where an adjoint times a local derivative is not finite."""
    derivative = (
        f"its local derivative {rule} is {figure(local)}" if rule else f"its local derivative is {figure(local)}"
    )
    said = f"its adjoint is {figure(adjoint)}, {derivative}"
    if born == "nan" and not math.isnan(local):
        return f"{said}, and {figure(adjoint)}*{_bracketed(local)} is nan"
    if math.isfinite(adjoint) and math.isfinite(local):
        return f"{said}, and their product overflows"
    return f"its adjoint is {figure(adjoint)}, and {derivative}"


def overflow(dtype: Dtype, said: str, true: str | None) -> str:
    """The reason where a true value is beyond the dtype."""
    value = f"its true value, {_readable(true)}," if true else "the result"
    return ", and ".join(filter(None, (said, f"{value} overflows {dtype.name} (largest {_largest(dtype)})")))


def _readable(true: str) -> str:
    """A true value; where its exponent has more digits than one reads, a bound of it."""
    if len(true.partition("e")[2]) <= MOST_EXPONENT:
        return true
    return f"{'below -' if true.startswith('-') else 'above '}1e1{'0' * (MOST_EXPONENT - 1)}"


def _largest(dtype: Dtype) -> str:
    value = (2 - 2.0 ** (1 - dtype.bits)) * 2.0 ** (dtype.largest - 1)
    return figure(value, FEW)


def indeterminate(name: str, values: list[float]) -> str | None:
    """The form that has no value, where an operator is given one: 0*inf, inf - inf, 0/0."""
    if len(values) != 2:
        return None
    a, b = values
    both = math.isinf(a) and math.isinf(b)
    if name == "*" and 0 in values and any(map(math.isinf, values)):
        return f"{figure(a)}*{_bracketed(b)}"
    if name == "/" and (both or not (a or b)):
        return f"{figure(a)}/{_bracketed(b)}"
    if name == "-" and both and a == b:
        return f"{figure(a)} - {_bracketed(b)}"
    if name == "+" and both and a == -b:
        return f"{figure(a)} + {_bracketed(b)}"
    return None


def _bracketed(value: float) -> str:
    text = figure(value)
    return f"({text})" if text.startswith("-") else text
