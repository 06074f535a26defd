"""The verdict: autograd's number held against the truth."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from decimal import Context, Decimal, localcontext
from enum import Enum
from typing import NamedTuple, TypeVar

from gradcli.errors import ExitCode
from gradcli.language.numbers import Dtype
from gradcli.reference.digits import agreeing, enough
from gradcli.tape.findings import Finding


class OrderedVerdict(Enum):
    """A verdict of some kind; its members stand from worst to best."""

    @property
    def rank(self) -> int:
        """Where it stands among those of its kind; the worst one is 0."""
        return _RANKS[self]

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of an answer whose worst verdict this is."""
        return _EXIT_CODES[self]


class Verdict(OrderedVerdict):
    """What to believe of autograd's number, from worst to best; gradcli/help/verdicts.md says what each one means."""

    DISAGREE = "disagree"
    INACCURATE = "inaccurate"
    UNDECIDED = "undecided"
    UNDEFINED = "undefined"
    AGREE = "agree"


class ClaimVerdict(OrderedVerdict):
    """What to believe of a claim, from worst to best; see gradcli/help/verdicts.md for what each one means."""

    FALSE = "false"
    UNDECIDED = "undecided"
    HOLDS = "holds"
    PROVED = "proved"


_EXIT_CODES: dict[OrderedVerdict, ExitCode] = {
    Verdict.DISAGREE: ExitCode.WRONG,
    Verdict.INACCURATE: ExitCode.WRONG,
    Verdict.UNDECIDED: ExitCode.LIMIT,
    Verdict.UNDEFINED: ExitCode.UNDEFINED,
    Verdict.AGREE: ExitCode.AGREE,
    ClaimVerdict.FALSE: ExitCode.WRONG,
    ClaimVerdict.UNDECIDED: ExitCode.LIMIT,
    ClaimVerdict.HOLDS: ExitCode.AGREE,
    ClaimVerdict.PROVED: ExitCode.AGREE,
}
WORST_FIRST = tuple(Verdict)
_RANKS = {one: rank for kind in (Verdict, ClaimVerdict) for rank, one in enumerate(kind)}
_SEVERITY = (
    ExitCode.BROKEN_PIPE, ExitCode.INTERRUPTED, ExitCode.DEFECT,  # the answers are not all there, or not to be believed
    ExitCode.INPUT, *dict.fromkeys(verdict.exit_code for verdict in WORST_FIRST),
)  # fmt: skip

AnyVerdict = TypeVar("AnyVerdict", bound=OrderedVerdict)


def worst(verdicts: Iterable[AnyVerdict | None]) -> AnyVerdict | None:
    """The worst one of several verdicts of one kind; None where there is none."""
    return min((one for one in verdicts if one is not None), key=lambda one: one.rank, default=None)


def worst_code(codes: Collection[int]) -> ExitCode:
    """The exit code of several answers, from their own: a defect, then wrong input, then as with verdicts."""
    return next((code for code in _SEVERITY if code in codes), ExitCode.AGREE)


ARITHMETIC = Context(prec=60, Emax=10**17, Emin=-(10**17))
NOTHING = Decimal("2.47e-324")  # half of the smallest double: for less, 0 is the nearest one
CONVENTION_DIGITS = 12  # to these, the chain rule with autograd's conventions is the truth
ROUNDINGS = 2  # units of rounding of the typed numbers that a zero may be off by,
FLAT_ROUNDINGS = 8  # and of f itself: each operation on the way to it adds some
MOST_NAMED = 3


class Judgement(NamedTuple):
    """A verdict, and how many decimal digits of autograd's number are right; None where there is nothing to count."""

    verdict: Verdict
    digits: float | None
    note: str | None = None


