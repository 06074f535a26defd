"""tf.GradientTape: what is computed within it is recorded, and asked for its gradients."""

from __future__ import annotations

import ast
import math
from array import array
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from gradcli.cells import autograd, pytrees
from gradcli.cells.base import CellReader
from gradcli.cells.custom import defined
from gradcli.cells.derivations import followed
from gradcli.cells.engine import plain
from gradcli.cells.graph import FLOATS
from gradcli.cells.methods import set_requires_grad
from gradcli.cells.tensors import TensorObject, Vertex
from gradcli.cells.values import CannotFollow, LibraryPath, ReaderFunction
from gradcli.cells.views import held
from gradcli.tape.arrays import Array

WORDS = ("target", "sources", "output_gradients", "unconnected_gradients")
OUTSIDE = "a part of this was computed outside the tape, which does not follow it there"


class GradientTape:
    """A tape; gradients that are asked for within another one are recorded there.

    start, end  which vertices are made while it records; None while it is open
    watched     vertices that it was told to watch
    """

    def __init__(self, words: Mapping[Any, bool], start: int) -> None:
        self.persistent = words.get("persistent", False)
        self.accessed = words.get("watch_accessed_variables", True)
        self.start = start
        self.end: int | None = None
        self.watched: set[int] = set()
        self.used = False
        self.unknown = ""  # why what it gives is not followed from here on

    def on_it(self, reader: CellReader, vertex: Vertex) -> set[int]:
        """The vertices that the tape goes through from one of them, down to what it watches."""
        order, seen, stack = list[int](), set[int](), [vertex.index]
        while stack:
            index = stack.pop()
            if index in seen:
                continue
            seen.add(index)
            order.append(index)
            if self._records(index):
                stack += self._operands(reader, index)
        found: set[int] = set()
        for index in sorted(order):
            one = reader.graph.vertices[index]
            learned = one.node is None and one.owner is not None and one.owner.is_learned and self.accessed
            through = self._records(index) and any(inner in found for inner in self._operands(reader, index))
            if index in self.watched or learned or through:
                found.add(index)
        return found

    def _records(self, index: int) -> bool:
        return self.start <= index and (self.end is None or index < self.end)

    def _operands(self, reader: CellReader, index: int) -> list[int]:
        one = reader.graph.vertices[index]
        return [inner for inner in held(one.node) if inner in one.tracks] if one.node is not None else []


def tape_attribute(reader: CellReader, tape: GradientTape, name: str, node: ast.AST) -> Any:
    """tape.watch(x), tape.gradient(y, x), tape.jacobian(y, x)"""
    known: dict[str, Callable[..., Any]] = {
        "watch": _watch, "reset": _reset, **{one: partial(_asked, one) for one in _ASKED},
    }  # fmt: skip
    if name == "stop_recording":
        return ReaderFunction(name, lambda args, keywords, place: None)
    if name not in known:
        tape.unknown = tape.unknown or f"tape.{name} is not followed"
        raise CannotFollow(tape.unknown, reader.span(node))
    return ReaderFunction(name, lambda args, keywords, place: known[name](reader, tape, args, keywords, place))


