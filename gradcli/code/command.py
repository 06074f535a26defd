"""`gradcli code`: options in, a function of another language out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from gradcli.errors import OPTIONS, ExitCode, GradcliError
from gradcli.terminal import outputs
from gradcli.terminal.answer import Answer, notes_of
from gradcli.terminal.arguments import (
    Debug,
    File,
    Json,
    Language,
    ProgramText,
    Wrt,
    at_option,
    format_of,
    format_option,
    optional,
    order_option,
    output_option,
    split_names,
)
from gradcli.terminal.reading import read_program

FORMATS = ("text", "json")
OUTPUT = "writing the code"


def _complete_language(incomplete: str) -> list[str]:
    from gradcli.code.languages.registry import NAMES

    return [name for name in NAMES if name.startswith(incomplete)]


def command(
    program: ProgramText = None,
    to: Annotated[
        Optional[str],
        typer.Option(
            "--to",
            metavar="LANGUAGE",
            show_default=False,
            autocompletion=_complete_language,
            help="numpy, torch, jax, c, fortran, julia, javascript, excel, latex, sympy or gradcli.",
        ),
    ] = None,
    at: Annotated[
        Optional[list[str]],
        at_option(
            "A point at which the function is checked, beside sampled ones. Repeatable; a value is an expression"
            " (pi/4), a list or a file (x=@data.npy)."
        ),
    ] = None,
    wrt: Wrt = None,
    order: Annotated[int, order_option("1 for the gradient, 2 for the Hessian, too.")] = 1,
    jacobian: Annotated[bool, typer.Option("--jacobian", help="The derivatives of several outputs.")] = False,
    value_only: Annotated[bool, typer.Option("--value-only", help="The value alone.")] = False,
    name: Annotated[Optional[str], optional("--name", "NAME", "What the function is called. Default: f.")] = None,
    stable: Annotated[
        bool, typer.Option("--stable", help="Rewrite what cancels or overflows: 1 - cos(x) is 2*sin(x/2)**2.")
    ] = False,
    output: Annotated[Optional[Path], output_option("Write a file. Also -o PATH.")] = None,
    shape: Annotated[
        Optional[list[str]],
        optional("--shape", "NAME=SIZE,...", "The sizes of an array, where --at gives none. Repeatable."),
    ] = None,
    file: File = None,
    language: Language = None,
    format_name: Annotated[str, format_option(FORMATS)] = "text",
    json_format: Json = False,
    patience: Annotated[
        float, typer.Option("--patience", metavar="SECONDS", help="How long the reference may take at a point.")
    ] = 2.0,
    debug: Debug = False,
) -> Answer:
    """A function with its derivatives in another language: to paste into your own code.

    The text is evaluated and held against the reference before it is printed, at the point and at sampled ones.

    \b
        gradcli code "100*(y - x**2)**2 + (1 - x)**2" --to c
        gradcli code "mean((A@x - b)**2)" --to numpy --shape A=3,2 --shape x=2 --shape b=3
    """
    chosen = format_of("json" if json_format else format_name, FORMATS)
    text = read_program(program, file, language)
    outputs.refuse_program(output, program, file, at, OUTPUT)
    if to is None:
        from gradcli.code.languages.registry import NAMES

        raise GradcliError(OPTIONS, "there is no language", expected=f"--to and one of {', '.join(NAMES)}")
    from gradcli.code.api import code

    found = code(
        text, to, at or None, wrt=split_names(wrt), order=order, jacobian=jacobian, value_only=value_only, name=name,
        stable=stable, shape=shape or None, patience=patience,
    )  # fmt: skip
    shown = found.to_json() + "\n" if chosen == "json" else found.text
    notes = notes_of(found.notes, quiet=chosen != "text")
    exit_code = ExitCode.AGREE if found.exists else ExitCode.UNDEFINED
    return outputs.answered(shown, output, OUTPUT, exit_code, notes)
