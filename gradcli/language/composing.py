"""Calls of libraries' functions that have no row: what they are in terms of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Protocol

from gradcli.errors import GradcliError, Source, Span
from gradcli.functions import table
from gradcli.functions.composed import KINDS, NARROW, SHORT, WHOLE
from gradcli.functions.row import Parameter
from gradcli.language import calls, cuts, statics, synonyms
from gradcli.language.callees import STAGE, Callee
from gradcli.language.calls import Argument
from gradcli.language.nodes import Call, Name, Node, Number, bottom_up
from gradcli.language.paths import VALUES
from gradcli.language.stack import Stack
from gradcli.language.tokens import Token, TokenKind, tokenize


class TokenReader(Protocol):
    """What reads the tokens of an expression."""

    def expression(self) -> Node:
        """The expression that they say."""


def read(
    reader: Stack,
    function: Callee,
    arguments: Sequence[Argument],
    span: Span,
    reading: Callable[[list[Token], Source], TokenReader],
) -> Node | None:
    """What a call is in terms of others; None where a row is meant.

    Raises GradcliError where there is no such row, and the library's function takes other arguments.
    """
    if function.listed:
        reader.is_foreign = True
        return _listed(reader, function, arguments, span)
    given = [one for one in arguments if one.keyword is None or not statics.is_none(one.value)]
    while given and statics.is_none(given[-1].value):
        given.pop()
    if function.composed:
        given = _without_none(function.composed, given)
    for signature, text in function.composed:
        values = _values(signature, given, function.span)
        if values is not None:
            own = Callee(function.name, tuple(_parameters(signature)), None, function.span)
            for parameter in own.parameters:
                statics.check_word(own, parameter, values[parameter.name], reader.source)
                statics.check_infinity(own, parameter, values[parameter.name], reader.source)
                if parameter.name == statics.ORDER:
                    values[parameter.name] = statics.as_order(values[parameter.name])
            reader.is_foreign = True
            source = Source(text, "a definition")
            return _put(reading(tokenize(source), source).expression(), values, span, function.span)
    if function.row is not None or not function.composed:
        return None
    by_library = table.by_library()
    prefix = next((one for one in table.CONVENTIONS if function.spelling.startswith(f"{one}.")), "")
    other = (table.PREFIXES.get(prefix, ""), function.spelling[len(prefix) + 1 :])
    raise GradcliError(
        STAGE, f"{function.spelling} is not read with these arguments", source=reader.source, span=span,
        expected=" or ".join(f"{function.spelling}({signature})" for signature, _ in function.composed),
        hint=f"{'.'.join(other)} takes more, with torch's conventions at kinks" if other in by_library else None,
    )  # fmt: skip


def _without_none(ways: Sequence[tuple[str, str]], given: list[Argument]) -> list[Argument]:
    """The arguments without those that are None: what stands behind one is told by its name, as in clip(x, None, 1)."""
    names = [one.name for one in _parameters(max((signature for signature, _ in ways), key=len))]
    if len(given) > len(names) or not any(statics.is_none(one.value) for one in given):
        return given
    return [
        Argument(value, keyword or Token(TokenKind.NAME, name, value.span))
        for (value, keyword), name in zip(given, names)
        if not statics.is_none(value)
    ]


def _listed(reader: Stack, function: Callee, arguments: Sequence[Argument], span: Span) -> Node:
    """The list, or the number, that torch.tensor(...) or np.array(...) is given, within another call.

    Raises GradcliError elsewhere: a cell may follow what a name stands for; and where the library makes another thing.
    """
    said = {keyword.text: value for value, keyword in arguments if keyword is not None}
    kind = said.pop("dtype", None)
    inside = any(frame.kind in ("call", "index") for frame in reader.frames) or reader.source.name == VALUES
    if not inside or said or len(arguments) != 1 + (kind is not None) or arguments[0].keyword is not None:
        hint = synonyms.SENTENCES["tensor"]
        reader.fail(f"{function.spelling} is not a function that gradcli knows", function.span, hint=hint)
    found = arguments[0].value
    entries = [one for one in bottom_up(found) if not statics.is_list(one)]
    constant = all(isinstance(one, Number) or _is_neg(one) for one in entries)
    if function.listed == "torch" and not constant:
        hint = "write stack([x, y]) for a tensor of variables, through which derivatives pass"
        reader.fail(f"{function.spelling} makes constants of what stands in it", span, "numbers", hint)
    name = kind.name if isinstance(kind, Name) else ""
    if kind is not None and name not in KINDS:
        reader.fail("there is no such kind of numbers here", kind.span, "dtype=torch.long, or none")
    if name in NARROW:
        hint = "leave it out, or write dtype=int64"
        reader.fail(f"dtype={name} is too narrow: what is computed of such numbers may overflow", span, hint=hint)
    if name in WHOLE and not all(_is_neg(one) or _is_whole(one) for one in entries):
        reader.fail(f"dtype={name} makes whole numbers of what are none", span, "whole numbers")
    is_double = name == "float" and function.spelling.startswith(("np.", "numpy."))  # where Python's float is meant
    if name in SHORT and not is_double and not all(_is_short(one) for one in entries):
        reader.fail(f"dtype={name} may round these numbers", span, hint="leave it out, and choose --dtype")
    return found


def _is_neg(node: Node) -> bool:
    return isinstance(node, Call) and node.function == "neg" and not node.user


def _is_whole(node: Node) -> bool:
    return isinstance(node, Number) and node.value.denominator == 1


def _is_short(node: Node) -> bool:
    """Whether a number has so few bits that float32 does not round it."""
    if not isinstance(node, Number):
        return _is_neg(node)
    below = node.value.denominator
    return below & (below - 1) == 0 and node.value.numerator.bit_length() <= 24 and below <= 2**64


@lru_cache(maxsize=32)
def _parameters(signature: str) -> list[Parameter]:
    pieces = (piece.strip().partition("=") for piece in signature.split(",") if piece.strip() != "*")
    return [Parameter(name, bool(default), default or None) for name, _, default in pieces]


def _values(signature: str, arguments: Sequence[Argument], span: Span) -> dict[str, Node] | None:
    """The arguments by the names of a signature, and its defaults; None where they are not its own."""
    parameters = _parameters(signature)
    names = [one.name for one in parameters]
    by_position = [one.strip().partition("=")[0] for one in signature.partition("*")[0].split(",") if one.strip()]
    values: dict[str, Node] = {}
    for position, (value, keyword) in enumerate(arguments):
        if keyword is None and position >= len(by_position):
            return None
        name = by_position[position] if keyword is None else keyword.text
        if name not in names or name in values:
            return None
        values[name] = value
    for one in parameters:
        if one.name in values:
            continue
        if one.default is None:
            return None
        values[one.name] = calls.default(one, span)
    return values


def _put(whole: Node, values: Mapping[str, Node], span: Span, head: Span) -> Node:
    """A tree with trees in the place of its names, each node an occurrence of its own."""
    made: dict[int, Node] = {}
    used: set[str] = set()
    for one in bottom_up(whole):
        if isinstance(one, Name):
            value = values[one.name]
            made[id(one)] = _copied(value) if one.name in used else value
            used.add(one.name)
        elif isinstance(one, Number):
            made[id(one)] = Number(one.text, one.value, span)
        else:
            args = [made[id(arg)] for arg in one.args]
            row = table.BY_NAME[one.function]
            for parameter in row.parameters[len(args) - 1 : 0 : -1] if row.shape and not row.variadic else ():
                if not _is_default(args[-1], parameter):
                    break
                args.pop()
            made[id(one)] = Call(one.function, tuple(args), span, head)
    return made[id(whole)]


def _is_default(node: Node, parameter: Parameter) -> bool:
    if statics.is_none(node):
        return parameter.default == "None"
    return isinstance(node, Number) and node.text == parameter.default


def _copied(node: Node) -> Node:
    if isinstance(node, Call):
        return cuts.copied(node)
    return Number(node.text, node.value, node.span) if isinstance(node, Number) else Name(node.name, node.span)
