"""The table's texts as tapes: derivative rules and definitions, parsed once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from gradcli.functions import table
from gradcli.functions.row import Row
from gradcli.language.nodes import Output
from gradcli.language.parser import parse
from gradcli.tape.interpret import Rules, V, interpret
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


@cache
def filled(name: str) -> Tape | None:
    """What a function is but for holes, at which it is the limit of that, over its parameters."""
    row = table.BY_NAME[name]
    return template_of(row.fills, row) if row.fills else None


def applied(template: Tape, row: Row, rules: Rules[V], args: Sequence[V]) -> V:
    """A text of a row over its parameters, in numbers of any type."""
    inputs = {parameter.name: arg for parameter, arg in zip(row.parameters, args)}
    return interpret(template, rules, inputs)[template.output]


def local(row: Row, position: int, rules: Rules[V], args: Sequence[V]) -> V | None:
    """The derivative of a row by one argument, in numbers of any type; None where the table has no rule for it."""
    template = rule(row.name, position)
    return None if template is None else applied(template, row, rules, args)


def template_of(text: str, row: Row) -> Tape:
    """A text of the table as a tape over the row's parameters."""
    program = parse(text, f"the row of {row.name}")
    statement = program.statements[0]
    assert isinstance(statement, Output)
    return lower_expression(statement.value, program, trusted=True)
