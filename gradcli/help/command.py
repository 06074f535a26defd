"""`gradcli functions`: the table by family, one row in full, or the rows that a word is in."""

from __future__ import annotations

import sys
from typing import Annotated, Optional

import typer

from gradcli.errors import GradcliError, did_you_mean
from gradcli.terminal.answer import Answer
from gradcli.terminal.console import screen_of

SHORTEST = 3  # letters of a word that is looked for: fewer are in everything


def command(
    name: Annotated[
        Optional[str],
        typer.Argument(
            metavar="NAME",
            help="One function or operator, in full; or a word, for all that it is in.",
            show_default=False,
        ),
    ] = None,
) -> Answer:
    """The functions that a program may contain: all of them, one in detail, or those that match a word.

    \b
    gradcli functions
    gradcli functions relu
    gradcli functions bessel
    """
    from gradcli.functions import table
    from gradcli.functions.several import BY_NAME
    from gradcli.help.functions import one_row, several_rows, whole_table

    screen = screen_of(sys.stdout)
    if name is None:
        return Answer(whole_table(screen))
    constant = table.constant(name)
    spelled = {"-x": "neg", "+x": "pos", "^": "**", "!": "factorial"}.get(name, name)
    row = table.BY_NAME.get(spelled) or (table.BY_NAME.get(name.lower()) if constant is None else None)
    if row is None and name in BY_NAME:
        return Answer(several_rows(BY_NAME[name], screen))
    found = whole_table(screen, name) if row is None and constant is None and len(name) >= SHORTEST else ""
    if found:
        return Answer(found)
    if row is None and constant is None:
        raise GradcliError(
            "looking up the function",
            f'there is no function "{name}"',
            hint=did_you_mean(name, [*table.function_names(), *table.BY_CONSTANT], _otherwise(name)),
        )
    if row:
        return Answer(one_row(row, screen))
    assert constant
    return Answer(f"{constant.spelling}  {constant.doc}\n")


def _otherwise(name: str) -> str:
    """The hint for a name that is like none of the table's: what it is called here, if another language has it."""
    from gradcli.language import hints

    return hints.function(name) or "gradcli functions lists them all"
