"""What `--claim` says: which derivative, and the formula that is claimed for it; and what `--value` says."""

from __future__ import annotations

import re
from typing import NamedTuple

from gradcli.errors import GradcliError, Source, Span
from gradcli.language.nodes import Call, Define, Node, Program
from gradcli.language.parser import UNUSED, parse_expression
from gradcli.language.point import Given, read_point

STAGE = "reading the claims"
EXAMPLE = 'NAME = FORMULA, such as "x = 2*x", or a formula alone'
_NAMES = re.compile(r"\s*([^\W\d]\w*(?:\s*,\s*[^\W\d]\w*)*)\s*=(?!=)")
_NAME = re.compile(r"[^\W\d]\w*")


class Claimed(NamedTuple):
    """The names that a claimed derivative is by, none where they were not said; its formula, and where both stand."""

    names: tuple[str, ...]
    formula: Node
    source: Source
    names_span: Span | None
    formula_span: Span

    @property
    def text(self) -> str:
        """The formula as it was written."""
        return self.source.text[self.formula_span.start : self.formula_span.end].strip()


def functions_of(program: Program) -> dict[str, tuple[str, ...]]:
    """The functions that a program defines, and their parameters: a claim may use them."""
    return {one.name: one.params for one in program.statements if isinstance(one, Define)}


def read_claim(text: str, program: Program, option: str = "--claim") -> Claimed:
    """The claim that a text makes about a program.

    Raises GradcliError where it is none, with the place.
    """
    source = Source(text, option)
    match = _NAMES.match(text)
    start = match.end() if match else 0
    if not text[start:].strip():
        raise GradcliError(STAGE, "the claimed formula is missing", source=source, expected=EXAMPLE)
    try:
        formula = parse_expression(" " * start + text[start:], option, functions_of(program))
    except GradcliError as error:
        error.stage = STAGE
        error.message = error.message.replace("the program ends", "the claim ends")
        error.source = source if error.source is not None else None
        if error.message == UNUSED:
            error.message, error.expected, error.hint = "a claim is one formula", None, "give each one its own --claim"
        raise
    if isinstance(formula, Call) and formula.function == "==" and not formula.user:
        raise GradcliError(
            STAGE, "a claim is not a comparison", source=source, span=formula.head, expected=EXAMPLE, hint="write one ="
        )
    end = Span(start, len(text))
    if match is None:
        return Claimed((), formula, source, None, end)
    names = tuple(_NAME.findall(match.group(1)))
    return Claimed(names, formula, source, Span(*match.span(1)), end)


class Valued(NamedTuple):
    """A point, and what is claimed there: numbers by name, or one of no name; and where the point ends in the text."""

    at: dict[str, Given]
    values: dict[str | None, Given]
    source: Source
    cut: int | None = None

    @property
    def at_span(self) -> Span | None:
        """Where the point stands."""
        return None if self.cut is None else Span(0, max(1, self.cut))

    @property
    def values_span(self) -> Span | None:
        """Where the numbers stand."""
        return None if self.cut is None else Span(self.cut + 1, len(self.source.text))


def read_valued(text: str, option: str = "--value") -> Valued:
    """What `x=1: 7`, or `u=1,v=2: u=5,v=1`, claims.

    Raises GradcliError where it claims nothing.
    """
    source = Source(text, option)
    cut = _colon(text)
    if cut is None:
        raise GradcliError(
            STAGE,
            "there is no point and no number",
            source=source,
            span=Span(0, len(text)),
            expected='POINT: NUMBER, such as "x=1: 7"',
        )
    at, claimed = text[:cut], text[cut + 1 :]
    if not claimed.strip():
        raise GradcliError(
            STAGE, "the claimed number is missing", source=source, span=Span(cut, cut + 1), expected="x=1: 7"
        )
    point = read_point([at], option) if at.strip() else {}
    if _NAMES.match(claimed):
        named: dict[str | None, Given] = {}
        named.update(read_point([claimed], option))
        return Valued(point, named, source, cut)
    return Valued(point, {None: read_point([f"f={claimed}"], option)["f"]}, source, cut)


def _colon(text: str) -> int | None:
    """Where the point ends: at the first colon outside brackets."""
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign in "([") - (sign in ")]")
        if sign == ":" and depth == 0:
            return place
    return None
