"""Decimal numbers in formulas: their shortest texts, and powers of variables over typed numbers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from mpmath.libmp import to_str

from gradcli.backends.symbolic.typed import Literals
from gradcli.backends.symbolic.value import exact
from gradcli.language.nodes import Node, Number
from gradcli.language.numbers import Dtype, fraction_of, plain_exponent, short
from gradcli.language.trees import HERE, call, negated, number

FAR = 4_096  # bits, or digits: far beyond doubles, whose exact decimals are short enough to be written out first
FAR_DIGITS = 17
MANY_DIGITS = 15  # of a number: a double that was typed has no more
FEW_DIGITS = 12  # of a product of typed decimals
NEAR = Fraction(1, 2**51)  # relatively, of doubles by which it is the product
PLAIN_EXPONENT = 6  # decimals that are a whole number are written 10 below, 1e6 from there


def float_text(value: Any, dtype: Dtype) -> str:
    """A number of SymPy's in decimals, as short as the dtype allows; a bounded count of digits whatever its size."""
    _, _, exponent, bits = value._mpf_
    if abs(exponent + bits) > FAR:
        mantissa, _, far = str(to_str(value._mpf_, FAR_DIGITS, min_fixed=0, max_fixed=0)).partition("e")
        return f"{mantissa.removesuffix('.0')}e{int(far)}"
    own = fraction_of(value)
    text = short(own, dtype)
    if len(text.partition("e")[0].replace(".", "").strip("-0")) > MANY_DIGITS and dtype.digits > MANY_DIGITS:
        fewer = f"{Decimal(text):.{FEW_DIGITS}g}".lower()
        if abs(Fraction(fewer) - own) <= NEAR * abs(own):
            return plain_exponent(fewer)
    return text


def decimal_node(text: str) -> Node:
    """A decimal number; one far beyond doubles as a power of ten: its digits as a fraction would fill the memory."""
    plain = text.removeprefix("-")
    mantissa, _, exponent = plain.partition("e")
    if exponent.isdigit() and int(exponent) < PLAIN_EXPONENT:
        plain = str(int(float(plain)))
    if abs(int(exponent or 0)) > FAR:
        far = call("*", Number(mantissa, Fraction(mantissa), HERE), call("**", number(10), number(int(exponent))))
        return negated(far) if text.startswith("-") else far
    node = Number(plain, Fraction(plain), HERE)
    return call("neg", node) if text.startswith("-") else node


class ScaledPower(NamedTuple):
    """A power of a variable over a typed number, or times it, in a product; and the other factors."""

    rest: Sequence[Any]
    variable: Any
    number: Node
    is_over: bool
    exponent: Any


def scaled_power(
    factors: Sequence[Any], literals: Literals, dtype: Dtype, is_typed: Callable[[Any], bool]
) -> ScaledPower | None:
    """The power that makes a number of a product a typed one, or 1; None where there is none.

    SymPy has 8.18e-5*T**0.75 for 1.75*(T/298.15)**0.75/298.15.
    """
    typed = sorted({*literals.decimals, *map(Fraction, literals.known.integers)})
    for power in factors[1:]:
        if not (power.is_Pow and power.base.is_Symbol and power.exp.is_Number and not power.exp.is_Integer):
            continue
        for value, sign in itertools.product([one for one in typed if one > 1], (1, -1)):
            left = factors[0] * exact(value) ** (sign * power.exp)
            if is_typed(left):
                others = [one for one in factors[1:] if one is not power]
                is_one = left.is_positive and float_text(left, dtype) == "1"
                over = Number(short(value, dtype), value, HERE)
                return ScaledPower(others if is_one else [left, *others], power.base, over, sign > 0, power.exp)
    return None
