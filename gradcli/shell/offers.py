"""What TAB offers in the shell: commands, options, functions, and the names of the session, each with what it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gradcli.functions import table
from gradcli.shell.commands import ALONE, ON_PROGRAM, OWN
from gradcli.shell.session import Session
from gradcli.terminal.options import COMMANDS

_WORD = re.compile(r"(?:(?:^:|--)[-\w]*|[A-Za-z_][\w.]*)$")  # a command, an option, a name


def word_of(before: str) -> str:
    """The word that ends before the cursor; an empty one where none does."""
    found = _WORD.search(before)
    return found.group() if found else ""


def offers(session: Session, before: str) -> Iterator[tuple[str, str]]:
    """What that word may become, and what this is."""
    word = word_of(before)
    return (one for one in _all(session, before.lstrip(), word) if one[0].startswith(word))


def _all(session: Session, line: str, word: str) -> Iterator[tuple[str, str]]:
    if line.startswith(":") and " " not in line:
        yield from ((f":{name}", text) for name, text in (ON_PROGRAM | OWN).items())
        yield from ((f":{name}", f"gradcli {name}") for name in ALONE)
    elif word.startswith("--"):
        name = line[1:].partition(" ")[0] if line.startswith(":") else "diff"
        yield from _options(name if name in COMMANDS else "diff")
    elif word:
        yield from session.values.items()
        yield from session.definitions.items()
        yield from ((name, table.BY_NAME[name].doc if name in table.BY_NAME else "") for name in table.function_names())


def _options(name: str) -> Iterator[tuple[str, str]]:
    """The options of a command, and what they are for."""
    from gradcli.terminal.options import LightGroup

    command: Any = LightGroup(name="gradcli").get_command(None, name)
    for param in command.params:
        yield from ((option, getattr(param, "help", None) or "") for option in param.opts if option.startswith("--"))
