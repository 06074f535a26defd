"""Layers and losses of torch.nn, as far as cells about derivatives use them."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.creation import require
from gradcli.cells.values import CannotFollow, TensorObject


class LayerObject:
    """A layer: its parameters by name, and what it gives."""

    def __init__(self, parameters: dict[str, Any], call: Callable[[Any, ast.AST], Any]) -> None:
        self.parameters = parameters
        self.call = call


def parameters_of(value: Any) -> list[TensorObject]:
    """The tensors that a layer, or an object with layers, learns."""
    if isinstance(value, TensorObject):
        return [value] if value.requires_grad and value.is_leaf else []
    if isinstance(value, LayerObject):
        return [found for one in value.parameters.values() for found in parameters_of(one)]
    if isinstance(value, (list, tuple)):
        return [found for one in value for found in parameters_of(one)]
    attributes = getattr(value, "attributes", None)
    return [found for one in attributes.values() for found in parameters_of(one)] if attributes else []


def named_parameters(value: Any, prefix: str = "") -> list[tuple[str, TensorObject]]:
    """The same, each with its name."""
    if isinstance(value, TensorObject):
        return [(prefix, one) for one in parameters_of(value)]
    inner = value.parameters if isinstance(value, LayerObject) else getattr(value, "attributes", None) or {}
    dot = f"{prefix}." if prefix else ""
    return [found for name, one in inner.items() for found in named_parameters(one, f"{dot}{name}")]


def layer(reader: CellReader, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """A layer or a loss."""
    return LAYERS[name](reader, name, args, keywords, node)


def _linear(reader: CellReader, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> LayerObject:
    inner = args[0] if args else keywords.get("in_features")
    outer = args[1] if len(args) > 1 else keywords.get("out_features")
    if not isinstance(inner, int) or not isinstance(outer, int) or not 0 < inner * outer <= 100_000:
        raise CannotFollow("the sizes of the layer are not known, or too large", reader.span(node))
    bound = 1 / math.sqrt(inner)
    deep = math.sqrt(3.0) * (math.sqrt(2.0 / (1 + 5)) / math.sqrt(inner))  # as kaiming_uniform_ computes it
    found: dict[str, Any] = {"weight": _drawn(reader, (outer, inner), deep, node)}
    if (args[2] if len(args) > 2 else keywords.get("bias", True)) is not False:
        found["bias"] = _drawn(reader, (outer,), bound, node)

    def call(value: Any, place: ast.AST) -> Any:
        span = reader.span(place)
        turned = reader.graph.method(found["weight"], "T", [], {}, span, span)
        product = reader.graph.operation("@", [value, turned], span, span)
        return reader.graph.operation("+", [product, found["bias"]], span, span) if "bias" in found else product

    return LayerObject(found, call)


def _drawn(reader: CellReader, shape: tuple[int, ...], bound: float, node: ast.AST) -> TensorObject:
    data = reader.random.draw("torch", "uniform", shape, -bound, bound, dtype=reader.graph.default)
    tensor = reader.graph.input(data, reader.graph.default, name="weight" if len(shape) > 1 else "bias")
    require(reader, tensor, node)
    return tensor


def _function(function: str, prefix: str = "F") -> Callable[..., LayerObject]:
    def make(reader: CellReader, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> LayerObject:
        kept = {one: value for one, value in keywords.items() if one != "inplace"}

        def call(value: Any, place: ast.AST) -> Any:
            given = list(value) if isinstance(value, tuple) else [value]
            span = reader.span(place)
            return reader.graph.call([prefix, function], [*given, *args], kept, span, span)

        return LayerObject({}, call)

    return make


def _sequential(reader: CellReader, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> LayerObject:
    parts = {str(index): one for index, one in enumerate(args)}

    def call(value: Any, place: ast.AST) -> Any:
        for one in args:
            value = reader.invoke(one, [value], {}, place)
        return value

    return LayerObject(parts, call)


LAYERS: dict[str, Callable[..., Any]] = {
    "Linear": _linear, "Sequential": _sequential, "MSELoss": _function("mse_loss"), "L1Loss": _function("l1_loss"),
    "ReLU": _function("relu"), "Tanh": _function("tanh", "torch"), "Sigmoid": _function("sigmoid", "torch"),
    "Softplus": _function("softplus"), "ELU": _function("elu"), "LeakyReLU": _function("leaky_relu"),
    "CrossEntropyLoss": _function("cross_entropy"), "BCELoss": _function("binary_cross_entropy"),
    "BCEWithLogitsLoss": _function("binary_cross_entropy_with_logits"), "NLLLoss": _function("nll_loss"),
    "Softmax": _function("softmax"), "LogSoftmax": _function("log_softmax"), "GELU": _function("gelu"),
    "SmoothL1Loss": _function("smooth_l1_loss"), "HuberLoss": _function("huber_loss"), "SiLU": _function("silu"),
}  # fmt: skip
