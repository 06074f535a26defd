"""`gradcli steps`: options in, a derivation out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Optional

from gradcli.errors import ExitCode, require
from gradcli.terminal import outputs
from gradcli.terminal.answer import Answer
from gradcli.terminal.arguments import (
    At,
    Debug,
    File,
    Json,
    Language,
    Output,
    OwnDtype,
    Patience,
    ProgramText,
    Shapes,
    Significant,
    Wrt,
    file_format_option,
    format_for,
    order_option,
    quiet_option,
    split_names,
)
from gradcli.terminal.console import PAGE, Screen, screen_of
from gradcli.terminal.reading import read_program

if TYPE_CHECKING:
    from gradcli.steps.data import Derivation

SUFFIXES = {
    ".tex": "latex", ".md": "markdown", ".html": "html", ".htm": "html", ".json": "json", ".txt": "text",
}  # fmt: skip
OUTPUT = "writing the derivation"
FORMATS = ("text", "latex", "markdown", "html", "json")


def command(
    program: ProgramText = None,
    at: At = None,
    wrt: Wrt = None,
    order: Annotated[int, order_option("The order: the derivatives before it are derived first.")] = 1,
    shape: Shapes = None,
    file: File = None,
    language: Language = None,
    format_name: Annotated[Optional[str], file_format_option(FORMATS)] = None,
    json_format: Json = False,
    output: Output = None,
    dtype: OwnDtype = None,
    precision: Significant = None,
    patience: Patience = 2.0,
    quiet: Annotated[bool, quiet_option("No sentences on how the steps were checked.")] = False,
    debug: Debug = False,
) -> Answer:
    """The derivation of every partial derivative: rule by rule, each step checked, then with the numbers put in.

    \b
    gradcli steps "x**2*sin(2*x)" --at x=3
    gradcli steps "sum((A@x - b)**2)" --wrt A --shape A=3,2 --shape x=2 --shape b=3
    """
    chosen = format_for(output, "json" if json_format else format_name, FORMATS, SUFFIXES)
    outputs.refuse_program(output, program, file, at, OUTPUT)
    if chosen == "html":
        message = "latex2mathml is not installed, and it sets the mathematics of a page"
        require("latex2mathml", "writing the page", message, "latex2mathml", otherwise=", or use --format markdown")
    text = read_program(program, file, language)
    from gradcli.steps.api import steps

    derivation = steps(
        text, at or None, wrt=split_names(wrt), order=order, dtype=dtype, patience=patience, shape=shape or None,
        precision=precision,
    )  # fmt: skip
    screen = screen_of(sys.stdout) if output is None else PAGE
    return outputs.answered(_view(derivation, chosen, quiet, screen), output, OUTPUT, _code(derivation))


def _code(derivation: Derivation) -> ExitCode:
    """What is said of the whole: that a derivation is missing, or that there is no derivative."""
    if not all(one.blocks for one in derivation.sections):
        return ExitCode.LIMIT
    return ExitCode.UNDEFINED if any(one.exists is False for one in derivation.sections) else ExitCode.AGREE


def _view(derivation: Derivation, chosen: str, quiet: bool, screen: Screen) -> str:
    """The derivation in a format; the view is imported when there is something to show."""
    if chosen == "text":
        from gradcli.steps.text import render

        return render(derivation, screen, quiet)
    if chosen == "json":
        return derivation.to_json() + "\n"
    if chosen == "html":
        from gradcli.steps.html import html

        return html(derivation, quiet)
    from gradcli.steps.documents import latex, markdown

    return (latex if chosen == "latex" else markdown)(derivation, quiet)
