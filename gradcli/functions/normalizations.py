"""Normalizations of torch.nn.functional: less a mean, by the root of a variance, over a layer, a batch or a group."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from gradcli.functions import shapes
from gradcli.functions.losses import torchs
from gradcli.functions.row import Row


def listed(sizes: Any) -> str:
    """Numbers as they are typed, separated by commas."""
    return ", ".join(map(str, sizes))


def _scaled(text: str, weight: Any, bias: Any, shape: shapes.Shape | None = None) -> str:
    """What is normalized, times the weight, and with the bias; of a shape of their own where one is given."""
    of = (lambda name: name) if shape is None else lambda name: f"reshape({name}, {listed(shape)})"
    scaled = text if weight is None else f"{text}*{of('weight')}"
    return scaled if bias is None else f"{scaled} + {of('bias')}"


def _standard(name: str, over: Any) -> str:
    """A tensor less its mean, by its standard deviation."""
    return f"({name} - mean({name}, {over}, True))/sqrt(var({name}, {over}, 0, True) + eps)"


def _last(x: shapes.Shape, normalized_shape: Any) -> list[int]:
    """The last dimensions, of this shape."""
    sizes = normalized_shape if isinstance(normalized_shape, tuple) else (normalized_shape,)
    if not sizes or x[len(x) - len(sizes) :] != sizes:
        raise shapes.ShapeError(f"the last sizes are not {list(sizes)}")
    return list(range(len(x) - len(sizes), len(x)))


def _layer_shape(
    x: shapes.Shape, weight: Any = None, bias: Any = None, *, normalized_shape: Any, eps: Any
) -> shapes.Shape:
    last = tuple(x[place] for place in _last(x, normalized_shape))
    if any(one not in (None, last) for one in (weight, bias)):
        raise shapes.ShapeError(f"weight and bias have the shape that is normalized, {shapes.text(last)}")
    return x


def _layer(x: shapes.Shape, weight: Any = None, bias: Any = None, *, normalized_shape: Any, eps: Any) -> str:
    return _scaled(_standard("x", _last(x, normalized_shape)), weight, bias)


def _sized(name: str) -> Callable[..., Any]:
    """torch's function, whose sizes are a list."""
    function = torchs(name)

    def call(normalized_shape: Any, **given: Any) -> Any:
        sizes = normalized_shape if isinstance(normalized_shape, tuple) else (normalized_shape,)
        return function(normalized_shape=sizes, **given)

    return call


def _rms_shape(x: shapes.Shape, weight: Any = None, *, normalized_shape: Any, eps: Any) -> shapes.Shape:
    if eps is None:
        raise shapes.ShapeError("eps is missing: torch's own is another number for each dtype; write eps=1e-6")
    return _layer_shape(x, weight, normalized_shape=normalized_shape, eps=eps)


def _rms(x: shapes.Shape, weight: Any = None, *, normalized_shape: Any, eps: Any) -> str:
    return _scaled(f"x/sqrt(mean(x**2, {_last(x, normalized_shape)}, True) + eps)", weight, None)


def channels(x: shapes.Shape, *given: shapes.Shape | None) -> shapes.Shape:
    """The shape of numbers for each channel, the second dimension, beside the tensor."""
    if len(x) < 2:
        raise shapes.ShapeError("a batch of samples with channels is expected, at least a matrix")
    if any(one not in (None, (x[1],)) for one in given):
        raise shapes.ShapeError(f"{x[1]} numbers are expected, one for each channel")
    return (x[1], *[1] * (len(x) - 2))


def _batch_shape(
    x: shapes.Shape, running_mean: Any = None, running_var: Any = None, weight: Any = None, bias: Any = None, *,
    training: bool, momentum: Any, eps: Any,
) -> shapes.Shape:  # fmt: skip
    channels(x, running_mean, running_var, weight, bias)
    if not training and (running_mean is None or running_var is None):
        raise shapes.ShapeError("running_mean and running_var are missing; write training=True to take the batch's own")
    if training and math.prod(x) == x[1]:
        raise shapes.ShapeError("there is one value for each channel, and that has no variance")
    return x


