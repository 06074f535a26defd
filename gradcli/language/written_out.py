"""The program as a derivation reads it: statements as trees, functions written out, numbers rounded to the dtype."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from gradcli.functions import table
from gradcli.language.calls import defaults
from gradcli.language.nodes import Assign, Call, Define, Name, Node, Number, Output, Program, walk
from gradcli.language.numbers import Dtype, rounded
from gradcli.language.tree_facts import size
from gradcli.language.trees import is_call, pending, rebuilt, substituted

MAX_SIZE = 2_000  # parts of one expression, the program's functions written out


Functions = Mapping[str, "tuple[tuple[str, ...], Node]"]


class TooLong(Exception):
    """There is too much to write down, or no rule to write; the argument says what."""


@dataclass(frozen=True)
class Statement:
    """An intermediate or the output: as it was typed, and with the program's functions written out."""

    name: str
    typed: Node
    tree: Node
    functions: tuple[str, ...] = ()  # the ones that were written out
    is_named: bool = True


def statements_of(program: Program, output: str, dtype: Dtype) -> list[Statement]:
    """The statements that have a value; a bare expression at the end has the name of the output.

    Raises TooLong where an expression would be too large with the program's functions written out.
    """
    bodies = functions_of(program, dtype)
    found: list[Statement] = []
    for statement in program.statements:
        if isinstance(statement, (Assign, Output)):
            name = statement.name if isinstance(statement, Assign) else output
            typed = prepared(statement.value, dtype)
            used = tuple(dict.fromkeys(one.function for one in walk(typed) if isinstance(one, Call) and one.user))
            tree = written_out(typed, bodies) if used else typed
            found.append(Statement(name, typed, tree, used, isinstance(statement, Assign)))
    return found


def functions_of(program: Program, dtype: Dtype) -> Functions:
    """The program's own functions: parameters, and bodies that use no others.

    Raises TooLong.
    """
    bodies: dict[str, tuple[tuple[str, ...], Node]] = {}
    for statement in program.statements:
        if isinstance(statement, Define):
            bodies[statement.name] = statement.params, written_out(prepared(statement.body, dtype), bodies)
    return bodies


def prepared(node: Node, dtype: Dtype) -> Node:
    """Numbers rounded to the dtype, arguments that are left out put in, a diff of order n as n of them."""

    def change(one: Node) -> Node | None:
        if isinstance(one, Number):
            value = rounded(one.value, dtype)
            return None if value is None or value == one.value else Number(one.text, value, one.span)
        if not isinstance(one, Call) or one.user:
            return None
        if is_call(one, "diff"):
            order = one.args[2] if len(one.args) == 3 else None
            by = one.args[1]
            assert isinstance(by, Name)
            times = int(order.value) if isinstance(order, Number) else 1
            return pending(prepared(one.args[0], dtype), by.name, times)
        row = table.BY_NAME[one.function]
        missing = () if row.variadic else tuple(defaults(row, len(one.args), one.span))
        if missing or row.name != one.function:
            args = tuple(prepared(arg, dtype) for arg in (*one.args, *missing))
            return Call(row.name, args, one.span, one.head)
        return None

    return rebuilt(node, change, simplify=False)


def written_out(node: Node, bodies: Functions) -> Node:
    """The tree without calls of the program's own functions."""
    results: dict[int, Node] = {}
    counts: dict[int, int] = {}
    stack = [(node, False)]
    while stack:
        current, ready = stack.pop()
        if id(current) in results:
            continue
        if not isinstance(current, Call):
            results[id(current)] = current
        elif not ready:
            stack.append((current, True))
            stack.extend((arg, False) for arg in reversed(current.args))
        else:
            args = tuple(results[id(arg)] for arg in current.args)
            if current.user:
                params, body = bodies[current.function]
                results[id(current)] = substituted(body, dict(zip(params, args)), simplify=False)
            elif all(new is old for new, old in zip(args, current.args)):
                results[id(current)] = current
            else:
                results[id(current)] = Call(current.function, args, current.span, current.head)
    if size(results[id(node)], counts) > MAX_SIZE:
        raise TooLong(f"with its functions written out, a statement has more than {MAX_SIZE:,} parts")
    return results[id(node)]


def unfolded(node: Node, definitions: Mapping[str, Node], keep: Collection[str] = ()) -> Node:
    """The tree with the definitions of intermediates in the place of their names, all the way down."""
    values: dict[str, Node] = {}
    for name, definition in definitions.items():  # in the order of the program: each uses earlier ones
        if name not in keep:
            values[name] = substituted(definition, values, simplify=False)
    result = substituted(node, values, simplify=False)
    if size(result) > MAX_SIZE:
        raise TooLong(f"with its intermediates put in, it has more than {MAX_SIZE:,} parts")
    return result
