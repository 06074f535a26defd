"""What is assumed of a program's variables: `T > 0`, `0 < x < 1`, `x < y`, as conditions and as bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from gradcli.errors import GradcliError, Source, Span
from gradcli.language.brackets import depths
from gradcli.language.nodes import Call, Name, Node
from gradcli.language.parser import expression_of
from gradcli.language.tokens import Token, TokenKind, tokenize
from gradcli.language.tree_facts import by_hand
from gradcli.language.trees import call, value_of

STAGE = "reading the assumptions"
EXAMPLE = 'comparisons, such as "T > 0, 0 < x < 1"'
COMPARISONS = ("<", "<=", ">", ">=", "!=")
TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


class Bounds(NamedTuple):
    """What a variable is between; the ends are in where they are `closed`."""

    low: Fraction | None = None
    high: Fraction | None = None
    low_closed: bool = False
    high_closed: bool = False

    @property
    def sign(self) -> int:
        """1 where it is positive, -1 where it is negative, 0 where that is not said."""
        if self.low is not None and (self.low > 0 or (self.low == 0 and not self.low_closed)):
            return 1
        if self.high is not None and (self.high < 0 or (self.high == 0 and not self.high_closed)):
            return -1
        return 0

    def within(self, number: Fraction) -> Fraction:
        """A number between the bounds: a number outside is mirrored at them."""
        if self.low is not None and self.high is not None:
            width = self.high - self.low
            far = (number - self.low) % (2 * width) if width else Fraction(0)
            return self.low + (far if far <= width else 2 * width - far)
        if self.low is not None and number < self.low:
            return 2 * self.low - number
        if self.high is not None and number > self.high:
            return 2 * self.high - number
        return number


@dataclass(frozen=True)
class Assumptions:
    """Conditions that hold wherever a claim is judged, as they were written and as trees."""

    texts: tuple[str, ...] = ()
    conditions: tuple[Node, ...] = ()
    sources: tuple[Source, ...] = ()

    @property
    def bounds(self) -> Mapping[str, Bounds]:
        """Of each variable that is compared with a number."""
        found: dict[str, Bounds] = {}
        for condition in self.conditions:
            assert isinstance(condition, Call)
            if condition.function not in TURNED:
                continue
            for sign, one, other in ((condition.function, 0, 1), (TURNED[condition.function], 1, 0)):
                name, side = condition.args[one], condition.args[other]
                number = value_of(side)
                with suppress(ZeroDivisionError):
                    number = by_hand(side) if number is None else number
                if isinstance(name, Name) and number is not None:
                    found[name.name] = _narrowed(found.get(name.name, Bounds()), sign, Fraction(number))
        return found


NOTHING = Assumptions()


def _narrowed(bounds: Bounds, sign: str, number: Fraction) -> Bounds:
    closed = sign.endswith("=")
    if sign.startswith(">"):
        if bounds.low is None or (number, not closed) > (bounds.low, not bounds.low_closed):
            return bounds._replace(low=number, low_closed=closed)
    elif bounds.high is None or (number, closed) < (bounds.high, bounds.high_closed):
        return bounds._replace(high=number, high_closed=closed)
    return bounds


def read_assumptions(
    texts: Sequence[str], functions: Mapping[str, tuple[str, ...]], option: str = "--assume"
) -> Assumptions:
    """The conditions of texts such as `T > 0, R0 > 0` and `0 < x < 1`.

    Raises GradcliError for what is not a comparison, and where nothing is between two bounds.
    """
    found: list[Node] = []
    said: list[str] = []
    sources: list[Source] = []
    for text in texts:
        source = Source(text, option)
        for tokens in _parts(source):
            said.append(text[tokens[0].span.start : tokens[-2].span.end].strip())
            for condition in _conditions(tokens, source, functions):
                found.append(condition)
                sources.append(source)
    assumed = Assumptions(tuple(said), tuple(found), tuple(sources))
    for name, bounds in assumed.bounds.items():
        if bounds.low is not None and bounds.high is not None and bounds.low >= bounds.high:
            raise GradcliError(STAGE, f"no {name} is as assumed", source=sources[-1], expected=EXAMPLE)
    return assumed


def _parts(source: Source) -> Iterator[list[Token]]:
    """The tokens of each condition, between commas and `and`s outside brackets; each closed by an end."""
    try:
        tokens = tokenize(source)
    except GradcliError as error:
        error.stage = STAGE
        raise
    part: list[Token] = []
    for token, depth in zip(tokens, depths(tokens)):
        is_end = token.kind is TokenKind.END
        if is_end or (depth == 0 and token.text in (",", "and", ";")):
            if not part:
                raise GradcliError(STAGE, "a condition is missing", source=source, span=token.span, expected=EXAMPLE)
            yield [*part, Token(TokenKind.END, "", Span(token.span.start, token.span.start))]
            part = []
        else:
            part.append(token)


def _conditions(tokens: Sequence[Token], source: Source, functions: Mapping[str, tuple[str, ...]]) -> Iterator[Node]:
    """The comparisons of one condition: two of `0 < x < 1`."""
    sides: list[list[Token]] = [[]]
    signs: list[Token] = []
    for token, depth in zip(tokens[:-1], depths(tokens)):
        if depth == 0 and token.text in COMPARISONS:
            signs.append(token)
            sides.append([])
        else:
            sides[-1].append(token)
    if not signs or len(signs) > 2:
        span = tokens[0].span.to(tokens[-1].span)
        raise GradcliError(STAGE, "this is not a comparison", source=source, span=span, expected=EXAMPLE)
    trees = []
    for side, after in zip(sides, [*signs, tokens[-1]]):
        if not side:
            raise GradcliError(STAGE, "one side is missing", source=source, span=after.span, expected=EXAMPLE)
        end = Token(TokenKind.END, "", Span(after.span.start, after.span.start))
        try:
            trees.append(expression_of(source, functions, [*side, end]))
        except GradcliError as error:
            error.stage = STAGE
            raise
    for sign, one, other in zip(signs, trees, trees[1:]):
        yield call(sign.text, one, other)
