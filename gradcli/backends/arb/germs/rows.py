"""What the rows of the table make of germs."""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any, Union

from gradcli.backends.arb.context import UNKNOWN, Enclosed, is_ball, number_of
from gradcli.backends.arb.decisions import COMPARED, LOGIC, TWINS
from gradcli.backends.arb.evaluate import call
from gradcli.backends.arb.flint import arb
from gradcli.backends.arb.germs.arithmetic import Germs
from gradcli.backends.arb.germs.extent import ANYTHING, Extent
from gradcli.backends.arb.germs.germ import Germ, Laurent, Outside
from gradcli.backends.arb.germs.values import course, is_flat, is_limit, keeps, values
from gradcli.backends.arb.series import BallSeries
from gradcli.backends.series import FOLDED as SUMS
from gradcli.backends.series_arithmetic import NoSeries
from gradcli.functions.guards import DIFFERENCE
from gradcli.functions.row import Row
from gradcli.tape.emit import SCALE
from gradcli.tape.interpret import Rules, interpret
from gradcli.tape.rules import definition
from gradcli.tape.tape import Literal, NamedConstant, Tape, label_of

Beside = Union[Germ, bool, Any]  # a germ, a truth value, UNKNOWN, or None where there is no value
Ends = Union[tuple[Enclosed, Enclosed], None]  # values at the point, and at the other end of the stretch

ROOTS = {"sqrt": Fraction(1, 2), "rsqrt": Fraction(-1, 2)}
FOLDED = {**SUMS, "/": operator.truediv}


