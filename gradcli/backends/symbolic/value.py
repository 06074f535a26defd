"""The value of a SymPy expression at a point, to as many digits as are asked for, however much cancels.

SymPy's own `evalf` does the same in some ten milliseconds; a formula is evaluated more often than that allows.
It remains for what has no row in the table.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from functools import cache
from itertools import islice
from typing import Any, TypeVar

import sympy
from sympy.core.relational import Relational
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import BooleanAtom

from gradcli.backends.mp.arithmetic import Arithmetic, GivenUp, decimals, size_of
from gradcli.functions import table
from gradcli.functions.row import Row
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.tape.candidates import anywhere

DIGITS = 20
BITS: tuple[int, ...] = (120, 240, 480, 800)  # precisions, until two of them agree
DEEP_BITS = 3_400  # for a value that seems to be 0
AGREED_BITS = 72  # that is 20 digits and a little more
MAX_EXPONENT_BITS = 10**6  # of a value that is written out
FLOAT_DIGITS = 60
MAX_SYMPY_DIGITS = 200  # SymPy raises its own precision up to this
TINY = sympy.Float("1e-60", DIGITS)  # SymPy cannot tell less from 0
NOTHING = Decimal("1e-60")
ARITHMETIC = Context(prec=40, Emax=10**17, Emin=-(10**17))
SAME = Decimal("1e-10")  # values this close are the same formula's

ROUGH_BITS = 240
TRIED = 10  # points, for one at which two formulas have a value
MOST_SECONDS = 0.5  # of one evaluation; mpmath takes forever at some ordinary points
ALIKE = 1e-20

# The names of the functions that never take long, in SymPy: those of elementary rows, and the one that `where` becomes.
QUICK = frozenset(
    {"Piecewise"}
    | {name for row in table.ROWS if row.elementary for name in (row.name, row.sympy) if isinstance(name, str)}
)

_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
LOGIC: Mapping[Any, Callable[[Sequence[Any]], Any]] = {
    sympy.And: all,
    sympy.Or: any,
    sympy.Not: lambda args: not args[0],
    sympy.ITE: lambda args: args[1] if args[0] else args[2],
}


T = TypeVar("T")


class Unknown(Exception):
    """There is a node that only SymPy can evaluate."""


class Point:
    """Where formulas are evaluated: the values of the names in them, as SymPy's numbers."""

    def __init__(self, known: Mapping[Any, Any]) -> None:
        self.known = known
        self.arithmetic = Arithmetic()
        self.precisions = BITS

    def deep_text(self, expression: Any) -> str | None:
        """The value in decimals as `text` has it, at a precision at which a thousand digits may cancel."""
        self.precisions = (DEEP_BITS, 2 * DEEP_BITS)
        try:
            return self.text(expression)
        finally:
            self.precisions = BITS

    def text(self, expression: Any) -> str | None:
        """The value in decimals, None where there is none, or where it takes too long."""
        if not expression.free_symbols <= self.known.keys():
            return None
        try:
            return _bounded(expression, lambda: self._text(expression))
        except OutOfTime:
            return None

    def _text(self, expression: Any) -> str | None:
        try:
            found = self.value(expression)
        except Unknown:
            return self._by_sympy(expression)
        if found is None or (found and abs(size_of(found)) > MAX_EXPONENT_BITS):
            return None
        return decimals(found, DIGITS)

    def _by_sympy(self, expression: Any) -> str | None:
        used = {name: self.known[name] for name in expression.free_symbols}
        try:
            result = expression.evalf(DIGITS, subs=used, maxn=MAX_SYMPY_DIGITS)
        except Exception:  # SymPy and mpmath give up in a dozen ways; each means that there is no value
            return None
        if not (result.is_Number and result.is_finite) or _is_extreme(result):
            return None
        return "0" if abs(result) <= TINY else str(result)

    def rough(self, expression: Any) -> Any:
        """The value at one precision, None where there is none.

        Raises Unknown as `value` does, and OutOfTime where it takes too long.
        """
        bits, self.arithmetic.bits = self.arithmetic.bits, ROUGH_BITS
        try:
            return _bounded(expression, lambda: self._once(expression))
        except GivenUp:
            return None
        finally:
            self.arithmetic.bits = bits

    def value(self, expression: Any) -> Any:
        """An mpmath number, None where there is none, or where its digits do not settle.

        Raises Unknown where the expression has a node without a row.
        """
        bits, before = self.arithmetic.bits, None
        try:
            for precision in self.precisions:
                self.arithmetic.bits = precision
                value = self._once(expression)
                if value is None or (
                    before is not None and abs(value - before) <= self.arithmetic.m.ldexp(abs(value), -AGREED_BITS)
                ):
                    return value if value is None or value or expression.is_Atom else self._deeply(expression)
                before = value
            return value if abs(value) < self.arithmetic.m.ldexp(1, -AGREED_BITS) else None
        except GivenUp:
            return None
        finally:
            self.arithmetic.bits = bits

    def _deeply(self, expression: Any) -> Any:
        """The value of what was 0 at two precisions, where all digits of a difference may have cancelled."""
        self.arithmetic.bits = DEEP_BITS
        return self._once(expression)

    def _once(self, expression: Any) -> Any:
        """The value at the working precision, without recursion: a formula may be nested deeply."""
        values: dict[Any, Any] = {}
        stack = [expression]
        while stack:
            node = stack[-1]
            missing = [arg for arg in node.args if arg not in values]
            if missing and node not in values:
                stack.extend(missing)
                continue
            stack.pop()
            if node not in values:
                values[node] = self._node(node, [values[arg] for arg in node.args])
        return values[expression]

    def _node(self, node: Any, args: list[Any]) -> Any:
        if node.is_Symbol:
            return self._number(self.known[node])
        if node.is_Number or node.is_NumberSymbol:
            return self._number(node)
        if not (node.is_Piecewise or isinstance(node, ExprCondPair)) and any(arg is None for arg in args):
            return None
        if node.is_Add:
            return sum(args[1:], args[0])
        if node.is_Mul:
            return math.prod(args[1:], start=args[0])
        if node.is_Pow:
            return self.arithmetic.call(table.BY_NAME["**"], args)
        return self._branch(node, args)

    def _branch(self, node: Any, args: list[Any]) -> Any:
        """The value of what has to do with conditions, or of a function."""
        if node.is_Piecewise:
            return next((value for value, condition in args if condition or condition is None), None)
        if isinstance(node, ExprCondPair):
            value, condition = args
            return (None if condition is None else value), condition
        if isinstance(node, BooleanAtom):
            return bool(node)
        if isinstance(node, Relational):
            return _COMPARED[node.rel_op](*args)
        if type(node) in LOGIC:
            return LOGIC[type(node)](args)
        return self.arithmetic.call(row_of(node.func.__name__, len(args)), args)

    def _number(self, number: Any) -> Any:
        if not number.is_finite:
            return None
        return self.arithmetic.m.make_mpf(number._as_mpf_val(self.arithmetic.bits))


