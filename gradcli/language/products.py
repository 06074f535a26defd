"""Products without a sign: `2x`, `2(x+1)`, `(x)(y)`. Accepted where they cannot be misread, else refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from gradcli.errors import one_line
from gradcli.language import callees, ends, literals, readings, uncalled
from gradcli.language.brackets import closing
from gradcli.language.nodes import Call, Name
from gradcli.language.notation import LOWERED
from gradcli.language.stack import ROOTS
from gradcli.language.tokens import Token, TokenKind, is_sign

if TYPE_CHECKING:
    from gradcli.language.stack import Operand, Stack

# What an operand may end with so that a name, or a bracket, directly after it multiplies it.
BEFORE_NAME = frozenset(("number", "group", "raised", "pi", "call"))
BEFORE_BRACKET = frozenset(("number", "group", "raised", "pi"))

# Words that other languages declare names, or load libraries, with.
DECLARING = {"syms": "MATLAB", "using": "Julia", "var": "JavaScript", "let": "JavaScript", "const": "JavaScript",
             "double": "C", "float": "C", "auto": "C++"}  # fmt: skip

LONGEST_QUOTE = 24
OPENING = ("(", "√", "∛", "|", "‖")  # what a factor may begin with besides names and numbers
INDICES = (*"3456789", "n", "m", "k", "N")  # in front of a root, of which it may be the index
TIGHT = frozenset(("/", "//", "%", "@", "**", "sqrt", "cbrt"))


def shorten(text: str) -> str:
    """A piece of the source for a message."""
    return one_line(text, LONGEST_QUOTE)


def check(parser: Stack) -> None:
    """Refuse the token that follows an operand unless it multiplies that operand beyond doubt."""
    token = parser.token
    operand = parser.frames[-1].operands[-1]
    ends.refuse_root(parser)
    uncalled.check(parser)
    if parser.sign("√") and operand.outer.end == token.span.start:
        _check_index(parser, operand)
    opening = token.kind is TokenKind.SIGN and token.text in OPENING
    if opening and token.text in readings.FENCES and not _closes_later(parser):
        hint = "the absolute value is written |x| or abs(x); for either of two conditions, write or"
        parser.fail(f'this "{token.text}" is never closed', token.span, f'"{token.text}"', hint)
    is_name = token.kind is TokenKind.NAME and token.text not in ("and", "or", "not", "if", "else", "for", "in", "is")
    follows = (is_name and operand.ending in BEFORE_NAME) or (opening and operand.ending in BEFORE_BRACKET)
    if (
        not follows and operand.ending == "name" and (readings.calls_function(parser) or _is_root(parser))
    ):  # x sin(x), x√y
        follows = isinstance(operand.node, Name) and readings.multiplies(parser, operand.node.name)
        parser.is_foreign = True
    if not follows:
        _unexpected(parser, operand)
    if operand.ending == "raised":
        _check_raised(parser, operand)
    if opening and operand.ending == "number":
        literals.check_uncertain(parser)
        _check_inverse(parser)
    check_left(parser, operand)


def _check_index(parser: Stack, operand: Operand) -> None:
    """Refuse `3√8` and `n√x`, whose root may be the third or the nth."""
    index = parser.source.text[operand.outer.start : operand.outer.end]
    if index not in INDICES or operand.ending not in ("number", "name"):
        return
    root = following(parser)
    inner = root.lstrip("√")
    hint = f"write {index}*{root} for the product, ({inner})^(1/{index}) for the root of that index"
    parser.fail(f'"{index}{root}" can be read in two ways', operand.outer.to(parser.token.span), hint=hint)


def _closes_later(parser: Stack) -> bool:
    """Whether the sign that comes next stands in its statement once more."""
    if parser.sign(">", 1):  # a sign of another language
        return True
    for token in parser.tokens[parser.index + 1 :]:
        if token.kind in (TokenKind.SEPARATOR, TokenKind.END):
            return False
        if token.kind is TokenKind.SIGN and token.text == parser.token.text:
            return True
    return False


def _is_root(parser: Stack) -> bool:
    return parser.sign("√") or parser.sign("∛")


def _check_raised(parser: Stack, operand: Operand) -> None:
    """Refuse `sin²x`, which is not a power of a variable sin."""
    base, power = operand.node.args if isinstance(operand.node, Call) else (None, None)
    if isinstance(base, Name) and readings.is_called(parser, base.name) and power is not None:
        raised = parser.source.text[power.span.start : power.span.end]
        parser.fail(
            f"{base.name}{raised} is not a function",
            operand.outer,
            hint=_power_hint(base.name, raised.translate(LOWERED), f"({following(parser)})"),
        )


def _check_inverse(parser: Stack) -> None:
    """Refuse `tan-1(x)`, as a key of a calculator has it."""
    frame = parser.frames[-1]
    if len(frame.operands) < 2 or not frame.operators or frame.operators[-1].name != "-":
        return
    name, one = frame.operands[-2], frame.operands[-1]
    if _names_function(parser, name) and parser.tokens[parser.index - 1].text == "1":
        called = parser.source.text[name.outer.start : one.outer.end]
        function = parser.source.text[name.outer.start : name.outer.end]
        parser.fail(f"{called} is not a function", name.outer.to(one.outer),
                    hint=_power_hint(function, "-1", following(parser)))  # fmt: skip


def check_left(parser: Stack, operand: Operand) -> None:
    """Refuse `1/2x` and `2^3x`: what stands to the left could take the one factor or both."""
    frame = parser.frames[-1]
    pending = next((p for p in reversed(frame.operators) if p.name not in ("neg", "pos", "not")), None)
    if pending is None or pending.name not in TIGHT:
        return
    if pending.name in ROOTS and operand.ending == "group":
        return
    text = parser.source.text
    right, after = shorten(text[pending.token.span.end : operand.outer.end]), following(parser)  # with its signs
    bare = pending is frame.operators[-1] and operand.ending == "number" and right.isdigit()
    name = _function_power(parser) if pending.name == "**" else None
    if pending.name == "**" and bare and name is None and (parser.sign("(") or readings.calls_function(parser)):
        parser.is_foreign = True  # x^2 sin(x), 2x^5(4x^2 + x)
        return
    if name is None and pending.name == "**" and _names_function(parser, frame.operands[-2]):
        called = shorten(text[frame.operands[-2].outer.start : frame.operands[-2].outer.end])
        parser.fail(
            f"{called}^{right} is not a function",
            frame.operands[-2].outer.to(operand.outer),
            hint=_power_hint(called, right, f"({after})"),
        )
    if name is not None:
        exponent = right
        parser.fail(
            f"{name}^{exponent} is not a function",
            frame.operands[-2].outer.to(operand.outer),
            hint=_power_hint(name, exponent, after),
        )
    shown = ROOTS.get(pending.name, "^" if pending.name == "**" else pending.name)
    left = ""
    if pending.name not in ROOTS:
        base = frame.operands[-2].outer
        left = shorten(text[base.start : base.end])
    parser.fail(
        f'"{left}{shown}{right}{after}" can be read in two ways',
        (frame.operands[-2].outer if left else pending.token.span).to(parser.token.span),
        hint=f"write {left}{shown}({right}*{after}) or ({left}{shown}{right})*{after}",
    )


def following(parser: Stack) -> str:
    """The factor that follows, with the powers behind it, as far as it is known yet."""
    tokens, token, index = parser.tokens, parser.token, parser.index
    while tokens[index].kind is TokenKind.SIGN and tokens[index].text in "√∛":
        index += 1
    if token.kind is TokenKind.SIGN and token.text in readings.FENCES:
        index += next((i for i, one in enumerate(tokens[index + 1 :], 1) if one.text == token.text), 0)
    first = tokens[index]
    is_call = (
        first.kind is TokenKind.NAME and tokens[index + 1].kind is TokenKind.SIGN and tokens[index + 1].text == "("
    )
    opening = 0 if first.text == "(" else 1 if is_call else None
    end: int | None = index
    if opening is not None:
        end = closing(tokens, index + opening)
    if end is None:
        return token.text + ("..." if opening == 0 else "(...)")
    while tokens[end + 1].kind is TokenKind.SUPERSCRIPT:
        end += 1
    if tokens[end + 1].text == "**" and tokens[end + 2].kind in (TokenKind.NAME, TokenKind.NUMBER):
        end += 2
    return shorten(parser.source.text[token.span.start : tokens[end].span.end])


def _names_function(parser: Stack, operand: Operand) -> bool:
    """Whether an operand is the bare name of a function, and no Greek letter."""
    node = operand.node
    return isinstance(node, Name) and operand.ending == "name" and readings.is_called(parser, node.name)


def _function_power(parser: Stack) -> str | None:
    """The function's name where `sin^2 (x)` is being read."""
    base = parser.frames[-1].operands[-2].node
    if isinstance(base, Name) and parser.token.text == "(" and readings.is_function(parser, base.name):
        return base.name
    return None


