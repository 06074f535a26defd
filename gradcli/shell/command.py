"""`gradcli shell`: a line at a time, from a terminal or from standard input."""

from __future__ import annotations

import contextlib
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
    """Formulas and commands, a line at a time: values and definitions stay. `gradcli` alone opens it at a terminal.

    From standard input it reads lines likewise, without a prompt; the exit code is that of the worst answer.

    \b
    gradcli shell
    printf 'x = 3\\nx**2\\n:steps\\n' | gradcli shell
    """
    from gradcli.reference.verdict import worst_code
    from gradcli.shell.session import Session

    if sys.stdin is None:
        raise GradcliError("reading the line", "standard input is closed")
    if sys.stdout is None:
        raise GradcliError("writing the answer", "standard output is closed")
    session = Session(context.obj, _say, complain=_complain)
    at_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    codes = {int(ExitCode.AGREE)}
    with InterruptsTaken():
        for line in _typed(session) if at_terminal else _lines():
            try:
                if not session.enter(line):
                    break
            except KeyboardInterrupt:  # the line is given up, the shell goes on
                continue
            codes.add(session.code)
            if session.code == ExitCode.BROKEN_PIPE:
                break
    return Answer("", ExitCode.AGREE if at_terminal else worst_code(codes))


def _say(text: str) -> None:
    from gradcli.safe import visible

    sys.stdout.write(visible(text.rstrip("\n")) + "\n")
    sys.stdout.flush()


def _complain(text: str) -> None:
    from gradcli.safe import visible

    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):  # as with all errors: closed, or gone
            sys.stderr.write(visible(text) + "\n")
            sys.stderr.flush()


def _lines() -> Iterator[str]:
    from gradcli.shell.line import statements

    buffer = getattr(sys.stdin, "buffer", None)
    # as with arguments: bytes that are no UTF-8 stand in the line, and its error shows where
    yield from statements(
        line if isinstance(line, str) else line.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
        for line in (sys.stdin if buffer is None else buffer)
    )


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
    with contextlib.suppress(ImportError):
        import sympy  # noqa: F401
        import torch  # noqa: F401

        import gradcli.backends.symbolic.formulas
        import gradcli.diff.parallel
        import gradcli.reference.point  # noqa: F401
