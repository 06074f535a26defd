"""The second source: the derivative operations of a tape as SymPy expressions.

SymPy's tree is built node by node from the constructors that the table names; no text of the user's is ever
parsed by it. A row without a constructor becomes an opaque function of the row's name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import sympy
from mpmath.libmp import NoConvergence
from sympy.core.function import ArgumentIndexError

from gradcli.backends.symbolic import opaque as opaques
from gradcli.backends.symbolic.fast.assemble import exponential, power, product, total
from gradcli.backends.symbolic.opaque import opaque
from gradcli.functions import table
from gradcli.functions.row import Row
from gradcli.tape.rules import template_of
from gradcli.tape.tape import Input, Literal, NamedConstant, Op, Primitive, Tape

MAX_SIZE = 4_000  # operations of one formula, written out
COUNTED = 10**9  # more are only called more
MAX_TOTAL = 400_000  # of all formulas of one call
MAX_NESTING = 60  # SymPy's printers and simplifiers are recursive
FLOAT_DIGITS = 60  # of a number that is no short fraction
MAX_BITS = 60  # of a numerator, for an exact number
MAX_DENOMINATOR = 10**6
MAX_DYADIC_DENOMINATOR = 16  # 0.1 in bfloat16 is 205/2048, and reads better as 0.1
MAX_OVER_DYADIC = 15  # a numerator with which it is a fraction all the same: 1/32
MAX_EXACT_ARGUMENT = 40  # larger numbers are kept from constructors that would compute gamma(10**9)

ADDITIVE = frozenset(("+", "-", "neg"))
FACTORS = frozenset(("*", "/", "scale", "neg"))

# What SymPy raises where it fails at an expression: comparisons of what is not real or not a number, too.
SYMPY_FAILS = (
    RecursionError, TypeError, ValueError, ArithmeticError, NotImplementedError, AttributeError, LookupError,
    NoConvergence,
)  # fmt: skip

_NOT_FINITE = (sympy.zoo, sympy.nan, sympy.oo, sympy.I)


class NoFormula(Exception):
    """There is no formula to show; the argument is the reason."""


class PastLimit(NoFormula):
    """The formula is past a limit of what SymPy is asked for."""


class _Naming:
    """The tape with some of its operations as mere names: what is known of formulas in these."""

    def __init__(self, tape: Tape, names: Mapping[int, str]) -> None:
        self.tape = tape
        self.names = names
        self.sizes: dict[int, int] = {}
        self.nesting: dict[int, int] = {}
        self.built: dict[int, Any] = {}

    def measure(self, index: int) -> tuple[int, int]:
        """How long the formula of an operation would be, and how deeply nested."""
        stack = [index]
        while stack:
            current = stack[-1]
            args = () if current in self.names else self.tape.ops[current].args
            missing = [arg for arg in args if arg not in self.sizes]
            if missing and current not in self.sizes:
                stack.extend(missing)
                continue
            stack.pop()
            if current not in self.sizes:
                self.sizes[current], self.nesting[current] = self._measured(current, args)
        return self.sizes[index], self.nesting[index]

    def written_out(self, index: int) -> int:
        """How long the formula of a name's own operation would be, in the other names."""
        args = self.tape.ops[index].args
        return 1 + sum(self.measure(arg)[0] for arg in args)

    def _measured(self, index: int, args: Sequence[int]) -> tuple[int, int]:
        op, deepest = self.tape.ops[index], 0
        for arg in args:
            same = arg not in self.names and _family(op) & _family(self.tape.ops[arg])
            deepest = max(deepest, self.nesting[arg] + (0 if same else 1))
        return 1 + sum(self.sizes[arg] for arg in args), deepest


