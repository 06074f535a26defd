"""Forked processes that do one piece of work each and send what comes of it."""

from __future__ import annotations

import contextlib
import gc
import json
import mmap
import os
import select
import signal
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn, Protocol

from gradcli.errors import DefectError, GradcliError, LimitError, Source, Span

GRACE = 0.5  # seconds between the time at which a child should stop by itself and the time at which it is killed
READ_SIZE = 1 << 20


class Send(Protocol):
    """Sends a message; what is large in it comes after it, as bytes that the parent gets in `Child.buffers`."""

    def __call__(self, message: dict[str, Any], buffers: Sequence[memoryview] = ()) -> None: ...  # noqa: D102


Work = Callable[[Send, "Child"], None]  # is given the child itself, too


class Child:
    """A forked process that sends lines of JSON, and bytes after some; it has so many seconds once it is ready.

    One that `hears` may say that it waits; it is asked something then, or ended. `room` bytes of memory are shared with
    it, for what both would hold otherwise.
    """

    def __init__(self, work: Work, seconds: float, hears: bool = False, room: int = 0) -> None:
        self.seconds = seconds
        self.reading, writing = os.pipe()
        self.listening: int | None = None
        self.asking: int | None = None
        if hears:
            self.listening, self.asking = os.pipe()
        self.waits = False
        self.pieces: list[bytes] = []  # of a line that has not ended yet
        self.message: dict[str, Any] = {}  # whose bytes are on their way
        self.missing: list[memoryview] = []  # what is to be filled with them
        self.buffers: list[bytearray] = []  # all that came
        self.answer: dict[str, Any] | None = None
        self.deadline: float | None = None
        self.open = True
        self.shared = mmap.mmap(-1, room) if room else None
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
        if self.missing:
            count = os.readv(self.reading, self.missing[:1])
            self.open = count > 0
            self._filled(count)
            return
        piece = os.read(self.reading, READ_SIZE)
        self.open = bool(piece)
        while piece:
            if self.missing:
                count = min(len(piece), len(self.missing[0]))
                self.missing[0][:count] = piece[:count]
                self._filled(count)
                piece = piece[count:]
                continue
            line, end, piece = piece.partition(b"\n")
            self.pieces.append(line)
            if end:
                message = json.loads(b"".join(self.pieces))
                self.pieces = []
                self._begin(message)

    def _begin(self, message: dict[str, Any]) -> None:
        """Take a message in, once the bytes that belong to it are there."""
        buffers = [bytearray(size) for size in message.pop("sizes", ())]
        self.buffers += buffers
        self.missing = [memoryview(buffer) for buffer in buffers if buffer]
        self.message = message
        if not self.missing:
            self._take(message)

    def _filled(self, count: int) -> None:
        """So many bytes have come of the first buffer that misses some."""
        self.missing[0] = self.missing[0][count:]
        if not self.missing[0]:
            del self.missing[0]
            if not self.missing:
                self._take(self.message)

    def _take(self, message: dict[str, Any]) -> None:
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

    def send(message: dict[str, Any], buffers: Sequence[memoryview] = ()) -> None:
        _write(writing, message, buffers)

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


def _write(descriptor: int, message: dict[str, Any], buffers: Sequence[memoryview] = ()) -> None:
    if buffers:
        message = {**message, "sizes": [len(buffer) for buffer in buffers]}
    line = json.dumps(message).encode() + b"\n"
    for data in (memoryview(line), *buffers):
        written = 0
        while written < len(data):
            written += os.write(descriptor, data[written:])


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
