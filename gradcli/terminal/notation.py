"""The sign of a partial derivative: ∂f/∂x, ∂²f/∂x∂y; df/dx where there is only ASCII."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Union

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")

Index = Sequence[Union[str, int]]  # letters in a formula, numbers at an entry


def name_of(function: str, names: Sequence[str], unicode: bool = True) -> str:
    """The usual sign for the partial derivative of a function by these names, one for each order."""
    d = "∂" if unicode else "d"
    below = "".join(f"{d}{name}{'' if ']' in name else _power(count, unicode)}" for name, count in _runs(names))
    return f"{d}{_power(len(names), unicode)}{function}/{below}"


def _power(count: int, unicode: bool) -> str:
    if count == 1:
        return ""
    return str(count).translate(_RAISED) if unicode else str(count)


def bracket(index: Index) -> str:
    """An index as it is typed; nothing where there is none."""
    return f"[{','.join(map(str, index))}]" if index else ""


def _runs(names: Sequence[str]) -> list[tuple[str, int]]:
    """Equal neighbours and their count; those with indices stand each alone."""
    runs = [(name, len(list(run))) for name, run in groupby(names)]
    return [one for name, count in runs for one in ([(name, 1)] * count if "]" in name else [(name, count)])]
