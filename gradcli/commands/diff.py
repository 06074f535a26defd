"""`gradcli diff`: options in, a view out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from gradcli.commands.answer import Answer
from gradcli.errors import GradcliError
from gradcli.language.tokens import MAX_SOURCE
from gradcli.result import Result
from gradcli.views.screen import Screen, screen_of

if TYPE_CHECKING:
    from gradcli.engines.job import Job

FORMATS = ("table", "plain", "json", "csv", "latex")
STAGE = "reading the program"
MOST_BYTES = 4 * MAX_SOURCE + 1  # no character has more than four


def run(
    program: str | None,
    *,
    file: Path | None,
    at: Sequence[str] | None,
    wrt: Sequence[str] | None,
    order: int,
    dtype: str,
    device: str,
    digits: int,
    min_digits: float | None,
    patience: float,
    format_name: str,
    quiet: bool,
    shape: Sequence[str] | None,
    jvp: Sequence[str] | None,
    vjp: str | None,
    hessian: bool,
    summary: bool,
) -> Answer:
    """Read, compute, and lay out; the exit code is the verdict's."""
    if format_name not in FORMATS:
        raise GradcliError(
            "reading the options", f'there is no format "{format_name}"', expected=f"one of {', '.join(FORMATS)}"
        )
    text = read_program(program, file)
    from gradcli.api import prepare

    names = [name.strip() for piece in wrt for name in piece.split(",") if name.strip()] if wrt else None
    job = prepare(
        text, at or None, wrt=names, order=order, dtype=dtype, device=device, digits=digits, min_digits=min_digits,
        patience=patience, latex=format_name == "latex", shape=shape or None, jvp=jvp or None, vjp=vjp, hessian=hessian,
    )  # fmt: skip
    result = _answered(job, lambda: _view(format_name, summary))
    view = _view(format_name, summary)
    warnings = [] if quiet else [f"note: {warning}" for warning in result.warnings]
    return Answer(view(result, screen_of(sys.stdout), quiet), result.exit_code, tuple(warnings))


def _answered(job: Job, meanwhile: Callable[[], object]) -> Result:
    """The result of a job, from witnesses in processes of their own."""
    from gradcli.api import combine, combine_tensors
    from gradcli.parallel import study, witnesses

    if job.has_tensors:
        return combine_tensors(job, study(job, meanwhile))
    return combine(job, *witnesses(job, meanwhile))


def _view(name: str, summary: bool) -> Callable[[Result, Screen, bool], str]:
    """The view of a format; imported when the witnesses are at work."""
    if name == "table":
        from gradcli.views.table import render

        return render
    from gradcli.views import lines

    views: dict[str, Callable[[Result, bool], str]] = {
        "plain": lines.plain, "json": lines.as_json, "csv": lines.as_csv, "latex": lines.latex,
    }  # fmt: skip
    return lambda result, screen, quiet: views[name](result, summary)


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
