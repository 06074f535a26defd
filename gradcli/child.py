"""Forked processes that do one piece of work each and send what comes of it."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from gradcli.errors import DefectError, GradcliError, LimitError, Source, Span

GRACE = 0.5  # seconds between the time at which a child should stop by itself and the time at which it is killed
READ_SIZE = 1 << 20

Send = Callable[[dict[str, Any]], None]
Work = Callable[[Send, "Child"], None]  # is given the child itself, too


class Child:
    """A forked process that sends lines of JSON; it has so many seconds once it says that it is ready.

    One that `hears` may say that it waits; it is asked something then, or ended.
    """

    def __init__(self, work: Work, seconds: float, hears: bool = False) -> None:
        self.seconds = seconds
        self.reading, writing = os.pipe()
        self.listening: int | None = None
        self.asking: int | None = None
        if hears:
            self.listening, self.asking = os.pipe()
        self.waits = False
        self.pieces: list[bytes] = []  # of a line that has not ended yet
        self.answer: dict[str, Any] | None = None
        self.deadline: float | None = None
        self.open = True
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.reading)
            if self.asking is not None:
                os.close(self.asking)
            _live(work, writing, self)
        os.close(writing)
        if self.listening is not None:
            os.close(self.listening)

    def read(self) -> None:
        """Take in what has come; once the child has imported what it needs, its time runs."""
        piece = os.read(self.reading, READ_SIZE)
        if not piece:
            self.open = False
            return
        *lines, rest = piece.split(b"\n")
        if lines:
            lines[0] = b"".join([*self.pieces, lines[0]])
            self.pieces = []
        self.pieces.append(rest)
        for line in lines:
            message = json.loads(line)
            if "ready" in message:
                self.deadline = time.monotonic() + self.seconds + GRACE
            elif "answer" in message:
                self.answer = message["answer"]
            elif "waits" in message:
                self.waits = True
            else:
                raise _error(message)

    def ask(self, question: dict[str, Any], seconds: float) -> None:
        """Ask a child that waits for more; what it answered before is forgotten."""
        assert self.asking is not None
        self.answer, self.waits = None, False
        self.deadline = time.monotonic() + seconds + GRACE
        with contextlib.suppress(BrokenPipeError):
            _write(self.asking, question)

    def hear(self) -> Any:
        """What the parent asks, in the child itself; None where it asks nothing any more."""
        assert self.listening is not None
        with open(self.listening, "rb") as stream:
            line = stream.readline()
        return json.loads(line) if line.endswith(b"\n") else None

    def end(self) -> None:
        """Leave nothing behind."""
        os.close(self.reading)
        if self.asking is not None:
            os.close(self.asking)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def gather(children: list[Child]) -> Iterator[dict[str, Any] | None]:
    """Each child's last answer, when all have ended or wait."""
    while any(child.open and not child.waits for child in children):
        now = time.monotonic()
        for child in children:
            if child.open and child.deadline is not None and child.deadline < now:
                child.open = False
        waiting = {child.reading: child for child in children if child.open and not child.waits}
        if not waiting:
            break
        ends = [child.deadline for child in waiting.values() if child.deadline is not None]
        ready, _, _ = select.select(list(waiting), [], [], max(0.0, min(ends) - now) if ends else None)
        for descriptor in ready:
            waiting[descriptor].read()
    for child in children:
        yield child.answer


def _live(work: Work, writing: int, child: Child) -> NoReturn:
    """The child's whole life: do the work, send what comes of it, and end without any clean-up."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.disable()
    warnings.simplefilter("ignore")

    def send(message: dict[str, Any]) -> None:
        _write(writing, message)

    try:
        try:
            work(send, child)
        except GradcliError as error:
            send({"error": _plain(error)})
        except MemoryError:
            send({"error": _plain(LimitError("computing", "there is not enough memory"))})
        except BaseException:  # whatever it is, the parent tells the user
            send({"defect": traceback.format_exc()})
    finally:
        os._exit(0)


def _write(descriptor: int, message: dict[str, Any]) -> None:
    data = json.dumps(message).encode() + b"\n"
    while data:
        data = data[os.write(descriptor, data) :]


def _plain(error: GradcliError) -> dict[str, Any]:
    return {
        "kind": type(error).__name__,
        "stage": error.stage,
        "message": error.message,
        "source": error.source,
        "span": error.span,
        "expected": error.expected,
        "hint": error.hint,
    }


def _error(message: dict[str, Any]) -> GradcliError:
    """The error that a child met, again in the parent."""
    if "defect" in message:
        *_, last = message["defect"].strip().splitlines()
        error = DefectError("computing", last)
        error.trace = message["defect"]
        return error
    data = message["error"]
    kinds = {"LimitError": LimitError, "DefectError": DefectError}
    return kinds.get(data["kind"], GradcliError)(
        data["stage"],
        data["message"],
        source=Source(*data["source"]) if data["source"] else None,
        span=Span(*data["span"]) if data["span"] else None,
        expected=data["expected"],
        hint=data["hint"],
    )
