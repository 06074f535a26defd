"""`gradcli shell`: a line at a time, from a terminal or from standard input."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

import typer

from gradcli.errors import ExitCode, GradcliError
from gradcli.runtime.interrupts import InterruptsTaken
from gradcli.terminal.answer import Answer
from gradcli.terminal.arguments import Debug

if TYPE_CHECKING:
    from gradcli.shell.session import Session

WELCOME = "A formula asks for its derivatives, x = 3 sets a value, :help says more, Ctrl-D leaves."


def command(context: typer.Context, debug: Debug = False) -> Answer:
    """Formulas and commands, a line at a time: values and definitions stay. What `gradcli` alone opens at a terminal.

    From standard input it reads lines likewise, without a prompt; the exit code is that of the last answer.

    \b
    gradcli shell
    printf 'x = 3\\nx**2\\n:steps\\n' | gradcli shell
    """
    from gradcli.shell.session import Session

    if sys.stdin is None:
        raise GradcliError("reading the line", "standard input is closed")
    session = Session(context.obj, _say)
    at_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    with InterruptsTaken():
        for line in _typed(session) if at_terminal else _lines():
            try:
                if not session.enter(line):
                    break
            except KeyboardInterrupt:  # the line is given up, the shell goes on
                continue
    return Answer("", ExitCode.AGREE if at_terminal else ExitCode(session.code))


def _say(text: str) -> None:
    from gradcli.safe import visible

    sys.stdout.write(visible(text.rstrip("\n")) + "\n")
    sys.stdout.flush()


def _lines() -> Iterator[str]:
    """The lines of a pipe; one whose bracket is never closed stands alone, and those behind it are read again."""
    from gradcli.shell.line import is_open

    buffer = getattr(sys.stdin, "buffer", None)
    # as with arguments: bytes that are no UTF-8 stand in the line, and its error shows where
    coming: Iterator[str] = (
        line if isinstance(line, str) else line.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
        for line in (sys.stdin if buffer is None else buffer)
    )  # fmt: skip
    held: list[str] = []
    while True:
        for line in coming:
            held.append(line)
            text = "".join(held)
            if not is_open(text):
                held.clear()
                yield text
        if not held:
            return
        first, *rest = held
        held.clear()
        yield first
        coming = iter(rest)


def _typed(session: Session) -> Iterator[str]:
    """What is typed at a terminal, while what answers need is loaded."""
    from gradcli.terminal.console import screen_of
    from gradcli.terminal.wrap import prose

    _say("\n".join(prose(WELCOME, screen_of(sys.stdout).columns)))
    loading = threading.Thread(target=_load, daemon=True)
    loading.start()
    if find_spec("prompt_toolkit") is None:
        from gradcli.shell.plain import lines
    else:
        from gradcli.shell.prompt import lines
    for line in lines(session):
        loading.join()  # a process that is importing must not be forked: the child would wait for ever
        yield line


def _load() -> None:
    """Import what the first answer would wait for, while somebody types."""
    import contextlib

    with contextlib.suppress(ImportError):
        import sympy  # noqa: F401
        import torch  # noqa: F401

        import gradcli.backends.symbolic.formulas
        import gradcli.diff.parallel
        import gradcli.reference.point  # noqa: F401
