"""A map from end to end: rows are read, computed and written at the same time, a block of each at most."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diff.data import Verdict, worst
from gradcli.errors import OPTIONS, ExitCode, GradcliError
from gradcli.map import standard_input
from gradcli.map.blocks import STATUS, STATUS_NAME, WRONG, BlockResult, RowBlock, WantedColumns, twice_there
from gradcli.map.budget import RowUncertainties
from gradcli.map.judging import Judged, OnKinks, RowReference, RowSample
from gradcli.map.rows import Runner
from gradcli.map.sources import DataSource, GridSource
from gradcli.map.writers import writer
from gradcli.runtime.deadlines import watched

if TYPE_CHECKING:
    from gradcli.map.plans import Plan


SampledRow = tuple[int, "dict[str, float]", Judged]  # a row's number, its point, and the verdict on it


@dataclass
class MapReport:
    """How a map went: rows by their status, and what the reference says of a sample."""

    rows: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATUS, 0))
    sample: list[SampledRow] = field(default_factory=list)
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)
    bent: tuple[int, int, int | None] | None = None  # of uncertainties: rows looked at, not linear, the first of these

    def add(self, status: Any) -> None:
        """Count some rows."""
        self.rows += len(status)
        for name, count in zip(STATUS, np.bincount(status, minlength=len(STATUS)).tolist()):
            self.counts[name] += count

    @property
    def verdict(self) -> Verdict | None:
        """The worst one of the sample; rows without a derivative are no mistake of anybody's."""
        verdicts = (judged.verdict for _, _, judged in self.sample if judged.verdict is not Verdict.UNDEFINED)
        return worst(verdicts)

    @property
    def wrong(self) -> list[SampledRow]:
        """Rows of the sample where torch's numbers are wrong, the worst verdicts first."""
        found = [one for one in self.sample if one[2].verdict and one[2].verdict.exit_code is ExitCode.WRONG]
        return sorted(found, key=lambda one: one[2].verdict.rank if one[2].verdict else 0)

    @property
    def digits(self) -> float | None:
        """The fewest correct digits of the rows of the sample that are right; None where none were counted."""
        right = (judged for _, _, judged in self.sample if judged.verdict is Verdict.AGREE)
        return min((judged.digits for judged in right if judged.digits is not None), default=None)

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of the sample's verdict, or of any row that turned out wrong."""
        if self.counts[STATUS[WRONG]]:
            return ExitCode.WRONG
        return self.verdict.exit_code if self.verdict else ExitCode.AGREE


