"""How far tensors are apart, and in which direction they point, along a dimension; losses made of these."""

from __future__ import annotations

from typing import Any

from gradcli.functions import shapes
from gradcli.functions.losses import REDUCTIONS, plain, reduced, torchs
from gradcli.functions.row import Row

TINY = "1e-12"  # what torch's cosine_embedding_loss puts to the squares


def _similar_shape(x: shapes.Shape, y: shapes.Shape, *, dim: int, eps: Any) -> shapes.Shape:
    return shapes.reduced(_along(shapes.broadcast(x, y), dim), dim)


def _along(shape: shapes.Shape, dim: int) -> shapes.Shape:
    """The shape, if it has that dimension; torch's default is the second one."""
    if len(shape) == 1 and dim == 1:
        raise shapes.ShapeError("there is no dimension 1 in a vector, and torch's default is 1: write dim=0")
    return shapes.along(shape, dim)


def _normal_shape(x: shapes.Shape, *, p: Any, dim: int, eps: Any) -> shapes.Shape:
    if p == 0:
        raise shapes.ShapeError("a norm has no p of 0")
    return _along(x, dim)


def _distance_shape(x: shapes.Shape, y: shapes.Shape, *, p: Any, eps: Any, keepdim: bool) -> shapes.Shape:
    return shapes.reduced(shapes.broadcast(x, y), -1, keepdim)


def _cosine_shape(
    x: shapes.Shape, y: shapes.Shape, target: shapes.Shape, *, margin: Any, reduction: str
) -> shapes.Shape:
    if x != y or target != x[:-1] or not 1 <= len(x) <= 2:
        raise shapes.ShapeError("two vectors and a target, or two matrices and a target for each row, are expected")
    return target if reduction == "none" else ()


def _cosine(x: shapes.Shape, *, reduction: str, **_: Any) -> str:
    dim = len(x) - 1
    cosine = f"sum(x*y, {dim})/sqrt((sum(x**2, {dim}) + {TINY})*(sum(y**2, {dim}) + {TINY}))"
    return reduced(f"where(target == 1, 1 - {cosine}, clamp_min({cosine} - margin, 0))", reduction)


def _triplet_shape(
    anchor: shapes.Shape, positive: shapes.Shape, negative: shapes.Shape, *, reduction: str, **_: Any
) -> shapes.Shape:
    shape = shapes.reduced(shapes.broadcast(anchor, positive, negative), -1)
    return shape if reduction == "none" else ()


def _triplet(*, swap: bool, reduction: str, **_: Any) -> str:
    near, far, other = (
        f"norm({a} - {b} + eps, p, -1)"
        for a, b in (("anchor", "positive"), ("anchor", "negative"), ("positive", "negative"))
    )
    far = f"min({far}, {other})" if swap else far
    return reduced(f"clamp_min(margin + {near} - {far}, 0)", reduction)


def _cosine_of_torch(x: Any, y: Any, target: Any, **rest: Any) -> Any:
    import torch

    options = {name: plain(value) for name, value in rest.items()}
    return torch.nn.functional.cosine_embedding_loss(x, y, target, **options)


# fmt: off
DISTANCES = (
    Row("cosine_similarity", "x, y, dim=1, eps=1e-8",
        "the cosine of the angle between vectors along a dimension; torch's default is the second one. Norms below eps"
        " count as eps",
        definition="sum(x*y, dim)/(clamp_min(norm(x, 2, dim), eps)*clamp_min(norm(y, 2, dim), eps))",
        torch=torchs("cosine_similarity", x="x1", y="x2"), statics=("dim", "eps"), by_name=True, shape=_similar_shape,
        libraries="F torch", example="cosine_similarity(x, y, dim=0) at x=[1,2],y=[3,1]"),
    Row("normalize", "x, p=2, dim=1, eps=1e-12",
        "x divided by its p-norm along a dimension; torch's default is the second one. A norm below eps counts as eps",
        definition="x/clamp_min(norm(x, p, dim, True), eps)", torch=torchs("normalize"), statics=("p", "dim", "eps"),
        by_name=True, shape=_normal_shape, libraries="F", example="normalize(x, dim=0)[0] at x=[3,4]"),
    Row("pairwise_distance", "x, y, p=2, eps=1e-6, keepdim=False", "the p-norm of x - y + eps along the last dimension",
        definition="norm(x - y + eps, p, -1, keepdim)", torch=torchs("pairwise_distance", x="x1", y="x2"),
        statics=("p", "eps", "keepdim"), by_name=True, shape=_distance_shape, libraries="F",
        example="pairwise_distance(x, y) at x=[1,2],y=[3,1]"),
    Row("cosine_embedding_loss", "x, y, target, margin=0, reduction='mean'",
        "1 - cos where the target is 1, and max(0, cos - margin) where it is -1",
        definition=_cosine, torch=_cosine_of_torch, statics=("margin", "reduction"), words=REDUCTIONS, by_name=True,
        shape=_cosine_shape, libraries="F", example="cosine_embedding_loss(x, y, 1) at x=[1,2],y=[3,1]"),
    Row("triplet_margin_loss",
        "anchor, positive, negative, margin=1, p=2, eps=1e-6, swap=False, reduction='mean'",
        "max(0, margin + the distance to the positive - that to the negative), by `pairwise_distance`",
        definition=_triplet, torch=torchs("triplet_margin_loss"),
        statics=("margin", "p", "eps", "swap", "reduction"), words=REDUCTIONS, by_name=True, shape=_triplet_shape,
        libraries="F", example="triplet_margin_loss(a, b, c) at a=[1,2],b=[3,1],c=[2,2.5]"),
)
# fmt: on
