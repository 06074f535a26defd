"""Words of a command line that nothing takes: what they look like says where they belong."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from gradcli.errors import GradcliError

PROGRAM = "the program"  # what an error's source is called that was typed
LONGEST = 255  # characters of a name of a file
QUOTES = "put the program in quotes: a shell splits it at spaces"
FROM_FILES = "a program is read from a file by --file NAME, a value by --at x=@NAME"

_WORDS = re.compile(r"argument(?:\(s\)|s)? \((.*)\)")
_VALUE = re.compile(r"[^\W\d]\w*=[^=].*")
_SHORT = re.compile(r"-[^\W\d]")  # what others call an option: -x 3
_RANGE = re.compile(r"(?:([^\W\d]\w*)=)?([-+\w.]+:[-+\w.:]+)")
_DASH = re.compile(r"([\u2010-\u2015\u2212])-?([^\W\d][\w-]+)")
_CLAIM = re.compile(r"\s*(?:(?:d/d|∂/∂)([a-z])\b)?\s*([^=<>!]+?)\s*=\s*([^=<>!]+?)\s*")
_NUMBER = re.compile(r"[-+]?[\d.]+(?:[eE][-+]?\d+)?(?:,\d+)?")
_WHOLE = re.compile(r"[\w(].*[-+*/^(].*[\w)]")  # what may be a function by itself: it begins and ends as one
_FILE = re.compile(r"\S+\.(?:txt|py|ipynb|csv|json|jsonl|tex|m|jl|npy|parquet)")


def hint_for(message: str, arguments: Sequence[str], language: Callable[[str], str | None]) -> str:
    """What to do with the words that a message of Typer's lists; `language` names the one that a word is about."""
    found = _WORDS.search(message)
    words = found.group(1).split() if found else []
    first = words[0] if words else ""
    place = arguments.index(first) if first in arguments else 0
    before = next((one for one in reversed(arguments[:place]) if one.startswith("--")), "")
    if dash := _DASH.match(first):  # text processors and web pages make one of two hyphens
        return f'an option begins with two hyphens, not with "{dash.group(1)}": write --{dash.group(2)}'
    own = _of_command(arguments[:1], words) if place or arguments[:1] == ["config"] else None
    if own is not None:
        return own
    quotes = QUOTES
    if arguments[:1] == ["code"] and "--to" not in arguments:
        to = next((f"--to {name}" for name in map(language, (*words, *arguments[1:2])) if name), "")
        if to and len(words) == 1:
            return f"the language is given by {to}"
        quotes += f", and give the language by {to or '--to'}"
    if len(words) == 1 and _SHORT.fullmatch(first):
        return f"there is no option {first}: --help lists those that there are"
    if len(words) == 2 and _SHORT.fullmatch(first) and _NUMBER.fullmatch(words[1]):
        return f"a value is given by --at {first[1:]}={words[1]}"
    if words[:1] == ["="] and before in ("--at", "--shape") and place:
        return f"write {before} {arguments[place - 1]}={''.join(words[1:])}, without spaces"
    if before in ("--at", "--shape") and place and _is_open(arguments[place - 1]):
        return 'put the value in quotes: a shell splits it at spaces; a list is written "x=[1, 2]"'
    return _hint_for_value(words, before, arguments[place - 1] if place else "") or _hint_for_rest(
        words, arguments, quotes
    )


def _hint_for_value(words: Sequence[str], before: str, previous: str) -> str | None:
    """What to do with words that look like values; the option and the word that stand before them."""
    first = words[0] if words else ""
    if first in ("at", "-at") and len(words) == 2:
        return f"a value is given by --at {words[1] if '=' in words[1] else f'x={words[1]}'}"
    if all(map(_VALUE.fullmatch, words)) and words:
        if before in ("--at", "--shape"):
            given = previous if previous != before else ""
            joined = ",".join(one for one in (given, *words) if one)
            return f"write {before} {joined}, with commas and without spaces"
        return f"a value is given by --at {','.join(words)}"
    return None


def _hint_for_rest(words: Sequence[str], arguments: Sequence[str], quotes: str) -> str:
    first = words[0] if words else ""
    if first == "-o":
        return "the answer is on standard output: put > FILE behind the command"
    if len(words) == 1 and _NUMBER.fullmatch(first):
        return f"a point is given by --at, as in --at x={first.replace(',', '.')}"
    if len(words) == 1 and (_FILE.fullmatch(first) or Path(first).is_file()):
        return FROM_FILES.replace("NAME", first)
    if len(words) == 1 and _WHOLE.fullmatch(first) and arguments[:1] == ["diff"]:
        return f"one program at a time: several functions are written [f, g]; {quotes}"
    return quotes


def _of_command(command: Sequence[str], words: Sequence[str]) -> str | None:
    """What to do with words that one command alone has a place for."""
    if command == ["config"]:
        return "gradcli config NAME VALUE sets one, gradcli config NAME shows it"
    if command == ["check"] and words and (len(words) == 1 or words[0] == "=") and not _SHORT.fullmatch(words[0]):
        return f'a claim is given by --claim "{words[-1]}"'
    if command == ["taylor"] and 1 < len(words) <= 2 and all(map(_NUMBER.fullmatch, words)):
        return f"the point is given by --at x={words[0]}, the order by --order {words[1]}"
    if command in (["plot"], ["audit"], ["extrema"]):
        if len(words) == 2 and all(map(_NUMBER.fullmatch, words)):
            return f"a range is given by --over, as in --over x={words[0]}:{words[1]}"
        if len(words) == 1 and (said := _RANGE.fullmatch(words[0])):
            return f"a range is given by --over, as in --over {said.group(1) or 'x'}={said.group(2)}"
    return None


def _is_open(value: str) -> bool:
    """Whether a bracket of a value is closed in another word."""
    return any(value.count(opening) > value.count(closing) for opening, closing in ("[]", "()", "{}"))


def of_a_program(error: GradcliError, arguments: Sequence[str]) -> str | None:
    """What to do where what was refused as a program is the name of a file, or a claim."""
    name = error.source.text if error.source is not None and error.source.name == PROGRAM else ""
    if name not in arguments[:2] or "\n" in name or len(name) > LONGEST:
        return None
    at_sign = error.span is not None and (name[error.span.start :].startswith("=") or name.lstrip()[:1] in "d∂")
    claim = _CLAIM.fullmatch(name) if at_sign else None
    if claim and arguments[0] == "check" and not any(one.startswith("--claim") for one in arguments):
        by, body, derivative = claim.groups()
        said = f"df/d{by} = {derivative}" if by else derivative
        return f'a claim stands behind the program: gradcli check "{body}" --claim "{said}"'
    path = name.removeprefix("@")
    if not Path(path).is_file():
        is_meant = error.hint is None and (name != path or _FILE.fullmatch(name))
        return f"there is no file {path}; {FROM_FILES}" if is_meant else None
    if arguments[0] == "map":
        return f"{path} is a file: the program stands first, the data behind it"
    if path.endswith(".ipynb"):
        return f"{path} is a file: gradcli notebook {path}"
    return f"{path} is a file: write --file {path}"