class SymbolicTape:
    """Builds the formulas of one tape. `names` are operations that stand in a formula as mere names."""

    def __init__(self, tape: Tape, plain_constants: bool = False) -> None:
        self.tape = tape
        self.plain_constants = plain_constants  # constants as mere names, which SymPy does not compute with
        self.budget = MAX_TOTAL
        self.views: dict[frozenset[tuple[int, str]], _Naming] = {}
        self.recent: _Naming | None = None

    def view(self, names: Mapping[int, str]) -> _Naming:
        """What is known of formulas in these names."""
        if self.recent is None or self.recent.names is not names:
            self.recent = self.views.setdefault(frozenset(names.items()), _Naming(self.tape, names))
        return self.recent

    def build(self, index: int, names: Mapping[int, str]) -> Any:
        """The SymPy expression of an operation.

        Raises PastLimit where it would be past the budget, NoFormula where it has no finite form.
        """
        view = self.view(names)
        size, nesting = view.measure(index)
        if size > MAX_SIZE:
            count = f"{size:,}" if size < COUNTED else f"more than {COUNTED:,}"
            raise PastLimit(f"it would have {count} operations, and {MAX_SIZE:,} is the limit")
        if nesting > MAX_NESTING:
            raise PastLimit(f"it would be nested {nesting} deep, and {MAX_NESTING} is the limit")
        self.budget -= size
        if self.budget < 0:
            raise PastLimit(f"all formulas together would have more than {MAX_TOTAL:,} operations")
        self._build(view, [index])
        return _finite(view.built[index])

    def define(self, index: int, names: Mapping[int, str]) -> Any:
        """The SymPy expression of an operation that is itself a name, in the other ones.

        Raises NoFormula where it has no finite form.
        """
        view = self.view(names)
        self._build(view, self._parts(index, names, is_name=False))
        return _finite(self._node(index, view.built, names, is_name=False))

    def _build(self, view: _Naming, indices: Sequence[int]) -> None:
        """Build the operations that get an expression of their own: sums and products are built as a whole."""
        needed: set[int] = set()
        stack = list(indices)
        while stack:
            current = stack.pop()
            if current not in needed and current not in view.built:
                needed.add(current)
                stack.extend(self._parts(current, view.names, current in view.names))
        for current in sorted(needed):
            view.built[current] = self._node(current, view.built, view.names, current in view.names)

    def _parts(self, index: int, names: Mapping[int, str], is_name: bool) -> Sequence[int]:
        op = self.tape.ops[index]
        if is_name:
            return ()
        if not isinstance(op, Primitive):
            return op.args[:1]
        if op.row.name in ("+", "-"):
            return [part for part, _ in self._terms(index, names)]
        if op.row.name in FACTORS:
            return [part for part, _ in self._product(index, names)]
        return op.args

    def _node(self, index: int, built: Mapping[int, Any], names: Mapping[int, str], is_name: bool) -> Any:
        op = self.tape.ops[index]
        if is_name:
            return symbol(names[index])
        if isinstance(op, NamedConstant) and self.plain_constants:
            return symbol(op.label)
        if isinstance(op, (Literal, NamedConstant)):
            return constant(op)
        if not isinstance(op, Primitive):
            return symbol(op.label or "") if isinstance(op, Input) else built[op.args[0]]
        if op.row.name in ("+", "-"):
            return total(_signed(built[part], sign) for part, sign in self._terms(index, names))
        if op.row.name in FACTORS:
            return _times([self._factor(built[part], sign) for part, sign in self._product(index, names)])
        return construct(op.row, [built[arg] for arg in op.args])

    def _factor(self, part: Any, sign: int) -> Any:
        if sign == 0:
            return sympy.S.NegativeOne
        return part if sign > 0 else power(part, sympy.S.NegativeOne)

    def _terms(self, index: int, names: Mapping[int, str]) -> Iterator[tuple[int, int]]:
        """The terms of a sum, with their signs."""
        stack = [(index, 1)]
        while stack:
            current, sign = stack.pop()
            op = self.tape.ops[current]
            if (current in names and current != index) or not isinstance(op, Primitive) or op.row.name not in ADDITIVE:
                yield current, sign
            elif op.row.name == "neg":
                stack.append((op.args[0], -sign))
            else:
                stack.append((op.args[1], sign if op.row.name == "+" else -sign))
                stack.append((op.args[0], sign))

    def _product(self, index: int, names: Mapping[int, str]) -> Iterator[tuple[int, int]]:
        """The factors of a product, each with 1, or -1 for a divisor; (index, 0) stands for a minus."""
        stack = [(index, 1)]
        while stack:
            current, sign = stack.pop()
            op = self.tape.ops[current]
            if (current in names and current != index) or not isinstance(op, Primitive) or op.row.name not in FACTORS:
                yield current, sign
            elif op.row.name == "neg":
                yield op.args[0], 0
                stack.append((op.args[0], sign))
            else:
                stack.append((op.args[1], -sign if op.row.name == "/" else sign))
                stack.append((op.args[0], sign))


