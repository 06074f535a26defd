"""A line of the shell as text: whether it goes on, its options, the names in it, what it makes."""

from __future__ import annotations

import itertools
import re
import shlex

from gradcli.errors import GradcliError, Source
from gradcli.language.nodes import Assign, Define, Program
from gradcli.language.parser import parse
from gradcli.language.printer import unparse
from gradcli.language.tokens import Token, TokenKind, tokenize
from gradcli.language.trees import substituted

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


def shapes_of(words: list[str]) -> list[str]:
    """The options among some that say sizes, with their values."""
    found = list[str]()
    for word, after in itertools.zip_longest(words, words[1:], fillvalue=""):
        if word == "--shape":
            found += [word, after]
        elif word.startswith("--shape="):
            found.append(word)
    return found


def sized(words: list[str]) -> set[str]:
    """The names whose sizes options say."""
    return set(re.findall(r"([^\W\d]\w*)\s*=", " ".join(word.removeprefix("--shape=") for word in shapes_of(words))))


def named(text: str) -> set[str]:
    """All names of a text."""
    return {token.text for token in tokens(text) if token.kind is TokenKind.NAME}


def made(text: str) -> set[str]:
    """The names that a text gives a meaning itself: those at the beginning of a statement with =."""
    found, read = set(), tokens(text)
    begins = [0, *(index + 1 for index, token in enumerate(read) if token.kind is TokenKind.SEPARATOR)]
    for begin, end in zip(begins, [*begins[1:], len(read)]):
        statement = read[begin:end]
        is_derivative = len(statement) > 1 and statement[1].text == "'"  # of a function that was made before
        if statement and not is_derivative and any(token.text == "=" for token in statement):
            found.add(statement[0].text)
    return found


def output_of(program: Program) -> str:
    """What a program computes, as one may write it behind its definitions."""
    out = program.output
    if program.asked is not None:  # paper notation: the text is that of a derivative, and this is what was computed
        defined = {one.name for one in program.statements if isinstance(one, Define)}
        return unparse(substituted(out.value, program.asked.point, simplify=False), defined)
    return out.name if isinstance(out, Assign) else program.source.text[out.span.start : out.span.end]
