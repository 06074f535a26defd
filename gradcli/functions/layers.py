"""Layers of torch.nn.functional: linear maps, embeddings, attention, gates, and what is random."""

from __future__ import annotations

import math
from typing import Any

from gradcli.functions import shapes
from gradcli.functions.losses import REDUCTIONS, reduced, together, torchs
from gradcli.functions.normalizations import channels, listed
from gradcli.functions.row import Row

MAX_BATCH = 256  # attentions that are written out side by side
MAX_MASK = 100_000  # entries of the mask of a causal attention


def _linear_shape(x: shapes.Shape, weight: shapes.Shape, bias: shapes.Shape | None = None) -> shapes.Shape:
    if not x or not 1 <= len(weight) <= 2:
        raise shapes.ShapeError("vectors, and a matrix with a row for each output, are expected")
    if x[-1] != weight[-1]:
        raise shapes.ShapeError(f"the inner sizes differ: {x[-1]} and {weight[-1]}")
    shape = (*x[:-1], *weight[:-1])
    if bias is not None and (len(weight) == 1 or bias not in (weight[:1], ())):
        raise shapes.ShapeError(f"the bias is not one number for each output, of which there are {weight[0]}")
    return shape


def _linear(x: shapes.Shape, weight: shapes.Shape, bias: shapes.Shape | None = None) -> str:
    if len(x) == 1 or len(weight) == 1:
        text = "weight@x" if len(x) == 1 else "x@weight"
    else:
        text = "x@weight.T"
    if len(x) > 2:
        rows = f"reshape(x, {math.prod(x[:-1])}, {x[-1]})"
        text = f"reshape({rows}@weight{'.T' if len(weight) == 2 else ''}, {listed((*x[:-1], *weight[:-1]))})"
    return text + (" + bias" if bias is not None else "")


def _flat(indices: Any) -> list[int]:
    return [one for inner in indices for one in _flat(inner)] if isinstance(indices, tuple) else [indices]


def _sizes(indices: Any) -> shapes.Shape:
    return (len(indices), *_sizes(indices[0])) if isinstance(indices, tuple) else ()


def _embedding_shape(weight: shapes.Shape, *, indices: Any) -> shapes.Shape:
    if len(weight) != 2:
        raise shapes.ShapeError("a matrix with a row for each index is expected")
    if any(not 0 <= one < weight[0] for one in _flat(indices)):
        raise shapes.ShapeError(f"an index is a number from 0 to {weight[0] - 1}")
    return (*_sizes(indices), weight[1])


def _embedding(weight: shapes.Shape, *, indices: Any) -> str:
    if isinstance(indices, int):
        return f"weight[{indices}]"
    text = f"one_hot({_flat(indices)}, {weight[0]})@weight"
    return text if len(_sizes(indices)) == 1 else f"reshape({text}, {listed((*_sizes(indices), weight[1]))})"


def _embedding_of_torch(weight: Any, indices: Any) -> Any:
    import torch

    return torch.nn.functional.embedding(torch.tensor(indices, device=weight.device), weight)


def _attention_shape(
    query: shapes.Shape, key: shapes.Shape, value: shapes.Shape, attn_mask: shapes.Shape | None = None, *,
    dropout_p: Any, is_causal: bool, scale: Any,
) -> shapes.Shape:  # fmt: skip
    if dropout_p != 0:
        raise shapes.ShapeError("dropout is random, and a derivative is that of a function: leave dropout_p out")
    if min(map(len, (query, key, value))) < 2 or not len(query) == len(key) == len(value):
        raise shapes.ShapeError("three matrices, or batches of as many, are expected")
    batch = query[:-2]
    if key[:-2] != batch or value[:-2] != batch or query[-1] != key[-1] or key[-2] != value[-2]:
        raise shapes.ShapeError("a key for each value, as long as the queries, is expected")
    if math.prod(batch) > MAX_BATCH:
        raise shapes.ShapeError(f"{math.prod(batch)} attentions, and {MAX_BATCH} is the limit")
    if is_causal and attn_mask is not None:
        raise shapes.ShapeError("a causal attention has its own mask: leave attn_mask out")
    if is_causal and query[-2] * key[-2] > MAX_MASK:
        raise shapes.ShapeError(f"{query[-2]}x{key[-2]} scores with a causal mask, and {MAX_MASK:,} is the limit")
    whole = (*batch, query[-2], key[-2])
    if attn_mask is not None and (len(attn_mask) > len(whole) or shapes.broadcast(whole, attn_mask) != whole):
        raise shapes.ShapeError(f"the mask is not one of {query[-2]}x{key[-2]} scores")
    return (*query[:-1], value[-1])


def _attention(
    query: shapes.Shape, key: shapes.Shape, value: shapes.Shape, attn_mask: shapes.Shape | None = None, *,
    dropout_p: Any, is_causal: bool, scale: Any,
) -> str:  # fmt: skip
    def one(place: tuple[int, ...]) -> str:
        at = f"[{listed(place)}]" if place else ""
        factor = f"/sqrt({query[-1]})" if scale is None else "*scale"
        scores = f"query{at}@key{at}.T{factor}"
        if is_causal:
            mask = [[int(j <= i) for j in range(key[-2])] for i in range(query[-2])]
            return f"exp({scores})*{mask}/sum(exp({scores})*{mask}, 1, True)@value{at}"
        if attn_mask is None:
            return f"softmax({scores}, 1)@value{at}"
        own = [i if size > 1 else 0 for i, size in zip(place[len(place) + 2 - len(attn_mask) :], attn_mask[:-2])]
        return f"softmax({scores} + attn_mask{f'[{listed(own)}]' if own else ''}, 1)@value{at}"

    def stacked(place: tuple[int, ...]) -> str:
        if len(place) == len(query) - 2:
            return one(place)
        return f"stack([{', '.join(stacked((*place, i)) for i in range(query[len(place)]))}])"

    return stacked(())


