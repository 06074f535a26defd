"""The reference on rows: on a sample of all of them, and on those that sit on a kink."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from gradcli.diff.data import Verdict, worst
from gradcli.map.blocks import MISSING, OK, UNDECIDED, UNDEFINED, UNJUDGED, WRONG, BlockResult
from gradcli.reference.point import Reference
from gradcli.reference.verdict import judge, judge_value
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.chain import Chain, chain
from gradcli.tape.findings import Finding, Positions

if TYPE_CHECKING:
    from gradcli.problem.compiled import Compiled

DIGITS = 25  # of the truth, for a verdict that counts digits
MAX_ON_KINKS = 1_000  # points on a kink that the reference looks at in one run
SECONDS_ON_KINKS = 30.0
SEED = 20


@dataclass
class Judged:
    """The verdict on one row: the worst of its values' and partials', and the fewest correct digits of any."""

    verdict: Verdict | None
    digits: float | None = None

    @property
    def status(self) -> int:
        """What the row's status says."""
        return OK if self.verdict is None else _STATUS[self.verdict]


class RowReference:
    """Judges the partials that a plan gave for a row."""

    def __init__(self, compiled: Compiled, patience: float) -> None:
        self.compiled = compiled
        self.patience = patience
        job = compiled.job
        self.dtype = job.dtype
        self.constants = {name: Fraction(value) for name, value in compiled.constants.items()}
        self.chains: list[tuple[Chain, Chain]] = []
        source = job.program.source
        grown = compiled.grown
        taken = grown.tape if job.has_tensors else job.convention
        true = job.exact if job.has_custom_vjps else taken
        for value in grown.values:
            pair = []
            for tape in (true, taken):
                copy = tape.copy()
                copy.output = value if tape is taken and job.has_tensors else tape.output
                pair.append(chain(copy, job.wrt, 1, source))
            self.chains.append((pair[0], pair[1]) if true is not taken else (pair[0], pair[0]))

    def judge(self, point: Mapping[str, float], found: Sequence[float]) -> Judged:
        """The verdict on the numbers of a row: the values, then the partials of each."""
        if not all(map(math.isfinite, point.values())):
            return Judged(Verdict.UNDEFINED)
        where = {**self.constants, **{name: Fraction(value) for name, value in point.items()}}
        count = len(self.compiled.job.wrt)
        verdicts: list[Verdict | None] = []
        digits: list[float] = []
        for place, (true, taken) in enumerate(self.chains):
            reference = Reference(true, taken, where, DIGITS, Deadline(self.patience), self.dtype.bits)
            truth = reference.judge()
            findings = truth.partials
            value = judge_value(found[place], truth.value, truth.value_rounding, self.dtype)
            verdicts.append(value.verdict if truth.value is not None else None)
            digits += [] if value.digits is None else [value.digits]
            for position in range(count):
                number = found[len(self.chains) + place * count + position]
                finding = findings.get(_positions(position), Finding(None))
                judgement = judge(number, finding, self.dtype)
                verdicts.append(judgement.verdict)
                if judgement.digits is not None:
                    digits.append(judgement.digits)
        return Judged(worst(iter(verdicts)), min(digits, default=None))


def _positions(position: int) -> Positions:
    return (position,)


class OnKinks:
    """The status of rows that sit on a kink: equal points are judged once, and only so many of them."""

    def __init__(self, reference: RowReference) -> None:
        self.reference = reference
        self.known: dict[tuple[float, ...], int] = {}
        self.deadline = Deadline(SECONDS_ON_KINKS)
        self.started = False

    def __call__(self, point: Mapping[str, float], found: list[float]) -> int:
        """The status of a row."""
        if not self.started:
            self.started, self.deadline = True, Deadline(SECONDS_ON_KINKS)
        key = tuple(point.values())
        if key not in self.known:
            if len(self.known) >= MAX_ON_KINKS or self.deadline.left <= 0:
                return UNJUDGED
            self.known[key] = self.reference.judge(point, found).status
        return self.known[key]


_STATUS = {
    Verdict.UNDEFINED: UNDEFINED,
    Verdict.DISAGREE: WRONG,
    Verdict.INACCURATE: WRONG,
    Verdict.UNDECIDED: UNDECIDED,
    Verdict.AGREE: OK,
}


JudgeRow = Callable[[Mapping[str, float], "list[float]"], Judged]  # of a row's numbers at a point


@dataclass
class RowSample:
    """So many rows of a stream, each as likely as any other; the same ones in every run over the same rows.

    Each is judged when it enters the sample, so that its status is known before it is written. Where the `total` is
    known they are chosen at once; else one that has entered may leave, and ten times as many are judged.
    """

    size: int
    total: int | None = None
    seen: int = 0
    rows: list[tuple[int, dict[str, float], Judged]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(SEED)  # noqa: S311
        self._weight = 1.0
        self._next = 0
        self._drawn: list[int] | None = None
        if self.total is not None:
            self._drawn = sorted(self._random.sample(range(self.total), min(self.size, self.total)), reverse=True)

    def add(self, result: BlockResult, variables: Sequence[str], judge: JudgeRow) -> None:
        """Let the rows of a block take part, and judge those that are chosen; rows that lack a value are not."""
        first, self.seen = self.seen, self.seen + result.block.rows
        chosen: dict[int, tuple[int, dict[str, float], list[float]]] = {}  # by their place in the sample
        count = len(self.rows)
        for row in self._chosen(first) if self._drawn is None else self._having_values(first, result.status):
            place = row - first
            if result.status[place] == MISSING:
                continue
            point = {name: float(result.block.columns[name][place]) for name in variables}
            one = (row, point, [float(column[place]) for column in result.columns])
            if count < self.size:
                chosen[count], count = one, count + 1
            else:
                chosen[self._random.randrange(self.size)] = one
        if chosen and not result.status.flags.writeable:  # it may have come from another machine
            result.status = result.status.copy()
        for place, (row, point, found) in sorted(chosen.items()):
            judged = judge(point, found)
            result.status[row - first] = judged.status
            if place < len(self.rows):
                self.rows[place] = (row, point, judged)
            else:
                self.rows.append((row, point, judged))

    def _having_values(self, first: int, status: Any) -> Iterator[int]:
        """The rows of a block that were drawn beforehand; for one that lacks a value the next one that has them."""
        taken = first - 1
        while self._drawn and self._drawn[-1] < self.seen:
            start = max(self._drawn.pop(), taken + 1) - first
            there = status[start:] != MISSING
            if there.any():
                taken = first + start + int(there.argmax())
                yield taken

    def _chosen(self, first: int) -> Iterator[int]:
        """The rows from here on that enter the sample (Li's algorithm L: a few draws, and not one for each row)."""
        while self.size and self._next < self.seen:
            yield self._next
            if self._next < self.size - 1:
                self._next += 1
                continue
            self._weight *= math.exp(math.log(self._random.random() or 0.5) / self.size)
            skip = math.log(self._random.random() or 0.5) / math.log1p(-self._weight) if self._weight < 1 else 0
            self._next += int(min(skip, 2.0**60)) + 1
