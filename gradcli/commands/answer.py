"""What a command comes to."""

from __future__ import annotations

from typing import NamedTuple

from gradcli.errors import ExitCode


class Answer(NamedTuple):
    """The text for standard output, the exit code, and lines for standard error."""

    text: str
    code: ExitCode = ExitCode.AGREE
    warnings: tuple[str, ...] = ()
