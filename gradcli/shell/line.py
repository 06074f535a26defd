"""A line of the shell as text: whether it goes on, its options, the names in it, what it makes."""

from __future__ import annotations

import itertools
import shlex
from typing import Any

from gradcli.errors import GradcliError, Source
from gradcli.language.nodes import Assign, Program
from gradcli.language.parser import parse
from gradcli.language.tokens import Token, TokenKind, tokenize

STAGE = "reading the line"


def is_open(text: str) -> bool:
    """Whether a line goes on: a bracket is open, or a backslash ends it."""
    if text.rstrip().endswith("\\"):
        return True
    signs = [token.text for token in tokens(text) if token.kind is TokenKind.SIGN]
    return sum(sign in ("(", "[") for sign in signs) > sum(sign in (")", "]") for sign in signs)


def tokens(text: str) -> list[Token]:
    """The tokens of a text; none where it has other signs."""
    try:
        return tokenize(Source(text))
    except GradcliError:
        return []


def parsed(text: str) -> Program | None:
    """The program that a text is; None where it is none."""
    try:
        return parse(text)
    except GradcliError:
        return None


def with_options(line: str) -> tuple[str, list[str]]:
    """A program, and the options of `diff` that stand behind it."""
    before, found, after = line.partition(" --")
    if not found or not after[:1].isalpha():
        return line, []
    try:
        return before, shlex.split(f"--{after}")
    except ValueError as error:
        raise GradcliError(STAGE, f"the quotes of the options do not match: {error}".lower()) from error


def options_of_diff() -> dict[str, Any]:
    """The parameters of `gradcli diff`, by the names of their options."""
    from gradcli.terminal.options import LightGroup

    command: Any = LightGroup(name="gradcli").get_command(None, "diff")
    return {name: param for param in command.params for name in param.opts}


def fields_of(words: list[str]) -> tuple[dict[str, object], set[str]]:
    """What options of `diff` are as fields of a line of `gradcli batch`; and those that it does not take.

    How an answer is shown is no part of the question, but that it is LaTeX is.
    """
    if not words:
        return {}, set()
    from gradcli.runtime.lines.fields import OPTIONS
    from gradcli.terminal.options import CONVERTED

    known, fields, others = options_of_diff(), dict[str, object](), set[str]()
    rest = iter(words)
    for word in rest:
        name, has_value, text = word.partition("=")
        param, field = known.get(name), name[2:].replace("-", "_")
        is_flag = getattr(param, "is_flag", False)
        value = text if has_value or is_flag else next(rest, "")
        if field == "at" or field in OPTIONS:
            before = f"{fields[field]}," if getattr(param, "multiple", False) and field in fields else ""
            fields[field] = True if is_flag else before + value if before else CONVERTED.get(field, (str, ""))[0](value)
        elif name == "--format" and value == "latex":
            fields["latex"] = True
        elif name in ("--complex", "--from", "--file"):
            others.add(name)
    return fields, others


def shapes_of(words: list[str]) -> list[str]:
    """The options among some that say sizes, with their values."""
    found = list[str]()
    for word, after in itertools.zip_longest(words, words[1:], fillvalue=""):
        if word == "--shape":
            found += [word, after]
        elif word.startswith("--shape="):
            found.append(word)
    return found


def options_of(fields: dict[str, Any]) -> list[str]:
    """The options of `diff` that fields of such a line are.

    Raises KeyError or TypeError where one is none.
    """
    known, words = options_of_diff(), list[str]()
    for field, value in fields.items():
        name = f"--{field.replace('_', '-')}"
        if field == "latex":
            words += ["--format", "latex"] if value else []
        elif field != "id":
            is_flag = known[name].is_flag
            if type(value) not in ((bool,) if is_flag else (str, int, float)):
                raise TypeError(value)
            words += ([name] if value else []) if is_flag else [name, str(value)]
    return words


def named(text: str) -> set[str]:
    """All names of a text."""
    return {token.text for token in tokens(text) if token.kind is TokenKind.NAME}


def made(text: str) -> set[str]:
    """The names that a text gives a meaning itself: those at the beginning of a statement with =."""
    found, read = set(), tokens(text)
    begins = [0, *(place + 1 for place, token in enumerate(read) if token.kind is TokenKind.SEPARATOR)]
    for begin, end in zip(begins, [*begins[1:], len(read)]):
        statement = read[begin:end]
        is_derivative = len(statement) > 1 and statement[1].text == "'"  # of a function that was made before
        if statement and not is_derivative and any(token.text == "=" for token in statement):
            found.add(statement[0].text)
    return found


def output_of(program: Program) -> str:
    """What a program computes, as one may write it behind its definitions."""
    out = program.output
    return out.name if isinstance(out, Assign) else program.source.text[out.span.start : out.span.end]
