"""Tensors that a cell makes: from numbers, by constructors, by random draws."""

from __future__ import annotations

import ast
import math
from array import array
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.graph import FLOATS
from gradcli.cells.nesting import array_of
from gradcli.cells.ranges import RANGES, check_size, number, rounded
from gradcli.cells.values import CannotFollow, LibraryPath, TensorObject
from gradcli.errors import Span
from gradcli.tape.arrays import Array

DTYPES = {
    "float": "float32", "float32": "float32", "double": "float64", "float64": "float64", "half": "float16",
    "float16": "float16", "bfloat16": "bfloat16", "long": "int64", "int": "int64", "int32": "int64", "int64": "int64",
    "short": "int64", "int16": "int64", "uint8": "int64", "bool": "bool", "float_": "float64", "int8": "int64",
    "bool_": "bool",
}  # fmt: skip
OLD = {"FloatTensor": "float32", "DoubleTensor": "float64", "LongTensor": "int64", "Tensor": "float32"}
FROM_DATA = frozenset(("tensor", "as_tensor", "asarray", "array", "Variable", "constant", "from_numpy", "Parameter",
                       "convert_to_tensor", "scalar_tensor", *OLD))  # fmt: skip
DRAWN = {"rand": "rand", "randn": "randn", "randint": "randint", "normal": "normal", "uniform": "uniform",
         "randperm": "randperm", "random": "rand", "random_sample": "rand", "permutation": "randperm"}  # fmt: skip
FILLED = {"zeros": 0.0, "ones": 1.0}


def dtype_of(value: Any, library: str, node: ast.AST, reader: CellReader) -> str:
    """The dtype that an argument names."""
    name = value.path.rpartition(".")[2] if isinstance(value, LibraryPath) else str(value)
    if isinstance(value, LibraryPath) and value.path == "builtins.float":
        name = "float64"
    if name not in DTYPES:
        raise CannotFollow(f"the dtype {name} is not followed", reader.span(node))
    if name == "float" and library == "np":
        return "float64"
    return DTYPES[name]


