"""Making tensors: their shapes, and their entries as exact numbers."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from gradcli.functions import shapes
from gradcli.functions.row import Entries, Row

MAX_POWERS = 20_000  # of a logspace
MAX_DECADES = 330
MAX_SEED = 2**63


def _sizes(*sizes: Any) -> shapes.Shape:
    """Sizes one by one, or as a list."""
    if len(sizes) == 1 and isinstance(sizes[0], (list, tuple)):
        sizes = tuple(sizes[0])
    if any(not isinstance(size, int) or size < 1 for size in sizes):
        raise shapes.ShapeError("a size is a whole number from 1")
    return tuple(sizes)


def _points(start: Any, stop: Any, n: Any) -> shapes.Shape:
    return _sizes(n)


def _range(*numbers: Any) -> shapes.Shape:
    start, stop, step = arange_bounds(*numbers)
    if step == 0:
        raise shapes.ShapeError("the step is 0")
    return _sizes(max(math.ceil((stop - start) / step), 0))


def arange_bounds(start: Any, stop: Any, step: Any) -> tuple[Any, Any, Any]:
    """The start, the stop and the step; with one number that is the stop."""
    return (0, start, step) if stop is None else (start, stop, step)


def _classes(target: Any, n: Any) -> shapes.Shape:
    shape = _sizes(n) if isinstance(target, int) else _sizes(len(target), n)
    if any(not 0 <= one < n for one in ([target] if isinstance(target, int) else target)):
        raise shapes.ShapeError(f"a class is a number from 0 to {n - 1}")
    return shape


def _one_hot(shape: shapes.Shape, target: Any, n: int) -> Entries:
    data = array("d", [0.0]) * math.prod(shape)
    for row, one in enumerate([target] if isinstance(target, int) else target):
        data[row * n + one] = 1.0
    return data


def _linspace(shape: shapes.Shape, start: Any, stop: Any, n: int) -> Entries:
    start, stop = Fraction(start), Fraction(stop)
    return _arithmetic(start, (stop - start) / max(n - 1, 1), n)


def _arange(shape: shapes.Shape, start: Any, stop: Any, step: Any) -> Entries:
    first, _, step = arange_bounds(start, stop, step)
    return _arithmetic(Fraction(first), Fraction(step), shape[0])


def _arithmetic(first: Fraction, step: Fraction, count: int) -> Iterator[tuple[int, int]]:
    """An arithmetic progression over one denominator."""
    below = math.lcm(first.denominator, step.denominator)
    a, b = first.numerator * (below // first.denominator), step.numerator * (below // step.denominator)
    return ((a + i * b, below) for i in range(count))


def _logspace(shape: shapes.Shape, start: Any, stop: Any, n: int, base: Any) -> Entries:
    start, stop, base = Fraction(start), Fraction(stop), Fraction(base)
    if base <= 0:
        raise shapes.ShapeError("the base is positive")
    if max(abs(start), abs(stop)) * abs(math.log10(base)) > MAX_DECADES:
        large = (max if base > 1 else min)(start, stop) * math.log10(base) > MAX_DECADES
        raise shapes.ShapeError(f"an entry is too {'large' if large else 'small'} for float64")
    if n > MAX_POWERS:
        raise shapes.ShapeError(f"more than {MAX_POWERS:,} powers: write {base}**linspace(...) in the program")
    step = (stop - start) / max(n - 1, 1)
    return (_power(base, start + i * step).as_integer_ratio() for i in range(n))


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


def _random(draw: str) -> Callable[..., Entries]:
    """So many numbers of NumPy's generator PCG64, which is the same on every machine."""

    def make(shape: shapes.Shape, *statics: Any) -> Entries:
        import numpy as np

        seed = statics[-1]
        if not isinstance(seed, int) or not 0 <= seed < MAX_SEED:
            raise shapes.ShapeError(f"a seed is a whole number from 0, below {MAX_SEED}")
        generator = np.random.Generator(np.random.PCG64(seed))
        return array("d", getattr(generator, draw)(math.prod(shape)).tobytes())

    return make


def _filled(value: float) -> Callable[..., Entries]:
    return lambda shape, *statics: array("d", [value]) * math.prod(shape)


def _eye(shape: shapes.Shape, *statics: Any) -> Entries:
    rows, columns = shape
    data = array("d", [0.0]) * (rows * columns)
    for i in range(min(shape)):
        data[i * columns + i] = 1.0
    return data


# fmt: off
CONSTRUCTORS = (
    Row("linspace", "start, stop, n", "n numbers at equal distances, from start to stop, both included",
        statics=("start", "stop", "n"), shape=_points, makes=_linspace, libraries="torch np",
        example="sum(x*linspace(0, 1, 3)) at x=[1,2,3]"),
    Row("logspace", "start, stop, n, base=10", "powers of the base, n exponents at equal distances",
        statics=("start", "stop", "n", "base"), shape=lambda start, stop, n, base: _sizes(n), makes=_logspace,
        libraries="torch np",
        example="sum(x*logspace(0, 2, 3)) at x=[1,2,3]"),
    Row("arange", "start, stop=None, step=1", "numbers from start to before stop; `arange(n)` begins at 0",
        statics=("start", "stop", "step"), shape=_range, makes=_arange, libraries="torch np",
        example="sum(x*arange(3)) at x=[1,2,3]"),
    Row("zeros", "n, ...", "a tensor of zeros, of these sizes",
        statics=("n",), shape=_sizes, makes=_filled(0.0), libraries="torch np",
        example="sum(x + zeros(3)) at x=[1,2,3]"),
    Row("ones", "n, ...", "a tensor of ones, of these sizes",
        statics=("n",), shape=_sizes, makes=_filled(1.0), libraries="torch np",
        example="sum(x*ones(3)) at x=[1,2,3]"),
    Row("full", "size, value", "a tensor with the same number everywhere; the size is a number or a list",
        definition="value*ones(size)", torch=lambda value, size: value.expand(_sizes(size)), statics=("size",),
        shape=lambda value, size: _sizes(size), vjp=("sum(g)",), libraries="torch np",
        example="sum(full([2, 3], x)) at x=2"),
    Row("eye", "n, m=None", "the identity matrix, or ones on the diagonal of a matrix of n rows and m columns",
        statics=("n", "m"), shape=lambda n, m: _sizes(n, n if m is None else m), makes=_eye, libraries="torch np",
        example="sum(x*eye(2)) at x=[[1,2],[3,4]]"),
    Row("one_hot", "target, n",
        "n numbers, 1 at the place of a class, counted from 0, and 0 elsewhere; of a list of classes a row for each",
        statics=("target", "n"), shape=_classes, makes=_one_hot, libraries="F",
        example="sum(x*one_hot(1, 3)) at x=[1,2,3]"),
    Row("rand", "n, ..., seed=0", "numbers between 0 and 1 at random, the same ones for the same seed",
        statics=("n", "seed"), shape=lambda *sizes: _sizes(*sizes[:-1]), makes=_random("random"),
        example="sum(x*rand(3, seed=1)) at x=[1,2,3]"),
    Row("randn", "n, ..., seed=0", "normally distributed numbers at random, the same ones for the same seed",
        statics=("n", "seed"), shape=lambda *sizes: _sizes(*sizes[:-1]), makes=_random("standard_normal"),
        example="sum(x*randn(3, seed=1)) at x=[1,2,3]"),
)
# fmt: on
