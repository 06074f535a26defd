"""How a partial derivative is called: ∂f/∂x, ∂²f/∂x∂y; df/dx where there is only ASCII."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from gradcli.result import Partial

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def partial_name(partial: Partial, function: str, unicode: bool = True) -> str:
    """The usual sign for a partial derivative."""
    d = "∂" if unicode else "d"
    order = len(partial.wrt)
    below = "".join(f"{d}{name}{_power(count, unicode)}" for name, count in _runs(partial.wrt))
    return f"{d}{_power(order, unicode)}{function}/{below}"


def _runs(names: Sequence[str]) -> list[tuple[str, int]]:
    return [(name, len(list(run))) for name, run in groupby(names)]


def _power(count: int, unicode: bool) -> str:
    if count == 1:
        return ""
    return str(count).translate(_RAISED) if unicode else str(count)
