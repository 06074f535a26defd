"""What `--claim` says: which derivative, and the formula that is claimed for it; and what `--value` says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

from gradcli.errors import GradcliError, Source, Span
from gradcli.language import foreign
from gradcli.language.brackets import outside
from gradcli.language.derivative_signs import head
from gradcli.language.nodes import Assign, Call, Define, Name, Node, Program, parts, walk
from gradcli.language.parser import UNUSED, expression_of
from gradcli.language.point import Given, read_point
from gradcli.language.tokens import Token, TokenKind, is_sign
from gradcli.language.uncertain import without_uncertainty

STAGE = "reading the claims"
EXAMPLE = 'NAME = FORMULA, such as "x = 2*x", or a formula alone'
_NAMES = re.compile(r"\s*([^\W\d]\w*(?:\s*,\s*[^\W\d]\w*)*)\s*=(?!=)")


_PIECES = re.compile(r",(?=\s*[^\W\d]\w*\s*=)")  # between the numbers of several names


class Claimed(NamedTuple):
    """The names that a claimed derivative is by, none where they were not said; its formula, and where both stand.

    Where the sign of a derivative says so, the order, what is differentiated, and the letters of its entry: those of
    the output, and those of each name.
    """

    names: tuple[str, ...]
    formula: Node
    source: Source
    names_span: Span | None
    formula_span: Span
    order: int | None = None
    of: str | None = None
    letters: tuple[tuple[str, ...], ...] = ()
    is_latex: bool = False
    definitions: tuple[Assign, ...] = ()  # names of the claim's own, in front of it

    @property
    def text(self) -> str:
        """The formula as it was written, behind the definitions of its own; LaTeX without its signs is marked."""
        text = self.source.text[self.formula_span.start : self.formula_span.end].strip()
        text = rf"\({text}\)" if self.is_latex and not foreign.is_latex(text) else text
        own = [self.source.text[one.span.start : one.span.end].strip() for one in self.definitions]
        return "; ".join([*own, text])


def functions_of(program: Program) -> dict[str, tuple[str, ...]]:
    """The functions that a program defines, and their parameters: a claim may use them."""
    return {one.name: one.params for one in program.statements if isinstance(one, Define)}


def read_claim(text: str, program: Program, option: str = "--claim", letters: Sequence[Sequence[str]] = ()) -> Claimed:
    """The claim that a text makes about a program: a formula, or one behind `x =`, `df/dx =`, `f'(x) =` and the like.

    It may use `letters` of an entry that is known already.
    Raises GradcliError where it is none, with the place.
    """
    source = Source(text, option)
    try:
        known = [letter for one in letters for letter in one]
        tokens, is_foreign = foreign.tokens_of(source, functions_of(program), _names_of(program), known)
        definitions, tokens = _defined(tokens, source, program)
        cut = _equals(tokens)
        rest = tokens[cut + 1 :]
        left = _left(tokens[:cut], program, source) if cut >= 0 else Claimed((), _NOTHING, source, None, _HERE)
        if len(rest) == 1:
            raise GradcliError(STAGE, "the claimed formula is missing", source=source, expected=EXAMPLE)
        formula = expression_of(source, functions_of(program), rest)
    except GradcliError as error:
        error.stage = STAGE
        error.message = error.message.replace("the program ends", "the claim ends")
        if error.message == UNUSED:
            error.message, error.expected, error.hint = "a claim is one formula", None, "give each one its own --claim"
        raise
    if isinstance(formula, Call) and formula.function == "==" and not formula.user:
        raise GradcliError(
            STAGE, "a claim is not a comparison", source=source, span=formula.head, expected=EXAMPLE, hint="write one ="
        )
    start = tokens[cut].span.end if cut >= 0 else tokens[0].span.start if definitions else 0
    end = max(token.span.end for token in rest[:-1]) if is_foreign else len(text)
    found = left._replace(formula=formula, formula_span=Span(start, end), is_latex=is_foreign)
    return found._replace(definitions=definitions)


def _defined(tokens: list[Token], source: Source, program: Program) -> tuple[tuple[Assign, ...], list[Token]]:
    """The definitions in front of a claim of several statements, and the tokens of the claim itself."""
    ends = (index for index, token in outside(tokens) if token.kind is TokenKind.SEPARATOR)
    starts = [0, *(index + 1 for index in ends if tokens[index + 1].kind is not TokenKind.END)]
    found: list[Assign] = []
    known = {one.name for one in program.statements if isinstance(one, (Assign, Define))}
    for start, end in pairwise(starts):
        place = tokens[end - 1].span.start
        part = [*tokens[start : end - 1], Token(TokenKind.END, "", Span(place, place))]
        span = part[0].span.to(part[-2].span) if len(part) > 1 else part[0].span
        if len(part) < 4 or part[0].kind is not TokenKind.NAME or not is_sign(part[1], "="):
            raise GradcliError(
                STAGE, "what stands in front of the claim defines no name", source=source, span=span,
                expected="NAME = FORMULA; and last the claim", hint="give each claim its own --claim",
            )  # fmt: skip
        name = part[0].text
        if name in known:
            raise GradcliError(
                STAGE, f'"{name}" has a meaning already', source=source, span=part[0].span, hint="take another name"
            )
        known.add(name)
        found.append(Assign(name, expression_of(source, functions_of(program), part[2:]), span))
    rest = tokens[starts[-1] :]
    while len(rest) > 1 and rest[-2].kind is TokenKind.SEPARATOR:
        del rest[-2]
    return tuple(found), rest


_HERE = Span(0, 0)
_NOTHING: Node = Name("", _HERE)


def _equals(tokens: Sequence[Token]) -> int:
    """Where the first = outside brackets stands; -1 where there is none."""
    return next((index for index, token in outside(tokens) if is_sign(token, "=")), -1)


def _left(tokens: Sequence[Token], program: Program, source: Source) -> Claimed:
    """What stands in front of the = of a claim."""
    span = tokens[0].span.to(tokens[-1].span) if tokens else Span(0, 1)
    claimed = Claimed((), _NOTHING, source, span, _HERE)
    kinds = [
        token.kind is TokenKind.NAME if index % 2 == 0 else token.text == "," for index, token in enumerate(tokens)
    ]
    if tokens and all(kinds) and len(tokens) % 2:
        return claimed._replace(names=tuple(token.text for token in tokens[::2]))
    closed = [*tokens, Token(TokenKind.END, "", Span(span.end, span.end))]
    names = _names_of(program)
    found = head(closed, 0, names) if tokens else None
    if found is not None and found.end == len(tokens) and found.of is not None:
        name, index = found.of
        by = tuple(one for one, _ in found.by)
        letters = tuple(tuple(one.text for one in each[::2]) for each in (index, *(each for _, each in found.by)))
        return claimed._replace(names=by, order=len(by), of=name, letters=letters if any(letters) else ())
    primes = _primes(tokens)
    if primes:
        return claimed._replace(order=primes, of=tokens[0].text)
    raise GradcliError(
        STAGE,
        "this names no derivative",
        source=source,
        span=span,
        expected=EXAMPLE,
        hint="a sign of a derivative is understood, too: df/dx = ..., f'(x) = ...",
    )


def _names_of(program: Program) -> set[str]:
    """All names that stand in a program."""
    nodes = (node for one in program.statements for part in parts(one) for node in walk(part))
    return {node.name for node in nodes if isinstance(node, Name)}


def _primes(tokens: Sequence[Token]) -> int:
    """The primes of y' or f''(x); 0 for anything else."""
    count = 0
    while count + 1 < len(tokens) and is_sign(tokens[count + 1], "'"):
        count += 1
    rest = [token.text for token in tokens[count + 1 :]]
    alone = not rest or (len(rest) == 3 and rest[0] == "(" and rest[2] == ")" and tokens[-2].kind is TokenKind.NAME)
    return count if tokens and tokens[0].kind is TokenKind.NAME and alone else 0


class Valued(NamedTuple):
    """A point, and what is claimed there: numbers by name, or one of no name; and where the point ends in the text."""

    at: dict[str, Given]
    values: dict[str | None, Given]
    source: Source
    cut: int | None = None
    within: Mapping[str | None, Fraction] = MappingProxyType({})  # how far from a number the true one may be

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
    within: dict[str | None, Fraction] = {}
    pieces: list[str] = []
    for piece in _PIECES.split(claimed):
        plain, size = without_uncertainty(piece)
        pieces.append(plain)
        if size is not None:
            name = _NAMES.match(plain)
            within[name[1].strip() if name else None] = size
    claimed = ",".join(pieces)
    if _NAMES.match(claimed):
        named: dict[str | None, Given] = {}
        named.update(read_point([claimed], option))
        return Valued(point, named, source, cut, within)
    return Valued(point, {None: read_point([f"f={claimed}"], option)["f"]}, source, cut, within)


def _colon(text: str) -> int | None:
    """Where the point ends: at the first colon outside brackets."""
    return next((place for place, sign in outside(text) if sign == ":"), None)
