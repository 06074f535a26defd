"""The one place that draws an error: the stage, the line with a caret, what was expected, a hint."""

from __future__ import annotations

import textwrap
import unicodedata

from gradcli.errors import GradcliError, Source, Span
from gradcli.safe import Target, safe

WIDTH = 76  # of the quoted line; a longer one is shown around the caret
INDENT = "    "
CUT = "..."
AROUND = len(INDENT) + 2 * len(CUT)  # columns beside a quoted line
LEAST = 20  # columns that are used in any case


def render(error: GradcliError, width: int | None = None) -> str:
    """The whole message, without a newline at its end; its sentences in lines of at most that width."""
    lines = folded(f"error while {error.stage}: {error.message}", width, "  ")
    if error.source is not None and error.span is not None and error.source.text.strip():
        lines += quote(error.source, error.span, WIDTH if width is None else max(LEAST, min(WIDTH, width - AROUND)))
    if error.expected:
        lines += folded(f"  expected: {error.expected}", width)
    if error.hint:
        lines += folded(f"  hint: {error.hint}", width)
    return "\n".join(lines)


def folded(text: str, width: int | None, indent: str = INDENT) -> list[str]:
    """A sentence in lines for a terminal; as it is elsewhere, and where it has lines of its own."""
    if width is None or len(text) <= width or "\n" in text:
        return [text]
    wrapped = textwrap.wrap(
        text, max(width, LEAST), subsequent_indent=indent, break_on_hyphens=False, break_long_words=False
    )
    return [line.rstrip() for line in wrapped]


def quote(source: Source, span: Span, width: int = WIDTH) -> list[str]:
    """The line that a span begins in, and carets below it; of a longer line so many characters."""
    text = source.text
    start = text.rfind("\n", 0, span.start) + 1
    end = text.find("\n", span.start)
    line = text[start : len(text) if end < 0 else end]
    first, last = span.start - start, min(span.end - start, len(line))
    number = text.count("\n", 0, span.start) + 1
    where = [] if source.name == "the program" and "\n" not in text.strip() else [_where(source, text, number)]
    line, first, last = _window(line, first, last, width)
    shown = safe(line, Target.LINE)
    before = _width(line[:first])
    carets = "^" * max(1, _width(line[first:last]))
    return [*where, INDENT + shown, INDENT + " " * before + carets]


def _where(source: Source, text: str, number: int) -> str:
    line = f", line {number}" if "\n" in text.strip() else ""
    return f"  in {safe(source.name, Target.LINE)}{line}:"


def _window(line: str, first: int, last: int, width: int) -> tuple[str, int, int]:
    """The part of a long line around the place that matters."""
    if len(line) <= width:
        return line, first, last
    begin = max(0, min(first - width // 3, len(line) - width))
    piece = line[begin : begin + width]
    first, last = first - begin, min(last - begin, width)
    if begin > 0:
        piece, first, last = CUT + piece, first + len(CUT), last + len(CUT)
    if begin + width < len(line):
        piece += CUT
    return piece, first, last


def _width(text: str) -> int:
    """How many columns a text takes."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    combining = sum(unicodedata.combining(character) != 0 for character in text)
    return len(text) + wide - combining