def _attention_of_torch(**given: Any) -> Any:
    """torch's function by its plain way, the one that has second derivatives."""
    from torch.nn import attention

    with attention.sdpa_kernel(attention.SDPBackend.MATH):
        return torchs("scaled_dot_product_attention")(**given)


def _dropout_shape(x: shapes.Shape, *, p: Any, training: bool) -> shapes.Shape:
    if training and p != 0:
        raise shapes.ShapeError(
            "it is random, and a derivative is that of a function: write training=False, or multiply by a mask that you"
            " give, x*mask/(1 - p)"
        )
    return x


def _half(x: shapes.Shape, *, dim: int) -> shapes.Shape:
    (place,) = shapes.dims(x, dim) if x else (0,)
    if not x or x[place] % 2:
        raise shapes.ShapeError("an even number of entries along the dimension is expected")
    return (*x[:place], x[place] // 2, *x[place + 1 :])


def _gated(x: shapes.Shape, *, dim: int) -> str:
    (place,) = shapes.dims(x, dim)
    before, half = ":, " * place, x[place] // 2
    return f"x[{before}:{half}]*sigmoid(x[{before}{half}:])"


def _prelu_shape(x: shapes.Shape, weight: shapes.Shape) -> shapes.Shape:
    if weight not in ((), (1,)) and (len(x) < 2 or weight != (x[1],)):
        raise shapes.ShapeError("the weight is one number, or one for each channel")
    return x


def _prelu(x: shapes.Shape, weight: shapes.Shape) -> str:
    own = "weight"
    if math.prod(weight) == 1 and weight:
        own = "weight[0]"
    elif len(x) > 2 and weight:
        own = f"reshape(weight, {listed(channels(x))})"
    return f"where(x > 0, x, {own}*x)"


def _labels(weight: Any = None, *, reduction: str, **_: Any) -> str:
    text = "softplus(x) - target*x"
    return reduced(f"mean({text if weight is None else f'weight*({text})'}, -1)", reduction)


def _labels_shape(*, reduction: str, **given: Any) -> shapes.Shape:
    shape = together(**given, reduction="none")
    if not shape:
        raise shapes.ShapeError("several classes are expected")
    return shape[:-1] if reduction == "none" else ()


# fmt: off
LAYERS = (
    Row("linear", "x, weight, bias=None", "x@weight.T + bias: the weight has a row for each output",
        definition=_linear, torch=torchs("linear"), by_name=True, shape=_linear_shape, libraries="F",
        example="sum(linear(x, W, b)**2) at x=[1,2],W=[[1,2],[3,4]],b=[1,-1]"),
    Row("embedding", "indices, weight", "the rows of a matrix at whole numbers that are known, in their shape",
        definition=_embedding, torch=_embedding_of_torch, statics=("indices",), by_name=True, shape=_embedding_shape,
        libraries="F", example="sum(embedding([1, 0, 1], W)**2) at W=[[1,2],[3,4]]"),
    Row("scaled_dot_product_attention",
        "query, key, value, attn_mask=None, dropout_p=0, is_causal=False, scale=None",
        "softmax(query@key.T/sqrt(E) + attn_mask)@value, E the length of a query; the mask is added",
        definition=_attention, torch=_attention_of_torch, statics=("dropout_p", "is_causal", "scale"), by_name=True,
        shape=_attention_shape, libraries="F",
        example="sum(scaled_dot_product_attention(q, k, v)**2) at q=[[1,2]],k=[[1,0],[0,1]],v=[[1,2],[3,4]]"),
    Row("dropout", "x, p=0.5, training=True", "x where training=False or p=0; else it is random, and refused",
        definition="+x", torch=torchs("dropout"), statics=("p", "training"), by_name=True, shape=_dropout_shape,
        libraries="F", example="sum(dropout(x, training=False)**2) at x=[1,2]"),
    Row("glu", "x, dim=-1", "the first half along a dimension times sigmoid of the second half",
        definition=_gated, torch=torchs("glu"), statics=("dim",), by_name=True, shape=_half, libraries="F",
        example="sum(glu(x)) at x=[1,2,-1,0.5]"),
    Row("prelu", "x, weight", "x where it is positive, else weight*x, the weight one number or one for each channel",
        definition=_prelu, torch=torchs("prelu"), by_name=True, shape=_prelu_shape, libraries="F torch",
        example="sum(prelu(x, a)) at x=[1,-2],a=0.25"),
    Row("multilabel_soft_margin_loss", "x, target, weight=None, reduction='mean'",
        "the mean of the binary cross entropies of sigmoid(x) over the last dimension",
        definition=_labels, torch=torchs("multilabel_soft_margin_loss"), statics=("reduction",), words=REDUCTIONS,
        by_name=True, shape=_labels_shape, libraries="F",
        example="multilabel_soft_margin_loss(x, [[1, 0]]) at x=[[0.5,-1]]"),
)
# fmt: on
