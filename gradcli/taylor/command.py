"""`gradcli taylor`: options in, a view out."""

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
    split_names,
)
from gradcli.terminal.console import screen_of
from gradcli.terminal.reading import read_program

FORMATS = ("text", "json", "latex")


def command(
    program: ProgramText = None,
    at: Annotated[
        Optional[list[str]], optional("--at", "NAME=VALUE,...", "The point: a value of each variable.", complete_at)
    ] = None,
    order: Annotated[
        Optional[int],
        typer.Option(
            "--order", metavar="N", help="The highest power: 6, or up to 100; of several variables 2. 1 is the tangent."
        ),
    ] = None,
    wrt: Annotated[
        Optional[list[str]],
        optional("--wrt", "NAME,...", "The variables that the polynomial is in: one, or several to --order 2."),
    ] = None,
    over: Annotated[
        Optional[list[str]],
        optional("--over", "NAME=FROM:TO", "Bound the distance of the function from it over a range.", complete_at),
    ] = None,
    file: File = None,
    language: Language = None,
    format_name: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text, json or latex.")] = "text",
    json_format: Json = False,
    precision: Significant = None,
    patience: Patience = 2.0,
    quiet: Annotated[bool, typer.Option("--quiet", help="No notes.")] = False,
    debug: Debug = False,
) -> Answer:
    """The Taylor polynomial at a point: exact or proven coefficients, and a bound on what it leaves out.

    \b
    gradcli taylor "sin(x)" --at x=0 --order 7 --over x=-0.5:0.5
    gradcli taylor "x**2*y" --at x=1,y=2 --order 1
    """
    chosen = format_of("json" if json_format else format_name, FORMATS)
    text = read_program(program, file, language)
    from gradcli.taylor.api import taylor

    found = taylor(text, at or None, order=order, wrt=split_names(wrt), over=over or None, patience=patience)
    warnings = () if quiet else tuple(f"note: {note}" for note in found.notes)
    if chosen == "json":
        return Answer(found.to_json() + "\n", found.exit_code, warnings)
    if chosen == "latex":
        from gradcli.taylor.latex import latex

        return Answer(latex(found), found.exit_code, warnings)
    from gradcli.taylor.text import render

    return Answer(render(found, screen_of(sys.stdout, precision)), found.exit_code, warnings)
