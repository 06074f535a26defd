"""The table's texts as tapes: derivative rules and definitions, parsed once."""

from __future__ import annotations

from functools import cache

from gradcli.functions import table
from gradcli.functions.row import Row
from gradcli.language.nodes import Output
from gradcli.language.parser import parse
from gradcli.tape.lower import lower_expression
from gradcli.tape.tape import Tape


@cache
def rule(name: str, position: int) -> Tape | None:
    """The derivative of a row by the argument at a position, over its parameters; None where there is none."""
    row = table.BY_NAME[name]
    text = row.derivative[position] if position < len(row.derivative) else None
    return None if text is None else template_of(text, row)


@cache
def definition(name: str) -> Tape | None:
    """The function in terms of others, over its parameters."""
    row = table.BY_NAME[name]
    return template_of(row.definition, row) if isinstance(row.definition, str) else None


def template_of(text: str, row: Row) -> Tape:
    """A text of the table as a tape over the row's parameters."""
    program = parse(text, f"the row of {row.name}")
    statement = program.statements[0]
    assert isinstance(statement, Output)
    return lower_expression(statement.value, program, trusted=True)
