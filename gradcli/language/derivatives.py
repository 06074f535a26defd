"""Derivatives as they are written on paper: d/dx (x^2), ∂²/∂x∂y (...), f'(3), dy/dx, and what they ask for.

Inside an expression they are diff(...). As all of a program's last statement they say what is wanted of it: by which
names, how often, and where.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from gradcli.errors import Span
from gradcli.functions import table
from gradcli.language.nodes import Asked, Assign, Call, Define, Name, Node, Number, Output, Program, Statement, walk
from gradcli.language.stack import Frame, Stack
from gradcli.language.tokens import Token, TokenKind

MAX_ORDER = 10  # of a derivative that a sign asks for: that of --order
SIGNS = ("∂", "d")
_CLOSING = {"(": ")", "[": "]"}
_WORDS = ("_prime", "_second", "_third")  # of the functions that derivatives at a place become


class Head(NamedTuple):
    """A sign such as d²y/dx²: of what, by which names in turn, each with the index behind it, and the token after."""

    of: tuple[str, tuple[Token, ...]] | None
    by: tuple[tuple[str, tuple[Token, ...]], ...]
    end: int
    is_plain: bool  # whether it is written with the letter d


def head(tokens: Sequence[Token], index: int, known: Collection[str] = ()) -> Head | None:
    """The sign of a derivative that begins at a token; None where there is none. `known` are names of the program."""
    first = tokens[index]
    is_plain = first.kind is TokenKind.NAME
    if not (_is(first, "∂") or (is_plain and first.text.startswith("d"))):
        return None
    index += 1
    digits = first.text[1:] if is_plain else ""
    order = 0
    of: tuple[str, tuple[Token, ...]] | None = None
    if digits:
        letters = digits.lstrip("0123456789")
        order = int(digits[: len(digits) - len(letters)][:3] or 0)
        of = (letters, ()) if letters else None
    if not order and of is None:
        order, index = _power(tokens, index)
    if of is None and tokens[index].kind is TokenKind.NAME and not _is(tokens[index + 1], "("):
        of, index = (tokens[index].text, ()), index + 1
    if of is not None:
        indices, index = _brackets(tokens, index)
        of = (of[0], indices)
    if not _is(tokens[index], "/"):
        return None
    by, index = _below(tokens, index + 1, order or 1, known)
    if not by or len(by) != (order or 1):
        return None
    return Head(of, tuple(by), index, is_plain)


def _below(
    tokens: Sequence[Token], index: int, order: int, known: Collection[str]
) -> tuple[list[tuple[str, tuple[Token, ...]]], int]:
    """What stands below the line: dx, dx², dx dy, ∂x∂y, ∂x[i]; and the token after."""
    closing = _is(tokens[index], "(")  # d/(dx dy)
    index += closing
    by: list[tuple[str, tuple[Token, ...]]] = []
    while len(by) < order:
        token = tokens[index]
        if token.kind is TokenKind.NAME and token.text.startswith("d") and len(token.text) > 1:
            names, index = _split(token.text[1:], order - len(by), known), index + 1
        elif (_is(token, "∂") or token.text == "d") and tokens[index + 1].kind is TokenKind.NAME:
            names, index = [tokens[index + 1].text], index + 2
        else:
            break
        indices, index = _brackets(tokens, index)
        times, after = _power(tokens, index) if len(names) == 1 else (0, index)
        index = after if times else index
        by += [(name, indices) for name in names] * (times or 1)
        index += _is(tokens[index], "*") and tokens[index].span.start == tokens[index].span.end
    if closing:
        if not _is(tokens[index], ")"):
            return [], index
        index += 1
    return by, index


def _split(text: str, order: int, known: Collection[str]) -> list[str]:
    """The names in what stands behind a d: x; of dxdy x and y; of dx2 x twice."""
    if text in known or order == 1:
        return [text]
    if text.endswith(str(order)) and (not known or text.removesuffix(str(order)) in known):
        return [text.removesuffix(str(order))] * order
    pieces = text.split("d")
    return pieces if 1 < len(pieces) <= order and all(pieces) else [text]


def _power(tokens: Sequence[Token], index: int) -> tuple[int, int]:
    """The whole number that something is raised to, and the token after; 0 where it is not."""
    token = tokens[index]
    if token.kind is TokenKind.SUPERSCRIPT and token.text.isdigit():
        return int(token.text[:3]), index + 1
    if token.text == "**" and tokens[index + 1].text.isdigit():
        return int(tokens[index + 1].text[:3]), index + 2
    return 0, index


def _brackets(tokens: Sequence[Token], index: int) -> tuple[tuple[Token, ...], int]:
    """The tokens of an index in square brackets, where they are names, numbers and commas; and the token after."""
    if not _is(tokens[index], "["):
        return (), index
    end = index + 1
    while tokens[end].kind in (TokenKind.NAME, TokenKind.NUMBER) or _is(tokens[end], ","):
        end += 1
    return (tuple(tokens[index + 1 : end]), end + 1) if _is(tokens[end], "]") and end > index + 1 else ((), index)


def _is(token: Token, text: str) -> bool:
    return token.kind is TokenKind.SIGN and token.text == text


# In expressions


def opens(parser: Stack) -> bool:
    """Read `d/dx (`; whether that is what comes next."""
    found = head(parser.tokens, parser.index)
    if found is None or found.of is not None or any(indices for _, indices in found.by):
        return False
    token = parser.tokens[found.end]
    start = parser.token.span.start
    if found.is_plain and token.kind in (TokenKind.SEPARATOR, TokenKind.END):
        return False  # a quotient of two names
    if token.text not in _CLOSING or token.kind is not TokenKind.SIGN:
        if found.is_plain and token.kind is not TokenKind.NAME:
            return False
        if not _brackets_rest(parser, found.end):
            text = parser.source.text[start : token.span.start].strip()
            parser.fail(
                "how far the derivative reaches is not clear",
                Span(start, token.span.start),
                hint=f"write {text} (...) with brackets around what is differentiated",
            )
    parser.index = found.end
    frame = Frame("derivative", parser.advance(), start=start)
    frame.by = tuple(name for name, _ in found.by)
    parser.open(frame)
    parser.is_foreign = True
    return True


def _brackets_rest(parser: Stack, index: int) -> bool:
    """Put brackets around the rest of a statement that is one product; whether that was possible."""
    frame = parser.frames[-1]
    if frame.kind != "statement" or frame.operators or frame.operands:
        return False
    depth, end = 0, index
    while parser.tokens[end].kind not in (TokenKind.SEPARATOR, TokenKind.END):
        text = parser.tokens[end].text
        depth += (text in ("(", "[")) - (text in (")", "]"))
        if depth == 0 and text in ("+", "-", "=", "==", "<", ">", "<=", ">=", "!=", "and", "or", ",") and end > index:
            return False
        end += 1
    opening, closing = parser.tokens[index].span.start, parser.tokens[end - 1].span.end
    parser.tokens.insert(end, Token(TokenKind.SIGN, ")", Span(closing, closing)))
    parser.tokens.insert(index, Token(TokenKind.SIGN, "(", Span(opening, opening)))
    return True


def taken(parser: Stack, frame: Frame, body: Node, outer: Span) -> Node:
    """The derivative that a frame asks for."""
    node = body
    for name in dict.fromkeys(frame.by):
        count = frame.by.count(name)
        order = (Number(str(count), Fraction(count), outer),) if count > 1 else ()
        node = Call("diff", (node, Name(name, outer), *order), outer, outer)
    parser.asked[id(node)] = (body, frame.by, {})
    return node


# f'(3)


def primes(parser: Stack, name: Token) -> Frame | None:
    """The frame of f'(...), read up to its bracket; None where the name is followed by no such thing."""
    count = 0
    while parser.sign("'", count):
        count += 1
    if not parser.sign("(", count):
        return None
    own = parser.defined.get(name.text)
    if own is None or name.text == parser.defining:
        where = f"{name.text}{count * chr(39)}"
        hint = f"define it first: {name.text}(x) = ...; {where}(x)"
        if name.text in table.BY_NAME and table.is_function_name(name.text):
            hint = f"write diff({name.text}(x), x{f', {count}' if count > 1 else ''})"
        parser.fail(f"{name.text} is not a function of the program", name.span, hint=hint)
    if len(own) > 1:
        call = f"{name.text}({', '.join(own)})"
        parser.fail(
            f"{name.text} has {len(own)} parameters, and ' does not say by which",
            name.span.to(parser.token.span),
            hint=f"write diff({call}, {own[0]})",
        )
    parser.index += count
    frame = Frame("prime", parser.advance(), start=name.span.start)
    frame.by = (name.text,) * count
    parser.is_foreign = True
    return frame


