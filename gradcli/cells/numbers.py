"""Numbers, texts and lists of Python, computed where they are known: bounded, and nothing of it is run."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.limits import MAX_BITS, MAX_CHARACTERS, MAX_ITEMS
from gradcli.cells.paths import PREFIXES
from gradcli.cells.values import CannotFollow, PythonRaises, WrittenFloat, WrittenInt
from gradcli.errors import Span
from gradcli.language.nodes import Call, Node

OPERATORS: dict[type[ast.operator], tuple[str, Callable[[Any, Any], Any], str]] = {
    ast.Add: ("+", operator.add, "add"),
    ast.Sub: ("-", operator.sub, "sub"),
    ast.Mult: ("*", operator.mul, "mul"),
    ast.Div: ("/", operator.truediv, "truediv"),
    ast.FloorDiv: ("//", operator.floordiv, "floordiv"),
    ast.Mod: ("%", operator.mod, "mod"),
    ast.Pow: ("**", operator.pow, "pow"),
    ast.MatMult: ("@", operator.matmul, "matmul"),
    ast.BitAnd: ("and", operator.and_, "and"),
    ast.BitOr: ("or", operator.or_, "or"),
}
COMPARISONS: dict[type[ast.cmpop], tuple[str, Callable[[Any, Any], Any], str]] = {
    ast.Eq: ("==", operator.eq, "eq"),
    ast.NotEq: ("!=", operator.ne, "ne"),
    ast.Lt: ("<", operator.lt, "lt"),
    ast.LtE: ("<=", operator.le, "le"),
    ast.Gt: (">", operator.gt, "gt"),
    ast.GtE: (">=", operator.ge, "ge"),
    ast.Is: ("is", operator.is_, "is"),
    ast.IsNot: ("is not", operator.is_not, "is not"),
    ast.In: ("in", lambda a, b: a in b, "in"),
    ast.NotIn: ("not in", lambda a, b: a not in b, "not in"),
}
TREE_OPERATORS = frozenset(("+", "-", "*", "/", "**"))
PLAIN = (int, float, str, bool, type(None), list, tuple, dict, set, range)


def binary(kind: type[ast.operator], a: Any, b: Any, nodes: tuple[Node, Node] | None, span: Span) -> Any:
    """An operator on two values of Python; `nodes` are their trees where both are numbers.

    Raises PythonRaises as Python does, CannotFollow where the result would be too large.
    """
    sign, function, _ = OPERATORS[kind]
    _check_size(sign, a, b, span)
    try:
        value = function(a, b)
    except ZeroDivisionError:
        raise PythonRaises("ZeroDivisionError", "division by zero") from None
    except (TypeError, ValueError, OverflowError) as error:
        raise PythonRaises(type(error).__name__, str(error)[:100]) from None
    if isinstance(value, complex):
        raise CannotFollow("a complex number is not followed", span)
    if nodes is not None and sign in TREE_OPERATORS and isinstance(value, (int, float)):
        written = any(isinstance(one, (WrittenFloat, WrittenInt)) for one in (a, b))
        if written or (isinstance(value, float) and not value.is_integer()):
            return with_node(value, Call(sign, nodes, span, span))
    return value


def with_node(value: Any, node: Node) -> Any:
    """A number, and how it is written."""
    if isinstance(value, float):
        written: WrittenFloat | WrittenInt = WrittenFloat(value)
    else:
        written = WrittenInt(value)
    written.node = node
    return written


def _check_size(sign: str, a: Any, b: Any, span: Span) -> None:
    """Refuse what would be huge before it is made."""
    numbers = isinstance(a, int) and isinstance(b, int)
    if numbers and sign == "**" and b > 0 and a.bit_length() * b > MAX_BITS:
        raise CannotFollow("a whole number is too large", span)
    if numbers and sign == "*" and a.bit_length() + b.bit_length() > MAX_BITS:
        raise CannotFollow("a whole number is too large", span)
    for one, other in ((a, b), (b, a)):
        if isinstance(one, (str, list, tuple)) and sign in "*%":
            most = MAX_CHARACTERS if isinstance(one, str) else MAX_ITEMS
            if sign == "*" and isinstance(other, int) and len(one) * other > most:
                raise CannotFollow("what is repeated becomes too long", span)
            if sign == "%" and isinstance(one, str) and one is a:
                raise CannotFollow("a text with % is not followed", span)
        if isinstance(one, (str, list, tuple)) and isinstance(other, type(one)) and sign == "+":
            if len(one) + len(other) > (MAX_CHARACTERS if isinstance(one, str) else MAX_ITEMS):
                raise CannotFollow("what is put together becomes too long", span)


def compared(kind: type[ast.cmpop], a: Any, b: Any) -> bool:
    """A comparison of two values of Python; PythonRaises as Python does."""
    try:
        return bool(COMPARISONS[kind][1](a, b))
    except TypeError as error:
        raise PythonRaises("TypeError", str(error)[:100]) from None


def is_plain(value: Any) -> bool:
    """Whether a value is one of Python's own."""
    return isinstance(value, PLAIN)


def known_function(reader: CellReader, root: str, name: str, args: list[Any], span: Span) -> Any:
    """A function of numbers of Python, where the language has it: its value, and how it is written."""
    made = reader.graph.call([*PREFIXES[root], name], args, {}, span, span)
    function: Callable[..., Any] | None = getattr(math, name, None) if name.isalpha() or name[-1:].isdigit() else None
    if function is None or name.startswith("_"):
        return made
    try:
        value = function(*args)
    except (ValueError, TypeError, OverflowError):
        raise CannotFollow(f"{name} has no value here", span) from None
    if not isinstance(value, float):
        return value if isinstance(value, int) else made
    return with_node(value, made.vertex.node) if made.vertex.node is not None else made
