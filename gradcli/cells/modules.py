"""Modules of torch.nn: what has no parameters, what holds other modules, and what all modules have."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.drawing import dropped
from gradcli.cells.hooks import HookHandle
from gradcli.cells.in_place import change, is_in_place
from gradcli.cells.ranges import number
from gradcli.cells.tensors import TensorObject, Vertex
from gradcli.cells.values import CannotFollow, Instance
from gradcli.tape.arrays import Array

DICTIONARIES = ("ModuleDict", "ParameterDict")


class LayerObject:
    """A layer: its parameters and the modules in it by name, what it gives, and whether it is in training.

    compute  of the layer itself, an input and a place: it takes the parameters from there, so that a copy has its own
    seen     of a layer with running statistics: what it was trained with since they were computed
    """

    def __init__(
        self, parameters: dict[str, Any], compute: Callable[[LayerObject, Any, ast.AST], Any], holds: bool = False
    ) -> None:
        self.parameters = parameters
        self.compute = compute
        self.holds = holds  # whether it is a sequence of modules
        self.training = True
        self.buffers: dict[str, Array] = {}
        self.seen: list[Vertex] = []
        self.momentum: float | None = None
        self.kind = ""  # its name in torch.nn
        self.hooks: list[HookHandle] = []  # what is called with what it gives

    def call(self, value: Any, node: ast.AST) -> Any:
        """What it gives of an input; of several as a tuple."""
        return self.compute(self, value, node)

    def with_parameters(self, parameters: dict[str, Any]) -> LayerObject:
        """The same layer with others."""
        made = LayerObject(parameters, self.compute, self.holds)
        made.training, made.momentum, made.kind = self.training, self.momentum, self.kind
        made.buffers, made.seen, made.hooks = dict(self.buffers), list(self.seen), list(self.hooks)
        return made


LayerMaker = Callable[[CellReader, str, "list[Any]", "dict[str, Any]", ast.AST], Any]


def is_module(value: Any) -> bool:
    """Whether a value is a layer, or an object of a class of modules."""
    return isinstance(value, LayerObject) or (isinstance(value, Instance) and value.cls.is_from("torch.nn.Module"))


def held_by(value: Any) -> dict[str, Any]:
    """What a module holds by name: as torch has it, its own tensors in front of the modules in it."""
    held = value.parameters if isinstance(value, LayerObject) else value.attributes
    buffers = {} if isinstance(value, LayerObject) else value.buffers
    tensors = {
        name: one
        for name, one in held.items()
        if isinstance(one, TensorObject) and (one.is_parameter or buffers.get(name))
    }
    return tensors | {name: one for name, one in held.items() if is_module(one)}


def parameters_of(value: Any) -> list[TensorObject]:
    """The tensors that a module learns, each once; of a list of tensors those that are followed."""
    if isinstance(value, TensorObject):
        return [value] if value.is_parameter or (value.requires_grad and value.is_leaf) else []
    if isinstance(value, (list, tuple)):
        found = {id(tensor): tensor for one in value for tensor in parameters_of(one)}
        return list(found.values())
    return [one for _, one in named_parameters(value)] if is_module(value) else []


def named_parts(value: Any, prefix: str = "") -> list[tuple[str, Any]]:
    """The tensors that a module holds, and the layers that have running statistics, each with its name."""
    if isinstance(value, TensorObject):
        return [(prefix, value)]
    dot = f"{prefix}." if prefix else ""
    found = [part for name, one in held_by(value).items() for part in named_parts(one, f"{dot}{name}")]
    return [*found, (prefix, value)] if isinstance(value, LayerObject) and value.buffers else found


def named_parameters(value: Any) -> list[tuple[str, TensorObject]]:
    """The tensors that a module learns, each once and with its name."""
    found: dict[int, tuple[str, TensorObject]] = {}
    for name, one in named_parts(value):
        if isinstance(one, TensorObject) and one.is_parameter:
            found.setdefault(id(one), (name, one))
    return list(found.values())


def named_modules(value: Any, prefix: str = "") -> list[tuple[str, Any]]:
    """A module and all in it, each with its name."""
    dot = f"{prefix}." if prefix else ""
    inner = [(name, one) for name, one in held_by(value).items() if is_module(one)]
    return [(prefix, value), *(found for name, one in inner for found in named_modules(one, f"{dot}{name}"))]


def function(name: str, prefix: str = "F", activation: bool = False) -> LayerMaker:
    """A module that is a function of F with these options; of an activation True alone means inplace."""

    def make(reader: CellReader, _name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> LayerObject:
        options = [one for one in args if not (activation and isinstance(one, bool))]
        in_place = activation and is_in_place(args, keywords)
        kept = {one: value for one, value in keywords.items() if one != "inplace"}

        def compute(me: LayerObject, value: Any, place: ast.AST) -> Any:
            given = list(value) if isinstance(value, tuple) else [value]
            span = reader.span(place)
            result = reader.graph.call([prefix, name], [*given, *options], kept, span, span)
            return change(reader, value, result, place) if in_place else result

        return LayerObject({}, compute)

    return make


def _sequential(reader: CellReader, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> LayerObject:
    named = len(args) == 1 and isinstance(args[0], dict)
    parts = dict(args[0]) if named else {str(index): one for index, one in enumerate(args)}

    def compute(me: LayerObject, value: Any, place: ast.AST) -> Any:
        for one in me.parameters.values():
            value = reader.invoke(one, [value], {}, place)
        return value

    return LayerObject(parts, compute, holds=True)


def _list(reader: CellReader, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> LayerObject:
    """ModuleList and ParameterList: modules in order, which a class calls itself."""
    parts = {str(index): one for index, one in enumerate(reader.iterated(args[0], node) if args else [])}

    def compute(me: LayerObject, value: Any, place: ast.AST) -> Any:
        raise CannotFollow(f"a {name} is not a function", reader.span(place))

    return LayerObject(parts, compute, holds=True)


def _named(reader: CellReader, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> LayerObject:
    """ModuleDict and ParameterDict: modules by name."""
    given = args[0] if args else {}
    if not isinstance(given, dict):
        raise CannotFollow(f"a {name} of this is not followed", reader.span(node))

    def compute(me: LayerObject, value: Any, place: ast.AST) -> Any:
        raise CannotFollow(f"a {name} is not a function", reader.span(place))

    return LayerObject(dict(given), compute, holds=True)


def _dropout(reader: CellReader, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> LayerObject:
    chance = number(reader, args[0] if args else keywords.get("p", 0.5), node)
    in_place = is_in_place(args[1:], keywords)

    def compute(me: LayerObject, value: Any, place: ast.AST) -> Any:
        result = dropped(reader, value, chance if me.training else 0.0, place)
        return change(reader, value, result, place) if in_place and result is not value else result

    return LayerObject({}, compute)


def _random(reader: CellReader, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> LayerObject:
    def compute(me: LayerObject, value: Any, place: ast.AST) -> Any:
        if me.training:
            raise CannotFollow(f"a {name} in training is not followed", reader.span(place))
        return value

    return LayerObject({}, compute)


def _flatten(reader: CellReader, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> LayerObject:
    start = args[0] if args else keywords.get("start_dim", 1)
    end = args[1] if len(args) > 1 else keywords.get("end_dim", -1)

    def compute(me: LayerObject, value: Any, place: ast.AST) -> Any:
        span = reader.span(place)
        found = reader.graph.method(value, "flatten", [start, end], {}, span, span)
        return reader.graph.view(found, value)

    return LayerObject({}, compute)


def _identity(reader: CellReader, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> LayerObject:
    return LayerObject({}, lambda me, value, place: value)


ACTIVATIONS = {
    "ReLU": "relu", "Softplus": "softplus", "ELU": "elu", "LeakyReLU": "leaky_relu", "GELU": "gelu", "SiLU": "silu",
    "ReLU6": "relu6", "Hardtanh": "hardtanh", "SELU": "selu", "CELU": "celu", "Mish": "mish",
    "LogSigmoid": "logsigmoid", "Hardsigmoid": "hardsigmoid", "Hardswish": "hardswish", "Softsign": "softsign",
    "Tanhshrink": "tanhshrink", "Softshrink": "softshrink", "Hardshrink": "hardshrink", "Threshold": "threshold",
}  # fmt: skip
_FUNCTIONS = {
    "MSELoss": "mse_loss", "L1Loss": "l1_loss", "CrossEntropyLoss": "cross_entropy", "BCELoss": "binary_cross_entropy",
    "BCEWithLogitsLoss": "binary_cross_entropy_with_logits", "NLLLoss": "nll_loss", "SmoothL1Loss": "smooth_l1_loss",
    "HuberLoss": "huber_loss", "KLDivLoss": "kl_div", "PoissonNLLLoss": "poisson_nll_loss",
    "GaussianNLLLoss": "gaussian_nll_loss", "CosineEmbeddingLoss": "cosine_embedding_loss",
    "MarginRankingLoss": "margin_ranking_loss", "HingeEmbeddingLoss": "hinge_embedding_loss",
    "TripletMarginLoss": "triplet_margin_loss", "SoftMarginLoss": "soft_margin_loss",
    "MultiMarginLoss": "multi_margin_loss", "MultiLabelSoftMarginLoss": "multilabel_soft_margin_loss",
    "CosineSimilarity": "cosine_similarity", "PairwiseDistance": "pairwise_distance",
    "Softmax": "softmax", "LogSoftmax": "log_softmax", "Softmin": "softmin", "GLU": "glu",
    **{f"{kind}Pool{n}d": f"{kind.lower()}_pool{n}d" for kind in ("Max", "Avg") for n in (1, 2, 3)},
    **{f"Adaptive{kind}Pool{n}d": f"adaptive_{kind.lower()}_pool{n}d" for kind in ("Max", "Avg") for n in (1, 2, 3)},
}  # fmt: skip
MODULES: dict[str, LayerMaker] = {
    "Sequential": _sequential, "ModuleList": _list, "ParameterList": _list,
    **dict.fromkeys(DICTIONARIES, _named), "Flatten": _flatten, "Identity": _identity,
    "Dropout": _dropout,
    **dict.fromkeys(("Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout"), _random),
    "Tanh": function("tanh", "torch"), "Sigmoid": function("sigmoid", "torch"),
    **{name: function(one, activation=True) for name, one in ACTIVATIONS.items()},
    **{name: function(one) for name, one in _FUNCTIONS.items()},
}  # fmt: skip
