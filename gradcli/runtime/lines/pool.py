"""The lines on their way: portions go to free workers, and their records come back in the order of the lines."""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gradcli.errors import GradcliError, LimitError
from gradcli.runtime.lines import wire
from gradcli.runtime.lines.request import InputLine, id_of
from gradcli.runtime.lines.worker import Answering, LineWorker, Portion
from gradcli.runtime.processes import wait

TARGET = 0.1  # seconds of work in a portion
MAX_PORTION = 512  # lines
MAX_PORTION_BYTES = 4 << 20
MAX_TRIES = 2  # of a line whose worker dies: it may not have been the line's fault
GROWTH = 4  # of a portion, from one to the next at the most
SMOOTH = 0.5  # the share of the newest measurement


class Done(NamedTuple):
    """Records of consecutive lines: a mark for each, and their text."""

    marks: bytes
    text: bytes


class Pool:
    """Workers, the lines that wait for one, and the records that wait for their turn."""

    def __init__(self, answerer: Answering, count: int) -> None:
        self.answerer = answerer
        self.count = count
        self.workers: list[LineWorker] = []
        self.waiting: deque[InputLine] = deque()
        self.again: deque[Portion] = deque()  # whose worker died
        self.finished: dict[int, tuple[int, Done]] = {}
        self.given = 0  # lines that workers were given, first to last
        self.next = 0  # the place of the record that comes next
        self.bytes = 0  # of the lines that wait, and of the records
        self.seconds = TARGET  # of work that a line takes, as far as one knows
        self.size = 1  # of the last portion

    def add(self, lines: Sequence[InputLine]) -> None:
        """Further lines."""
        self.waiting += lines
        self.bytes += sum(len(line.text or b"") for line in lines)

    @property
    def flying(self) -> int:
        """Lines that were begun and not yet written."""
        return self.given - self.next

    def dispatch(self) -> None:
        """Give waiting lines to workers that are free."""
        while (self.again or self.waiting) and (worker := self._free()) is not None:
            portion = self.again.popleft() if self.again else self._portion()
            if not worker.take(portion):
                self._lose(worker)

    def _free(self) -> LineWorker | None:
        worker = next((worker for worker in self.workers if worker.portion is None), None)
        if worker is None and len(self.workers) < self.count:
            try:
                worker = LineWorker(self.answerer)
            except OSError as error:
                if not self.workers:
                    raise GradcliError("starting workers", f"no process can be started: {error.strerror}") from error
                self.count = len(self.workers)
                return None
            self.workers.append(worker)
        return worker

    def _portion(self) -> Portion:
        """So many lines that they take some time, and that each worker has its share."""
        wanted = min(int(TARGET / self.seconds), GROWTH * self.size, MAX_PORTION, len(self.waiting) // self.count)
        lines = [self.waiting.popleft()]
        size = len(lines[0].text or b"")
        while len(lines) < wanted and size < MAX_PORTION_BYTES:
            lines.append(self.waiting.popleft())
            size += len(lines[-1].text or b"")
        self.size = len(lines)
        portion = Portion(self.given, lines)
        self.given += len(lines)
        self.bytes -= size
        return portion

    def wait(self, descriptor: int | None, seconds: float) -> bool:
        """Wait for records, or for the input; whether that has something."""
        for worker in [worker for worker in self.workers if worker.is_late]:
            self._lose(worker, is_late=not worker.is_stopped())
        ready, is_there = wait(self.workers, seconds, descriptor)
        for worker in ready:
            self._hear(worker)
        return is_there

    def _hear(self, worker: LineWorker) -> None:
        message = worker.channel.receive()
        if message is None:
            self._lose(worker)
            return
        said = wire.said(message)
        if isinstance(said, float):
            worker.allow(said)
        elif worker.portion is not None:
            self._finish(worker.portion, Done(said.marks, said.text))
            self.seconds = (1 - SMOOTH) * self.seconds + SMOOTH * worker.done() / len(said.marks)
            if said.retires:
                self.workers.remove(worker)
                worker.end()

    def _finish(self, portion: Portion, done: Done) -> None:
        self.finished[portion.place] = len(portion.lines), done
        self.bytes += len(done.text)

    def _lose(self, worker: LineWorker, is_late: bool = False) -> None:
        """A worker has died, or is killed: its lines are tried again one by one, and a lone one is given up."""
        self.workers.remove(worker)
        status = worker.end()
        portion = worker.portion
        if portion is None:
            return
        if len(portion.lines) > 1:
            singles = [Portion(portion.place + i, [line]) for i, line in enumerate(portion.lines)]
            self.again.extendleft(reversed(singles))
        elif portion.tries < MAX_TRIES and not is_late:
            self.again.appendleft(portion)
        else:
            self._give_up(portion, status, is_late)

    def _give_up(self, portion: Portion, status: int, is_late: bool) -> None:
        if is_late:
            error = LimitError("computing", "it took too long, and was ended", hint="allow more with patience")
        else:
            how = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"code {os.WEXITSTATUS(status)}"
            memory = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
            hint = "there may not be enough memory for it" if memory else None
            error = LimitError("computing", f"its process ended without an answer: {how}", hint=hint)
        record = self.answerer.encoder.error(id_of(portion.lines[0]), error)
        self._finish(portion, Done(bytes([record.mark]), record.text))

    def records(self) -> Iterator[Done]:
        """The records whose turn it is."""
        while self.next in self.finished:
            count, done = self.finished.pop(self.next)
            self.next += count
            self.bytes -= len(done.text)
            yield done

    def drop(self) -> None:
        """Forget the lines that no worker has begun."""
        self.waiting.clear()

    def end(self) -> None:
        """Leave no worker behind."""
        for worker in self.workers:
            worker.end()
        self.workers.clear()


def answered_here(answerer: Answering, lines: Sequence[InputLine]) -> Iterator[Done]:
    """The records of lines, from this process: where there is no fork."""
    for line in lines:
        for record in answerer.answer([line], lambda seconds: None):
            yield Done(bytes([record.mark]), record.text)
