"""`gradcli help`: what there is to read, the options of a command, or a page of the manual."""

from __future__ import annotations

import sys
from typing import Annotated, Any, Optional

import typer

from gradcli.terminal.answer import Answer
from gradcli.terminal.console import screen_of

LINE = 100  # characters that a line of a page has at the most: longer ones are hard to read


def command(
    ctx: typer.Context,
    topic: Annotated[
        Optional[str], typer.Argument(metavar="TOPIC", help="A command, or a page.", show_default=False)
    ] = None,
) -> Answer:
    """The manual: a page, or how a command is used.

    \b
    gradcli help verdicts
    gradcli help diff
    """
    from gradcli.help.pages import page, titles

    group: Any = ctx.parent
    if topic is None:
        width = max(map(len, titles()))
        listed = "".join(f"  {name:{width}}  {title}\n" for name, title in titles().items())
        return Answer(f"{group.get_help()}\n\nPages (gradcli help NAME):\n{listed}")
    found = group.command.get_command(group, topic)
    if found is None:
        return Answer(_shown(page(topic, group.command.list_commands(group))))
    used: str = found.get_help(typer.Context(found, info_name=topic, parent=group)) + "\n"
    return Answer(used + ("\n" + _shown(page(topic)) if topic in titles() else ""))


def _shown(text: str) -> str:
    """Markdown as a terminal shows it, and as it is where there is none."""
    screen = screen_of(sys.stdout)
    if not screen.is_terminal:
        return text
    from io import StringIO

    from rich.console import Console
    from rich.markdown import Markdown

    held = StringIO()
    colors = screen.color
    console = Console(file=held, width=min(screen.columns, LINE), force_terminal=colors, no_color=not colors)
    console.print(Markdown(text, code_theme="ansi_dark", hyperlinks=False))
    return held.getvalue()
