"""A SymPy expression as a tree of the language: what is written of it can be typed in again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from functools import cache, reduce
from typing import Any

import sympy

from gradcli.backends.symbolic.decimals import FAR, decimal_node, float_text, scaled_power
from gradcli.backends.symbolic.factors import is_not_one, roots_together, rounded, turned
from gradcli.backends.symbolic.fast.order import Order
from gradcli.backends.symbolic.short.length import is_below
from gradcli.backends.symbolic.typed import LONG, Literals, TypedQuotient
from gradcli.functions import table
from gradcli.language.nodes import Call, Name, Node
from gradcli.language.numbers import Dtype, fraction_of
from gradcli.language.stack import INFIX
from gradcli.language.trees import HERE, call, negated, number


@cache
def table_names() -> dict[str, str]:
    """What the table calls SymPy's functions."""
    return {row.sympy: row.name for row in table.ROWS if isinstance(row.sympy, str)}


@cache
def _way(maker: Any, kind: Any) -> str:
    """The method that makes the tree of a class of expressions."""
    for name in (f"_{base.__name__}" for base in kind.__mro__):
        if hasattr(maker, name):
            return name
    raise TypeError(f"the language has no {kind.__name__}")


class SympyTree:
    """Makes trees, each part once: the formulas of one program share most of theirs.

    Decimal numbers are as short as the dtype allows; `names` are the program's own, which a constant may not be
    mistaken for, `literals` its numbers. Methods are called by the classes of SymPy.
    """

    def __init__(self, dtype: Dtype, names: Collection[str] = (), literals: Literals | None = None) -> None:
        self.dtype = dtype
        self.literals = literals or Literals()
        self.names = names
        self.typed: Mapping[Any, Node] = {}  # arguments of functions, as they were typed
        self.order = Order()
        self.made: dict[Any, Node] = {}
        self.signed: dict[Any, tuple[bool, Node]] = {}

    def of(self, expression: Any) -> Node:
        """The tree of an expression."""
        if expression not in self.made:
            own: Any = type(self)
            kind: Any = type(expression)
            self.made[expression] = getattr(self, _way(own, kind))(expression)
        return self.made[expression]

    # Sums, products and powers

    def _Add(self, expression: Any) -> Node:
        """In SymPy's order, but for a sum that would begin with a minus: x - m, not -m + x."""
        terms = [self._signed(term) for term in self.order.terms(expression)]
        first = next((i for i, (is_negative, _) in enumerate(terms) if not is_negative), 0)
        (is_negative, node), *others = [terms[first], *terms[:first], *terms[first + 1 :]]
        node = negated(node) if is_negative else node
        for is_negative, term in others:
            node = call("-" if is_negative else "+", node, term)
        return node

    def _signed(self, term: Any) -> tuple[bool, Node]:
        """Whether a term has a minus in front, and the rest of it."""
        if term not in self.signed:
            if term.is_Mul:
                self.signed[term] = self._product(term)
            elif term.is_Number and term.is_extended_negative:
                self.signed[term] = True, self.of(-term)
            else:
                self.signed[term] = False, self.of(term)
        return self.signed[term]

    def _Mul(self, expression: Any) -> Node:
        is_negative, node = self._signed(expression)
        return negated(node) if is_negative else node

    def _product(self, expression: Any) -> tuple[bool, Node]:
        """Whether a product has a minus in front, and the rest of it as a fraction."""
        first, *others = expression.args
        if not expression.is_commutative or first is sympy.S.One or any(map(_is_unevaluated, others)):
            return False, self._fraction(expression.args)  # as it stands
        is_negative = bool(first.is_Number and first.is_extended_negative)
        if first.is_Number:
            factors = sorted(others, key=self.order.key)
            differences = [(place, one) for place, factor in enumerate(factors) if (one := turned(factor)) is not None]
            if is_negative and differences:
                place, factors[place] = differences[0]
                is_negative, first = False, -first
            if abs(first) is not sympy.S.One:
                factors.insert(0, -first if is_negative else first)
        else:
            factors = self.order.factors(expression)
        return is_negative, self._fraction(factors)

    def _fraction(self, factors: Sequence[Any]) -> Node:
        scaled = (
            None if self._is_typed(factors[0]) else scaled_power(factors, self.literals, self.dtype, self._is_typed)
        )
        above, below = self._parted(factors if scaled is None else scaled.rest)
        if scaled is not None:
            variable = self.of(scaled.variable)
            over = call("/", variable, scaled.number) if scaled.is_over else call("*", scaled.number, variable)
            is_divisor = bool(scaled.exponent.is_negative)
            (below if is_divisor else above).append(self._raised(over, abs(scaled.exponent)))
        top = reduce(lambda a, b: call("*", a, b), above) if above else number(1)
        return call("/", top, reduce(lambda a, b: call("*", a, b), below)) if below else top

    def _parted(self, factors: Sequence[Any]) -> tuple[list[Node], list[Node]]:
        """The factors above the bar, and those below it."""
        above, below, sums = list[Node](), list[Node](), list[Any]()
        plain = [rounded(factor, self.literals.decimals) for factor in factors]
        for factor in roots_together([*filter(is_not_one, plain)]):
            if factor.is_Pow and factor.exp.is_Add and is_below(factor):
                sums.append(factor)
            elif factor.is_Pow and is_below(factor):
                is_plain = factor.exp is sympy.S.NegativeOne
                below.append(self.of(factor.base) if is_plain else self._power(factor.base, -factor.exp))
            elif factor.is_Rational and not factor.is_Integer:
                decimal = self._decimal(abs(factor))
                if decimal is not None:
                    above.append(decimal)
                    continue
                typed = self.literals.fraction(abs(int(factor.p)), int(factor.q))
                if typed is not None:
                    above += typed.above
                    below += typed.below
                    continue
                above += [number(factor.p)] if factor.p != 1 else []
                below.append(number(factor.q))
            elif factor.is_Float and len(factors) > 1 and float_text(factor, self.dtype) == "1":
                continue  # of decimals that cancel
            elif factor.is_Float and (typed := self._quotient(factor)) is not None:
                above += typed.above
                below += typed.below
            else:
                above.append(self.of(factor))
        for factor in sums:  # x**(-n - 1)/y, where 1/(y*x**(n + 1)) would need brackets
            if len(below) == 1:
                above.append(call("**", self.of(factor.base), self.of(factor.exp)))
            else:
                below.append(self._power(factor.base, -factor.exp))
        return above, below

    def _Pow(self, expression: Any) -> Node:
        if (nearest := rounded(expression, self.literals.decimals)) is not expression:
            return self.of(nearest)
        base, exponent = expression.base, expression.exp
        if is_below(expression):
            return self._fraction([expression])
        return self._power(base, exponent)

    def _power(self, base: Any, exponent: Any) -> Node:
        return self._raised(self.of(base), exponent)

    def _raised(self, base: Node, exponent: Any) -> Node:
        return call("sqrt", base) if exponent is sympy.S.Half else call("**", base, self.of(exponent))

    # Numbers and names

    def _Rational(self, expression: Any) -> Node:
        node = self._decimal(abs(expression))
        if node is None:
            typed = self.literals.fraction(abs(int(expression.p)), int(expression.q))
            if typed is None:
                return number(Fraction(expression.p, expression.q))
            node = typed.node
        return call("neg", node) if expression.p < 0 else node

    def _decimal(self, value: Any) -> Node | None:
        return None if value.is_Integer else self.literals.decimal(int(value.p), int(value.q))

    def _is_typed(self, value: Any) -> bool:
        """Whether a decimal number is short, or made of typed ones."""
        return (
            not value.is_Float
            or len(float_text(abs(value), self.dtype)) < LONG
            or self._quotient(abs(value)) is not None
        )

    def _quotient(self, value: Any) -> TypedQuotient | None:
        """A positive decimal number as the typed ones that it was made of."""
        text = float_text(value, self.dtype)
        return (
            None
            if text.startswith("-") or ("e" in text and abs(int(text.partition("e")[2])) > FAR)
            else (self.literals.quotient(fraction_of(value), text))
        )

    def _Float(self, expression: Any) -> Node:
        typed = self._quotient(abs(expression))
        if typed is not None:
            return negated(typed.node) if expression.is_extended_negative else typed.node
        return decimal_node(float_text(expression, self.dtype))

    def _Symbol(self, expression: Any) -> Node:
        return Name(expression.name, HERE)

    def _Atom(self, expression: Any) -> Node:
        return Name(str(expression), HERE)

    def _NegativeInfinity(self, _: Any) -> Node:
        return call("neg", self.of(sympy.S.Infinity))

    def _Exp1(self, _: Any) -> Node:
        return self.constant("e")

    def _Pi(self, _: Any) -> Node:
        return self.constant("pi")

    def constant(self, name: str) -> Node:
        """A constant of the language, which a name of the program may hide."""
        return Name(f"math.{name}" if name in self.names else name, HERE)

    # Functions, branches and conditions

    def _Application(self, expression: Any) -> Node:
        own = expression.func.__name__
        name = table_names().get(own, own)
        args = tuple(self.typed.get(arg) or self.of(arg) for arg in without_defaults(name, expression.args))
        return Call(name, args, HERE, HERE, user=name not in table.BY_NAME and name not in INFIX)

    def _LatticeOp(self, expression: Any) -> Node:
        args = [self.of(arg) for arg in sorted(expression.args, key=sympy.default_sort_key)]
        return call(expression.func.__name__.lower(), *args)  # Max and Min

    def _Abs(self, expression: Any) -> Node:
        return call("abs", self.of(expression.args[0]))

    def _Piecewise(self, expression: Any) -> Node:
        node: Node = Name("nan", HERE)
        for value, condition in reversed(expression.args):
            then = self.of(value)
            node = then if condition == sympy.true else call("where", self.of(condition), then, node)
        return node

    def _Relational(self, expression: Any) -> Node:
        """A comparison; that of a difference with 0 is one of its two terms."""
        if expression.rhs == 0 and expression.lhs.is_Add and len(expression.lhs.args) == 2:
            (is_negative, _), (is_other, _) = map(self._signed, expression.lhs.args)
            if is_negative != is_other:
                first, second = expression.lhs.args
                positive, negative = (second, -first) if is_negative else (first, -second)
                return call(expression.rel_op, self.of(positive), self.of(negative))
        return call(expression.rel_op, self.of(expression.lhs), self.of(expression.rhs))

    def _And(self, expression: Any) -> Node:
        return self._joined("and", expression)

    def _Or(self, expression: Any) -> Node:
        return self._joined("or", expression)

    def _joined(self, name: str, expression: Any) -> Node:
        ordered = sorted(expression.args, key=sympy.default_sort_key)
        return reduce(lambda a, b: call(name, a, b), map(self.of, ordered))

    def _Not(self, expression: Any) -> Node:
        return call("not", self.of(expression.args[0]))

    def _ITE(self, expression: Any) -> Node:
        condition, then, otherwise = map(self.of, expression.args)
        return call("or", call("and", condition, then), call("and", call("not", condition), otherwise))

    def _BooleanTrue(self, _: Any) -> Node:
        return call("<", number(0), number(1))

    def _BooleanFalse(self, _: Any) -> Node:
        return call(">", number(0), number(1))


def without_defaults(name: str, args: Sequence[Any]) -> Sequence[Any]:
    """The arguments of a row without the last ones that are what it takes where they are left out."""
    row = table.BY_NAME.get(name)
    if row is None or len(args) != len(row.parameters):
        return args
    count = len(args)
    while count > 1 and str(args[count - 1]) == row.parameters[count - 1].default:
        count -= 1
    return args[:count]


def _is_unevaluated(factor: Any) -> bool:
    """Whether SymPy would have computed this, had it been allowed to."""
    return bool(factor.is_Number or (factor.is_Pow and all(arg.is_Integer for arg in factor.args)))
