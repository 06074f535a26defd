"""The processes that do the work: each answers one portion of lines after the other."""

from __future__ import annotations

import contextlib
import gc
import math
import signal
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from typing import Protocol

from gradcli.runtime.deadlines import watched
from gradcli.runtime.lines import wire
from gradcli.runtime.lines.records import Encoder, LineRecord
from gradcli.runtime.lines.request import InputLine
from gradcli.runtime.processes import SECONDS_TO_START, Channel, Forked, silence

SLACK = 0.5  # seconds more than are asked for: the next few steps need not ask again
GRACE = 1.0  # seconds between the time at which a step should be done and the time at which its worker is killed
COLLECTED = (20_000, 20, 20)  # SymPy makes many objects, and few of them in circles
MAX_GROWTH = 1 << 30  # bytes that a worker may have taken when it is replaced by a fresh one


Tell = Callable[[float], None]  # that the next step may take so many seconds


class Answering(Protocol):
    """What makes a record of each line: what the lines are about is its matter alone."""

    encoder: Encoder

    def answer(self, lines: Sequence[InputLine], tell: Tell) -> list[LineRecord]:
        """The records of some lines, in order. Whatever happens with one line is its record's matter."""

    def few(self, lines: Sequence[InputLine]) -> list[LineRecord] | None:
        """The records of a few lines with nothing loaded; None where that is not done."""

    def warm_up(self) -> None:
        """Load what most lines need, once for all workers."""


class Portion:
    """Lines that a worker answers together, from a place in the order of all; how often they were begun."""

    def __init__(self, index: int, lines: Sequence[InputLine], tries: int = 0) -> None:
        self.place = index
        self.lines = lines
        self.tries = tries


class LineWorker(Forked):
    """A forked process that answers portions, seen from its parent."""

    on_interrupt = signal.SIG_IGN  # a Ctrl-C is the parent's matter

    def __init__(self, answerer: Answering) -> None:
        self.portion: Portion | None = None
        self.since = 0.0
        super().__init__(lambda channel: _live(answerer, channel))

    def take(self, portion: Portion) -> bool:
        """Have it answer some lines; whether it lives to do so."""
        self.portion = portion
        self.since = time.monotonic()
        self.deadline = self.since + SECONDS_TO_START
        portion.tries += 1
        try:
            self.channel.send(wire.portion(portion.lines))
        except OSError:
            return False
        return True

    def allow(self, seconds: float) -> None:
        """Its next step may take so long."""
        self.deadline = time.monotonic() + seconds + GRACE

    def done(self) -> float:
        """Its portion is answered; how many seconds that took."""
        self.portion, self.deadline = None, math.inf
        return time.monotonic() - self.since


def _live(answerer: Answering, channel: Channel) -> None:
    """The worker's whole life. Whatever is raised ends it: the parent sees the end, and gives its lines to another."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    silence(0, 1)
    gc.freeze()
    gc.set_threshold(*COLLECTED)
    warnings.simplefilter("ignore")
    with contextlib.suppress(ModuleNotFoundError):  # formulas need none; a line that does says so
        import torch

        torch.set_num_threads(1)
    start, tell = memory(), _LineTeller(channel)
    with watched():
        while (message := channel.receive()) is not None:
            tell.end = 0.0
            records = answerer.answer(list(wire.lines_of(message)), tell)
            retires = memory() - start > MAX_GROWTH
            channel.send(wire.answer(records, retires))
            if retires:
                return


class _LineTeller:
    """Tells the parent how long the next step may take, where that makes a difference."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.end = 0.0  # when the parent will lose patience

    def __call__(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        if not self.end - SLACK <= end <= self.end:
            self.end = end + SLACK
            self.channel.send(wire.allowance(seconds + SLACK))


def memory() -> int:
    """The most memory that this process has had, in bytes."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
