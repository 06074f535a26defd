"""Taylor series of a tape along a line: a number type of it, with balls or exact numbers as coefficients.

The arithmetic of truncated power series is the usual one; any other row of the table is integrated from its own
derivative rule: f(u)' = sum of f_i(u) * u_i', one coefficient after the other (Moore 1966; Griewank and Walther 2008,
chapter 13). A quotient of two series that vanish is taken without their common power of t: the series of the limit.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from gradcli.backends.arb.context import UNKNOWN, Enclosed, is_ball
from gradcli.backends.arb.decisions import COMPARED
from gradcli.backends.arb.evaluate import call
from gradcli.backends.arb.guards import guards, may_be_zero
from gradcli.backends.series_arithmetic import C, NoSeries, SeriesArithmetic, SeriesJet
from gradcli.functions.row import Row
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.interpret import Rules, interpret
from gradcli.tape.rules import definition, filled, rule
from gradcli.tape.tape import Literal, NamedConstant, Primitive, Tape

FOLDED: dict[str, Callable[..., Fraction]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "neg": operator.neg,
}
STEP = 8  # coefficients that a function gets at a time: it bounds how deep rules of rules go
LOGICAL = ("and", "or", "not")


class SeriesEvaluator(SeriesArithmetic[C]):
    """The series of a tape's operations along lines; jets are kept from one line to the next.

    holes   the quotients whose parts vanish together, and the power of t that they have in common; from `run`
    closed  one with exact numbers over the same variables, that tells whether a coefficient is 0
    """

    def __init__(self, tape: Tape, deadline: Deadline | None = None) -> None:
        self.tape = tape
        self.deadline = deadline
        self.holes: dict[int, int] = {}
        self._jets: dict[Any, SeriesJet[C]] = {}
        self._point: Mapping[str, Sequence[C]] = {}
        self._wide = False
        self.closed: SeriesEvaluator[Any] | None = None
        self.at_limits: set[int] = set()
        self.own: set[int] = set()

    @property
    def has_hole(self) -> bool:
        """Whether the program has no value at the point, but a limit."""
        return bool(set(self.holes) - self.own)

    def run(self, point: Mapping[str, Sequence[C]], length: int, wide: bool = False) -> list[C]:
        """So many coefficients of the output where each variable goes from a value at a speed, or has such a series.

        With `wide` values, those of a box around the point of the last run, its holes are taken for such.
        Raises NoSeries.
        """
        self._point, self._wide = point, wide
        if not wide:
            self.holes, self.at_limits, self.own = {}, set(), set()
        for jet in self._jets.values():
            jet.known, jet.truth = [], None
        rules = Rules(self._number, self._primitive, input=lambda op: self._jet(("input", op.label), op.label, ()))

        def forced(index: int, jet: SeriesJet[C]) -> SeriesJet[C]:
            if used[index]:
                for known in range(STEP, length, STEP):  # a rule that uses its own function is short of one step
                    self._upto(jet, known)
                self._upto(jet, length)
            return jet

        from gradcli.tape.dependence import reaches

        used = reaches(self.tape, [self.tape.output])
        try:
            jets = interpret(self.tape, rules, used=used, after=forced, deadline=self.deadline)
            return self._upto(jets[self.tape.output], length)
        except RecursionError:
            raise NoSeries("its rules use rules that nest too deep for so many terms", undecided=True) from None

    # What the coefficients are

    def known_function(self, row: Row, args: Sequence[SeriesJet[C]], length: int) -> list[C] | None:
        """A function that the coefficients' library has as a series."""
        return None

    # Jets

    def _jet(self, key: Any, op: Any, args: tuple[SeriesJet[C], ...], is_constant: bool = False) -> SeriesJet[C]:
        if key not in self._jets:
            self._jets[key] = SeriesJet(len(self._jets), op, args, is_constant)
        return self._jets[key]

    def _number(self, op: Literal | NamedConstant) -> SeriesJet[C]:
        return self._jet((type(op), op.value), op, (), True)

    def _primitive(self, op: Primitive, args: list[SeriesJet[C]]) -> SeriesJet[C]:
        if op.row.shape is not None or op.statics:
            raise NoSeries("it works on tensors", op.row.name)
        folded = FOLDED.get(op.row.name)
        if folded is not None and all(isinstance(arg.op, Literal) for arg in args):
            return self._number(
                Literal(folded(*(arg.op.value for arg in args)))
            )  # n - 1 + 1 is n: one and the same jet
        key = (op.row.name, *(arg.key for arg in args))
        return self._jet(key, op.row, tuple(args), all(arg.is_constant for arg in args))

    def _upto(self, jet: SeriesJet[C], length: int) -> list[C]:
        if len(jet.known) < length and jet.truth is None:
            if isinstance(jet.op, Row):
                jet.known = self._called(jet, jet.op, length)
                if self.deadline is not None:
                    self.deadline.check()
            elif isinstance(jet.op, str):
                jet.known = self._padded(list(self._point[jet.op]), length)
            else:
                jet.known = self._padded([self.exact(jet.op)], length)
        return jet.known[:length]

    # Rows

    def _called(self, jet: SeriesJet[C], row: Row, length: int) -> list[C]:
        name, args = row.name, jet.args
        if name == "where":
            self._upto(args[0], 1)
            return self._upto(args[1] if args[0].truth else args[2], length)
        if name == "/" and not jet.is_constant:
            return self._divided(jet, length)
        values = [self._upto(arg, 1) for arg in args]
        if row.gives_truth or name in COMPARED or name in LOGICAL:
            jet.truth = self._decided(jet, name)
            return []
        balls = [arg.truth if arg.truth is not None else self.ball(value[0]) for arg, value in zip(args, values)]
        same = [arg.key for arg in args]
        if name == "**" and not jet.is_constant and (power := self._arithmetic(name, args, length)) is not None:
            return power
        if name not in ("+", "-", "*", "neg", "scale", "detach") and not jet.is_constant:
            found = [guard for guard in guards(row, balls, same) if may_be_zero(guard)]
            if found or row.fills:
                template = filled(name)
                if template is not None and length > 1 and self._is_at_hole(jet.key, balls):
                    return self._limit(jet, template, length)
            if found:
                exactly = all(is_ball(guard) and guard.is_zero() for guard in found)
                raise NoSeries("its formula changes here", name, undecided=not exactly)
        if jet.is_constant or length == 1 or name == "detach":
            return self._padded([self._value(row, args, balls, same)], length)
        if (simple := self._arithmetic(name, args, length)) is not None:
            return simple
        value = self._value(row, args, balls, same)
        if (known := self.known_function(row, args, length)) is not None:
            return known
        return self._integrated(row, args, value, length)

    def _is_at_hole(self, key: int, balls: Sequence[Enclosed]) -> bool:
        """Whether a row has the limit of a quotient at the point; over a box it has it where it had at the point."""
        if not self._wide and all(is_ball(one) and one.is_zero() for one in balls):
            self.at_limits.add(key)
        return key in self.at_limits

    def _limit(self, jet: SeriesJet[C], template: Tape, length: int) -> list[C]:
        """The series of a row that is the limit of a quotient here; what its value is, nobody misses."""
        known = set(self.holes)
        names = [parameter.name for parameter in jet.op.parameters]
        rules = Rules(self._number, self._primitive)
        found = self._upto(interpret(template, rules, dict(zip(names, jet.args)))[template.output], length)
        self.own |= set(self.holes) - known
        return found

    def _decided(self, jet: SeriesJet[C], name: str) -> bool:
        if name in LOGICAL:
            held: Any = call(jet.op, [arg.truth for arg in jet.args])
        else:
            balls = [self.ball(self._upto(arg, 1)[0]) for arg in jet.args]
            held = call(jet.op, balls, [arg.key for arg in jet.args])
            alike = len(jet.args) == 2 and jet.args[0] is jet.args[1]
            if not jet.is_constant and not alike and all(map(is_ball, balls)) and len(balls) == 2:
                gap = balls[0] - balls[1]
                if gap.is_zero():
                    raise NoSeries("its condition changes here", name)
        if held is UNKNOWN or held is None:
            raise NoSeries("its condition is not decided", name, undecided=True)
        return bool(held)

    def _value(self, row: Row, args: Sequence[SeriesJet[C]], balls: list[Enclosed], same: list[int]) -> C:
        enclosed = call(row, balls, same)
        if enclosed is None:
            raise NoSeries("it has no value here", row.name)
        if enclosed is UNKNOWN:
            raise NoSeries("its value is not resolved", row.name, undecided=True)
        if any(arg.truth is not None for arg in args):
            raise NoSeries("it takes a truth value", row.name)
        return self.constant(row, [self._upto(arg, 1)[0] for arg in args], enclosed)

    def vanishes(self, jet: SeriesJet[C], index: int) -> bool:
        """Whether a coefficient that may be 0 is so, by its closed form: exp(1) - exp(1)."""
        if self.closed is None or not self.ball(self._upto(jet, index + 1)[index]).contains(0):
            return False
        try:
            return bool(self.closed.ball(self.closed.coefficient_of(jet, index)).is_zero())
        except NoSeries:
            return False

    def coefficient_of(self, jet: SeriesJet[Any], index: int) -> C:
        """A coefficient of what another evaluator has as a jet, over the same variables. Raises NoSeries."""
        made: dict[int, SeriesJet[C]] = {}
        waiting = [jet]
        while waiting:
            one = waiting[-1]
            missing = [arg for arg in one.args if arg.key not in made]
            if missing:
                waiting += missing
                continue
            args = tuple(made[arg.key] for arg in one.args)
            made[one.key] = self._jet(("of", one.key), one.op, args, one.is_constant)
            waiting.pop()
        return self._upto(made[jet.key], index + 1)[index]

    def at(self, point: Mapping[str, Sequence[C]]) -> None:
        """Begin anew with other variables."""
        self._point, self._wide, self.holes = point, False, {}
        self.at_limits, self.own = set(), set()
        for jet in self._jets.values():
            jet.known, jet.truth = [], None

    def _integrated(self, row: Row, args: Sequence[SeriesJet[C]], value: C, length: int) -> list[C]:
        """The series of a function of series, from its derivative rules; without a rule, from its definition."""
        names = [parameter.name for parameter in row.parameters]
        inputs = dict(zip(names, args))
        rules = Rules(self._number, self._primitive)
        moving = [i for i, arg in enumerate(args) if not arg.is_constant]
        if len(args) > len(names) or any(rule(row.name, i) is None for i in moving):
            template = definition(row.name)
            if template is None:
                raise NoSeries("its derivative is not known", row.name)
            return self._upto(interpret(template, rules, inputs)[template.output], length)
        total: list[Any] = [self._zero()] * (length - 1)
        for i in moving:
            template = rule(row.name, i)
            assert template is not None
            local = self._upto(interpret(template, rules, inputs)[template.output], length - 1)
            known: list[Any] = self._upto(args[i], length)
            speed = [known[k] * k for k in range(1, length)]
            total = [x + y for x, y in zip(total, self.product(local, speed, length - 1))]
        return [value, *(one / k for k, one in enumerate(total, 1))]
