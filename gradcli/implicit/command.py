"""`gradcli implicit`: options in, a view out."""

from __future__ import annotations

import sys
from typing import Annotated, Optional

import typer

from gradcli.errors import GradcliError
from gradcli.terminal.answer import Answer, notes_of
from gradcli.terminal.arguments import (
    Debug,
    DtypeName,
    File,
    Json,
    Patience,
    Precision,
    at_option,
    format_of,
    format_option,
    optional,
    order_option,
    quiet_option,
    split_names,
    wrt_option,
)
from gradcli.terminal.console import screen_of
from gradcli.terminal.reading import STAGE, read_program

FORMATS = ("text", "json", "latex")


def command(
    equations: Annotated[
        Optional[list[str]],
        typer.Argument(
            metavar="EQUATION...", help="Equations, each an argument or separated by `;`.", show_default=False
        ),
    ] = None,
    solve: Annotated[
        Optional[list[str]], optional("--solve", "NAME,...", "The unknowns, as many as there are equations.")
    ] = None,
    at: Annotated[
        Optional[list[str]],
        at_option("The point; the unknowns near the solution that is meant. Without it: formulas alone."),
    ] = None,
    wrt: Annotated[
        Optional[list[str]], wrt_option("What to differentiate by. Default: every variable that is not solved for.")
    ] = None,
    order: Annotated[int, order_option("The order of the derivatives: 1 or 2.")] = 1,
    triple: Annotated[
        Optional[str],
        optional("--triple", "A,B,C", "The three derivatives of the triple product rule, and their product."),
    ] = None,
    file: File = None,
    format_name: Annotated[str, format_option(FORMATS)] = "text",
    json_format: Json = False,
    dtype: DtypeName = "float64",
    digits: Annotated[int, typer.Option("--digits", metavar="N", help="Digits of the root and the reference.")] = 20,
    precision: Precision = None,
    patience: Patience = 2.0,
    quiet: Annotated[bool, quiet_option("No sentences below the table.")] = False,
    debug: Debug = False,
) -> Answer:
    """The derivatives of a variable that an equation determines: the solution is found, proven, and differentiated.

    \b
    gradcli implicit "x**2 + y**2 = 1" --solve y --at x=0.6,y=0.8
    gradcli implicit "x + y + z = 6" "x*y*z = 6" --solve y,z --at x=1,y=2,z=3
    """  # fmt: skip
    chosen = format_of("json" if json_format else format_name, FORMATS)
    texts = _texts(equations, file)
    from gradcli.implicit.api import implicit

    found = implicit(texts, split_names(solve), at or None, wrt=split_names(wrt), order=order, triple=triple,
                     dtype=dtype, digits=digits, patience=patience, latex=chosen == "latex")  # fmt: skip
    warnings = notes_of(found.notes, quiet)
    if chosen == "json":
        return Answer(found.to_json() + "\n", found.exit_code, warnings)
    if chosen == "latex":
        from gradcli.implicit.latex import latex

        return Answer(latex(found), found.exit_code, warnings)
    from gradcli.implicit.text import render

    return Answer(render(found, screen_of(sys.stdout, precision), quiet), found.exit_code, warnings)


def _texts(equations: list[str] | None, file: object) -> list[str]:
    """The equations from the arguments, from standard input for `-`, or from a file."""
    from pathlib import Path

    if file is not None or not equations:
        if equations:
            raise GradcliError(STAGE, "there are equations, and a --file too", hint="leave out one of them")
        if file is None:
            raise GradcliError(STAGE, "there is no equation", expected='such as "x**2 + y**2 = 1"',
                               hint="- reads them from standard input")  # fmt: skip
        return [read_program(None, file if isinstance(file, Path) else None)]
    return [read_program(one, None) for one in equations]
