"""Layers of torch.nn with parameters, drawn from the cell's stream as torch draws them, and torch.nn.init."""

from __future__ import annotations

import ast
import math
from array import array
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.in_place import change
from gradcli.cells.modules import MODULES, LayerMaker, LayerObject
from gradcli.cells.nesting import described
from gradcli.cells.parameters import MAX_PARAMETERS, LayerOptions, filled, uniform
from gradcli.cells.recurrent import RECURRENT
from gradcli.cells.resized import upsample
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow
from gradcli.tape.arrays import Array

CONVOLVING = frozenset(("stride", "padding", "dilation", "groups"))  # options of F.conv2d and the like
SLOPE = 5.0  # the square of the slope with which torch's layers call kaiming_uniform_


def layer(reader: CellReader, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """A layer, a loss, or what holds other modules."""
    made = LAYERS[name](reader, name, args, keywords, node)
    made.kind = name
    return made


def _weights(
    reader: CellReader, shape: tuple[int, ...], outer: int, fan: int, bias: Any, node: ast.AST
) -> dict[str, Any]:
    """weight and bias as kaiming_uniform_ draws them for Linear and for convolutions."""
    deep = math.sqrt(3.0) * (math.sqrt(2.0 / (1 + SLOPE)) / math.sqrt(fan))
    found: dict[str, Any] = {"weight": uniform(reader, shape, deep, "weight", node)}
    if bias is not False:
        found["bias"] = uniform(reader, (outer,), 1 / math.sqrt(fan), "bias", node)
    return found


def _linear(reader: CellReader, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> LayerObject:
    given = LayerOptions(args, keywords, "in_features out_features bias")
    inner, outer = given.size("in_features"), given.size("out_features")
    found = _weights(reader, (outer, inner), outer, inner, given.get("bias", True), node)

    def compute(me: LayerObject, value: Any, place: ast.AST) -> Any:
        span = reader.span(place)
        turned = reader.graph.method(me.parameters["weight"], "T", [], {}, span, span)
        product = reader.graph.operation("@", [value, turned], span, span)
        return (
            reader.graph.operation("+", [product, me.parameters["bias"]], span, span)
            if "bias" in me.parameters
            else product
        )

    return LayerObject(found, compute)


def _embedding(reader: CellReader, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> LayerObject:
    given = LayerOptions(args, keywords, "num_embeddings embedding_dim")
    found = {
        "weight": uniform(reader, (given.size("num_embeddings"), given.size("embedding_dim")), None, "weight", node)
    }

    def compute(me: LayerObject, value: Any, place: ast.AST) -> Any:
        span = reader.span(place)
        return reader.graph.call(["F", "embedding"], [value, me.parameters["weight"]], {}, span, span)

    return LayerObject(found, compute)


def _convolution(
    reader: CellReader, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> LayerObject:
    given = LayerOptions(args, keywords, "in_channels out_channels kernel_size stride padding dilation groups bias")
    rank, groups = int(name[-2]), given.get("groups", 1)
    inner, outer, kernel = given.size("in_channels"), given.size("out_channels"), given.get("kernel_size", None)
    sizes = tuple(kernel) if isinstance(kernel, (list, tuple)) else (kernel,) * rank
    if not all(isinstance(one, int) and 0 < one < MAX_PARAMETERS for one in sizes) or inner % groups or outer % groups:
        raise CannotFollow("the sizes of the layer are not known, or too large", reader.span(node))
    shape = (outer, inner // groups, *sizes)
    found = _weights(reader, shape, outer, math.prod(shape[1:]), given.get("bias", True), node)
    options = {one: value for one, value in given.values.items() if one in CONVOLVING}

    def compute(me: LayerObject, value: Any, place: ast.AST) -> Any:
        span = reader.span(place)
        return reader.graph.call(["F", f"conv{rank}d"], [value, *me.parameters.values()], options, span, span)

    return LayerObject(found, compute)


def _norm(reader: CellReader, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> LayerObject:
    """LayerNorm and RMSNorm: over the last dimensions."""
    given = LayerOptions(args, keywords, "normalized_shape eps elementwise_affine bias")
    sizes = given.get("normalized_shape", 0)
    shape = tuple(sizes) if isinstance(sizes, (list, tuple)) else (sizes,)
    own = "layer_norm" if name == "LayerNorm" else "rms_norm"
    found = _affine(reader, shape, given.get("elementwise_affine", True), node)
    if given.get("bias", True) is False or own == "rms_norm":
        found.pop("bias", None)
    options = {"eps": given.values["eps"]} if "eps" in given.values else {}

    def compute(me: LayerObject, value: Any, place: ast.AST) -> Any:
        span = reader.span(place)
        return reader.graph.call(["F", own], [value, list(shape)], {**me.parameters, **options}, span, span)

    return LayerObject(found, compute)


def _affine(reader: CellReader, shape: tuple[int, ...], wanted: Any, node: ast.AST) -> dict[str, Any]:
    if wanted is False:
        return {}
    if not all(isinstance(one, int) and one > 0 for one in shape) or math.prod(shape) > MAX_PARAMETERS:
        raise CannotFollow("the sizes of the layer are not known, or too large", reader.span(node))
    return {"weight": filled(reader, shape, 1.0, "weight", node), "bias": filled(reader, shape, 0.0, "bias", node)}


def _batch_norm(reader: CellReader, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> LayerObject:
    """By the mean and variance of the batch; in eval() by the running ones."""
    given = LayerOptions(args, keywords, "num_features eps momentum affine track_running_stats")
    size = given.size("num_features")
    options = {"eps": given.values["eps"]} if "eps" in given.values else {}
    tracks = given.get("track_running_stats", True) is not False

    def compute(me: LayerObject, value: Any, place: ast.AST) -> Any:
        span = reader.span(place)
        words: dict[str, Any] = {**me.parameters, **options}
        if me.training or not tracks:
            if tracks:
                me.seen.append(value.vertex)
            return reader.graph.call(["F", "batch_norm"], [value, None, None], {"training": True, **words}, span, span)
        buffers = reader.engine.running(me.buffers, me.seen, me.momentum)
        if me.momentum is not None:  # a mean of all batches needs all of them again
            me.buffers, me.seen = buffers, []
        mean, variance = (list(buffers[one].data) for one in ("running_mean", "running_var"))
        return reader.graph.call(["F", "batch_norm"], [value, mean, variance], words, span, span)

    made = LayerObject(_affine(reader, (size,), given.get("affine", True), node), compute)
    made.momentum = given.get("momentum", 0.1)
    if tracks:
        ends = {"running_mean": 0.0, "running_var": 1.0}
        made.buffers = {one: Array((size,), array("d", [end]) * size) for one, end in ends.items()}
    return made


def _group_norm(reader: CellReader, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> LayerObject:
    given = LayerOptions(args, keywords, "num_groups num_channels eps affine")
    groups, channels = given.size("num_groups"), given.size("num_channels")
    found = _affine(reader, (channels,), given.get("affine", True), node)
    options = {"eps": given.values["eps"]} if "eps" in given.values else {}

    def compute(me: LayerObject, value: Any, place: ast.AST) -> Any:
        span = reader.span(place)
        return reader.graph.call(["F", "group_norm"], [value, groups], {**me.parameters, **options}, span, span)

    return LayerObject(found, compute)


def _prelu(reader: CellReader, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> LayerObject:
    given = LayerOptions(args, keywords, "num_parameters init")
    found = {"weight": filled(reader, (given.get("num_parameters", 1),), given.get("init", 0.25), "weight", node)}

    def compute(me: LayerObject, value: Any, place: ast.AST) -> Any:
        span = reader.span(place)
        return reader.graph.call(["F", "prelu"], [value, me.parameters["weight"]], {}, span, span)

    return LayerObject(found, compute)


LAYERS: dict[str, LayerMaker] = {
    "Linear": _linear, "Embedding": _embedding, "LayerNorm": _norm, "RMSNorm": _norm, "GroupNorm": _group_norm,
    "PReLU": _prelu, "Upsample": upsample, **dict.fromkeys(("BatchNorm1d", "BatchNorm2d", "BatchNorm3d"), _batch_norm),
    **dict.fromkeys(("Conv1d", "Conv2d", "Conv3d"), _convolution), **MODULES, **RECURRENT,
}  # fmt: skip


# torch.nn.init, and what a tensor is filled with at random


def initialized(name: str, reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """torch.nn.init.NAME(tensor, ...): its numbers, not followed."""
    tensor = args[0] if args else keywords.get("tensor")
    if not isinstance(tensor, TensorObject):
        raise CannotFollow(f"{name} of {described(tensor)} is not followed", reader.span(node))
    shape = tuple(reader.engine.shape(tensor))
    data = _initial(reader, name, shape, args[1:], keywords, tensor.vertex.dtype)
    tensor.is_stale = tensor.is_stale and tensor.base is not None
    following, reader.graph.following = reader.graph.following, False
    try:
        return change(reader, tensor, reader.graph.input(data, tensor.vertex.dtype, tensor.library), node)
    finally:
        reader.graph.following = following


def _initial(
    reader: CellReader, name: str, shape: tuple[int, ...], args: list[Any], keywords: dict[str, Any], dtype: str
) -> Array:
    own = dict(zip(_WORDS[name].split(), args)) | {k: v for k, v in keywords.items() if k != "tensor"}
    if not all(isinstance(one, (int, float, str)) for one in own.values()):
        raise CannotFollow(f"the options of {name} are not followed")
    if name in ("zeros_", "ones_", "constant_"):
        value = float(own.get("val", name == "ones_"))
        return Array(shape, array("d", [value]) * math.prod(shape))
    if name in ("uniform_", "normal_"):
        first, second = _WORDS[name].split()
        ends = float(own.get(first, 0.0)), float(own.get(second, 1.0))
        return reader.random.draw("torch", name[:-1], shape, *ends, dtype=dtype)
    if len(shape) < 2:
        raise CannotFollow(f"{name} takes a tensor of two dimensions and more")
    area = math.prod(shape[2:])
    into, out = shape[1] * area, shape[0] * area
    if name.startswith("xavier"):
        deviation = float(own.get("gain", 1.0)) * math.sqrt(2.0 / (into + out))
    else:
        fan = {"fan_in": into, "fan_out": out}.get(str(own.get("mode", "fan_in")), into)
        deviation = _gain(str(own.get("nonlinearity", "leaky_relu")), float(own.get("a", 0.0))) / math.sqrt(fan)
    if name.endswith("normal_"):
        return reader.random.draw("torch", "normal", shape, 0.0, deviation, dtype=dtype)
    bound = math.sqrt(3.0) * deviation
    return reader.random.draw("torch", "uniform", shape, -bound, bound, dtype=dtype)


def _gain(nonlinearity: str, slope: float) -> float:
    """torch.nn.init.calculate_gain."""
    known = {"tanh": 5.0 / 3, "relu": math.sqrt(2.0), "leaky_relu": math.sqrt(2.0 / (1 + slope**2)), "selu": 0.75}
    return known.get(nonlinearity, 1.0)


_WORDS = {
    "zeros_": "", "ones_": "", "constant_": "val", "uniform_": "a b", "normal_": "mean std",
    "xavier_uniform_": "gain", "xavier_normal_": "gain",
    "kaiming_uniform_": "a mode nonlinearity", "kaiming_normal_": "a mode nonlinearity",
}  # fmt: skip
INITIALIZERS = frozenset(_WORDS)
