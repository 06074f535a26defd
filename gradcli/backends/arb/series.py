"""Taylor series whose coefficients are balls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gradcli.backends.arb.context import Enclosed, number_of
from gradcli.backends.arb.flint import arb, arb_series, ctx
from gradcli.backends.series import SeriesEvaluator
from gradcli.backends.series_arithmetic import SeriesJet
from gradcli.functions.row import Row
from gradcli.tape.tape import Literal, NamedConstant, label_of


class BallSeries(SeriesEvaluator[Any]):
    """The series of a tape in balls, at the working precision."""

    def exact(self, op: Literal | NamedConstant) -> Any:
        """A number of a tape."""
        return number_of(op.value, label_of(op)) if op.value else arb(0)

    def ball(self, value: Any) -> Enclosed:
        """It is one."""
        return value

    def constant(self, row: Row, args: Sequence[Any], enclosed: Enclosed) -> Any:
        """The enclosure itself."""
        return enclosed

    def product(self, a: list[Any], b: list[Any], length: int) -> list[Any]:
        """So many coefficients of a product."""
        with _terms(length):
            return self._padded((arb_series(a[:length]) * arb_series(b[:length])).coeffs(), length)

    def quotient(self, a: list[Any], b: list[Any], length: int) -> list[Any]:
        """So many coefficients of a quotient whose denominator does not vanish."""
        with _terms(length):
            return self._padded((arb_series(a[:length]) / arb_series(b[:length])).coeffs(), length)

    def known_function(self, row: Row, args: Sequence[SeriesJet[Any]], length: int) -> list[Any] | None:
        """What FLINT has as a series: the function of that name."""
        name = row.arb if isinstance(row.arb, str) else ""
        if len(args) == 1 and name and hasattr(arb_series, name):
            with _terms(length):
                found = getattr(arb_series(self._upto(args[0], length)), name)().coeffs()
            if all(one.is_finite() for one in found):
                return self._padded(found, length)
        return None


@contextmanager
def _terms(length: int) -> Iterator[None]:
    """Power series of so many coefficients."""
    before = ctx.cap
    ctx.cap = length
    try:
        yield
    finally:
        ctx.cap = before
