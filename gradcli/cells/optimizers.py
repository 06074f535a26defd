"""Optimizers of torch.optim and their schedules: torch takes the steps itself, with the gradients of the cell."""

from __future__ import annotations

import ast
from typing import Any

from gradcli.cells import accumulated
from gradcli.cells.base import CellReader
from gradcli.cells.engine import plain
from gradcli.cells.in_place import change
from gradcli.cells.methods import number_of
from gradcli.cells.modules import parameters_of
from gradcli.cells.nesting import described
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow, Ignored, PythonFunction, ReaderFunction

# Of torch.optim; LBFGS and the like evaluate the loss themselves.
OPTIMIZERS = frozenset((
    "SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam", "ASGD", "Rprop",
))  # fmt: skip
SCHEDULES = frozenset((
    "StepLR", "MultiStepLR", "ExponentialLR", "LinearLR", "ConstantLR", "CosineAnnealingLR", "PolynomialLR", "CyclicLR",
    "OneCycleLR", "CosineAnnealingWarmRestarts", "ReduceLROnPlateau", "LambdaLR", "MultiplicativeLR",
))  # fmt: skip
_REFUSED = frozenset(("load_state_dict", "add_param_group", "state", "defaults"))


class OptimizerObject:
    """An optimizer: the tensors that it changes, and torch's own with the same numbers.

    unknown  why its steps are not followed from here on, where they are not
    """

    def __init__(self, kind: str, groups: list[list[TensorObject]], options: list[dict[str, Any]]) -> None:
        self.kind = kind
        self.groups = groups
        self.options = options
        self.own: Any = None
        self.unknown = ""
        self.shown: list[dict[str, Any]] = []  # param_groups, where the cell has asked for them

    @property
    def parameters(self) -> list[TensorObject]:
        """The tensors that it changes."""
        return [one for group in self.groups for one in group]

    def torchs(self, reader: CellReader) -> Any:
        """torch's own optimizer, made where it is needed first."""
        if self.own is None:
            import torch

            groups = [
                {"params": [torch.nn.Parameter(_tensor(reader, one)) for one in group], **options}
                for group, options in zip(self.groups, self.options)
            ]
            self.own = getattr(torch.optim, self.kind)(groups)
        for shown, group in zip(self.shown, self.own.param_groups):
            group.update({name: value for name, value in shown.items() if name != "params"})
        return self.own

    def param_groups(self, reader: CellReader) -> list[dict[str, Any]]:
        """The groups as the cell sees and changes them: a rate is set there."""
        own = self.torchs(reader).param_groups
        self.shown = [{**group, "params": list(tensors)} for group, tensors in zip(own, self.groups)]
        return self.shown


class ScheduleObject:
    """A schedule of the learning rate: torch's own, of an optimizer."""

    def __init__(self, optimizer: OptimizerObject, own: Any) -> None:
        self.optimizer = optimizer
        self.own = own


