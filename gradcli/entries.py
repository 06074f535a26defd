"""Verdicts on all entries of a tensor of derivatives at once: `judge`, on arrays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.engines.findings import Finding
from gradcli.language.numbers import Dtype
from gradcli.reference.digits import agreeing_all, enough, tolerance
from gradcli.reference.verdict import FLAT_ROUNDINGS, ROUNDINGS, WORST_FIRST, Judgement, Verdict

if TYPE_CHECKING:
    from gradcli.engines.tensors.study import Part, Whole

MOST_REFERENCES = 20_000  # entries of a tensor whose true values are all written out
SMALLEST_EXPONENT = -1074  # of what is less than 2 to this power, 0 is the nearest double

Index = tuple[int, ...]
Judged = tuple[Index, float, Finding, Judgement]  # an entry, and what is said of it

_AGREE, _INACCURATE, _DISAGREE = (one.rank for one in (Verdict.AGREE, Verdict.INACCURATE, Verdict.DISAGREE))


class EntryVerdicts(NamedTuple):
    """What is to be believed of every entry that the reference knows.

    known   which entries these are
    ranks   of their verdicts among the worst ones
    digits  that are right
    zeros   what entries that are 0, or drowned, are held against; for others NaN
    least   digits that make a number right
    rounded how many entries are 0 up to the rounding of what was typed, or of the value, and not as doubles
    """

    known: Any
    ranks: Any
    digits: Any
    zeros: Any
    least: float
    rounded: int = 0

    def is_rounding(self, values: Any) -> Any:
        """Which of other numbers for the entries that are 0 are merely the rounding of that."""
        with np.errstate(invalid="ignore"):
            return np.abs(values) <= tolerance(self.least) * self.zeros

    def worst(self) -> Index | None:
        """The entry that is to be believed least, the first one of several."""
        if not self.known.any():
            return None
        order = np.where(self.known, self.ranks * 100.0 + self.digits, np.inf)
        return tuple(map(int, np.unravel_index(int(order.argmin()), order.shape)))

    def unusual(self) -> Any:
        """The entries that are not in order, the worst verdicts first."""
        found = np.argwhere(self.known & (self.ranks != _AGREE))
        ranks = self.ranks[tuple(found.T)] if len(found) else np.zeros(0)
        return found[np.argsort(ranks, kind="stable")]


def judge_entries(part: Part, whole: Whole, dtype: Dtype, least: float | None, hand_written: bool) -> EntryVerdicts:
    """The verdicts on the entries that have no finding of their own."""
    known = whole.known.copy()
    for index in part.findings:
        known[index] = False
    numbers, first = np.asarray(part.autograd), whole.limbs[0]
    zero = whole.drowned | (first == 0)
    with np.errstate(all="ignore"):
        scaled = numbers if whole.exponents is None else np.ldexp(numbers, -np.clip(whole.exponents, -3000, 3000))
        error = scaled - first
        for limb in whole.limbs[1:]:
            error = error - limb
        size = np.where(zero, _sizes(whole), np.abs(first))
        error = np.where(zero, numbers, error)
    found = agreeing_all(np.abs(error), size, dtype.digits)
    if whole.exponents is not None:
        found = np.where((numbers == 0) & (whole.exponents < SMALLEST_EXPONENT), dtype.digits, found)
    digits = np.round(np.where(np.isfinite(numbers), found, 0.0), 2) + 0.0  # no -0.0
    wanted = enough(dtype, least)
    as_zero = _as_zero(whole, numbers, zero, dtype)
    digits = np.where(as_zero, round(dtype.digits, 2), np.where(zero & ~as_zero, 0.0, digits))
    right = ((digits >= wanted) & np.isfinite(numbers)) | as_zero
    wrong = np.where(np.isfinite(numbers), _DISAGREE, _INACCURATE) if hand_written else _INACCURATE
    zeros = np.where(zero, size, np.nan)
    rounded = int((known & as_zero & (numbers != 0)).sum())
    return EntryVerdicts(known, np.where(right, _AGREE, wrong), digits, zeros, wanted, rounded)


def _as_zero(whole: Whole, numbers: Any, zero: Any, dtype: Dtype) -> Any:
    """Which numbers are zero up to the rounding of what was typed, or of the value, as the derivatives are."""
    unit = 2.0**-dtype.bits
    with np.errstate(all="ignore"):
        found: Any = zero & (numbers == 0)
        if whole.rounding is not None:
            bound = ROUNDINGS * unit * whole.rounding
            found = found | ((np.abs(numbers) <= bound) & (zero | (np.abs(whole.values) <= bound)))
        if whole.flat is not None:
            return found | (zero & (np.abs(numbers) <= FLAT_ROUNDINGS * unit * whole.flat))
        return found | (zero & (np.abs(numbers) <= tolerance(enough(dtype)) * _sizes(whole)))


def _sizes(whole: Whole) -> Any:
    """What an entry of 0 is held against: what cancelled in it, or the largest one of the tensor."""
    largest = np.abs(whole.values[whole.known & ~whole.drowned]).max(initial=0.0)
    return largest if whole.size is None else np.where(whole.size > 0, whole.size, largest)


def one_of(part: Part, whole: Whole, judged: EntryVerdicts, index: Index, digits: int) -> Judged:
    """What is said of one entry."""
    number = float(np.asarray(part.autograd)[index])
    text = whole.text(index, digits)
    return (
        index,
        number,
        Finding(True, text),
        Judgement(WORST_FIRST[int(judged.ranks[index])], float(judged.digits[index])),
    )


def unsettled(part: Part, whole: Whole) -> Judged | None:
    """The first entry that nobody could judge, where none of its kind was."""
    index = next(map(tuple, np.argwhere(~whole.known).tolist()), None)
    if index is None or part.findings:
        return None
    finding = Finding(None, note=part.note)
    return index, float(np.asarray(part.autograd)[index]), finding, Judgement(Verdict.UNDECIDED, None)


def references(whole: Whole, digits: int) -> Iterator[str | None]:
    """The true values of all entries."""
    for index in np.ndindex(*whole.known.shape):
        yield whole.text(index, digits)
