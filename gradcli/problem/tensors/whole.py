"""The reference on whole tensors: what balls know of all entries of a job's derivatives, put into its study."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.backends.arb.flint import PROOF
from gradcli.backends.arb.tensors.cost import MOST_WORK
from gradcli.language.numbers import to_float
from gradcli.problem.job import Job
from gradcli.problem.study import Index, PartialBlock, Study, WholeReference
from gradcli.problem.tensors.not_finite import by_what_is_not_finite
from gradcli.problem.values import Value
from gradcli.reference.verdict import Verdict, judge_value
from gradcli.tape.arrays import Array, every
from gradcli.tape.findings import Finding
from gradcli.tape.tape import Tape

if TYPE_CHECKING:
    from gradcli.backends.arb.tensors.branches import BranchSides
    from gradcli.backends.arb.tensors.reference import Known, TensorReference, TensorTruth
    from gradcli.backends.arb.tensors.sides import EntrySides

DIGITS_OF_SIDES = 25  # of a derivative from one side, which a step of 1e-51 away is known to more
SIDES_WORK = 40_000_000  # in the units of a reference's work
COST_OF_SIDES = 10  # of one entry, by that of all derivatives: two steps to each side, with five times the bits
SUSPECTED = 1_000_000  # entries; of more, only a sample may be judged
CHUNK = 200_000  # entries that are looked at once
SUSPECTS = 100  # of them where autograd has no number
MOST_FINDINGS = 10_000  # entries on kinks of one part that are told of
MOST_VALUES = 10_000  # entries of the output that are given in decimals
WORK_OF_ROUNDING = 16  # times that of the derivatives: eight more of them, with twice the bits
CLOSE = 1e-8  # relative: half of a double's digits; other dtypes are looked at more often than it takes
NOT_BORNE_OUT = "difference quotients of the function do not bear out the chain rule"


class WholeJudge:
    """Judges one job on whole tensors, into its study."""

    def __init__(self, job: Job, study: Study) -> None:
        self.job = job
        self.study = study
        self.reference: TensorReference | None = None
        self.is_contradicted = False  # by the quotients
        self.is_too_large = False  # for all entries
        self.cut: set[int] = set()  # variables of which more entries on kinks are known than are told of
        self.places: list[int] = []  # of the targets on the tape
        self.left: dict[int, list[Index]] = {}  # entries of samples that are not known, by variable

    def judge(self) -> str | None:
        """Put what is known of all entries into the parts of the study; else the reason why nothing is."""
        from gradcli.backends.arb.tensors.reference import NotEnclosed, TensorReference, TooMuch
        from gradcli.backends.arb.tensors.rounding import gradient_moved

        job, study = self.job, self.study
        tape = job.written
        places = self.places = [index for name in job.targets if (index := tape.find(name)) is not None]
        try:
            self.reference = TensorReference(tape, point_of(job), places, job.order, job.digits, self._suspects(places))
            truth = self.reference.judge()
        except NotEnclosed as reason:
            return f"{reason} has no enclosure on whole tensors"
        except TooMuch:
            self.is_too_large = True
            return "too large for all entries"
        if not study.shape and not truth.value[()].is_finite() and not truth.is_open:
            return "the value of the program does not exist, or is not known"
        if not truth.is_borne_out:
            self.is_contradicted = True
            return NOT_BORNE_OUT
        rounding: Mapping[tuple[int, ...], Any] | None = None
        for part in study.parts:
            known = share_of(truth.partials[part.positions], part)
            if places[part.positions[0]] in self.reference.samples:
                self._sampled(part, known, self.reference.samples[places[part.positions[0]]])
                continue
            known.flat = self.flat(part)
            if job.not_finite:
                known.known = known.known & ~by_what_is_not_finite(job, part, places)
            if is_off(part.autograd, known).any() and self.has_time():
                rounding = rounding or gradient_moved(self.reference)
                at: Any = ... if part.of is None else part.of
                known.rounding = np.asarray(rounding[part.positions][at])
            part.whole = known
        _value(job, study, truth)
        self._follow_value()
        return None

    def has_time(self) -> bool:
        """Whether the rounding of the typed numbers can be followed: of first derivatives that take little work."""
        reference = self.reference
        if reference is None or reference.order != 1 or reference.large:
            return False
        return reference.work < MOST_WORK / WORK_OF_ROUNDING

    def _follow_value(self) -> None:
        """For the entries of the value that are not right, what the rounding of the typed numbers moves them by."""
        from gradcli.backends.arb.tensors.rounding import CHOICES, value_moved

        study, dtype, least = self.study, self.job.dtype, self.job.min_digits
        off = [
            index
            for index, text in study.references.items()
            if judge_value(float(study.value[index]), text, None, dtype, least).verdict is not Verdict.AGREE
        ]
        if off and self.reference is not None and not self.reference.large:
            moved = value_moved(self.reference, CHOICES if self.has_time() else 1)
            study.roundings |= {index: repr(float(moved[index])) for index in off}

    def flat(self, part: PartialBlock, at: Sequence[int] | None = None) -> Any:
        """|f|/|x| by entries, or of those of one output at some places: the order of a slope that f cannot show."""
        if self.job.order != 1 or self.study.value is None or self.reference is None:
            return None
        value = self.reference.doubles.get(self.job.written.variable(self.places[part.positions[0]]))
        if value is None:
            return None
        outputs = np.abs(np.asarray(self.study.value))[... if part.of is None else part.of]
        value = np.asarray(value) if at is None else np.asarray(value).reshape(-1)[list(at)]
        sizes = np.where(np.asarray(value) == 0, 1.0, np.abs(value))
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(outputs.reshape((*outputs.shape, *[1] * sizes.ndim)) / sizes)

    def _suspects(self, indices: Sequence[int]) -> dict[int, list[int]]:
        """The entries that a sample should have: where autograd has no number, its largest one and its smallest."""
        found: dict[int, list[int]] = {}
        for part in self.study.parts:
            if len(part.positions) == 1 and part.autograd.size > SUSPECTED:
                flat = part.autograd.reshape(-1)
                odd = np.flatnonzero(~np.isfinite(flat))
                extreme = [*_extremes(flat), int(flat.argmax()), int(flat.argmin())]
                found[indices[part.positions[0]]] = [*odd[:SUSPECTS].tolist(), *extreme]
        return found

    def _sampled(self, part: PartialBlock, known: WholeReference, indices: Sequence[int]) -> None:
        """Put what is known of some entries of a large matrix into a part."""
        flat = self.flat(part, indices)
        for count, place in enumerate(indices):
            index = tuple(map(int, np.unravel_index(place, part.shape)))
            text = known.text((count,), self.job.digits)
            if text is None:
                self.left.setdefault(part.positions[0], []).append(index)
                continue
            size = repr(float(known.size[count])) if text == "0" and known.size is not None else None
            taken = None if self.job.has_custom_vjps else text
            at = None if flat is None or text != "0" else repr(float(flat.reshape(-1)[count]))
            part.findings[index] = Finding(True, text, taken, size, proof=PROOF, flat=at)

    def both_sides(self) -> None:
        """Put what is known of the two sides of entries that reach a nonsmooth point into the parts of the study."""
        from gradcli.backends.arb.tensors.enclosures import NotEnclosed

        if self.reference is None or self.job.order != 1 or self.job.digits > DIGITS_OF_SIDES:
            return
        try:
            found = self.reference.both_sides()
        except NotEnclosed:
            return
        for part in self.study.parts:
            for sides in found.get(self.places[part.positions[0]], ()):
                self._file(part, sides)
        for position, entries in self.left.items():
            parts = [part for part in self.study.parts if part.positions == (position,)]
            self.left[position] = [entry for entry in entries if not all(entry in part.findings for part in parts)]

    def _file(self, part: PartialBlock, sides: BranchSides) -> None:
        """The findings of one part; of very many that are told, some."""
        from gradcli.backends.arb.tensors.sides import EntrySides

        at = None if part.of is None else int(np.ravel_multi_index(part.of, self.study.shape))
        lead = self.study.shape if part.of is None else ()
        shape = part.shape[len(lead) :]
        rows = [row for row, output in enumerate(sides.outputs) if at is None or output == at]
        picked = np.argwhere(sides.known[rows])
        if len(picked) > MOST_FINDINGS:
            self.cut.add(part.positions[0])
            picked = picked[np.unique(np.linspace(0, len(picked) - 1, MOST_FINDINGS).astype(int))]
        for row, column in picked.tolist():
            place = rows[row], column
            one = EntrySides(sides.left[place], sides.right[place], sides.taken[place])
            finding = self._finding(one, False)
            if finding is not None:
                output = np.unravel_index(sides.outputs[rows[row]], self.study.shape) if lead else ()
                entry = np.unravel_index(sides.places[column], shape) if shape else ()
                part.findings[tuple(map(int, (*output, *entry)))] = finding

    def sides(self, position: int, entries: Sequence[Index]) -> list[Index]:
        """Look at both sides of entries of one variable; those that it cannot tell of."""
        parts = [part for part in self.study.parts if part.positions == (position,) and part.of is None]
        if self.reference is None or len(parts) != 1 or self.job.digits > DIGITS_OF_SIDES:
            return list(entries)
        left: list[Index] = []
        most = int(SIDES_WORK / (COST_OF_SIDES * self.reference.work))
        outputs = list(enumerate(every(self.study.shape)))
        for count, entry in enumerate(entries):
            for output, lead in outputs:
                index = (*lead, *entry)
                if index in parts[0].findings or (self.study.shape and self._is_known(parts[0], index)):
                    continue
                allowed = count * len(outputs) + output < most
                found = self.reference.sides(position, entry, output) if allowed else None
                finding = None if found is None else self._finding(found, self._is_smooth(parts[0], index))
                if finding is not None:
                    parts[0].findings[index] = finding
                elif entry not in left:
                    left.append(entry)
        return left

    def _is_known(self, part: PartialBlock, index: Index) -> bool:
        return part.whole is not None and bool(part.whole.known[index])

    def _is_smooth(self, part: PartialBlock, entry: Index) -> bool:
        """Whether no formula changes there, so that the chain rule gives the derivative wherever it gives anything."""
        return part.whole is not None and not part.whole.special[entry]

    def _finding(self, sides: EntrySides, is_smooth: bool) -> Finding | None:
        """What there is to say of an entry, where its numbers are known to enough digits."""
        from gradcli.backends.arb.context import precision
        from gradcli.backends.arb.decimals import decimal
        from gradcli.backends.arb.tensors.sides import BITS

        if sides.jumps:
            return Finding(False, kind="jump")
        with precision(BITS):
            balls = (sides.left, sides.right, sides.taken)
            lower, upper, taken = (decimal(ball, self.job.digits) if ball.is_finite() else None for ball in balls)
        if lower is None or upper is None:
            return None
        if sides.is_corner:
            return Finding(False, kind="corner", left=str(lower), right=str(upper))
        taken = lower if is_smooth else taken
        taken = None if self.job.has_custom_vjps else taken
        return Finding(True, str(lower), None if taken is None else str(taken), proof=PROOF)


def _extremes(flat: Any) -> tuple[int, int]:
    """Where the largest absolute value is, and the smallest one, the first of several; what is not finite is 0."""
    largest, smallest = (-1.0, 0), (math.inf, 0)
    for start in range(0, flat.size, CHUNK):
        part = flat[start : start + CHUNK]
        sizes = np.abs(np.where(np.isfinite(part), part, 0.0))
        most, least = int(sizes.argmax()), int(sizes.argmin())
        largest = max(largest, (float(sizes[most]), start + most), key=lambda one: one[0])
        smallest = min(smallest, (float(sizes[least]), start + least), key=lambda one: one[0])
    return largest[1], smallest[1]


def is_off(numbers: Any, known: WholeReference) -> Any:
    """Which of autograd's numbers are not right to half of a double's digits."""
    numbers, values = np.asarray(numbers), known.values
    with np.errstate(all="ignore"):
        right = np.abs(numbers - values) <= CLOSE * np.abs(values)
        return known.known & np.isfinite(numbers) & ~right


def point_of(job: Job) -> dict[str, Any]:
    """The values of the variables, as doubles."""
    return doubles_of(job.written, job.full_point)


def doubles_of(tape: Tape, point: Mapping[str, Value]) -> dict[str, Any]:
    """The values of a tape's variables, as doubles."""
    return {
        name: np.frombuffer(value.data).reshape(value.shape) if isinstance(value, Array) else np.array(to_float(value))
        for name, value in point.items()
        if name in tape.inputs
    }


def share_of(known: Known, part: PartialBlock) -> WholeReference:
    """One part's share of what is known of all outputs."""
    at: Any = ... if part.of is None else part.of
    size = None if known.size is None else known.size[at]
    return WholeReference(
        [np.asarray(limb[at]) for limb in known.split.limbs],
        np.asarray(known.known[at]),
        np.asarray(known.drowned[at]),
        np.asarray(known.special[at]),
        None if size is None else np.asarray(size),
        None if known.split.exponents is None else np.asarray(known.split.exponents[at]),
        proof=PROOF,
    )


def _value(job: Job, study: Study, truth: TensorTruth) -> None:
    """The output's entries in decimals."""
    from gradcli.backends.arb.context import precision
    from gradcli.backends.arb.decimals import decimal

    if math.prod(study.shape) > MOST_VALUES:
        return
    with precision(truth.bits):
        for index in every(study.shape):
            ball = truth.value[index]
            found = decimal(ball, job.digits) if ball.is_finite() else None
            if found is not None:
                study.references[index] = str(found)
