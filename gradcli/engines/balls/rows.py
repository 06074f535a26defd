"""The rows of the table that have an enclosure, and what encloses them.

An argument or a result is a ball of FLINT's: a number with a bound on its error. What does not exist is a ball that
is not finite. A row that is not here is left to the referee that works without balls.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any


from gradcli.backends.arb.context import Uncertain


def _less(x: Any, y: Any) -> bool:
    if x < y:
        return True
    if x >= y:
        return False
    raise Uncertain


def _equal(x: Any, y: Any) -> bool:
    if x == y:
        return True
    if x != y:
        return False
    raise Uncertain


def _scale(adjoint: Any, local: Any) -> Any:
    """An adjoint of 0 wins over a local derivative that does not exist."""
    return adjoint if adjoint.is_zero() else adjoint * local


def _cbrt(x: Any) -> Any:
    return x.root(3) if x > 0 else -((-x).root(3))


# Names of methods of a ball, with one argument.
_METHODS = (
    "sqrt rsqrt exp expm1 log log1p sin cos tan cot sec csc asin acos atan sinh cosh tanh coth sech csch asinh acosh"
    " atanh erf erfc erfi"
)

ENCLOSED: Mapping[str, Callable[..., Any]] = {
    **{name: operator.methodcaller(name) for name in _METHODS.split()},
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
    "neg": operator.neg,
    "pos": lambda x: x,
    "scale": _scale,
    "square": lambda x: x * x,
    "abs": abs,
    "sign": lambda x: x.sgn(),
    "cbrt": _cbrt,
    "exp2": lambda x: type(x)(2) ** x,
    "log2": lambda x: x.log_base(2),
    "log10": lambda x: x.log_base(10),
    "hypot": lambda x, y: (x * x + y * y).sqrt(),
    "atan2": lambda y, x: type(y).atan2(y, x),
    "max": lambda x, y: x.max(y),
    "min": lambda x, y: x.min(y),
    "<": _less,
    ">": lambda x, y: _less(y, x),
    "<=": lambda x, y: not _less(y, x),
    ">=": lambda x, y: not _less(x, y),
    "==": _equal,
    "!=": lambda x, y: not _equal(x, y),
    "and": lambda x, y: x and y,
    "or": lambda x, y: x or y,
    "not": operator.not_,
    "where": lambda condition, a, b: a if condition else b,
}

# Rows that are evaluated by their definitions in the table.
DEFINED = frozenset(
    "reciprocal exp10 log_base logaddexp deg2rad rad2deg heaviside relu relu6 leaky_relu elu selu celu gelu gelu_tanh"
    " silu mish softplus sigmoid logsigmoid logit softsign tanhshrink hardtanh hardsigmoid hardswish".split()
)


class Breaks:
    """What the breaks of those rows ask of a context, for balls."""

    @staticmethod
    def isint(x: Any) -> bool:
        """Whether a ball is one whole number."""
        return bool(x.is_integer())

    @staticmethod
    def cos(x: Any) -> Any:
        """The cosine."""
        return x.cos()

    @staticmethod
    def sin(x: Any) -> Any:
        """The sine."""
        return x.sin()

    @staticmethod
    def hypot(x: Any, y: Any) -> Any:
        """The length of a vector."""
        return (x * x + y * y).sqrt()
