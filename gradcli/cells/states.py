"""State of modules and tensors: deep copies, state_dict and load_state_dict, and what is saved under a name.

Nothing is written and no file is read: torch.load gives what the same cells have saved under that name.
"""

from __future__ import annotations

import ast
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.creation import require
from gradcli.cells.in_place import change
from gradcli.cells.methods import detached
from gradcli.cells.modules import LayerObject, named_parts
from gradcli.cells.nesting import described
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow, Ignored, Instance

PLAIN = (int, float, str, bool, type(None), range)


def deep_copy(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """copy.deepcopy(x): tensors of its own, in modules, lists, dictionaries and objects of the cell's classes."""
    return _copied(reader, args[0], {}, node)


def _copied(reader: CellReader, value: Any, known: dict[int, Any], node: ast.AST) -> Any:
    reader.step(node)
    if id(value) in known:
        return known[id(value)]
    made: Any = value
    if isinstance(value, TensorObject):
        if not value.is_leaf:
            message = "Only Tensors created explicitly by the user support the deepcopy protocol at the moment"
            raise reader.raised("RuntimeError", message, node)
        reader.graph.name(value, reader.span(node))
        made = reader.graph.input(reader.array(value), value.vertex.dtype, value.library, name=value.vertex.name)
        made.is_parameter = value.is_parameter
        if value.requires_grad:
            require(reader, made, node)
        if value.grad is not None:
            made.grad = value.grad.times(1.0)
    elif isinstance(value, Instance):
        made = known[id(value)] = Instance(value.cls, buffers=dict(value.buffers), hooks=list(value.hooks))
        made.attributes = {name: _copied(reader, one, known, node) for name, one in value.attributes.items()}
    elif isinstance(value, LayerObject):
        made = value.with_parameters(
            {name: _copied(reader, one, known, node) for name, one in value.parameters.items()}
        )
    elif isinstance(value, (list, tuple)):
        made = type(value)(_copied(reader, one, known, node) for one in value)
    elif isinstance(value, dict):
        made = {name: _copied(reader, one, known, node) for name, one in value.items()}
    elif not isinstance(value, (*PLAIN, Ignored)):
        raise CannotFollow(f"a deep copy of {described(value)} is not followed", reader.span(node))
    known[id(value)] = made
    return made


def state_of(reader: CellReader, value: Any, node: ast.AST) -> dict[str, Any]:
    """model.state_dict(): its parameters by name, and the running statistics of its layers."""
    found: dict[str, Any] = {}
    for name, one in named_parts(value):
        prefix = f"{name}." if name else ""
        if isinstance(one, TensorObject):
            found[name] = reader.graph.view(detached(reader, one, node, holder=one), one, True)
        else:
            buffers = reader.engine.running(one.buffers, one.seen, one.momentum)
            found |= {f"{prefix}{own}": reader.graph.input(data, "float32") for own, data in buffers.items()}
    return found


def load_state(reader: CellReader, value: Any, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """model.load_state_dict(state): the numbers of its parameters become those."""
    given = args[0] if args else keywords.get("state_dict")
    if len(args) > 1 or not keywords.keys() <= {"state_dict", "strict"} or not keywords.get("strict", True):
        raise CannotFollow("load_state_dict with options is not followed", reader.span(node))
    if not isinstance(given, dict):
        raise CannotFollow(f"a state of {described(given)} is not followed", reader.span(node))
    following, reader.graph.following = reader.graph.following, False
    try:
        for name, one in named_parts(value):
            if isinstance(one, TensorObject):
                _put(reader, one, name, given, node)
            else:
                one.seen = []
                prefix = f"{name}." if name else ""
                one.buffers = {own: reader.array(given[prefix + own]) for own in one.buffers if prefix + own in given}
    finally:
        reader.graph.following = following
    return Ignored("<All keys matched successfully>")


def _put(reader: CellReader, parameter: TensorObject, name: str, given: dict[str, Any], node: ast.AST) -> None:
    new = given.get(name)
    if not isinstance(new, TensorObject):
        raise reader.raised("RuntimeError", f'Error(s) in loading state_dict: Missing key(s): "{name}"', node)
    if new.base is parameter:  # its own numbers: nothing changes
        return
    reader.graph.name(new, reader.span(node))
    data = reader.array(new)
    if data.shape != reader.array(parameter).shape:
        raise reader.raised("RuntimeError", f"Error(s) in loading state_dict: size mismatch for {name}", node)
    parameter.is_stale = False
    change(reader, parameter, reader.graph.input(data, parameter.vertex.dtype), node)


def save(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> None:
    """torch.save(x, name): kept for torch.load of the same name."""
    where = args[1] if len(args) > 1 else keywords.get("f")
    if isinstance(where, str):
        reader.saved[where] = _copied(reader, args[0], {}, node)


def load(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """torch.load(name)"""
    where = args[0] if args else keywords.get("f")
    if not isinstance(where, str) or where not in reader.saved:
        raise CannotFollow("a file is not read: nothing of that name was saved here", reader.span(node))
    return _copied(reader, reader.saved[where], {}, node)
