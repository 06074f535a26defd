"""Functions of libraries that give several values at once."""

from __future__ import annotations

import ast
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.paths import NUMPY_VIEWS, VIEWS
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import Ignored, NamedItems
from gradcli.functions.several import ALONG, Several
from gradcli.functions.table import OWN_PREFIX


def is_along(name: str, args: list[Any], keywords: dict[str, Any]) -> bool:
    """Whether torch takes this along a dimension, and gives values and indices."""
    second = args[1] if len(args) > 1 else None
    dimension = keywords.get("dim", second)
    return name in ALONG and isinstance(dimension, int) and bool(args) and isinstance(args[0], TensorObject)


def values_of(
    reader: CellReader, function: Several, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> NamedItems:
    """All values of a function, each by its own row."""
    span = reader.span(node)
    words = {name: text == "True" for name, text in function.defaults.items()} | keywords
    made = NamedItems(
        reader.graph.call([OWN_PREFIX, row], args, words, span, span)
        if row
        else Ignored(f"{function.name} has no {name}")
        for name, row in function.outputs.items()
    )
    made.names = tuple(function.outputs)
    return made


def belonging(reader: CellReader, library: str | None, path: str, args: list[Any], found: Any) -> Any:
    """What a function of a library gives as a tensor of that library, which shares numbers where it is a view."""
    if not isinstance(found, TensorObject):
        return found
    is_array = found.library in ("np", "jax", "tf")
    if library is not None and (found.is_open or (is_array and library in ("jax", "tf"))):
        found.library, found.is_open = library, False
    views = {"torch": VIEWS, "np": NUMPY_VIEWS}.get(library or "", frozenset[str]())
    base = args[0] if args else None
    if path.rpartition(".")[2] in views and isinstance(base, TensorObject) and found is not base:
        return reader.graph.view(found, base)
    return found
