"""`gradcli audit`: options in, a view out; a picture in a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from gradcli.errors import OPTIONS, GradcliError, require
from gradcli.terminal import outputs
from gradcli.terminal.answer import Answer, notes_of
from gradcli.terminal.arguments import (
    Debug,
    File,
    Json,
    Language,
    OtherAt,
    OwnDtype,
    Patience,
    ProgramText,
    Quiet,
    Significant,
    format_of,
    kind_of,
    optional,
    over_option,
)
from gradcli.terminal.console import screen_of
from gradcli.terminal.reading import read_program

FORMATS = ("text", "json", "csv")
SUFFIXES = ("png", "svg", "pdf")
OUTPUT = "writing the picture"


def command(
    program: ProgramText = None,
    over: Annotated[Optional[list[str]], over_option("The range; of several variables, one for each: a box.")] = None,
    at: OtherAt = None,
    log: Annotated[
        bool, typer.Option("--log", help="Points by the logarithm, to both sides of 0: the default.")
    ] = False,
    linear: Annotated[bool, typer.Option("--linear", help="Points evenly spaced.")] = False,
    min_digits: Annotated[
        Optional[float], optional("--min-digits", "N", "So many digits are enough. Default: half of the dtype's.")
    ] = None,
    no_rewrite: Annotated[
        bool, typer.Option("--no-rewrite", help="Do not look for a program that keeps more digits.")
    ] = False,
    output: Annotated[
        Optional[Path], optional("--output", "PATH", "Write a picture: .png, .svg or .pdf. Also -o PATH.")
    ] = None,
    file: File = None,
    language: Language = None,
    dtype: OwnDtype = None,
    format_name: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="text, json, or csv: the points.")
    ] = "text",
    json_format: Json = False,
    precision: Significant = None,
    patience: Patience = 2.0,
    quiet: Quiet = False,
    debug: Debug = False,
) -> Answer:
    """How many digits are kept over a range: where f, autograd and the formula lose them, and what to write instead.

    \b
    gradcli audit "(1 - cos(x))/x**2" --over x=1e-12:10
    gradcli audit "b - sqrt(b**2 - 4*a*c)" --over a=1:10 --over b=1:1e8 --over c=1:10
    """
    if log and linear:
        raise GradcliError(OPTIONS, "--log and --linear exclude each other", hint="leave out one of them")
    chosen = format_of("json" if json_format else format_name, FORMATS)
    kind = None if output is None else kind_of(output, SUFFIXES)
    text = read_program(program, file, language)
    outputs.refuse_program(output, program, file, at, OUTPUT)
    if output is not None:
        require("matplotlib", "drawing the digits", "matplotlib is not installed", "plotille", "matplotlib")
    elif chosen == "text":
        require("plotille", "drawing the digits", "plotille is not installed", "plotille", "matplotlib")
    from gradcli.audit.api import audit

    found = audit(
        text, over or None, at or None, linear=linear, dtype=dtype, min_digits=min_digits, rewrite=not no_rewrite,
        patience=patience,
    )  # fmt: skip
    warnings = notes_of(found.notes, quiet)
    if output is not None and kind is not None:
        from gradcli.audit.picture import picture

        outputs.write(output, picture(found, kind), OUTPUT)
    if chosen == "json":
        return Answer(found.to_json() + "\n", found.exit_code, warnings)
    if chosen == "csv":
        from gradcli.audit.csv import as_csv

        return Answer(as_csv(found), found.exit_code, warnings)
    from gradcli.audit.text import render

    return Answer(render(found, screen_of(sys.stdout, precision)), found.exit_code, warnings)
