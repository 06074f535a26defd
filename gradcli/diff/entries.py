"""Verdicts on all entries of a tensor of derivatives at once: `judge`, on arrays."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Optional, overload

import numpy as np

from gradcli.language.numbers import Dtype
from gradcli.reference.digits import agreeing_all, enough, tolerance
from gradcli.reference.verdict import FLAT_ROUNDINGS, ROUNDINGS, WORST_FIRST, Judgement, Verdict
from gradcli.tape.arrays import TextArray, nested, position
from gradcli.tape.findings import Finding

if TYPE_CHECKING:
    from gradcli.problem.job import Job
    from gradcli.problem.study import PartialBlock, WholeReference

MOST_REFERENCES = 20_000  # entries of a tensor whose true values are lists; those of more are made as they are read
CHUNK = 200_000  # entries that are computed with at once
SMALLEST_EXPONENT = -1074  # of what is less than 2 to this power, 0 is the nearest double

Index = tuple[int, ...]
Judged = tuple[Index, Optional[float], Finding, Judgement]  # an entry, and what is said of it

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


def judge_entries(
    part: PartialBlock, whole: WholeReference, dtype: Dtype, least: float | None, custom_vjps: bool
) -> EntryVerdicts:
    """The verdicts on the entries that have no finding of their own."""
    known = np.array(whole.known)  # of rank 0, too, something to write in
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
    wrong = np.where(np.isfinite(numbers), _DISAGREE, _INACCURATE) if custom_vjps else _INACCURATE
    zeros = np.where(zero, size, np.nan)
    rounded = int((known & as_zero & (numbers != 0)).sum())
    return EntryVerdicts(known, np.where(right, _AGREE, wrong), digits, zeros, wanted, rounded)


def _as_zero(whole: WholeReference, numbers: Any, zero: Any, dtype: Dtype) -> Any:
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


def _sizes(whole: WholeReference) -> Any:
    """What an entry of 0 is held against: what cancelled in it, or the largest one of the tensor."""
    largest = np.abs(whole.values[whole.known & ~whole.drowned]).max(initial=0.0)
    return largest if whole.size is None else np.where(whole.size > 0, whole.size, largest)


def one_of(part: PartialBlock, whole: WholeReference, judged: EntryVerdicts, index: Index, digits: int) -> Judged:
    """What is said of one entry."""
    number = float(np.asarray(part.autograd)[index])
    text = whole.text(index, digits)
    return (
        index,
        number,
        Finding(True, text),
        Judgement(WORST_FIRST[int(judged.ranks[index])], float(judged.digits[index])),
    )


def unsettled(part: PartialBlock, whole: WholeReference) -> Judged | None:
    """The first entry that nobody could judge, where none of its kind was."""
    index = next(map(tuple, np.argwhere(~whole.known).tolist()), None)
    if index is None or part.findings:
        return None
    finding = Finding(None, note=part.note)
    return index, float(np.asarray(part.autograd)[index]), finding, Judgement(Verdict.UNDECIDED, None)


class EntryTexts(Sequence[Optional[str]]):
    """The true values of entries, in order, each made when it is read.

    whole    what the reference knows, its arrays flat
    own      the texts of entries that have a finding of their own, by place
    places   those of the entries
    """

    def __init__(self, whole: WholeReference, own: Mapping[int, str | None], places: range, digits: int) -> None:
        self.whole = whole
        self.own = own
        self.places = places
        self.digits = digits

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, index: int) -> str | None: ...

    @overload
    def __getitem__(self, index: slice) -> EntryTexts: ...

    def __getitem__(self, index: int | slice) -> str | EntryTexts | None:
        if isinstance(index, slice):
            return EntryTexts(self.whole, self.own, self.places[index], self.digits)
        place = self.places[index]
        return self.own[place] if place in self.own else self.whole.text((place,), self.digits)

    def __iter__(self) -> Iterator[str | None]:
        for start in range(0, len(self.places), CHUNK):
            places = self.places[start : start + CHUNK]
            for place, text in zip(places, self.whole.texts(places, self.digits)):
                yield self.own.get(place, text)


def references(part: PartialBlock, whole: WholeReference, own: Mapping[int, str | None], digits: int) -> Any:
    """The true values of all entries, nested lists of decimals or an array that makes them; `own` by place."""
    texts = EntryTexts(whole.flattened(), own, range(math.prod(part.shape)), digits)
    return TextArray(part.shape, texts) if len(texts) > MOST_REFERENCES else nested(part.shape, texts)


def mismatch(job: Job, part: PartialBlock, judged: list[Judged], together: EntryVerdicts | None) -> str | None:
    """What to say where the formula's values are not the derivative's: the true one's where that is known."""
    if part.values is None:
        return None
    expected, values = np.asarray(part.autograd), part.values
    if together is not None and part.whole is not None:
        wrong = together.known & (together.ranks != Verdict.AGREE.rank)
        expected = np.where(wrong, part.whole.values, expected)
        rounding = together.is_rounding(values) & together.known & ~wrong
        expected = np.where(rounding, values, expected)
    truths = {
        position(part.shape, index): math.nan if finding.value is None else float(finding.value)
        for index, _, finding, judgement in judged
        if judgement.verdict is not Verdict.AGREE
    }
    places = _off(expected, values, truths, tolerance(enough(job.dtype)))
    if not len(places):
        return None
    first = tuple(map(int, np.unravel_index(places[0], part.shape)))
    place = f"at [{','.join(map(str, part.index(first)))}], where" if first else "here:"
    others = len(places) - 1
    more = f", and at {others:,} other {'entry' if others == 1 else 'entries'}" if others else ""
    return f"evaluated in double precision, the formula is off {place} it gives {float(values[first])!r}{more}"


def _off(expected: Any, values: Any, truths: Mapping[int, float], bound: float) -> Any:
    """Where, in row-major order, values are not the expected numbers, or instead of those the truths at some places."""
    known = sorted(truths)

    def parts() -> Iterator[tuple[int, Any, Any]]:
        for start, numbers, own in zip(itertools.count(0, CHUNK), chunks(expected), chunks(values)):
            here = known[bisect.bisect_left(known, start) : bisect.bisect_left(known, start + CHUNK)]
            wanted = np.array(numbers)
            wanted[[place - start for place in here]] = [truths[place] for place in here]
            yield start, wanted, own

    size = max(float(np.abs(wanted[np.isfinite(wanted)]).max(initial=0.0)) for _, wanted, _ in parts())
    found = []
    for start, wanted, own in parts():
        with np.errstate(all="ignore"):
            near = np.abs(wanted - own) <= bound * (np.abs(wanted) + np.abs(own)) + bound**1.5 * size
        found.append(start + np.flatnonzero(np.isfinite(wanted) & ~near & (wanted != own)))
    return np.concatenate(found)


def chunks(array: Any) -> Iterator[Any]:
    """The entries of an array in order, some at a time."""
    flat = array.reshape(-1)
    return (flat[start : start + CHUNK] for start in range(0, max(flat.size, 1), CHUNK))
