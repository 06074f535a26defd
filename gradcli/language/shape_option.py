"""What `--shape` says: the sizes of each name that stands for a tensor."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple, NoReturn

from gradcli.errors import OPTIONS, GradcliError, Source, Span
from gradcli.functions.shapes import MAX_ELEMENTS
from gradcli.language.parser import RESERVED
from gradcli.language.point import split
from gradcli.language.tokens import Token, TokenKind, tokenize

EXAMPLE = "NAME=SIZE,SIZE,..., such as A=2,3"
LONGEST = 100  # characters of what is looked through for a hint
_OTHERWISE = re.compile(
    r"\s*(?:([^\W\d]\w*)\s*=)?\s*[(\[]?\s*([1-9]\d*(?:(?:\s*[,x×*;]\s*|\s+)[1-9]\d*)*)\s*,?\s*[)\]]?\s*"
)


class ShapeGiven(NamedTuple):
    """A name, its sizes, the text that both were read from, and where the name stands there."""

    name: str
    sizes: tuple[int, ...]
    source: Source
    name_span: Span


def read_shapes(arguments: Iterable[str]) -> dict[str, ShapeGiven]:
    """The sizes that a list of `NAME=SIZE,SIZE,...[,NAME=...]` gives."""
    shapes: dict[str, ShapeGiven] = {}
    for argument in arguments:
        try:
            pieces = [(Source(piece, "--shape"), tokenize(Source(piece))) for piece in split(argument, "--shape")]
        except GradcliError as error:
            error.stage = OPTIONS
            error.source = Source(argument, "--shape")
            raise
        for source, tokens in pieces:
            one = _read_one(source, [token for token in tokens if token.kind is not TokenKind.END])
            if one.name in shapes:
                _fail(f'"{one.name}" is given two shapes', one.name_span, source)
            shapes[one.name] = one
    return shapes


def _read_one(source: Source, tokens: list[Token]) -> ShapeGiven:
    whole = Span(0, len(source.text))
    if len(tokens) < 2 or tokens[0].kind is not TokenKind.NAME or tokens[1].text != "=":
        _fail("this gives no name a shape", tokens[0].span if tokens else whole, source, EXAMPLE, _meant(source.text))
    name = tokens[0]
    if name.text in RESERVED:
        _fail(f'"{name.text}" cannot be a name', name.span, source)
    sizes = []
    for index, token in enumerate(tokens[2:]):
        if index % 2:
            if token.text != ",":
                _fail('"," is missing between two sizes', token.span, source, EXAMPLE, _meant(source.text))
            continue
        if token.kind is not TokenKind.NUMBER or not token.text.isdigit() or not 0 < _size(token) <= MAX_ELEMENTS:
            shown = source.text[slice(*token.span)]
            expected = f"a whole number from 1 to {MAX_ELEMENTS:,}"
            _fail(f'"{shown}" is not a size', token.span, source, expected, _meant(source.text))
        sizes.append(_size(token))
    if len(tokens) % 2 == 0:
        _fail(f'a size is missing after "{tokens[-1].text}"', tokens[-1].span, source, EXAMPLE)
    return ShapeGiven(name.text, tuple(sizes), source, name.span)


def _size(token: Token) -> int:
    """The size; one past the limit for more digits than any size has."""
    return int(token.text) if len(token.text) < len(str(MAX_ELEMENTS)) + 1 else MAX_ELEMENTS + 1


def _meant(text: str) -> str | None:
    """What to write for sizes as others write them: (3,), [2, 3], 3x1; None where they are none."""
    found = _OTHERWISE.fullmatch(text) if len(text) <= LONGEST else None
    if found is None:
        return None
    return f"write --shape {found.group(1) or 'x'}={','.join(re.findall('[1-9][0-9]*', found.group(2)))}"


def _fail(message: str, span: Span, source: Source, expected: str | None = None, hint: str | None = None) -> NoReturn:
    raise GradcliError(OPTIONS, message, source=source, span=span, expected=expected, hint=hint)