def _batch(
    x: shapes.Shape, running_mean: Any = None, running_var: Any = None, weight: Any = None, bias: Any = None, *,
    training: bool, momentum: Any, eps: Any,
) -> str:  # fmt: skip
    shape = None if len(x) == 2 else channels(x)
    if training:
        return _scaled(_standard("x", [0, *range(2, len(x))]), weight, bias, shape)
    mean, var = (
        name if shape is None else f"reshape({name}, {listed(shape)})" for name in ("running_mean", "running_var")
    )
    return _scaled(f"(x - {mean})/sqrt({var} + eps)", weight, bias, shape)


def _batch_of_torch(**given: Any) -> Any:
    """torch's function, which would change the running numbers in training."""
    running = dict.fromkeys(("running_mean", "running_var")) if given["training"] else {}
    return torchs("batch_norm")(**{"running_mean": None, "running_var": None, **given, **running})


def _group_shape(x: shapes.Shape, weight: Any = None, bias: Any = None, *, num_groups: int, eps: Any) -> shapes.Shape:
    channels(x, weight, bias)
    if num_groups < 1 or x[1] % num_groups:
        raise shapes.ShapeError(f"{x[1]} channels do not make {num_groups} groups")
    if math.prod(x) == x[0] * num_groups:
        raise shapes.ShapeError("there is one value for each group, and that has no variance")
    return x


def _group(x: shapes.Shape, weight: Any = None, bias: Any = None, *, num_groups: int, eps: Any) -> str:
    groups = f"reshape(x, {x[0]}, {num_groups}, {math.prod(x[1:]) // num_groups})"
    text = f"reshape({_standard(groups, 2)}, {listed(x)})"
    return _scaled(text, weight, bias, None if len(x) == 2 else channels(x))


def _instance_shape(x: shapes.Shape, weight: Any = None, bias: Any = None, *, eps: Any) -> shapes.Shape:
    channels(x, weight, bias)
    if len(x) < 3 or math.prod(x[2:]) == 1:
        raise shapes.ShapeError("samples with channels of several values are expected")
    return x


def _instance(x: shapes.Shape, weight: Any = None, bias: Any = None, *, eps: Any) -> str:
    return _scaled(_standard("x", list(range(2, len(x)))), weight, bias, channels(x))


# fmt: off
NORMALIZATIONS = (
    Row("layer_norm", "x, normalized_shape, weight=None, bias=None, eps=1e-5",
        "the last dimensions, whose sizes are given, less their mean, by the root of their variance (divided by the"
        " count) and eps",
        definition=_layer, torch=_sized("layer_norm"), statics=("normalized_shape", "eps"), by_name=True,
        shape=_layer_shape, libraries="F torch", example="layer_norm(x, 3)[0] at x=[1,2,4]"),
    Row("rms_norm", "x, normalized_shape, weight=None, eps=None",
        "the last dimensions, whose sizes are given, by the root of the mean of their squares and eps",
        definition=_rms, torch=_sized("rms_norm"), statics=("normalized_shape", "eps"), by_name=True, shape=_rms_shape,
        libraries="F torch", example="rms_norm(x, 3, eps=1e-6)[0] at x=[1,2,4]"),
    Row("batch_norm",
        "x, running_mean=None, running_var=None, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5",
        "each channel, the second dimension, less a mean, by the root of a variance and eps: the running ones, or with"
        " training=True those of the batch (divided by the count)",
        definition=_batch, torch=_batch_of_torch, statics=("training", "momentum", "eps"), by_name=True,
        shape=_batch_shape, libraries="F",
        example="batch_norm(x, training=True)[0, 0] at x=[[1,2],[3,5],[4,-1]]"),
    Row("group_norm", "x, num_groups, weight=None, bias=None, eps=1e-5",
        "groups of channels of each sample less their mean, by the root of their variance and eps",
        definition=_group, torch=torchs("group_norm"), statics=("num_groups", "eps"), by_name=True, shape=_group_shape,
        libraries="F torch", example="group_norm(x, 1)[0, 0] at x=[[1,2,4],[3,5,1]]"),
    Row("instance_norm", "x, weight=None, bias=None, eps=1e-5",
        "each channel of each sample less its mean, by the root of its variance and eps",
        definition=_instance, torch=torchs("instance_norm"), statics=("eps",), by_name=True, shape=_instance_shape,
        libraries="F", example="instance_norm(x)[0, 0, 0] at x=[[[1,2,4],[3,5,1]]]"),
)
# fmt: on
