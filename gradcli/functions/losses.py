"""Losses of torch.nn.functional of pairs of numbers: one for each, then their mean or sum."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from gradcli.functions import backward, shapes
from gradcli.functions.row import Kink, Row

REDUCTIONS: Mapping[str, tuple[str, ...]] = {"reduction": ("mean", "sum", "none")}


def reduced(text: str, reduction: str) -> str:
    """The entries of a loss, or what becomes of them."""
    return text if reduction == "none" else f"{reduction}({text})"


def torchs(name: str, **names: str) -> Callable[..., Any]:
    """torch.nn.functional's function of that name; `names` are its own for some parameters."""

    def call(**given: Any) -> Any:
        import torch

        by_torch = {names.get(one, "input" if one == "x" else one): plain(value) for one, value in given.items()}
        return getattr(torch.nn.functional, name)(**by_torch)

    return call


def repeated(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same of two tensors that have been broadcast; torch warns where they differ, and of what a mean is."""

    def call(x: Any, target: Any, **rest: Any) -> Any:
        import warnings

        import torch

        x, target = torch.broadcast_tensors(x, target)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            return function(x=x, target=target, **rest)

    return call


def plain(value: Any) -> Any:
    """A static as torch takes it, exact numbers as floats; a tensor as it is."""
    return float(value) if hasattr(value, "numerator") and not isinstance(value, int) else value


def together(**given: Any) -> shapes.Shape:
    """The shape of a loss, of arguments that are broadcast."""
    shape = shapes.broadcast(*(one for one in given.values() if isinstance(one, tuple)))
    return shape if given["reduction"] == "none" else ()


def alike(x: shapes.Shape, target: shapes.Shape, **rest: Any) -> shapes.Shape:
    """The shape of a loss whose two arguments have one shape."""
    if x != target:
        raise shapes.ShapeError(f"the shapes differ: {shapes.text(x)} and {shapes.text(target)}")
    shape = together(x=x, **rest)
    if rest["reduction"] == "none" and shape != x:
        raise shapes.ShapeError(f"the weights have more dimensions than {shapes.text(x)}")
    return shape


def _weighted(text: str, weight: Any) -> str:
    return text if weight is None else f"weight*({text})"


def _cross_entropy(weight: Any = None, *, reduction: str, **_: Any) -> str:
    return reduced(_weighted("-(xlogy(target, x) + xlog1py(1 - target, -x))", weight), reduction)


def _with_logits(weight: Any = None, pos_weight: Any = None, *, reduction: str, **_: Any) -> str:
    if pos_weight is None:
        return reduced(_weighted("softplus(x) - target*x", weight), reduction)
    return reduced(_weighted("(1 - target)*x + (1 + (pos_weight - 1)*target)*softplus(-x)", weight), reduction)


def _smooth(*, beta: Any, reduction: str, **_: Any) -> str:
    return reduced("abs(x - target)" if beta == 0 else "huber(beta, x - target)/beta", reduction)


def _huber_shape(*, delta: Any, **rest: Any) -> shapes.Shape:
    if delta <= 0:
        raise shapes.ShapeError("delta is positive")
    return together(**rest)


def _smooth_shape(*, beta: Any, **rest: Any) -> shapes.Shape:
    if beta < 0:
        raise shapes.ShapeError("beta is not negative")
    return together(**rest)


def _divergence(*, log_target: bool, reduction: str, x: shapes.Shape = (), **_: Any) -> str:
    text = "exp(target)*(target - x)" if log_target else "-entr(target) - target*x"
    if reduction == "batchmean":
        return f"sum({text})/{x[0] if x else 1}"
    return reduced(text, reduction)


def _poisson(*, log_input: bool, full: bool, reduction: str, **_: Any) -> str:
    text = "exp(x) - target*x" if log_input else "x - target*log(x + eps)"
    stirling = " + where(target > 1, target*log(target) - target + log(2*pi*target)/2, 0)" if full else ""
    return reduced(text + stirling, reduction)


def _gaussian(*, full: bool, reduction: str, **_: Any) -> str:
    text = "(log(clamp_min(var, eps)) + (x - target)**2/clamp_min(var, eps))/2"
    return reduced(text + (" + log(2*pi)/2" if full else ""), reduction)


def _hinge(*, reduction: str, **_: Any) -> str:
    return reduced("where(target == -1, 0, x) + where(target == 1, 0, clamp_min(margin - x, 0))", reduction)


def _ranking(*, reduction: str, **_: Any) -> str:
    return reduced("clamp_min(margin - target*(x - y), 0)", reduction)


def _of_difference(x: shapes.Shape, target: shapes.Shape, reduction: str, *, text: str) -> tuple[str, str]:
    """The backward of something of a difference: `text` is its derivative by the first side."""
    shape = shapes.broadcast(x, target)
    count = f"/{math.prod(shape)}" if reduction == "mean" else ""
    g = "g*" if reduction == "none" and shape else ""
    sides = [f"{g}{text.format(one)}{count}" for one in ("x - target", "target - x")]
    return backward.summed(sides[0], shape, x), backward.summed(sides[1], shape, target)


def _squares(**given: Any) -> tuple[str, str]:
    return _of_difference(**given, text="2*({0})")


def _magnitudes(**given: Any) -> tuple[str, str]:
    return _of_difference(**given, text="sign({0})")


# fmt: off
LOSSES = (
    Row("mse_loss", "x, target, reduction='mean'", "the squared differences, their mean or sum",
        definition=lambda reduction, **_: reduced("(x - target)**2", reduction), torch=repeated(torchs("mse_loss")),
        statics=("reduction",), words=REDUCTIONS, by_name=True, shape=together, vjp=_squares, libraries="F",
        example="mse_loss(x, y) at x=[1,2],y=[0,5]"),
    Row("l1_loss", "x, target, reduction='mean'", "the absolute differences, their mean or sum",
        definition=lambda reduction, **_: reduced("abs(x - target)", reduction), torch=repeated(torchs("l1_loss")),
        statics=("reduction",), words=REDUCTIONS, by_name=True, shape=together, vjp=_magnitudes, libraries="F",
        kinks=(Kink("corner", "x=[1,2],target=[1,2]", "equal entries"),), example="l1_loss(x, y) at x=[1,2],y=[0,5]"),
    Row("huber_loss", "x, target, reduction='mean', delta=1",
        "Huber's loss of the differences: half their squares up to delta, and lines beyond",
        definition=lambda reduction, **_: reduced("huber(delta, x - target)", reduction),
        torch=repeated(torchs("huber_loss")), statics=("reduction", "delta"), words=REDUCTIONS, by_name=True,
        shape=_huber_shape, libraries="F", example="huber_loss(x, y) at x=[1,2],y=[0.5,5]"),
    Row("smooth_l1_loss", "x, target, reduction='mean', beta=1",
        "the absolute differences less beta/2, below beta a parabola: `huber_loss` divided by beta",
        definition=_smooth, torch=repeated(torchs("smooth_l1_loss")), statics=("reduction", "beta"), words=REDUCTIONS,
        by_name=True, shape=_smooth_shape, libraries="F", example="smooth_l1_loss(x, y) at x=[1,2],y=[0.5,5]"),
    Row("binary_cross_entropy", "x, target, weight=None, reduction='mean'",
        "-(target*log(x) + (1 - target)*log(1 - x)), x a probability; torch takes no logarithm below -100, and divides"
        " by 1e-12 at least",
        definition=_cross_entropy, torch=torchs("binary_cross_entropy"), statics=("reduction",), words=REDUCTIONS,
        by_name=True, shape=alike, libraries="F", example="binary_cross_entropy(x, y) at x=[0.2,0.7],y=[0,1]"),
    Row("binary_cross_entropy_with_logits", "x, target, weight=None, reduction='mean', pos_weight=None",
        "the binary cross entropy of sigmoid(x), log(1 + exp(x)) - target*x",
        definition=_with_logits, torch=torchs("binary_cross_entropy_with_logits"), statics=("reduction",),
        words=REDUCTIONS, by_name=True, shape=alike, libraries="F",
        example="binary_cross_entropy_with_logits(x, y) at x=[0.5,-2],y=[0,1]"),
    Row("kl_div_loss", "x, target, reduction='mean', log_target=False",
        "torch's kl_div of logarithms of probabilities x, target*(log(target) - x); SciPy's is `kl_div`",
        definition=_divergence, torch=repeated(torchs("kl_div")), statics=("reduction", "log_target"),
        words={"reduction": (*REDUCTIONS["reduction"], "batchmean")}, by_name=True, shape=together,
        libraries="F:kl_div",
        example="kl_div_loss(log_softmax(x), p) at x=[1,2],p=[0.25,0.75]"),
    Row("poisson_nll_loss", "x, target, log_input=True, full=False, eps=1e-8, reduction='mean'",
        "exp(x) - target*x, or x - target*log(x + eps) without `log_input`; `full` adds Stirling's approximation",
        definition=_poisson, torch=torchs("poisson_nll_loss"), statics=("log_input", "full", "eps", "reduction"),
        words=REDUCTIONS, by_name=True, shape=together, libraries="F",
        example="poisson_nll_loss(x, y) at x=[0.5,1],y=[2,3]"),
    Row("gaussian_nll_loss", "x, target, var, full=False, eps=1e-6, reduction='mean'",
        "(log(var) + (x - target)**2/var)/2, the variance eps at least; `full` adds log(2*pi)/2",
        definition=_gaussian, torch=torchs("gaussian_nll_loss"), statics=("full", "eps", "reduction"),
        words=REDUCTIONS, by_name=True, shape=together, libraries="F",
        example="gaussian_nll_loss(x, y, v) at x=[0.5,1],y=[2,3],v=[1,0.5]"),
    Row("soft_margin_loss", "x, target, reduction='mean'", "log(1 + exp(-target*x)), the target 1 or -1",
        definition=lambda reduction, **_: reduced("softplus(-target*x)", reduction), torch=torchs("soft_margin_loss"),
        statics=("reduction",), words=REDUCTIONS, by_name=True, shape=together, libraries="F",
        example="soft_margin_loss(x, y) at x=[0.5,1],y=[1,-1]"),
    Row("hinge_embedding_loss", "x, target, margin=1, reduction='mean'",
        "x where the target is 1, and max(0, margin - x) where it is -1",
        definition=_hinge, torch=torchs("hinge_embedding_loss"), statics=("margin", "reduction"), words=REDUCTIONS,
        by_name=True, shape=together, libraries="F", example="hinge_embedding_loss(x, [1, -1]) at x=[0.5,0.25]"),
    Row("margin_ranking_loss", "x, y, target, margin=0, reduction='mean'",
        "max(0, margin - target*(x - y)): the target is 1 where x is to be the larger one, else -1",
        definition=_ranking, torch=torchs("margin_ranking_loss", x="input1", y="input2"),
        statics=("margin", "reduction"), words=REDUCTIONS, by_name=True, shape=together, libraries="F",
        example="margin_ranking_loss(x, y, [1, -1]) at x=[0.5,1],y=[2,0.25]"),
)
# fmt: on
