"""`gradcli extrema`: options in, a view out."""

from __future__ import annotations

import sys
from typing import Annotated, Optional

import typer

from gradcli.terminal.answer import Answer, notes_of
from gradcli.terminal.arguments import (
    Debug,
    File,
    Json,
    Language,
    OtherAt,
    Patience,
    ProgramText,
    Quiet,
    Significant,
    format_of,
    format_option,
    over_option,
)
from gradcli.terminal.console import screen_of
from gradcli.terminal.reading import read_program

FORMATS = ("text", "json")


def command(
    program: ProgramText = None,
    over: Annotated[Optional[list[str]], over_option("The interval; of two variables, one for each: a box.")] = None,
    at: OtherAt = None,
    inflections: Annotated[
        bool, typer.Option("--inflections", help="Where the second derivative changes its sign, too.")
    ] = False,
    file: File = None,
    language: Language = None,
    format_name: Annotated[str, format_option(FORMATS)] = "text",
    json_format: Json = False,
    precision: Significant = None,
    patience: Patience = 2.0,
    quiet: Quiet = False,
    debug: Debug = False,
) -> Answer:
    """Minima, maxima and saddles over an interval or a box: all of them, and whether that is proven.

    \b
    gradcli extrema "x**3 - 3*x" --over x=-3:5
    gradcli extrema "x**3 - 3*x*y + y**3" --over x=-1:2 --over y=-1:2
    """
    chosen = format_of("json" if json_format else format_name, FORMATS)
    text = read_program(program, file, language)
    from gradcli.extrema.api import extrema

    found = extrema(text, over or None, at or None, inflections=inflections, patience=patience)
    warnings = notes_of(found.notes, quiet)
    if chosen == "json":
        return Answer(found.to_json() + "\n", found.exit_code, warnings)
    from gradcli.extrema.text import render

    return Answer(render(found, screen_of(sys.stdout, precision)), found.exit_code, warnings)
