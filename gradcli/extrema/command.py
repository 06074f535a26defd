"""`gradcli extrema`: options in, a view out."""

from __future__ import annotations

import sys
from typing import Annotated, Optional

import typer

from gradcli.terminal.answer import Answer
from gradcli.terminal.arguments import (
    Debug,
    File,
    Json,
    Language,
    Patience,
    ProgramText,
    Significant,
    complete_at,
    format_of,
    optional,
)
from gradcli.terminal.console import screen_of
from gradcli.terminal.reading import read_program

FORMATS = ("text", "json")


def command(
    program: ProgramText = None,
    over: Annotated[
        Optional[list[str]],
        optional("--over", "NAME=FROM:TO", "The interval; of two variables, one for each: a box.", complete_at),
    ] = None,
    at: Annotated[
        Optional[list[str]], optional("--at", "NAME=VALUE,...", "The other variables, as in diff.", complete_at)
    ] = None,
    inflections: Annotated[
        bool, typer.Option("--inflections", help="Where the second derivative changes its sign, too.")
    ] = False,
    file: File = None,
    language: Language = None,
    format_name: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text or json.")] = "text",
    json_format: Json = False,
    precision: Significant = None,
    patience: Patience = 2.0,
    quiet: Annotated[bool, typer.Option("--quiet", help="No notes.")] = False,
    debug: Debug = False,
) -> Answer:
    """Minima, maxima and saddles over an interval or a box: all of them, each proven, with the extremes.

    \b
    gradcli extrema "x**3 - 3*x" --over x=-3:5
    gradcli extrema "x**3 - 3*x*y + y**3" --over x=-1:2 --over y=-1:2
    """
    chosen = format_of("json" if json_format else format_name, FORMATS)
    text = read_program(program, file, language)
    from gradcli.extrema.api import extrema

    found = extrema(text, over or None, at or None, inflections=inflections, patience=patience)
    warnings = () if quiet else tuple(f"note: {note}" for note in found.notes)
    if chosen == "json":
        return Answer(found.to_json() + "\n", found.exit_code, warnings)
    from gradcli.extrema.text import render

    return Answer(render(found, screen_of(sys.stdout, precision)), found.exit_code, warnings)
