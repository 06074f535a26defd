"""The reference on tensors: entries written out as numbers, and judged like any others."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import Any, Optional

import numpy as np

from gradcli.errors import LimitError
from gradcli.problem.job import Job
from gradcli.problem.study import Index, PartialBlock, Study
from gradcli.reference.infinity import judge_at_infinity
from gradcli.reference.point import Reference
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.tape.activity import ActiveEntries
from gradcli.tape.arrays import Array
from gradcli.tape.chain import Chain, chain
from gradcli.tape.dependence import reaches
from gradcli.tape.entry_rules import Entries, NotByNumbers
from gradcli.tape.findings import TIME_UP, Finding, Positions
from gradcli.tape.scalarize import MAX_UNROLLED, Key, entry_name, unrolled_size
from gradcli.tape.tape import Tape

ALL_OPERATIONS = 12_000  # a program that comes to no more is judged at every entry,
ALL_PARTIALS = 2_500  # if its derivatives have no more,
ALL_OUTPUTS = 64  # and its output has no more
WORK = 200_000  # operations times outputs, in that case
SOME_OUTPUTS = 6
FEWER = 6  # entries of each variable, of a higher order
BUDGET = 30_000  # operations on numbers, derivatives among them, for one sample
LARGEST = 40_000  # operations of a sample of
AT_LEAST = 3  # entries; of what takes more, one is judged
JUDGING_DIGITS = 25
FEW = 8  # entries; of more, those on a kink are judged apart from the others
SHARE = 0.7  # of the time, for those that are not
MARGIN = 0.02  # seconds, for what is found to be kept
SLICE = 0.2  # seconds that one output, or one group, may take at the least: most take far less, and leave the rest

Output = tuple[Optional[Index], Index]  # whose formula it is (None: all outputs'), and the entry
Owner = tuple[int, Index]  # an entry of a target: the target's position, and the entry


class Examiner:
    """Judges the entries of one job's derivatives."""

    def __init__(self, job: Job, study: Study, rough: Sequence[Any], samples: Mapping[int, list[Index]]) -> None:
        self.job = job
        self.study = study
        self.tape = job.written
        self.late: set[int] = set()  # the variables with entries that there was no time for
        self.not_finite: dict[str, float] = {}  # values that are not, by the names of inputs
        self.rests: dict[str, Key] = {}  # the constant sums that programs take as they are, by their names
        self.rough = {i: value.numpy() for i, value in enumerate(rough) if value is not None}
        self.names = [name for name in job.targets if self.tape.find(name) is not None]
        self.places = [self.tape.find(name) or 0 for name in self.names]
        self.samples = samples
        self.digits = max(job.digits, JUDGING_DIGITS)
        self.unit = job.dtype.bits
        self.parts = {(part.of, part.positions): part for part in study.parts}

    @cached_property
    def is_small(self) -> bool:
        """Whether every entry is judged."""
        return not self.samples and judges_all(self.job)

    def examine(self, deadline: Deadline) -> None:
        """Judge as many entries as there is time for."""
        outputs = self._outputs()
        for count, output in enumerate(outputs):
            if deadline.left <= MARGIN:
                self._leave(TIME_UP, set(range(len(self.places))))
                return
            share = deadline.within(max(SLICE, deadline.left / (len(outputs) - count)))
            if self.is_small:
                everything = self._everything()
                built = self._chain(output[1], self._owners(everything), None)
                self._output(output, everything, built, share)
            else:
                self._sampled(output, share)
        self._leave(TIME_UP, self.late)

    def _sampled(self, output: Output, deadline: Deadline) -> None:
        """Judge some entries: of each variable as many as their operations allow, mixed derivatives of a few."""
        if self.job.order > 1:
            groups = [{place: entries[:FEWER] for place, entries in self.samples.items()}]
        else:
            groups = [{place: entries} for place, entries in self.samples.items()]
        for count, chosen in enumerate(groups):
            share = deadline.within(max(SLICE, deadline.left / (len(groups) - count)))
            positions = {i for i, place in enumerate(self.places) if place in chosen}
            if deadline.left <= MARGIN:
                self._leave(TIME_UP, set(range(len(self.places))))
                return
            try:
                self._output(output, *self._affordable(output[1], chosen), share)
            except NotByNumbers:
                raise
            except LimitError:
                self._leave(f"too large for the reference: more than {MAX_UNROLLED:,} operations on numbers", positions)
            except OutOfTime:
                self._leave(TIME_UP, positions)

    def _affordable(
        self, index: Index, chosen: Mapping[int, list[Index]]
    ) -> tuple[Mapping[int, list[Index]], Chain | None]:
        """As many of the entries as a budget of operations allows, judging by what one and two of them take.

        With them their program, where it is there already.
        """
        few = [{place: entries[:count] for place, entries in chosen.items()} for count in (1, 2)]
        built = [self._built(index, few[0])]
        first = len(built[0].tape.ops)
        count = 1
        if first < BUDGET:
            built.append(self._built(index, few[1]))
            count += (BUDGET - first) // max(1, len(built[1].tape.ops) - first)
        if first <= LARGEST:
            count = max(count, AT_LEAST)
        some = {place: entries[:count] for place, entries in chosen.items()}
        return some, next((one for one, those in zip(built, few) if those == some), None)

    def _built(self, index: Index, chosen: Mapping[int, list[Index]]) -> Chain:
        """The program of numbers for some entries; what does not vary with them is left out where it can be."""
        return self._chain(index, self._owners(chosen), ActiveEntries(self.tape, chosen))

    def _owners(self, chosen: Mapping[int, list[Index]]) -> list[Owner]:
        return [(position, entry) for position, place in enumerate(self.places) for entry in chosen.get(place, [])]

    def _leave(self, note: str, positions: set[int]) -> None:
        for part in self.study.parts:
            if not part.findings and positions & set(part.positions):
                part.note = note

    def _everything(self) -> dict[int, list[Index]]:
        return {index: list(np.ndindex(*self.tape.ops[index].shape)) for index in self.places}

    def _outputs(self) -> list[Output]:
        """The entries of the output that are judged: which formula they belong to, and which they are."""
        every = list(np.ndindex(*self.study.shape))
        if any(part.of is not None for part in self.study.parts):
            return [(index, index) for index in every]
        if self.is_small or len(every) <= SOME_OUTPUTS:
            return [(None, index) for index in every]
        picked = np.unique(np.linspace(0, len(every) - 1, SOME_OUTPUTS).astype(int))
        return [(None, every[i]) for i in picked]

    # One entry of the output

    def _output(
        self, output: Output, chosen: Mapping[int, list[Index]], built: Chain | None, deadline: Deadline
    ) -> None:
        """Judge the derivatives of one entry of the output by the chosen entries, the special ones apart."""
        of, index = output
        owners = self._owners(chosen)
        built = built or self._built(index, chosen)
        apart = len(owners) > FEW
        inner = deadline.within(deadline.left * (SHARE if apart else 1) - MARGIN)
        point = self._point(built.tape, owners)
        off = {name: value for name, value in self.not_finite.items() if name in point}
        special: set[Positions] = set()
        if off:
            names = [entry_name(self.names[position], entry) for position, entry in owners]
            findings = judge_at_infinity(
                built, names, {**point, **off}, self.digits, inner, self.job.dtype, self.job.program.source
            )
        else:
            reference = Reference(built, built, point, self.digits, inner, self.unit, not apart)
            findings = reference.judge()
            special = set(reference.special) if apart else special
        if findings.value is not None and not any(name.startswith("rest ") for name in built.tape.inputs):
            self.study.references[index] = findings.value
            self.study.roundings.setdefault(index, findings.value_rounding)
        for positions, finding in findings.partials.items():
            if positions not in special:
                self._file(of, index, [owners[i] for i in positions], finding)
        for positions in sorted(special):
            if deadline.left <= MARGIN:
                return
            self._apart(of, index, [owners[i] for i in positions], deadline)

    def _apart(self, of: Index | None, index: Index, owners: Sequence[Owner], deadline: Deadline) -> None:
        """Judge one derivative by itself: what does not vary with its entries is left out where it can be."""
        own = list(dict.fromkeys(owners))
        chosen: dict[int, list[Index]] = {}
        for position, entry in own:
            chosen.setdefault(self.places[position], []).append(entry)
        wanted = tuple(sorted(own.index(owner) for owner in owners))
        built = self._chain(index, own, ActiveEntries(self.tape, chosen))
        inner = deadline.within(deadline.left - MARGIN)
        findings = Reference(built, built, self._point(built.tape, own), self.digits, inner, self.unit).judge()
        if wanted in findings.partials:
            self._file(of, index, owners, findings.partials[wanted])

    def _file(self, of: Index | None, index: Index, owners: Sequence[Owner], finding: Finding) -> None:
        """Put a finding where it belongs; a mixed second derivative belongs to both orders of one variable's entries.

        A hand-written derivative is not written out: what autograd's chain rule makes of it is not known. What there
        was no time for is none of a sample; an entry that whole tensors do not tell of stays undecided.
        """
        if self.job.has_custom_vjps:
            finding = replace(finding, taken=None)
        orders = [owners] if len(owners) < 2 else _orders(owners)
        for order in orders:
            positions: Positions = tuple(position for position, _ in order)
            part: PartialBlock | None = self.parts.get((of, positions))
            if part is not None and finding.note == TIME_UP and part.whole is None and not self.is_small:
                self.late.update(positions)
            elif part is not None:
                at = (*(index if of is None else ()), *(i for _, entry in order for i in entry))
                part.findings[at] = finding

    def _chain(self, index: Index, owners: Sequence[Owner], active: ActiveEntries | None) -> Chain:
        """The program of numbers for an entry of the output, with its derivatives by the chosen entries."""
        needed: set[Key] = set()
        while True:
            unroller = Entries(
                self.tape,
                self.job.full_point,
                self.names,
                self.job.program.source,
                self.rough,
                active,
                frozenset(needed),
            )
            for position, entry in owners:
                unroller.entry(self.places[position], entry)
            numbers = unroller.numbers
            numbers.output = unroller.entry(self.tape.output, index)
            names = [entry_name(self.names[position], entry) for position, entry in owners]
            for name in names:
                if numbers.find(name) is None:
                    numbers.input(name)
            built = chain(numbers, names, self.job.order, self.job.program.source)
            used = reaches(built.tape, [place for key, place in built.partials.items() if key])
            missing = {key for place, key in unroller.rests.items() if used[place] or not self._is_finite(key)}
            if not missing:
                self.not_finite |= unroller.not_finite
                self.rests.update((numbers.variable(place), key) for place, key in unroller.rests.items())
                return built
            needed |= missing

    def _is_finite(self, key: Key) -> bool:
        """Whether a rest has a value; of one that may have none the program has to tell."""
        place, at = key
        return place not in self.rough or math.isfinite(float(self.rough[place][at]))

    def _point(self, tape: Tape, owners: Sequence[Owner]) -> dict[str, Fraction]:
        """The values of the entries that vary, and of the rests, roughly.

        No derivative depends on these; but a quotient by a sum that is constant has a value only where that is not 0.
        """
        point = dict.fromkeys(tape.inputs, Fraction(0))
        for name in point.keys() & self.rests.keys():
            place, at = self.rests[name]
            point[name] = Fraction(float(self.rough[place][at])) if place in self.rough else Fraction(0)
        for position, entry in owners:
            name = entry_name(self.names[position], entry)
            value = self.job.full_point.get(self.names[position])
            if name in point and name not in self.not_finite and value is not None:
                point[name] = Fraction(value[entry]) if isinstance(value, Array) else value
        return point


def _orders(owners: Sequence[Owner]) -> list[list[Owner]]:
    """All orders of some entries whose variables are in order."""
    distinct = {tuple(order) for order in itertools.permutations(owners)}
    return [list(order) for order in distinct if [p for p, _ in order] == sorted(p for p, _ in order)]


def judges_all(job: Job) -> bool:
    """Whether a job is small enough that the reference looks at every entry."""
    tape = job.written
    outputs = math.prod(tape.ops[tape.output].shape)
    entries = sum(math.prod(tape.ops[index].shape) for name in job.targets if (index := tape.find(name)) is not None)
    partials = math.comb(entries + job.order - 1, job.order) if entries else 0
    size = unrolled_size(tape)
    return (
        size <= ALL_OPERATIONS and partials * outputs <= ALL_PARTIALS and outputs <= ALL_OUTPUTS
        and size * outputs <= WORK
    )  # fmt: skip