def optimizer(
    reader: CellReader, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> OptimizerObject:
    """torch.optim.Adam(parameters, lr=..., ...), with groups of parameters, too."""
    given = reader.iterated(args[0] if args else keywords.get("params", []), node)
    if name not in OPTIMIZERS:
        made = OptimizerObject(name, [_those(reader, given, node)], [{}])
        made.unknown = f"the steps of {name} are not followed"
        return made
    options = {one: _option(reader, value, node) for one, value in keywords.items() if one != "params"}
    for one, value in zip(("lr", "momentum" if name == "SGD" else ""), args[1:]):
        if one:
            options[one] = _option(reader, value, node)
    if len(args) > (3 if name == "SGD" else 2):
        raise CannotFollow(f"{name} takes its options by name here", reader.span(node))
    if given and all(isinstance(one, dict) for one in given):
        own = [{key: _option(reader, value, node) for key, value in one.items() if key != "params"} for one in given]
        return OptimizerObject(
            name, [_those(reader, one["params"], node) for one in given], [{**options, **one} for one in own]
        )
    return OptimizerObject(name, [_those(reader, given, node)], [options])


def schedule(reader: CellReader, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> ScheduleObject:
    """torch.optim.lr_scheduler.StepLR(optimizer, ...)"""
    import torch

    of = args[0] if args else keywords.get("optimizer")
    if not isinstance(of, OptimizerObject):
        raise CannotFollow(f"{name} of {described(of)} is not followed", reader.span(node))
    if name not in SCHEDULES:
        of.unknown = f"{name} is not followed"
        raise CannotFollow(of.unknown, reader.span(node))
    rest = [_rate(reader, one, node) for one in args[1:]]
    options = {one: _rate(reader, value, node) for one, value in keywords.items() if one != "optimizer"}
    return ScheduleObject(of, getattr(torch.optim.lr_scheduler, name)(of.torchs(reader), *rest, **options))


def _rate(reader: CellReader, value: Any, node: ast.AST) -> Any:
    """An option of a schedule; a function of the epoch is the cell's own."""
    if isinstance(value, (PythonFunction, ReaderFunction)):
        return lambda epoch: _option(reader, reader.invoke(value, [epoch], {}, node), node)
    if isinstance(value, list):
        return [_rate(reader, one, node) for one in value]
    return _option(reader, value, node)


def optimizer_method(reader: CellReader, optimizer: OptimizerObject, name: str, node: ast.AST) -> Any:
    """optimizer.step, optimizer.zero_grad"""
    if name in _REFUSED:
        optimizer.unknown = f"{name} of an optimizer is not followed"
        raise CannotFollow(optimizer.unknown, reader.span(node))
    if name == "param_groups":
        return optimizer.param_groups(reader)
    made = {"step": _step, "zero_grad": _zero}.get(name)
    if made is None:
        return Ignored("it is about the optimizer")
    return ReaderFunction(name, lambda args, keywords, place: made(reader, optimizer, args, keywords, place))


def schedule_method(reader: CellReader, schedule: ScheduleObject, name: str, node: ast.AST) -> Any:
    """scheduler.step()"""
    if name == "get_last_lr":
        return ReaderFunction(name, lambda args, keywords, place: [float(one) for one in schedule.own.get_last_lr()])
    if name != "step":
        return Ignored("it is about the learning rate")

    def step(args: list[Any], keywords: dict[str, Any], place: ast.AST) -> None:
        schedule.own.step(*(_option(reader, one, place) for one in args))

    return ReaderFunction(name, step)


def _step(
    reader: CellReader, optimizer: OptimizerObject, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    if optimizer.unknown:
        raise CannotFollow(optimizer.unknown, reader.span(node))
    closure = args[0] if args else keywords.get("closure")
    loss = None if closure is None else reader.invoke(closure, [], {}, node)
    own = optimizer.torchs(reader)
    pairs = list(zip(optimizer.parameters, (one for group in own.param_groups for one in group["params"])))
    following, reader.graph.following = reader.graph.following, False
    try:
        for tensor, parameter in pairs:
            gradient = accumulated.gradient_of(reader, tensor) if tensor.requires_grad else None
            parameter.data = _tensor(reader, tensor)  # the cell may have changed it itself
            parameter.grad = None if gradient is None else _tensor(reader, gradient)
        own.step()
        for tensor, parameter in pairs:
            if parameter.grad is not None:
                now = reader.graph.input(plain(parameter), tensor.vertex.dtype, tensor.library)
                change(reader, tensor, now, node)
    finally:
        reader.graph.following = following
    return loss


def _zero(
    reader: CellReader, optimizer: OptimizerObject, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> None:
    to_none = args[0] if args else keywords.get("set_to_none", True)
    for tensor in optimizer.parameters:
        accumulated.cleared(reader, tensor, bool(to_none))


def _those(reader: CellReader, value: Any, node: ast.AST) -> list[TensorObject]:
    return parameters_of(value if isinstance(value, TensorObject) else reader.iterated(value, node))


def _option(reader: CellReader, value: Any, node: ast.AST) -> Any:
    """A number, a truth, a text, or a tuple of them."""
    if isinstance(value, TensorObject):
        return number_of(reader, value)
    if isinstance(value, (list, tuple)):
        return type(value)(_option(reader, one, node) for one in value)
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, float)):
        return int(value) if isinstance(value, int) else float(value)
    raise CannotFollow(f"{described(value)} as an option of an optimizer is not followed", reader.span(node))


def _tensor(reader: CellReader, tensor: TensorObject) -> Any:
    """The numbers of a tensor as one of torch's, in its dtype."""
    import torch

    found = reader.array(tensor)
    return (
        torch.tensor(list(found.data), dtype=torch.float64).reshape(found.shape).to(getattr(torch, tensor.vertex.dtype))
    )
