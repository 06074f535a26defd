"""What tensors have: attributes and methods, those that change them in place among them."""

from __future__ import annotations

import ast
from array import array
from functools import partial
from typing import Any

from gradcli.cells import accumulated, autograd, hooks
from gradcli.cells.base import CellReader
from gradcli.cells.creation import converted, dtype_of, require
from gradcli.cells.graph import FLOATS
from gradcli.cells.in_place import ASSIGNED, assigned
from gradcli.cells.memory import is_contiguous
from gradcli.cells.outputs import is_along, named_view, values_of
from gradcli.cells.outs import put_out
from gradcli.cells.parts import bounded, corrected, parts
from gradcli.cells.shaped import SHAPED, Method
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow, Ignored, LibraryPath, PlacesObject
from gradcli.cells.written import clone, is_writing, written
from gradcli.functions.several import ALONG, BY_LIBRARY
from gradcli.tape.arrays import Array

COMPARED = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
SAME = frozenset(("cpu", "cuda", "contiguous", "to_dense", "asnumpy", "block_until_ready", "share_memory_"))
CONVERSIONS = frozenset(("float", "double", "half", "long", "int", "bool"))


def attribute(reader: CellReader, tensor: TensorObject, name: str, node: ast.AST) -> Any:
    """x.grad, x.shape and the like; None for what is a method."""
    if name == "grad":
        return accumulated.gradient_of(reader, tensor)
    if name == "data" and tensor.source is not None:
        return tensor
    if name == "data" and tensor.library == "np":
        return None  # Python's memoryview
    if name == "data":
        return reader.graph.view(detached(reader, tensor, node, holder=tensor), tensor, True)
    if name == "shape":
        return tuple(reader.engine.shape(tensor))
    if name == "ndim":
        return len(reader.engine.shape(tensor))
    if name == "requires_grad":
        return tensor.requires_grad
    if name == "is_leaf":
        return tensor.is_leaf
    if name == "dtype":
        return LibraryPath(f"torch.{tensor.vertex.dtype}")
    if name == "size" and tensor.library == "np":
        return len(reader.array(tensor).data)
    if name in ("grad_fn", "device", "_version", "names", "is_cuda", "layout", "_grad", "next_functions"):
        return Ignored(f"what {name} shows is not a number")
    if name == "at" and tensor.library == "jax":
        return PlacesObject(tensor)
    return _turned(reader, tensor, name, node)


def _turned(reader: CellReader, tensor: TensorObject, name: str, node: ast.AST) -> TensorObject | None:
    """x.T, x.mT, x.H, x.real: views without brackets; None where it is none of them."""
    span, rank = reader.span(node), len(reader.engine.shape(tensor)) if name in ("mT", "H", "mH") else 0
    if name == "real" and tensor.vertex.dtype in FLOATS:
        return tensor if tensor.library == "torch" else reader.graph.view(clone(reader, tensor, [], {}, node), tensor)
    if name in ("mT", "mH") and rank > 2:
        return method(reader, tensor, "transpose", [-2, -1], {}, node) if tensor.library == "torch" else None
    if name == "T" or rank == 2:
        return reader.graph.view(reader.graph.method(tensor, "T", [], {}, span, span), tensor)
    return None


def detached(
    reader: CellReader, tensor: TensorObject, node: ast.AST, holder: TensorObject | None = None
) -> TensorObject:
    """The same numbers, not followed from there; what changes them changes `holder`, too."""
    if not tensor.requires_grad and not tensor.is_variable:
        return TensorObject(tensor.vertex, False, tensor.library, source=tensor.source, holder=holder or tensor.holder)
    vertex = reader.graph.vertex(reader.graph.name(tensor, reader.span(node)), tensor.vertex.dtype)
    return TensorObject(vertex, False, tensor.library, source=tensor.source, holder=holder or tensor.holder)


