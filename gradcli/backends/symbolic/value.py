"""The value of a SymPy expression at a point, to as many digits as are asked for, however much cancels.

SymPy's own `evalf` does the same in some ten milliseconds; a formula is evaluated more often than that allows.
It remains for what has no row in the table.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple, TypeVar

import sympy
from sympy.core.relational import Relational
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import BooleanAtom

from gradcli.backends.mp.arithmetic import Arithmetic, GivenUp, decimals, real_part, size_of
from gradcli.functions import table
from gradcli.functions.row import Row
from gradcli.runtime.deadlines import Deadline, OutOfTime

DIGITS = 20
BITS: tuple[int, ...] = (120, 240, 480, 800)  # precisions, until two of them agree
DEEP_BITS = 3_400  # for a value that seems to be 0
AGREED_BITS = 72  # that is 20 digits and a little more
MAX_EXPONENT_BITS = 10**6  # of a value that is written out
FLOAT_DIGITS = 60
MAX_SYMPY_DIGITS = 200  # SymPy raises its own precision up to this
TINY = sympy.Float("1e-60", DIGITS)  # SymPy cannot tell less from 0

ROUGH_BITS = 240
MOST_SECONDS = 0.5  # of one evaluation; mpmath takes forever at some ordinary points
SECONDS_A_DEFINITION = 0.001  # more, for a formula with definitions

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


class Computed(NamedTuple):
    """Names whose values a program computes: at the precision of an Arithmetic; perhaps it takes long."""

    names: frozenset[Any]
    values: Callable[[Arithmetic], Mapping[Any, Any]]
    is_long: bool


class Point:
    """Where formulas are evaluated.

    known        the values of the names in them, as SymPy's numbers
    computed     further names
    definitions  further names, and the formulas that they stand for
    in_plane     whether they go through the complex plane; a value that is not real is none
    """

    def __init__(
        self,
        known: Mapping[Any, Any],
        computed: Computed | None = None,
        definitions: Mapping[Any, Any] | None = None,
        in_plane: bool = False,
    ) -> None:
        self.in_plane = in_plane
        self.known = known
        self.computed = computed
        self.definitions = definitions if definitions is not None else {}
        self.arithmetic = Arithmetic(in_plane=in_plane)
        self.precisions = BITS
        self._computed: dict[int, Mapping[Any, Any]] = {}  # by the precision

    def deep_text(self, expression: Any) -> str | None:
        """The value in decimals as `text` has it, at a precision at which a thousand digits may cancel."""
        self.precisions = (DEEP_BITS, 2 * DEEP_BITS)
        try:
            return self.text(expression)
        finally:
            self.precisions = BITS

    def text(self, expression: Any) -> str | None:
        """The value in decimals, None where there is none, or where it takes too long."""
        names = expression.free_symbols
        if not names <= self.known.keys() and any(not self._has(name) for name in names):
            return None
        try:
            return self._bounded(expression, lambda: self._text(expression))
        except OutOfTime:
            return None

    def _has(self, name: Any) -> bool:
        is_computed = self.computed is not None and name in self.computed.names
        return name in self.known or name in self.definitions or is_computed

    def _bounded(self, expression: Any, work: Callable[[], T]) -> T:
        """What the work comes to, OutOfTime where it takes long; a watch costs as much as a short formula."""
        if self.definitions or (self.computed is not None and self.computed.is_long):
            return Deadline(MOST_SECONDS + SECONDS_A_DEFINITION * len(self.definitions)).run(work)
        if all(node.func.__name__ in QUICK for node in expression.atoms(sympy.Function)):
            return work()
        return Deadline(MOST_SECONDS).run(work)

    def _text(self, expression: Any) -> str | None:
        try:
            found = self.value(expression)
        except Unknown:
            return None if self.in_plane else self._by_sympy(expression)
        found = real_part(found, AGREED_BITS) if self.in_plane else found
        if found is None or (found and abs(size_of(found)) > MAX_EXPONENT_BITS):
            return None
        return decimals(found, DIGITS)

    def _by_sympy(self, expression: Any) -> str | None:
        used = {name: self._float(name) for name in expression.free_symbols - self.definitions.keys()}
        if None in used.values():
            return None
        try:
            result = expression.evalf(DIGITS, subs=used, maxn=MAX_SYMPY_DIGITS)
        except Exception:  # SymPy and mpmath give up in a dozen ways; each means that there is no value
            return None
        if not (result.is_Number and result.is_finite) or _is_extreme(result):
            return None
        return "0" if abs(result) <= TINY else str(result)

    def _float(self, name: Any) -> Any:
        """The value of a name as SymPy's number; None where it has none."""
        if name in self.known:
            return self.known[name]
        bits, self.arithmetic.bits = self.arithmetic.bits, max(self.precisions)
        try:
            value = self._name(name)
        finally:
            self.arithmetic.bits = bits
        return None if value is None else sympy.Float._new(value._mpf_, max(self.precisions))

    def rough(self, expression: Any) -> Any:
        """The value at one precision, None where there is none.

        Raises Unknown as `value` does, and OutOfTime where it takes too long.
        """
        bits, self.arithmetic.bits = self.arithmetic.bits, ROUGH_BITS
        try:
            return self._bounded(expression, lambda: self._once(expression))
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
                    is_plain = expression.is_Number or expression in self.known
                    return value if value is None or value or is_plain else self._deeply(expression)
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
            args = (self.definitions[node],) if node in self.definitions else node.args
            missing = [arg for arg in args if arg not in values]
            if missing and node not in values:
                stack.extend(missing)
                continue
            stack.pop()
            if node not in values:
                values[node] = self._node(node, [values[arg] for arg in args])
        return values[expression]

    def _node(self, node: Any, args: list[Any]) -> Any:
        if node.is_Symbol:
            return args[0] if args else self._name(node)
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

    def _name(self, name: Any) -> Any:
        if name in self.known:
            return self._number(self.known[name])
        bits = self.arithmetic.bits
        if bits not in self._computed:
            assert self.computed is not None
            self._computed[bits] = self.computed.values(self.arithmetic)
        return self._computed[bits][name]

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


def exact(value: Fraction) -> Any:
    """A number for SymPy."""
    return sympy.Float(sympy.Rational(value.numerator, value.denominator), FLOAT_DIGITS)


def _is_extreme(number: Any) -> bool:
    """Whether a number is too large or too small to be written out."""
    return bool(number.is_Float and abs(number._mpf_[2]) > MAX_EXPONENT_BITS)
