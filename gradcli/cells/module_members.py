"""What all modules of torch.nn have: their parameters and parts, modes, hooks and buffers."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial
from typing import Any

from gradcli.cells import accumulated
from gradcli.cells.base import CellReader
from gradcli.cells.creation import DTYPES
from gradcli.cells.hooks import HookHandle
from gradcli.cells.methods import set_requires_grad
from gradcli.cells.modules import (
    DICTIONARIES,
    LayerObject,
    held_by,
    is_module,
    named_modules,
    named_parameters,
    parameters_of,
)
from gradcli.cells.values import CannotFollow, Instance, LibraryPath, ReaderFunction


def set_training(value: Any, training: bool) -> None:
    """train() and eval(), of all modules in a module."""
    stack = [value]
    seen: set[int] = set()
    while stack:
        one = stack.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, LayerObject):
            one.training = training
            stack += one.parameters.values()
        elif isinstance(one, Instance):
            one.attributes["training"] = training
            stack += one.attributes.values()
        elif isinstance(one, (list, tuple)):
            stack += one


def _named_buffers(value: Any) -> list[tuple[str, Any]]:
    """What modules hold besides parameters, with its name; what layers count while they learn is not followed."""
    found = list[tuple[str, Any]]()
    for name, one in named_modules(value):
        if isinstance(one, LayerObject) and one.buffers:
            raise CannotFollow("buffers of a layer that counts are not followed")
        own = one.buffers if isinstance(one, Instance) else ()
        found += [(f"{name}.{buffer}" if name else buffer, one.attributes[buffer]) for buffer in own]
    return found


def member(reader: CellReader, value: Any, name: str) -> Any:
    """What all modules have.

    Raises CannotFollow for anything else.
    """

    def reset(args: list[Any], keywords: dict[str, Any], place: ast.AST) -> None:
        to_none = args[0] if args else keywords.get("set_to_none", True)
        for one in parameters_of(value):
            accumulated.cleared(reader, one, bool(to_none))

    def trained(args: list[Any], keywords: dict[str, Any], place: ast.AST) -> Any:
        set_training(value, name == "train" and args != [False])
        return value

    def required(args: list[Any], keywords: dict[str, Any], place: ast.AST) -> Any:
        wanted = args[0] if args else keywords.get("requires_grad", True)
        for one in parameters_of(value):
            set_requires_grad(reader, one, bool(wanted), place)
        return value

    def applied(args: list[Any], keywords: dict[str, Any], place: ast.AST) -> Any:
        _apply(reader, args[0], value, place)
        return value

    def hooked(args: list[Any], keywords: dict[str, Any], place: ast.AST) -> Any:
        if keywords:
            raise CannotFollow("a hook with options is not followed", reader.span(place))
        value.hooks.append(HookHandle(args[0], value.hooks))
        return value.hooks[-1]

    def buffered(args: list[Any], keywords: dict[str, Any], place: ast.AST) -> None:
        own, tensor = (*args, *(keywords[one] for one in ("name", "tensor") if one in keywords))[:2]
        value.attributes[own] = tensor
        value.buffers[own] = args[2] if len(args) > 2 else keywords.get("persistent", True)

    def put(args: list[Any], keywords: dict[str, Any], place: ast.AST) -> None:
        own, tensor = (*args, *(keywords[one] for one in ("name", "param") if one in keywords))[:2]
        value.attributes[own] = tensor

    def moved(args: list[Any], keywords: dict[str, Any], place: ast.AST) -> Any:
        paths = [one.path for one in (*args, *keywords.values()) if isinstance(one, LibraryPath)]
        wanted = {path.rpartition(".")[2] for path in paths} & DTYPES.keys() if name == "to" else {name}
        if any(one.vertex.dtype != DTYPES.get(word) for one in parameters_of(value) for word in wanted):
            raise CannotFollow(f"a module of other numbers by .{name} is not followed", reader.span(place))
        return value

    def held(find: Callable[[], Any]) -> Callable[..., Any]:
        def call(args: list[Any], keywords: dict[str, Any], place: ast.AST) -> Any:
            if args or keywords:
                raise CannotFollow(f".{name} with options is not followed", reader.span(place))
            return find()

        return call

    known: dict[str, Callable[..., Any]] = {
        "zero_grad": reset, "train": trained, "eval": trained, "requires_grad_": required, "apply": applied,
        "register_forward_hook": hooked, "register_buffer": buffered, "register_parameter": put,
        "parameters": held(lambda: parameters_of(value)), "named_parameters": held(lambda: named_parameters(value)),
        "buffers": held(lambda: [one for _, one in _named_buffers(value)]),
        "named_buffers": held(lambda: _named_buffers(value)),
        "modules": held(lambda: [one for _, one in named_modules(value)]),
        "named_modules": held(lambda: named_modules(value)),
        "children": held(lambda: [one for one in held_by(value).values() if is_module(one)]),
        "named_children": held(lambda: [(name, one) for name, one in held_by(value).items() if is_module(one)]),
        **dict.fromkeys(("to", "double", "float", "half", "bfloat16"), moved),
        **dict.fromkeys(("__init__", "cpu"), lambda args, keywords, place: value),
    }  # fmt: skip
    if name in known:
        return ReaderFunction(name, known[name])
    if name == "training":
        return getattr(value, "training", True)
    if isinstance(value, LayerObject) and value.kind in DICTIONARIES and name in ("keys", "values", "items"):
        return ReaderFunction(name, held(lambda: list(getattr(value.parameters, name)())))
    if isinstance(value, LayerObject) and value.holds and name in ("append", "extend", "insert"):
        return ReaderFunction(name, lambda args, keywords, place: _lengthened(reader, value, name, args, place))
    if name.startswith("register_"):  # what a hook does that is not called is not known
        value.hooks.append(HookHandle(ReaderFunction(name, partial(_refuse, name)), value.hooks))
    raise CannotFollow(f".{name} is not followed")


def _lengthened(reader: CellReader, value: LayerObject, name: str, args: list[Any], node: ast.AST) -> LayerObject:
    """layers.append(module), layers.extend(modules), layers.insert(place, module)"""
    held = list(value.parameters.values())
    if name == "extend":
        held += reader.iterated(args[0], node)
    else:
        held.insert(args[0] if name == "insert" else len(held), args[-1])
    value.parameters.clear()
    value.parameters.update((str(place), one) for place, one in enumerate(held))
    return value


def _apply(reader: CellReader, function: Any, value: Any, node: ast.AST) -> None:
    """Call a function with the modules in a module, and then with itself."""
    for one in held_by(value).values():
        if is_module(one):
            _apply(reader, function, one, node)
    reader.invoke(function, [value], {}, node)


def _refuse(name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    raise CannotFollow(f"a module with a hook by {name} is not followed")


def part_of(reader: CellReader, value: LayerObject, index: Any, node: ast.AST) -> Any:
    """net[0], net[:2], net['name']"""
    if value.kind in DICTIONARIES:
        if index not in value.parameters:
            raise reader.raised("KeyError", repr(index), node)
        return value.parameters[index]
    if isinstance(index, slice):
        return value.with_parameters({str(k): one for k, one in enumerate([*value.parameters.values()][index])})
    try:
        return list(value.parameters.values())[index]
    except (IndexError, TypeError) as error:
        raise reader.raised(type(error).__name__, f"index {index} is out of range", node) from None