@dataclass(frozen=True)
class MapTask:
    """What is to be mapped, and where to.

    check     how many rows the reference looks at
    fuse      whether torch's compiler is tried
    read      files that something else than rows is read from: the program, the point
    cluster   a scheduler's address, or "local": where the rows are computed
    uncertain  the uncertainties that are propagated in place of telling the partials
    progress  told of the rows that are done
    tell      told of what should be known while it runs
    """

    plan: Plan
    sources: Sequence[DataSource | GridSource]
    output: str | None
    kind: str
    keep: bool = False
    check: int = 100
    patience: float = 2.0
    fuse: bool = False
    cluster: str | None = None
    read: Sequence[str] = ()
    uncertain: RowUncertainties | None = None
    progress: Callable[[int], None] = lambda rows: None
    tell: Callable[[str], None] = lambda text: None

    def shown_by(self, progress: Callable[[int], None], tell: Callable[[str], None]) -> MapTask:
        """The same, with somebody who is told of the rows that are done."""
        return replace(self, progress=progress, tell=tell)

    def total(self) -> int | None:
        """How many rows there are, where that is known beforehand."""
        counts = [source.rows() for source in self.sources]
        return None if None in counts else sum(count or 0 for count in counts)

    @property
    def inputs(self) -> list[str]:
        """The files that are read."""
        return [*self.read, *(one.path for one in self.sources if isinstance(one, DataSource))]

    @property
    def wanted(self) -> WantedColumns:
        """What is read."""
        own = self.uncertain.columns if self.uncertain else ()
        return WantedColumns([*self.plan.variables, *own], self.keep)

    @property
    def columns(self) -> list[str]:
        """The names of what comes out, in order."""
        return self.uncertain.names(self.plan.compiled) if self.uncertain else self.plan.columns

    def run(self) -> MapReport:
        """Read, compute, write.

        Raises GradcliError for anything that is wrong with the data.
        """
        started = time.perf_counter()
        self.check_names()
        reference = RowReference(self.plan.compiled, self.patience)
        total = self.total()
        runner = Runner(self.plan, OnKinks(reference), self.fuse, total)
        sample = RowSample(self.check, total)
        report = MapReport()
        with watched(), writer(self.output, self.kind, self.inputs) as sink:
            for result in written(self._propagated(runner, sample, reference, report), sink.write):
                report.add(result.status)
                self.progress(result.block.rows)
        report.seconds = time.perf_counter() - started
        report.notes += [*self.plan.notes, *runner.notes]
        report.sample = sorted(sample.rows, key=lambda one: one[0])
        return report

    def _propagated(
        self, runner: Runner, sample: RowSample, reference: RowReference, report: MapReport
    ) -> Iterator[BlockResult]:
        """What comes out, with uncertainties where these are asked for."""
        first = 0
        for judged in self._judged(runner, sample, reference):
            if self.uncertain is None:
                yield judged
                continue
            result = self.uncertain.propagated(judged, self.plan.compiled, first)
            if not first:
                report.bent = self.uncertain.bent(result, self.plan.compiled)
            first += result.block.rows
            yield result

    def _judged(self, runner: Runner, sample: RowSample, reference: RowReference) -> Iterator[BlockResult]:
        """What comes out, its rows that are in the sample with the status that the reference gives them."""
        for result in self._results(runner):
            sample.add(result, self.plan.variables, reference.judge)
            yield result

    def _results(self, runner: Runner) -> Iterator[BlockResult]:
        """What comes out, in order."""
        if self.cluster is None:
            return map(runner.run, ahead(self._blocks()))
        from gradcli.map.cluster import results

        found = results(self.plan, self.sources, self.wanted, self.patience, self.cluster, self.tell)
        first = next(found, None)
        return map(runner.run, self._blocks()) if first is None else chain([first], found)

    def _blocks(self) -> Iterator[RowBlock]:
        """All rows; where there are none, one block of no rows, so that the columns' names come out."""
        any_rows = False
        for source in self.sources:
            for block in source.blocks(self.wanted):
                any_rows = True
                yield block
        if not any_rows:
            yield RowBlock(0, {name: np.empty(0) for name in self.plan.variables})

    def check_names(self) -> None:
        """Refuse columns that come out under one name.

        Raises GradcliError.
        """
        names = [*self.columns, STATUS_NAME]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise GradcliError(
                OPTIONS, f'two columns "{twice}" would come out', hint="give the value another name: --name NAME"
            )
        if not self.keep and not any(isinstance(source, GridSource) for source in self.sources):
            return
        for source in self.sources:
            if isinstance(source, DataSource) and source.path == "-":
                continue
            there = source.names()
            clash = next((name for name in names if name in there), None)
            if clash is not None:
                raise twice_there(clash, source.name)


def ahead(blocks: Iterator[RowBlock]) -> Iterator[RowBlock]:
    """The blocks, the next one read while one is computed."""
    with ThreadPoolExecutor(1, "gradcli-read") as pool:
        try:
            following: Future[RowBlock | None] = pool.submit(next, blocks, None)
            while (block := following.result()) is not None:
                following = pool.submit(next, blocks, None)
                yield block
        finally:
            standard_input.end()


def written(results: Iterable[BlockResult], write: Callable[[BlockResult], None]) -> Iterator[BlockResult]:
    """The results, each written while the next one is computed."""
    with ThreadPoolExecutor(1, "gradcli-write") as pool:
        last: Future[None] | None = None
        for result in results:
            if last is not None:
                last.result()
            last = pool.submit(write, result)
            yield result
        if last is not None:
            last.result()
