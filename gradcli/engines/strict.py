"""JSON has no NaN and no infinity: a number that it cannot say is null, and its status stands in a field beside it."""

from __future__ import annotations

import math
from typing import Any, Union

Entries = Union[float, None, "list[Any]"]  # one number, or nested lists of the shape of a tensor


def numbers(name: str, value: Entries) -> dict[str, Any]:
    """A field with numbers, and beside it the status of those that JSON cannot say, nested alike."""
    if not isinstance(value, list):
        return number(name, value)
    statuses = _status(value)
    return {name: value} if statuses is None else {name: _finite(value), f"{name}_status": statuses}


def number(name: str, value: float | None) -> dict[str, Any]:
    """A field with a number, and beside it the status of one that JSON cannot say."""
    if value is None or math.isfinite(value):
        return {name: value}
    return {name: None, f"{name}_status": status(value)}


def side(name: str, value: str | None) -> dict[str, Any]:
    """A one-sided derivative; like a number it may be infinite."""
    return {name: None, f"{name}_status": value} if value in ("inf", "-inf") else {name: value}


def status(value: float) -> str:
    """What a number is that is not finite."""
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"


def _finite(value: Entries) -> Any:
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    return value if value is None or math.isfinite(value) else None


def _status(value: Entries) -> Any:
    """The statuses of nested numbers, None where all are finite."""
    if isinstance(value, list):
        inner = [_status(one) for one in value]
        return inner if any(one is not None for one in inner) else None
    return None if value is None or math.isfinite(value) else status(value)
