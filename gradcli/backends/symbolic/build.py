"""The second source: the derivative operations of a tape as SymPy expressions.

SymPy's tree is built node by node from the constructors that the table names; no text of the user's is ever
parsed by it. A row without a constructor becomes an opaque function of the row's name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import sympy

from gradcli.backends.mp.arithmetic import Arithmetic, GivenUp
from gradcli.backends.symbolic.fast.assemble import function, power, product
from gradcli.functions import table
from gradcli.functions.row import Row
from gradcli.tape.tape import Input, Literal, NamedConstant, Op, Primitive, Tape

MAX_SIZE = 4_000  # operations of one formula, written out
COUNTED = 10**9  # more are only called more
MAX_TOTAL = 400_000  # of all formulas of one call
MAX_NESTING = 60  # SymPy's printers and simplifiers are recursive
FLOAT_DIGITS = 60  # of a number that is no short fraction
MAX_BITS = 60  # of a numerator, for an exact number
MAX_DENOMINATOR = 10**6
MAX_DYADIC_DENOMINATOR = 16  # 0.1 in bfloat16 is 205/2048, and reads better as 0.1
EVALUATION_BITS = 30  # of an opaque function's value beyond the ones that are asked for
MAX_EXACT_ARGUMENT = 40  # larger numbers are kept from constructors that would compute gamma(10**9)

ADDITIVE = frozenset(("+", "-", "neg"))
FACTORS = frozenset(("*", "/", "scale", "neg"))

_NOT_FINITE = (sympy.zoo, sympy.nan, sympy.oo, sympy.I)


class NoFormula(Exception):
    """There is no formula to show; the argument is the reason."""


class SymbolicTape:
    """Builds the formulas of one tape."""

    def __init__(self, tape: Tape, plain_constants: bool = False) -> None:
        self.tape = tape
        self.plain_constants = plain_constants  # constants as mere names, which SymPy does not compute with
        self.sizes: list[int] = []
        self.nesting: list[int] = []
        self.budget = MAX_TOTAL
        self.built: dict[frozenset[int], dict[int, Any]] = {}
        self._measure()

    def _measure(self) -> None:
        """For each operation, how long its formula would be, and how deeply nested."""
        for op in self.tape.ops:
            self.sizes.append(1 + sum(self.sizes[arg] for arg in op.args))
            deepest = 0
            for arg in op.args:
                same = _family(op) & _family(self.tape.ops[arg])
                deepest = max(deepest, self.nesting[arg] + (0 if same else 1))
            self.nesting.append(deepest)

    def build(self, index: int, symbols: dict[int, str]) -> Any:
        """The SymPy expression of an operation, where the operations in `symbols` are mere names.

        Raises NoFormula where it would be past the budget, or has no finite form.
        """
        if self.sizes[index] > MAX_SIZE:
            count = f"{self.sizes[index]:,}" if self.sizes[index] < COUNTED else f"more than {COUNTED:,}"
            raise NoFormula(f"it would have {count} operations, and {MAX_SIZE:,} is the limit")
        if self.nesting[index] > MAX_NESTING:
            raise NoFormula(f"it would be nested {self.nesting[index]} deep, and {MAX_NESTING} is the limit")
        self.budget -= self.sizes[index]
        if self.budget < 0:
            raise NoFormula(f"all formulas together would have more than {MAX_TOTAL:,} operations")
        built = self.built.setdefault(frozenset(symbols), {})
        for current in sorted(self._needed(index, symbols, built)):
            built[current] = self._node(current, built, symbols)
        expression = built[index]
        if expression.has(*_NOT_FINITE):
            raise NoFormula("SymPy finds no finite real form")
        return expression

    def _needed(self, index: int, symbols: dict[int, str], built: dict[int, Any]) -> set[int]:
        """The operations that get an expression of their own: sums and products are built as a whole."""
        needed: set[int] = set()
        stack = [index]
        while stack:
            current = stack.pop()
            if current in needed or current in built:
                continue
            needed.add(current)
            if current not in symbols:
                stack.extend(self._parts(current, symbols))
        return needed

    def _parts(self, index: int, symbols: dict[int, str]) -> Sequence[int]:
        op = self.tape.ops[index]
        if not isinstance(op, Primitive):
            return op.args[:1]
        if op.row.name in ("+", "-"):
            return [part for part, _ in self._terms(index, symbols)]
        if op.row.name in FACTORS:
            return [part for part, _ in self._product(index, symbols)]
        return op.args

    def _node(self, index: int, built: dict[int, Any], symbols: dict[int, str]) -> Any:
        op = self.tape.ops[index]
        if index in symbols:
            return symbol(symbols[index])
        if isinstance(op, NamedConstant) and self.plain_constants:
            return symbol(op.label)
        if isinstance(op, (Literal, NamedConstant)):
            return constant(op)
        if not isinstance(op, Primitive):
            return symbol(op.label or "") if isinstance(op, Input) else built[op.args[0]]
        if op.row.name in ("+", "-"):
            return sympy.Add(*(_signed(built[part], sign) for part, sign in self._terms(index, symbols)))
        if op.row.name in FACTORS:
            return product([self._factor(built[part], sign) for part, sign in self._product(index, symbols)])
        return construct(op.row, [built[arg] for arg in op.args])

    def _factor(self, part: Any, sign: int) -> Any:
        if sign == 0:
            return sympy.S.NegativeOne
        return part if sign > 0 else power(part, sympy.S.NegativeOne)

    def _terms(self, index: int, symbols: dict[int, str]) -> Iterator[tuple[int, int]]:
        """The terms of a sum, with their signs."""
        stack = [(index, 1)]
        while stack:
            current, sign = stack.pop()
            op = self.tape.ops[current]
            if current in symbols or not isinstance(op, Primitive) or op.row.name not in ADDITIVE:
                yield current, sign
            elif op.row.name == "neg":
                stack.append((op.args[0], -sign))
            else:
                stack.append((op.args[1], sign if op.row.name == "+" else -sign))
                stack.append((op.args[0], sign))

    def _product(self, index: int, symbols: dict[int, str]) -> Iterator[tuple[int, int]]:
        """The factors of a product, each with 1, or -1 for a divisor; (index, 0) stands for a minus."""
        stack = [(index, 1)]
        while stack:
            current, sign = stack.pop()
            op = self.tape.ops[current]
            if current in symbols or not isinstance(op, Primitive) or op.row.name not in FACTORS:
                yield current, sign
            elif op.row.name == "neg":
                yield op.args[0], 0
                stack.append((op.args[0], sign))
            else:
                stack.append((op.args[1], -sign if op.row.name == "/" else sign))
                stack.append((op.args[0], sign))


def _signed(part: Any, sign: int) -> Any:
    return part if sign > 0 else product((sympy.S.NegativeOne, part))


def _family(op: Op) -> int:
    """Sums in one family, products in another; a minus belongs to both."""
    return (1 if op.called in ADDITIVE else 0) | (2 if op.called in FACTORS else 0)


def construct(row: Row, args: Sequence[Any]) -> Any:
    """A row applied to SymPy expressions, by the constructor that the table names."""
    if row.sympy is None or (not row.elementary and any(_is_large(arg) for arg in args) and row.name != "**"):
        return opaque(row.name)(*args)
    if isinstance(row.sympy, str):
        constructor = getattr(sympy, row.sympy)
        return function(constructor, *args) if len(args) == 1 else constructor(*args)
    if row.name == "**":
        return power(*args)
    built = row.sympy(sympy, *args)
    return opaque(row.name)(*args) if built is None else built


def _is_large(argument: Any) -> bool:
    return bool(argument.is_Number and abs(argument) > MAX_EXACT_ARGUMENT)


@cache
def opaque(name: str) -> Any:
    """An undefined function that prints as the row's name, and evaluates as the row does."""
    members = {"eval": classmethod(lambda cls, *args: None), "_eval_evalf": _evaluate, "is_real": True}
    return type(name, (sympy.Function,), members)


