"""f(x, out=y): where the word or the place of `out` says that the result is written to something that there is."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.graph import tensors_in
from gradcli.cells.in_place import arithmetic, change
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow

PLACES = {"clip": 3, "dot": 2}  # behind which `out` stands, of functions that are no ufuncs


def with_out(path: str, args: list[Any], keywords: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """The arguments with a word `out` where NumPy takes one by its place, or one tensor in a tuple."""
    name = path.removeprefix("numpy.")
    if path.partition(".")[0] != "numpy":
        return args, keywords
    if isinstance(out := keywords.get("out"), tuple) and len(out) == 1:
        keywords = {**keywords, "out": out[0]}
    count = PLACES.get(name) or operands(name) or len(args)
    return (args[:count], {**keywords, "out": args[count]}) if len(args) == count + 1 else (args, keywords)


def operands(name: str) -> int | None:
    """How many operands a ufunc of NumPy's takes; None of other functions."""
    import numpy as np

    function = getattr(np, name, None)
    return function.nin if isinstance(function, np.ufunc) else None


def put_out(
    reader: CellReader, out: TensorObject, path: str, args: list[Any], found_of: Callable[[], Any], node: ast.AST
) -> Any:
    """f(x, out=y): y has the numbers from there on."""
    library, name = path.partition(".")[0], path.rpartition(".")[2]
    if library == "numpy" and out.library == "torch":
        raise reader.raised("TypeError", "return arrays must be of ArrayType", node)
    is_followed = any(one.requires_grad for one in (out, *tensors_in(args)))
    if library == "torch" and reader.graph.following and is_followed:
        message = "functions with out=... arguments don't support automatic differentiation"
        raise reader.raised("RuntimeError", f"{name}(): {message}", node, "without out= it is followed")
    try:
        found = found_of()
        if isinstance(found, TensorObject) and library == "numpy":
            return arithmetic(reader, out, [], found, node)
        return change(reader, out, found, node)
    except CannotFollow:
        out.forget()
        raise
