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
from gradcli.cells.signatures import data_of, taken
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow, LibraryPath
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
        if tensor.base is not None:
            tensor.part()
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
    given = data_of(reader, library, name, args, keywords, node)
    value, wanted = given.get("data"), given.get("dtype")
    if name in OLD and value is not None and all(isinstance(one, int) for one in args) and not isinstance(value, bool):
        raise CannotFollow(f"{name} of a size has no numbers in it yet", reader.span(node))
    if isinstance(value, TensorObject):
        shared = name in ("as_tensor", "asarray", "from_numpy", "Variable", "Parameter", "Tensor")
        shared = shared or keywords.get("copy", True) is False
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
    if value.library == library and library == "np":
        return value
    if not value.requires_grad and not value.is_variable:
        return reader.graph.view(TensorObject(value.vertex, library=library), value, True)
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
    graph, given = reader.graph, taken(reader, library, name, args, keywords, node)
    dtype = graph.default if library == "torch" else "float64" if library == "np" else "float32"
    own, shape = given.get("dtype"), tuple[int, ...]()
    if is_like := name.endswith("_like"):
        shape, dtype = reader.engine.shape(given["input"]), given["input"].vertex.dtype
    name = name.removesuffix("_like")
    if own is not None:
        dtype = dtype_of(own, library, node, reader)
    if name in RANGES:
        data, whole = RANGES[name](reader, given, node, dtype)
        dtype = dtype if own is not None or not whole else "int64"
        return graph.input(rounded(data, dtype), dtype, library)
    if name == "eye":
        return graph.input(_diagonal(reader, given, node), dtype, library)
    if not is_like and name not in ("randperm", "permutation"):
        shape = () if given.get("shape") is None else sizes(reader, [given["shape"]], node)
    if name == "full":
        filling = given["fill_value"]
        value = number(reader, filling, node)
        dtype = "int64" if own is None and isinstance(filling, int) and not is_like else dtype
        return graph.input(_filled(reader, shape, value, dtype, node), dtype, library)
    if name in DRAWN:
        return _drawn(reader, library, name, given, shape, dtype, node)
    made = graph.input(_filled(reader, shape, FILLED.get(name, 0.0), dtype, node), dtype, library)
    if name == "empty":  # it has no numbers yet
        made = graph.input(_filled(reader, shape, math.nan, dtype, node), dtype, library)
        made.is_stale = made.vertex.is_blank = True
    return made


def _diagonal(reader: CellReader, given: dict[str, Any], node: ast.AST) -> Array:
    """torch.eye(n, m), np.eye(N, M, k)"""
    columns = given["n"] if given.get("m") is None else given["m"]
    rows, columns = sizes(reader, [given["n"], columns], node)
    above = given.get("k", 0)
    numbers = array("d", [0.0]) * (rows * columns)
    for index in range(max(0, -above), min(rows, columns - above)):
        numbers[index * columns + index + above] = 1.0
    return Array((rows, columns), numbers)


ENDS = {"randint": ("low", "high"), "uniform": ("low", "high"), "normal": ("mean", "std")}


def _drawn(
    reader: CellReader, library: str, name: str, given: dict[str, Any], shape: tuple[int, ...], dtype: str,
    node: ast.AST,
) -> TensorObject:  # fmt: skip
    kind, bounds = DRAWN[name], tuple[float, ...]()
    if library == "tf" and "tf" in reader.random.streams:
        raise CannotFollow("the numbers that TensorFlow draws from a seed are not known", reader.span(node))
    if kind in ENDS:
        low, high = (given.get(word) for word in ENDS[kind])
        if kind == "randint" and high is None:
            low, high = 0, low
        ends = (0.0 if low is None else low, 1.0 if high is None and kind != "randint" else high)
        bounds = (number(reader, ends[0], node), number(reader, ends[1], node))
    if kind == "randint" and "dtype" not in given:
        dtype = "int64"
    if kind == "randperm":
        shape, dtype = sizes(reader, [given["n"]], node), "int64"
    if kind == "uniform" and dtype == "int64":
        raise CannotFollow(f"{name} of whole numbers is not followed", reader.span(node))
    check_size(reader, shape, node)
    drawn = "float32" if dtype == "int64" else dtype
    own = getattr(given.get("generator"), "own", None)
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
