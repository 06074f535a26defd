"""The named constants: a name means one of these unless the program or `--at` gives it a value."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple


class Constant(NamedTuple):
    """A constant: its exact value to far more digits than any dtype holds, and SymPy's name for it."""

    name: str
    doc: str
    value: Fraction
    sympy: str
    aliases: tuple[str, ...] = ()


def _digits(text: str) -> Fraction:
    return Fraction(text)


PI = _digits("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899")
E = _digits("2.71828182845904523536028747135266249775724709369995957496696762772407663035354759")

ROWS = (
    Constant("pi", "the circle's circumference by its diameter; also written π", PI, "pi"),
    Constant("tau", "2*pi", 2 * PI, "tau"),
    Constant("e", "the base of the natural logarithm; also written E", E, "E", ("E",)),
)

BY_NAME = {name: row for row in ROWS for name in (row.name, *row.aliases)}

# `math.pi`, `np.e` and the like.
LIBRARIES = {
    "pi": ("torch", "np", "math"),
    "e": ("torch", "np", "math"),
    "tau": ("math",),
}
