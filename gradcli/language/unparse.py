"""A tree back to text, in plain spelling; parsing that text gives the same tree again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Union

from gradcli.functions import table
from gradcli.language.calls import keyword_only
from gradcli.language.nodes import Assign, Call, Define, DefineDerivative, Node, Number, Program, Statement
from gradcli.language.stack import COMPARISONS, PRECEDENCE
from gradcli.language.statics import is_list, is_none

ATOM = 20
POSTFIX = 9
_SPACED = frozenset(("+", "-", "and", "or", *COMPARISONS))

# What is still to be written: a text, or a node and how tightly it has to hold together.
Todo = Union[str, "tuple[Node, int]"]


def write(
    node: Node,
    level: Callable[[Node], int],
    pieces: Callable[[Node], Sequence[Todo]],
    brackets: tuple[str, str] = ("(", ")"),
) -> str:
    """The text of a tree: `pieces` are a node's texts and parts, and brackets go around what holds too loosely."""
    written: list[str] = []
    todo: list[Todo] = [(node, 0)]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            written.append(item)
        elif level(item[0]) < item[1]:
            todo += [brackets[1], (item[0], 0), brackets[0]]
        else:
            todo += reversed(pieces(item[0]))
    return "".join(written)


def unparse(node: Node, defined: Collection[str] = ()) -> str:
    """The text of an expression; the program's own functions are `defined`."""
    return write(node, _level, lambda part: _pieces(part, defined))


def _is_operator(node: Call) -> bool:
    return not node.user and node.function in PRECEDENCE and node.function != "sqrt"


def _level(node: Node) -> int:
    """How tightly an expression holds together: a sum less than a product."""
    if not isinstance(node, Call) or node.user:
        return ATOM
    if node.function == "factorial":
        return POSTFIX
    return PRECEDENCE[node.function] if _is_operator(node) else ATOM


def _pieces(node: Node, defined: Collection[str]) -> list[Todo]:
    """A node as its texts and its parts, in order."""
    if isinstance(node, Number):
        return [node.text]
    if not isinstance(node, Call):
        return [node.name]
    name, args, level = node.function, node.args, _level(node)
    if level == POSTFIX:
        return [(args[0], POSTFIX + 1), "!"]
    if not _is_operator(node):
        return _call(node, f"{table.OWN_PREFIX}.{name}" if name in defined and not node.user else name)
    if len(args) == 1:
        return [{"neg": "-", "pos": "+"}.get(name, f"{name} "), (args[0], level)]
    left = level + 1 if name == "**" or name in COMPARISONS else level
    right = level if name == "**" else level + 1
    return [(args[0], left), f" {name} " if name in _SPACED else name, (args[1], right)]


def _call(node: Call, shown: str) -> list[Todo]:
    """A call, or what is written in brackets like one."""
    name, args = node.function, node.args
    if node.user or name not in ("[]", "x[]", "None", "transpose"):
        return [f"{shown}(", *_joined(_arguments(node)), ")"]
    if name == "None":
        return ["None"]
    if name == "[]":
        return ["[", *_joined([[(arg, 0)] for arg in args]), "]"]
    base = ATOM + isinstance(args[0], Number)  # a number has no elements, a number in brackets may
    if name == "transpose":
        return [(args[0], base), ".T"]
    return [(args[0], base), "[", *_joined([_sub(arg) for arg in args[1:]]), "]"]


def _joined(groups: list[list[Todo]]) -> list[Todo]:
    return [piece for index, group in enumerate(groups) for piece in ([", ", *group] if index else group)]


def _arguments(node: Call) -> list[list[Todo]]:
    """The arguments of a call: by name those that have none, and those after one that is left out."""
    row = None if node.user else table.BY_NAME.get(node.function)
    plain: list[list[Todo]] = [[(arg, 0)] for arg in node.args]
    if row is None or row.shape is None:
        return plain
    if row.variadic:
        last = keyword_only(row)
        split = len(plain) - len(last)
        return plain[:split] + [
            [f"{parameter.name}=", (arg, 0)]
            for parameter, arg in zip(last, node.args[split:])
            if not (isinstance(arg, Number) and arg.text == parameter.default)
        ]
    written: list[list[Todo]] = []
    for index, (parameter, arg) in enumerate(zip(row.parameters, node.args)):
        if is_none(arg) and parameter.default == "None" and index < len(plain) - 1 and not is_none(node.args[-1]):
            continue
        value: Todo = "inf" if is_none(arg) and parameter.default != "None" else (arg, 0)
        written.append([value] if len(written) == index else [f"{parameter.name}=", value])
    return written


def _sub(node: Node) -> list[Todo]:
    """An index, or a slice with what it leaves out."""
    if not isinstance(node, Call) or node.function != "[:]":
        return [(node, 0)]
    start, stop, step = node.args
    pieces: list[Todo] = [] if is_none(start) else [(start, 0)]
    pieces += [":"] if is_none(stop) else [":", (stop, 0)]
    return pieces if is_none(step) else [*pieces, ":", (step, 0)]


def unparse_statement(statement: Statement, defined: Collection[str] = ()) -> str:
    """The text of a statement; the program's own functions are `defined`."""
    if isinstance(statement, Assign):
        return f"{statement.name} = {unparse(statement.value, defined)}"
    if isinstance(statement, Define):
        return f"{statement.name}({', '.join(statement.params)}) = {unparse(statement.body, defined)}"
    if isinstance(statement, DefineDerivative):
        params = [*statement.params, *([statement.incoming] if statement.incoming else [])]
        partials = ", ".join(unparse(partial, defined) for partial in statement.partials)
        if len(statement.partials) > 1 or is_list(statement.partials[0]):
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
    if row.name in ("x[]", "[:]", "None"):
        return {"x[]": "x[i, ...]", "[:]": "start:stop:step"}.get(row.name, row.name)
    if row.name in ("neg", "pos", "not"):
        return {"neg": "-x", "pos": "+x", "not": "not x"}[row.name]
    return row.usage if table.is_function_name(row.name) else f"{symbols[0]} {row.name} {symbols[1]}"
