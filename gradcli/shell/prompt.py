"""Lines that are typed with prompt_toolkit: history, several lines, TAB, colours, and errors as one types."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import FileHistory, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.lexers import Lexer
from prompt_toolkit.styles import Style

from gradcli.errors import GradcliError, Source
from gradcli.functions import table
from gradcli.language.parser import parse
from gradcli.language.tokens import TokenKind, tokenize
from gradcli.shell.history import history
from gradcli.shell.line import is_open
from gradcli.shell.offers import offers, word_of
from gradcli.shell.plain import MORE, PROMPT
from gradcli.shell.session import Session

# Colours that can be read on black and on white.
STYLE = Style.from_dict({
    "number": "ansicyan", "function": "ansiblue", "constant": "ansimagenta", "command": "ansigreen",
    "wrong": "ansired underline",
    "bottom-toolbar": "noreverse", "bottom-toolbar.text": "ansibrightblack",
})  # fmt: skip


def lines(session: Session) -> Iterator[str]:
    """What is typed, until Ctrl-D; an open bracket goes on in the next line, Ctrl-C gives a line up."""
    path = history()
    keys = KeyBindings()

    @keys.add("enter", filter=Condition(lambda: is_open(prompt.default_buffer.text)))
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.newline()

    @keys.add("enter", filter=Condition(lambda: not is_open(prompt.default_buffer.text)))
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    prompt: PromptSession[str] = PromptSession(
        PROMPT, history=InMemoryHistory() if path is None else FileHistory(str(path)), lexer=ProgramLexer(),
        completer=ProgramCompleter(session), complete_while_typing=False, multiline=True, key_bindings=keys,
        prompt_continuation=lambda width, number, wraps: " " * len(MORE) if wraps else MORE,
        bottom_toolbar=lambda: wrong_in(prompt.default_buffer.text)[0], style=STYLE,
        enable_history_search=True,
    )  # fmt: skip
    while True:
        try:
            text = prompt.prompt()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        yield text


def wrong_in(text: str) -> tuple[str | None, range]:
    """What is wrong with a line so far, and where; nothing where it only is not finished."""
    program = text.partition(" --")[0]
    if not program.strip() or program.lstrip().startswith(":") or is_open(program):
        return None, range(0)
    try:
        parse(program)
    except GradcliError as error:
        span = error.span
        if span is None or error.source is None or error.source.text != program or span.end >= len(program.rstrip()):
            return None, range(0)
        return error.message, range(span.start, span.end)
    return None, range(0)


class ProgramLexer(Lexer):
    """Colours of programs, and a line under what is wrong."""

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        """The pieces of each line, with their styles."""
        styles = _styles(document.text)
        starts = [0]
        for line in document.lines:
            starts.append(starts[-1] + len(line) + 1)

        def line_of(number: int) -> StyleAndTextTuples:
            line = document.lines[number]
            return [(styles[starts[number] + index], character) for index, character in enumerate(line)]

        return line_of


def _styles(text: str) -> list[str]:
    """The style of each character."""
    styles = [""] * len(text)
    if text.lstrip().startswith(":"):
        end = len(text.partition(" ")[0])
        return ["class:command"] * end + [""] * (len(text) - end)
    try:
        tokens = tokenize(Source(text))
    except GradcliError:
        tokens = []
    for token, following in itertools.pairwise(tokens):
        style = ""
        if token.kind is TokenKind.NUMBER:
            style = "class:number"
        elif token.kind is TokenKind.NAME and following.text == "(" and token.text in table.BY_NAME:
            style = "class:function"
        elif token.kind is TokenKind.NAME and table.constant(token.text):
            style = "class:constant"
        styles[token.span.start : token.span.end] = [style] * (token.span.end - token.span.start)
    for place in wrong_in(text)[1]:
        styles[place] = "class:wrong"
    return styles


class ProgramCompleter(Completer):
    """Functions with what they are, names that have a value or are defined, commands, options."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """What the word before the cursor may become."""
        before = document.text_before_cursor
        for name, text in offers(self.session, before):
            yield Completion(name, start_position=-len(word_of(before)), display_meta=text)
