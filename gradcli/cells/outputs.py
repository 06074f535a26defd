"""Functions of libraries that give several values at once."""

from __future__ import annotations

import ast
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.paths import NUMPY_VIEWS, READ_ONLY, TOGETHER, VIEWS
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
    name = path.rpartition(".")[2]
    place = int(name == "einsum")
    base = args[place] if len(args) > place else None
    if not isinstance(base, TensorObject) or (name == "einsum" and not _is_turning(args)):
        return found
    return named_view(reader, library, name, args[1:], base, found)


KEPT = frozenset(("dist", "sgn", "masked_select"))  # what torch keeps of these does not show in how they are written


def _is_turning(args: list[Any]) -> bool:
    """Whether einsum of one tensor adds nothing up, so that it gives a view."""
    if len(args) != 2 or not isinstance(args[0], str):
        return False
    given, arrow, wanted = args[0].replace(" ", "").partition("->")
    return bool(arrow) and set(given) == set(wanted)


def named_view(
    reader: CellReader, library: str | None, name: str, args: list[Any], base: TensorObject, found: Any
) -> Any:
    """What a function gives by its name: a view shares the numbers of what it is a view of."""
    views = {"torch": VIEWS, "np": NUMPY_VIEWS}.get(library or "", frozenset[str]())
    if library == "torch" and name in KEPT and isinstance(found, TensorObject) and found is not base:
        kept = [base, *args, found] if name != "masked_select" else [base]
        found.vertex.keeps = frozenset(one.vertex.index for one in kept if isinstance(one, TensorObject))
    if name not in views or not isinstance(found, TensorObject) or found is base or found.base is not None:
        return found
    if name in TOGETHER and library == "torch":
        is_list = name == "split" and bool(args) and not isinstance(args[0], int)
        found.several = f"Output {{}} of {'SplitWithSizes' if is_list else TOGETHER[name]}"
    found.is_read_only = library == "np" and name in READ_ONLY
    return reader.graph.view(found, base)
