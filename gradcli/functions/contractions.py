"""Sums of products over dimensions of tensors: einsum and what is made of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gradcli.functions import entries, equations, shapes
from gradcli.functions.row import SAME, Row
from gradcli.functions.shapes import Shape, ShapeError


def _by_rule(rule: Callable[..., entries.EntryRule], arguments: int) -> dict[str, Any]:
    """The shape, the entry and the backward of a row whose last so many arguments are tensors, by one rule."""

    def shape(*given: Any) -> Shape:
        return equations.shape(rule(*given), given[:arguments])

    def vjp(*given: Any) -> tuple[str | None, ...]:
        return equations.backward(rule(*given), given[:arguments])

    return {"shape": shape, "entry": rule, "vjp": vjp}


# einsum


def _einsum_rule(equation: str, **tensors: Shape) -> entries.EntryRule:
    return equations.rule(tuple(tensors.values()), equation)


def _einsum_shape(equation: str, **tensors: Shape) -> Shape:
    return equations.shape(_einsum_rule(equation, **tensors), tuple(tensors.values()))


def _einsum_backward(equation: str, **tensors: Shape) -> tuple[str | None, ...]:
    return equations.backward(_einsum_rule(equation, **tensors), tuple(tensors.values()), tuple(tensors))


def _einsum(equation: str, **tensors: Any) -> Any:
    import torch

    return torch.einsum(equation, *tensors.values())


# tensordot, inner, dot


def _tensordot_rule(x: Shape, y: Shape, dims: Any) -> entries.EntryRule:
    """The last dimensions of the one with the first of the other, so many; or lists of those of each."""
    if isinstance(dims, int):
        if not 0 <= dims <= min(len(x), len(y)):
            raise ShapeError(f"{dims} dimensions are too many")
        left, right = list(range(len(x) - dims, len(x))), list(range(dims))
    else:
        pair = [[one] if isinstance(one, int) else list(one) for one in dims]
        if len(pair) != 2 or len(pair[0]) != len(pair[1]):
            raise ShapeError("dims is a number, or two lists of as many dimensions: [[1], [0]]")
        left, right = (_places(shape, own) for shape, own in zip((x, y), pair))
    first = list(entries.LETTERS[: len(x)])
    second = list(entries.LETTERS[len(x) :] + "mnopqrstuvwxyz")[: len(y)]
    for i, j in zip(left, right):
        if x[i] != y[j]:
            raise ShapeError(f"the sizes of dimension {i} and dimension {j} differ: {x[i]} and {y[j]}")
        second[j] = first[i]
    kept = [letter for i, letter in enumerate(first) if i not in left]
    kept += [letter for j, letter in enumerate(second) if j not in right]
    return entries.einsum(f"{''.join(first)},{''.join(second)}->{''.join(kept)}")


def _places(shape: Shape, dims: Sequence[int]) -> list[int]:
    """Dimensions in the order given, counted from the front."""
    if not shape and dims:
        raise ShapeError("a number has no dimensions")
    shapes.dims(shape, dims)  # refused where there are none such
    return [dim % len(shape) for dim in dims]


def _inner_rule(x: Shape, y: Shape) -> entries.EntryRule:
    """Over the last dimension of each."""
    return _tensordot_rule(x, y, [[-1], [-1]]) if x and y else _tensordot_rule(x, y, 0)


def _dot_rule(x: Shape, y: Shape) -> entries.EntryRule:
    """Over the last dimension of the first and the last but one of the second, as NumPy's."""
    return _tensordot_rule(x, y, [[-1], [-min(len(y), 2)]]) if x and y else _tensordot_rule(x, y, 0)


# kron


def _kron_shapes(x: Shape, y: Shape) -> tuple[Shape, Shape]:
    """Both with as many dimensions, the missing ones in front."""
    rank = max(len(x), len(y))
    if 2 * rank > len(entries.LETTERS):
        raise ShapeError(f"tensors of {len(entries.LETTERS) // 2} dimensions are the most")
    return tuple((1,) * (rank - len(shape)) + shape for shape in (x, y))  # type: ignore[return-value]