def _evaluate(self: Any, precision: int) -> Any:
    """The value of an opaque function of numbers, by the row's own high-precision implementation."""
    arithmetic = Arithmetic()
    bits, arithmetic.bits = arithmetic.bits, precision + EVALUATION_BITS
    try:
        args = [arithmetic.m.mpf(arg._to_mpmath(arithmetic.bits)) for arg in self.args]
        value = arithmetic.call(table.BY_NAME[type(self).__name__], args)
        return sympy.nan if value is None else sympy.Float._new(value._mpf_, precision)
    except GivenUp:
        return sympy.nan
    finally:
        arithmetic.bits = bits


@cache
def symbol(name: str) -> Any:
    """A variable: all of them are real."""
    return sympy.Symbol(name, real=True)


def constant(op: Literal | NamedConstant) -> Any:
    """A number or a named constant."""
    if isinstance(op, Literal):
        return number(op.value)
    return 2 * sympy.pi if op.label == "tau" else getattr(sympy, table.BY_CONSTANT[op.label].sympy)


def number(value: Fraction) -> Any:
    """A short fraction exactly; anything else, as a literal rounded to the dtype is, as a decimal number."""
    dyadic = value.denominator & (value.denominator - 1) == 0
    largest = MAX_DYADIC_DENOMINATOR if dyadic else MAX_DENOMINATOR
    if value.numerator.bit_length() <= MAX_BITS and value.denominator <= largest:
        return sympy.Rational(value.numerator, value.denominator)
    return sympy.Float(sympy.Rational(value.numerator, value.denominator), FLOAT_DIGITS)
