"""The lines of a file of claims, and how long their ids are: an output that is aligned wants to know beforehand."""

from __future__ import annotations

import re

from gradcli.runtime.lines.lines import Descriptor
from gradcli.runtime.lines.request import InputLine

LONGEST = 40  # characters of an id that others are aligned with

_ID = re.compile(rb'"id"\s*:\s*(?:"((?:[^"\\]|\\.)*)"|(-?\d+))')


class NamedLines(Descriptor):
    """Lines as they are read; `width` is that of the longest id so far."""

    width = 0

    def pull(self) -> list[InputLine]:
        """The lines that the next read completes; it waits if there is nothing."""
        found = super().pull()
        self.width = max([self.width, *map(_width, found)])
        return found


def _width(line: InputLine) -> int:
    match = _ID.search(line.text or b"")
    said = str(line.number) if match is None else (match[1] or match[2] or b"").decode("utf-8", "replace")
    return len(said) if len(said) <= LONGEST else 0
