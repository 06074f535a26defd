"""Lines of an input: counted, cut where they are too long, skipped."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.doors import MAX_LINE, Descriptor


@pytest.mark.parametrize("pieces", [["a\n\n b\r\nc"], ["a", "\n", "\n b\r", "\nc"], list("a\n\n b\r\nc")])
def test_lines_are_counted_and_blank_ones_left_out(pieces: list[str]) -> None:
    reading, writing = os.pipe()
    lines, found = Descriptor(reading), []
    for piece in pieces:
        os.write(writing, piece.encode())
        found += lines.pull()
    os.close(writing)
    while not lines.ended:
        found += lines.pull()
    os.close(reading)
    assert found == [(1, b"a"), (3, b" b\r"), (4, b"c")]


def test_a_line_that_is_too_long_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"a\n" + b"x" * (MAX_LINE + 1) + b"\nb\n" + b"y" * (2 * MAX_LINE))
    descriptor = os.open(path, os.O_RDONLY)
    lines, found = Descriptor(descriptor), []
    while not lines.ended:
        found += lines.pull()
        assert sum(map(len, lines._pieces)) <= MAX_LINE
    os.close(descriptor)
    assert found == [(1, b"a"), (2, None), (3, b"b"), (4, None)]


@pytest.mark.parametrize(("skipped", "last"), [(1, 1), (2, 3), (4, None)])
def test_lines_are_skipped(tmp_path: Path, skipped: int, last: int | None) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"a\n\nb\nc\n")
    descriptor = os.open(path, os.O_RDONLY)
    lines = Descriptor(descriptor)
    found = lines.skip(skipped)
    assert (found and found.number) == last
    rest = [line.number for line in lines.ahead]
    while not lines.ended:
        rest += [line.number for line in lines.pull()]
    os.close(descriptor)
    assert rest == [1, 3, 4][skipped:]
