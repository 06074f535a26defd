"""The methods of lists, texts and dictionaries, and the gradients that a cell shows."""

from __future__ import annotations

import ast
from typing import Any

from gradcli.cells.base import CellReader, Shown
from gradcli.cells.iterating import CellIterable, IteratorObject
from gradcli.cells.limits import MAX_CHARACTERS, MAX_ITEMS
from gradcli.cells.methods import number_of
from gradcli.cells.nesting import described, distinct
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow, TextValue

CONTAINERS = (list, dict, str, tuple, int, float, range, TextValue)
LISTS = frozenset(("append", "extend", "insert", "pop", "reverse", "copy", "index", "count", "clear", "remove", "add",
                   "update", "keys", "values", "items", "get", "setdefault", "sort"))  # fmt: skip
TEXTS = frozenset((
    "upper", "lower", "strip", "lstrip", "rstrip", "title", "capitalize", "startswith", "endswith", "split", "rsplit",
    "splitlines", "replace", "find", "rfind", "index", "count", "isdigit", "isalpha", "isalnum", "isspace", "isupper",
    "islower", "partition", "rpartition", "removeprefix", "removesuffix", "swapcase",
))  # fmt: skip


def container_method(
    reader: CellReader, owner: Any, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """A method of a list, a dictionary or a text.

    Raises CannotFollow, PythonRaises.
    """
    if isinstance(owner, str):
        if name == "format":
            found = [one for value in (*args, *keywords.values()) for one in reader.gradients_in(value)]
            return TextValue(owner, found) if found else owner
        if name == "join":
            return _joined(reader, owner, args, node)
        if name not in TEXTS:
            raise CannotFollow(f".{name} of a text is not followed", reader.span(node))
    elif isinstance(owner, TextValue):
        return owner
    elif isinstance(owner, (int, float)) and name in ("item", "is_integer", "backward"):
        if name == "backward":
            raise reader.raised("AttributeError", "a number of Python has no backward", node)
        return owner if name == "item" else float(owner).is_integer()
    elif name not in LISTS or not hasattr(owner, name if not (isinstance(owner, list) and name == "add") else "append"):
        raise CannotFollow(f".{name} of {described(owner)} is not followed", reader.span(node))
    if isinstance(owner, list) and name == "add":  # a set
        owner[:] = distinct([*owner, *args])
        return None
    if isinstance(owner, (list, dict)) and len(owner) >= MAX_ITEMS:
        raise CannotFollow("a list becomes too long", reader.span(node))
    args = [reader.iterated(one, node) if isinstance(one, (IteratorObject, CellIterable)) else one for one in args]
    try:
        found_value = getattr(owner, name)(*args, **keywords)
    except (TypeError, ValueError, IndexError, KeyError, AttributeError) as error:
        raise reader.raised(type(error).__name__, str(error)[:100], node) from None
    return list(found_value) if name in ("keys", "values", "items") else found_value


def _joined(reader: CellReader, owner: str, args: list[Any], node: ast.AST) -> Any:
    parts = reader.iterated(args[0], node)
    text = owner.join(
        one.text if isinstance(one, TextValue) else one if isinstance(one, str) else "..." for one in parts
    )
    if len(text) > MAX_CHARACTERS:
        raise CannotFollow("a text becomes too long", reader.span(node))
    gradients = [found for one in parts for found in reader.gradients_in(one)]
    return text if all(isinstance(one, str) for one in parts) else TextValue(text, gradients)


def show(reader: CellReader, values: list[Any]) -> None:
    """Take note of the gradients that a cell shows."""
    for value in values:
        if isinstance(value, TextValue):
            show(reader, list(value.gradients))
        elif isinstance(value, (list, tuple)) and len(value) < 100:
            show(reader, list(value))
        elif isinstance(value, dict):
            show(reader, list(value.values())[:100])
        elif isinstance(value, TensorObject) and value.source is not None and value.source.parts:
            now = TensorObject(value.vertex, False, value.library, source=value.source)
            reader.shown.append(Shown(reader.cell, now))


def comparable(reader: CellReader, value: Any) -> Any:
    """A value as one that Python compares: of a tensor its number."""
    if isinstance(value, (list, tuple)):
        return type(value)(comparable(reader, one) for one in value)
    return number_of(reader, value) if isinstance(value, TensorObject) else value
