"""Lines that are typed where prompt_toolkit is not installed: with readline, if Python has it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from gradcli.shell.history import history
from gradcli.shell.line import is_open
from gradcli.shell.offers import offers, word_of
from gradcli.shell.session import Session

PROMPT, MORE = "> ", ". "
KEPT = 1000  # lines of history that are kept


def lines(session: Session) -> Iterator[str]:
    """What is typed, until Ctrl-D; an open bracket goes on in the next line, Ctrl-C gives a line up."""
    with _edited(session):
        while True:
            text = ""
            try:
                text = input(PROMPT)
                while is_open(text):
                    text += "\n" + input(MORE)
            except KeyboardInterrupt:
                print()
                continue
            except EOFError:
                print()
                if text:
                    yield text  # its error says which bracket is open
                return
            yield text


@contextlib.contextmanager
def _edited(session: Session) -> Iterator[None]:
    try:
        import readline
    except ImportError:  # Windows
        yield
        return

    def offered(text: str, number: int) -> str | None:
        before = readline.get_line_buffer()[: readline.get_endidx()]
        kept = text.removesuffix(word_of(before))  # what stands before it in the same word of readline
        known = [kept + name for name, _ in offers(session, before)]
        return known[number] if number < len(known) else None

    path = history()
    readline.set_completer(offered)
    readline.set_completer_delims(" \t\n()[]{},;=+*/^|")
    readline.parse_and_bind("tab: complete")
    if path is not None:
        with contextlib.suppress(OSError):
            readline.read_history_file(path)
    try:
        yield
    finally:
        if path is not None:
            readline.set_history_length(KEPT)
            with contextlib.suppress(OSError):
                readline.write_history_file(path)
