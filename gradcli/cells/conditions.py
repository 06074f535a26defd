"""Truth values of tensors: as numbers where these are computed with, and as conditions where numbers are given."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from gradcli.cells.tensors import TensorObject
from gradcli.errors import Span
from gradcli.language.nodes import Call, Number

TRUTHS = frozenset(("==", "!=", "<", "<=", ">", ">=", "and", "or", "not"))
COUNTING = frozenset((  # what takes truth values as 1 and 0, as what reduces does
    "+", "-", "*", "/", "**", "//", "%", "@", "neg", "==", "!=", "<", "<=", ">", ">=",
))  # fmt: skip

LOGICAL = frozenset(("and", "or", "not"))


def counted(graph: Any, value: Any, span: Span) -> Any:
    """A tensor of truth values as the numbers 1 and 0, which is what torch and NumPy compute with."""
    if not isinstance(value, TensorObject) or value.vertex.dtype != "bool":
        return value
    data = graph.numbers(value.vertex) if value.vertex.node is None else value.vertex.data
    if data is not None:
        return graph.input(data, "int64", value.library)
    ends = Number("1", Fraction(1), span), Number("0", Fraction(0), span)
    vertex = graph.vertex(Call("where", (graph.name(value, span), *ends), span, span), "int64")
    return TensorObject(vertex, library=value.library, is_variable=value.is_variable)


def condition(graph: Any, value: Any, of_numbers: bool, span: Span) -> Any:
    """What stands where the language has a condition: truth values that are given, and of NumPy numbers, too."""
    if isinstance(value, (list, tuple)) and of_numbers:
        return graph.made(Call("!=", (graph.operand(value, span), graph.number(0, span)), span, span), list(value))
    if not isinstance(value, TensorObject) or not (value.vertex.dtype == "bool" or of_numbers):
        return value
    node = value.vertex.node
    if isinstance(node, Call) and node.function in TRUTHS and not node.user:
        return value
    return graph.operation("!=", [value, 0], span, span)
