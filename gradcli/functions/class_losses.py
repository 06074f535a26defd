"""Losses of scores and classes: the classes are whole numbers, known before anything runs."""

from __future__ import annotations

import math
from typing import Any

from gradcli.functions import shapes
from gradcli.functions.losses import REDUCTIONS, plain, reduced
from gradcli.functions.row import Row

MAX_MARKS = 100_000  # zeros and ones that are written out for classes along several dimensions


def _flat(target: Any) -> list[int]:
    """The classes in row-major order."""
    return [one for inner in target for one in _flat(inner)] if isinstance(target, tuple) else [target]


def _sizes(target: Any) -> shapes.Shape:
    return (len(target), *_sizes(target[0])) if isinstance(target, tuple) else ()


def _among(x: shapes.Shape) -> int:
    """The dimension of the classes."""
    return 0 if len(x) == 1 else 1


def _checked(x: shapes.Shape, target: Any, weight: Any, ignored: int | None, reduction: str) -> shapes.Shape:
    """The shape of a loss of scores and classes."""
    if not x:
        raise shapes.ShapeError("scores of several classes are expected")
    expected = (*x[:1], *x[2:]) if len(x) > 1 else ()
    if _sizes(target) != expected:
        sizes = _sizes(target)
        given = "1 class" if not sizes else f"{'x'.join(map(str, sizes))} classes"
        raise shapes.ShapeError(f"{given} for these scores; a vector of scores has one, a matrix one for each row")
    classes = x[_among(x)]
    if weight is not None and weight != (classes,):
        raise shapes.ShapeError(f"{classes} weights are expected, one for each class")
    if any(not 0 <= one < classes for one in _flat(target) if one != ignored):
        raise shapes.ShapeError(f"a class is a number from 0 to {classes - 1}")
    if reduction == "mean" and all(one == ignored for one in _flat(target)):
        raise shapes.ShapeError("every class is ignored: there is nothing to take the mean of")
    return expected if reduction == "none" else ()


def _marks(x: shapes.Shape, target: Any, ignored: int | None, everything: bool = False) -> str:
    """A tensor of the scores' shape: 1 at the right class, or at all of them, 0 for what is ignored."""
    flat, classes = _flat(target), x[_among(x)]
    if len(x) <= 2 and ignored not in flat and not everything:
        return f"one_hot(target, {classes})"
    if math.prod(x) > MAX_MARKS:
        raise shapes.ShapeError(f"{math.prod(x):,} scores with classes along several dimensions")
    marks = [[int(one != ignored and (everything or one == place)) for one in flat] for place in range(classes)]
    if len(x) == 1:
        return str([one for (one,) in marks])
    inner = math.prod(x[2:])
    each = [slice(i * inner, (i + 1) * inner) for i in range(x[0])]
    return str([[_nested(marks[place][one], x[2:]) for place in range(classes)] for one in each])


def _nested(flat: list[int], shape: shapes.Shape) -> Any:
    if not shape:
        return flat[0]
    size = len(flat) // shape[0]
    return [_nested(flat[i * size : (i + 1) * size], shape[1:]) for i in range(shape[0])]


def _weights(x: shapes.Shape, weight: Any) -> str:
    """The weights of classes as a factor of a tensor of the scores' shape."""
    if weight is None:
        return ""
    return f"*reshape(weight, {', '.join(map(str, (x[1], *[1] * (len(x) - 2))))})" if len(x) > 2 else "*weight"


def _summed(entries: str, x: shapes.Shape, reduction: str, total: str) -> str:
    """Minus the sum of these entries over the classes; over all, where the loss is a number."""
    if reduction == "none" and len(x) > 1:
        return f"-sum({entries}, 1)"
    return f"-sum({entries})" + (f"/{total}" if reduction == "mean" and total != "1" else "")


def _total(target: Any, marks: str, weights: str, ignored: int) -> str:
    """What a mean is divided by: how many classes there are, or the sum of their weights."""
    return f"sum({marks}{weights})" if weights else str(sum(one != ignored for one in _flat(target)))


