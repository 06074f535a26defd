"""A derivative that is off by a factor, or has a number added."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from gradcli.check.mistakes.case import Case, rational
from gradcli.check.mistakes.mistakes import Other
from gradcli.check.mistakes.sizes import counts

SMALL = 100  # numerator and denominator of a factor that is no rounded constant
CLOSE = 1e-3  # to a constant, of a factor whose decimals are rounded
FEWEST_POINTS = 3  # at which the same number is added


def off(case: Case) -> Iterator[Other]:
    """The derivative times a factor, or with a number added."""
    ratios = [pair.claimed / pair.true for pair in case.pairs if pair.true]
    is_zero_alike = not any(pair.claimed for pair in case.pairs if not pair.true)
    if ratios and is_zero_alike and all(case.agree(one, ratios[0]) for one in ratios):
        yield from _factor(case, ratios[0])
    yield from _added(case)


def _factor(case: Case, ratio: Any) -> Iterator[Other]:
    if case.agree(ratio, -case.arithmetic.m.one):
        yield Other("sign", "sign", "sign: the derivative has the other sign")
        return
    found = rational(case, ratio)
    if found == 0:
        return
    if found is not None and max(abs(found.numerator), found.denominator) <= SMALL:
        if not case.has_parts and {found, 1 / found} & {Fraction(count) for count in counts(case)}:
            yield Other("size", "size", f"size: a factor of {found}, the number of entries: of a sum, or of a mean")
        else:
            yield _by(str(found))
        return
    named = _named(case, ratio)
    if named is not None:
        yield named
    elif found is not None:
        yield _by(str(found))
    else:
        yield from _with_constant(case, ratio)


def _by(factor: str) -> Other:
    return Other("factor", "factor", f"factor: the derivative is off by a factor of {factor}")


def _named(case: Case, ratio: Any) -> Other | None:
    """A factor that is one of angles, or of logarithms."""
    m = case.arithmetic.m
    for code, value, factor in (
        ("degrees", m.pi / 180, "pi/180"), ("degrees", 180 / m.pi, "180/pi"),
        ("base", m.log(10), "log(10)"), ("base", 1 / m.log(10), "1/log(10)"),
        ("base", m.log(2), "log(2)"), ("base", 1 / m.log(2), "1/log(2)"),
    ):  # fmt: skip
        if abs(ratio / value - 1) < CLOSE:
            why = ": angles are in radians" if code == "degrees" else ""
            rounded = "" if case.agree(ratio, value) else "; and its decimals are rounded"
            return Other(code, code, f"{code}: a factor of {factor} too much{why}{rounded}")
    return None


def _with_constant(case: Case, ratio: Any) -> Iterator[Other]:
    """A rational number times, or over, a constant."""
    m = case.arithmetic.m
    for text, value in (
        ("pi", m.pi), ("e", m.e), ("sqrt(2)", m.sqrt(2)), ("sqrt(3)", m.sqrt(3)), ("sqrt(pi)", m.sqrt(m.pi)),
        ("sqrt(2*pi)", m.sqrt(2 * m.pi)),
    ):  # fmt: skip
        for power in (1, -1):
            scale = rational(case, ratio / value**power)
            if scale:
                yield _by(_scaled(scale, text, power))
                return


def _scaled(scale: Fraction, text: str, power: int) -> str:
    above = [str(scale.numerator)] if abs(scale.numerator) != 1 else ["-1"] if scale < 0 else []
    below = [str(scale.denominator)] if scale.denominator != 1 else []
    (above if power > 0 else below).append(text)
    over = "*".join(above) or "1"
    if not below:
        return over
    return f"{over}/{below[0]}" if len(below) == 1 else f"{over}/({'*'.join(below)})"


def _added(case: Case) -> Iterator[Other]:
    """A constant is added."""
    if case.trace.has_tensors or len(case.pairs) < FEWEST_POINTS:
        return
    gaps = [pair.claimed - pair.true for pair in case.pairs]
    shown = rational(case, gaps[0])
    if shown and all(case.agree(gap, gaps[0]) for gap in gaps):
        how = f"{shown} is added" if shown > 0 else f"{-shown} is subtracted"
        yield Other("added", "constant", f"constant: {how}: the derivative of a constant is 0")
