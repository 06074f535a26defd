"""What stands in fences and in comments of Markdown, found in one pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class Fence(NamedTuple):
    """Code between fences of Markdown: where it begins and ends with them, what it is said to be, and the code."""

    start: int
    end: int
    label: str
    code: str


def fences(text: str) -> list[Fence]:
    """What stands in fences, in order; a fence that is never closed is none."""
    found: list[Fence] = []
    opened: tuple[int, int, str] | None = None
    index = 0
    for line in text.splitlines(keepends=True):
        if line.startswith("```"):
            if opened is None:
                words = line[3:].split()
                opened = (index, index + len(line), words[0] if words else "")
            elif not line[3:].strip():
                found.append(Fence(opened[0], index + len(line), opened[2], text[opened[1] : index]))
                opened = None
        index += len(line)
    return found


def unfenced(text: str, filler: str) -> str:
    """A text without what stands in fences, or with so many fillers instead."""
    pieces, place = list[str](), 0
    for one in fences(text):
        pieces += [text[place : one.start], filler * (one.end - one.start)]
        place = one.end
    return "".join([*pieces, text[place:]])


def comments_of(text: str) -> Iterator[tuple[int, str]]:
    """The comments of a text, each with where it begins."""
    start = text.find("<!--")
    while start >= 0 and (end := text.find("-->", start)) >= 0:
        yield start, text[start + 4 : end]
        start = text.find("<!--", end)
