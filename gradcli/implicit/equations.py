"""Equations as somebody types them, read into a program whose named values are 0 where they hold."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from gradcli.errors import GradcliError, LimitError, Source, Span
from gradcli.functions import table
from gradcli.language.brackets import depths, outside
from gradcli.language.tokens import Token, TokenKind, is_sign, tokenize
from gradcli.problem.pasted import SURELY

STAGE = "reading the equations"
MAX_EQUATIONS = 4  # the formula of a solution by Cramer's rule is longer than a screen beyond


class Equations(NamedTuple):
    """A program whose values under `names` are 0 where the equations hold.

    shown   each equation as it was typed
    origin  where each character of the program stood in the `source`
    """

    program: str
    names: tuple[str, ...]
    shown: tuple[str, ...]
    source: Source
    origin: tuple[int, ...]

    @contextmanager
    def located(self) -> Iterator[None]:
        """Errors about the program point into the text that was typed."""
        try:
            yield
        except GradcliError as error:
            if error.source is not None and error.source.text == self.program:
                error.source = self.source
                if error.span is not None:
                    last = min(max(error.span.end - 1, error.span.start), len(self.origin) - 1)
                    start = self.origin[min(error.span.start, len(self.origin) - 1)]
                    error.span = Span(start, max(start + 1, self.origin[last] + 1))
            raise


class _TracedText:
    """A text that knows where its characters come from."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.origin: list[int] = []

    def copy(self, text: str, start: int, end: int) -> None:
        self.pieces.append(text[start:end])
        self.origin += range(start, end)

    def add(self, text: str, at: int) -> None:
        self.pieces.append(text)
        self.origin += [at] * len(text)


def read_equations(texts: Sequence[str] | str, known: Collection[str]) -> Equations:
    """Equations, and the assignments before them; `known` are names that have a value or are solved for.

    `NAME = ...` gives a new name a value, unless the name is known or this is the last statement. What has no `=` is
    an expression that is to be 0.

    Raises GradcliError for what is none, LimitError for too many.
    """
    text = texts if isinstance(texts, str) else "; ".join(texts)
    source = Source(text, "the equations")
    if SURELY.search(text):
        raise GradcliError(
            STAGE, "this is a cell of Python, and no equation", source=source, expected='such as "x**2 + y**2 = 1"',
            hint="write what is to be 0 as an equation; gradcli diff shows what the cell is read as",
        )  # fmt: skip
    tokens = tokenize(source)
    statements = _statements(tokens)
    if not statements:
        raise GradcliError(STAGE, "there is no equation", source=source, expected='such as "x**2 + y**2 = 1"')
    taken = {token.text for token in tokens if token.kind is TokenKind.NAME} | set(known)
    stem = next(f"equation{'_' * n}" for n in range(len(taken) + 1) if not any(
        name.startswith(f"equation{'_' * n}") for name in taken))  # fmt: skip
    written = _TracedText()
    names: list[str] = []
    shown: list[str] = []
    for index, statement in enumerate(statements):
        if index:
            written.add("; ", statement[0].span.start)
        start, end = statement[0].span.start, statement[-1].span.end
        sign = _sign(statement, source)
        if sign is not None and index < len(statements) - 1 and _is_assignment(statement, sign, known):
            written.copy(text, start, end)
            continue
        names.append(f"{stem}{len(names) + 1}")
        shown.append(" ".join(text[start:end].split()) + ("" if sign else " = 0"))
        written.add(f"{names[-1]} = (", start)
        written.copy(text, start, end if sign is None else _before(statement, sign, source))
        written.add(")", start if sign is None else sign.span.start)
        if sign is not None and text[sign.span.end : end].strip() != "0":
            written.add(" - (", sign.span.start)
            written.copy(text, sign.span.end, end)
            written.add(")", end - 1)
    if len(names) > MAX_EQUATIONS:
        raise LimitError(STAGE, f"there are {len(names)} equations", source=source,
                         expected=f"{MAX_EQUATIONS} at the most")  # fmt: skip
    if len(names) > 1:
        written.add("; " + " + ".join(names), len(text) - 1)
    return Equations("".join(written.pieces), tuple(names), tuple(shown), source, tuple(written.origin))


def _statements(tokens: Sequence[Token]) -> list[list[Token]]:
    found: list[list[Token]] = [[]]
    for token in tokens:
        if token.kind in (TokenKind.SEPARATOR, TokenKind.END):
            found.append([])
        else:
            found[-1].append(token)
    return [one for one in found if one]


def _sign(statement: Sequence[Token], source: Source) -> Token | None:
    """The sign of equality outside brackets, of which there may be one."""
    depth = 0
    for token, depth in zip(statement, depths(statement)):
        if depth < 0:
            raise GradcliError(STAGE, f'there is no bracket that this "{token.text}" closes', source=source,
                               span=token.span)  # fmt: skip
    found = [token for _, token in outside(statement) if is_sign(token, "=") or is_sign(token, "==")]
    if depth:
        opening = next(token for token in statement if token.kind is TokenKind.SIGN and token.text in ("(", "[", "{"))
        raise GradcliError(STAGE, "this bracket is not closed", source=source, span=opening.span)
    if len(found) > 1:
        raise GradcliError(
            STAGE, 'there are two "=" in one equation', source=source, span=found[1].span,
            hint="write several equations with ; between them",
        )  # fmt: skip
    if found and found[0] is statement[-1]:
        raise GradcliError(STAGE, "the right side is missing", source=source, span=found[0].span,
                           expected="an expression, such as 0")  # fmt: skip
    return found[0] if found else None


def _before(statement: Sequence[Token], sign: Token, source: Source) -> int:
    if statement[0] is sign:
        raise GradcliError(STAGE, "the left side is missing", source=source, span=sign.span,
                           expected="an expression")  # fmt: skip
    return sign.span.start


def _is_assignment(statement: Sequence[Token], sign: Token, known: Collection[str]) -> bool:
    """Whether a statement gives a new name a value, or defines a function."""
    left = [token for token in statement[: statement.index(sign)] if not is_sign(token, "'")]
    if sign.text == "==" or left[0].kind is not TokenKind.NAME:
        return False
    if len(left) == 1:
        return left[0].text not in known
    inner = left[2:-1]
    plain = all(one.kind is TokenKind.NAME or is_sign(one, ",") for one in inner)
    is_new = left[0].text not in table.BY_NAME and left[0].text not in known
    return is_new and is_sign(left[1], "(") and is_sign(left[-1], ")") and plain
