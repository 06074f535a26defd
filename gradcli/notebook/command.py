"""`gradcli notebook`: a file in, its derivatives out."""

from __future__ import annotations

import sys
from typing import Annotated, Optional

import typer

from gradcli.errors import GradcliError
from gradcli.terminal.answer import Answer, notes_of
from gradcli.terminal.arguments import (
    Debug,
    Json,
    Patience,
    format_of,
    format_option,
)
from gradcli.terminal.console import screen_of

FORMATS = ("text", "json")


def command(
    file: Annotated[
        Optional[str],
        typer.Argument(
            metavar="FILE",
            help="A notebook (.ipynb), or one as text or Markdown, or a script. `-` reads standard input.",
            show_default=False,
        ),
    ] = None,
    format_name: Annotated[str, format_option(FORMATS)] = "text",
    json_format: Json = False,
    patience: Patience = 2.0,
    debug: Debug = False,
) -> Answer:
    """Every derivative of a notebook: each with its verdict, beside the output that was recorded. Nothing of it is run.

    \b
    gradcli notebook lecture.ipynb
    gradcli notebook tutorial.md --json | jq '.derivatives[].result.verdict'
    """
    chosen = format_of("json" if json_format else format_name, FORMATS)
    from gradcli.notebook.api import notebook
    from gradcli.notebook.splitting import STAGE

    if file is None:
        raise GradcliError(
            STAGE,
            "there is no notebook",
            expected="a file, such as lecture.ipynb",
            hint="- reads it from standard input",
        )
    found = notebook(file, patience=patience)
    notes = () if found.derivatives else notes_of(("nothing is differentiated here, so nothing was checked",))
    if chosen == "json":
        return Answer(found.to_json() + "\n", found.exit_code, notes)
    from gradcli.notebook.text import render

    return Answer(render(found, screen_of(sys.stdout)), found.exit_code, notes)
