"""Calls of SciPy's compiled functions that are kept from arguments where they never return, or print to the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

MAX_DEGREE = 10_000  # SciPy takes time and memory in proportion to it
REFLECTED = ("eval_legendre", "eval_chebyt", "eval_chebyu")
MAX_SIZE = 1e6  # of an argument of a series that SciPy sums until it converges

HARMLESS = 1.0  # what an argument that is not finite is replaced by; the result there is nan


def kept(function: str | Callable[..., Any], allowed: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """The function of scipy.special, or of it and the arguments.

    It is nan where an argument is not finite, and left to mpmath where an argument is not allowed; unless
    `allowed` says otherwise, where one is large.
    """

    def call(special: Any, *args: Any) -> Any:
        import numpy

        finite = numpy.logical_and.reduce([numpy.isfinite(arg) for arg in args])
        safe = [numpy.where(finite, arg, HARMLESS) for arg in args]
        good = allowed(*safe) if allowed else numpy.logical_and.reduce([abs(arg) <= MAX_SIZE for arg in safe])
        if not good.all():
            return None
        value = getattr(special, function)(*safe) if isinstance(function, str) else function(special, *safe)
        return numpy.where(finite, value, numpy.nan)

    return call


def of_whole_degree(name: str) -> Callable[..., Any]:
    """SciPy's polynomial of a degree; those of a negative degree are 0, but for the ones that SciPy reflects."""

    def call(special: Any, n: Any, *args: Any) -> Any:
        import numpy

        if name in REFLECTED:
            return getattr(special, name)(n.astype(int), *args)
        return numpy.where(n < 0, 0.0, getattr(special, name)(n.astype(int), *args))

    def is_allowed(n: Any, *args: Any) -> Any:
        own = (abs(n) <= MAX_DEGREE) & (n == n.round())
        return own & ((n >= 0) | (2 * args[0] != (2 * args[0]).round())) if name == "eval_gegenbauer" else own

    return kept(call, is_allowed)