@cache
def row_of(name: str, count: int) -> Row:
    """The row of a SymPy function of so many arguments."""
    by_class = {row.sympy: row for row in table.ROWS if isinstance(row.sympy, str)}
    row = by_class.get(name) or table.BY_NAME.get(name)
    if row is None or count != sum(
        not parameter.optional or parameter.default is not None for parameter in row.parameters
    ):
        raise Unknown
    return row


def _bounded(expression: Any, work: Callable[[], T]) -> T:
    """What the work comes to, OutOfTime where it takes long; a watch costs as much as a short formula."""
    if all(node.func.__name__ in QUICK for node in expression.atoms(sympy.Function)):
        return work()
    return Deadline(MOST_SECONDS).run(work)


def exact(value: Fraction) -> Any:
    """A number for SymPy."""
    return sympy.Float(sympy.Rational(value.numerator, value.denominator), FLOAT_DIGITS)


def _is_extreme(number: Any) -> bool:
    """Whether a number is too large or too small to be written out."""
    return bool(number.is_Float and abs(number._mpf_[2]) > MAX_EXPONENT_BITS)


def same(first: str | None, second: str | None) -> bool:
    """Whether two values are those of one formula."""
    if first is None or second is None:
        return first is second
    with localcontext(ARITHMETIC):
        a, b = Decimal(first), Decimal(second)
        return abs(a - b) <= max(SAME * max(abs(a), abs(b)), NOTHING)


def alike(first: Any, second: Any) -> bool:
    """Whether two formulas have the same value at a sample point where they have one; no if that takes too long."""
    if first is second:
        return True
    names = sorted(first.free_symbols | second.free_symbols, key=str)
    for values in islice(anywhere(names), TRIED):
        here = Point({name: exact(value) for name, value in values.items()})
        try:
            a, b = here.rough(first), here.rough(second)
        except Unknown:
            return same(here.text(first), here.text(second))
        except OutOfTime:
            return False
        if a is not None or b is not None:
            return a is not None and b is not None and bool(abs(a - b) <= ALIKE * max(abs(a), abs(b)))
    return True
