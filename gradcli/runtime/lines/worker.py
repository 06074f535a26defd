"""The processes that do the work: each answers one portion of lines after the other."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from typing import NoReturn, Protocol

from gradcli.runtime.deadlines import watched
from gradcli.runtime.lines import wire
from gradcli.runtime.lines.records import Encoder, LineRecord
from gradcli.runtime.lines.request import InputLine

SLACK = 0.5  # seconds more than are asked for: the next few steps need not ask again
GRACE = 1.0  # seconds between the time at which a step should be done and the time at which its worker is killed
COLLECTED = (20_000, 20, 20)  # SymPy makes many objects, and few of them in circles
MOST_OPEN = 1 << 16  # descriptors
MAX_GROWTH = 1 << 30  # bytes that a worker may have taken when it is replaced by a fresh one


Tell = Callable[[float], None]  # that the next step may take so many seconds


class Answering(Protocol):
    """What makes a record of each line: what the lines are about is its matter alone."""

    encoder: Encoder

    def answer(self, lines: Sequence[InputLine], tell: Tell) -> list[LineRecord]:
        """The records of some lines, in order. Whatever happens with one line is its record's matter."""

    def warm_up(self) -> None:
        """Load what most lines need, once for all workers."""


class Portion:
    """Lines that a worker answers together, from a place in the order of all; how often they were begun."""

    def __init__(self, place: int, lines: Sequence[InputLine], tries: int = 0) -> None:
        self.place = place
        self.lines = lines
        self.tries = tries


class LineWorker:
    """A forked process, seen from its parent."""

    def __init__(self, answerer: Answering) -> None:
        self.reading, child_writing = os.pipe()
        child_reading, self.writing = os.pipe()
        self.inbox = wire.Inbox()
        self.portion: Portion | None = None
        self.deadline = float("inf")
        self.since = 0.0
        self.pid = os.fork()
        if self.pid == 0:
            _live(answerer, child_reading, child_writing)
        os.close(child_reading)
        os.close(child_writing)

    def take(self, portion: Portion) -> bool:
        """Have it answer some lines; whether it lives to do so."""
        self.portion = portion
        self.since = time.monotonic()
        self.deadline = float("inf")
        portion.tries += 1
        try:
            wire.send(self.writing, wire.portion(portion.lines))
        except BrokenPipeError:
            return False
        return True

    def read(self) -> list[wire.Message] | None:
        """The messages that have come, None where it has ended."""
        try:
            messages = self.inbox.read(self.reading)
        except OSError:
            return None
        for message in messages or ():
            if message.kind == wire.ALLOWANCE:
                self.deadline = time.monotonic() + wire.seconds_of(message.content) + GRACE
        return messages

    def end(self) -> int:
        """Leave nothing behind; how it ended."""
        os.close(self.writing)
        os.close(self.reading)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        return os.waitpid(self.pid, 0)[1]


def _live(answerer: Answering, reading: int, writing: int) -> NoReturn:
    """The worker's whole life, from the moment after the fork."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is the parent's matter
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 0)
        os.dup2(null, 1)
        _close_all_but(reading, writing)
        gc.freeze()
        gc.set_threshold(*COLLECTED)
        warnings.simplefilter("ignore")
        import torch

        torch.set_num_threads(1)
        with watched():
            _serve(answerer, reading, writing)
    except BaseException:  # the parent sees the end, and gives the lines to another one
        os._exit(1)
    finally:
        os._exit(0)


def _close_all_but(*kept: int) -> None:
    """Hold nothing open that is the parent's: else nobody would see the end of a pipe, or a file's lock go."""
    start = 3
    for descriptor in sorted({*kept, min(os.sysconf("SC_OPEN_MAX"), MOST_OPEN)}):
        os.closerange(start, descriptor)
        start = descriptor + 1


def _serve(answerer: Answering, reading: int, writing: int) -> None:
    inbox, start, tell = wire.Inbox(), memory(), _LineTeller(writing)
    while (messages := inbox.read(reading)) is not None:
        for message in messages:
            lines = list(wire.lines_of(message.content))
            tell.end = 0.0
            records = answerer.answer(lines, tell)
            retires = memory() - start > MAX_GROWTH
            wire.send(writing, wire.answer(records, retires))
            if retires:
                return


class _LineTeller:
    """Tells the parent how long the next step may take, where that makes a difference."""

    def __init__(self, writing: int) -> None:
        self.writing = writing
        self.end = 0.0  # when the parent will lose patience

    def __call__(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        if not self.end - SLACK <= end <= self.end:
            self.end = end + SLACK
            wire.send(self.writing, wire.allowance(seconds + SLACK))


def memory() -> int:
    """The most memory that this process has had, in bytes."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
