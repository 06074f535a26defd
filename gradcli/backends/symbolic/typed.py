"""Numbers as the program has them: 4.5 for 9/2 of its own, k/3.7 for 0.2702702702702703*k, log(3.7) for 1.308...*x."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce
from typing import Any

from gradcli.backends.mp.arithmetic import Arithmetic, GivenUp
from gradcli.backends.symbolic.short.known_numbers import MAX_PLACES, KnownNumbers
from gradcli.language.nodes import Call, Node, Number, walk
from gradcli.language.numbers import DTYPES, Dtype, fraction_of, short
from gradcli.language.printer import unparse
from gradcli.language.trees import HERE, call, is_call, number
from gradcli.tape.tape import Literal, NamedConstant, Op, Primitive, Tape
from gradcli.tape.trees import TapeTrees

MAX_MULTIPLE = 12  # of 1/d for a typed d: 2/9 is 1/4.5, 4/9 is 2/4.5
LONG = 10  # characters of a number that a shorter way of writing it is looked for
FEW_DIGITS = 6  # of the number that is left beside a constant
MAX_MAGNITUDE = 4096  # bits in front of, or behind, the point of a number that is looked for in formulas
MAX_CONSTANTS = 40  # of a program; the ones typed first
MAX_PAIRED = 12  # of which pairs are tried, too
POWERS = (2, 3, 4)  # of a typed decimal that are looked for
BITS = 200  # of their values
CLOSE = Fraction(1, 2**40)  # how near doubles have to be to look closer


@dataclass(frozen=True)
class TypedConstant:
    """What a program computes from numbers alone: its value, and how it is typed."""

    value: Fraction
    node: Node


@dataclass(frozen=True)
class TypedQuotient:
    """A number as a quotient of what was typed; without a numerator it is 1 over the rest."""

    above: tuple[Node, ...]
    below: tuple[Node, ...]

    @property
    def node(self) -> Node:
        """The whole of it."""
        top = reduce(lambda a, b: call("*", a, b), self.above) if self.above else number(1)
        return call("/", top, reduce(lambda a, b: call("*", a, b), self.below)) if self.below else top


class Literals:
    """The numbers of a program as they were typed, and what it computes from numbers alone.

    `length` is how much of the tape was typed: the rest are its derivatives.
    """

    def __init__(self, tape: Tape | None = None, length: int | None = None, dtype: Dtype = DTYPES["float64"]) -> None:
        self.tape = tape
        self.dtype = dtype
        ops: Sequence[Op] = () if tape is None else tape.ops[:length]
        values = {op.value for op in ops if isinstance(op, Literal)}
        self.decimals = frozenset(value for value in values if value.denominator != 1)
        exponents = {op.args[1] for op in ops if op.called == "**"}
        others = {arg for op in ops for arg in (op.args[:1] if op.called == "**" else op.args)}
        integers = frozenset(
            op.value for index, op in enumerate(ops)
            if isinstance(op, Literal) and op.value.denominator == 1 and (index in others or index not in exponents)
        )  # fmt: skip
        self.known = KnownNumbers(self.decimals, integers)
        self._found: dict[Fraction, TypedQuotient | None] = {}

    def decimal(self, p: int, q: int) -> Node | None:
        """A fraction in decimals, if the program would have them; None where it is to be p/q."""
        value = Fraction(p, q)
        if not self.known.is_decimal(value):
            return None
        whole, places = divmod((value * 10**MAX_PLACES).numerator, 10**MAX_PLACES)
        text = f"{whole}.{places:0{MAX_PLACES}d}".rstrip("0")
        return Number(text, Fraction(text), HERE)

    def fraction(self, p: int, q: int) -> TypedQuotient | None:
        """A fraction as a few times 1/d, or 1/d**2, for a typed decimal d: 1/4.5 for 2/9; None where there is none."""
        for value in [one**power for power in (1, 2) for one in sorted(self.decimals)] if q != 1 else ():
            times = Fraction(p, q) * value
            if times.denominator == 1 and 0 < times <= MAX_MULTIPLE and (below := self.decimal(*_parts(value))):
                return TypedQuotient((number(times),) if times != 1 else (), (below,))
        return None

    def quotient(self, value: Fraction, text: str) -> TypedQuotient | None:
        """A positive decimal number by the typed constants that it was made of; None where its text is as short."""
        if self.tape is None or len(text) < LONG:
            return None
        if value not in self._found:
            found = min(self._quotients(value), key=_length, default=None)
            self._found[value] = found if found is not None and _length(found) < len(text) else None
        return self._found[value]

    @cached_property
    def constants(self) -> tuple[TypedConstant, ...]:
        """What the operations compute from numbers alone, each value once, typed numbers among them."""
        assert self.tape is not None
        arithmetic, trees = Arithmetic(), TapeTrees(self.tape, dtype=self.dtype)
        arithmetic.bits = BITS
        values: dict[int, Any] = {}
        found: dict[Fraction, TypedConstant] = {}
        for index, op in enumerate(self.tape.ops):
            value = _computed(arithmetic, op, values)
            if value is None or not arithmetic.m.isfinite(value) or not value:
                continue
            if abs(arithmetic.m.mag(value)) > MAX_MAGNITUDE:
                continue
            values[index] = value
            exact = abs(fraction_of(value))
            if exact == 1 or exact in found or _is_plain(op):
                continue
            node = trees.of(index) if value > 0 else _opposite(trees.of(index))
            if node is not None and _has_digits(node):
                found[exact] = TypedConstant(exact, node)
            if len(found) == MAX_CONSTANTS:
                break
        return tuple(found.values())

    @cached_property
    def powers(self) -> tuple[TypedConstant, ...]:
        """Powers of the typed decimals."""
        typed = [one for one in self.constants if isinstance(one.node, Number) and one.value.denominator != 1]
        return tuple(
            TypedConstant(one.value**power, call("**", one.node, number(power))) for one in typed for power in POWERS
        )

    def _quotients(self, value: Fraction) -> Iterator[TypedQuotient]:
        """The ways to write a number as a short one times, or over, one or two constants."""
        size = _double(value)
        known = [(one, _double(one.value)) for one in (*self.constants, *self.powers)]
        for first, a in known:
            yield from self._with(value, size * a, (), (first,))
            yield from self._with(value, size / a, (first,), ())
        few = known[: min(MAX_PAIRED, len(self.constants))]
        for (first, a), (second, b) in itertools.combinations(few, 2):
            yield from self._with(value, size * a * b, (), (first, second))
            yield from self._with(value, size / a * b, (first,), (second,))
            yield from self._with(value, size * a / b, (second,), (first,))

    def _with(
        self, value: Fraction, left: float, above: tuple[TypedConstant, ...], below: tuple[TypedConstant, ...]
    ) -> Iterator[TypedQuotient]:
        """One of them, if what is left is short: first by doubles, then exactly."""
        if not abs(left - float(f"{left:.{FEW_DIGITS}g}")) <= CLOSE * left:  # nor where it is not a number
            return
        exact = value
        for one in below:
            exact *= one.value
        for one in above:
            exact /= one.value
        text = short(exact, self.dtype)
        if len(text.partition("e")[0].replace(".", "").strip("0")) > FEW_DIGITS:
            return
        rest = Fraction(text)
        front = () if rest == 1 else (Number(_plain(text), rest, HERE),)
        yield TypedQuotient((*front, *(one.node for one in above)), tuple(one.node for one in below))


def _computed(arithmetic: Arithmetic, op: Op, values: dict[int, Any]) -> Any:
    """The value of an operation of numbers alone; None of any other, or where there is none."""
    if isinstance(op, Literal):
        return arithmetic.number(op.value)
    if not isinstance(op, (Primitive, NamedConstant)) or op.shape or any(arg not in values for arg in op.args):
        return None
    try:
        found = arithmetic.call(op.row, [values[arg] for arg in op.args]) if isinstance(op, Primitive) else None
    except (GivenUp, ArithmeticError, ValueError, TypeError):
        return None
    return found if hasattr(found, "_mpf_") else None


def _is_plain(op: Op) -> bool:
    """Whether this is a minus or a copy of something else."""
    return isinstance(op, Primitive) and op.row.name in ("neg", "pos", "detach", "scale")


def _opposite(node: Node) -> Node | None:
    """A product that begins with a minus, without it; None of anything else."""
    if isinstance(node, Call) and is_call(node, "neg"):
        return node.args[0]
    if isinstance(node, Call) and is_call(node, "*", "/"):
        first = _opposite(node.args[0])
        return None if first is None else call(node.function, first, node.args[1])
    return None


def _has_digits(node: Node) -> bool:
    """Whether a person would write this: no number in it is long."""
    return all(len(part.text) < LONG for part in walk(node) if isinstance(part, Number))


def _parts(value: Fraction) -> tuple[int, int]:
    return value.numerator, value.denominator


def _double(value: Fraction) -> float:
    """A value as a double; not a number where it is beyond them."""
    try:
        return float(value) or math.nan
    except OverflowError:
        return math.nan


def _plain(text: str) -> str:
    """A whole number without an exponent, where it is short: 20 for 2e1."""
    value = Fraction(text)
    return str(value.numerator) if value.denominator == 1 and value < 10**FEW_DIGITS else text


def _length(found: TypedQuotient) -> int:
    return len(unparse(found.node))
