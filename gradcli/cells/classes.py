"""Objects of classes that a cell writes: modules with layers, and values that keep a gradient of their own."""

from __future__ import annotations

import ast
from typing import Any

from gradcli.cells import accumulated, autograd
from gradcli.cells.base import CellReader
from gradcli.cells.creation import require
from gradcli.cells.derivations import followed
from gradcli.cells.tensors import TensorObject, Vertex
from gradcli.cells.values import Instance, PythonClass, PythonFunction
from gradcli.tape.arrays import Array

OWN = "the derivative is that of the function which the class computes; its own backward is not run"


def is_value_class(cls: PythonClass) -> bool:
    """Whether a class is an autograd of the cell's own: a number in `data`, a gradient in `grad`, and backward."""
    start = cls.find("__init__")
    if not isinstance(start, PythonFunction) or not isinstance(start.body, list):
        return False
    written = {
        one.attr
        for statement in start.body
        for one in ast.walk(statement)
        if isinstance(one, ast.Attribute) and isinstance(one.ctx, ast.Store)
    }
    return {"data", "grad"} <= written


def held_value(reader: CellReader, made: Instance, node: ast.AST) -> None:
    """Let the number of a new object be an input, where it is a number."""
    data = made.attributes.get("data")
    if isinstance(data, (int, float)) and not isinstance(data, bool):
        from array import array

        tensor = reader.graph.input(Array((), array("d", [float(data)])), "float64", "own")
        require(reader, tensor, node)
        tensor.is_variable = True
        label = made.attributes.get("label", made.attributes.get("name"))
        tensor.vertex.name = label if isinstance(label, str) and label else None
        made.attributes["data"] = tensor


def changed(reader: CellReader, made: Instance, name: str, value: Any, node: ast.AST) -> bool:
    """Take in p.data = ..., p.grad = 0 of such an object; whether that is all there is to do."""
    data = made.attributes.get("data")
    if not isinstance(data, TensorObject) or not is_value_class(made.cls):
        return False
    if name == "grad":
        data.grad = None
        return False
    if name == "data":
        old = data.vertex
        if isinstance(value, TensorObject):
            vertex = value.vertex
            tensor = reader.graph.input(None, "float64", "own", later=lambda: reader.engine.data(vertex))
            tensor.vertex.shape = ()
        else:
            made.attributes["data"] = value
            held_value(reader, made, node)
            tensor = made.attributes["data"]
        tensor.vertex.name = old.name
        require(reader, tensor, node)
        tensor.is_variable = True
        made.attributes["data"] = tensor
        return True
    return False


def gradient(reader: CellReader, made: Instance, node: ast.AST) -> Any:
    """v.grad of such an object: what backward has left there, None where it has not been asked."""
    data = made.attributes.get("data")
    if isinstance(data, TensorObject):
        return accumulated.gradient_of(reader, data)
    return None


def backward(reader: CellReader, made: Instance, node: ast.AST) -> bool:
    """v.backward() of such an object; whether it is one."""
    data = made.attributes.get("data")
    if not isinstance(data, TensorObject) or not is_value_class(made.cls):
        return False
    inputs = [one for one in followed(reader.graph, data.vertex) if one.node is None and one.owner is not None]
    named = [one for one in inputs if one.name is not None]
    for one in inputs:
        if named and one.name is None:
            _to_number(reader, one, node)
    for vertex in followed(reader.graph, data.vertex):  # the ones in between keep their gradients, too
        if vertex.owner is not None and vertex.node is not None:
            vertex.owner.retained = vertex.name is not None
    autograd.backward(reader, data, [], {"retain_graph": True}, node)
    reader.derivations[-1].notes.append(OWN)
    return True


def _to_number(reader: CellReader, vertex: Vertex, node: ast.AST) -> None:
    """A number that was made an object on the way is a number."""
    value = float(reader.engine.data(vertex).data[0])
    whole = int(value) if value.is_integer() else value
    vertex.node, vertex.owner = reader.graph.number(whole, reader.span(node)), None


def computed_value(made: Instance) -> None:
    """Let the gradient of an object in between be kept at its number."""
    data = made.attributes.get("data")
    if isinstance(data, TensorObject) and data.vertex.owner is None:
        data.vertex.owner = data
