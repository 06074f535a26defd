"""Taylor series whose coefficients are numbers in closed form, where they have one at the point."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from gradcli.backends.arb.context import BALLS, Enclosed
from gradcli.backends.closed_form import NO_FORM, ClosedForm
from gradcli.backends.rational_series import LARGEST, rational_of
from gradcli.backends.series import FOLDED, SeriesEvaluator
from gradcli.backends.series_arithmetic import NoSeries
from gradcli.functions.row import Row
from gradcli.language.nodes import Name
from gradcli.language.printer import unparse
from gradcli.language.trees import HERE, call
from gradcli.tape.tape import Literal, NamedConstant

LONGEST = 24  # characters of the value of a function
PI = "pi"

# Inverse functions whose values are parts of pi: by the argument, the square of it and its sign.
PARTS_OF_PI: Mapping[str, Mapping[Fraction, Fraction]] = {
    "atan": {Fraction(1): Fraction(1, 4), Fraction(3): Fraction(1, 3), Fraction(1, 3): Fraction(1, 6)},
    "asin": {
        Fraction(1): Fraction(1, 2),
        Fraction(1, 4): Fraction(1, 6),
        Fraction(1, 2): Fraction(1, 4),
        Fraction(3, 4): Fraction(1, 3),
    },
}
ROOTS: Mapping[str, Fraction] = {"sqrt": Fraction(1, 2), "cbrt": Fraction(1, 3)}


class ClosedSeries(SeriesEvaluator[ClosedForm]):
    """The series of a tape over numbers in closed form. Raises NoSeries where one of its numbers has none."""

    def exact(self, op: Literal | NamedConstant) -> ClosedForm:
        """A number of a tape."""
        if isinstance(op, NamedConstant):
            raise NoSeries(NO_FORM, op.label)  # it is rounded to a double
        return ClosedForm.of(op.value)

    def ball(self, value: ClosedForm) -> Enclosed:
        """The number as a ball."""
        return value.ball

    def constant(self, row: Row, args: Sequence[ClosedForm], enclosed: Enclosed) -> ClosedForm:
        """The value by arithmetic, as a rational number, by a rule, or by its name."""
        name = row.name
        if name in FOLDED:
            folded: Callable[..., Any] = FOLDED[name]
            found: ClosedForm = folded(*args)
            return found
        if name == "/":
            return args[0] / args[1]
        exponent = ROOTS.get(name, args[1].rational if name == "**" else None)
        if exponent is not None and abs(exponent) < LARGEST:
            return args[0].to_power(exponent)
        if (exact := rational_of(enclosed)) is not None:
            return ClosedForm.of(exact)
        if name == "exp" and (value := args[0].rational) is not None:
            return ClosedForm.exponential(value)
        if (part := _part_of_pi(name, args)) is not None:
            return ClosedForm.named(Name(PI, HERE), BALLS.pi) * part
        tree = call(name, *(arg.tree() for arg in args))
        if len(unparse(tree)) > LONGEST:
            raise NoSeries(NO_FORM, name)
        return ClosedForm.named(tree, enclosed)

    def product(self, a: list[ClosedForm], b: list[ClosedForm], length: int) -> list[ClosedForm]:
        """So many coefficients of a product."""
        moving = [(j, y) for j, y in enumerate(b) if y.terms]
        found = [ClosedForm.of(0)] * length
        for i, x in enumerate(a):
            if x.terms:
                for j, y in moving:
                    if i + j < length:
                        found[i + j] += x * y
        return found

    def quotient(self, a: list[ClosedForm], b: list[ClosedForm], length: int) -> list[ClosedForm]:
        """So many coefficients of a quotient whose denominator does not vanish."""
        found: list[ClosedForm] = []
        inverse = ClosedForm.of(1) / b[0]
        for k in range(length):
            left = a[k]
            for j in range(1, k + 1):
                if b[j].terms:
                    left -= b[j] * found[k - j]
            found.append(left * inverse)
        return found


def _part_of_pi(name: str, args: Sequence[ClosedForm]) -> Fraction | None:
    """How many times pi the value of an inverse function is."""
    if name not in PARTS_OF_PI and name != "acos":
        return None
    square = (args[0] * args[0]).rational
    if square is None:
        return None
    part = PARTS_OF_PI["asin" if name == "acos" else name].get(square)
    if part is None:
        return None
    part = -part if args[0].ball < 0 else part
    return Fraction(1, 2) - part if name == "acos" else part
