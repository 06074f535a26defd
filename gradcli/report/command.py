"""`gradcli report`: options in, a page out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from gradcli.terminal import outputs
from gradcli.terminal.answer import Answer
from gradcli.terminal.arguments import (
    At,
    Debug,
    DtypeName,
    File,
    Language,
    Patience,
    ProgramText,
    Shapes,
    Wrt,
    optional,
    split_names,
)
from gradcli.terminal.reading import read_program

STAGE = "writing the report"


def command(
    program: ProgramText = None,
    at: At = None,
    wrt: Wrt = None,
    order: Annotated[int, typer.Option("--order", metavar="N", help="The order of the derivatives.")] = 1,
    over: Annotated[
        Optional[list[str]],
        optional("--over", "NAME=FROM:TO", "The range of the plot. Default: around the point."),
    ] = None,
    output: Annotated[
        Optional[Path], optional("--output", "PATH", "Write the page to a file. Also -o PATH. Default: print it.")
    ] = None,
    shape: Shapes = None,
    file: File = None,
    language: Language = None,
    dtype: DtypeName = "float64",
    patience: Patience = 2.0,
    debug: Debug = False,
) -> Answer:
    """One page for a browser: the derivatives with their verdicts, the derivation, the graph and a plot.

    \b
    gradcli report "x**2*sin(x)" --at x=2 -o report.html
    gradcli report "mean((A@x)**2)" --at "A=[[1,2],[3,4]],x=[1,2]" > report.html
    """
    text = read_program(program, file, language)
    if output is not None:
        outputs.refuse_input(output, outputs.inputs_of(program, file, at), STAGE)
    from gradcli.report.api import report

    found = report(text, at or None, wrt=split_names(wrt), order=order, over=over or None, dtype=dtype,
                   patience=patience, shape=shape or None)  # fmt: skip
    notes = tuple(f"note: {note}" for note in found.result.notes)
    return outputs.answered(found.to_html(), output, STAGE, found.exit_code, notes)
