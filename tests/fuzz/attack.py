"""One run of an attack: cases by chance within their limits, what they came to, and what was found, made small."""

from __future__ import annotations

import contextlib
import io
import logging
import multiprocessing
import resource
import signal
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from gradcli.errors import DefectError, GradcliError
from tests.fuzz.kinds import KINDS, Case
from tests.fuzz.mutation import TOKENS

SECONDS = 2.5  # of processor time beyond what --patience allows
ALLOWED = {
    "programs": 1.5,
    "truths": 9.0,
    "texts": 1.5,
    "claims": 3.0,
    "files": 3.0,
    "mutations": 6.0,
    "disguises": 6.0,
}  # several parts, each with its patience
HANGS = 60  # seconds of processor time after which a case is given up
BYTES = 1 << 30  # beyond what was there before
SHRINKS = 150  # attempts to make a case smaller


class Hangs(BaseException):
    """A case goes on and on; no `except Exception` keeps it."""


@dataclass(frozen=True)
class Found:
    """Something that may not be: what kind, the smallest text that shows it, and what is said."""

    kind: str
    what: str
    text: str
    said: str
    seed: int


@dataclass
class Report:
    """How many cases came to what, and what was found."""

    counts: Counter[str] = field(default_factory=Counter)
    found: list[Found] = field(default_factory=list)


def attack(
    kind: str, count: int, seed: int, folder: Path, seconds: float = float("inf"), numbers: Sequence[int] = ()
) -> Report:
    """So many cases of a kind, or those of these numbers, or as many as there is time for."""
    report, until = Report(), time.monotonic() + seconds
    for number in numbers or range(count):
        if time.monotonic() > until:
            break
        one = Random(f"{kind} {seed} {number}").randrange(1 << 48)
        report.counts["cases"] += 1
        try:
            case = KINDS[kind](Random(one), folder)
        except GradcliError:
            report.counts["not drawn"] += 1
            continue
        what, said = answered(kind, case)
        report.counts[what] += 1
        if what not in ("answered", "refused"):
            small = shrunk(kind, case, what)
            report.found.append(Found(kind, what, small, said, one))
    return report


class Attacker:
    """Attacks in a process of its own: a library that brings it down is found, too."""

    def __init__(self) -> None:
        self.process = _process()

    def attack(self, kind: str, count: int, seed: int, seconds: float) -> Report:
        """The same in that process; where it ends, its cases are tried one by one for the one that did it."""
        try:
            return self._run(kind, count, seed, seconds, ())
        except BrokenProcessPool:
            report = Report()
        for number in range(count):
            self.process = _process()
            try:
                part = self._run(kind, count, seed, seconds, (number,))
            except BrokenProcessPool:
                one = Random(f"{kind} {seed} {number}").randrange(1 << 48)
                part = Report(Counter(cases=1, crash=1), [Found(kind, "crash", "", "the process ended", one)])
            report.counts += part.counts
            report.found += part.found
        self.process = _process()
        return report

    def _run(self, kind: str, count: int, seed: int, seconds: float, numbers: Sequence[int]) -> Report:
        with tempfile.TemporaryDirectory() as folder:
            return self.process.submit(attack, kind, count, seed, Path(folder), seconds, numbers).result()


def _process() -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")  # a fork would have what libraries hold
    return ProcessPoolExecutor(1, context, initializer=logging.disable, initargs=(logging.WARNING,))


def answered(kind: str, case: Case, text: str | None = None) -> tuple[str, str]:
    """What a case comes to: answered, refused, or what may not be, with what is said of that."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    try:
        with _bounded(HANGS), warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("error", RuntimeWarning)
            said = case.ask(case.text if text is None else text)
        what = (
            "answered"
            if said is None
            else "contradiction"
            if kind in ("truths", "claims", "mutations", "disguises")
            else "defect"
        )
    except DefectError as error:
        what, said = "defect", error.message
    except GradcliError as error:
        what, said = "refused", error.message
    except Hangs:
        what, said = "hangs", f"more than {HANGS} s"
    except Exception as error:
        what, said = "exception", f"{type(error).__name__}: {error}"
    spent = time.process_time() - started
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    if what in ("answered", "refused") and spent > SECONDS + ALLOWED[kind]:
        return "slow", f"{spent:.1f} s of processor time"
    if what in ("answered", "refused") and grown > BYTES:
        return "large", f"{grown >> 20} MiB"
    return what, said or ""


@contextlib.contextmanager
def _bounded(seconds: float) -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise Hangs

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def shrunk(kind: str, case: Case, what: str) -> str:
    """The smallest text found by leaving out tokens that comes to the same; large growth and hangs stay as they are."""
    text = case.text
    if what in ("hangs", "large"):
        return text
    left, width = SHRINKS, max(1, len(TOKENS.findall(text)) // 2)
    while width and left > 0:
        pieces, place = TOKENS.findall(text), 0
        while place < len(pieces) and left > 0:
            shorter = pieces[:place] + pieces[place + width :]
            left -= 1
            if answered(kind, case, "".join(shorter))[0] == what:
                pieces = shorter
            else:
                place += width
        text = "".join(pieces)
        width //= 2
    return text
