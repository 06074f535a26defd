"""Spellings of mathematics on paper that mean one thing: sin^2(x), |x|, x sin(x), f(x) = x^2.

Whoever reads one of them says so in `is_foreign`, so that the answer can show the program as it was read.
"""

from __future__ import annotations

from fractions import Fraction

from gradcli.errors import Span
from gradcli.functions import table
from gradcli.language import callees, calls, derivatives, synonyms, typed_sums
from gradcli.language.calls import Argument
from gradcli.language.latex_names import is_greek
from gradcli.language.nodes import Call, Define, Name, Node, Number, Output
from gradcli.language.stack import Frame, Operand, Stack
from gradcli.language.tokens import Token, TokenKind, is_sign

# Signs that stand before and after what they are about, and the row that they mean.
FENCES = {"|": "abs", "‖": "norm"}


def is_function(parser: Stack, name: str) -> bool:
    """Whether a name is that of a function, of the program or of the table."""
    return name in parser.defined or (name in table.BY_NAME and table.is_function_name(name))


def multiplies(parser: Stack, name: str) -> bool:
    """Whether a name in front of a function is a factor: no function, and no word that asks for something.

    A word that the program gives a value is a variable.
    """
    asks = name.lower() in (*synonyms.ASKING, *synonyms.COMMANDS) and name not in parser.assigned
    return not is_function(parser, name) and not asks


def is_called(parser: Stack, name: str) -> bool:
    """Whether a name is that of a function, and no letter beside."""
    return is_function(parser, name) and not is_greek(name)


def calls_function(parser: Stack) -> bool:
    """Whether the next tokens call a function, perhaps a power of one: sin(, sin^2(."""
    name = parser.token
    if name.kind is not TokenKind.NAME or not is_function(parser, name.text):
        return False
    after = parser.tokens[parser.index + 1]
    if after.kind is TokenKind.SUPERSCRIPT:
        return after.text.isdigit() and parser.sign("(", 2) and not is_greek(name.text)
    if is_sign(after, "**"):
        return parser.tokens[parser.index + 2].text.isdigit() and parser.sign("(", 3) and not is_greek(name.text)
    return is_sign(after, "(")


def opens_power(parser: Stack) -> bool:
    """Read `sin^2(` and `sin²(`, up to the bracket; whether that is what comes next."""
    operand = parser.frames[-1].operands[-1]
    node, token = operand.node, parser.token
    if not isinstance(node, Name) or operand.ending != "name" or not is_function(parser, node.name):
        return False
    raised = token.kind is TokenKind.SUPERSCRIPT
    if not raised and token.text != "**":
        return False
    digits = token if raised else parser.tokens[parser.index + 1]
    if is_greek(node.name) or not digits.text.isdigit() or not parser.sign("(", 1 if raised else 2):
        return False
    parser.frames[-1].operands.pop()
    parser.index += 1 if raised else 2
    function = callees.callee(Token(TokenKind.NAME, node.name, node.span), parser.defined, parser.source)
    frame = Frame("call", parser.advance(), function, start=operand.outer.start)
    frame.power = Number(digits.text, Fraction(digits.text), digits.span)
    parser.open(frame)
    parser.is_foreign = True
    return True


def raised_call(parser: Stack, frame: Frame, call: Node, outer: Span) -> None:
    """Take in a call, with the power that stood behind its name."""
    if frame.power is None:
        parser.push(call, outer, "call")
    else:
        parser.push(Call("**", (call, frame.power), outer, frame.power.span), outer, "raised")


def opens_fence(parser: Stack) -> bool:
    """Read the sign in front of what `|x|` and `‖x‖` are about; whether one comes next."""
    token = parser.token
    if token.kind is not TokenKind.SIGN or token.text not in FENCES:
        return False
    if token.text == "|" and parser.sign("|", 1):
        parser.fail(
            '"||" can be read in two ways',
            token.span.to(parser.tokens[parser.index + 1].span),
            hint="write norm(x) for the length of a vector, abs(x) for the absolute value",
        )
    parser.open(Frame("fence", parser.advance(), start=token.span.start))
    parser.is_foreign = True
    return True


def closes_fence(parser: Stack) -> bool:
    """Whether the next token closes the fence that is open."""
    frame, token = parser.frames[-1], parser.token
    return frame.kind == "fence" and frame.opening is not None and frame.opening.text == token.text


def fenced(parser: Stack, opening: Token, operand: Operand, outer: Span) -> Node:
    """The call that a fence means."""
    name = FENCES[opening.text]
    function = callees.callee(Token(TokenKind.NAME, name, opening.span), {}, parser.source)
    return calls.build(function, [Argument(operand.node, None)], outer, parser.source)


def closed(parser: Stack, frame: Frame, operand: Operand | None, outer: Span) -> bool:
    """Take in what is read of signs on paper, its bracket just closed; False for any other frame."""
    assert frame.opening
    if frame.kind == "over":
        items = [*frame.items, Argument(operand.node, None)] if operand else frame.items
        head = Span(frame.start, frame.opening.span.start)
        parser.push(typed_sums.built(frame.by[0], items, outer, head, parser.source), outer, "call")
        return True
    if frame.kind not in ("derivative", "prime", "fence"):
        return False
    if operand is None:
        parser.fail("there is nothing between the brackets", outer, "an expression")
    if frame.kind == "fence":
        parser.push(fenced(parser, frame.opening, operand, outer), outer, "group")
        return True
    build = derivatives.taken if frame.kind == "derivative" else derivatives.at_place
    parser.push(build(parser, frame, operand.node, outer), outer, "derivative")
    return True


def called(definition: Define) -> Output:
    """The output of a program that ends with a function: its value where its parameters are variables."""
    span = definition.span
    names = tuple(Name(name, span) for name in definition.params)
    return Output(Call(definition.name, names, span, span, user=True), span)
