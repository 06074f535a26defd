"""Constant tensors: a shape, and doubles in row-major order."""

from __future__ import annotations

import itertools
import math
import random
from array import array
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from gradcli.functions.arrangements import arange_bounds
from gradcli.functions.shapes import Shape
from gradcli.language.numbers import Dtype, rounded, to_float

MAX_ELEMENTS = 20_000_000  # of one tensor


class Array(NamedTuple):
    """A tensor of numbers of the dtype, held as doubles."""

    shape: Shape
    data: array[float]

    def at(self, index: Sequence[int]) -> float:
        """One entry."""
        return self.data[position(self.shape, index)]

    def nested(self) -> Any:
        """Nested lists, or one number."""
        return nested(self.shape, self.data)


def position(shape: Shape, index: Sequence[int]) -> int:
    """Where an entry stands in row-major order."""
    place = 0
    for size, i in zip(shape, index):
        place = place * size + i
    return place


def nested(shape: Shape, flat: Sequence[Any]) -> Any:
    """Flat entries as nested lists of a shape."""
    if not shape:
        return flat[0]
    level = list(flat)
    for size in reversed(shape[1:]):
        level = [level[start : start + size] for start in range(0, len(level), size)]
    return level


def every(shape: Shape) -> Iterable[tuple[int, ...]]:
    """All indices of a shape, in row-major order."""
    return itertools.product(*map(range, shape))


def constructed(name: str, statics: Sequence[Any], shape: Shape, dtype: Dtype | None) -> Array:
    """The tensor that a constructor makes, each entry rounded once from its exact value."""
    return Array(shape, array("d", _MAKERS[name](shape, *statics, **({"dtype": dtype} if name in _ROUNDING else {}))))


def _linspace(shape: Shape, start: Any, stop: Any, n: int, dtype: Dtype | None) -> Iterable[float]:
    start, stop = Fraction(start), Fraction(stop)
    return _arithmetic(start, (stop - start) / max(n - 1, 1), n, dtype)


def _arange(shape: Shape, start: Any, stop: Any, step: Any, dtype: Dtype | None) -> Iterable[float]:
    first, _, step = arange_bounds(start, stop, step)
    return _arithmetic(Fraction(first), Fraction(step), shape[0], dtype)


def _arithmetic(first: Fraction, step: Fraction, count: int, dtype: Dtype | None) -> Iterable[float]:
    """An arithmetic progression; a quotient of two of Python's integers is the correctly rounded double."""
    below = math.lcm(first.denominator, step.denominator)
    a, b = first.numerator * (below // first.denominator), step.numerator * (below // step.denominator)
    if dtype is None or dtype.name == "float64":
        return [(a + i * b) / below for i in range(count)]
    return [to_float(rounded(Fraction(a + i * b, below), dtype) or Fraction(0)) for i in range(count)]


def _logspace(shape: Shape, start: Any, stop: Any, n: int, base: Any, dtype: Dtype | None) -> Iterable[float]:
    step = Fraction(stop - start) / max(n - 1, 1)
    powers = (_power(Fraction(base), Fraction(start) + i * step) for i in range(n))
    return [to_float(rounded(value, dtype) or Fraction(0)) if dtype else to_float(value) for value in powers]


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    """A power, exact where its exponent is a whole number, else to twice a double's digits."""
    if exponent.denominator == 1:
        return base**exponent.numerator
    import mpmath

    context = mpmath.MPContext()
    context.prec = 200
    value = context.mpf(base.numerator) / base.denominator
    _, significand, shift, _ = (value ** (context.mpf(exponent.numerator) / exponent.denominator))._mpf_
    return Fraction(int(significand)) * Fraction(2) ** int(shift)


def _random(draw: Callable[[random.Random], float]) -> Callable[..., Iterable[float]]:
    """So many numbers of Python's generator, which is the same on every machine."""

    def make(shape: Shape, *statics: Any, dtype: Dtype | None) -> Iterable[float]:
        generator = random.Random(statics[-1])  # noqa: S311
        numbers = (draw(generator) for _ in range(math.prod(shape)))
        if dtype is None or dtype.name == "float64":
            return numbers
        return (to_float(rounded(Fraction(number), dtype) or Fraction(0)) for number in numbers)

    return make


def _eye(shape: Shape, *statics: Any) -> Iterable[float]:
    return (float(i == j) for i, j in every(shape))


_MAKERS: dict[str, Callable[..., Iterable[float]]] = {
    "linspace": _linspace,
    "logspace": _logspace,
    "arange": _arange,
    "zeros": lambda shape, *statics: itertools.repeat(0.0, math.prod(shape)),
    "ones": lambda shape, *statics: itertools.repeat(1.0, math.prod(shape)),
    "eye": _eye,
    "rand": _random(lambda generator: generator.random()),
    "randn": _random(lambda generator: generator.gauss(0.0, 1.0)),
}
_ROUNDING = ("linspace", "logspace", "arange", "rand", "randn")
CONSTRUCTORS = frozenset(_MAKERS)
