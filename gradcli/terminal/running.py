"""Runs over lines, as commands make them: where lines come from, how a Ctrl-C ends it, how far it has come."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from io import UnsupportedOperation
from typing import TYPE_CHECKING, Any, TypeVar

from gradcli.errors import OPTIONS, GradcliError

if TYPE_CHECKING:
    from gradcli.runtime.lines.lines import Descriptor
    from gradcli.runtime.lines.run import Run

STAGE = "reading the lines"

D = TypeVar("D", bound="Descriptor")


@contextlib.contextmanager
def opened(name: str | None, make: type[D]) -> Iterator[D]:
    """The lines of a file, or of standard input."""
    if name not in (None, "-"):
        try:
            descriptor = os.open(str(name), os.O_RDONLY)
        except OSError as error:
            hint = "this reads a file of lines, or standard input; of one program: gradcli diff"
            is_program = isinstance(error, FileNotFoundError) and not re.fullmatch(r"[\w./~ -]+", str(name))
            raise GradcliError(
                STAGE, f"{name} cannot be read: {error.strerror}", hint=hint if is_program else None
            ) from error
        except ValueError as error:  # a zero in it, or half of a character
            raise GradcliError(STAGE, f"{name} cannot be read: it is not the name of a file") from error
        try:
            yield make(descriptor)
        finally:
            os.close(descriptor)
        return
    if sys.stdin is None:
        raise GradcliError(STAGE, "standard input is closed")
    if name is None and sys.stdin.isatty():
        raise GradcliError(
            STAGE,
            "there are no lines",
            expected="the name of a file, or lines on standard input",
            hint="- reads what is typed",
        )
    yield _standard_input(make)


def _standard_input(make: type[D]) -> D:
    try:
        return make(sys.stdin.fileno())
    except UnsupportedOperation:
        return make(None, sys.stdin.buffer.read)


@contextlib.contextmanager
def interruptible(run: Run) -> Iterator[None]:
    """A Ctrl-C lets the lines finish that are begun; a second one does not."""

    def stop(*_: Any) -> None:
        if run.stopping:
            raise KeyboardInterrupt
        run.stopping = True

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def bar(run: Run, name: str | None, to_file: bool = False) -> Iterator[Callable[[], None]]:
    """What tells a person how far it has come: a bar, unless the records go to the same terminal."""
    if (
        sys.stderr is None
        or not sys.stderr.isatty()
        or (sys.stdout is not None and sys.stdout.isatty() and not to_file)
    ):
        yield lambda: None
        return
    from gradcli.terminal.progress import Bar

    total = os.path.getsize(str(name)) if name not in (None, "-") and os.path.isfile(str(name)) else None
    begun = run.count
    with Bar(total, "lines") as drawn:
        yield lambda: drawn.tell(run.count, run.count - begun, run.position)


def check_resumable(resume: bool, output: object) -> None:
    """Refuse --resume where no file is written."""
    if resume and output is None:
        raise GradcliError(OPTIONS, "--resume continues a file, and there is none", hint="name it with -o FILE")


def stopped_after(count: int, resumable: bool) -> str:
    """What is said of a run that a Ctrl-C ended."""
    return f"stopped after {lines_of(count)}{'; --resume continues' if resumable else ''}"


def lines_of(count: int) -> str:
    """A count of lines in words."""
    return "1 line" if count == 1 else f"{count:,} lines"
