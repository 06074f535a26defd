"""What a command comes to."""

from __future__ import annotations

from typing import NamedTuple

from gradcli.errors import ExitCode


class Answer(NamedTuple):
    """The text for standard output, and the exit code."""

    text: str
    code: ExitCode = ExitCode.AGREE
