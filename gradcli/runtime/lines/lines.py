"""The lines of the input, read no further than there is room for."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from gradcli.errors import GradcliError
from gradcli.runtime.lines.request import InputLine

STAGE = "reading the lines"
MAX_LINE = 16 << 20  # bytes of one line; of a longer one nothing is kept
READ_SIZE = 1 << 18
SLICE = 0.005  # seconds for which an iterable is asked for more at a time


class Descriptor:
    """Lines from a file, a pipe or a terminal; blank ones are counted, and left out.

    A stream of Python's own has no descriptor, but a function that reads so many bytes of it.
    """

    def __init__(self, descriptor: int | None, read: Callable[[int], bytes] | None = None) -> None:
        self.descriptor = descriptor
        self._read = read or partial(os.read, descriptor or 0)
        self.ended = False
        self.position = 0  # bytes that were read
        self.number = 0  # lines
        self.ahead: list[InputLine] = []  # lines that were read while others were skipped
        self._pieces: list[bytes] = []
        self._length = 0
        self._is_dropping = False

    def skip(self, count: int) -> InputLine | None:
        """Leave out so many lines; the last one of them, or None where there are fewer."""
        last = None
        while count and not self.ended:
            found = self.pull()
            if found[:count]:
                last = found[:count][-1]
            self.ahead = found[count:]
            count -= min(count, len(found))
        return None if count else last

    def pull(self) -> list[InputLine]:
        """The lines that the next read completes; it waits if there is nothing."""
        try:
            data = self._read(READ_SIZE)
        except OSError as error:
            raise GradcliError(STAGE, f"the input cannot be read: {error.strerror}") from error
        self.position += len(data)
        if not data:
            self.ended = True
            return self._taken([b"".join(self._pieces)]) if self._pieces or self._is_dropping else []
        first, *others = data.split(b"\n")
        self._add(first)
        if not others:
            return []
        complete = [b"".join(self._pieces), *others[:-1]]
        found = self._taken(complete)
        self._pieces, self._length = [], 0
        self._add(others[-1])
        return found

    def _add(self, piece: bytes) -> None:
        """A piece of the line that has not ended yet."""
        self._length += len(piece)
        if self._length > MAX_LINE:
            self._is_dropping = True
            self._pieces = []
        elif piece and not self._is_dropping:
            self._pieces.append(piece)

    def _taken(self, complete: list[bytes]) -> list[InputLine]:
        found = []
        for text in complete:
            self.number += 1
            line = InputLine(self.number, None if self._is_dropping or len(text) > MAX_LINE else text)
            self._is_dropping = False
            if line.text is not None and not line.text.strip(b" \t\r"):
                continue
            found.append(line)
        return found


class Items:
    """Lines from Python's objects: programs as strings, and mappings with the fields of a request."""

    def __init__(self, items: Iterable[str | Mapping[str, Any]]) -> None:
        self.descriptor: int | None = None
        self.ended = False
        self.position = 0
        self.number = 0
        self.ahead: list[InputLine] = []
        self._items = iter(items)

    def pull(self) -> list[InputLine]:
        """The next few items."""
        found: list[InputLine] = []
        end = time.monotonic() + SLICE
        while not found or time.monotonic() < end:
            try:
                item = next(self._items)
            except StopIteration:
                self.ended = True
                break
            self.number += 1
            found.append(InputLine(self.number, _encoded(item)))
        return found


def _encoded(item: Any) -> bytes:
    """An item as the line that asks for the same; NaN and what is no data are left to be refused there."""
    return json.dumps(item, default=_plain, ensure_ascii=False).encode("utf-8", "backslashreplace")


def _plain(value: Any) -> Any:
    """Arrays, tensors and mappings as lists and dicts."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, Iterable) else f"{value!r}"
