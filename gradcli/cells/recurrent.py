"""Recurrent layers of torch.nn: RNN, GRU and LSTM, and their cells, step by step."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.modules import LayerMaker, LayerObject
from gradcli.cells.parameters import LayerOptions, uniform
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow

MOST_STEPS = 200  # that are written out
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


class _Steps:
    """The arithmetic of one step, written with the operations of the language."""

    def __init__(self, reader: CellReader, node: ast.AST) -> None:
        self.reader = reader
        self.span = reader.span(node)

    def op(self, sign: str, *args: Any) -> TensorObject:
        """An operator."""
        return self.reader.graph.operation(sign, list(args), self.span, self.span)

    def call(self, name: str, *args: Any) -> TensorObject:
        """A function."""
        return self.reader.graph.call([name], list(args), {}, self.span, self.span)

    def part(self, value: TensorObject, *index: Any) -> TensorObject:
        """value[index]"""
        return self.reader.graph.subscript(value, tuple(index) if len(index) > 1 else index[0], self.span)

    def gates(self, x: TensorObject, weight: TensorObject, bias: TensorObject | None, count: int) -> list[TensorObject]:
        """x@weight.T + bias, in so many parts."""
        turned = self.reader.graph.method(weight, "T", [], {}, self.span, self.span)
        whole = self.op("@", x, turned)
        whole = whole if bias is None else self.op("+", whole, bias)
        if count == 1:
            return [whole]
        size = self.reader.engine.shape(weight)[0] // count
        return [self.part(whole, Ellipsis, slice(k * size, (k + 1) * size)) for k in range(count)]

    def step(self, kind: str, x: TensorObject, state: list[TensorObject], p: list[Any], activation: str) -> list[Any]:
        """The next hidden state, and of an LSTM the cell."""
        count = GATES[kind]
        own = self.gates(x, p[0], p[2], count)
        before = self.gates(state[0], p[1], p[3], count)
        if kind == "RNN":
            return [self.call(activation, self.op("+", own[0], before[0]))]
        if kind == "GRU":
            r, z = (self.call("sigmoid", self.op("+", own[k], before[k])) for k in (0, 1))
            n = self.call("tanh", self.op("+", own[2], self.op("*", r, before[2])))
            return [self.op("+", self.op("*", self.op("-", 1, z), n), self.op("*", z, state[0]))]
        i, f, o = (self.call("sigmoid", self.op("+", own[k], before[k])) for k in (0, 1, 3))
        g = self.call("tanh", self.op("+", own[2], before[2]))
        cell = self.op("+", self.op("*", f, state[1]), self.op("*", i, g))
        return [self.op("*", o, self.call("tanh", cell)), cell]


def _zeros(reader: CellReader, shape: tuple[int, ...], node: ast.AST) -> TensorObject:
    span = reader.span(node)
    return reader.graph.call(["torch", "zeros"], [list(shape)], {}, span, span)


def _given_states(kind: str, state: Any) -> list[TensorObject] | None:
    if state is None:
        return None
    return list(state) if kind == "LSTM" else [state]


def _cell(kind: str) -> LayerMaker:
    """LSTMCell(input_size, hidden_size): one step; of an LSTM it gives (h, c)."""

    def make(reader: CellReader, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> LayerObject:
        given = LayerOptions(args, keywords, "input_size hidden_size bias" + (" nonlinearity" if kind == "RNN" else ""))
        sizes = given.size("input_size"), given.size("hidden_size")
        found = _drawn(reader, kind, sizes, bool(given.get("bias", True)), "", node)
        activation = str(given.get("nonlinearity", "tanh"))

        def compute(me: LayerObject, value: Any, place: ast.AST) -> Any:
            x, state = value if isinstance(value, tuple) else (value, None)
            shape = (*reader.engine.shape(x)[:-1], sizes[1])
            states = _given_states(kind, state) or [_zeros(reader, shape, place)] * (2 if kind == "LSTM" else 1)
            new = _Steps(reader, place).step(kind, x, states, _four(me, ""), activation)
            return tuple(new) if kind == "LSTM" else new[0]

        return LayerObject(found, compute)

    return make


def _layers(kind: str) -> LayerMaker:
    """LSTM(input_size, hidden_size, num_layers): all steps; it gives the outputs and the last states."""

    def make(reader: CellReader, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> LayerObject:
        own = "input_size hidden_size num_layers " + ("nonlinearity " if kind == "RNN" else "")
        given = LayerOptions(args, keywords, own + "bias batch_first dropout bidirectional")
        if given.get("dropout", 0) or given.get("bidirectional", False):
            raise CannotFollow(f"{name} with dropout, or in both directions, is not followed")
        inner, hidden, count = given.size("input_size"), given.size("hidden_size"), int(given.get("num_layers", 1))
        found: dict[str, Any] = {}
        for level in range(count):
            sizes = (hidden if level else inner), hidden
            found |= _drawn(reader, kind, sizes, bool(given.get("bias", True)), f"_l{level}", node)
        first, activation = bool(given.get("batch_first", False)), str(given.get("nonlinearity", "tanh"))

        def compute(me: LayerObject, value: Any, place: ast.AST) -> Any:
            x, state = value if isinstance(value, tuple) else (value, None)
            return _through(reader, me, kind, x, _given_states(kind, state), count, first, activation, place)

        return LayerObject(found, compute)

    return make


def _through(
    reader: CellReader, me: LayerObject, kind: str, x: TensorObject, given: list[TensorObject] | None, count: int,
    first: bool, activation: str, node: ast.AST,
) -> Any:  # fmt: skip
    """All steps of all layers; `first` says that the batch is the first dimension."""
    steps, shape = _Steps(reader, node), reader.engine.shape(x)
    along = 1 if first and len(shape) == 3 else 0
    if shape[along] > MOST_STEPS:
        raise CannotFollow(f"more than {MOST_STEPS} steps of a recurrent layer are not followed", reader.span(node))
    hidden = reader.engine.shape(me.parameters["weight_hh_l0"])[1]
    batch = tuple(size for place, size in enumerate(shape[:-1]) if place != along)
    row = [steps.part(x, *[slice(None)] * along, place) for place in range(shape[along])]
    ends: list[list[TensorObject]] = []
    for level in range(count):
        states = [steps.part(one, level) for one in given] if given is not None else (
            [_zeros(reader, (*batch, hidden), node)] * (2 if kind == "LSTM" else 1)
        )  # fmt: skip
        parameters = _four(me, f"_l{level}")
        for place, one in enumerate(row):
            reader.step(node)
            states = steps.step(kind, one, states, parameters, activation)
            row[place] = states[0]
        ends.append(states)
    outputs = reader.graph.call(["torch", "stack"], [row], {"dim": along}, steps.span, steps.span)
    last = [
        reader.graph.made(reader.graph.operand(list(one), steps.span), list(one)) for one in zip(*ends)
    ]  # fmt: skip
    return outputs, tuple(last) if kind == "LSTM" else last[0]


def _drawn(
    reader: CellReader, kind: str, sizes: tuple[int, int], bias: bool, suffix: str, node: ast.AST
) -> dict[str, Any]:
    inner, hidden = sizes
    rows, bound = GATES[kind] * hidden, 1 / math.sqrt(hidden)
    shapes: dict[str, tuple[int, ...]] = {"weight_ih": (rows, inner), "weight_hh": (rows, hidden)}
    if bias:
        shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
    return {f"{name}{suffix}": uniform(reader, shape, bound, name, node) for name, shape in shapes.items()}


def _four(me: LayerObject, suffix: str) -> list[Any]:
    return [me.parameters.get(f"{name}{suffix}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]


RECURRENT: dict[str, Callable[..., Any]] = {
    **{f"{kind}Cell": _cell(kind) for kind in GATES},
    **{kind: _layers(kind) for kind in GATES},
}
