"""What `--over` says: which variables vary, from where to where."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, NoReturn

from gradcli.errors import GradcliError, LimitError, Source, Span
from gradcli.language.brackets import outside
from gradcli.language.numbers import Dtype
from gradcli.language.point import LONGEST, read_value, split
from gradcli.language.tokens import Token, TokenKind, is_sign, tokenize
from gradcli.problem.values import to_dtype, value_of

STAGE = "reading the range"
OPTION = "--over"
EXAMPLE = "NAME=FROM:TO, such as x=-10:10"
MAX_POINTS = 20_000  # that are asked for
FARTHEST = Fraction(10) ** 150  # of an end
NARROWEST = Fraction(1, 10**12)  # width, by the larger end: doubles have 16 digits
LEAST_WIDTH = Fraction(1, 10**150)

_END = r"[-+]?\s*(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+|pi)"
_BOUNDS = re.compile(rf"\s*({_END})\s*:\s*({_END})\s*")
_BETWEEN = re.compile(rf"\s*(?P<first>{_END})\s*<=?\s*(?P<name>[^\W\d]\w*)\s*<=?\s*(?P<last>{_END})\s*")
_OTHERWISE = re.compile(
    rf"\s*(?P<name>[^\W\d]\w*)\s*(?:=|\bin\b)\s*[\[(]?\s*(?P<first>{_END})\s*(?:,|\.\.+|-|\bto\b|;)"
    rf"\s*(?P<last>{_END})\s*[\])]?\s*"
)

Over = str | Sequence[str] | Mapping[str, Any] | None


class Range(NamedTuple):
    """A variable that varies from `start` to `stop`, at `number` points if it was said; where it was said so."""

    name: str
    start: Fraction
    stop: Fraction
    number: int | None
    source: Source | None = None
    name_span: Span | None = None

    @property
    def width(self) -> Fraction:
        """From one end to the other."""
        return self.stop - self.start

    def points(self, count: int) -> list[Fraction]:
        """So many points from one end to the other, evenly spaced."""
        return [self.start + self.width * i / (count - 1) for i in range(count)]


def read_ranges(over: Over, dtype: Dtype, most: int = MAX_POINTS, farthest: Fraction = FARTHEST) -> list[Range]:
    """The ranges that texts give, as on the command line, or Python's tuples (from, to) and (from, to, count).

    No more than `most` points may be asked for, and no end beyond `farthest`.

    Raises GradcliError for a range that is empty, reversed or given twice.
    """
    if over is None:
        over = ()
    if isinstance(over, Mapping):
        found = [_from_python(name, given, dtype, most, farthest) for name, given in over.items()]
    else:
        arguments = [over] if isinstance(over, str) else over
        found = [_read_one(piece, dtype, most, farthest) for argument in arguments for piece in _pieces(argument)]
    for index, one in enumerate(found):
        if one.name in [other.name for other in found[:index]]:
            raise GradcliError(STAGE, f'"{one.name}" is given two ranges', source=one.source, span=one.name_span)
    return found


def _pieces(argument: str) -> list[str]:
    try:
        return split(argument, OPTION)
    except GradcliError as error:
        error.stage = STAGE
        raise


def _from_python(name: str, given: Any, dtype: Dtype, most: int, farthest: Fraction) -> Range:
    if isinstance(given, str):
        return _read_one(f"{name}={given}", dtype, most, farthest)
    try:
        start, stop, *rest = given
        first, last = (to_dtype(name, Fraction(end), dtype) for end in (start, stop))
        count = rest[0] if rest else None
        if len(rest) > 1 or not isinstance(count, int | None):
            raise TypeError
    except (TypeError, ValueError, OverflowError):
        raise GradcliError(
            STAGE, f'"{name}" has no such range: {given!r:.60}', expected="(from, to) or (from, to, points)"
        ) from None
    return _checked(Range(name, first, last, count), None, most, farthest)


def _read_one(piece: str, dtype: Dtype, most: int, farthest: Fraction) -> Range:
    source = Source(piece, OPTION)
    tokens = [token for token in tokenize(source) if token.kind is not TokenKind.END]
    if len(tokens) < 2 or tokens[0].kind is not TokenKind.NAME or tokens[1].text != "=":
        _fail(
            "this gives no name a range",
            tokens[0].span if tokens else Span(0, len(piece)),
            source,
            EXAMPLE,
            _meant(piece),
        )
    name = tokens[0]
    colons = _colons(tokens)
    begin = tokens[1].span.end
    if not colons or len(colons) > 2:
        place = Span(begin, len(piece)) if not colons else colons[2].span
        _fail(
            "this is not a range" if not colons else 'there is a ":" too many',
            place,
            source,
            f"{EXAMPLE} or x=-10:10:500",
            None if colons else _meant(piece),
        )
    cuts = [begin, *(colon.span.end for colon in colons)]
    ends = [*(colon.span.start for colon in colons), len(piece)]
    values = [_value(name, piece, Span(*cut), dtype, source) for cut in zip(cuts, ends)]
    spans = [_trimmed(piece, Span(*cut)) for cut in zip(cuts, ends)]
    count = None
    if len(values) == 3:
        if values[2].denominator != 1:
            _fail("the number of points is not a whole number", spans[2], source, "a whole number from 2")
        count = int(values[2])
    return _checked(Range(name.text, values[0], values[1], count, source, name.span), spans, most, farthest)


def _checked(one: Range, spans: Sequence[Span] | None, most: int, farthest: Fraction) -> Range:
    """The range, if it is one."""
    whole = spans[0].to(spans[1]) if spans else None
    said: dict[str, Any] = {"source": one.source, "span": whole}
    largest = max(abs(one.start), abs(one.stop))
    if one.start == one.stop:
        raise GradcliError(STAGE, f'the range of "{one.name}" is empty: it ends where it begins', **said)
    if one.start > one.stop:
        text = one.source.text if one.source else ""
        turned = f"write {one.name}={text[slice(*spans[1])]}:{text[slice(*spans[0])]}" if spans else None
        raise GradcliError(
            STAGE, f'the range of "{one.name}" runs backwards', **said, expected="the smaller end first", hint=turned
        )
    if largest > farthest:
        expected = f"ends up to {float(farthest):.0e}".replace("+", "")
        raise LimitError(STAGE, f'the range of "{one.name}" goes too far', **said, expected=expected)
    if one.width < max(LEAST_WIDTH, NARROWEST * largest):
        message = f'the range of "{one.name}" is too narrow to tell its points apart'
        raise LimitError(STAGE, message, **said, expected="a width of at least 1e-150, and 1e-12 of its ends")
    if one.number is not None and not 2 <= one.number <= most:
        said["span"] = spans[2] if spans else None
        raise (LimitError if one.number > most else GradcliError)(
            STAGE, f"{one.number:,} is not a number of points for a range", **said,
            expected=f"a whole number from 2 to {most:,}",
        )  # fmt: skip
    return one


def _colons(tokens: Sequence[Token]) -> list[Token]:
    """The colons outside brackets."""
    return [token for _, token in outside(tokens) if is_sign(token, ":")]


def _value(name: Token, piece: str, cut: Span, dtype: Dtype, source: Source) -> Fraction:
    """The number that a part of the text says; carets point into the whole text."""
    text = piece[slice(*cut)]
    if not text.strip():
        _fail("an end of the range is missing", Span(cut.start - 1, cut.start), source, EXAMPLE)
    padding = " " * (cut.start - len(name.text) - 1)
    try:
        value = value_of(read_value(name.text, padding + text, OPTION), dtype)
    except GradcliError as error:
        error.source, error.stage, error.hint = source, STAGE, None
        if error.span is not None and error.span.start < cut.start:
            error.span = _trimmed(piece, cut)
        raise
    if not isinstance(value, Fraction):
        _fail("an end of the range is a tensor", _trimmed(piece, cut), source, "a number")
    return value


def _trimmed(text: str, span: Span) -> Span:
    """A span without the spaces at its ends."""
    inner = text[slice(*span)]
    start = span.start + len(inner) - len(inner.lstrip())
    return Span(start, max(start, span.end - (len(inner) - len(inner.rstrip()))))


def _meant(piece: str) -> str | None:
    """What to write for a range as others write it: x=0,10, x=0..10, x=[0, 10], 0<x<10; None where it is none."""
    if len(piece) > LONGEST:
        return None
    if match := _BOUNDS.fullmatch(piece):
        return f"write x={match.group(1)}:{match.group(2)}, with the name of the variable"
    match = _BETWEEN.fullmatch(piece) or _OTHERWISE.fullmatch(piece)
    return f"write {match.group('name')}={match.group('first')}:{match.group('last')}" if match else None


def _fail(message: str, span: Span, source: Source, expected: str | None = None, hint: str | None = None) -> NoReturn:
    raise GradcliError(STAGE, message, source=source, span=span, expected=expected, hint=hint)
