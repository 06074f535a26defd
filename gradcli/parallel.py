"""The witnesses side by side, each in a process of its own.

Importing torch takes a second and SymPy a third of one; two forked children do both at once, and the parent
meanwhile prepares to print. A child that does not finish in its time is killed: no library's loop, however
deep in C, holds up the answer. Where there is no fork, or torch is loaded already (a process that has run a
parallel operation must not be forked for more), the witnesses run in turn.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from gradcli.api import run_autograd, run_tensors, run_witness
from gradcli.engines.findings import Evidence, Numbers
from gradcli.engines.job import Job
from gradcli.errors import DefectError, GradcliError, LimitError, Source, Span

if TYPE_CHECKING:
    from gradcli.engines.tensors.study import Study

GRACE = 0.5  # seconds between the time at which a child should stop by itself and the time at which it is killed
READ_SIZE = 1 << 20

Send = Callable[[dict[str, Any]], None]


def can_fork() -> bool:
    """Whether the witnesses may run in forked children."""
    return hasattr(os, "fork") and "torch" not in sys.modules


def witnesses(job: Job, meanwhile: Callable[[], object]) -> tuple[Numbers | None, Evidence]:
    """What all witnesses say of a job; `meanwhile` runs while they work.

    Raises GradcliError as the witnesses do.
    """
    if not can_fork():
        numbers = None if job.point is None else run_autograd(job)
        return numbers, run_witness(job)
    children = [Child(lambda send: _witness(job, send), job.allowance)]
    if job.point is not None:
        children.insert(0, Child(lambda send: _autograd(job, send), job.autograd_allowance))
    try:
        meanwhile()
        answers = list(_gather(children))
    finally:
        for child in children:
            child.end()
    evidence = answers[-1]
    if evidence is None:
        raise DefectError("running SymPy", "its process ended without an answer")
    if job.point is None:
        return None, Evidence.from_plain(evidence)
    if answers[0] is None:
        raise LimitError("running autograd", "its process ended without an answer")
    return Numbers.from_plain(answers[0]), Evidence.from_plain(evidence)


def study(job: Job, meanwhile: Callable[[], object]) -> Study:
    """What all witnesses say of a job over tensors, from one child: the referee looks where torch's numbers are odd.

    Raises GradcliError as the witnesses do.
    """
    if not can_fork():
        return run_tensors(job)
    child = Child(lambda send: _study(job, send), job.allowance + job.autograd_allowance)
    try:
        meanwhile()
        (answer,) = _gather([child])
    finally:
        child.end()
    if answer is None:
        raise LimitError("running autograd", "its process ended without an answer")
    from gradcli.engines.tensors.study import Study

    return Study.from_plain(answer)


def _study(job: Job, send: Send) -> None:
    import gradcli.engines.tensors.witness

    if job.point is not None:
        import gradcli.engines.tensors.forward
        import gradcli.engines.tensors.gradients  # noqa: F401

    send({"ready": True})
    send({"answer": run_tensors(job, tell=lambda study: send({"answer": study.to_plain()})).to_plain()})


def _autograd(job: Job, send: Send) -> None:
    import torch  # noqa: F401

    send({"ready": True})
    send({"answer": run_autograd(job).to_plain()})


def _witness(job: Job, send: Send) -> None:
    import sympy

    from gradcli.engines.witness import gather

    send({"ready": True})
    send({"answer": Evidence(sympy.__version__).to_plain()})  # all there is if the rest takes too long
    evidence = gather(job, halfway=lambda evidence: send({"answer": evidence.to_plain()}))
    send({"answer": evidence.to_plain()})


class Child:
    """A forked process that sends lines of JSON; it has so many seconds once it says that it is ready."""

    def __init__(self, work: Callable[[Send], None], seconds: float) -> None:
        self.seconds = seconds
        self.reading, writing = os.pipe()
        self.pieces: list[bytes] = []  # of a line that has not ended yet
        self.answer: dict[str, Any] | None = None
        self.deadline: float | None = None
        self.open = True
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.reading)
            _live(work, writing)
        os.close(writing)

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
            else:
                raise _error(message)

    def end(self) -> None:
        """Leave nothing behind."""
        os.close(self.reading)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def _gather(children: list[Child]) -> Iterator[dict[str, Any] | None]:
    """Each child's last answer."""
    while any(child.open for child in children):
        now = time.monotonic()
        for child in children:
            if child.open and child.deadline is not None and child.deadline < now:
                child.open = False
        waiting = {child.reading: child for child in children if child.open}
        if not waiting:
            break
        ends = [child.deadline for child in waiting.values() if child.deadline is not None]
        ready, _, _ = select.select(list(waiting), [], [], max(0.0, min(ends) - now) if ends else None)
        for descriptor in ready:
            waiting[descriptor].read()
    for child in children:
        yield child.answer


def _live(work: Callable[[Send], None], writing: int) -> NoReturn:
    """The child's whole life: do the work, send what comes of it, and end without any clean-up."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.disable()
    warnings.simplefilter("ignore")

    def send(message: dict[str, Any]) -> None:
        data = json.dumps(message).encode() + b"\n"
        while data:
            data = data[os.write(writing, data) :]

    try:
        try:
            work(send)
        except GradcliError as error:
            send({"error": _plain(error)})
        except MemoryError:
            send({"error": _plain(LimitError("computing", "there is not enough memory"))})
        except BaseException:  # whatever it is, the parent tells the user
            send({"defect": traceback.format_exc()})
    finally:
        os._exit(0)


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