def at_place(parser: Stack, frame: Frame, argument: Node, outer: Span) -> Node:
    """A derivative of a function of the program at an argument."""
    name, count = frame.by[0], len(frame.by)
    (param,) = parser.defined[name]
    span = argument.span
    derived = _derivative(name, param, count, span)
    if isinstance(argument, Name):
        node: Node = _derivative(name, argument.name, count, outer)
        parser.asked[id(node)] = (Call(name, (argument,), outer, outer, user=True), (argument.name,) * count, {})
        return node
    helper = f"{name}{_WORDS[count - 1] if count <= len(_WORDS) else f'_{count}'}"
    while helper in parser.defined and helper not in parser.helpers:
        helper += "_"
    if helper not in parser.defined:
        parser.helpers[helper] = Define(helper, (param,), derived, span)
        parser.defined[helper] = (param,)
    node = Call(helper, (argument,), outer, outer, user=True)
    if is_constant(argument):
        body = Call(name, (Name(param, outer),), outer, outer, user=True)
        parser.asked[id(node)] = (body, (param,) * count, {param: argument})
    return node


def _derivative(name: str, by: str, count: int, span: Span) -> Call:
    body = Call(name, (Name(by, span),), span, span, user=True)
    order = (Number(str(count), Fraction(count), span),) if count > 1 else ()
    return Call("diff", (body, Name(by, span), *order), span, span)


