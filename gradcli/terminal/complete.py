"""What the shell offers when TAB is pressed: the parser and the table are asked, nothing else is imported."""

from __future__ import annotations

import re

from gradcli.errors import GradcliError
from gradcli.functions import table
from gradcli.language.names import names_of
from gradcli.language.parser import parse
from gradcli.terminal.completion import values_of_files

_FILE = re.compile(r"(?P<before>(?:.*,)?\s*\w+\s*=\s*@)(?P<path>[^,]*)$", re.DOTALL)
_LAST_WORD = re.compile(r"(?P<prefix>(?:[A-Za-z_]+\.)*)(?P<word>[A-Za-z_][A-Za-z0-9_]*)$")


def functions(incomplete: str) -> list[str]:
    """The expression so far, with each function that its last word may become."""
    match = _LAST_WORD.search(incomplete)
    if not match:
        return []
    before, prefix = incomplete[: match.start("word")], match["prefix"].rstrip(".")
    known = table.function_names()
    if prefix:
        known = sorted(name for library, name in table.by_library() if library == table.PREFIXES.get(prefix))
    return [before + name for name in known if name.startswith(match["word"])]


def values(program: str | None, incomplete: str) -> list[str]:
    """The values so far, and a further `name=` for each variable that has none yet."""
    begun = _FILE.match(incomplete)
    if begun is not None:
        return values_of_files(begun["before"], begun["path"])
    before, comma, last = incomplete.rpartition(",")
    given = {piece.partition("=")[0].strip() for piece in before.split(",")}
    return [f"{before}{comma}{name}=" for name in _variables(program) if name.startswith(last) and name not in given]


def names(program: str | None, incomplete: str) -> list[str]:
    """The names so far, and a further one."""
    before, comma, last = incomplete.rpartition(",")
    given = before.split(",")
    known = [*_variables(program), *_intermediates(program)]
    return [f"{before}{comma}{name}" for name in known if name.startswith(last) and name not in given]


def _variables(program: str | None) -> tuple[str, ...]:
    try:
        return names_of(parse(program or "")).variables
    except GradcliError:
        return ()


def _intermediates(program: str | None) -> tuple[str, ...]:
    try:
        return names_of(parse(program or "")).intermediates
    except GradcliError:
        return ()
