"""Functions of functions, of torch.func, torch.autograd.functional and JAX: vmap, jvp, vjp, products with Hessians."""

from __future__ import annotations

import ast
from array import array
from collections.abc import Sequence
from typing import Any

from gradcli.cells import autograd, differentiation, pytrees
from gradcli.cells.base import CellReader
from gradcli.cells.creation import require
from gradcli.cells.derivations import followed, total_of
from gradcli.cells.engine import plain
from gradcli.cells.tensors import Gradient, TensorObject
from gradcli.cells.values import CannotFollow, Ignored, ReaderFunction
from gradcli.errors import Span
from gradcli.language.nodes import Call
from gradcli.tape.arrays import Array

MOST_MAPPED = 64  # entries that a function is mapped over: each is written out
BLOCKS = "of these, vmap keeps the derivatives of each row by its own"
STEP = "t"  # of a jvp: how far the point is moved


def functional(name: str, reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """torch.autograd.functional.jacobian(f, inputs) and hessian."""
    function, inputs = args[0], args[1] if len(args) > 1 else keywords.get("inputs")
    values = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
    return differentiation.differentiated(reader, name, function, values, None, isinstance(inputs, (list, tuple)), node)


def checked(order: int, reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Ignored:
    """gradcheck(f, inputs), gradgradcheck (2), JAX's check_grads (0): what they check is differentiated."""
    values = _listed(args[1] if len(args) > 1 else keywords["inputs"])
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
    has_aux = bool(keywords.get("has_aux"))
    if name == "jacobian" and isinstance(function, ReaderFunction) and function.name in ("grad", "jacobian"):
        if function.places != places:
            raise CannotFollow("second derivatives by different arguments are not followed", reader.span(node))
        name, function = "hessian", function.function

    def call(inner: list[Any], words: dict[str, Any], place: ast.AST) -> Any:
        several = isinstance(places, (list, tuple))
        return differentiation.differentiated(
            reader, name, function, inner, places, several, place, library, has_aux, words
        )

    return ReaderFunction(name, call, function, places)


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
    if is_nested or not (gradient or function.name in ("jacobian", "hessian")):
        raise CannotFollow(f"vmap of {function.name} is not followed", reader.span(node))
    mapped = {along[place] for place in chosen}
    if len(mapped) > 1 or (mapped == {None} and function.name == "hessian"):
        raise CannotFollow("vmap by what is mapped and by what is not is not followed", reader.span(node))

    def whole(inner: list[Any], _keywords: dict[str, Any], place: ast.AST) -> Any:
        stacked = _stacked(reader, function.function, inner, along, place)
        if mapped == {None} or function.name == "jacobian":
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


# Products with the Jacobian and with the Hessian


def vjp(library: str, reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """vjp(f, *primals): the value, and a function of the weights of its entries."""
    output, by, _ = differentiation.evaluated(reader, args[0], list(args[1:]), range(len(args) - 1), node, library)

    return output, Pullback(reader, output, by, args[0])


class Pullback(ReaderFunction):
    """What vjp gives besides the value: a function of the weights of its entries."""

    def __init__(self, reader: CellReader, output: TensorObject, by: list[TensorObject], function: Any) -> None:
        def call(weights: list[Any], _keywords: dict[str, Any], place: ast.AST) -> Any:
            return tuple(_by_weights(reader, output, by, weights[0], place))

        super().__init__("vjp", call, function)
        self.output = output
        self.by = by

    def of_rows(self, reader: CellReader, given: list[Any], node: ast.AST) -> Any:
        """vmap of it: each row of a matrix of weights, times the Jacobian."""
        return tuple(autograd.rows(reader, self.output, self.by, given[0], node))


def functional_vjp(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """torch.autograd.functional.vjp(f, inputs, v): the value and vᵀ·J."""
    inputs, v = _inputs(args, keywords)
    output, by, _ = differentiation.evaluated(reader, args[0], inputs, range(len(inputs)), node, "torch")
    return output, _shaped(_by_weights(reader, output, by, v, node), args)


def functional_hvp(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """torch.autograd.functional.hvp(f, inputs, v), and vhp: the value and the Hessian's product with v."""
    inputs, v = _inputs(args, keywords)
    output, by, _ = differentiation.evaluated(reader, args[0], inputs, range(len(inputs)), node, "torch")
    if len(by) != 1 or not isinstance(v, TensorObject):
        raise CannotFollow("a product with the Hessian by several tensors is not followed", reader.span(node))
    gradient = _gradient(reader, output, by[0], node)
    return output, _shaped(_by_weights(reader, gradient, by, v, node), args)


def jvp(library: str, reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """jvp(f, primals, tangents): the value and J·v, the derivative by how far the point is moved along v."""
    span = reader.span(node)
    primals, tangents = (_listed(one) for one in args[1:3])
    if len(tangents) != len(primals):
        raise CannotFollow("a tangent is needed for each argument", span)
    dtype = next((one.vertex.dtype for one in primals if isinstance(one, TensorObject)), "float32")
    step = reader.graph.input(Array((), array("d", [0.0])), dtype, library)
    step.vertex.name = STEP
    require(reader, step, node)
    moved = [
        reader.graph.operation("+", [x, reader.graph.operation("*", [step, v], span, span)], span, span)
        for x, v in zip(primals, tangents)
    ]
    for one in moved:
        one.is_variable = True  # a gradient within is differentiated again
    output = reader.invoke(args[0], moved, {}, node)
    if not isinstance(output, TensorObject):
        raise CannotFollow("what the function gives is no tensor", span)
    if all(one.index != step.vertex.index for one in followed(reader.graph, output.vertex)):
        raise CannotFollow("the value does not depend on what it is differentiated by: that is 0", span)
    note = f"J·v is the derivative by {STEP}, how far the point is moved along v"
    made = autograd.derivation(reader, output, [(step, step.vertex)], None, node, is_jacobian=True, notes=[note])
    reader.derivations.append(made)
    gradient = Gradient([(made, 0)])
    shape = reader.engine.shape(output)
    found = reader.graph.input(None, dtype, output.library, later=lambda: total_of(gradient, shape))
    found.source = gradient
    return output, found


def functional_jvp(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """torch.autograd.functional.jvp(f, inputs, v)."""
    inputs, v = _inputs(args, keywords)
    return jvp("torch", reader, [args[0], inputs, v], {}, node)


def _inputs(args: list[Any], keywords: dict[str, Any]) -> tuple[list[Any], Any]:
    inputs = args[1] if len(args) > 1 else keywords.get("inputs")
    v = args[2] if len(args) > 2 else keywords.get("v")
    listed = _listed(v)
    return _listed(inputs), listed[0] if len(listed) == 1 else v


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _shaped(found: Sequence[Any], args: list[Any]) -> Any:
    return tuple(found) if isinstance(args[1], (list, tuple)) else found[0]


def _by_weights(
    reader: CellReader, output: TensorObject, by: Sequence[TensorObject], weights: Any, node: ast.AST
) -> list[TensorObject]:
    given = weights[0] if isinstance(weights, (list, tuple)) and len(weights) == 1 else weights
    output.requires_grad = True
    return autograd.gradients(reader, output, by, given, False, True, node)


def _gradient(reader: CellReader, output: TensorObject, by: TensorObject, node: ast.AST) -> TensorObject:
    """The gradient as an operation, to be differentiated again."""
    span = reader.span(node)
    names = reader.graph.name(output, span), reader.graph.name(by, span)
    made = reader.graph.made(Call("diff", names, span, span), [output, by])
    made.vertex.shape = reader.engine.shape(by)
    return made
