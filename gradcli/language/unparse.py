"""A tree back to text, in plain spelling; parsing that text gives the same tree again."""

from __future__ import annotations

from collections.abc import Collection
from typing import Union

from gradcli.functions import table
from gradcli.language.nodes import Assign, Call, Define, DefineDerivative, Node, Number, Program, Statement
from gradcli.language.stack import COMPARISONS, PRECEDENCE

ATOM = 20
POSTFIX = 9
_SPACED = frozenset(("+", "-", "and", "or", *COMPARISONS))

# What is still to be written: a text, or a node and how tightly it has to hold together.
_Todo = Union[str, "tuple[Node, int]"]


def unparse(node: Node, defined: Collection[str] = ()) -> str:
    """The text of an expression; the program's own functions are `defined`."""
    written: list[str] = []
    todo: list[_Todo] = [(node, 0)]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            written.append(item)
        elif _level(item[0]) < item[1]:
            todo += [")", (item[0], 0), "("]
        else:
            todo += reversed(_pieces(item[0], defined))
    return "".join(written)


def _is_operator(node: Call) -> bool:
    return not node.user and node.function in PRECEDENCE and node.function != "sqrt"


def _level(node: Node) -> int:
    """How tightly an expression holds together: a sum less than a product."""
    if not isinstance(node, Call) or node.user:
        return ATOM
    if node.function == "factorial":
        return POSTFIX
    return PRECEDENCE[node.function] if _is_operator(node) else ATOM


def _pieces(node: Node, defined: Collection[str]) -> list[_Todo]:
    """A node as its texts and its parts, in order."""
    if isinstance(node, Number):
        return [node.text]
    if not isinstance(node, Call):
        return [node.name]
    name, args, level = node.function, node.args, _level(node)
    if level == POSTFIX:
        return [(args[0], POSTFIX + 1), "!"]
    if not _is_operator(node):
        if name in defined and not node.user:
            name = f"{table.OWN_PREFIX}.{name}"
        opening, closing = ("[", "]") if name == "[]" else (f"{name}(", ")")
        inside: list[_Todo] = [piece for arg in args for piece in (", ", (arg, 0))]
        return [opening, *inside[1:], closing]
    if len(args) == 1:
        return [{"neg": "-", "pos": "+"}.get(name, f"{name} "), (args[0], level)]
    left = level + 1 if name == "**" or name in COMPARISONS else level
    right = level if name == "**" else level + 1
    return [(args[0], left), f" {name} " if name in _SPACED else name, (args[1], right)]


def unparse_statement(statement: Statement, defined: Collection[str] = ()) -> str:
    """The text of a statement; the program's own functions are `defined`."""
    if isinstance(statement, Assign):
        return f"{statement.name} = {unparse(statement.value, defined)}"
    if isinstance(statement, Define):
        return f"{statement.name}({', '.join(statement.params)}) = {unparse(statement.body, defined)}"
    if isinstance(statement, DefineDerivative):
        params = [*statement.params, *([statement.incoming] if statement.incoming else [])]
        partials = ", ".join(unparse(partial, defined) for partial in statement.partials)
        if len(statement.partials) > 1:
            partials = f"[{partials}]"
        return f"{statement.name}'({', '.join(params)}) = {partials}"
    return unparse(statement.value, defined)


def unparse_program(program: Program) -> str:
    """The text of a program, its statements on one line."""
    defined = {statement.name for statement in program.statements if isinstance(statement, Define)}
    return "; ".join(unparse_statement(statement, defined) for statement in program.statements)


def usage(name: str) -> str:
    """How a row is written: an operator between its operands, a function with its parameters."""
    row = table.BY_NAME[name]
    symbols = [parameter.name for parameter in row.parameters]
    if row.name == "[]":
        return "[x, ...]"
    if row.name in ("neg", "pos", "not"):
        return {"neg": "-x", "pos": "+x", "not": "not x"}[row.name]
    return row.usage if table.is_function_name(row.name) else f"{symbols[0]} {row.name} {symbols[1]}"