def _watch(reader: CellReader, tape: GradientTape, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> None:
    for _, one in pytrees.leaves(args[0], None, pytrees.is_nested):
        if isinstance(one, TensorObject) and one.vertex.dtype in FLOATS:
            set_requires_grad(reader, one, True, node)
            tape.watched.add(one.vertex.index)


def _reset(reader: CellReader, tape: GradientTape, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> None:
    tape.start, tape.watched = len(reader.graph.vertices), set()


def _asked(
    name: str, reader: CellReader, tape: GradientTape, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    words = dict(zip(WORDS, args)) | keywords
    words = {one: value for one, value in words.items() if one not in ("parallel_iterations", "experimental_use_pfor")}
    if tape.unknown or not words.keys() <= {*WORDS, "source"}:
        raise CannotFollow(tape.unknown or f"tape.{name} with these words is not followed", reader.span(node))
    if tape.used and not tape.persistent:
        raise reader.raised(
            "RuntimeError", "A non-persistent GradientTape can only be used to compute one set of gradients", node
        )
    tape.used = True
    sources = words.get("sources", words.get("source"))
    by = [one for _, one in pytrees.leaves(sources, None)]
    if not all(isinstance(one, TensorObject) for one in by):
        raise CannotFollow(f"tape.{name} by these is not followed", reader.span(node))
    before = len(reader.graph.vertices)
    outputs, output = _target(reader, name, words, node)
    reached = {index for one in outputs if one.requires_grad for index in tape.on_it(reader, one.vertex)}
    vertices = [_recorded(reader, one, reached, node) for one in by]
    chosen = [(one, vertex) for one, vertex in zip(by, vertices) if vertex is not None]
    _check_whole(
        reader, output, [vertex for _, vertex in chosen], {*reached, *range(before, output.vertex.index + 1)}, node
    )
    found: Iterator[Any] = iter(_ASKED[name](reader, output, chosen, node) if chosen else [])
    kind = words.get("unconnected_gradients")
    text = kind.path if isinstance(kind, LibraryPath) else str(kind or "none")
    zeros = text.lower().endswith("zero")
    if zeros and name != "gradient":
        raise CannotFollow(f"tape.{name} with zeros for what is not connected is not followed", reader.span(node))
    results = [
        next(found) if vertex is not None else _zeros(reader, one) if zeros else None
        for one, vertex in zip(by, vertices)
    ]
    return pytrees.rebuilt(sources, iter(results))


def _target(
    reader: CellReader, name: str, words: dict[str, Any], node: ast.AST
) -> tuple[list[TensorObject], TensorObject]:
    """What is differentiated: of a gradient the sum of all that is given, each entry with its weight."""
    span = reader.span(node)
    outputs = [one for _, one in pytrees.leaves(words.get("target"), None, pytrees.is_nested)]
    weights = words.get("output_gradients")
    own = [one for _, one in pytrees.leaves(weights, None)] if weights is not None else [None] * len(outputs)
    if not outputs or len(own) != len(outputs) or not all(isinstance(one, TensorObject) for one in outputs):
        raise CannotFollow(f"tape.{name} of these is not followed", span)
    if name != "gradient" and (len(outputs) > 1 or weights is not None):
        raise CannotFollow(f"tape.{name} of several is not followed", span)
    first: TensorObject = outputs[0]
    if name != "gradient" or (len(outputs) == 1 and weights is None and not reader.engine.shape(first)):
        return outputs, first
    total: TensorObject | None = None
    following, reader.graph.following = reader.graph.following, True
    for one, weight in zip(outputs, own):
        term = one if weight is None else reader.graph.operation("*", [_constant(weight), one], span, span)
        if reader.engine.shape(term):
            term = reader.graph.call(["sum"], [term], {}, span, span)
        total = term if total is None else reader.graph.operation("+", [total, term], span, span)
    reader.graph.following = following
    assert total is not None
    return outputs, total


def _constant(value: Any) -> Any:
    return TensorObject(value.vertex, False, value.library) if isinstance(value, TensorObject) else value


def _recorded(reader: CellReader, tensor: TensorObject, reached: set[int], node: ast.AST) -> Vertex | None:
    """What a tensor was on the tape, also where it was assigned since; None where it is not there."""
    if tensor.vertex.node is not None:
        return tensor.vertex if tensor.vertex.index in reached else None
    known = [reader.graph.vertices[index] for index in reached if index == tensor.vertex.index]
    known += [
        one
        for index in reached
        if (one := reader.graph.vertices[index]).owner is tensor and one is not tensor.vertex and one.node is None
    ]
    if len(known) > 1:
        raise CannotFollow("a variable that is assigned on the tape is not followed", reader.span(node))
    return known[0] if known else None


def _check_whole(reader: CellReader, output: TensorObject, by: list[Vertex], reached: set[int], node: ast.AST) -> None:
    """Refuse where operations lead to a source that the tape has not recorded."""
    through = {one.index for one in by}
    for one in sorted(followed(reader.graph, output.vertex), key=lambda vertex: vertex.index):
        if one.node is None or one.index in through:
            continue
        if any(inner in through for inner in held(one.node) if inner in one.tracks):
            through.add(one.index)
            if one.index not in reached:
                raise CannotFollow(OUTSIDE, reader.span(node))


def _gradient(
    reader: CellReader, output: TensorObject, by: list[tuple[TensorObject, Vertex]], node: ast.AST
) -> list[TensorObject]:
    then = [TensorObject(vertex, True, one.library) for one, vertex in by]
    return autograd.gradients(reader, output, then, None, bool(reader.tapes), True, node)


def _jacobian(
    reader: CellReader, output: TensorObject, by: list[tuple[TensorObject, Vertex]], node: ast.AST
) -> list[TensorObject]:
    made = autograd.derivation(reader, output, by, None, node, is_jacobian=True)
    reader.derivations.append(made)
    return [autograd.of_derivation(reader, made, position, one) for position, (one, _) in enumerate(by)]


def _batch_jacobian(
    reader: CellReader, output: TensorObject, by: list[tuple[TensorObject, Vertex]], node: ast.AST
) -> list[TensorObject]:
    """Of each row of the output by its row of the source: the derivatives of the sum of all rows."""
    (whole,) = _jacobian(reader, output, by, node)
    own, rank = reader.engine.shape(output), len(reader.engine.shape(by[0][0]))
    if not own or not rank or own[0] != reader.engine.shape(by[0][0])[0]:
        raise CannotFollow("a batch_jacobian of these is not followed", reader.span(node))
    reader.derivations[-1].notes.append("of these, batch_jacobian keeps the derivatives of each row by its own")

    def later() -> Array:
        import torch

        data = reader.array(whole)
        full = torch.tensor(list(data.data), dtype=torch.float64).reshape(data.shape).sum(0)
        return plain(torch.movedim(full, full.dim() - rank, 0))

    made = reader.graph.input(None, whole.vertex.dtype, whole.library, later=later)
    made.source = whole.source
    return [made]


def _zeros(reader: CellReader, like: TensorObject) -> TensorObject:
    shape = reader.engine.shape(like)
    return reader.graph.input(Array(shape, array("d", [0.0]) * math.prod(shape)), like.vertex.dtype, like.library)


def custom_gradient(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> ReaderFunction:
    """tf.custom_gradient(f): f gives a value, and a function of what comes in that gives the derivatives."""
    function = args[0]

    def call(given: list[Any], words: dict[str, Any], place: ast.AST) -> Any:
        if words or not given or not all(isinstance(one, TensorObject) for one in given):
            raise CannotFollow("a custom_gradient of these is not followed", reader.span(place))
        kept: list[Any] = []

        def value_of(tensors: list[TensorObject]) -> Any:
            value, backward = reader.invoke(function, list(tensors), {}, place)
            kept.append(backward)
            return value

        def partials_of(incoming: TensorObject, known: Mapping[int, str]) -> list[Any]:
            found = reader.invoke(kept[-1], [incoming], {}, place)
            partials = list(found) if isinstance(found, (list, tuple)) else [found]
            if len(partials) != len(given):
                raise CannotFollow("a custom_gradient gives a derivative for each argument", reader.span(place))
            return partials

        named = getattr(getattr(function, "arguments", None), "args", [])
        hints = [named[k].arg if k < len(named) else "x" for k in range(len(given))]
        return defined(reader, getattr(function, "name", "custom"), given, hints, value_of, partials_of, place)

    return ReaderFunction("custom", call, function)


def clip_by_norm(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> TensorObject:
    """tf.clip_by_norm(x, c): x*c/max(norm(x), c)"""
    given, span = dict(zip(("t", "clip_norm"), args)) | keywords, reader.span(node)
    if given.keys() != {"t", "clip_norm"}:
        raise CannotFollow("clip_by_norm with axes is not followed", span)
    x, most = given["t"], given["clip_norm"]
    square = reader.graph.call(["sum"], [reader.graph.operation("*", [x, x], span, span)], {}, span, span)
    size = reader.graph.call(["sqrt"], [square], {}, span, span)
    largest = reader.graph.call(["maximum"], [size, most], {}, span, span)
    scaled = reader.graph.operation("*", [x, most], span, span)
    return reader.graph.operation("/", [scaled, largest], span, span)


_ASKED = {"gradient": _gradient, "jacobian": _jacobian, "batch_jacobian": _batch_jacobian}
