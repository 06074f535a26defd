"""Functions of Python's standard library that put functions together, and what torch.nn.utils does to gradients."""

from __future__ import annotations

import ast
import math
from array import array
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from gradcli.cells import accumulated
from gradcli.cells.base import CellReader
from gradcli.cells.datasets import dataset, loader, random_split, subset
from gradcli.cells.derivations import total_of
from gradcli.cells.engine import entries
from gradcli.cells.functional import functional_call
from gradcli.cells.iterating import IteratorObject
from gradcli.cells.modules import parameters_of
from gradcli.cells.nesting import described
from gradcli.cells.ranges import number
from gradcli.cells.states import deep_copy, load, save
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow, NamedItems, PythonClass, PythonFunction, ReaderFunction
from gradcli.tape.arrays import Array

Tool = Callable[[CellReader, "list[Any]", "dict[str, Any]", ast.AST], Any]
SMALL = 1e-6  # what clip_grad_norm_ adds to a norm before it divides by it


def _partial(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> ReaderFunction:
    def call(more: list[Any], words: dict[str, Any], place: ast.AST) -> Any:
        return reader.invoke(args[0], [*args[1:], *more], {**keywords, **words}, place)

    return ReaderFunction("partial", call, args[0])


def _reduce(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    items = reader.iterated(args[1], node)
    values = [*args[2:3], *items]
    if not values:
        raise reader.raised("TypeError", "reduce() of empty iterable with no initial value", node)
    total = values[0]
    for one in values[1:]:
        total = reader.invoke(args[0], [total, one], {}, node)
    return total


def _dictionary(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> dict[Any, Any]:
    given = args[0] if args else {}
    if isinstance(given, (list, tuple, IteratorObject)):
        given = reader.iterated(given, node)
        if all(isinstance(one, tuple) and len(one) == 2 for one in given):
            given = dict(given)
    if not isinstance(given, dict):
        raise CannotFollow(f"a dictionary of {described(given)} is not followed", reader.span(node))
    return {**given, **keywords}


def _dataclass(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """The class with the __init__ that its annotated names make; with options the decorator itself."""
    if not args:
        return ReaderFunction("dataclass", lambda inner, words, place: _dataclass(reader, inner, {}, place))
    cls = args[0]
    if not isinstance(cls, PythonClass):
        raise CannotFollow("a dataclass of this is not followed", reader.span(node))
    cls.fields = tuple(cls.annotated)
    return cls


def _operator(kind: type[ast.operator]) -> Tool:
    def call(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
        return reader.binary(kind, args[0], args[1], node)

    return call


def _clip_norm(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """clip_grad_norm_(parameters, max_norm, norm_type=2): the gradients, each times the same factor."""
    given = args[0] if args else keywords.get("parameters")
    most = number(reader, args[1] if len(args) > 1 else keywords.get("max_norm"), node)
    kind = number(reader, args[2] if len(args) > 2 else keywords.get("norm_type", 2.0), node)
    tensors = parameters_of(given if isinstance(given, TensorObject) else reader.iterated(given, node))
    for one in tensors:
        accumulated.check_known(one)
    known = [one for one in tensors if one.grad is not None]
    gradients = [total_of(one.grad, reader.engine.shape(one)).data for one in known if one.grad is not None]
    sizes = [_norm(one, kind) for one in gradients]
    total = _norm(sizes, kind)
    factor = min(1.0, most / (total + SMALL))
    for one in known:
        accumulated.scaled(reader, one, factor)
    return reader.graph.input(Array((), array("d", [total])), reader.graph.default)


def _clip_value(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> None:
    """clip_grad_value_(parameters, clip_value): each entry between -clip_value and clip_value."""
    given = args[0] if args else keywords.get("parameters")
    most = number(reader, args[1] if len(args) > 1 else keywords.get("clip_value"), node)
    for one in parameters_of(given if isinstance(given, TensorObject) else reader.iterated(given, node)):
        if one.grad is not None:
            numbers = total_of(one.grad, reader.engine.shape(one))
            accumulated.put(reader, one, entries(numbers, lambda entry: min(max(entry, -most), most)))


def _one_hot(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """F.one_hot(classes, num_classes): of a tensor of several dimensions its numbers."""
    span, words = reader.span(node), dict(zip(("tensor", "num_classes"), args)) | keywords
    classes, count = words.get("tensor", words.get("input")), words.get("num_classes", -1)
    if not isinstance(classes, TensorObject) or len(reader.engine.shape(classes)) < 2:
        return reader.graph.call(["F", "one_hot"], args, keywords, span, span)
    data = reader.array(classes)
    most = int(max(data.data, default=0)) + 1
    count = most if count == -1 else int(number(reader, count, node))
    if classes.vertex.dtype != "int64" or most > count or min(data.data, default=0) < 0:
        raise reader.raised("RuntimeError", "Class values must be smaller than num_classes.", node)
    marks = array("d", [0.0]) * (len(data.data) * count)
    for place, one in enumerate(data.data):
        marks[place * count + int(one)] = 1.0
    return reader.graph.input(Array((*data.shape, count), marks), "int64")


def _norm(numbers: Any, kind: float) -> float:
    if math.isinf(kind):
        return max(map(abs, numbers), default=0.0)
    return math.fsum(abs(one) ** kind for one in numbers) ** (1.0 / kind) if len(numbers) else 0.0


def _defaults(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> dict[Any, Any]:
    """collections.defaultdict(list)"""
    if len(args) != 1 or keywords:
        raise CannotFollow("a defaultdict of these is not followed", reader.span(node))
    return defaultdict(lambda: reader.invoke(args[0], [], {}, node))


def _named_tuple(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> ReaderFunction:
    """collections.namedtuple('Point', ['x', 'y'])"""
    given = args[1] if len(args) == 2 and not keywords else None
    names = tuple(given.replace(",", " ").split() if isinstance(given, str) else given or ())
    if not names or not all(isinstance(one, str) for one in names):
        raise CannotFollow("a namedtuple of these is not followed", reader.span(node))
    return named_tuple(reader, str(args[0]), names, {})


def named_tuple(reader: CellReader, name: str, names: tuple[str, ...], defaults: dict[str, Any]) -> ReaderFunction:
    """What makes tuples whose items have names."""

    def call(values: list[Any], words: dict[str, Any], place: ast.AST) -> NamedItems:
        found = defaults | dict(zip(names, values)) | words
        if len(values) > len(names) or found.keys() != set(names):
            raise reader.raised("TypeError", f"{name} takes {', '.join(names)}", place)
        made = NamedItems(found[one] for one in names)
        made.names = names
        return made

    return ReaderFunction(name, call)


def tuple_class(reader: CellReader, cls: PythonClass, node: ast.AST) -> Any:
    """A class as it is, or where it is a NamedTuple what makes such tuples."""
    if not cls.is_from("typing.NamedTuple"):
        return cls
    if any(isinstance(one, PythonFunction) for one in cls.members.values()):
        raise CannotFollow("methods of a NamedTuple are not followed", reader.span(node))
    return named_tuple(reader, cls.name, tuple(cls.annotated), cls.members)


def _checkpoint(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """torch.utils.checkpoint.checkpoint(f, *args): what f gives."""
    own = {"use_reentrant", "preserve_rng_state", "determinism_check", "debug", "early_stop", "context_fn"}
    return reader.invoke(args[0], args[1:], {name: one for name, one in keywords.items() if name not in own}, node)


def _once(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """@once_differentiable of a backward."""
    if isinstance(args[0], PythonFunction):
        args[0].once = True
    return args[0]


TOOLS: dict[str, Tool] = {
    "torch.autograd.function.once_differentiable": _once, "torch.nn.functional.one_hot": _one_hot,
    "collections.defaultdict": _defaults, "collections.namedtuple": _named_tuple,
    "torch.utils.checkpoint.checkpoint": _checkpoint, "torch.func.functional_call": functional_call,
    "torch.nn.utils.stateless.functional_call": functional_call,
    "functools.partial": _partial, "functools.reduce": _reduce, "collections.OrderedDict": _dictionary,
    "dataclasses.dataclass": _dataclass, "torch.nn.utils.clip_grad_norm_": _clip_norm,
    "torch.nn.utils.clip_grad_value_": _clip_value,
    "copy.deepcopy": deep_copy, "torch.save": save, "torch.load": load,
    "torch.utils.data.TensorDataset": dataset, "torch.utils.data.DataLoader": loader,
    "torch.utils.data.random_split": random_split, "torch.utils.data.Subset": subset,
    "operator.add": _operator(ast.Add), "operator.sub": _operator(ast.Sub), "operator.mul": _operator(ast.Mult),
    "operator.truediv": _operator(ast.Div), "operator.pow": _operator(ast.Pow),
    "operator.matmul": _operator(ast.MatMult),
}  # fmt: skip
