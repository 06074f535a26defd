"""A mistake that somebody may have made, and how likely it is among those that give the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from gradcli.check.mistakes.case import Case, rational
from gradcli.check.mistakes.flow import Change, Flow, Spot
from gradcli.check.mistakes.words import Words
from gradcli.tape.emit import SCALE
from gradcli.tape.tape import Primitive

Say = Callable[[Words], str]

# Where several mistakes give the claim, the first of these is named: one that belongs to a single rule before one
# that is a guess about the whole, and one that says what was forgotten before one that says how the numbers differ.
RANKS = (
    "rounded",
    "transpose",  # of the whole
    "transposed",
    "degrees",
    "base",
    "use",  # of an intermediate through which no gradient flows
    "inner",
    "quotient",
    "square",
    "power",
    "rule",
    "variable",
    "size",
    "term",
    "summand",  # after the terms of a product or a quotient, which say more
    "constant",
    "stale",
    "minus",  # of a rule that has one in front
    "sign",  # of the whole
    "one sign",
    "value",
    "order",
    "number",  # a factor of the program that is lost or doubled
    "detached",
    "odd rule",  # mistakes of rules that are seldom made
    "factor",
    "part",  # a part of the derivative is off by a factor
    "added",
    "one side",  # it is right on one side of a kink
    "entries",  # some of its entries are right
)


@dataclass(frozen=True)
class Mistake:
    """Other derivatives for some operations, and what to say of them.

    kind    one of `RANKS`
    about   the operation that it is about
    values  of operations that have another value, too, where derivatives are computed with them
    """

    kind: str
    code: str
    changes: Mapping[int, Change]
    say: Say
    about: int
    values: Mapping[int, Callable[[Flow], object]] | None = None

    @property
    def rank(self) -> int:
        """The smaller, the likelier."""
        return RANKS.index(self.kind)


@dataclass(frozen=True)
class Other:
    """An explanation of the derivative as a whole; `text` is one for `sentence`, about the operation `about`."""

    kind: str
    code: str
    text: str
    about: int | None = None

    @property
    def rank(self) -> int:
        """The smaller, the likelier."""
        return RANKS.index(self.kind)

    def say(self, words: Words) -> str:
        """The explanation."""
        return sentence(words.case.entries[0].output if self.about is None else self.about, self.text)(words)


def sentence(about: int, text: str, position: int | None = None, otherwise: str | None = None) -> Say:
    """A sentence about an operation, with `SentenceParts` in it; `otherwise` where one of them cannot be written."""

    def say(words: Words) -> str:
        pieces = SentenceParts(words, about, position)
        try:
            return text.format_map(pieces)
        except KeyError:
            return (otherwise or text).format_map(pieces)

    return say


class SentenceParts:
    """What a sentence may have of an operation: {call} is how it is written, {u} and {v} are its arguments.

    {arg} is the argument at the position, {inner} its derivative, {outer} that of the operation by it, {right} the same
    by the table's rule, {term} what it contributes; {function} is the operation's name, {by} what is differentiated by.
    """

    def __init__(self, words: Words, about: int, position: int | None) -> None:
        self.words, self.about, self.position = words, about, position or 0

    def __getitem__(self, name: str) -> str:
        """One of them. Raises KeyError where it cannot be written in short."""
        if name == "by":
            return self.words.case.name
        if name in ("call", "function"):
            return str(getattr(self.words, name)(self.about))
        if name in ("u", "v", "arg"):
            return self.words.operand(self.about, {"u": 0, "v": 1}.get(name, self.position))
        found = getattr(self.words, name)(self.about, self.position)
        if found is None:
            raise KeyError(name)
        return str(found)


class MistakenRule(NamedTuple):
    """A mistake with an operation's rule: its rank and code, what it makes of the derivative, and a sentence."""

    kind: str
    code: str
    change: Change
    text: str | Say
    otherwise: str | None = None


@dataclass(frozen=True)
class Group:
    """Operations that are one in the program: the entries of one on tensors, the calls of one in a function."""

    case: Case
    ops: tuple[int, ...]

    @property
    def first(self) -> int:
        """The one that sentences are about."""
        return self.ops[0]

    @property
    def op(self) -> Primitive:
        """The same as an operation."""
        op = self.case.trace.tape.ops[self.first]
        assert isinstance(op, Primitive)
        return op

    @property
    def name(self) -> str:
        """The row's name."""
        return "*" if self.op.row is SCALE else self.op.row.name

    @cached_property
    def active(self) -> tuple[int, ...]:
        """The arguments that depend on what is differentiated by."""
        tape, active = self.case.trace.tape, self.case.active
        count = len(self.op.args)
        return tuple(
            position
            for position in range(count)
            if position not in self.op.row.truths and any(active[tape.ops[index].args[position]] for index in self.ops)
        )

    @cached_property
    def constant(self) -> tuple[int, ...]:
        """The arguments that do not."""
        return tuple(p for p in range(len(self.op.args)) if p not in self.active and p not in self.op.row.truths)

    def number(self, position: int) -> Fraction | None:
        """An argument that is a number, a constant, or computed from such."""
        place = self.op.args[position]
        value = self.case.trace.tape.constant(place)
        if value is None and not self.case.varying[place]:
            found = self.case.flows[0].values[place]
            return None if found is None or isinstance(found, bool) else rational(self.case, found)
        return value

    def is_variable(self, position: int) -> bool:
        """Whether an argument is what is differentiated by."""
        places = {wanted.target.operation for wanted in self.case.entries}
        return all(self.case.trace.tape.ops[index].args[position] in places for index in self.ops)

    def is_target(self, place: int) -> bool:
        """Whether an operation is what is differentiated by."""
        return any(wanted.target.operation == place for wanted in self.case.entries)

    def mistakes(self, *rules: MistakenRule, position: int | None = None) -> Iterator[Mistake]:
        """The same mistake at all of them, for each rule; `position` is that of the argument that sentences are of."""
        for one in rules:
            say = sentence(self.first, one.text, position, one.otherwise) if isinstance(one.text, str) else one.text
            yield Mistake(one.kind, one.code, dict.fromkeys(self.ops, one.change), say, self.first)


def times(factor: Callable[[Spot], object]) -> Change:
    """The derivative, multiplied by something."""

    def change(spot: Spot) -> object:
        usual = spot.usual()
        return usual * factor(spot) if usual else usual

    return change


def without(position: int) -> Change:
    """The derivative without what one argument contributes."""
    return lambda spot: spot.usual() - spot.term(position)


def opposite(position: int) -> Change:
    """The derivative, one argument's contribution with the other sign."""
    return lambda spot: spot.usual() - 2 * spot.term(position)
