"""How lines go to a worker, and records come back: bytes with their length in front."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gradcli.runtime.lines.records import LineRecord
from gradcli.runtime.lines.request import InputLine

_LINE = struct.Struct("!QI")
_HEAD = struct.Struct("!BI")  # what it is, and how long
_SECONDS = struct.Struct("!d")
_COUNT = struct.Struct("!?I")
MISSING = 2**32 - 1  # the length of a line that was too long to be kept

PORTION, ALLOWANCE, ANSWER = range(3)
READ_SIZE = 1 << 16  # a pipe holds no more


class Message(NamedTuple):
    """One message: its kind, and its content."""

    kind: int
    content: bytes


def portion(lines: Sequence[InputLine]) -> bytes:
    """Some lines as a message."""
    pieces: list[bytes] = []
    for number, text in lines:
        pieces.append(_LINE.pack(number, MISSING if text is None else len(text)))
        pieces.append(text or b"")
    return _message(PORTION, b"".join(pieces))


def lines_of(content: bytes) -> Iterator[InputLine]:
    """The lines of such a message."""
    at = 0
    while at < len(content):
        number, length = _LINE.unpack_from(content, at)
        at += _LINE.size
        if length == MISSING:
            yield InputLine(number, None)
            continue
        yield InputLine(number, content[at : at + length])
        at += length


def allowance(seconds: float) -> bytes:
    """That the next step may take so long."""
    return _message(ALLOWANCE, _SECONDS.pack(seconds))


def seconds_of(content: bytes) -> float:
    """How long the next step may take."""
    found: float = _SECONDS.unpack(content)[0]
    return found


def answer(records: Sequence[LineRecord], retires: bool) -> bytes:
    """The records of a portion; whether the worker ends after them."""
    marks = bytes(record.mark for record in records)
    return _message(ANSWER, _COUNT.pack(retires, len(marks)) + marks + b"".join(record.text for record in records))


def answer_of(content: bytes) -> tuple[bool, bytes, bytes]:
    """Whether the worker ends, the marks, and the text of the records."""
    retires, count = _COUNT.unpack_from(content)
    start = _COUNT.size + count
    return retires, content[_COUNT.size : start], content[start:]


def _message(kind: int, content: bytes) -> bytes:
    return _HEAD.pack(kind, len(content)) + content


class Inbox:
    """Messages as they arrive, in pieces."""

    def __init__(self) -> None:
        self.buffer = bytearray()

    def read(self, descriptor: int) -> list[Message] | None:
        """The messages that one read completes, None at the end."""
        data = os.read(descriptor, READ_SIZE)
        if not data:
            return None
        self.buffer += data
        found = []
        while len(self.buffer) >= _HEAD.size:
            kind, length = _HEAD.unpack_from(self.buffer)
            end = _HEAD.size + length
            if len(self.buffer) < end:
                break
            found.append(Message(kind, bytes(self.buffer[_HEAD.size : end])))
            del self.buffer[:end]
        return found


def send(descriptor: int, data: bytes) -> None:
    """Write all of it."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
