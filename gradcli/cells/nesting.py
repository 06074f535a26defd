"""Lists within lists, as arrays and back; and values in words."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import Any

from gradcli.cells.limits import MAX_ITEMS
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow, PythonRaises
from gradcli.errors import Span
from gradcli.tape.arrays import Array


def described(value: Any) -> str:
    """A value in words, for a reason."""
    if isinstance(value, str):
        return "a text"
    return {"list": "a list", "tuple": "a tuple", "dict": "a dictionary", "NoneType": "None"}.get(
        type(value).__name__, "this"
    )


def distinct(items: Sequence[Any]) -> list[Any]:
    """The items of a set, in the order in which they come; objects and tensors are the same only as themselves."""
    found: list[Any] = []
    plain: set[Any] = set()
    for one in items:
        if isinstance(one, (int, float, str, tuple, type(None))):
            try:
                if one in plain:
                    continue
                plain.add(one)
            except TypeError:
                raise CannotFollow("a set of these is not followed") from None
        elif any(one is other for other in found):
            continue
        found.append(one)
    return list(set(found)) if all(isinstance(one, int) for one in found) else found


def array_of(value: Any, span: Span, flat: Callable[[TensorObject], Array]) -> tuple[Array, bool]:
    """Nested lists of numbers as an array, and whether all of them are whole; a tensor among them by its numbers.

    Raises PythonRaises where they are of unequal lengths.
    """
    numbers = array("d")
    whole = True

    def collect(one: Any, depth: int) -> tuple[int, ...]:
        nonlocal whole
        if isinstance(one, TensorObject):
            own = flat(one)
            numbers.extend(own.data)
            whole = whole and one.vertex.dtype == "int64"
            return own.shape
        if isinstance(one, (int, float)):
            whole = whole and isinstance(one, int) and not isinstance(one, bool)
            try:
                numbers.append(float(one))
            except OverflowError:
                raise CannotFollow("a number is too large", span) from None
            if len(numbers) > MAX_ITEMS * 100:
                raise CannotFollow("a tensor is too large", span)
            return ()
        if not isinstance(one, (list, tuple)) or depth > 20:
            raise CannotFollow(f"{described(one)} is not a number", span)
        shapes = {collect(inner, depth + 1) for inner in one}
        if len(shapes) > 1:
            raise PythonRaises("ValueError", "the rows of a tensor have unequal lengths")
        return (len(one), *(shapes.pop() if shapes else ()))

    shape = collect(value, 0)
    return Array(shape, numbers), whole


def nested(shape: Sequence[int], entries: Sequence[Any]) -> Any:
    """Entries as lists of lists."""
    if not shape:
        return entries[0]
    size = len(entries) // shape[0] if shape[0] else 0
    return [nested(shape[1:], entries[place * size : (place + 1) * size]) for place in range(shape[0])]
