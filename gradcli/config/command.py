"""`gradcli config`: the settings shown, one of them changed, or taken back."""

from __future__ import annotations

import sys
from typing import Annotated, Optional

import typer

from gradcli.errors import OPTIONS, GradcliError
from gradcli.terminal import outputs
from gradcli.terminal.answer import Answer
from gradcli.terminal.arguments import Debug
from gradcli.terminal.console import screen_of
from gradcli.terminal.wrap import beside


def command(
    name: Annotated[
        Optional[str], typer.Argument(metavar="NAME", help="A setting; without it, all are shown.", show_default=False)
    ] = None,
    value: Annotated[
        Optional[str], typer.Argument(metavar="VALUE", help="What it is to be.", show_default=False)
    ] = None,
    unset: Annotated[bool, typer.Option("--unset", help="Take the setting back.")] = False,
    debug: Debug = False,
) -> Answer:
    """Your defaults at a terminal: dtype, format, digits, precision, patience, color, server.

    In a pipe or a script commands mean the same for everybody: settings are not read there.

    \b
    gradcli config dtype float32
    gradcli config --unset dtype
    """
    from gradcli.config import settings

    found = settings.loaded() if value is not None or unset else settings.read()  # so that a wrong one can be changed
    if name is None:
        if unset:
            raise GradcliError(OPTIONS, "--unset does not say what", expected=f"one of {', '.join(settings.SETTINGS)}")
        width = max(map(len, settings.SETTINGS))
        columns = screen_of(sys.stdout).columns
        lines = [str(settings.path())]
        for one, setting in settings.SETTINGS.items():
            head = f"  {one:{width}}  {found.get(one, '(not set)')!s:9}  "
            lines += beside(head, f"{setting.does}: {setting.expected}", columns)
        return Answer("".join(f"{line}\n" for line in lines))
    if name not in settings.SETTINGS and not (unset and name in found):
        settings.check(name, value)
    if value is None and not unset:
        return Answer(f"{found.get(name, '(not set)')}\n")
    found.pop(name, None)
    if not unset:
        meant = _meant(value or "")
        settings.check(name, meant)
        found[name] = meant
    path = settings.path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GradcliError("writing the settings", f"{path.parent} cannot be made: {error.strerror}") from error
    outputs.write(path, settings.written(found).encode(), "writing the settings")
    return Answer("")


def _meant(text: str) -> str | int | float:
    """A number, where the text is one."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