def judge(number: float, finding: Finding, dtype: Dtype, least: float | None = None) -> Judgement:
    """What to believe of a number that autograd gave in a dtype; `least` digits make it right.

    Without `least`, half of the dtype's digits do. A derivative that is 0 up to the rounding of what was typed, or of
    f itself, is right where autograd's number is so, too; its digits are not counted.
    """
    if finding.exists is None:
        return Judgement(Verdict.UNDECIDED, None)
    if not finding.exists or finding.value is None:
        return Judgement(Verdict.UNDEFINED, None)
    with localcontext(ARITHMETIC):
        truth = Decimal(finding.value)
        zero = _as_zero(number, truth, finding, dtype)
        if zero is not None:
            return Judgement(Verdict.AGREE, None, zero)
        digits = _digits(number, truth, abs(truth), dtype.digits)
        if digits >= enough(dtype, least) and math.isfinite(number):
            return Judgement(Verdict.AGREE, digits)
        taken = None if finding.taken is None else Decimal(finding.taken)
        if taken is None:
            convention = math.isfinite(number)
        else:
            convention = agreeing(abs(taken - truth), abs(truth)) < CONVENTION_DIGITS
        return Judgement(Verdict.DISAGREE if convention else Verdict.INACCURATE, digits)


def judge_alone(finding: Finding) -> Judgement:
    """What to believe of the reference's own value, where autograd was left out; it has no digits to count."""
    if finding.exists is None:
        return Judgement(Verdict.UNDECIDED, None)
    if not finding.exists or finding.value is None:
        return Judgement(Verdict.UNDEFINED, None)
    return Judgement(Verdict.AGREE, None)


def judge_value(
    number: float, truth: str | None, rounding: str | None, dtype: Dtype, least: float | None = None
) -> Judgement:
    """What to believe of the program's own value; a value that there is not has no verdict to be wrong about."""
    if truth is None:
        return Judgement(Verdict.UNDECIDED, None)
    finding = Finding(True, truth, truth, rounding=rounding)
    return judge(number, finding, dtype, least)


def judge_complex(
    number: tuple[float, float], truth: tuple[str, str], dtype: Dtype, least: float | None = None
) -> Judgement:
    """What to believe of a complex value, by its absolute error; numbers are a real and an imaginary part."""
    if not all(map(math.isfinite, number)):
        return Judgement(Verdict.INACCURATE, 0.0)
    with localcontext(ARITHMETIC):
        exact = [Decimal(part) for part in truth]
        errors = [Decimal(part) - one for part, one in zip(number, exact)]
        error, size = ((a * a + b * b).sqrt() for a, b in (errors, exact))
        if not size and not error:
            return Judgement(Verdict.AGREE, round(dtype.digits, 2))
        digits = round(agreeing(error, size, dtype.digits), 2)
    return Judgement(Verdict.AGREE if digits >= enough(dtype, least) else Verdict.INACCURATE, digits)


def _as_zero(number: float, truth: Decimal, finding: Finding, dtype: Dtype) -> str | None:
    """What to say of a derivative and a number that are both 0 up to some rounding; None where they are not."""
    if not math.isfinite(number) or (not truth and not number):
        return None
    unit = Decimal(ROUNDINGS) * Decimal(2) ** -dtype.bits
    size = max(abs(truth), abs(Decimal(number)))
    if finding.rounding is not None and size <= unit * Decimal(finding.rounding):
        named = finding.rounded[:MOST_NAMED]
        what = " and ".join(filter(None, (", ".join(named[:-1]), *named[-1:]))) or "the typed numbers"
        return f"zero up to the rounding of {what}"
    flat = Decimal(FLAT_ROUNDINGS) * Decimal(2) ** -dtype.bits
    if not truth and finding.flat is not None and size <= flat * Decimal(finding.flat):
        return "zero up to the rounding of the value"
    return None


def digits_of(number: float, truth: str, dtype: Dtype) -> float:
    """The correct decimal digits of a number whose true value is given in decimals."""
    with localcontext(ARITHMETIC):
        exact = Decimal(truth)
        return _digits(number, exact, abs(exact), dtype.digits)


def _digits(number: float, truth: Decimal, size: Decimal, most: float) -> float:
    """The correct decimal digits of a number, at most those that its dtype holds."""
    if not math.isfinite(number):
        return 0.0
    if not number and abs(truth) <= NOTHING:
        return round(most, 2)
    return round(agreeing(abs(Decimal(number) - truth), size, most), 2)
