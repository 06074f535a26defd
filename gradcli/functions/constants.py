"""The named constants: a name means one of these unless the program or `--at` gives it a value.

No other name is filled in: in formulas E is a modulus and tau a time constant far more often than numbers.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple


class Constant(NamedTuple):
    """A constant: its exact value to far more digits than any dtype holds, and SymPy's name for it.

    is_bare   whether the name alone means it; else a library has to stand in front: math.tau
    """

    name: str
    doc: str
    value: Fraction
    sympy: str
    is_bare: bool = True

    @property
    def spelling(self) -> str:
        """As it is written in a program."""
        return self.name if self.is_bare else f"math.{self.name}"


def _digits(text: str) -> Fraction:
    return Fraction(text)


PI = _digits("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899")
E = _digits("2.71828182845904523536028747135266249775724709369995957496696762772407663035354759")

ROWS = (
    Constant("pi", "the circle's circumference by its diameter; also written π", PI, "pi"),
    Constant("tau", "2*pi; tau alone is a variable", 2 * PI, "tau", is_bare=False),
    Constant("e", "the base of the natural logarithm", E, "E"),
)

BY_NAME = {row.name: row for row in ROWS}

# `math.pi`, `np.e` and the like.
LIBRARIES = {
    "pi": ("torch", "np", "math"),
    "e": ("torch", "np", "math"),
    "tau": ("math",),
}
