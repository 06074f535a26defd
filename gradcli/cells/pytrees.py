"""Dictionaries, lists and tuples of arrays, as JAX differentiates by them: their leaves, and the same shape again."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.tensors import Gradient, TensorObject
from gradcli.cells.values import CannotFollow, NamedItems
from gradcli.errors import Span


def is_tree(value: Any) -> bool:
    """Whether a value holds arrays: a dictionary, or a list with arrays or dictionaries in it."""
    if isinstance(value, dict):
        return True
    return isinstance(value, (list, tuple)) and any(isinstance(one, TensorObject) or is_tree(one) for one in value)


def is_nested(value: Any) -> bool:
    """Whether JAX goes into a value, whatever it holds."""
    return isinstance(value, (dict, list, tuple))


def _keys(value: dict[Any, Any]) -> list[Any]:
    """The keys in JAX's order."""
    return sorted(value, key=lambda key: (type(key).__name__, key))


def leaves(
    value: Any, name: str | None, goes_into: Callable[[Any], bool] = is_tree
) -> Iterator[tuple[str | None, Any]]:
    """What a value holds, in JAX's order, each with a name for it."""
    if not goes_into(value):
        yield name, value
        return
    items = ((key, value[key]) for key in _keys(value)) if isinstance(value, dict) else enumerate(value)
    for key, one in items:
        own = str(key) if isinstance(key, str) and key.isidentifier() else f"{name}_{key}" if name else None
        yield from leaves(one, own, goes_into)


def rebuilt(value: Any, items: Iterator[Any], goes_into: Callable[[Any], bool] = is_tree) -> Any:
    """A value of the same shape with other leaves."""
    if not goes_into(value):
        return next(items)
    if isinstance(value, dict):
        made = {key: rebuilt(value[key], items, goes_into) for key in _keys(value)}
        return {key: made[key] for key in value}
    made_of = type(value)(rebuilt(one, items, goes_into) for one in value)
    if isinstance(value, NamedItems):
        made_of.names = value.names
    return made_of


def stacked(reader: CellReader, outputs: list[Any], span: Span) -> Any:
    """What a function gives of each of several entries, as one value whose leaves have a dimension more in front."""
    columns = zip(*([one for _, one in leaves(output, None, is_nested)] for output in outputs))
    return rebuilt(outputs[0], iter([_stacked(reader, list(column), span) for column in columns]), is_nested)


def _stacked(reader: CellReader, outputs: list[Any], span: Span) -> Any:
    if all(one is None for one in outputs):
        return None
    if not all(isinstance(one, (TensorObject, int, float)) for one in outputs):
        raise CannotFollow("what the function gives is not a tensor", span)
    made = reader.graph.made(reader.graph.operand(outputs, span), outputs)
    if all(isinstance(one, TensorObject) and one.source is not None for one in outputs):
        made.source = Gradient([part for one in outputs for part in one.source.parts])
    return made


def tree_map(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """jax.tree.map(f, tree, *others): f of the leaves that stand at the same places."""
    function, tree, *others = args
    columns = [[one for _, one in leaves(given, None, is_nested)] for given in (tree, *others)]
    made = [reader.invoke(function, list(row), {}, node) for row in zip(*columns)]
    return rebuilt(tree, iter(made), is_nested)
