"""gradcli's own language: the sweep as a program, which gives the value and the derivatives as a list."""

from __future__ import annotations

import re

from gradcli.code.data import Straight
from gradcli.code.languages.language import Language, leaves
from gradcli.functions import table
from gradcli.language.nodes import Node
from gradcli.language.printer import Printer
from gradcli.language.styles import TEXT

WORDS_OF_GRADCLI = {row.name: row.name for row in table.ROWS if row.shape is None}


def frame(program: Straight, printer: Printer) -> str:
    """Statements, and a list at the end."""
    lines = [f"# {line}".rstrip() for line in program.remarks]
    lines += [f"{one.name} = {printer.of(one.value)}" for one in program.statements]
    results: list[Node] = [node for tree in program.results.values() for node in leaves(tree)]  # type: ignore[misc]
    texts = [printer.of(node) for node in results]
    lines.append(texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]")
    return "\n".join(lines) + "\n"


LANGUAGE = Language(
    name="gradcli",
    words=WORDS_OF_GRADCLI,
    style=TEXT,
    frame=frame,
    reserved=frozenset(table.BY_NAME) | frozenset(table.BY_CONSTANT),
    legal=re.compile(r"[^\W\d]\w*"),
)
