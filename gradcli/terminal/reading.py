"""Where a program comes from: the argument, standard input or a file, read no further than the limit."""

from __future__ import annotations

import codecs
import sys
from pathlib import Path
from typing import TextIO

from gradcli.errors import OPTIONS, GradcliError, LimitError
from gradcli.language.tokens import MAX_SOURCE

STAGE = "reading the program"
LOOKED_AT = 1_000  # bytes that say whether a file is a text
BLANK = 32  # the characters before it control a terminal, and stand in no text, but for a few
MOST_BYTES = 4 * MAX_SOURCE + 1  # no character has more than four


LANGUAGES = ("gradcli", "latex")


def read_program(program: str | None, file: Path | None, language: str | None = None) -> str:
    """The program from the argument, from standard input for `-`, or from a file; never more than the limit.

    What is said to be LaTeX stands in \\[ and \\], by which everybody knows it.
    """
    if language is not None and language not in LANGUAGES:
        raise GradcliError(OPTIONS, f'--from is "{language}"', expected=f"one of {', '.join(LANGUAGES)}")
    return in_language(_read_program(program, file), language)


def in_language(text: str, language: str | None) -> str:
    """A text marked as LaTeX where that is what it is said to be."""
    return rf"\[{text}\]" if language == "latex" and not text.lstrip().startswith((r"\[", "$")) else text


def _read_program(program: str | None, file: Path | None) -> str:
    if file is not None:
        if program is not None:
            raise GradcliError(STAGE, "there is a program, and a --file too", hint="leave out one of them")
        return _decode(_read(file, MOST_BYTES, STAGE), str(file))
    if program is None:
        raise GradcliError(
            STAGE,
            "there is no program",
            expected='an expression, such as "2*x**3 + x"',
            hint="- reads it from standard input",
        )
    return _read_stdin(sys.stdin) if program == "-" else program


def read_text(name: str, most: int, stage: str) -> str:
    """A text of so many bytes at the most, from a file, or from standard input for `-`.

    Raises GradcliError where it cannot be read, LimitError where it is longer.
    """
    if name != "-":
        data = _read(Path(name), most + 1, stage)
    elif sys.stdin is None:
        raise GradcliError(stage, "standard input is closed")
    else:
        data = sys.stdin.buffer.read(most + 1)
    if len(data) > most:
        raise LimitError(stage, f"{name} has more than {most:,} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_text(data, error, name, stage) from error


def _read(file: Path, most: int, stage: str) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(most)
    except OSError as error:
        raise GradcliError(stage, f"{file} cannot be read: {error.strerror}") from error
    except ValueError as error:  # a zero in it, or half of a character
        raise GradcliError(stage, f"{file} cannot be read: it is not the name of a file") from error


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
        raise _not_text(data, error, name, STAGE) from error


def _not_text(data: bytes, error: UnicodeDecodeError, name: str, stage: str) -> GradcliError:
    """The error for what is no UTF-8; what looks like a text of another encoding can be saved as one."""
    is_wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    is_text = is_wide or not any(byte < BLANK and byte not in b"\t\n\r\f" for byte in data[:LOOKED_AT])
    hint = f"it is {'UTF-16' if is_wide else 'in another encoding'}: save it as UTF-8" if is_text else None
    return GradcliError(stage, f"{name} is not UTF-8 text: byte {error.start} is {data[error.start]:#04x}", hint=hint)
