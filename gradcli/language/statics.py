"""Arguments that are no numbers to compute with: True, None, infinity, words in quotes, sizes, lists of tensors."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NoReturn

from gradcli.errors import GradcliError, Source, Span
from gradcli.functions.row import Parameter, Row
from gradcli.language.callees import STAGE, Callee
from gradcli.language.nodes import Call, Name, Node, Number

WORDS = ("True", "False", "None")
ORDER = "p"  # the parameter of a norm that may be infinite
INFINITIES = ("inf", "math.inf")

_MEANING = {
    "True": "True and False have a meaning only for an option, as in keepdim=True; a condition is a comparison: x > 0",
    "None": "None has a meaning where something may be left out, as in dim=None, or for a new dimension: x[:, None]",
}
_TEXT = "a program has no texts but options, as in reduction='mean'"


def word(text: str, span: Span) -> Node:
    """The node of True, False, None or a word in quotes; two such words are two numbers."""
    if text == "None":
        return Call("None", (), span, span)
    value = int.from_bytes(text.encode(), "big") if text.startswith("'") else text == "True"
    return Number(text, Fraction(value), span)


def text_of(node: Node | None) -> str | None:
    """The word of a word in quotes."""
    return node.text[1:-1] if isinstance(node, Number) and node.text.startswith("'") else None


def meaning(text: str) -> str:
    """Where a word has a meaning."""
    return _TEXT if text.startswith("'") else _MEANING["None" if text == "None" else "True"]


def is_none(node: Node | None) -> bool:
    """Whether a node is the word None."""
    return isinstance(node, Call) and node.function == "None" and not node.user


def is_list(node: Node | None) -> bool:
    """Whether a node is a list."""
    return isinstance(node, Call) and node.function == "[]" and not node.user


def checked(function: Callee, row: Row, slots: Sequence[Node | None], source: Source) -> list[Node | None]:
    """The arguments of a call, infinity as its node; a word where it says nothing is refused."""
    values = list(slots)
    for index, (parameter, value) in enumerate(zip(row.parameters, slots)):
        inner = _unsigned(value)
        if value is None or not isinstance(inner, Name) or inner.name not in INFINITIES:
            continue
        if parameter.name == ORDER and ORDER in row.words:
            values[index] = as_order(value)
        else:
            check_infinity(function, parameter, value, source)
    if row.lists and slots[0] is not None and not is_list(slots[0]):
        hint = f"write {row.name}([a, b])"
        _fail(f"{function.name} takes a list of tensors", slots[0].span, function, source, hint)
    return values


def check_infinity(function: Callee, parameter: Parameter, value: Node, source: Source) -> None:
    """Refuse math.inf for a parameter that is no order of a norm."""
    inner = _unsigned(value)
    if isinstance(inner, Name) and inner.name == "math.inf" and parameter.name != ORDER:
        _fail("infinity is not a number here", inner.span, function, source)


def as_order(value: Node) -> Node:
    """An order of a norm as it stands in a tree: an infinite one is a word."""
    inner = _unsigned(value)
    if not isinstance(inner, Name) or inner.name not in INFINITIES:
        return value
    return word("None" if inner is value else "'-inf'", value.span)


def _unsigned(value: Node | None) -> Node | None:
    return value.args[0] if isinstance(value, Call) and value.function == "neg" and not value.user else value


def takes_orders(function: Callee | None) -> bool:
    """Whether a function has a parameter that is the order of a norm."""
    if function is None or function.row is None:
        return function is not None and any(
            piece.strip().partition("=")[0] == ORDER
            for signature, _ in function.composed
            for piece in signature.split(",")
        )
    return ORDER in function.row.words


def check_word(function: Callee, parameter: Parameter, value: Node | None, source: Source) -> None:
    """Refuse True, False, None and words in quotes where they say nothing, and words that an option does not have."""
    words = function.row.words.get(parameter.name) if function.row else None
    text = text_of(value)
    if value and text is not None and words is None:
        _fail(f'"{parameter.name}" is not text', value.span, function, source, _TEXT)
    if value and words == () and text is None:
        _fail(f'"{parameter.name}" is a text', value.span, function, source, "write it in quotes")
    if value and words:
        expected = " or ".join(f"'{one}'" for one in words if one != "-inf")
        expected += " or a number" if parameter.name == ORDER else ""
        if isinstance(value, Name) and value.name in words:
            _fail(f"{value.name} stands without quotes", value.span, function, source, f"write '{value.name}'")
        is_mixed = parameter.name == ORDER  # a number, too
        if text not in words and (
            text is not None or (not is_mixed and parameter.default in [repr(one) for one in words])
        ):
            _fail(f'"{parameter.name}" is no such word', value.span, function, source, f"write {expected}")
    if isinstance(value, Number) and value.text in WORDS and parameter.default not in ("True", "False"):
        _fail(f'"{parameter.name}" is neither true nor false', value.span, function, source, meaning(value.text))
    if value and is_none(value) and parameter.default != "None":
        _fail(f'"{parameter.name}" cannot be None', value.span, function, source, meaning("None"))


def without_none(function: Callee, values: list[Node | None]) -> list[Node | None]:
    """The arguments without those that are None, where a function has a meaning without them: clamp(x, None, 1)."""
    if not (function.row and function.row.variants):
        return values
    left = [None if value and is_none(value) else value for value in values]
    given = tuple(one.name for one, value in zip(function.parameters, left) if value)
    return left if given in function.row.variants else values


def check_sizes(function: Callee, row: Row, own: Sequence[Parameter], values: Sequence[Node], source: Source) -> None:
    """Refuse a word among any number of arguments, and sizes one by one beside a list of them."""
    for index, value in enumerate(values):
        check_word(function, own[min(index, len(own) - 1)], value, source)
    sizes = values[len(own) - 1 :]
    if own[-1].name in row.statics and len(sizes) > 1:
        for size in sizes:
            if is_list(size):
                _fail("sizes are given one by one, or as one list", size.span, function, source)


def _fail(message: str, span: Span, function: Callee, source: Source, hint: str | None = None) -> NoReturn:
    raise GradcliError(STAGE, message, source=source, span=span, expected=function.usage, hint=hint)
