"""Forked processes that do one piece of work each and say what comes of it, as JSON and arrays in bytes."""

from __future__ import annotations

import contextlib
import gc
import json
import mmap
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from gradcli.errors import DefectError, GradcliError, LimitError, Source, Span, explained
from gradcli.runtime.processes import Channel, Forked, wait

GRACE = 0.5  # seconds between the time at which a child should stop by itself and the time at which it is killed


class Parent:
    """Whom a child works for; `shared` is the memory that both see."""

    def __init__(self, channel: Channel, shared: mmap.mmap | None) -> None:
        self.channel = channel
        self.shared = shared

    def tell(self, message: dict[str, Any], buffers: Sequence[memoryview] = ()) -> None:
        """Send a message; what is large in it comes after it, as bytes that the parent gets in `Child.buffers`."""
        self.channel.send(json.dumps({**message, "buffers": len(buffers)}).encode(), *buffers)

    def hear(self) -> Any:
        """What the parent asks; None where it asks nothing any more."""
        message = self.channel.receive()
        return None if message is None else json.loads(message)


Work = Callable[[Parent], None]


class Child(Forked):
    """A forked process that tells its answers; it has so many seconds once it says that it is ready.

    It may say that it waits; it is asked something then, or ended. `room` bytes of memory are shared with it, for what
    both would hold otherwise.
    """

    def __init__(self, work: Work, seconds: float, room: int = 0) -> None:
        self.seconds = seconds
        self.waits = False
        self.buffers: list[bytes] = []  # all that came
        self.answer: dict[str, Any] | None = None
        self.open = True
        self.shared = mmap.mmap(-1, room) if room else None
        super().__init__(lambda channel: _live(work, Parent(channel, self.shared)))

    def read(self) -> None:
        """Take in the next message; once the child has imported what it needs, its time runs."""
        text = self.channel.receive()
        message = None if text is None else json.loads(text)
        buffers = [self.channel.receive() for _ in range(message.pop("buffers"))] if message else []
        if message is None or None in buffers:
            self.open = False
            if self.is_interrupted():
                raise KeyboardInterrupt  # a Ctrl-C reaches the whole group, and this process a moment later
            return
        self.buffers += [buffer for buffer in buffers if buffer is not None]
        if "ready" in message:
            self._allow(self.seconds)
        elif "answer" in message:
            self.answer = message["answer"]
        elif "waits" in message:
            self.waits = True
        else:
            raise error_of(message)

    def ask(self, question: dict[str, Any], seconds: float) -> None:
        """Ask a child that waits for more; what it answered before is forgotten."""
        self.answer, self.waits = None, False
        self._allow(seconds)
        with contextlib.suppress(OSError):
            self.channel.send(json.dumps(question).encode())

    def _allow(self, seconds: float) -> None:
        self.deadline = time.monotonic() + seconds + GRACE


def gather(children: list[Child]) -> Iterator[dict[str, Any] | None]:
    """Each child's last answer, when all have ended or wait."""
    while asked := [child for child in children if child.open and not child.waits]:
        ready, _ = wait(asked)
        for child in asked:
            if child in ready:
                child.read()
            elif child.is_late:
                child.open = False
    for child in children:
        yield child.answer


def _live(work: Work, parent: Parent) -> None:
    """The child's whole life: do the work, and tell what comes of it."""
    gc.disable()
    warnings.simplefilter("ignore")
    try:
        work(parent)
    except GradcliError as error:
        parent.tell({"error": plain_error(error)})
    except BaseException as error:  # whatever it is, the parent tells the user
        known = explained(error)
        parent.tell({"defect": traceback.format_exc()} if known is None else {"error": plain_error(known)})


def plain_error(error: GradcliError) -> dict[str, Any]:
    """An error as plain data, for another process."""
    return {
        "kind": type(error).__name__,
        "stage": error.stage,
        "message": error.message,
        "source": error.source,
        "span": error.span,
        "expected": error.expected,
        "hint": error.hint,
    }


def error_of(message: dict[str, Any]) -> GradcliError:
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
