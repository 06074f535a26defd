"""A wrong claim as numbers: what is claimed, entry by entry, and what would be right."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from gradcli.backends.mp.arithmetic import MAX_ARGUMENT_BITS, Arithmetic, GivenUp, Value, size_of
from gradcli.check.mistakes.flow import Change, Flow, FlowTarget, flow_at
from gradcli.check.mistakes.sentences import said
from gradcli.check.mistakes.traced import Trace
from gradcli.functions.shapes import Shape
from gradcli.language.numbers import fraction_of
from gradcli.reference.pieces import Point
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.dependence import depends, reaches

BITS = 340
DIGITS = 25  # in which a mistake has to give what is claimed
ROUNDING = 84  # digits after the point of what is left where numbers of ordinary size cancel
ROUNDED_DIGITS = 4  # the same, where a claim's decimals are rounded
MOST_PAIRS = 40  # numbers that are compared
RIGHT = 4  # one in so many of them is a number at which the claim is right, where there are such
LARGEST = 10_000  # numerator or denominator of a factor that is named
WORK = 400_000  # operations that one mistake may take

Values = Mapping[int, Callable[[Flow], Value]]  # of operations, as they are and as somebody may have got them


class WantedClaim(NamedTuple):
    """One claimed number: an operation, what it is differentiated by, and the index of the entry."""

    output: int
    target: FlowTarget
    at: tuple[int, ...]


class Pair(NamedTuple):
    """One claimed number at one point, and the right one."""

    flow: int
    entry: int
    claimed: Any
    true: Any


@dataclass
class Case:
    """A claim that is known to be wrong.

    name     what the claim is by
    shape    of the claim; names: those of the variables and intermediates that it could have been by instead
    claimed  a number for each point and each entry, None where there is none
    same     what it is if the claim is the value that is differentiated: a code and a sentence
    is_whole  whether mistakes with the derivative as a whole come into question
    moved    the claimed numbers where the value of the function is put in the place of its argument
    others   further operations that the claim may be, each with a code and a sentence
    has_parts  whether mistakes with single operations come into question
    """

    largest_beside_constant = LARGEST  # so many digits are no chance

    trace: Trace
    name: str
    shape: Shape
    entries: Sequence[WantedClaim]
    places: Sequence[Point]
    claimed: Sequence[Sequence[Value]]
    deadline: Deadline
    arithmetic: Arithmetic
    digits: int = DIGITS
    same: tuple[str, str] = ("value", said("value"))
    others: Sequence[tuple[int, str, str]] = ()
    has_parts: bool = True
    is_whole: bool = True
    moved: Sequence[Sequence[Value]] | None = None
    flows: list[Flow] = field(default_factory=list, init=False)
    scales: dict[int, Any] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        """Leave out the points at which the program is beyond computing."""
        known = []
        for number, point in enumerate(self.places):
            self.deadline.check()
            flow = flow_at(self.trace, self.arithmetic, point)
            if flow is not None:
                self.flows.append(flow)
                known.append(number)
        self.keep(known)

    def keep(self, known: Sequence[int]) -> None:
        """Keep what belongs to these points."""
        self.places = [self.places[number] for number in known]
        self.claimed = [self.claimed[number] for number in known]
        if self.moved is not None:
            self.moved = [self.moved[number] for number in known]

    @cached_property
    def pairs(self) -> list[Pair]:
        """What is compared: some of the entries at some of the points, those first at which the claim is wrong."""
        most = max(4, min(MOST_PAIRS, WORK // max(1, len(self.trace.tape.ops))))
        count = min(len(self.entries), max(1, most // 2))
        step = len(self.entries) / count
        chosen = sorted({int(i * step) for i in range(count)})
        found: list[Pair] = []
        for number in range(len(self.claimed)):
            for entry in chosen:
                self.deadline.check()
                wanted, claimed = self.entries[entry], self.claimed[number][entry]
                if claimed is None or len(found) >= most * 2:
                    continue
                true = self.true(number, wanted)
                if true is not None:
                    found.append(Pair(number, entry, claimed, true))
        wrong = [pair for pair in found if not self.agree(pair.claimed, pair.true)]
        right = [pair for pair in found if self.agree(pair.claimed, pair.true)]
        return [*wrong[: most - min(len(right), most // RIGHT)], *right][:most]

    def true(self, number: int, wanted: WantedClaim) -> Value:
        """The right number at one point."""
        return self.flows[number].derivatives(wanted.target)[wanted.output]

    def outcome(self, pair: Pair, changes: Mapping[int, Change], after: Sequence[int], values: Values | None) -> Value:
        """What comes out at one point where some operations have other derivatives, and some other values."""
        wanted, flow = self.entries[pair.entry], self.flows[pair.flow]
        moved = flow if values is None else flow.with_values(values)
        return None if moved is None else moved.changed(wanted.target, wanted.output, changes, after)

    def nearly(self, pair: Pair, changes: Mapping[int, Change]) -> Value:
        """The same for one changed operation, without what comes after it; None where that is not possible."""
        wanted = self.entries[pair.entry]
        return self.flows[pair.flow].nearly(wanted.target, wanted.output, changes)

    def with_digits(self, digits: int) -> Case:
        """The same, compared in fewer digits."""
        other = copy(self)
        other.digits = digits
        return other

    def agree(self, one: Value, other: Value, digits: int | None = None) -> bool:
        """Whether two numbers are the same, to the digits that are asked for."""
        if one is None or other is None:
            return False
        gap = abs(one - other)
        most = max(abs(one), abs(other)) * self.scale(self.digits if digits is None else digits)
        return bool(gap <= most or gap <= self.scale(ROUNDING))

    @property
    def m(self) -> Any:
        """mpmath's context, for constants."""
        return self.arithmetic.m

    @property
    def has_tensors(self) -> bool:
        """Whether the program works on tensors."""
        return self.trace.has_tensors

    @property
    def counts(self) -> set[int]:
        """How many entries become one, in the sums of the program; none where single operations are looked at, too."""
        whole = self.trace.whole
        found = [] if self.has_parts else [op for op in whole.ops if op.called == "sum"]
        sizes = (math.prod(whole.ops[op.args[0]].shape) // max(1, math.prod(op.shape)) for op in found)
        return {count for count in sizes if count > 1}

    def rational(self, value: Any) -> Fraction | None:
        """A number as a short fraction, if it is one."""
        return rational(self, value)

    def scale(self, digits: int) -> Any:
        """10 to the minus so many digits."""
        if digits not in self.scales:
            self.scales[digits] = self.arithmetic.m.mpf(10) ** -digits
        return self.scales[digits]

    @cached_property
    def active(self) -> bytearray:
        """The operations that depend on what is differentiated by."""
        return depends(self.trace.tape, {wanted.target.operation for wanted in self.entries}, derivatives=True)

    @cached_property
    def used(self) -> bytearray:
        """The operations that the claimed outputs use."""
        return reaches(self.trace.tape, {wanted.output for wanted in self.entries})

    @cached_property
    def varying(self) -> bytearray:
        """The operations that depend on any variable."""
        return depends(self.trace.tape, self.trace.tape.inputs.values())

    def after(self, changed: Sequence[int]) -> list[int]:
        """These operations, and those that depend on them and are used."""
        flags = depends(self.trace.tape, changed)
        return [index for index in range(min(changed), len(flags)) if flags[index] and self.used[index]]

    def by(self, name: str) -> Iterator[tuple[int, int]]:
        """For each entry of the claim, the place of the same entry of another name; nothing where shapes differ."""
        own = self.trace.shape_of(self.name)
        if self.trace.shape_of(name) != own:
            return
        for number, wanted in enumerate(self.entries):
            place = self.trace.operation(name, wanted.target.at)
            if place is not None:
                yield number, place


def exactly(value: Any) -> Fraction:
    """A number of the arithmetic as a fraction.

    Raises GivenUp where that would be one of too many digits.
    """
    if value and abs(size_of(value)) > MAX_ARGUMENT_BITS:
        raise GivenUp
    return fraction_of(value)


def rational(case: Case, value: Any) -> Fraction | None:
    """A number as a short fraction, if it is one."""
    if abs(value) > LARGEST or (value and abs(value) < case.scale(DIGITS) / LARGEST):
        return None
    near = exactly(value).limit_denominator(LARGEST)
    return near if case.agree(value, case.arithmetic.number(near)) else None
