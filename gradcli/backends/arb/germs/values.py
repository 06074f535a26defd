"""What functions make of values that are not balls: extents, limits, and the guards of rows."""

from __future__ import annotations

from functools import cache
from math import inf
from typing import Any

from gradcli.backends.arb.context import Enclosed, is_ball
from gradcli.backends.arb.evaluate import call
from gradcli.backends.arb.flint import arb
from gradcli.backends.arb.germs.arithmetic import Germs
from gradcli.backends.arb.germs.extent import ANYTHING, Extent
from gradcli.backends.arb.germs.germ import Germ, Outside
from gradcli.functions.guards import GuardKind
from gradcli.functions.row import Row
from gradcli.tape.rules import rule
from gradcli.tape.tape import Tape

NARROW = 0.5  # of the distance of two zeros of a guard whose zeros are whole numbers apart


def is_limit(germ: Germ, ends: tuple[Enclosed, Enclosed] | None) -> bool:
    """Whether a value at the point is exactly what a germ tends to."""
    limit = germ.limit
    return (
        ends is not None and is_ball(ends[0]) and is_ball(limit) and limit.is_exact() and ends[0].is_exact()
        and bool(limit == ends[0])
    )  # fmt: skip


def values(row: Row, args: list[Germ]) -> Extent:
    """Where a row's values are, from where its arguments are."""
    low, high, _ = args[0].extent
    if row.name == "exp":
        return Extent(_end(low, arb.exp, arb(0), inf), _end(high, arb.exp, arb(0), inf, up=True), True)
    if row.name == "log" and low >= 0:
        return Extent(-inf if low == 0 else _end(low, arb.log, inf, inf), _end(high, arb.log, inf, inf, up=True))
    balls = [_ball(arg.extent) for arg in args]
    value = call(row, balls)
    return Extent.of_ball(value) if is_ball(value) and value.is_finite() else ANYTHING


def course(row: Row, args: list[Germ]) -> tuple[Any, bool]:
    """What exponentials and logarithms of such a germ tend to, and whether that is slow."""
    limit = args[0].limit
    if row.name == "exp" and isinstance(limit, float):
        return (arb(0) if limit < 0 else inf), limit < 0
    if row.name in ("log", "log10") and limit is not None and args[0].sign == 1:
        if limit == 0:
            return -inf, args[0].series is not None
        if limit == inf:
            return inf, args[0].series is not None
    if isinstance(limit, float) and isinstance(row.arb, str):
        far = call(row, [arb("inf") if limit > 0 else -arb("inf")])
        return (far, True) if is_ball(far) and far.is_finite() else (None, False)
    return None, False


def _end(end: Any, function: Any, at_minus: Any, at_plus: Any, up: bool = False) -> Any:
    if isinstance(end, float):
        return at_plus if end > 0 else at_minus
    value = function(end)
    if not value.is_finite():
        return inf if up else -inf
    return value.upper() if up else value.lower()


def _ball(extent: Extent) -> Any:
    if extent.is_finite:
        return extent.ball
    return arb("inf") if extent.low == inf else arb("+/- inf")


def keeps(germs: Germs, row: Row, args: list[Germ]) -> bool:
    """Whether no guard of a row is 0 on the stretch."""
    for guard in row.guards:
        try:
            z = guard.of(*[_Operand(germs, arg) for arg in args]).germ
        except (TypeError, AttributeError, Outside):
            return False
        if guard.kind is not GuardKind.ZERO:
            if guard.kind not in (GuardKind.WHOLE, GuardKind.HALF) or not z.extent.is_finite:
                return False
            if z.series is None or z.extent.high - z.extent.low > NARROW:
                return False
            between = 0 if guard.kind is GuardKind.WHOLE else 0.5
            z = germs.sum(z, germs.constant(-((z.extent.ball.mid() - between + 0.5).floor() + between)))
        if z.sign not in (-1, 1):
            return False
    return True


class _Operand:
    """A germ with signs of operations, for the expressions of guards."""

    def __init__(self, germs: Germs, germ: Germ) -> None:
        self.germs, self.germ = germs, germ

    def _of(self, value: Any) -> Germ:
        return value.germ if isinstance(value, _Operand) else self.germs.constant(arb(value))

    def __add__(self, other: Any) -> _Operand:
        return _Operand(self.germs, self.germs.sum(self.germ, self._of(other)))

    def __sub__(self, other: Any) -> _Operand:
        return _Operand(self.germs, self.germs.sum(self.germ, self.germs.negative(self._of(other))))

    def __mul__(self, other: Any) -> _Operand:
        return _Operand(self.germs, self.germs.product(self.germ, self._of(other)))

    def __truediv__(self, other: Any) -> _Operand:
        return _Operand(self.germs, self.germs.product(self.germ, self.germs.inverse(self._of(other))))

    __radd__, __rmul__ = __add__, __mul__


@cache
def is_flat(row: Row) -> bool:
    """Whether a row is constant between its guards."""
    rules = [rule(row.name, i) for i in range(len(row.parameters))]
    return bool(rules) and bool(row.guards) and all(one is not None and _is_zero(one) for one in rules)


def _is_zero(tape: Tape) -> bool:
    return getattr(tape.ops[tape.output], "value", None) == 0
