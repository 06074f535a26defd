"""Why a line follows from the one before it: words, and mathematics among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Union

from gradcli.language.notation import within_text
from gradcli.steps.data import DerivationLine, Rule, Written

LONGEST_STATEMENT = 34  # characters of a function's rule that stands beside a line
LONGEST_NAMES = 44  # characters of what the letters of a rule stand for

EQUATIONS = ("delta", "inverse", "determinant")  # the keys of rules that are said as what they state
EQUALS = Written(" = ", " = ", " = ", " = ")

Part = Union[str, Written]


def reasons(line: DerivationLine, words: Callable[[str], str], mathematics: Callable[[Written], str]) -> str:
    """All rules of a line in few words; what is said twice is said once."""
    said = (
        "".join(words(part) if isinstance(part, str) else mathematics(part) for part in parts(rule))
        for rule in line.rules
    )
    return words("; ").join(dict.fromkeys(said))


def plain(line: DerivationLine, unicode: bool) -> str:
    """The reasons as text for a screen."""
    return reasons(line, str, lambda written: written.on(unicode))


def parts(rule: Rule) -> Iterator[Part]:
    """A rule in few words, with what its letters stand for."""
    said = rule.statement
    if said and (rule.key in EQUATIONS or (rule.key.startswith("row:") and len(said.shown) <= LONGEST_STATEMENT)):
        yield said
        return
    yield rule.reason
    length = sum(len(name.shown) + len(value.shown) + 5 for name, value in rule.names) - 2
    between = " " if rule.key == "put in" else ", "
    if rule.key != "put in" and length > LONGEST_NAMES:
        return
    for name, value in rule.names:
        yield between
        yield replace(name, latex=within_text(name.latex))
        if length <= LONGEST_NAMES:
            yield EQUALS
            yield value
        between = ", "
