"""Where a program comes from: the argument, standard input or a file, read no further than the limit."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

from gradcli.errors import GradcliError
from gradcli.language.tokens import MAX_SOURCE

STAGE = "reading the program"
MOST_BYTES = 4 * MAX_SOURCE + 1  # no character has more than four


def read_program(program: str | None, file: Path | None) -> str:
    """The program from the argument, from standard input for `-`, or from a file; never more than the limit."""
    if file is not None:
        if program is not None:
            raise GradcliError(STAGE, "there is a program, and a --file too", hint="leave out one of them")
        try:
            with file.open("rb") as stream:
                return _decode(stream.read(MOST_BYTES), str(file))
        except OSError as error:
            raise GradcliError(STAGE, f"{file} cannot be read: {error.strerror}") from error
    if program is None:
        raise GradcliError(
            STAGE,
            "there is no program",
            expected='an expression, such as "2*x**3 + x"',
            hint="- reads it from standard input",
        )
    return _read_stdin(sys.stdin) if program == "-" else program


def _read_stdin(stream: TextIO | None) -> str:
    if stream is None:
        raise GradcliError(STAGE, "standard input is closed")
    buffer = getattr(stream, "buffer", None)
    return stream.read(MAX_SOURCE + 1) if buffer is None else _decode(buffer.read(MOST_BYTES), "standard input")


def _decode(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start > len(data) - 4 and len(data) == MOST_BYTES:
            return data[: error.start].decode("utf-8")
        raise GradcliError(STAGE, f"{name} is no UTF-8 text: byte {error.start} is {data[error.start]:#04x}") from error