def make(reader: CellReader, library: str, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """The tensor of a constructor, or None where it is none that is known.

    Raises CannotFollow, PythonRaises.
    """
    if name in FROM_DATA:
        tensor = _from_data(reader, library, name, args, keywords, node)
    elif name.removesuffix("_like") in (*FILLED, "full", "eye", "empty", *DRAWN) or name in RANGES:
        tensor = _constructed(reader, library, name, args, keywords, node)
    else:
        return None
    tensor.is_parameter = name == "Parameter"
    learned = name == "Parameter" or (library == "tf" and name == "Variable" and keywords.get("trainable", True))
    wanted = args[1] if name == "Parameter" and len(args) > 1 else keywords.get("requires_grad", learned)
    if wanted:
        require(reader, tensor, node)
        tensor.is_learned = library == "tf" and name == "Variable"
    return tensor


def require(reader: CellReader, tensor: TensorObject, node: ast.AST) -> None:
    """requires_grad=True"""
    if tensor.vertex.dtype not in FLOATS:
        raise reader.raised(
            "RuntimeError", "only Tensors of floating point dtype can require gradients", node,
            "write the numbers with a point: 3.0",
        )  # fmt: skip
    tensor.requires_grad = True
    tensor.vertex.owner = tensor


def _from_data(
    reader: CellReader, library: str, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> TensorObject:
    value = args[0] if args else keywords.get("data", keywords.get("initial_value", keywords.get("value")))
    wanted = keywords.get("dtype", args[1] if len(args) > 1 and library != "torch" else None)
    if name in OLD and value is not None and all(isinstance(one, int) for one in args) and not isinstance(value, bool):
        raise CannotFollow(f"{name} of a size has no numbers in it yet", reader.span(node))
    if isinstance(value, TensorObject):
        shared = name in ("as_tensor", "asarray", "from_numpy", "Variable", "Parameter")
        dtype = dtype_of(wanted, library, node, reader) if wanted is not None else OLD.get(name, value.vertex.dtype)
        return _copied(reader, value, dtype, library) if not shared or dtype != value.vertex.dtype else _taken(
            reader, value, dtype, library
        )  # fmt: skip
    if isinstance(value, range):
        value = list(value)
    if library != "torch" and _is_followed(value):
        return reader.graph.made(reader.graph.operand(value, reader.span(node)), [value])
    data, whole = array_of(value, reader.span(node), reader.array)
    if wanted is not None:
        dtype = dtype_of(wanted, library, node, reader)
    elif name in OLD:
        dtype = OLD[name]
    elif _is_truth(value):
        dtype = "bool"
    elif whole:
        dtype = "int64"
    else:
        dtype = {"torch": reader.graph.default, "jax": "float32", "tf": "float32"}.get(library, "float64")
    return reader.graph.input(rounded(data, dtype), dtype, library)


def _is_followed(value: Any) -> bool:
    """Whether a list holds what is differentiated: JAX and others follow that into an array."""
    if isinstance(value, TensorObject):
        return value.requires_grad or value.is_variable
    return isinstance(value, (list, tuple)) and any(map(_is_followed, value))


def _is_truth(value: Any) -> bool:
    while isinstance(value, (list, tuple)) and value:
        value = value[0]
    return isinstance(value, bool)


def _copied(reader: CellReader, value: TensorObject, dtype: str, library: str) -> TensorObject:
    """A tensor of its own with the numbers of another one."""
    vertex = value.vertex
    if value.vertex.node is not None and not reader.engine.is_known(vertex):
        own = reader.graph.vertex(reader.graph.name(value, Span(0, 0)), dtype)
        return TensorObject(own, library=library, is_variable=value.is_variable)
    return reader.graph.input(None, dtype, library, later=lambda: rounded(reader.engine.data(vertex), dtype))


def _taken(reader: CellReader, value: TensorObject, dtype: str, library: str) -> TensorObject:
    """Another one's numbers, which are not followed from there."""
    if value.vertex.node is None and not value.requires_grad and not value.is_variable:
        return TensorObject(value.vertex, library=library)
    if value.requires_grad and library == "torch":
        return value
    return _copied(reader, value, dtype, library)


def converted(reader: CellReader, value: TensorObject, dtype: str) -> TensorObject:
    """x.float(), x.to(dtype): followed where both are floating numbers."""
    if value.vertex.dtype == dtype:
        return value
    if value.vertex.dtype in FLOATS and dtype in FLOATS and value.requires_grad:
        node = reader.graph.name(value, Span(0, 0))
        vertex = reader.graph.vertex(node, dtype, tracks=frozenset([value.vertex.index]))
        return TensorObject(vertex, True, value.library)
    return _copied(reader, value, dtype, value.library)


def _constructed(
    reader: CellReader, library: str, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> TensorObject:
    graph = reader.graph
    dtype = graph.default if library == "torch" else "float64" if library == "np" else "float32"
    own = keywords.get("dtype")
    likeness = None
    if name.endswith("_like") or (
        args and isinstance(args[0], TensorObject) and name not in RANGES and name != "normal"
    ):
        likeness, args = args[0], args[1:]
        shape = reader.engine.shape(likeness)
        dtype = likeness.vertex.dtype
    name = name.removesuffix("_like")
    if own is not None:
        dtype = dtype_of(own, library, node, reader)
    if name in RANGES:
        data, whole = RANGES[name](reader, args, keywords, node, dtype)
        dtype = dtype if own is not None or not whole else "int64"
        return graph.input(rounded(data, dtype), dtype, library)
    if name == "full":
        size = keywords.get("fill_value", args[-1] if args else None)
        if likeness is None:
            shape = sizes(reader, [keywords.get("size", args[0] if args else ())], node)
        value = number(reader, size, node)
        if own is None and isinstance(size, int):
            dtype = "int64"
        return graph.input(_filled(reader, shape, value, dtype, node), dtype, library)
    if name == "eye":
        rows, columns = (*sizes(reader, args, node), *sizes(reader, args, node))[:2]
        check_size(reader, (rows, columns), node)
        numbers = array("d", [0.0]) * (rows * columns)
        for index in range(min(rows, columns)):
            numbers[index * columns + index] = 1.0
        return graph.input(Array((rows, columns), numbers), dtype, library)
    if name in DRAWN:
        shape = () if likeness is None else shape
        return _drawn(reader, library, name, args, keywords, shape, likeness is not None, dtype, node)
    if likeness is None:
        shape = sizes(reader, args or [keywords.get("size", keywords.get("shape", ()))], node)
    made = graph.input(_filled(reader, shape, FILLED.get(name, 0.0), dtype, node), dtype, library)
    made.is_stale = name == "empty"  # it has no numbers yet
    return made


def _drawn(
    reader: CellReader, library: str, name: str, args: list[Any], keywords: dict[str, Any],
    shape: tuple[int, ...], is_like: bool, dtype: str, node: ast.AST,
) -> TensorObject:  # fmt: skip
    kind, bounds = DRAWN[name], tuple[float, ...]()
    if kind in ("randint", "uniform", "normal") and not is_like:
        names = {"randint": ("low", "high"), "uniform": ("low", "high"), "normal": ("mean", "std")}[kind]
        given = [number(reader, one, node) for one in args if isinstance(one, (int, float))][:2]
        given += [number(reader, keywords[one], node) for one in names if one in keywords]
        default = {"randint": (0.0,), "uniform": (0.0, 1.0), "normal": (0.0, 1.0)}[kind]
        if len(given) == 1 and kind == "randint":
            given = [0.0, given[0]]
        bounds = (*given, *default[len(given) :])[:2]
        rest = [one for one in args if not isinstance(one, (int, float))]
        shape = sizes(reader, rest or [keywords.get("size", ())], node)
        dtype = "int64" if kind == "randint" and "dtype" not in keywords else dtype
    elif not is_like:
        shape = sizes(reader, args or [keywords.get("size", ())], node)
    if kind == "randperm":
        dtype = "int64"
    check_size(reader, shape, node)
    drawn = "float32" if dtype == "int64" else dtype
    own = getattr(keywords.get("generator"), "own", None)
    data = reader.random.draw("torch" if library == "torch" else "np", kind, shape, *bounds, dtype=drawn, own=own)
    return reader.graph.input(data, dtype, library)


def sizes(reader: CellReader, args: list[Any], node: ast.AST) -> tuple[int, ...]:
    """The sizes that arguments give, one by one or as a list."""
    given = args[0] if len(args) == 1 and isinstance(args[0], (list, tuple)) else args
    found = tuple(int(one) for one in given if isinstance(one, int))
    if len(found) != len(given) or any(one < 0 for one in found):
        raise CannotFollow("the sizes of a tensor are whole numbers", reader.span(node))
    check_size(reader, found, node)
    return found


def _filled(reader: CellReader, shape: tuple[int, ...], value: float, dtype: str, node: ast.AST) -> Array:
    check_size(reader, shape, node)
    one = rounded(Array((1,), array("d", [value])), dtype).data[0]
    return Array(shape, array("d", [one]) * math.prod(shape))
