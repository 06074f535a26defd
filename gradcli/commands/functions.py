"""`gradcli functions`: the table by family, or one row in full."""

from __future__ import annotations

import sys

from gradcli.errors import ExitCode, GradcliError
from gradcli.functions import table
from gradcli.views.functions import one_row, whole_table
from gradcli.views.screen import screen_of


def run(name: str | None) -> ExitCode:
    """Print the table, or the row of that name."""
    screen = screen_of(sys.stdout)
    if name is None:
        sys.stdout.write(whole_table(screen))
        return ExitCode.AGREE
    constant = table.constant(name)
    row = table.BY_NAME.get({"-x": "neg", "+x": "pos", "^": "**", "!": "factorial"}.get(name, name))
    if row is None and constant is None:
        close = table.suggest(name, [*table.function_names(), *table.BY_CONSTANT])
        raise GradcliError(
            "looking up the function",
            f'there is no function "{name}"',
            hint=f"did you mean {close}?" if close else "gradcli functions lists them all",
        )
    sys.stdout.write(one_row(row, screen) if row else f"{constant.name}  {constant.doc}\n" if constant else "")
    return ExitCode.AGREE
