"""Images made larger and smaller: F.interpolate and nn.Upsample, nearest and linear, as torch counts places."""

from __future__ import annotations

import ast
import math
from array import array
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.modules import LayerObject
from gradcli.cells.parameters import LayerOptions
from gradcli.cells.ranges import number
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow
from gradcli.tape.arrays import Array

LINEAR = {"linear": 1, "bilinear": 2}  # over how many dimensions


def interpolated(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> TensorObject:
    """F.interpolate(x, size, scale_factor, mode, align_corners)"""
    names = ("input", "size", "scale_factor", "mode", "align_corners")
    words = dict(zip(names, args)) | keywords
    x, mode, span = words["input"], words.get("mode", "nearest"), reader.span(node)
    if not isinstance(x, TensorObject) or words.keys() - {*names}:
        raise CannotFollow("F.interpolate with such options is not followed", span)
    shape = tuple(reader.engine.shape(x))
    rank = len(shape) - 2
    if rank not in (1, 2) or not (mode == "nearest" or LINEAR.get(mode) == rank):
        raise CannotFollow(f"F.interpolate with mode={mode!r} of {len(shape)} dimensions is not followed", span)
    scales = _each(words.get("scale_factor"), rank)
    scales = [None if one is None else number(reader, one, node) for one in scales]
    sizes = _each(words.get("size"), rank)
    if (sizes[0] is None) is (scales[0] is None):
        raise CannotFollow("F.interpolate takes either size or scale_factor", span)
    for place, (size, scale) in enumerate(zip(sizes, scales)):
        before = shape[2 + place]
        after = int(size) if size is not None else math.floor(before * scale)
        step = 1 / scale if scale is not None else before / after
        if mode == "nearest":
            x = _picked(reader, x, 2 + place, [min(int(i * step), before - 1) for i in range(after)], node)
        else:
            corners = bool(words.get("align_corners"))
            x = _mixed(reader, x, place == rank - 1, _weights(before, after, step, corners), after, before, node)
    return x


def _each(value: Any, rank: int) -> list[Any]:
    found = list(value) if isinstance(value, (list, tuple)) else [value] * rank
    if len(found) != rank:
        raise CannotFollow("F.interpolate takes a size for each dimension")
    return found


def _picked(reader: CellReader, x: TensorObject, dim: int, places: list[int], node: ast.AST) -> TensorObject:
    return reader.graph.subscript(x, (*[slice(None)] * dim, places), reader.span(node))


def _weights(before: int, after: int, step: float, corners: bool) -> array[float]:
    """The matrix by which a row of `before` numbers becomes one of `after`."""
    weights = array("d", [0.0]) * (after * before)
    for i in range(after):
        if corners:
            place = i * (before - 1) / (after - 1) if after > 1 else 0.0
        else:
            place = max(0.0, (i + 0.5) * step - 0.5)
        low = min(int(place), before - 1)
        part = place - low
        weights[i * before + low] += 1 - part
        weights[i * before + min(low + 1, before - 1)] += part
    return weights


def _mixed(
    reader: CellReader, x: TensorObject, is_last: bool, weights: array[float], after: int, before: int, node: ast.AST
) -> TensorObject:
    span = reader.span(node)
    if not is_last:
        matrix = reader.graph.input(Array((after, before), weights), x.vertex.dtype)
        return reader.graph.operation("@", [matrix, x], span, span)
    turned = array("d", (weights[i * before + k] for k in range(before) for i in range(after)))
    matrix = reader.graph.input(Array((before, after), turned), x.vertex.dtype)
    return reader.graph.operation("@", [x, matrix], span, span)


def upsample(reader: CellReader, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> LayerObject:
    """nn.Upsample(size, scale_factor, mode, align_corners)"""
    given = LayerOptions(args, keywords, "size scale_factor mode align_corners").values

    def compute(me: LayerObject, value: Any, place: ast.AST) -> Any:
        return interpolated(reader, [value], given, place)

    return LayerObject({}, compute)
