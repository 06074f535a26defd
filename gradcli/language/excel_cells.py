"""Ranges of cells: A1:B2 is A1, B1, A2, B2."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NoReturn

from gradcli.errors import GradcliError, Source, Span
from gradcli.language.tokens import Token

STAGE = "reading the Excel formula"
MAX_CELLS = 1_000  # of a range


def cells_of(tokens: Sequence[Token], source: Source) -> list[str]:
    """The cells of a range, row by row."""
    corners = [re.fullmatch(r"([A-Z]+)(\d+)", token.text) for token in (tokens[0], tokens[2])]
    span = tokens[0].span.to(tokens[2].span)
    if corners[0] is None or corners[1] is None:
        _fail(source, span, "this is not a range of cells", expected="A1:B3")
    columns = sorted(_number(corner.group(1)) for corner in corners if corner)
    rows = sorted(int(corner.group(2)) for corner in corners if corner)
    if (columns[1] - columns[0] + 1) * (rows[1] - rows[0] + 1) > MAX_CELLS:
        _fail(source, span, f"this range has more than {MAX_CELLS:,} cells", "write sum(x), and x=@file.csv by --at")
    return [
        f"{_letters(column)}{row}"
        for row in range(rows[0], rows[1] + 1)
        for column in range(columns[0], columns[1] + 1)
    ]


def _fail(source: Source, span: Span, message: str, hint: str | None = None, expected: str | None = None) -> NoReturn:
    raise GradcliError(STAGE, message, source=source, span=span, hint=hint, expected=expected)


def _number(letters: str) -> int:
    value = 0
    for letter in letters:
        value = 26 * value + ord(letter) - ord("A") + 1
    return value


def _letters(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number - 1, 26)
        text = chr(ord("A") + digit) + text
    return text
