"""Dictionaries, lists and tuples of arrays, as JAX differentiates by them: their leaves, and the same shape again."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.values import TensorObject


def is_tree(value: Any) -> bool:
    """Whether a value holds arrays: a dictionary, or a list with arrays or dictionaries in it."""
    if isinstance(value, dict):
        return True
    return isinstance(value, (list, tuple)) and any(isinstance(one, TensorObject) or is_tree(one) for one in value)


def leaves(value: Any, name: str | None) -> Iterator[tuple[str | None, Any]]:
    """What a value holds, in order, each with a name for it."""
    if not is_tree(value):
        yield name, value
        return
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, one in items:
        own = str(key) if isinstance(key, str) and key.isidentifier() else f"{name}_{key}" if name else None
        yield from leaves(one, own)


def rebuilt(value: Any, items: Iterator[Any]) -> Any:
    """A value of the same shape with other leaves."""
    if not is_tree(value):
        return next(items)
    if isinstance(value, dict):
        return {key: rebuilt(one, items) for key, one in value.items()}
    return type(value)(rebuilt(one, items) for one in value)


def tree_map(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """jax.tree.map(f, tree, *others): f of the leaves that stand at the same places."""
    function, tree, *others = args
    columns = [[one for _, one in leaves(given, None)] for given in (tree, *others)]
    made = [reader.invoke(function, list(row), {}, node) for row in zip(*columns)]
    return rebuilt(tree, iter(made))