def _power_hint(name: str, exponent: str, after: str) -> str:
    if exponent.strip("()") == "-1":
        return f"write a{name}{after} for the inverse function, or 1/{name}{after}"
    return f"write {name}{after}^{exponent}"


def check_infix(parser: Stack, sign: Token) -> None:
    """Refuse what an operator between two operands would hide: `√x^2`, `5% x`."""
    if sign.text == "**":
        check_root(parser, "^")
    operand = parser.frames[-1].operands[-1]
    if sign.text == "%" and operand.ending == "number" and operand.outer.end == sign.span.start:
        _check_percent(parser, shorten(parser.source.text[operand.outer.start : operand.outer.end]), operand, sign)


def _check_percent(parser: Stack, number: str, operand: Operand, sign: Token) -> None:
    """Refuse `5% x` and `50%-y`, where a percentage may be meant."""
    after, then = parser.token, parser.tokens[min(parser.index + 1, len(parser.tokens) - 1)]
    is_spaced = sign.span.end < after.span.start
    subtracts = is_sign(after, "-") and (is_spaced or then.kind is not TokenKind.NUMBER)
    opens = after.kind is TokenKind.SIGN and after.text in OPENING
    if not subtracts and not (is_spaced and (opens or after.kind in (TokenKind.NAME, TokenKind.NUMBER))):
        return
    if subtracts:
        hint = f"write {number}/100 for a percentage; % is the remainder of a division"
    elif after.text == "of":
        hint = f"write {number}/100*{shorten(then.text)} for a percentage"
    else:
        right = following(parser)
        hint = f"write {number}/100*{right} for a percentage, {number}%{right} for the remainder"
    shown = after.text if subtracts or after.text == "of" else following(parser)
    parser.fail(f'"{number}% {shown}" can be read in two ways', operand.outer.to(after.span), hint=hint)


