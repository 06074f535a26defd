"""The arguments and options that several commands have, declared once: what is said of them is the same everywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Optional, Union

import typer

from gradcli.errors import OPTIONS, GradcliError


def _complete_function(ctx: typer.Context, incomplete: str) -> list[str]:
    from gradcli.terminal.complete import functions

    return functions(incomplete)


def complete_at(ctx: typer.Context, incomplete: str) -> list[str]:
    """What TAB offers where values are given to variables."""
    from gradcli.terminal.complete import values

    return values(ctx.params.get("program"), incomplete)


def complete_wrt(ctx: typer.Context, incomplete: str) -> list[str]:
    """What TAB offers where variables are named."""
    from gradcli.terminal.complete import names

    return names(ctx.params.get("program"), incomplete)


def optional(name: str, metavar: str, said: str, complete: Callable[..., list[str]] | None = None) -> Any:
    """An option that has no default to show."""
    return typer.Option(name, metavar=metavar, help=said, show_default=False, autocompletion=complete)


def output_option(said: str, *names: str, metavar: str = "PATH") -> Any:
    """Where a text goes: a file, or with `-` standard output, as without the option."""
    shown = names or ("--output",)
    return typer.Option(*shown, metavar=metavar, help=said, show_default=False, callback=_unless_standard)


def _unless_standard(path: Union[Path, str, None]) -> Union[Path, str, None]:
    return None if str(path) == "-" else path


ProgramText = Annotated[
    Optional[str],
    typer.Argument(
        metavar="PROGRAM",
        help="An expression, or statements separated by `;`. `-` reads standard input.",
        show_default=False,
        autocompletion=_complete_function,
    ),
]


def at_option(said: str, metavar: str = "NAME=VALUE,...") -> Any:
    """`--at`, and what it is for."""
    return optional("--at", metavar, said, complete_at)


def over_option(said: str, metavar: str = "NAME=FROM:TO") -> Any:
    """`--over`, and what it is for."""
    return optional("--over", metavar, said, complete_at)


def wrt_option(said: str) -> Any:
    """`--wrt`, and what it is for."""
    return optional("--wrt", "NAME,...", said, complete_wrt)


def order_option(said: str = "The order of the derivatives.") -> Any:
    """`--order`, and which there are."""
    return typer.Option("--order", metavar="N", help=said)


def quiet_option(said: str = "No notes.") -> Any:
    """`--quiet`, and what is left out."""
    return typer.Option("--quiet", help=said)


def _listed(formats: Sequence[str]) -> str:
    return f"{', '.join(formats[:-1])} or {formats[-1]}."


def format_option(formats: Sequence[str]) -> Any:
    """`--format` with one of these, the first by default."""
    return typer.Option("--format", metavar="FORMAT", help=_listed(formats))


def file_format_option(formats: Sequence[str]) -> Any:
    """`--format` with one of these, where a file's suffix may say it."""
    said = f"{_listed(formats)} Default: {formats[0]}, or what a file's suffix says."
    return optional("--format", "FORMAT", said)


At = Annotated[
    Optional[list[str]],
    at_option(
        "The point. Repeatable; a value is an expression (pi/4), a list or a file (x=@data.npy). Without it:"
        " formulas alone."
    ),
]
OtherAt = Annotated[Optional[list[str]], at_option("The other variables, as in diff.")]
Wrt = Annotated[
    Optional[list[str]],
    wrt_option("What to differentiate by: variables or intermediates. Default: every variable."),
]
Quiet = Annotated[bool, quiet_option()]
Shapes = Annotated[
    Optional[list[str]],
    optional("--shape", "NAME=SIZE,...", "The sizes of a tensor, for formulas without a point. Repeatable."),
]
File = Annotated[Optional[Path], optional("--file", "PATH", "Read the program from a file.")]
Language = Annotated[
    Optional[str],
    optional("--from", "LANGUAGE", "What the program is written in: latex. Default: what it looks like."),
]
Json = Annotated[bool, typer.Option("--json", help="Short for --format json.")]
DtypeName = Annotated[
    str,
    typer.Option("--dtype", metavar="DTYPE", help="What autograd computes in: float64, float32, bfloat16 or float16."),
]
OwnDtype = Annotated[
    Optional[str],
    optional(
        "--dtype", "DTYPE",
        "What autograd computes in: float64, float32, bfloat16 or float16. Default: float64; of pasted code its own.",
    ),
]  # fmt: skip
Device = Annotated[str, typer.Option("--device", metavar="DEVICE", help="Where autograd computes: cpu or cuda.")]
Precision = Annotated[
    Optional[int],
    typer.Option(
        "--precision",
        metavar="N",
        help="Significant digits of the numbers that are shown. Default: 10, and no more than are right.",
        show_default=False,
    ),
]
Significant = Annotated[
    Optional[int],
    optional("--precision", "N", "Significant digits of the numbers that are shown, where they can be so many."),
]
Patience = Annotated[
    float, typer.Option("--patience", metavar="SECONDS", help="How long the reference and the formulas may take.")
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of a defect.")]


def split_names(pieces: list[str] | None) -> list[str] | None:
    """The names of a repeatable option that takes several at once, separated by commas; None where it is not given."""
    from gradcli.problem.options import names

    return list(names(",".join(pieces)) or ()) if pieces else None


Output = Annotated[
    Optional[Path],
    output_option("Write a file; its suffix says the format. Also -o PATH."),
]


def format_for(output: Path | None, name: str | None, formats: tuple[str, ...], suffixes: Mapping[str, str]) -> str:
    """The format that was asked for, or the one of a file's suffix; the first one of all elsewhere.

    Raises GradcliError where there is none.
    """
    if name is not None or output is None:
        return format_of(name or formats[0], formats)
    return suffixes["." + kind_of(output, [one.removeprefix(".") for one in suffixes], ", or --format")]


def kind_of(output: Path, kinds: Sequence[str], otherwise: str = "") -> str:
    """What a file is to be, one of these kinds, by its suffix.

    Raises GradcliError where that is none of them, with what `otherwise` helps.
    """
    kind = output.suffix.lower().removeprefix(".")
    if kind not in kinds:
        known = ", ".join(f".{one}" for one in kinds)
        message = f'"{output}" ends in none of the known suffixes'
        raise GradcliError(OPTIONS, message, expected=f"one of {known}{otherwise}")
    return kind


def format_of(name: str, formats: tuple[str, ...]) -> str:
    """The format of that name.

    Raises GradcliError where there is none.
    """
    if name not in formats:
        raise GradcliError(OPTIONS, f'there is no format "{name}"', expected=f"one of {', '.join(formats)}")
    return name
