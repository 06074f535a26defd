"""What a pool and its workers say to each other, as bytes: lines go one way, records come back."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Union

from gradcli.runtime.lines.records import LineRecord
from gradcli.runtime.lines.request import InputLine

_LINE = struct.Struct("!QI")
_SECONDS = struct.Struct("!d")
_COUNT = struct.Struct("!?I")
MISSING = 2**32 - 1  # the length of a line that was too long to be kept

_ALLOWANCE, _ANSWER = b"s", b"r"


class Records(NamedTuple):
    """The records of a portion: a mark for each, and their text; whether the worker ends after them."""

    retires: bool
    marks: bytes
    text: bytes


def portion(lines: Sequence[InputLine]) -> bytes:
    """Some lines as a message."""
    pieces: list[bytes] = []
    for number, text in lines:
        pieces.append(_LINE.pack(number, MISSING if text is None else len(text)))
        pieces.append(text or b"")
    return b"".join(pieces)


def lines_of(message: bytes) -> Iterator[InputLine]:
    """The lines of such a message."""
    at = 0
    while at < len(message):
        number, length = _LINE.unpack_from(message, at)
        at += _LINE.size
        if length == MISSING:
            yield InputLine(number, None)
            continue
        yield InputLine(number, message[at : at + length])
        at += length


def allowance(seconds: float) -> bytes:
    """That the next step may take so long."""
    return _ALLOWANCE + _SECONDS.pack(seconds)


def answer(records: Sequence[LineRecord], retires: bool) -> bytes:
    """The records of a portion; whether the worker ends after them."""
    marks = bytes(record.mark for record in records)
    return b"".join([_ANSWER, _COUNT.pack(retires, len(marks)), marks, *(record.text for record in records)])


def said(message: bytes) -> Union[float, Records]:
    """What a worker says: how long its next step may take, or its records."""
    if message[:1] == _ALLOWANCE:
        seconds: float = _SECONDS.unpack(message[1:])[0]
        return seconds
    retires, count = _COUNT.unpack_from(message, 1)
    start = 1 + _COUNT.size
    return Records(retires, message[start : start + count], message[start + count :])
