"""The table's derivative rules as trees: the same texts that the engines replay as tapes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache

from gradcli.functions import table
from gradcli.functions.row import Row
from gradcli.language.latex_names import latex_name
from gradcli.language.nodes import Call, Name, Node
from gradcli.language.parser import parse_expression
from gradcli.language.tree_facts import uses
from gradcli.language.trees import HERE, call, rebuilt, substituted
from gradcli.steps.data import Rule
from gradcli.steps.printer import StepPrinter

LONGEST_STATEMENT = 200  # characters of a rule that is written out


@cache
def _parsed(text: str) -> Node:
    return parse_expression(text, "a rule of the table")


def partial(row: Row, position: int) -> Node | None:
    """The derivative of a row by the argument at a position, over its parameters; None where there is no rule."""
    text = row.derivative[position] if position < len(row.derivative) else None
    return None if text is None else _parsed(text)


def applied(row: Row, position: int, args: Sequence[Node], names: Collection[str]) -> Node | None:
    """The same with these arguments; constants keep their meaning where the program has a name like theirs."""
    rule = partial(row, position)
    if rule is None:
        return None
    values = dict(zip((parameter.name for parameter in row.parameters), args))
    for constant in table.BY_CONSTANT:
        if constant in names and constant not in values:
            values[constant] = Name(f"math.{constant.lower()}", HERE)
    return substituted(rule, values)


def statement(row: Row, position: int) -> Rule:
    """The rule of a row, as it is said beside a line: sin(u)' = cos(u)."""
    parameters = [parameter.name for parameter in row.parameters]
    required = [parameter.name for parameter in row.parameters if not parameter.optional]
    rule = partial(row, position)
    is_plain = rule is None or not uses(rule, set(parameters) - set(required))
    shown = required if position < len(required) and is_plain else parameters
    letter = "u" if len(shown) == 1 and shown[0] == "x" else parameters[position]
    names = {parameters[position]: Name(letter, HERE)} if letter != parameters[position] else {}
    reason = f"derivative of {row.name}" + (f" by {letter}" if len(shown) > 1 else "")
    if rule is None or len(row.derivative[position] or "") > LONGEST_STATEMENT:
        return Rule(f"row:{row.name}", reason)
    function = rebuilt(call(row.name, *(Name(name, HERE) for name in shown)), lambda one: _named(one, names))
    right = rebuilt(rule, lambda one: _named(one, names))
    printer = StepPrinter()
    if len(shown) == 1:
        return Rule(f"row:{row.name}", reason, printer.equation(function, right, latex_name(letter)))
    return Rule(f"row:{row.name}", reason, printer.equation(call("diff", function, Name(letter, HERE)), right))


def _named(node: Node, names: Mapping[str, Node]) -> Node | None:
    return names.get(node.name) if isinstance(node, Name) else None


def folded(node: Call) -> Node:
    """A call of a row that is folded over its arguments, as one of two: max(max(a, b), c)."""
    first = node.args[0]
    for one in node.args[1:-1]:
        first = call(node.function, first, one)
    return call(node.function, first, node.args[-1])