def method(
    reader: CellReader, tensor: TensorObject, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """What a method gives.

    Raises CannotFollow, PythonRaises.
    """
    if tensor.library not in ("np", "jax"):
        (_, *args), keywords = corrected(name, [tensor, *args], keywords)
    if tensor.library == "np" and name == "clip" and len(args) == 3 and isinstance(args[2], TensorObject):
        clipped = partial(method, reader, tensor, name, args[:2], keywords, node)
        return put_out(reader, args[2], "numpy.clip", [tensor], clipped, node)
    (_, *args), keywords = bounded(name, [tensor, *args], keywords)
    if is_writing(name, tensor):
        return written(reader, tensor, name, args, keywords, node)
    found = _method(reader, tensor, name, args, keywords, node)
    return named_view(reader, tensor.library, name, args, tensor, found)


def _method(
    reader: CellReader, tensor: TensorObject, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """What a method gives that leaves the tensor as it is."""
    special = _SPECIAL.get(name)
    if special is not None:
        return special(reader, tensor, args, keywords, node)
    if name in SAME:
        if name == "contiguous" and not is_contiguous(reader, tensor):
            return clone(reader, tensor, [], {}, node)
        return tensor
    if name in CONVERSIONS:
        return converted(reader, tensor, dtype_of(LibraryPath(f"torch.{name}"), "torch", node, reader))
    if (several := parts(reader, tensor.library, name, [tensor, *args], keywords, node)) is not None:
        return several
    if tensor.library == "torch" and is_along(name, [tensor, *args], keywords):
        return values_of(reader, ALONG[name], [tensor, *args], keywords, node)
    if tensor.library == "torch" and (function := BY_LIBRARY.get(("torch", name))) is not None:
        return values_of(reader, function, [tensor, *args], keywords, node)
    if name in COMPARED and len(args) == 1:
        return reader.graph.operation(COMPARED[name], [tensor, args[0]], reader.span(node), reader.span(node))
    span = reader.span(node)
    if tensor.library in ("np", "jax"):  # the function of that name
        return reader.graph.call(["np", name], [tensor, *args], keywords, span, span)
    return reader.graph.method(tensor, name, args, keywords, span, span)


def _truth(every: bool) -> Method:
    """x.all(), x.any(): whether all entries, or some, are other than 0."""

    def call(
        reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST
    ) -> TensorObject:
        if args or keywords:
            raise CannotFollow("all and any along a dimension are not followed", reader.span(node))
        data = reader.array(tensor).data
        found = all(data) if every else any(data)
        return reader.graph.input(Array((), array("d", [float(found)])), "bool", tensor.library)

    return call


def _backward(
    reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    return autograd.backward(reader, tensor, args, keywords, node)


def _detach(reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    return reader.graph.view(detached(reader, tensor, node), tensor, True)


def _detach_in_place(
    reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    found = detached(reader, tensor, node)
    tensor.vertex, tensor.requires_grad = found.vertex, False
    return tensor


def _requires_grad(
    reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    wanted = args[0] if args else keywords.get("requires_grad", True)
    set_requires_grad(reader, tensor, bool(wanted), node)
    return tensor


def set_requires_grad(reader: CellReader, tensor: TensorObject, wanted: bool, node: ast.AST) -> None:
    """x.requires_grad_(), x.requires_grad = True"""
    if not wanted:
        if not tensor.is_leaf:
            raise reader.raised("RuntimeError", "you can only change requires_grad flags of leaf variables.", node)
        tensor.requires_grad = False
        return
    if tensor.requires_grad:
        return
    if tensor.vertex.node is not None:  # computed without being followed: a leaf now, with these numbers
        computed = tensor.vertex
        made = reader.graph.input(None, computed.dtype, tensor.library, later=lambda: reader.engine.data(computed))
        made.vertex.name, made.vertex.shape = computed.name, computed.shape
        tensor.vertex = made.vertex
    require(reader, tensor, node)


def _outside(reader: CellReader, tensor: TensorObject, node: ast.AST) -> Any:
    """x.numpy(), x.item(): as torch, refused for what is followed where torch refuses it."""
    if tensor.is_variable and tensor.library not in ("torch", "tf"):
        return tensor
    found = detached(reader, tensor, node)
    found.holder = None
    if found.vertex.dtype in FLOATS:
        found = TensorObject(found.vertex, False, "np", source=tensor.source)
    return reader.graph.view(found, tensor, True)


def _listed(reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """x.tolist(): numbers of its own."""
    found = _outside(reader, tensor, node)
    if found is not tensor:
        found.part()
    return found


def _item(reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """x.item(): a whole number that is known is one of Python's own."""
    if tensor.vertex.dtype == "int64" and not tensor.is_variable:
        return number_of(reader, tensor)
    found = _listed(reader, tensor, args, keywords, node)
    if not tensor.is_variable and reader.engine.shape(found):
        return reader.graph.subscript(found, (0,) * len(reader.engine.shape(found)), reader.span(node))
    return found


def _numpy(reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    if tensor.requires_grad and tensor.library == "torch":
        raise reader.raised(
            "RuntimeError",
            "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
            node,
        )
    return _outside(reader, tensor, node)


def _retain(reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    tensor.retained, tensor.vertex.owner = True, tensor


def _positive(
    reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    return tensor if tensor.library == "torch" else clone(reader, tensor, [], {}, node)


def _hook(reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    return hooks.register(tensor, args[0] if args else keywords["hook"])


def _chosen(reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    return reader.subscripted(tensor, args[0] if args else keywords["mask"], node)


def _late_hook(
    reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    return hooks.register(tensor, args[0] if args else keywords["hook"], is_late=True)


def _to(reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    for one in (*args, *keywords.values()):
        if isinstance(one, LibraryPath) and not one.path.endswith("device"):
            return converted(reader, tensor, dtype_of(one, tensor.library, node, reader))
    return tensor


def _astype(reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """x.astype(dtype): a copy, also where nothing is converted."""
    words = {word: value for word, value in keywords.items() if word != "copy"}
    found = _to(reader, tensor, args, words, node)
    is_same = found is tensor and keywords.get("copy", True)
    return clone(reader, tensor, [], {}, node) if is_same else found


def _attach(reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    require(reader, tensor, node)


_SPECIAL: dict[str, Method] = {
    **SHAPED, **{name: partial(assigned, name) for name in ASSIGNED},
    "backward": _backward, "detach": _detach, "detach_": _detach_in_place, "requires_grad_": _requires_grad,
    "item": _item, "tolist": _listed, "numpy": _numpy,
    "positive": _positive, "clone": clone, "copy": clone, "retain_grad": _retain,
    "register_hook": _hook, "register_post_accumulate_grad_hook": _late_hook,
    "masked_select": _chosen, "to": _to, "type": _to,
    "astype": _astype, "attach_grad": _attach, "all": _truth(True), "any": _truth(False),
}  # fmt: skip


def number_of(reader: CellReader, tensor: TensorObject) -> Any:
    """A tensor of one entry as a number of Python."""
    data = reader.array(tensor).data
    if len(data) != 1:
        raise CannotFollow("a tensor of several entries is not a number")
    return int(data[0]) if tensor.vertex.dtype == "int64" else float(data[0])
