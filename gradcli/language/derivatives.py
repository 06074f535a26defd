"""Derivatives as they are written on paper: d/dx (x^2), ∂²/∂x∂y (...), f'(3), dy/dx, and what they ask for.

Inside an expression they are diff(...). As all of a program's last statement they say what is wanted of it: by which
names, how often, and where.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import NoReturn

from gradcli.errors import Span
from gradcli.functions import table
from gradcli.language.brackets import outside
from gradcli.language.derivative_signs import head
from gradcli.language.nodes import Asked, Assign, Call, Define, Name, Node, Number, Output, Program, parts, walk
from gradcli.language.stack import Frame, Stack
from gradcli.language.tokens import Token, TokenKind, is_sign

EQUATION = "for an equation: gradcli implicit EQUATION --solve NAME; for its left side alone, leave out = and the rest"
CLAIM = 'what a derivative should be is a claim: gradcli check PROGRAM --claim "df/dx = ..."'
_CLOSING = {"(": ")", "[": "]"}
_WORDS = ("_prime", "_second", "_third")  # of the functions that derivatives at a place become


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
    end = index
    while parser.tokens[end].kind not in (TokenKind.SEPARATOR, TokenKind.END):
        end += 1
    weaker = ("+", "-", "=", "==", "<", ">", "<=", ">=", "!=", "and", "or", ",")
    if any(place and token.text in weaker for place, token in outside(parser.tokens[index:end])):
        return False
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


def no_function(parser: Stack, name: Token) -> NoReturn:
    """Refuse a prime that belongs to no call."""
    count = 0
    while parser.sign("'", count):
        count += 1
    by, order = "t" if name.text == "x" else "x", f", {count}" * (count > 1)
    called = f"{name.text}{chr(39) * count}({by}) for a function {name.text}({by}) = ..."
    hint = CLAIM if parser.sign("=", count) else f"write diff({name.text}, {by}{order}), or {called}"
    parser.fail("a derivative is not written with ' inside an expression", parser.token.span, hint=hint)


def is_claim(parser: Stack, start: int) -> bool:
    """Whether what stands from a place in the source up to the next token is the sign of a derivative."""
    first = next(index for index, token in enumerate(parser.tokens) if token.span.start >= start)
    found = head(parser.tokens, first)
    return found is not None and found.of is not None and found.end == parser.index


def hint_for_equals(parser: Stack, frame: Frame) -> str:
    """What to do with an = that stands in an expression."""
    if frame.kind != "statement":
        return "write == to compare"
    if is_claim(parser, frame.start):
        return CLAIM
    if frame.operators:  # a sum, a product, a power: no place that a value is given to
        return EQUATION
    return "write == to compare; a value is given to a plain name: y = ..."


def alone(parser: Stack) -> str:
    """What to do with a ∂ that stands where a value should stand."""
    found = head(parser.tokens, parser.index)
    if found is not None and is_sign(parser.tokens[found.end], "="):
        return CLAIM
    return "write ∂/∂x (...), or give what is differentiated a name: y = ...; ∂y/∂x"


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
    if is_constant(argument):
        place = _place(parser, param, argument)
        node = _derivative(name, place, count, outer)
        body = Call(name, (Name(param, outer),), outer, outer, user=True)
        parser.asked[id(node)] = (body, (param,) * count, {param: argument})
        return node
    helper = f"{name}{_WORDS[count - 1] if count <= len(_WORDS) else f'_{count}'}"
    while helper in parser.defined and helper not in parser.helpers:
        helper += "_"
    if helper not in parser.defined:
        parser.helpers[helper] = Define(helper, (param,), derived, span)
        parser.defined[helper] = (param,)
    return Call(helper, (argument,), outer, outer, user=True)


def _place(parser: Stack, param: str, argument: Node) -> str:
    """The name that a program gives to a number at which a derivative is taken: x0."""
    taken = {token.text for token in parser.tokens}
    count = 0
    while (place := f"{param}{count}") in taken or place in parser.helpers:
        count += 1
    parser.helpers[place] = Assign(place, argument, argument.span)
    return place


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
        while is_sign(parser.tokens[end], "'"):
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
        used = {
            node.name
            for one in program.statements[:-1]
            for part in parts(one)
            for node in walk(part)
            if isinstance(node, Name)
        }
        unused = parser.helpers.keys() - used
        statements = [one for one in program.statements[:-1] if not (isinstance(one, Assign) and one.name in unused)]
        output = Output(body, last.span)
        return replace(
            program, statements=(*statements, output), asked=Asked(by, order, dict(place), last.span), is_foreign=True
        )
    if isinstance(value, Call) and value.user and all(map(is_constant, value.args)) and not _has_variables(program):
        params = parser.defined[value.function]
        names = tuple(Name(param, last.span) for param in params)
        body = Call(value.function, names, value.span, value.span, user=True)
        asked_here = Asked(params, 1, dict(zip(params, value.args)), last.span)
        return replace(
            program,
            statements=(*program.statements[:-1], Output(body, last.span)),
            asked=asked_here,
            is_foreign=True,
        )
    return program


def _has_variables(program: Program) -> bool:
    """Whether a program names anything but its functions, their parameters and constants."""
    if any(isinstance(one, Assign) for one in program.statements):
        return True
    for one in program.statements:
        own = one.params if isinstance(one, Define) else ()
        for part in parts(one):
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
