"""The run: lines in, records out, in order, with as many lines on their way as there is room for."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator

from gradcli.errors import OPTIONS, GradcliError
from gradcli.runtime.lines.lines import Descriptor, Items
from gradcli.runtime.lines.pool import Done, Pool, answered_here
from gradcli.runtime.lines.records import RecordMark
from gradcli.runtime.lines.worker import Answering
from gradcli.runtime.processes import cores, wait

WINDOW = 8_192  # lines that are read and not yet written
WINDOW_BYTES = 64 << 20
FEW = 16  # lines that are answered sooner than what answers many is loaded
TICK = 0.2  # seconds between two looks at whether to stop
MAX_WORKERS = 256


class Run:
    """A run over lines; iterating over it gives their records, some at a time.

    fail_fast   whether an error is the end of it
    stopping    set to True, it lets the lines finish that are begun, and is not asked for more
    """

    def __init__(
        self, lines: Descriptor | Items, answerer: Answering, workers: int | None = None, fail_fast: bool = False
    ) -> None:
        self.lines = lines
        self.answerer = answerer
        self.workers = workers_of(workers)
        self.fail_fast = fail_fast
        self.stopping = False
        self.codes: set[int] = set()
        self.count = 0  # records

    @property
    def position(self) -> float:
        """How many bytes of the input are done, roughly."""
        return self.lines.position * self.count / max(self.lines.number, 1)

    def __iter__(self) -> Iterator[Done]:
        for done in self._answers():
            failed = next((i for i, mark in enumerate(done.marks) if mark & RecordMark.ERROR), None)
            if self.fail_fast and failed is not None:
                lines = done.text.split(b"\n")[: failed + 1]
                yield self._counted(Done(done.marks[: failed + 1], b"\n".join(lines) + b"\n"))
                return
            yield self._counted(done)

    def _answers(self) -> Iterator[Done]:
        few = self._few()
        if few is not None:
            return iter(few)
        warm_up(self.answerer)
        return self._here() if self.workers == 0 else self._by_workers()

    def _few(self) -> list[Done] | None:
        """The records of all lines where these are few, and nothing is loaded yet; None where they are not."""
        if self.workers < 2 or "torch" in sys.modules or not isinstance(self.lines, Descriptor):
            return None
        lines = self.lines
        while not lines.ended and len(lines.ahead) <= FEW and (not lines.number or wait((), 0.0, lines.descriptor)[1]):
            lines.ahead += lines.pull()
        if not lines.ended or not 0 < len(lines.ahead) <= FEW:
            return None
        try:
            records = self.answerer.few(lines.ahead)
        except KeyboardInterrupt:  # which ended the children
            self.stopping = True
            return []
        if records is None:
            return None
        return [Done(bytes([record.mark]), record.text) for record in records]

    def _counted(self, done: Done) -> Done:
        self.count += len(done.marks)
        self.codes |= {mark & ~RecordMark.ERROR for mark in set(done.marks)}
        return done

    def _here(self) -> Iterator[Done]:
        """All in this process, where there is no fork."""
        yield from answered_here(self.answerer, self.lines.ahead)
        while not (self.lines.ended or self.stopping):
            yield from answered_here(self.answerer, self.lines.pull())

    def _by_workers(self) -> Iterator[Done]:
        pool = Pool(self.answerer, self.workers)
        pool.add(self.lines.ahead)
        try:
            while True:
                if self.stopping:
                    pool.drop()
                pool.dispatch()
                yield from pool.records()
                is_reading = not (self.lines.ended or self.stopping)
                if not is_reading and not pool.waiting and not pool.flying:
                    return
                has_room = len(pool.waiting) + pool.flying < WINDOW and pool.bytes < WINDOW_BYTES
                wants = is_reading and has_room
                is_there = pool.wait(self.lines.descriptor if wants else None, 0.0 if self._asks(wants) else TICK)
                if wants and (is_there or self.lines.descriptor is None):
                    pool.add(self.lines.pull())
        finally:
            pool.end()

    def _asks(self, wants: bool) -> bool:
        """Whether the input is asked without waiting for it: an iterable cannot be waited for."""
        return wants and self.lines.descriptor is None


def workers_of(workers: int | None) -> int:
    """How many processes work; none but this one where there is no fork."""
    if workers is not None and not 1 <= workers <= MAX_WORKERS:
        raise GradcliError(OPTIONS, f"{workers} workers", expected=f"a number from 1 to {MAX_WORKERS}")
    if not hasattr(os, "fork"):
        return 0
    return cores() if workers is None else workers


_warm: set[type] = set()  # what has made its typical calls in this process


def warm_up(answerer: Answering) -> None:
    """Load what every worker needs, once for all of them, and leave no thread behind: then it may be forked."""
    if type(answerer) in _warm:
        return
    before = set(threading.enumerate())
    try:
        import torch
    except ModuleNotFoundError:  # formulas need none; a line that does says so
        answerer.warm_up()
    else:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        answerer.warm_up()
        torch.set_num_threads(threads)
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=1)
    _warm.add(type(answerer))
