"""Functions of libraries that give several tensors of different shapes (chunk, split, meshgrid); words of factors."""

from __future__ import annotations

import ast
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.shaped import nonzero
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow
from gradcli.functions.pieces import bounds
from gradcli.functions.shapes import ShapeError

CUTS = frozenset(("chunk", "split", "tensor_split", "array_split", "split_with_sizes"))
ALONG = {"vsplit": 0, "hsplit": 1, "dsplit": 2}  # which dimension these cut
GIVEN = ("chunks", "split_size_or_sections", "split_size", "split_sizes", "indices_or_sections", "sections", "indices")
TURNING = {"transpose_a": 0, "transpose_b": 1}
FACTORS = frozenset(("eigh", "eigvalsh", "cholesky", "qr"))


def parts(reader: CellReader, library: str, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """The tensors that a function gives; None where it is none of these, or its parts are equal."""
    if name == "meshgrid":
        if left := keywords.keys() - {"indexing"}:
            raise CannotFollow(f"meshgrid with {min(left)} is not followed", reader.span(node))
        return _meshgrid(reader, library, args, keywords, node)
    if name == "where" and len(args) == 1 and not keywords and isinstance(args[0], TensorObject):
        return nonzero(reader, args[0], [], {"as_tuple": True}, node)
    if name not in (*CUTS, *ALONG) or not args or not isinstance(args[0], TensorObject):
        return None
    x, told = args[0], args[1] if len(args) > 1 else next((keywords[one] for one in GIVEN if one in keywords), None)
    dim = args[2] if len(args) > 2 else keywords.get("dim", keywords.get("axis", 0))
    shape = reader.engine.shape(x)
    if name in ALONG:
        dim = 0 if name == "hsplit" and len(shape) == 1 else ALONG[name]
    if not isinstance(dim, int) or not -len(shape) <= dim < len(shape):
        return None
    try:
        cut = bounds(shape, told, dim, _how(library, name, told))
    except ShapeError:  # an error there, too
        return None
    if library == "torch" and name in ("chunk", "split") and len({b - a for a, b in cut}) == 1:
        return None
    whole = [slice(None)] * (dim % len(shape))
    found = tuple(reader.graph.subscript(x, (*whole, slice(a, b)), reader.span(node)) for a, b in cut)
    if library == "torch" and name in ("chunk", "split", "split_with_sizes"):
        function = "Split" if isinstance(told, int) else "SplitWithSizes"
        for place, one in enumerate(found):
            one.several = f"Output {place} of {function}"
    return found


def _how(library: str, name: str, told: Any) -> str:
    """By which rule a library's function cuts."""
    if name == "chunk":
        return "chunks"
    if name in ("tensor_split", "array_split"):
        return "sections"
    is_equal = name in ALONG or library in ("np", "jax") or (library == "tf" and isinstance(told, int))
    return "equal" if is_equal else "sizes"


def _meshgrid(
    reader: CellReader, library: str, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> tuple[TensorObject, ...]:
    span = reader.span(node)
    given = list(args[0]) if len(args) == 1 and isinstance(args[0], (list, tuple)) else args
    indexing = keywords.get("indexing", "ij" if library == "torch" else "xy")
    if not all(isinstance(one, TensorObject) and len(reader.engine.shape(one)) == 1 for one in given):
        raise CannotFollow("meshgrid is followed of vectors", span)
    places = list(range(len(given)))
    if indexing == "xy" and len(given) > 1:
        places[:2] = [1, 0]
    shape = [0] * len(given)
    for one, place in zip(given, places):
        shape[place] = reader.engine.shape(one)[0]
    found = []
    for one, place in zip(given, places):
        sizes = [shape[place] if i == place else 1 for i in range(len(shape))]
        row = reader.graph.method(one, "reshape", sizes, {}, span, span)
        spread = reader.graph.call(["torch", "broadcast_to"], [row, tuple(shape)], {}, span, span)
        found.append(reader.graph.view(spread, reader.graph.view(row, one)) if library == "torch" else spread)
    return tuple(found)


def factor_words(
    reader: CellReader, name: str, args: list[Any], keywords: dict[str, Any]
) -> tuple[dict[str, Any], bool]:
    """The words of a factorization without those that change nothing of a symmetric matrix; whether it is turned."""
    if name not in FACTORS:
        return keywords, False
    left, turned = dict(keywords), False
    if name.startswith("eig") and left.get("UPLO", "L") in ("L", "U", "l", "u"):
        left.pop("UPLO", None)
    if name == "cholesky":
        turned = bool(left.pop("upper", False))
    if name == "qr":
        mode = left.get("mode", "reduced")
        shape = reader.engine.shape(args[0]) if args and isinstance(args[0], TensorObject) else ()
        if mode == "reduced" or (mode == "complete" and len(shape) == 2 and shape[0] <= shape[1]):
            left.pop("mode", None)
    return left, turned


def turned_operands(
    reader: CellReader, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of tf.matmul with transpose_a and transpose_b done."""
    if name != "matmul" or not keywords.keys() & TURNING.keys():
        return args, keywords
    operands, span = [*args], reader.span(node)
    for word, place in TURNING.items():
        if keywords.get(word) and place < len(operands):
            operands[place] = reader.graph.method(operands[place], "transpose", [-2, -1], {}, span, span)
    return operands, {word: value for word, value in keywords.items() if word not in TURNING}


def bounded(name: str, args: list[Any], keywords: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of clip and clamp without bounds that are None, and with NumPy's names as torch's."""
    if name not in ("clip", "clamp", "clip_", "clamp_"):
        return args, keywords
    words = {{"a_min": "min", "a_max": "max"}.get(word, word): value for word, value in keywords.items()}
    if len(args) == 3 and None not in args and not words:
        return args, words
    words |= dict(zip(("min", "max"), args[1:]))
    return args[:1], {word: value for word, value in words.items() if value is not None or word not in ("min", "max")}


def corrected(name: str, args: list[Any], keywords: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of var and std with what torch called unbiased as the correction that it is."""
    if name not in ("var", "std"):
        return args, keywords
    words = dict(keywords)
    if "unbiased" in words:
        words["correction"] = int(bool(words.pop("unbiased")))
    elif len(args) == 2 and isinstance(args[1], bool):
        words["correction"], args = int(args[1]), args[:1]
    return args, words
