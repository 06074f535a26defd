"""What is drawn among what is there: Python's random, choices of NumPy, multinomial and dropout of torch."""

from __future__ import annotations

import ast
from array import array
from collections.abc import Callable
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.creation import sizes
from gradcli.cells.in_place import change
from gradcli.cells.random_numbers import MAX_DRAWN
from gradcli.cells.ranges import number
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow
from gradcli.tape.arrays import Array

# Of Python's random: what takes numbers, and what takes a list.
_NUMBERS = frozenset(("random", "uniform", "randint", "randrange", "gauss", "normalvariate", "expovariate"))
_LISTS = frozenset(("shuffle", "choice", "choices", "sample"))


def of_python(name: str, reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """random.shuffle(x), random.uniform(-1, 1): as Python draws them from the seed of the cell."""
    stream = reader.random.of("random")
    if name in _NUMBERS and all(isinstance(one, (int, float)) for one in (*args, *keywords.values())):
        return getattr(stream, name)(*args, **keywords)
    if name in _LISTS and isinstance(args[0], (list, range, tuple, str)):
        count = keywords.get("k", args[1] if len(args) > 1 and name == "sample" else 1)
        if not isinstance(count, int) or count > MAX_DRAWN:
            raise CannotFollow("too many random items are drawn", reader.span(node))
        return getattr(stream, name)(*args, **keywords)
    raise CannotFollow(f"random.{name} of this is not followed", reader.span(node))


def numpy_choice(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """np.random.choice(a, size, replace, p)"""
    given = dict(zip(("a", "size", "replace", "p"), args)) | keywords
    data, size, weights = given["a"], given.get("size"), given.get("p")
    shape = () if size is None else sizes(reader, [size], node)
    among = data if isinstance(data, int) else _row(reader, data, node)
    own = None if weights is None else _row(reader, weights, node)
    found = reader.random.of("np").choice(among, size=shape, replace=bool(given.get("replace", True)), p=own)
    whole = isinstance(data, int) or (isinstance(data, TensorObject) and data.vertex.dtype == "int64")
    if size is None:
        return int(found) if whole else float(found)
    numbers = Array(shape, array("d", [float(one) for one in found.reshape(-1)]))
    return reader.graph.input(numbers, "int64" if whole else "float64", "np")


def numpy_shuffle(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> None:
    """np.random.shuffle(x), of a list"""
    if not isinstance(args[0], list):
        raise CannotFollow("a shuffle of this is not followed", reader.span(node))
    places = list(range(len(args[0])))
    reader.random.of("np").shuffle(places)
    args[0][:] = [args[0][place] for place in places]


def _row(reader: CellReader, value: Any, node: ast.AST) -> list[float]:
    found = list(reader.array(value).data) if isinstance(value, TensorObject) else list(value)
    if not all(isinstance(one, (int, float)) for one in found):
        raise CannotFollow("a choice among these is not followed", reader.span(node))
    return found


def multinomial(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> TensorObject:
    """torch.multinomial(p, num_samples, replacement, generator=...)"""
    given = dict(zip(("input", "num_samples", "replacement"), args)) | keywords
    import torch

    return _by_torch(
        reader, given["input"], "int64", given.get("generator"), node,
        lambda weights, own: torch.multinomial(
            weights, int(given["num_samples"]), bool(given.get("replacement", False)), generator=own
        ),
    )  # fmt: skip


def bernoulli(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> TensorObject:
    """torch.bernoulli(p)"""
    import torch

    chances = args[0] if args else keywords["input"]
    return _by_torch(
        reader, chances, chances.vertex.dtype, keywords.get("generator"), node,
        lambda weights, own: torch.bernoulli(weights, generator=own),
    )  # fmt: skip


def _by_torch(
    reader: CellReader, given: TensorObject, dtype: str, generator: Any, node: ast.AST, draw: Callable[[Any, Any], Any]
) -> TensorObject:
    import torch

    own = getattr(generator, "own", None) or reader.random.of("torch")
    data = reader.array(given)
    kind = getattr(torch, given.vertex.dtype)
    try:
        found = draw(torch.tensor(list(data.data), dtype=torch.float64).reshape(data.shape).to(kind), own)
    except RuntimeError as error:
        raise reader.raised("RuntimeError", str(error)[:100], node) from None
    numbers = array("d", found.double().reshape(-1).tolist())
    return reader.graph.input(Array(tuple(found.shape), numbers), dtype)


def dropped(reader: CellReader, value: TensorObject, chance: float, node: ast.AST) -> TensorObject:
    """A dropout in training: each entry times 0 or 1/(1 - p), as torch draws that."""
    import torch

    if chance == 0:
        return value
    if not 0 < chance <= 1:
        message = f"dropout probability has to be between 0 and 1, but got {chance}"
        raise reader.raised("ValueError", message, node)
    span, shape = reader.span(node), reader.engine.shape(value)
    kept = torch.empty(shape, dtype=getattr(torch, value.vertex.dtype)).bernoulli_(
        1 - chance, generator=reader.random.of("torch")
    )
    numbers = array("d", (kept / (1 - chance) if chance < 1 else kept).double().reshape(-1).tolist())
    mask = reader.graph.input(Array(tuple(shape), numbers), value.vertex.dtype)
    return reader.graph.operation("*", [value, mask], span, span)


def dropout(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> TensorObject:
    """F.dropout(x, p, training)"""
    given = dict(zip(("input", "p", "training", "inplace"), args)) | keywords
    chance = number(reader, given.get("p", 0.5), node)
    result = dropped(reader, given["input"], chance if given.get("training", True) else 0.0, node)
    is_in_place = given.get("inplace") and result is not given["input"]
    return change(reader, given["input"], result, node) if is_in_place else result


PYTHON = tuple(sorted(_NUMBERS | _LISTS))
