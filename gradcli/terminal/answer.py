"""What a command comes to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Union

from gradcli.errors import ExitCode

Text = Union[str, Iterable[str]]  # in pieces where it is long


class Answer(NamedTuple):
    """The text for standard output, the exit code, and lines for standard error."""

    text: Text
    code: ExitCode = ExitCode.AGREE
    warnings: tuple[str, ...] = ()
