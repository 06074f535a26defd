"""torch.func.functional_call: a module with other tensors in the place of its own."""

from __future__ import annotations

import ast
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.modules import LayerObject, held_by, is_module
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow


def functional_call(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """functional_call(module, parameters, args, kwargs)

    Raises CannotFollow for names that the module does not have.
    """
    given = dict(zip(("module", "parameter_and_buffer_dicts", "args", "kwargs"), args)) | keywords
    module, named = given.get("module"), given.get("parameter_and_buffer_dicts")
    inner, words, other = given.get("args", ()), given.get("kwargs") or {}, given.keys() - _WORDS
    parts: list[Any] = list(named) if isinstance(named, (list, tuple)) else [named]
    if other or not is_module(module) or not all(isinstance(one, dict) for one in parts):
        raise CannotFollow("functional_call of these is not followed", reader.span(node))
    places = _places(module)
    put = list[tuple[dict[str, Any], str, Any]]()
    try:
        for name, value in ((name, value) for one in parts for name, value in one.items()):
            if name not in places or not isinstance(value, TensorObject):
                raise CannotFollow(f"the module has no {name} to be put in", reader.span(node))
            own = places[name][0][places[name][1]]
            for holder, key in places.values():  # what is tied stays tied
                if holder[key] is own:
                    put.append((holder, key, own))
            for holder, key, old in put:
                if old is own:
                    holder[key] = value
        listed = list(inner) if isinstance(inner, (list, tuple)) else [inner]
        return reader.invoke(module, listed, dict(words), node)
    finally:
        for holder, key, old in put:
            holder[key] = old


_WORDS = {"module", "parameter_and_buffer_dicts", "args", "kwargs", "tie_weights", "strict"}


def _places(module: Any, prefix: str = "") -> dict[str, tuple[dict[str, Any], str]]:
    """Where each tensor of a module stands, by its name."""
    holder = module.parameters if isinstance(module, LayerObject) else module.attributes
    dot = f"{prefix}." if prefix else ""
    found: dict[str, tuple[dict[str, Any], str]] = {}
    for name, one in held_by(module).items():
        if isinstance(one, TensorObject):
            found[f"{dot}{name}"] = holder, name
        else:
            found |= _places(one, f"{dot}{name}")
    return found