def _entropy_shape(
    x: shapes.Shape, target: Any, target_tensor: Any = None, weight: Any = None, *, ignore_index: int, reduction: str,
    label_smoothing: Any,
) -> shapes.Shape:  # fmt: skip
    if not 0 <= label_smoothing <= 1:
        raise shapes.ShapeError("label_smoothing is a number from 0 to 1")
    if target_tensor is None:
        return _checked(x, target, weight, ignore_index, reduction)
    if target_tensor != x or not x:
        raise shapes.ShapeError("a class for each vector of scores is expected, or as many probabilities as scores")
    if weight is not None and weight != (x[_among(x)],):
        raise shapes.ShapeError(f"{x[_among(x)]} weights are expected, one for each class")
    return (*x[:1], *x[2:]) if reduction == "none" and len(x) > 1 else ()


def _entropy(
    x: shapes.Shape, target: Any, target_tensor: Any = None, weight: Any = None, *, ignore_index: int, reduction: str,
    label_smoothing: Any,
) -> str:  # fmt: skip
    classes, dim, weights = x[_among(x)], _among(x), _weights(x, weight)
    if target_tensor is not None:
        share = f"((1 - label_smoothing)*target + label_smoothing/{classes})" if label_smoothing else "target"
        total = str(math.prod(x) // classes)
        return _summed(f"{share}{weights}*log_softmax(x, {dim})", x, reduction, total)
    if len(x) <= 2:
        return _by_samples(x, target, weight, ignore_index, reduction, label_smoothing)
    marks = _marks(x, target, ignore_index)
    share, total = marks, _total(target, marks, weights, ignore_index)
    if label_smoothing:
        kept = _marks(x, target, ignore_index, everything=True)
        share = f"((1 - label_smoothing)*{marks} + label_smoothing/{classes}*{kept})"
    return _summed(f"{share}{weights}*log_softmax(x, {dim})", x, reduction, total)


def _by_samples(
    x: shapes.Shape, target: Any, weight: Any, ignored: int, reduction: str, label_smoothing: Any
) -> str:  # fmt: skip
    """The loss of a vector of scores, or of each row: the logarithm of a sum less an entry, weighed and smoothed."""
    classes, over = x[-1], "" if len(x) == 1 else ", 1"
    chosen = [0 if one == ignored else one for one in _flat(target)]
    everything, of_class = f"logsumexp(x{over})", _taken("x", chosen, x)
    weighing = [] if weight is None else [_taken("weight", chosen, x)]
    kept = [] if ignored not in _flat(target) else [str([int(one != ignored) for one in _flat(target)])]
    if kept and len(x) == 1:
        return "0*sum(x)"
    if not label_smoothing:
        weighing = [] if len(x) == 1 and reduction == "mean" else weighing
        each = [*kept, *weighing, f"({everything} - {of_class})"]
    elif weight is None:
        each = [*kept, f"({everything} - (1 - label_smoothing)*{of_class} - label_smoothing*mean(x{over}))"]
    else:
        smooth = f"label_smoothing/{classes}*(sum(weight)*{everything} - x@weight)"
        each = [*kept, f"((1 - label_smoothing)*{weighing[0]}*({everything} - {of_class}) + {smooth})"]
    text = "*".join(each)
    if len(x) == 1:
        return f"{text}/{weighing[0]}" if weighing and reduction == "mean" else text[1:-1] if len(each) == 1 else text
    if reduction == "none":
        return text
    if len(each) == 1 and not label_smoothing:
        text = f"sum({everything}) - sum(x*one_hot({chosen}, {classes}))"
    else:
        text = f"sum({text})"
    if reduction == "sum":
        return text
    total = f"sum({'*'.join([*kept, *weighing])})" if weighing else str(sum(one != ignored for one in _flat(target)))
    return f"({text})/{total}"


def _taken(name: str, chosen: list[int], x: shapes.Shape) -> str:
    """The entries of these classes: of a vector one, of each row one, of weights one for each row."""
    if len(x) == 1:
        return f"{name}[{chosen[0]}]"
    marks = f"one_hot({chosen}, {x[1]})"
    return f"sum({name}*{marks}, 1)" if name == "x" else f"({marks}@{name})"


def _entropy_backward(
    x: shapes.Shape, target: Any, target_tensor: Any = None, weight: Any = None, *, ignore_index: int, reduction: str,
    label_smoothing: Any,
) -> tuple[str | None, ...]:  # fmt: skip
    is_plain = target_tensor is None and weight is None and not label_smoothing and ignore_index not in _flat(target)
    if is_plain and len(x) == 1:
        return (f"softmax(x) - eye({x[0]})[{target}]",)
    if is_plain and len(x) == 2 and reduction != "none":
        text = f"softmax(x) - one_hot({list(target)}, {x[1]})"
        return (text if reduction == "sum" else f"({text})/{x[0]}",)
    return (None,) * (1 + (target_tensor is not None) + (weight is not None))


def _likelihood_shape(
    x: shapes.Shape, target: Any, weight: Any = None, *, ignore_index: int, reduction: str
) -> shapes.Shape:
    return _checked(x, target, weight, ignore_index, reduction)


def _likelihood(x: shapes.Shape, target: Any, weight: Any = None, *, ignore_index: int, reduction: str) -> str:
    marks, weights = _marks(x, target, ignore_index), _weights(x, weight)
    if len(x) == 1 and target != ignore_index:
        return f"-x[{target}]" + (f"*weight[{target}]" if weights and reduction != "mean" else "")
    return _summed(f"{marks}{weights}*x", x, reduction, _total(target, marks, weights, ignore_index))


def _margins_shape(
    x: shapes.Shape, target: Any, weight: Any = None, *, p: int, margin: Any, reduction: str
) -> shapes.Shape:
    if len(x) > 2:
        raise shapes.ShapeError("a vector of scores and a class, or a matrix of scores and a list, is expected")
    if p not in (1, 2):
        raise shapes.ShapeError("p is 1 or 2")
    return _checked(x, target, weight, None, reduction)


def _margins(x: shapes.Shape, target: Any, weight: Any = None, *, p: int, margin: Any, reduction: str) -> str:
    classes, dim = x[_among(x)], _among(x)
    marks = f"one_hot(target, {classes})"
    right = f"x[{target}]" if len(x) == 1 else f"sum(x*{marks}, 1, True)"
    over = f"relu(margin - {right} + x)" + ("**2" if p == 2 else "")
    of_class = "" if weight is None else f"{_taken('weight', _flat(target), x)}*"
    text = f"{of_class}sum((1 - {marks})*{over}, {dim})/{classes}"
    return reduced(text, reduction if len(x) > 1 else "none")


def _torchs(name: str) -> Any:
    """torch's function, the classes as whole numbers."""

    def call(x: Any, target: Any = None, target_tensor: Any = None, **rest: Any) -> Any:
        import torch

        chosen = torch.tensor(target, device=x.device) if target_tensor is None else target_tensor
        return getattr(torch.nn.functional, name)(x, chosen, **{key: plain(value) for key, value in rest.items()})

    return call


# fmt: off
CLASS_LOSSES = (
    Row("cross_entropy",
        "x, target, weight=None, ignore_index=-100, reduction='mean', label_smoothing=0",
        "the negative `log_softmax` of the right class, counted from 0; of rows of scores and a list of classes the"
        " mean. The target may be probabilities, as many as scores; classes are constants",
        definition=_entropy, torch=_torchs("cross_entropy"),
        statics=("target", "ignore_index", "reduction", "label_smoothing"), labels="target", words=REDUCTIONS,
        by_name=True, shape=_entropy_shape, vjp=_entropy_backward, libraries="F",
        example="cross_entropy(x, 2) at x=[1,2,3]"),
    Row("nll_loss", "x, target, weight=None, ignore_index=-100, reduction='mean'",
        "minus the entry of the right class: the negative log-likelihood of logarithms of probabilities",
        definition=_likelihood, torch=_torchs("nll_loss"), statics=("target", "ignore_index", "reduction"),
        words=REDUCTIONS, by_name=True, shape=_likelihood_shape, libraries="F",
        example="nll_loss(log_softmax(x), 2) at x=[1,2,3]"),
    Row("multi_margin_loss", "x, target, p=1, margin=1, weight=None, reduction='mean'",
        "the sum of max(0, margin - x[target] + x[c])**p over the other classes c, by the number of classes",
        definition=_margins, torch=_torchs("multi_margin_loss"), statics=("target", "p", "margin", "reduction"),
        words=REDUCTIONS, by_name=True, shape=_margins_shape, libraries="F",
        example="multi_margin_loss(x, 2) at x=[1,2.5,3]"),
)
# fmt: on
