"""A line of the shell as text: whether it goes on, its options, the names in it, what it makes."""

from __future__ import annotations

import itertools
import math
import re
import shlex
from collections.abc import Iterable, Iterator

from gradcli.errors import GradcliError, Source
from gradcli.language.nodes import Assign, Define, Program
from gradcli.language.parser import parse
from gradcli.language.printer import unparse
from gradcli.language.tokens import MAX_SOURCE, Token, TokenKind, tokenize
from gradcli.language.trees import substituted

STAGE = "reading the line"


def is_open(text: str) -> bool:
    """Whether a line goes on: a bracket is open, or a backslash ends it."""
    return text.rstrip().endswith("\\") or _opened(text) > 0


def statements(lines: Iterable[str]) -> Iterator[str]:
    """Lines of a pipe, joined where a bracket is open; one whose bracket nothing closes stands for itself.

    A command ends what is open: none stands within brackets.
    """
    held: list[str] = []
    depths: list[float] = []  # how many brackets are open behind each, endlessly many where a backslash ends it
    depth = size = 0
    for line in lines:
        if held and (line.startswith(":") or size > MAX_SOURCE):
            yield from _apart(held, depths)
            held, depths, depth, size = [], [], 0, 0
        depth, size = depth + _opened(line), size + len(line)
        held.append(line)
        depths.append(math.inf if line.rstrip().endswith("\\") else depth)
        if depths[-1] <= 0 or (depths[-1] < math.inf and not tokens(line)):
            yield "".join(held)
            held, depths, depth, size = [], [], 0, 0
    yield from _apart(held, depths)


def _apart(lines: list[str], depths: list[float]) -> Iterator[str]:
    """Lines whose first bracket is not closed: what closes its own brackets is joined, the others stand alone."""
    lowest = [*itertools.accumulate(reversed(depths), min)][::-1]  # of each line and those behind it
    start, before = 0, 0.0
    while start < len(lines):
        end = start
        if lowest[start] <= before:
            while depths[end] > before:
                end += 1
        yield "".join(lines[start : end + 1])
        start = end + 1
        before = depths[end] if depths[end] < math.inf else before


def _opened(text: str) -> int:
    """How many brackets are open behind a text."""
    signs = [token.text for token in tokens(text) if token.kind is TokenKind.SIGN]
    return sum(sign in ("(", "[") for sign in signs) - sum(sign in (")", "]") for sign in signs)


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
    definitions = [one for one in program.statements if isinstance(one, Define)]
    defined = {one.name for one in definitions}
    if program.asked is not None:  # paper notation: the text is that of a derivative, and this is what was computed
        return unparse(substituted(out.value, program.asked.point, simplify=False), defined)
    if isinstance(out, Assign):
        return out.name
    if any(one.span.start <= out.span.start < one.span.end for one in definitions):  # f(x) of `f(x) = ...` alone
        return unparse(out.value, defined)
    return program.source.text[out.span.start : out.span.end]