def _kron_shape(x: Shape, y: Shape) -> Shape:
    return tuple(a * b for a, b in zip(*_kron_shapes(x, y)))


def _kron_letters(rank: int) -> tuple[str, str, str]:
    """Of the one, the other, and the result: their letters in turn."""
    x, y = entries.LETTERS[:rank], entries.LETTERS[rank : 2 * rank]
    return x, y, "".join(a + b for a, b in zip(x, y))


def reshaped(name: str, shape: Shape, to: Shape) -> str:
    """A text of the language that is a tensor of a shape, in another shape."""
    return name if shape == to else f"reshape({name}, {', '.join(map(str, to))})" if to else f"sum({name})"


def _kron(x: Shape, y: Shape) -> str:
    a, b = _kron_shapes(x, y)
    first, second, both = _kron_letters(len(a))
    whole = tuple(size for pair in zip(a, b) for size in pair)
    text = f'einsum("{first},{second}->{both}", {reshaped("x", x, a)}, {reshaped("y", y, b)})'
    return reshaped(text, whole, _kron_shape(x, y))


def _kron_backward(x: Shape, y: Shape) -> tuple[str, str]:
    a, b = _kron_shapes(x, y)
    first, second, both = _kron_letters(len(a))
    whole = tuple(size for pair in zip(a, b) for size in pair)
    if not a:
        return "y", "x"
    g = reshaped("g", _kron_shape(x, y), whole)
    by_x = f'einsum("{both},{second}->{first}", {g}, {reshaped("y", y, b)})'
    by_y = f'einsum("{both},{first}->{second}", {g}, {reshaped("x", x, a)})'
    return reshaped(by_x, a, x), reshaped(by_y, b, y)


# fmt: off
CONTRACTIONS = (
    Row("einsum", "equation, x, y=None, z=None, u=None, v=None, w=None",
        'sums of products as the letters say: einsum("ij,jk->ik", A, B) is the sum over j of A[i,j]*B[j,k]; behind the'
        " arrow stands what is left, and without an arrow the letters that stand once; ... are all other dimensions",
        torch=_einsum, statics=("equation",), words={"equation": ()}, by_name=True, shape=_einsum_shape,
        entry=_einsum_rule, vjp=_einsum_backward, libraries="torch np",
        example='einsum("i,ij,j->", x, A, x) at x=[1,2],A=[[2,1],[1,3]]'),
    Row("tensordot", "x, y, dims=2",
        "the sum of products over the last dimensions of the one and the first of the other, so many; or over"
        " two lists of dimensions: tensordot(A, B, dims=[[1], [0]]) is A@B",
        torch=lambda x, y, dims: _torch_tensordot(x, y, dims), statics=("dims",), **_by_rule(_tensordot_rule, 2),
        libraries="torch np", example="tensordot(A, A) at A=[[1,2],[3,4]]"),
    Row("inner", "x, y", "the sums of products over the last dimension of both",
        torch=SAME, **_by_rule(_inner_rule, 2), libraries="torch np", example="inner(x, y) at x=[1,2],y=[3,4]"),
    Row("dot", "x, y",
        "the product of two vectors: the sum of the products of their entries; of matrices A@B, as NumPy's dot",
        torch=lambda x, y: x * y if not x.dim() or not y.dim() else _torch_tensordot(x, y, [[-1], [-min(y.dim(), 2)]]),
        **_by_rule(_dot_rule, 2), libraries="np", example="dot(x, y) at x=[1,2],y=[3,4]"),
    Row("kron", "x, y", "Kronecker's product: each entry of the one times all of the other",
        definition=_kron, torch=SAME, shape=_kron_shape, vjp=_kron_backward, libraries="torch np",
        example="sum(kron(A, eye(2))**2) at A=[[1,2],[3,4]]"),
)
# fmt: on


def _torch_tensordot(x: Any, y: Any, dims: Any) -> Any:
    import torch

    if not isinstance(dims, int):
        dims = [[one] if isinstance(one, int) else list(one) for one in dims]
    return torch.tensordot(x, y, dims=dims)
