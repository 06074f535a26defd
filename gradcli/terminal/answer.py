"""What a command comes to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Union

from gradcli.errors import ExitCode

Text = Union[str, Iterable[str]]  # in pieces where it is long


def notes_of(notes: Iterable[str], quiet: bool = False) -> tuple[str, ...]:
    """What is said on standard error beside an answer; nothing where it is to be quiet."""
    return () if quiet else tuple(f"note: {note}" for note in notes)


class Answer(NamedTuple):
    """The text for standard output, the exit code, and lines for standard error."""

    text: Text
    code: ExitCode = ExitCode.AGREE
    warnings: tuple[str, ...] = ()
