"""Numbers at equal distances, and how a dtype holds numbers."""

from __future__ import annotations

import ast
import math
from array import array
from collections.abc import Callable, Iterator
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.nesting import described
from gradcli.cells.values import CannotFollow, TensorObject
from gradcli.functions.shapes import MAX_ELEMENTS
from gradcli.tape.arrays import Array


def rounded(data: Array, dtype: str) -> Array:
    """Numbers as a dtype holds them."""
    if dtype == "float32":
        return Array(data.shape, array("d", array("f", data.data)))
    if dtype == "int64":
        return Array(data.shape, array("d", (float(math.trunc(one)) for one in data.data)))
    if dtype == "bool":
        return Array(data.shape, array("d", (float(bool(one)) for one in data.data)))
    return data


def _single(value: float) -> float:
    return array("f", [value])[0]


def number(reader: CellReader, value: Any, node: ast.AST) -> float:
    """The number that an argument is; CannotFollow for what is none."""
    if isinstance(value, TensorObject):
        value = reader.array(value).data[0]
    if isinstance(value, (int, float)):
        return float(value)
    raise CannotFollow(f"{described(value)} is not a number", reader.span(node))


def check_size(reader: CellReader, shape: tuple[int, ...], node: ast.AST) -> None:
    """CannotFollow for a tensor of too many entries."""
    if len(shape) > 20 or math.prod(shape) > MAX_ELEMENTS:
        raise CannotFollow(f"a tensor would have more than {MAX_ELEMENTS:,} entries", reader.span(node))


Range = Callable[[CellReader, list[Any], dict[str, Any], ast.AST, str], "tuple[Array, bool]"]


def _arange(
    reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST, dtype: str
) -> tuple[Array, bool]:
    given = [*args, *(keywords[name] for name in ("start", "end", "stop", "step") if name in keywords)]
    numbers = [number(reader, one, node) for one in given]
    start, end, step = (0.0, *numbers, 1.0) if len(numbers) == 1 else (*numbers, 1.0)[:3]
    if not step or not all(map(math.isfinite, (start, end, step))):
        raise CannotFollow("these are no ends of a range", reader.span(node))
    count = max(0, math.ceil((end - start) / step))
    check_size(reader, (count,), node)
    whole = all(isinstance(one, int) for one in given)
    return Array((count,), array("d", (start + index * step for index in range(count)))), whole


def _linspace(
    reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST, dtype: str
) -> tuple[Array, bool]:
    names = ("start", "end", "steps", "stop", "num")
    given = [*args, *(keywords[name] for name in names if name in keywords)]
    start, end = (number(reader, one, node) for one in given[:2])
    count = given[2] if len(given) > 2 else 50
    if not isinstance(count, int):
        raise CannotFollow("the number of steps is not known", reader.span(node))
    check_size(reader, (max(count, 0),), node)
    return Array((count,), array("d", _spaced(start, end, count, dtype))), False


def _spaced(start: float, end: float, count: int, dtype: str) -> Iterator[float]:
    """From both ends to the middle, with the step in the dtype, as torch has it."""
    step = (end - start) / (count - 1) if count > 1 else 0.0
    if dtype == "float32":
        step = _single((_single(end) - _single(start)) / (count - 1)) if count > 1 else 0.0
    for index in range(count):
        yield start + step * index if index < count // 2 or count == 1 else end - step * (count - 1 - index)


def _logspace(
    reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST, dtype: str
) -> tuple[Array, bool]:
    exponents, _ = _linspace(reader, args, keywords, node, "float64")
    base = number(reader, keywords.get("base", 10.0), node)
    return Array(exponents.shape, array("d", (base**one for one in exponents.data))), False


RANGES: dict[str, Range] = {"arange": _arange, "linspace": _linspace, "logspace": _logspace}