def is_constant(node: Node) -> bool:
    """Whether a tree is made of numbers and constants alone."""
    return not any(
        (isinstance(one, Name) and table.constant(one.name) is None) or (isinstance(one, Call) and one.user)
        for one in walk(node)
    )


# Whole statements


def statement(parser: Stack, assigned: Collection[str]) -> Output | None:
    """Read dy/dx or y' as all of the last statement, y a name of the program; None where it is something else."""
    start = parser.token.span.start
    names = {*assigned, *parser.defined}
    known = names | {token.text for token in parser.tokens if token.kind is TokenKind.NAME}
    found = head(parser.tokens, parser.index, known)
    if found is not None and found.of is not None:
        end, name = found.end, found.of[0]
        by = tuple(one for one, _ in found.by)
        order = len(by)
        if found.of[1] or any(indices for _, indices in found.by):
            return None
    elif parser.token.kind is TokenKind.NAME and parser.sign("'", 1):
        end, name, by = parser.index + 1, parser.token.text, ()
        while _is(parser.tokens[end], "'"):
            end += 1
        order = end - parser.index - 1
    else:
        return None
    while parser.tokens[end].kind is TokenKind.SEPARATOR:
        end += 1
    if name not in names or parser.tokens[end].kind is not TokenKind.END:
        return None
    span = Span(start, parser.tokens[end - 1].span.end)
    parser.index = end
    parser.is_foreign = True
    value: Node = Name(name, span)
    if name not in assigned:
        params = tuple(Name(param, span) for param in parser.defined[name])
        by = by or tuple(param.name for param in params[:1]) * order
        value = Call(name, params, span, span, user=True)
    parser.asked[id(value)] = (value, by, {})
    parser.orders[id(value)] = order
    return Output(value, span)


def settled(parser: Stack, program: Program) -> Program:
    """The program without the derivative that is all of its last statement, which it asks for instead.

    A function at numbers, with no other variable in the program, asks for its derivative there.
    """
    last = program.statements[-1]
    if not isinstance(last, Output):
        return program
    value = last.value
    asked = parser.asked.get(id(value))
    if asked is not None:
        body, by, place = asked
        order = parser.orders.get(id(value), len(by))
        statements = [one for one in program.statements[:-1] if not _is_unused(one, parser, program)]
        output = Output(body, last.span)
        return replace(
            program, statements=(*statements, output), asked=Asked(by, order, dict(place), last.span), is_foreign=True
        )
    if isinstance(value, Call) and value.user and all(map(is_constant, value.args)) and not _has_variables(program):
        params = parser.defined[value.function]
        if value.function in parser.helpers:
            return program
        names = tuple(Name(param, last.span) for param in params)
        body = Call(value.function, names, value.span, value.head, user=True)
        asked_here = Asked(params, 1, dict(zip(params, value.args)), last.span)
        return replace(
            program,
            statements=(*program.statements[:-1], Output(body, last.span)),
            asked=asked_here,
            is_foreign=True,
        )
    return program


def _is_unused(one: Statement, parser: Stack, program: Program) -> bool:
    """Whether a statement is a function that stood for the derivative alone."""
    if not isinstance(one, Define) or one.name not in parser.helpers:
        return False
    used = (node for other in program.statements[:-1] for part in _parts(other) for node in walk(part))
    return not any(isinstance(node, Call) and node.user and node.function == one.name for node in used)


def _parts(one: Statement) -> tuple[Node, ...]:
    return (one.body,) if isinstance(one, Define) else (one.value,) if isinstance(one, (Assign, Output)) else ()


def _has_variables(program: Program) -> bool:
    """Whether a program names anything but its functions, their parameters and constants."""
    if any(isinstance(one, Assign) for one in program.statements):
        return True
    for one in program.statements:
        own = one.params if isinstance(one, Define) else ()
        for part in _parts(one):
            for node in walk(part):
                if isinstance(node, Name) and node.name not in own and table.constant(node.name) is None:
                    return True
    return False


def said_of(asked: Asked, text: Mapping[str, str]) -> str:
    """What a program asks for, for a note: by which names and where, the values as texts."""
    by = f", differentiated by {', '.join(asked.by)}" if asked.by else ""
    if not asked.by and asked.order > 1:
        by = f", its derivative of order {asked.order}"
    return by + (f", at {', '.join(f'{name} = {value}' for name, value in text.items())}" if text else "")
