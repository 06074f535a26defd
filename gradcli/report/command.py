"""`gradcli report`: options in, a page out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

from gradcli.terminal import outputs
from gradcli.terminal.answer import Answer, notes_of
from gradcli.terminal.arguments import (
    At,
    Debug,
    File,
    Language,
    OwnDtype,
    Patience,
    ProgramText,
    Shapes,
    Wrt,
    order_option,
    output_option,
    over_option,
    split_names,
)
from gradcli.terminal.reading import read_program

STAGE = "writing the report"


def command(
    program: ProgramText = None,
    at: At = None,
    wrt: Wrt = None,
    order: Annotated[int, order_option()] = 1,
    over: Annotated[Optional[list[str]], over_option("The range of the plot. Default: around the point.")] = None,
    output: Annotated[
        Optional[Path], output_option("Write the page to a file. Also -o PATH. Default: print it.")
    ] = None,
    shape: Shapes = None,
    file: File = None,
    language: Language = None,
    dtype: OwnDtype = None,
    patience: Patience = 2.0,
    debug: Debug = False,
) -> Answer:
    """One page for a browser: the derivatives with their verdicts, the derivation, the graph and a plot.

    \b
    gradcli report "x**2*sin(x)" --at x=2 -o report.html
    gradcli report "mean((A@x)**2)" --at "A=[[1,2],[3,4]],x=[1,2]" > report.html
    """
    text = read_program(program, file, language)
    outputs.refuse_program(output, program, file, at, STAGE)
    from gradcli.report.api import report

    found = report(text, at or None, wrt=split_names(wrt), order=order, over=over or None, dtype=dtype,
                   patience=patience, shape=shape or None)  # fmt: skip
    return outputs.answered(found.to_html(), output, STAGE, found.exit_code, notes_of(found.result.notes))
