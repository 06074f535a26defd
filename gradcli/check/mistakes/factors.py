"""A derivative that is off by a factor, or has a number added."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction
from typing import Any, Protocol

from gradcli.check.mistakes.mistakes import Other
from gradcli.check.mistakes.sentences import said

SMALL = 100  # numerator and denominator of a factor that is no rounded constant
DECIMALS = 4  # of a factor such as 1.0005, which is no short fraction
CLOSE = 1e-3  # to a constant, of a factor whose decimals are rounded
FEWEST_POINTS = 3  # at which the same number is added
UNITS = {Fraction(one) for one in (1000, 3600, 86_400, 10**6, 10**9)}  # factors between units, and of no common rule


class NumberPair(Protocol):
    """A claimed number, and the right one."""

    @property
    def claimed(self) -> Any:
        """What is claimed."""
        ...

    @property
    def true(self) -> Any:
        """What is right."""
        ...


class ClaimedNumbers(Protocol):
    """Claimed numbers and the right ones, whatever they come from: a program, or a callable."""

    @property
    def pairs(self) -> Sequence[NumberPair]:
        """The numbers, those that are wrong among them."""
        ...

    @property
    def m(self) -> Any:
        """mpmath's context, for constants."""
        ...

    @property
    def counts(self) -> Collection[int]:
        """Numbers of entries that a sum may be mistaken for a mean by."""
        ...

    @property
    def has_tensors(self) -> bool:
        """Whether they are entries of tensors."""
        ...

    def agree(self, one: Any, other: Any) -> bool:
        """Whether two numbers are one, as far as they are known."""
        ...

    def rational(self, value: Any) -> Fraction | None:
        """A number as a short fraction, if it is one."""
        ...

    @property
    def largest_beside_constant(self) -> int:
        """What numerator and denominator of a fraction times a constant may be, where it is to be no chance."""
        ...


def off(case: ClaimedNumbers) -> Iterator[Other]:
    """The derivative times a factor, or with a number added."""
    ratios = [pair.claimed / pair.true for pair in case.pairs if pair.true]
    is_zero_alike = not any(pair.claimed for pair in case.pairs if not pair.true)
    if ratios and is_zero_alike and all(case.agree(one, ratios[0]) for one in ratios):
        yield from _factor(case, ratios[0])
    yield from _added(case)


def _factor(case: ClaimedNumbers, ratio: Any) -> Iterator[Other]:
    if case.agree(ratio, -1):
        yield Other("sign", "sign", said("other sign"))
        return
    found = case.rational(ratio)
    if found == 0:
        return
    if found is not None and max(abs(found.numerator), found.denominator) <= SMALL:
        if {found, 1 / found} & {Fraction(count) for count in case.counts}:
            yield Other("size", "size", said("size", factor=found))
        else:
            yield _by(str(found))
        return
    named = _named(case, ratio)
    if named is not None:
        yield named
    elif found is not None:
        is_decimal = found.denominator != 1 and (found * 10**DECIMALS).denominator == 1
        units = ", as between units" if {found, 1 / found} & UNITS else ""
        yield _by((f"{float(found):.{DECIMALS}f}".rstrip("0") if is_decimal else str(found)) + units)
    else:
        yield from _with_constant(case, ratio)


def _by(factor: str) -> Other:
    return Other("factor", "factor", said("factor", factor=factor))


def _named(case: ClaimedNumbers, ratio: Any) -> Other | None:
    """A factor that is one of angles, or of logarithms."""
    m = case.m
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


def _with_constant(case: ClaimedNumbers, ratio: Any) -> Iterator[Other]:
    """A rational number times, or over, a constant."""
    m = case.m
    for text, value in (
        ("pi", m.pi), ("e", m.e), ("sqrt(2)", m.sqrt(2)), ("sqrt(3)", m.sqrt(3)), ("sqrt(pi)", m.sqrt(m.pi)),
        ("sqrt(2*pi)", m.sqrt(2 * m.pi)),
    ):  # fmt: skip
        for power in (1, -1):
            scale = case.rational(ratio / value**power)
            if scale and max(abs(scale.numerator), scale.denominator) <= case.largest_beside_constant:
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


def _added(case: ClaimedNumbers) -> Iterator[Other]:
    """A constant is added."""
    if case.has_tensors or len(case.pairs) < FEWEST_POINTS:
        return
    gaps = [pair.claimed - pair.true for pair in case.pairs]
    shown = case.rational(gaps[0])
    if shown and all(case.agree(gap, gaps[0]) for gap in gaps):
        how = f"{shown} is added" if shown > 0 else f"{-shown} is subtracted"
        yield Other("added", "constant", said("added", how=how))
