"""Completion in bash, zsh and fish: their scripts hand over the line so far, and each line of the answer may follow."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ASKED, WORDS = "_GRADCLI_COMPLETE", "words"  # the variable that says that TAB was pressed, and its value of our scripts
LINE, WORD = "_GRADCLI_LINE", "_GRADCLI_WORD"  # the line up to the cursor, and what bash takes for the last word of it
FILES = {"bash": "gradcli.bash", "zsh": "_gradcli", "fish": "gradcli.fish"}


def script(shell: str) -> str:
    """What a shell reads to know of it."""
    return (Path(__file__).parent / "completions" / FILES[shell]).read_text()


def install_scripts() -> None:
    """Have Typer's --install-completion and --show-completion use these scripts: its own cut words at `=`."""
    from typer import _completion_shared as shared

    scripts: Any = getattr(shared, "_completion_scripts", None)  # a newer Typer may keep them elsewhere: then its own
    if isinstance(scripts, dict):
        scripts.update({shell: script(shell).replace("%", "%%") for shell in FILES})


def is_asked(environment: Mapping[str, str]) -> bool:
    """Whether one of our scripts asks."""
    return environment.get(ASKED) == WORDS


def answer(command: Any, environment: Mapping[str, str]) -> str:
    """What may stand in the place of the last word, a line each; nothing where files are meant."""
    words = split(environment.get(LINE, ""))
    *args, incomplete = words[1:] or [""]
    found = _offered(command, args, incomplete)
    word = environment.get(WORD)
    before = incomplete[: len(incomplete) - len(word)] if word is not None and incomplete.endswith(word) else ""
    if word is not None and word[:1] in ("'", '"'):  # bash hands over the quote that was opened
        before = ""
    return "".join(f"{one.removeprefix(before)}\n" for one in found)


def split(line: str) -> list[str]:
    """The words of a line that is being typed: the last one may be empty, and its quotes may be open."""
    lexer = shlex.shlex(line, posix=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    words = []
    try:
        for word in lexer:
            words.append(word)
    except ValueError:  # a quote is open, or a backslash ends it
        return [*words, lexer.token]
    return [*words, ""] if not words or line[-1:].isspace() else words


def _offered(command: Any, args: list[str], incomplete: str) -> list[str]:
    from typer._completion_classes import BashComplete

    asked = BashComplete(command, {}, "gradcli", ASKED)
    return [str(item.value) for item in asked.get_completions(args, incomplete)]


def offers(command: str, parameter: str, homes: Mapping[str, str]) -> list[str]:
    """What a parameter of a command may be, where that is one of a few words; `homes` are the modules of commands."""
    if parameter == "format_name":
        from importlib import import_module

        return list(import_module(homes[command]).FORMATS)
    if parameter == "dtype":
        from gradcli.language.numbers import DTYPES

        return list(DTYPES)
    if (command, parameter) == ("functions", "name"):
        from gradcli.functions import table

        return table.function_names()
    if (command, parameter) == ("help", "topic"):
        pages = Path(__file__).parent.parent / "help"
        return sorted({*homes, *(page.stem for page in pages.glob("*.md"))})
    return {
        "device": ["cpu", "cuda"],
        "language": ["latex", "gradcli"],
        "action": ["start", "stop", "status"],
    }.get(parameter, [])


def values_of_files(before: str, path: str) -> list[str]:
    """The files that a path may become, behind what stands before it."""
    folder, name = os.path.split(path)
    try:
        found = sorted(os.scandir(folder or "."), key=lambda one: one.name)
    except OSError:
        return []
    kept = [one for one in found if one.name.startswith(name) and not (one.name.startswith(".") and not name)]
    return [f"{before}{os.path.join(folder, one.name)}{'/' if one.is_dir() else ''}" for one in kept]
