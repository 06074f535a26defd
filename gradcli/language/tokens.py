"""Text to tokens. What is no token of the language is refused here, with a hint where one is known."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple, NoReturn

from gradcli.errors import GradcliError, LimitError, Source, Span
from gradcli.language.notation import LOWERED

MAX_SOURCE = 500_000  # characters of a program; a sum of 20,000 terms has about 300,000
MAX_TOKENS = 160_000
MAX_NAME = 100

STAGE = "reading the program"


class TokenKind(Enum):
    """What a token is."""

    NUMBER = "a number"
    NAME = "a name"
    SIGN = "a sign"
    SUPERSCRIPT = "a raised number"
    TEXT = "a word in quotes"
    SEPARATOR = "the end of the statement"
    END = "the end of the program"


class Token(NamedTuple):
    """A piece of the source: what it is, its text in plain spelling, and where it stands."""

    kind: TokenKind
    text: str
    span: Span


def is_sign(token: Token, text: str) -> bool:
    """Whether a token is that sign."""
    return token.kind is TokenKind.SIGN and token.text == text


# Signs that mean an ASCII one. `·` is U+00B7 or U+22C5, the minus U+2212, both are pasted all the time.
PLAIN = {
    "…": "...",
    "×": "*",
    "✕": "*",
    "✖": "*",
    "·": "*",
    "⋅": "*",
    "∙": "*",
    "÷": "/",
    "−": "-",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "^": "**",
    "∗": "*",
    "∕": "/",
    "∥": "‖",
    **dict.fromkeys("–‐‑‒﹣－", "-"),  # dashes and hyphens that word processors put in the place of a minus
}

# Greek letters are names in formulas. Those that cannot be told from a Latin letter are not, since two
# names that look the same would be two variables.
GREEK = "αβγδεζηθικλμνξρσςτυφχψωϕϑϵΓΔΘΛΞΠΣΦΨΩ"

# What is read as another character, each in its place: letters, digits and signs as wide as Chinese ones, italic
# letters as formulas of web pages have them, spaces, and what cannot be seen between two characters. A bold letter may
# well be another variable than a plain one, and is none of these.
_ITALIC = (*range(0x1D434, 0x1D468), *range(0x1D6E2, 0x1D71C), 0x210E)
_SPACES = (*range(0x2000, 0x200C), 0x205F, 0x2060, 0x2061, 0x2062, 0x3000, 0xFEFF)
ALIKE: dict[int, int | str] = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    **{
        code: plain
        for code in _ITALIC
        if (plain := chr(int(unicodedata.decomposition(chr(code)).rpartition(" ")[2] or "0", 16))).isascii()
        or plain in (*GREEK, "π")
    },
    **dict.fromkeys(_SPACES, " "),
    **dict.fromkeys(map(ord, "•‧・"), "·"),
}
_INVISIBLE = "\u200b\u2060\ufeff"  # what stands between two characters, and cannot be seen
_JOINING = re.compile(rf"[\w.]([{_INVISIBLE}]+)[\w.]|[\d.][eE]([{_INVISIBLE}]+)[-+−–]\d")

# x₁ is the name x1, as x_1 is in LaTeX.
SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")

QUOTES = {'"': '"', "'": "'", "“": "”", "„": "“", "‘": "’", "«": "»", "$": "$"}

# An apostrophe is also the sign of a derivative: a word in quotes begins where an argument does.
_QUOTED = re.compile(r"'[^'\"\n;]*'")
BEFORE_TEXT = ("(", ",", "=")
MAX_TEXT = 100

FRACTIONS = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅛⅜⅝⅞"
_NUMBER = r"(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][+\-−–]?\d+)?"
_SCANNER = re.compile(
    rf"""(?P<space>[ \t\r\f\u00a0\u2009\u202f]+|\\\n)
    |(?P<comment>\#[^\n]*)
    |(?P<number>{_NUMBER})
    |(?P<name>π|[A-Za-z_{GREEK}][A-Za-z0-9_{GREEK}₀₁₂₃₄₅₆₇₈₉]*)
    |(?P<raised>[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)
    |(?P<separator>[;\n][;\s]*)
    |(?P<sign>\.\.\.|…|\*\*|//|==|!=|<=|>=|[-+*/^%@!<>=(),\[\]∂.:'√∛×✕✖·⋅∙÷−–‐‑‒﹣－≤≥≠∗∕|‖∥])
    |(?P<fraction>[{FRACTIONS}])
    |(?P<text>"[^"'\n;]*"|“[^”\n;]*”|‘[^’\n;]*’)
    """,
    re.VERBOSE | re.ASCII,
)


def tokenize(source: Source) -> list[Token]:
    """The tokens of a source, closed by an END token."""
    if len(source.text) > MAX_SOURCE:
        raise LimitError(
            STAGE,
            f"the text is longer than {MAX_SOURCE:,} characters",
            hint="compute a part of it, or split the program",
        )
    tokens = list(itertools.islice(_scan(source), MAX_TOKENS + 1))
    if len(tokens) > MAX_TOKENS:
        raise LimitError(STAGE, f"the program has more than {MAX_TOKENS:,} numbers, names and signs")
    return tokens


def as_plain(text: str) -> str:
    """A text with the characters in it that are read as others put as those, each in its place."""
    return text if text.isascii() else text.translate(ALIKE)


def is_translated(text: str) -> bool:
    """Whether a text has characters that are read as others, but for its comments and the mark that begins a file."""
    read = text.strip("\ufeff") if text.isascii() else re.sub("#[^\n]*", "", text.strip("\ufeff"))
    return as_plain(read) != read


def _scan(source: Source) -> Iterator[Token]:
    text, depth = as_plain(source.text), 0
    position, end = _unquoted(text)
    before = ""
    while position < end:
        match = (text[position] == "'" and before in BEFORE_TEXT and _QUOTED.match(text, position)) or None
        match = match or _SCANNER.match(text, position)
        if match is None:
            _refuse(source, position)
        span = Span(position, match.end())
        position = match.end()
        group, piece = match.lastgroup or "text", match.group()
        before = before if group in ("space", "comment") else piece
        if group == "space" and not source.text.isascii():
            joined = _JOINING.search(source.text, max(0, span.start - 2), span.end + 2)
            if joined is not None:
                _refuse(source, joined.start(joined.lastindex or 0))
        if group == "number":
            yield Token(TokenKind.NUMBER, piece.replace("−", "-").replace("–", "-"), span)
        elif group == "name":
            _check_name(source, piece, span)
            yield Token(TokenKind.NAME, "pi" if piece == "π" else piece.translate(SUBSCRIPTS), span)
        elif group == "raised":
            yield Token(TokenKind.SUPERSCRIPT, piece.translate(LOWERED), span)
        elif group == "sign":
            depth += (piece in "([") - (piece in ")]")
            yield Token(TokenKind.SIGN, PLAIN.get(piece, piece), span)
        elif group == "text":
            yield Token(TokenKind.TEXT, _checked_text(source, piece, span), span)
        elif group == "fraction":
            yield from _fraction(source, piece, span)
        elif group == "separator" and (";" in piece or depth <= 0):
            yield Token(TokenKind.SEPARATOR, piece, span)
            depth = 0
    yield Token(TokenKind.END, "", Span(end, end))


def _unquoted(text: str) -> tuple[int, int]:
    """Where a program begins and ends that stands in quotes, as it was pasted."""
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    if end - start > 1 and text[end - 1] == QUOTES.get(text[start]) and text[start] not in text[start + 1 : end - 1]:
        return start + 1, end - 1
    return 0, len(text)


def _fraction(source: Source, character: str, span: Span) -> Iterator[Token]:
    """½ is (1/2); behind a digit it would be a sum."""
    before = source.text[: span.start].rstrip()
    if before[-1:].isdigit():
        raise GradcliError(
            STAGE,
            f'"{before[-1]}{character}" can be read in two ways',
            source=source,
            span=Span(len(before) - 1, span.end),
            hint=f"write the number in decimals, or {before[-1]}*{character} for a product",
        )
    above, _, below = unicodedata.normalize("NFKC", character).partition("⁄")
    pieces = ("(", above, "/", below, ")")
    for piece in pieces:
        yield Token(TokenKind.NUMBER if piece.isdigit() else TokenKind.SIGN, piece, span)


def _checked_text(source: Source, piece: str, span: Span) -> str:
    """A word in quotes, in those that are printed."""
    if len(piece) > MAX_TEXT:
        raise LimitError(STAGE, f"a word in quotes is longer than {MAX_TEXT} characters", source=source, span=span)
    return f"'{piece[1:-1].strip()}'"


def _check_name(source: Source, name: str, span: Span) -> None:
    if len(name) > MAX_NAME:
        raise LimitError(STAGE, f"a name is longer than {MAX_NAME} characters", source=source, span=span)
    if name.startswith("__"):
        raise GradcliError(STAGE, "a name does not begin with __", source=source, span=span)


_HINTS = {
    "&": "write `and`",
    "~": "write `not`",
    "?": "for a branch write where(condition, a, b)",
    "{": "use round brackets",
    "}": "use round brackets",
    '"': "a program has no texts: names and numbers only",
    "`": "a program has no texts: names and numbers only",
    "∫": "gradcli differentiates; it does not integrate",
    "∞": "there is no infinity in a program; a value is given by --at x=inf",
    "∑": "write Sum(x[i], i) with an index, or sum(x) for all entries",
    "∏": "write Product(x[i], i) with an index, or prod(x) for all entries",
    "—": "write - for a minus",
    "°": "write deg2rad(90) for 90 degrees",
    "∜": "write root(x, 4)",
    "⨯": "write * for a product, cross(a, b) for that of vectors",
    "⁄": "write a fraction as (1/2)",
    **dict.fromkeys(_INVISIBLE, "leave it out, or write the sign that is meant there"),
    **dict.fromkeys("⌊⌋", "write floor(x)"),
    **dict.fromkeys("⌈⌉", "write ceil(x)"),
    "ᵀ": "write x.T for the transpose, @ between matrices and vectors",
    "±": "write both values: [a + b, a - b]",
    "∓": "write both values: [a - b, a + b]",
    "∇": "the gradient is what is shown: leave it out",
    "⊙": "write *: it is entry by entry here",
    "⊗": "write outer(a, b) of vectors, kron(A, B) of matrices",
    "∘": "write * for a product entry by entry, f(g(x)) for a function of another one",
    "∈": "what a name may be is said by --assume",
    "µ": "numbers have no units here: write 1e-6, or the Greek letter μ for a name",
    "Ω": "the Greek letter Ω (U+03A9) is a name; this is the sign of the unit",
    "′": "a derivative is written f'(3) of a function f, or diff(f, x)",
    **dict.fromkeys("€£¥", "numbers have no units here: leave it out"),
    "$": "write the expression without $ signs",
    "\\": "write the expression in plain text, not in LaTeX",
}


def _refuse(source: Source, position: int) -> NoReturn:
    character = source.text[position]
    hint = _HINTS.get(character)
    if character.isdigit():
        hint = hint or "write digits as 0 to 9, an index as x1"
    elif unicodedata.decomposition(character).startswith("<super>"):
        hint = hint or _raised(source.text, position)
    elif character.isalpha() or unicodedata.combining(character):
        hint = hint or "names are made of a-z, A-Z, 0-9, _ and Greek letters"
    raise GradcliError(
        STAGE,
        f"{describe(character)} has no meaning here",
        source=source,
        span=Span(position, position + 1),
        hint=hint,
    )


def _raised(text: str, position: int) -> str | None:
    """What to write for raised characters: ⁻ⁿ is a power, ⁽²⁾ a power or a derivative, ™ neither."""
    behind = itertools.takewhile(_is_raised, text[position:])
    plain = unicodedata.normalize("NFKC", "".join(behind)).replace("−", "-")
    inner = plain[1:-1] if plain.startswith("(") and plain.endswith(")") else ""
    if inner.isdigit():
        return f"write ^{inner} for a power, diff(f, x, {inner}) for a derivative"
    bare = plain.lstrip("-+")
    if not bare.isalnum() or text[position] in "™℠":
        return None
    return f"write ^ for a power, as in x^{plain if bare == plain else f'({plain})'}"


def _is_raised(character: str) -> bool:
    return unicodedata.decomposition(character).startswith("<super>")


def describe(character: str) -> str:
    """A character for a message: itself where it can be seen, with its code where it may deceive."""
    code = f"U+{ord(character):04X} {unicodedata.name(character, 'without a name')}"
    if character.isascii() and character.isprintable():
        return f"'{character}'" if character == '"' else f'"{character}"'
    return f'"{character}" ({code})' if character.isprintable() else f"the invisible character {code}"
