"""Numbers as they are written; what looks like one number and would be read as two things is refused."""

from __future__ import annotations

from fractions import Fraction

from gradcli.errors import LimitError
from gradcli.language import statics
from gradcli.language.callees import STAGE
from gradcli.language.nodes import Node, Number
from gradcli.language.stack import Stack
from gradcli.language.tokens import Token, TokenKind

LONGEST_EXPONENT = 4  # characters of D308
KINDS = frozenset(("4", "8", "16"))  # bytes of numbers in Fortran: 1.5_8
ENDS = ("", ",", ";", ")", "]", "}")  # behind which an exponent was left unfinished: 1e
MAX_DIGITS = 1_000  # digits of a literal, its exponent's zeros included


def number(parser: Stack, token: Token) -> Number:
    """The node of a literal."""
    if token.text.isdigit() and len(token.text) < 16 and parser.token.kind is not TokenKind.NAME:
        return Number(token.text, Fraction(int(token.text)), token.span)
    check_kind(parser, token)
    text = token.text.replace("_", "").lower()
    mantissa, _, exponent = text.partition("e")
    if len(mantissa) + (abs(int(exponent)) if 0 < len(exponent) < 9 else 0) > MAX_DIGITS or len(exponent) >= 9:
        raise too_long(parser, token)
    check_suffix(parser, token)
    return Number(token.text, Fraction(text), token.span)


def too_long(parser: Stack, token: Token) -> LimitError:
    """The error for a number that nobody needs."""
    message = f"the number would have more than {MAX_DIGITS:,} digits"
    return LimitError(STAGE, message, source=parser.source, span=token.span)


def check_kind(parser: Stack, token: Token) -> None:
    """Refuse `1.5_8`, which is 1.5 in Fortran, of a kind with 8 bytes, and 1.58 in Python."""
    digits, _, kind = token.text.rpartition("_")
    if digits and kind in KINDS:
        parser.fail(
            f'"{token.text}" can be read in two ways',
            token.span,
            hint=f"write {digits} for the number of Fortran, or {token.text.replace('_', '')} for all of the digits",
        )


def check_suffix(parser: Stack, token: Token) -> None:
    """Refuse what looks like one number and would be read as two things."""
    after = parser.token
    if after.kind is not TokenKind.NAME:
        return
    if after.span.start != token.span.end:
        _check_spaced_exponent(parser, token)
        return
    span = token.span.to(after.span)
    if after.text in ("j", "J"):
        parser.fail(
            "complex numbers are not supported",
            span,
            hint=f"for a variable {after.text}, write {token.text}*{after.text}",
        )
    if token.text == "0" and after.text[0] in "xXbBoO" and after.text[1:2].isalnum():
        parser.fail("numbers are written in decimals", span, hint=f"for a product, write 0*{after.text}")
    is_plain = token.text != "1" and "." not in token.text  # nobody writes 1e for e, and 2e may be a product
    if after.text in ("e", "E") and not is_plain and parser.tokens[parser.index + 1].text in ENDS:
        parser.fail(
            f'"{token.text}{after.text}" can be read in two ways',
            span,
            hint=f"write {token.text}*{after.text} for {_meant(after)}, or {token.text}e3 for a power of ten",
        )
    if after.text in ("e", "E") and (parser.sign("+", 1) or parser.sign("-", 1)):
        sign = parser.tokens[parser.index + 1].text
        parser.fail(
            f'"{token.text}{after.text}{sign}" can be read in two ways',
            span,
            hint=f"write {token.text}*{after.text} {sign} ... for {_meant(after)},"
            f" or {token.text}e{sign}3 for a power of ten",
        )
    if after.text in ("d", "D") and (parser.sign("+", 1) or parser.sign("-", 1)) and _is_power_of_ten(parser, after):
        sign, digits = (parser.tokens[parser.index + ahead].text for ahead in (1, 2))
        parser.fail(
            f'"{token.text}{after.text}{sign}{digits}" can be read in two ways',
            token.span.to(parser.tokens[parser.index + 2].span),
            hint=f"write {token.text}e{sign}{digits} for the number, or {token.text}*{after.text} {sign} {digits}",
        )
    check_exponent(parser, token)
    if token.text.endswith("."):
        parser.fail(
            f'"{token.text}{after.text}" can be read in two ways',
            span,
            hint=f"write {token.text}0*{after.text} for a product",
        )


def _meant(letter: Token) -> str:
    """What e or E is where it is no exponent."""
    return "the constant e" if letter.text == "e" else "the variable E"


def _check_spaced_exponent(parser: Stack, token: Token) -> None:
    """Refuse `1.5 e -3`, which is 1.5e-3 with spaces in it, or 1.5*e - 3."""
    letter = parser.token
    behind = parser.tokens[parser.index + 1 : parser.index + 3]
    if letter.text not in ("e", "E") or len(behind) < 2:
        return
    sign, digits = behind
    if sign.text not in ("+", "-") or digits.kind is not TokenKind.NUMBER or not digits.text.isdigit():
        return
    if sign.span.end != digits.span.start or letter.span.end == sign.span.start:
        return
    parser.fail(
        f'"{token.text} {letter.text} {sign.text}{digits.text}" can be read in two ways',
        token.span.to(digits.span),
        hint=f"write {token.text}e{sign.text}{digits.text} for the number, or"
        f" {token.text}*{letter.text} {sign.text} {digits.text}",
    )


def check_exponent(parser: Stack, token: Token) -> None:
    """Refuse `2.0D0`, a number in Fortran, unless D0 is a name elsewhere in the program."""
    name = parser.token.text
    if name[0] not in "dD" or not name[1:].isdigit() or len(name) > LONGEST_EXPONENT:
        return
    glued = {token.span.end for token in parser.tokens if token.kind is TokenKind.NUMBER}
    if any(one.text == name and one.span.start not in glued for one in parser.tokens):
        return
    parser.fail(
        f'"{token.text}{name}" can be read in two ways',
        token.span.to(parser.token.span),
        hint=f"write {token.text}e{name[1:]} for the number, or {token.text.rstrip('.')}*{name}",
    )


def _is_power_of_ten(parser: Stack, letter: Token) -> bool:
    """Whether a sign and a whole number follow a letter without a space, as in Fortran's 2.5D-3."""
    sign, digits = (parser.tokens[parser.index + ahead] for ahead in (1, 2))
    tight = letter.span.end == sign.span.start and sign.span.end == digits.span.start
    return tight and digits.kind is TokenKind.NUMBER and digits.text.isdigit()


def check_uncertain(parser: Stack) -> None:
    """Refuse `10(5)`: a product to some, and to others ten with five units of its last digit to doubt."""
    before, opening, digits = (parser.tokens[parser.index + ahead] for ahead in (-1, 0, 1))
    tight = before.span.end == opening.span.start and opening.span.end == digits.span.start
    if before.kind is not TokenKind.NUMBER or not tight or not digits.text.isdigit() or not parser.sign(")", 2):
        return
    parser.fail(
        f'"{before.text}({digits.text})" can be read in two ways',
        before.span.to(parser.tokens[parser.index + 2].span),
        hint=f"write {before.text}*{digits.text} for the product, or {before.text} alone for the value",
    )


def text(parser: Stack, token: Token) -> Node:
    """A word in quotes, which is all of an argument; that it may be one is checked with the call."""
    if not parser.is_whole_argument():
        parser.fail(f"{token.text} has no meaning here", token.span, "a value", statics.meaning(token.text))
    return statics.word(token.text, token.span)
