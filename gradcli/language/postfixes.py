"""What follows an operand directly and belongs to it: x², 5!, x.sin(), A.T."""

from __future__ import annotations

from fractions import Fraction

from gradcli.functions.composed import OF_ALL, OTHER_METHODS
from gradcli.language import brackets, callees, literals, products, unpacking
from gradcli.language.calls import Argument
from gradcli.language.nodes import Call, Name, Node, Number, walk
from gradcli.language.stack import Frame, Stack
from gradcli.language.tokens import Token, TokenKind


def raised(parser: Stack, token: Token) -> None:
    """x² is x**2."""
    products.check_root(parser, token.text)
    base = parser.frames[-1].operands.pop()
    sign, digits = token.text[0] in "+-", token.text.lstrip("+-")
    if len(digits) > literals.MAX_DIGITS:
        raise literals.too_long(parser, token)
    exponent: Node = Number(digits, Fraction(digits), token.span)
    if sign and token.text[0] == "-":
        exponent = Call("neg", (exponent,), token.span, token.span)
    outer = base.outer.to(token.span)
    parser.push(Call("**", (base.node, exponent), outer, token.span), outer, "raised")


def factorial(parser: Stack, token: Token) -> None:
    """5! is factorial(5)."""
    operand = parser.frames[-1].operands.pop()
    outer = operand.outer.to(token.span)
    if parser.sign("!"):
        text = parser.source.text[operand.outer.start : operand.outer.end]
        parser.fail(
            '"!!" can be read in two ways',
            outer.to(parser.token.span),
            hint=f"write ({products.shorten(text)}!)! for a factorial of a factorial; there is no double factorial",
        )
    parser.push(Call("factorial", (operand.node,), outer, token.span), outer, "postfix")


def _check_derivative(parser: Stack, name: Token) -> None:
    """Refuse `(x**2).diff(x)`, SymPy's derivative: a tensor's method takes how often the differences are taken."""
    by = parser.tokens[min(parser.index + 1, len(parser.tokens) - 1)]
    if by.kind is not TokenKind.NAME or not (parser.sign(")", 2) or parser.sign(",", 2)):
        return
    operand = parser.frames[-1].operands[-1]
    inner = parser.source.text[operand.outer.start : operand.outer.end]
    if operand.ending == "group":
        inner = inner[1:-1]
    end = brackets.closing(parser.tokens, parser.index)
    given = parser.source.text[by.span.start : by.span.end if end is None else parser.tokens[end].span.start]
    inner, given = products.shorten(inner), products.shorten(given)
    hint = f"write diff({inner}, {given}) for the derivative"
    parser.fail(f".diff({given}) is not a method of a tensor", name.span.to(by.span), hint=hint)  # fmt: skip


def is_of_numpy(parser: Stack, node: Node, start: int) -> bool:
    """Whether what was read from a place on is an array of NumPy: by a function, or by a name that stands for one."""
    if parser.of_numpy >= start:
        return True
    return bool(parser.arrays) and any(
        (isinstance(one, Name) and one.name in parser.arrays)
        or (isinstance(one, Call) and one.user and one.function in parser.arrays)
        for one in walk(node)
    )


def keep_array(parser: Stack, name: Token, value: Node, start: int) -> None:
    """Remember that a name stands for an array of NumPy: its methods are not those of a tensor."""
    if is_of_numpy(parser, value, start):
        parser.arrays.add(name.text)


def _check_numpy(parser: Stack, name: Token) -> None:
    """Refuse `np.array(...).var()`: an array's method of a name that a tensor's has, and of another meaning."""
    operand = parser.frames[-1].operands[-1]
    if not is_of_numpy(parser, operand.node, operand.outer.start):
        return
    if name.text in OTHER_METHODS or (name.text in OF_ALL and parser.sign(")", 1)):
        parser.fail(f".{name.text}() of an array of NumPy is not that of a tensor", name.span,
                    hint=f"write np.{name.text}(...): methods are read as torch's")  # fmt: skip


def method(parser: Stack) -> Frame | None:
    """The frame of a method's arguments, the operand the first of them; None for x.T, which is complete."""
    dot = parser.advance()
    name = parser.token
    if name.kind is not TokenKind.NAME:
        parser.fail('a name should follow "."', dot.span, "a method, such as .sin()")
    parser.advance()
    called = parser.sign("(")
    chosen = None if called else unpacking.attribute(parser, parser.frames[-1].operands[-1], name)
    if chosen is not None:
        outer = parser.frames[-1].operands.pop().outer.to(name.span)
        parser.push(chosen, outer, "index")
        return None
    if not called and name.text not in ("T", "mT"):
        raise callees.attribute(name, parser.source)
    if called and name.text == "diff":
        _check_derivative(parser, name)
    function = callees.method(name, parser.source) if called else None
    if called:
        _check_numpy(parser, name)
    operand = parser.frames[-1].operands.pop()
    if function is None:
        outer = operand.outer.to(name.span)
        if name.text == "T":
            turned = Call("transpose", (operand.node,), outer, name.span)
        else:  # of each matrix in a stack
            last = [Call("neg", (Number(str(n), Fraction(n), name.span),), name.span, name.span) for n in (2, 1)]
            turned = Call("swapaxes", (operand.node, *last), outer, name.span)
            parser.is_foreign = True
        parser.push(turned, outer, "index")
        return None
    frame = Frame("call", parser.advance(), function, start=operand.outer.start)
    frame.items.append(Argument(operand.node, None))
    return frame
