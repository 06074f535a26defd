"""The API of cells: cells in, what they differentiate out."""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from collections.abc import Mapping

from gradcli.cells.graph import STAGE
from gradcli.cells.limits import MAX_TEXT
from gradcli.cells.positions import SourceLines
from gradcli.cells.statements import StatementReader
from gradcli.errors import GradcliError, LimitError, Source, Span
from gradcli.tape.arrays import Array

_MAGIC = re.compile(r"^[ \t]*(?:[%!?][^\n]*|[A-Za-z_.]+\?+[ \t]*)$", re.MULTILINE)
_FENCED = re.compile(r"\s*```[ \t]*\w*\n(.*?)\n?```\s*", re.DOTALL)
_PROMPT = re.compile(r"^[ \t]*(?:>>>|\.\.\.|In \[[ \d]*\]:|   \.\.\.:)(?: |$)")


def parsed(text: str, source: Source, start: int = 0) -> ast.Module:
    """The tree of Python; lines with % and ! are blank in it.

    Raises GradcliError where it is no Python, LimitError where it is too long or nested too deeply.
    """
    if len(text) > MAX_TEXT:
        raise LimitError(STAGE, f"the cell is longer than {MAX_TEXT:,} characters", source=source)
    blank = _MAGIC.sub(lambda match: " " * len(match.group()), text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(blank)
    except SyntaxError as error:
        lines = SourceLines(source, start)
        line = min(error.lineno or 1, len(lines.starts) - 1)
        place = start + lines.starts[line - 1] + max((error.offset or 1) - 1, 0)
        place = min(place, len(source.text))
        message = f"this is not Python: {error.msg}"
        raise GradcliError(STAGE, message, source=source, span=Span(place, min(place + 1, len(source.text)))) from None
    except (RecursionError, MemoryError):
        raise LimitError(STAGE, "the cell is nested too deeply", source=source) from None
    except ValueError as error:
        raise GradcliError(STAGE, f"this is not Python: {error}", source=source) from None


def magics(text: str) -> list[tuple[int, str]]:
    """The lines that are no Python but commands of a notebook, with where they begin."""
    return [(match.start(), match.group().strip()) for match in _MAGIC.finditer(text)]


def bare(text: str) -> str:
    """Python as it was pasted, without a fence, prompts, what was printed behind them, and what indents all of it."""
    if match := _FENCED.fullmatch(text):
        text = match.group(1)
    return textwrap.dedent(_without_prompts(text))


def _without_prompts(text: str) -> str:
    lines = text.split("\n")
    if not any(re.match(r"[ \t]*(>>>|In \[[ \d]*\]:) ?\S", line) for line in lines):
        return text
    kept = []
    for line in lines:
        match = _PROMPT.match(line)
        if match:
            kept.append(line[match.end() :])
    return "\n".join(kept)


def read_cell(text: str, known: Mapping[str, Array] | None = None) -> StatementReader:
    """What one cell says, its names without a value variables, some of which are `known` from outside.

    Raises GradcliError where it is no Python, LimitError.
    """
    text = bare(text)
    source = Source(text)
    reader = StatementReader(source, open_names=True)
    reader.known = known or {}
    tree = parsed(text, source)
    try:
        reader.run_cell(tree.body)
    except RecursionError:
        raise LimitError(STAGE, "the cell is nested too deeply", source=source) from None
    return reader
