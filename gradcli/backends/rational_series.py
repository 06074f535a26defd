"""Taylor series whose coefficients are rational numbers, where they are so at the point."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from gradcli.backends.arb.context import BALLS, Enclosed
from gradcli.backends.series import FOLDED, SeriesEvaluator
from gradcli.backends.series_arithmetic import NoSeries
from gradcli.functions.row import Row
from gradcli.tape.tape import Literal, NamedConstant

LARGEST = 4_000  # bits of an exact value that a function takes: a longer one is no form that anybody reads


def rational_of(enclosed: Enclosed) -> Fraction | None:
    """The number that a ball is, where it is one, and not too long."""
    if not enclosed.is_exact():
        return None
    mantissa, exponent = enclosed.man_exp()
    if abs(exponent) > LARGEST or abs(mantissa) >= 2**LARGEST:
        return None
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


class RationalSeries(SeriesEvaluator[Fraction]):
    """The series of a tape over the rational numbers. Raises NoSeries where one of its numbers is not proven to be one.

    What a function gives is proven where its enclosure is a single number: exp(0) is 1, sqrt(4) is 2.
    """

    def exact(self, op: Literal | NamedConstant) -> Fraction:
        """A number of a tape."""
        if isinstance(op, NamedConstant):
            raise NoSeries("it is not rational", op.label)
        return op.value

    def ball(self, value: Fraction) -> Enclosed:
        """The number as a ball."""
        return BALLS.number(value)

    def constant(self, row: Row, args: Sequence[Fraction], enclosed: Enclosed) -> Fraction:
        """The value by arithmetic, or from an enclosure that is one number."""
        if row.name in FOLDED:
            return FOLDED[row.name](*args)
        if row.name == "/":
            return args[0] / args[1]
        if row.name == "**" and args[1].denominator == 1 and abs(args[1]) < LARGEST:
            return Fraction(args[0] ** int(args[1]))
        found = rational_of(enclosed)
        if found is None:
            raise NoSeries("it is not rational", row.name)
        return found

    def product(self, a: list[Fraction], b: list[Fraction], length: int) -> list[Fraction]:
        """So many coefficients of a product."""
        moving = [(j, y) for j, y in enumerate(b) if y]
        found = [Fraction(0)] * length
        for i, x in enumerate(a):
            if x:
                for j, y in moving:
                    if i + j < length:
                        found[i + j] += x * y
        return found

    def quotient(self, a: list[Fraction], b: list[Fraction], length: int) -> list[Fraction]:
        """So many coefficients of a quotient whose denominator does not vanish."""
        found: list[Fraction] = []
        for k in range(length):
            found.append((a[k] - sum((b[j] * found[k - j] for j in range(1, k + 1) if b[j]), Fraction(0))) / b[0])
        return found
