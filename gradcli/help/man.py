"""The man page: the pages of the manual, as roff."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gradcli.help.pages import page, titles
from gradcli.version import __version__

FIRST = ("language", "verdicts")  # pages that a reader needs before the others
LEFT_OUT = ("architecture", "contributing", "faults", "changes")  # of those who work on gradcli
_INLINE = re.compile(r"`([^`\n]+)`|\*\*([^*\n]+)\*\*|\[([^\]\n]+)\]\([^)\n]+\)")


def man() -> str:
    """The page for `man gradcli`, made of those of `gradcli help`."""
    lines = [
        f'.TH GRADCLI 1 "" "gradcli {__version__}" "User Commands"', ".SH NAME",
        "gradcli \\- a derivative calculator that checks itself", ".SH SYNOPSIS", ".B gradcli",
        "COMMAND [PROGRAM] [OPTIONS]", ".PP",
        "gradcli --help lists the commands, gradcli COMMAND --help their options; gradcli alone opens a shell.",
    ]  # fmt: skip
    for name in [*FIRST, *(one for one in titles() if one not in (*FIRST, *LEFT_OUT))]:
        title = titles()[name]
        lines += [f".SH {_escaped(title.partition(':')[0]).upper()}", *_page(page(name))]
    return "\n".join(lines) + "\n"


def _page(text: str) -> Iterator[str]:
    """A page of Markdown without its title."""
    is_code = False
    for line in text.splitlines()[1:]:
        if line.startswith("```"):
            is_code = not is_code
            yield ".EX" if is_code else ".EE"
        elif is_code:
            yield _escaped(line)
        elif line.startswith("    "):
            yield from (".EX", _escaped(line), ".EE")
        elif line.startswith("#"):
            yield f".SS {_inline(line.lstrip('# '))}"
        elif line.startswith("|"):
            if not set(line) <= set("|-: "):
                yield from (".br", _inline(" \\(bu ".join(cell.strip() for cell in line.strip("|").split("|"))))
        elif line.startswith("- "):
            yield from (".IP \\(bu 2", _inline(line[2:]))
        elif not line.strip():
            yield ".PP"
        elif not line.startswith("<!--"):
            yield _inline(line.strip())


def _inline(text: str) -> str:
    """A line with its code in bold and its links as words."""
    done, place = "", 0
    for found in _INLINE.finditer(text):
        done += _escaped(text[place : found.start()])
        word = _escaped(found[1] or found[2] or found[3])
        done += f"\\fB{word}\\fR" if found[3] is None else word
        place = found.end()
    return done + _escaped(text[place:])


def _escaped(text: str) -> str:
    """Text in which roff reads nothing as its own."""
    text = text.replace("\\(bu", "\0").replace("\\", "\\e").replace("\0", "\\(bu").replace("-", "\\-")
    return f"\\&{text}" if text[:1] in (".", "'") else text
