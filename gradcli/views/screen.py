"""What an output goes to: a terminal or not, how wide, and what it can show."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from typing import TextIO

DEFAULT_WIDTH = 80


@dataclass(frozen=True)
class Screen:
    """A view's idea of where it will be read; `width` is None where lines may be as long as they like."""

    width: int | None
    color: bool
    unicode: bool

    @property
    def is_terminal(self) -> bool:
        """Whether a person reads it as it comes."""
        return self.width is not None


def screen_of(stream: TextIO | None) -> Screen:
    """What a stream can show. NO_COLOR is honoured, and so is a terminal that calls itself dumb."""
    stream = stream or sys.__stdout__
    encoding = (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "")
    terminal = stream is not None and stream.isatty()
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    width = shutil.get_terminal_size((DEFAULT_WIDTH, 24)).columns if terminal else None
    return Screen(width, terminal and not plain, encoding == "utf8")
