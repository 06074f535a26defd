"""Numbers at equal distances, and how a dtype holds numbers."""

from __future__ import annotations

import ast
import math
from array import array
from collections.abc import Callable, Iterator
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.nesting import described
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow
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
        data = reader.array(value).data
        if len(data) != 1 or value.requires_grad or value.is_variable:
            raise CannotFollow("a number is expected there that nothing is differentiated by", reader.span(node))
        value = data[0]
    if isinstance(value, (int, float)):
        return float(value)
    raise CannotFollow(f"{described(value)} is not a number", reader.span(node))


def check_size(reader: CellReader, shape: tuple[int, ...], node: ast.AST) -> None:
    """CannotFollow for a tensor of too many entries."""
    if len(shape) > 20 or math.prod(shape) > MAX_ELEMENTS:
        raise CannotFollow(f"a tensor would have more than {MAX_ELEMENTS:,} entries", reader.span(node))


Range = Callable[[CellReader, "dict[str, Any]", ast.AST, str], "tuple[Array, bool]"]


def _arange(reader: CellReader, given: dict[str, Any], node: ast.AST, dtype: str) -> tuple[Array, bool]:
    ends = [given["start"], given["end"]] if "start" in given and given.get("end") is not None else None
    ends = ends or [0, given["end"] if given.get("end") is not None else given["start"]]
    ends.append(given.get("step", 1))
    start, end, step = (number(reader, one, node) for one in ends)
    if not step or not all(map(math.isfinite, (start, end, step))):
        raise CannotFollow("these are not the ends of a range", reader.span(node))
    count = max(0, math.ceil((end - start) / step))
    check_size(reader, (count,), node)
    whole = all(isinstance(one, int) for one in ends)
    return Array((count,), array("d", (start + index * step for index in range(count)))), whole


def _linspace(reader: CellReader, given: dict[str, Any], node: ast.AST, dtype: str) -> tuple[Array, bool]:
    start, end = (number(reader, given[one], node) for one in ("start", "end"))
    count = given.get("steps", 50)
    if not isinstance(count, int):
        raise CannotFollow("the number of steps is not known", reader.span(node))
    check_size(reader, (max(count, 0),), node)
    if not given.get("endpoint", True):
        step = (end - start) / max(count, 1)
        return Array((count,), array("d", (start + index * step for index in range(count)))), False
    return Array((count,), array("d", _spaced(start, end, count, dtype))), False


def _spaced(start: float, end: float, count: int, dtype: str) -> Iterator[float]:
    """From both ends to the middle, with the step in the dtype, as torch has it."""
    step = (end - start) / (count - 1) if count > 1 else 0.0
    if dtype == "float32":
        step = _single((_single(end) - _single(start)) / (count - 1)) if count > 1 else 0.0
    for index in range(count):
        yield start + step * index if index < count // 2 or count == 1 else end - step * (count - 1 - index)


def _logspace(reader: CellReader, given: dict[str, Any], node: ast.AST, dtype: str) -> tuple[Array, bool]:
    exponents, _ = _linspace(reader, given, node, "float64")
    base = number(reader, given.get("base", 10.0), node)
    return Array(exponents.shape, array("d", (base**one for one in exponents.data))), False


RANGES: dict[str, Range] = {"arange": _arange, "linspace": _linspace, "logspace": _logspace}
