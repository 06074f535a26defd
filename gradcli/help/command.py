"""`gradcli functions`: the table by family, or one row in full."""

from __future__ import annotations

import sys
from typing import Annotated, Optional

import typer

from gradcli.errors import GradcliError, did_you_mean
from gradcli.terminal.answer import Answer
from gradcli.terminal.console import screen_of


def command(
    name: Annotated[
        Optional[str], typer.Argument(metavar="NAME", help="One function or operator, in full.", show_default=False)
    ] = None,
) -> Answer:
    """What can stand in a program: the table of functions, or one row of it.

    \b
    gradcli functions
    gradcli functions relu
    """
    from gradcli.functions import table
    from gradcli.functions.several import BY_NAME
    from gradcli.help.functions import one_row, several_rows, whole_table

    screen = screen_of(sys.stdout)
    if name is None:
        return Answer(whole_table(screen))
    constant = table.constant(name)
    row = table.BY_NAME.get({"-x": "neg", "+x": "pos", "^": "**", "!": "factorial"}.get(name, name))
    if row is None and name in BY_NAME:
        return Answer(several_rows(BY_NAME[name], screen))
    if row is None and constant is None:
        raise GradcliError(
            "looking up the function",
            f'there is no function "{name}"',
            hint=did_you_mean(name, [*table.function_names(), *table.BY_CONSTANT], "gradcli functions lists them all"),
        )
    if row:
        return Answer(one_row(row, screen))
    assert constant
    return Answer(f"{constant.spelling}  {constant.doc}\n")