class GermRows:
    """What rows make of germs."""

    def __init__(self, germs: Germs) -> None:
        self.germs = germs

    def number(self, op: Union[Literal, NamedConstant]) -> Germ:
        """A number of the tape."""
        label = label_of(op)
        return self.germs.constant(op.value if label is None else number_of(op.value, label))

    def called(self, row: Row, args: list[Beside], ends: Ends) -> Beside:
        """A row of germs; `ends` are its values at the point and at the other end of the stretch."""
        name = row.name
        if name in LOGIC:
            return LOGIC[name](*args)
        if name == "where":
            return self._branch(args, ends)
        numbers = [arg for arg in args if isinstance(arg, Germ)]
        if len(numbers) < len(args):
            return None if None in args else UNKNOWN
        twins = len(args) == 2 and args[0] is args[1]
        if name in COMPARED:
            return TWINS[name](args[0]) if twins else self._compared(name, numbers)
        try:
            found = self._number(row, numbers, ends, twins)
        except Outside:
            return None
        if isinstance(found, Germ) and found.joins and ends is not None and not is_ball(ends[0]):
            return Germ(found.series, found.extent, False, found.tends, found.slow)
        return found

    def _branch(self, args: list[Beside], ends: Ends) -> Beside:
        condition, first, second = args
        if condition is None:
            return None
        if condition in (True, False):
            chosen = first if condition is True else second
            if not isinstance(chosen, Germ) or not chosen.joins:
                return chosen
            return Germ(chosen.series, chosen.extent, is_limit(chosen, ends), chosen.tends, chosen.slow)
        if first is second:
            return first
        if isinstance(first, Germ) and isinstance(second, Germ):
            return Germ(None, first.extent.around(second.extent), False)
        return UNKNOWN

    def _compared(self, name: str, args: list[Germ]) -> Enclosed:
        sign = self.germs.sum(args[0], self.germs.negative(args[1])).sign
        return UNKNOWN if sign is None else COMPARED[name][0](sign, 0)

    def _number(self, row: Row, args: list[Germ], ends: Ends, twins: bool) -> Beside:
        name, germs = row.name, self.germs
        exact = [arg.exact for arg in args if arg.exact is not None] if name in FOLDED else []
        if exact and len(exact) == len(args) and (name != "/" or exact[1]):
            return germs.constant(FOLDED[name](*exact))
        if name == "+":
            return germs.sum(*args)
        if name == "-":
            return germs.constant(arb(0)) if twins else germs.sum(args[0], germs.negative(args[1]))
        if name == "neg":
            return germs.negative(args[0])
        if name == "*" or row is SCALE:
            return germs.product(*args)
        if name == "/":
            if twins and args[0].extent.is_apart:
                return germs.constant(arb(1))
            return germs.product(args[0], germs.inverse(args[1]))
        if name == "detach":
            return args[0]
        return self._elementary(row, args, ends)

    def _elementary(self, row: Row, args: list[Germ], ends: Ends) -> Beside:
        name, germs = row.name, self.germs
        exponent = args[1].exact if name == "**" else ROOTS.get(name)
        if exponent is not None:
            return germs.power(args[0], exponent)
        if name == "cbrt":
            return self._signed(args[0], lambda one: germs.power(one, Fraction(1, 3)))
        if name == "hypot":
            return germs.power(germs.sum(*[germs.product(one, one) for one in args]), Fraction(1, 2))
        if name == "abs":
            return self._signed(args[0], lambda one: one, even=True)
        if row.guards is DIFFERENCE:
            return self._larger(args, _picks(row))
        return self._function(row, args, ends)

    def _signed(self, a: Germ, of: Callable[[Germ], Germ], even: bool = False) -> Germ:
        """An odd or even function, from what it is of numbers that are not negative."""
        if a.sign in (0, 1):
            return of(a)
        opposite = self.germs.negative(a)
        if a.sign == -1:
            found = of(opposite)
            return found if even else self.germs.negative(found)
        if even:
            return self._magnitude(a)
        return Germ(None, ANYTHING, a.joins)

    def _magnitude(self, a: Germ) -> Germ:
        """The absolute value of what may have both signs, along different lines."""
        series = a.series
        if series is not None and all(one.is_zero() for known in series[1:] for one in known[1:]):
            sizes = ([abs(known[0]), *known[1:]] for known in series[1:])
            return self.germs.of(Laurent(series.power, *sizes), a.extent.magnitude(), a.joins)
        return Germ(None, a.extent.magnitude(), a.joins)

    def _larger(self, args: list[Germ], way: int) -> Germ:
        first, second = args
        sign = self.germs.sum(first, self.germs.negative(second)).sign
        if sign is not None:
            chosen = first if sign * way >= 0 else second
            return Germ(chosen.series, chosen.extent, first.joins and second.joins, chosen.tends, chosen.slow)
        ends = [(max if way > 0 else min)(x, y) for x, y in zip(first.extent[:2], second.extent[:2])]
        apart = (first.extent.is_apart and second.extent.is_apart) or way in (first.sign, second.sign)
        found = Germ(None, Extent(ends[0], ends[1], apart), first.joins and second.joins)
        rise = self.germs.common_rise(first, second)
        found.rising = rise or None
        return found

    def _function(self, row: Row, args: list[Germ], ends: Ends) -> Beside:
        """Another row: its series, its one value, its definition, or where its values are."""
        if ends is not None and ends[1] is None:
            raise Outside
        if (smooth := self._smooth(row, args)) is not None:
            return smooth
        if is_flat(row) and ends is not None and is_ball(ends[1]) and keeps(self.germs, row, args):
            found = self.germs.constant(ends[1])
            return Germ(found.series, found.extent, is_limit(found, ends))
        template = definition(row.name)
        if template is not None:
            names = [parameter.name for parameter in row.parameters]
            rules: Rules[Beside] = Rules(self.number, lambda op, given: self.called(op.row, given, None))
            defined = interpret(template, rules, dict(zip(names, args)))[template.output]
            if isinstance(defined, Germ):
                joins = all(arg.joins for arg in args) and (defined.joins or is_limit(defined, ends))
                return Germ(defined.series, defined.extent, joins, defined.tends, defined.slow)
            return defined
        joins = row.closed and all(arg.joins for arg in args)
        return Germ(None, values(row, args), joins, *course(row, args))

    def _smooth(self, row: Row, args: list[Germ]) -> Germ | None:
        """A function that is analytic wherever its arguments are: the series of it."""
        series = [one for arg in args if (one := self.germs.regular(arg)) is not None]
        if len(series) < len(args):
            return None
        length = min(len(one.here) for one in series)
        names = [parameter.name for parameter in row.parameters][: len(args)]
        if len(names) < len(args):
            return None
        try:
            evaluator = _alone(row, len(args))
            here = evaluator.run({name: one.here for name, one in zip(names, series)}, length)
            wide = evaluator.run({name: one.wide for name, one in zip(names, series)}, length, wide=True)
        except (NoSeries, ValueError, ZeroDivisionError):
            return None
        if not all(is_ball(one) and one.is_finite() for one in here):
            return None
        return self.germs.of(Laurent(0, here, wide), values(row, args), all(arg.joins for arg in args))


@cache
def _picks(row: Row) -> int:
    """Whether a row that changes where its two arguments are equal takes the larger one (1) or the smaller (-1)."""
    return 1 if call(row, [arb(1), arb(2)]) == 2 else -1


@cache
def _alone(row: Row, count: int) -> BallSeries:
    tape = Tape()
    args = [tape.input(parameter.name) for parameter in row.parameters[:count]]
    tape.output = tape.call(row.name, tuple(args))
    return BallSeries(tape)
