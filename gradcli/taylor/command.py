"""`gradcli taylor`: options in, a view out."""

from __future__ import annotations

import sys
from typing import Annotated, Optional

from gradcli.terminal.answer import Answer, notes_of
from gradcli.terminal.arguments import (
    Debug,
    File,
    Json,
    Language,
    Patience,
    ProgramText,
    Quiet,
    Significant,
    at_option,
    format_of,
    format_option,
    order_option,
    over_option,
    split_names,
    wrt_option,
)
from gradcli.terminal.console import screen_of
from gradcli.terminal.reading import read_program

FORMATS = ("text", "json", "latex")


def command(
    program: ProgramText = None,
    at: Annotated[Optional[list[str]], at_option("The point: a value of each variable.")] = None,
    order: Annotated[
        Optional[int], order_option("The highest power, to 100: 6, of several variables 2. 1 is the tangent.")
    ] = None,
    wrt: Annotated[
        Optional[list[str]], wrt_option("The variables that the polynomial is in, all of them by default.")
    ] = None,
    over: Annotated[
        Optional[list[str]], over_option("Bound the distance of the function from it over a range.")
    ] = None,
    file: File = None,
    language: Language = None,
    format_name: Annotated[str, format_option(FORMATS)] = "text",
    json_format: Json = False,
    precision: Significant = None,
    patience: Patience = 2.0,
    quiet: Quiet = False,
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
    warnings = notes_of(found.notes, quiet)
    if chosen == "json":
        return Answer(found.to_json() + "\n", found.exit_code, warnings)
    if chosen == "latex":
        from gradcli.taylor.latex import latex

        return Answer(latex(found), found.exit_code, warnings)
    from gradcli.taylor.text import render

    return Answer(render(found, screen_of(sys.stdout, precision)), found.exit_code, warnings)
