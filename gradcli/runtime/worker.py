"""Forked processes that do one piece of work each and say what comes of it, as JSON and arrays in bytes."""

from __future__ import annotations

import contextlib
import gc
import json
import mmap
import time
import traceback
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from gradcli.errors import DefectError, GradcliError, LimitError, Source, Span, explained
from gradcli.runtime.processes import LOOK, Channel, Forked, wait

GRACE = 0.5  # seconds between the time at which a worker should stop by itself and the time at which it is killed


class Parent:
    """Whom a worker works for; `shared` is the memory that both see."""

    def __init__(self, channel: Channel, shared: mmap.mmap | None) -> None:
        self.channel = channel
        self.shared = shared

    def ready(self) -> None:
        """Say that all is imported: the time runs from now on."""
        self.tell({"ready": True})

    def answer(self, answer: Any, question: int = 0, buffers: Sequence[memoryview] = ()) -> None:
        """Send the answer to one of the questions, in place of an earlier one to it.

        What is large in it comes after it, as bytes that the parent gets in `Worker.buffers`.
        """
        self.tell({"answer": answer, "question": question}, buffers)

    def tell(self, message: dict[str, Any], buffers: Sequence[memoryview] = ()) -> None:
        """Send a message, and bytes."""
        self.channel.send(json.dumps({**message, "buffers": len(buffers)}).encode(), *buffers)

    def hear(self) -> Any:
        """What the parent asks for more; None where it asks nothing any more."""
        self.tell({"waits": True})
        message = self.channel.receive()
        return None if message is None else json.loads(message)


Work = Callable[[Parent], None]
Answers = dict[int, Any]  # the last answer to each question; of work that has but one, to question 0


class Worker(Forked):
    """A forked process that tells its answers; it has so many seconds once it says that it is ready.

    It may say that it waits; it is asked something then, or ended. `room` bytes of memory are shared with it, for what
    both would hold otherwise.
    """

    def __init__(self, work: Work, seconds: float, room: int = 0) -> None:
        self.seconds = seconds
        self.waits = False
        self.buffers: list[bytes] = []  # all that came
        self.answers: Answers = {}
        self.open = True
        self.shared = mmap.mmap(-1, room) if room else None
        super().__init__(lambda channel: _live(work, Parent(channel, self.shared)))

    def read(self) -> None:
        """Take in the next message; once the worker has imported what it needs, its time runs."""
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
            self.answers[message["question"]] = message["answer"]
        elif "waits" in message:
            self.waits = True
        else:
            raise error_of(message)

    def ask(self, question: Any, seconds: float) -> Answers:
        """What it answers to something more, once it waits for that; what it answered before is forgotten."""
        gather([self])
        self.answers, self.waits = {}, False
        self._allow(seconds)
        with contextlib.suppress(OSError):
            self.channel.send(json.dumps(question).encode())
        return gather([self])[0]

    def _allow(self, seconds: float) -> None:
        self.deadline = time.monotonic() + seconds + GRACE


class Workers(list[Worker]):
    """Workers side by side; none of them is left behind, whatever happens."""

    def start(self, work: Work, seconds: float, room: int = 0) -> Worker:
        """One more."""
        self.append(Worker(work, seconds, room))
        return self[-1]

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *error: object) -> None:
        for worker in self:
            worker.end()


def gather(workers: Sequence[Worker]) -> list[Answers]:
    """Each worker's answers, when all have ended, wait, or are late."""
    while asked := [worker for worker in workers if worker.open and not worker.waits]:
        ready, _ = wait(asked, LOOK)
        for worker in asked:
            if worker in ready:
                worker.read()
            elif worker.is_late:
                worker.open = False
    return [worker.answers for worker in workers]


def _live(work: Work, parent: Parent) -> None:
    """The worker's whole life: do the work, and tell what comes of it."""
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
    """The error that a worker met, again in the parent."""
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


def guarded(work: Callable[[Any], Any], about: Any) -> Any:
    """What comes of some work that is nothing to other work beside it, or the error that it ends in."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return work(about)
    except GradcliError as error:
        return error
    except Exception as error:  # whatever it is, the others have nothing to do with it
        what = f"{type(error).__name__}: {error}"
        return explained(error) or DefectError("computing", f"gradcli has a defect, please report it: {what}")
