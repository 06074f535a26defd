"""The options of a layer of torch.nn, and the parameters that it begins with."""

from __future__ import annotations

import ast
import math
from array import array
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.creation import require
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow
from gradcli.tape.arrays import Array

MAX_PARAMETERS = 100_000  # numbers of one layer


class LayerOptions:
    """The arguments of a layer, by place or by name."""

    def __init__(self, args: list[Any], keywords: dict[str, Any], names: str) -> None:
        self.names = names.split()
        self.values = dict(zip(self.names, args)) | {k: v for k, v in keywords.items() if k not in ("device", "dtype")}
        unknown = [one for one in self.values if one not in self.names]
        if unknown or len(args) > len(self.names):
            raise CannotFollow(f"the option {unknown[0] if unknown else args[-1]} of this layer is not followed")

    def get(self, name: str, default: Any) -> Any:
        """An option."""
        return self.values.get(name, default)

    def size(self, name: str) -> int:
        """A size that has to be there."""
        value = self.values.get(name)
        if not isinstance(value, int) or not 0 < value <= MAX_PARAMETERS:
            raise CannotFollow("the sizes of the layer are not known, or too large")
        return int(value)


def filled(reader: CellReader, shape: tuple[int, ...], value: float, name: str, node: ast.AST) -> TensorObject:
    """A parameter of the same number everywhere."""
    data = Array(shape, array("d", [value]) * math.prod(shape))
    return parameter(reader, data, name, node)


def uniform(reader: CellReader, shape: tuple[int, ...], bound: float | None, name: str, node: ast.AST) -> TensorObject:
    """A parameter, uniform up to a bound; without one normal."""
    if math.prod(shape) > MAX_PARAMETERS:
        raise CannotFollow("the sizes of the layer are not known, or too large", reader.span(node))
    kind, ends = ("normal", (0.0, 1.0)) if bound is None else ("uniform", (-bound, bound))
    data = reader.random.draw("torch", kind, shape, *ends, dtype=reader.graph.default)
    return parameter(reader, data, name, node)


def parameter(reader: CellReader, data: Array, name: str, node: ast.AST) -> TensorObject:
    """A tensor that a layer learns."""
    tensor = reader.graph.input(data, reader.graph.default, name=name)
    require(reader, tensor, node)
    tensor.is_parameter = True
    return tensor
