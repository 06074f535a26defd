"""Functions of functions, of torch.func, torch.autograd.functional and JAX: vmap, jvp, vjp, products with Hessians."""

from __future__ import annotations

import ast
from typing import Any

from gradcli.cells import differentiation, pytrees
from gradcli.cells.base import CellReader
from gradcli.cells.engine import plain
from gradcli.cells.products import Pullback, listed
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow, Ignored, ReaderFunction
from gradcli.errors import Span
from gradcli.tape.arrays import Array

MOST_MAPPED = 64  # entries that a function is mapped over: each is written out
BLOCKS = "of these, vmap keeps the derivatives of each row by its own"


def functional(name: str, reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """torch.autograd.functional.jacobian(f, inputs) and hessian."""
    function, inputs = args[0], args[1] if len(args) > 1 else keywords.get("inputs")
    values = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
    return differentiation.differentiated(reader, name, function, values, None, isinstance(inputs, (list, tuple)), node)


def checked(order: int, reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Ignored:
    """gradcheck(f, inputs), gradgradcheck (2), JAX's check_grads (0): what they check is differentiated."""
    values = listed(args[1] if len(args) > 1 else keywords["inputs"])
    tensors = [place for place, one in enumerate(values) if isinstance(one, TensorObject)]
    places = [place for place in tensors if values[place].requires_grad or order == 0]
    if order < 2:
        differentiation.differentiated(reader, "jacobian", args[0], values, places, True, node)
    return Ignored("the check itself")


def transformed(
    name: str, library: str, reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> ReaderFunction:
    """jax.grad(f), torch.func.jacrev(f): a function that gives derivatives."""
    function = args[0] if args else keywords.get("fun", keywords.get("func"))
    places = keywords.get("argnums", args[1] if len(args) > 1 else 0)
    has_aux, is_forward = bool(keywords.get("has_aux")), name == "jacfwd"
    if name in JACOBIANS and isinstance(function, ReaderFunction) and function.name in ("grad", *JACOBIANS):
        if function.places != places:
            raise CannotFollow("second derivatives by different arguments are not followed", reader.span(node))
        is_forward, name, function = function.name == "jacfwd", "hessian", function.function

    def call(inner: list[Any], words: dict[str, Any], place: ast.AST) -> Any:
        several = isinstance(places, (list, tuple))
        return differentiation.differentiated(
            reader, name, function, inner, places, several, place, library, has_aux, words, is_forward
        )

    return ReaderFunction(name, call, function, places)


JACOBIANS = ("jacobian", "jacfwd")
MAPPED_AS_THEY_ARE = ("partial", "vmap", "custom")  # functions that differentiate nothing


def vmap(library: str, reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> ReaderFunction:
    """vmap(f, in_dims=0): f of each entry, stacked; of a gradient, that of the sum, or a row for each entry."""
    function = args[0] if args else keywords.get("func", keywords.get("fun"))
    dims = keywords.get("in_dims", keywords.get("in_axes", args[1] if len(args) > 1 else 0))
    if keywords.get("out_dims", keywords.get("out_axes", 0)) != 0:
        raise CannotFollow("vmap with out_dims is not followed", reader.span(node))

    def call(given: list[Any], _keywords: dict[str, Any], place: ast.AST) -> Any:
        along = list(dims) if isinstance(dims, (list, tuple)) else [dims] * len(given)
        if len(along) != len(given) or not all(one is None or isinstance(one, int) for one in along):
            raise CannotFollow("vmap along such dimensions is not followed", reader.span(place))
        if isinstance(function, ReaderFunction) and function.name not in MAPPED_AS_THEY_ARE:
            if any(one not in (0, None) for one in along):
                raise CannotFollow("vmap of a gradient along other dimensions is not followed", reader.span(place))
            return _mapped_gradient(reader, function, given, along, place, library)
        return _stacked(reader, function, given, along, place)

    return ReaderFunction("vmap", call, function)


def _mapped_gradient(
    reader: CellReader, function: ReaderFunction, given: list[Any], along: list[Any], node: ast.AST, library: str
) -> Any:
    """vmap(grad(f)): f of the entries does not mix them: their derivatives are those of the sum, or its blocks."""
    if isinstance(function, Pullback):
        return function.of_rows(reader, given, node)
    places = function.places
    chosen = [places] if isinstance(places, int) else list(places or [0])
    gradient = function.name in differentiation.GRADIENTS
    if function.name in differentiation.WITH_VALUES:
        raise CannotFollow(f"vmap of {function.name} is not followed", reader.span(node))
    is_plain = getattr(function.function, "name", "") in MAPPED_AS_THEY_ARE
    is_nested = isinstance(function.function, ReaderFunction) and not is_plain
    if is_nested or not (gradient or function.name in (*JACOBIANS, "hessian")):
        raise CannotFollow(f"vmap of {function.name} is not followed", reader.span(node))
    mapped = {along[place] for place in chosen}
    if len(mapped) > 1 or (mapped == {None} and function.name == "hessian"):
        raise CannotFollow("vmap by what is mapped and by what is not is not followed", reader.span(node))

    def whole(inner: list[Any], _keywords: dict[str, Any], place: ast.AST) -> Any:
        stacked = _stacked(reader, function.function, inner, along, place)
        if mapped == {None} or function.name in JACOBIANS:
            return stacked
        span = reader.span(place)
        if function.name == "hessian" and len(reader.engine.shape(stacked)) > 1:
            raise CannotFollow("vmap of the Hessians of several outputs is not followed", span)
        return reader.graph.call(["sum"], [stacked], {}, span, span)

    name = "jacobian" if mapped == {None} else function.name
    several = isinstance(places, (list, tuple))
    total = ReaderFunction("vmap", whole, function.function)
    found = differentiation.differentiated(reader, name, total, given, places, several, node, library)
    if gradient or mapped == {None}:
        return found
    ranks = [len(reader.engine.shape(given[place])) for place in chosen]
    reader.derivations[-1].notes.append(BLOCKS)
    blocks = [_blocks(reader, one, rank) for one, rank in zip(found if several else [found], ranks)]
    return tuple(blocks) if several else blocks[0]


def _blocks(reader: CellReader, whole: TensorObject, rank: int) -> TensorObject:
    """Of derivatives of the rows of an output by the rows of an input of a rank those of each row by its own."""
    import torch

    def later() -> Array:
        data = reader.array(whole)
        full = torch.tensor(list(data.data), dtype=torch.float64).reshape(data.shape)
        return plain(torch.diagonal(full, dim1=0, dim2=full.dim() - rank).movedim(-1, 0))

    made = reader.graph.input(None, whole.vertex.dtype, whole.library, later=later)
    made.source = whole.source
    return made


def _stacked(reader: CellReader, function: Any, given: list[Any], along: list[Any], node: ast.AST) -> Any:
    span = reader.span(node)
    sizes = set()
    for one, dim in zip(given, along):
        if dim is None:
            continue
        shape = reader.engine.shape(one) if isinstance(one, TensorObject) else ()
        if not -len(shape) <= dim < len(shape):
            raise CannotFollow("vmap over a dimension that an argument does not have is not followed", span)
        sizes.add(shape[dim])
    if len(sizes) != 1 or not 0 < (size := sizes.pop()) <= MOST_MAPPED:
        raise CannotFollow(f"vmap is followed over 1 to {MOST_MAPPED} entries, the same number of each tensor", span)
    outputs = []
    for place in range(size):
        entry = [one if dim is None else _entry(reader, one, dim, place, span) for one, dim in zip(given, along)]
        outputs.append(reader.invoke(function, entry, {}, node))
    return pytrees.stacked(reader, outputs, span)


def _entry(reader: CellReader, tensor: TensorObject, dim: int, place: int, span: Span) -> TensorObject:
    before = dim % len(reader.engine.shape(tensor))
    return reader.graph.subscript(tensor, (*[slice(None)] * before, place), span)