def check_root(parser: Stack, power: str) -> None:
    """Refuse `√x²`: the power may belong to x or to its root. Also `sin²(x)`."""
    frame = parser.frames[-1]
    operand = frame.operands[-1]
    node = operand.node
    if operand.ending == "derivative" and parser.source.text[operand.outer.start] in "d∂":
        raised = f"^{parser.token.text}" if power == "^" else f"^{power}"
        text = parser.source.text[operand.outer.start : operand.outer.end]
        sign, _, body = text.partition("(")
        parser.fail(
            f'"{shorten(text)}{raised}" can be read in two ways',
            operand.outer,
            hint=f"write ({shorten(text)}){raised} or {sign.strip()} (({shorten(body)}{raised})",
        )
    if (
        power.lstrip("-").isdigit()
        and isinstance(node, Name)
        and parser.sign("(")
        and readings.is_function(parser, node.name)
    ):
        parser.fail(
            f"{node.name}^{power} is not a function",
            operand.outer,
            hint=_power_hint(node.name, power, following(parser)),
        )
    if not frame.operators or frame.operators[-1].name not in ROOTS:
        return
    root = ROOTS[frame.operators[-1].name]
    inner = shorten(parser.source.text[operand.outer.start : operand.outer.end])
    raised = f"^{parser.token.text}" if power == "^" else f"^{power}"
    parser.fail(
        f'"{root}{inner}{raised}" can be read in two ways',
        frame.operators[-1].token.span.to(operand.outer),
        hint=f"write {root}({inner}{raised}) or ({root}{inner}){raised}",
    )


def _unexpected(parser: Stack, operand: Operand) -> NoReturn:
    """Say what is wrong with two things in a row."""
    token = parser.token
    before = shorten(parser.source.text[operand.outer.start : operand.outer.end])
    span = operand.outer.to(token.span) if len(before) < LONGEST_QUOTE else token.span
    node = operand.node
    if token.text in ("if", "else", "for", "in", "is") and token.kind is TokenKind.NAME:
        hint = "write where(condition, a, b)" if token.text in ("if", "else") else None
        parser.fail(f'"{token.text}" has no meaning here', token.span, "an operator or the end", hint)
    if operand.ending == "name" and isinstance(node, Name):
        if node.name in DECLARING and token.kind is TokenKind.NAME:
            parser.fail(f"{node.name} says what names are in {DECLARING[node.name]}", operand.node.span,
                        hint="leave it out: here every name without a value is a variable")  # fmt: skip
        if readings.is_function(parser, node.name) and token.text in readings.FENCES:
            parser.fail(f'this "{token.text}" is never closed', token.span, f'"{token.text}"')
        if readings.is_function(parser, node.name):
            parser.fail(
                f'"{before} {shorten(following(parser))}" is not a call',
                span,
                hint=uncalled.hint(parser, node.name, parser.index),
            )
        if node.name in ("import", "from", "def", "return", "lambda", "print"):
            parser.fail(
                "this looks like Python code: only expressions and name = value are understood", span,
                hint="leave out everything but the mathematics",
            )  # fmt: skip
    if token.text == "'":
        parser.fail('"\'" has no meaning here', token.span, "an operator", "write diff(f, x) for a derivative")
    meant = callees.by_meaning(before) if isinstance(node, Name) and len(before) > 1 else None
    matrix = f", of matrices {before}@{following(parser)}" if len(before) == 1 and before.isupper() else ""
    hint = meant or f"for a product, write {before}*{following(parser)}{matrix}"
    hint += "; for either of two conditions, write or" if token.text in readings.FENCES else ""
    parser.fail(f'an operator is missing before "{shorten(following(parser))}"', span, "an operator", hint)
