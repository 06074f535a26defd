"""Standard input as a stream that can be told to end: a thread that waits for it must not hold up Ctrl-C."""

from __future__ import annotations

import io
import os
import select
import sys
import threading
from typing import Any

POLL = 0.1  # seconds between two looks whether anybody still wants it

_over = threading.Event()


def opened() -> io.BufferedReader:
    """Standard input, to be read front to back; it stays open when its reader is closed."""
    _over.clear()
    return io.BufferedReader(_Raw(sys.stdin.buffer))


def end() -> None:
    """Let whoever waits for more see the end."""
    _over.set()


class _Raw(io.RawIOBase):
    def __init__(self, stream: Any) -> None:
        self.stream = stream
        try:
            self.descriptor: int | None = stream.fileno()
        except (OSError, ValueError):  # kept in memory
            self.descriptor = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """What is there by now; nothing at the end."""
        data = self.stream.read(len(buffer)) if self.descriptor is None else self._waited(self.descriptor, len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _waited(self, descriptor: int, size: int) -> bytes:
        while os.name == "posix" and not select.select([descriptor], [], [], POLL)[0]:
            if _over.is_set():
                return b""
        return os.read(descriptor, size)