def _times(factors: Sequence[Any]) -> Any:
    """A product; a number times a sum stays that, as it was typed."""
    found = product(factors)
    if found.is_Add and len(factors) > 1:
        rest = [factor for factor in factors if not factor.is_Number]
        if len(rest) == 1 and rest[0].is_Add:
            return kept(product([factor for factor in factors if factor.is_Number]), rest[0])
    return found


def kept(number: Any, whole: Any) -> Any:
    """A number times a sum, which SymPy would multiply out; of anything else the product."""
    if number is sympy.S.One:
        return whole
    is_kept = whole.is_Add and number is not sympy.S.NegativeOne
    return sympy.Mul(number, whole, evaluate=False) if is_kept else product((number, whole))


def _finite(expression: Any) -> Any:
    if expression.has(*_NOT_FINITE):
        raise NoFormula("SymPy finds no finite real form")
    return expression


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
        if constructor is sympy.sqrt:
            return power(args[0], sympy.S.Half)
        return exponential(*args) if constructor is sympy.exp else constructor(*args)
    if row.name == "**":
        return power(*args)
    built = row.sympy(sympy, *args)
    return opaque(row.name)(*args) if built is None else built


def _is_large(argument: Any) -> bool:
    return bool(argument.is_Number and argument.is_finite and abs(argument) > MAX_EXACT_ARGUMENT)


@cache
def symbol(name: str) -> Any:
    """A variable: all of them are real."""
    return sympy.Symbol(name, real=True)


def constant(op: Literal | NamedConstant) -> Any:
    """A number or a named constant."""
    if isinstance(op, Literal):
        return number(op.value)
    return 2 * sympy.pi if op.label == "tau" else getattr(sympy, table.BY_CONSTANT[op.label].sympy)


def number(value: Fraction | int) -> Any:
    """A short fraction exactly; anything else, as a literal rounded to the dtype is, as a decimal number."""
    if isinstance(value, int) and value.bit_length() <= MAX_BITS:
        return sympy.Integer(value)
    dyadic = value.denominator & (value.denominator - 1) == 0 and abs(value.numerator) > MAX_OVER_DYADIC
    largest = MAX_DYADIC_DENOMINATOR if dyadic else MAX_DENOMINATOR
    if value.numerator.bit_length() <= MAX_BITS and value.denominator <= largest:
        return sympy.Rational(value.numerator, value.denominator)
    return sympy.Float(sympy.Rational(value.numerator, value.denominator), FLOAT_DIGITS)


def _rule_of(call: Any, argindex: int) -> Any:
    """The derivative of an opaque function by an argument, by the row's rule; ArgumentIndexError where it has none."""
    row = table.BY_NAME[type(call).__name__]
    rule = row.derivative[argindex - 1] if argindex <= len(row.derivative) else None
    if rule is None or len(row.parameters) != len(call.args):
        raise ArgumentIndexError(call, argindex)
    tape = template_of(rule, row)
    built = SymbolicTape(tape).build(tape.output, {})
    return built.xreplace({symbol(one.name): arg for one, arg in zip(row.parameters, call.args)})


opaques.rules[:] = [_rule_of]
