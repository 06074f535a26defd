"""Products of tensors of stated ranks: of a matrix and a vector, of stacks of matrices, with something added."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.functions import backward, shapes
from gradcli.functions.row import SAME, Row
from gradcli.functions.shapes import Shape, ShapeError


def _ranks(*wanted: int) -> Callable[..., None]:
    """Refuse tensors of other ranks."""
    words = {1: "a vector", 2: "a matrix", 3: "a stack of matrices"}

    def check(*given: Shape) -> None:
        if tuple(map(len, given)) != wanted:
            raise ShapeError(f"{' and '.join(words[rank] for rank in wanted)} are expected")

    return check


def _product_of(*wanted: int) -> Callable[..., Shape]:
    """The shape of a product of tensors of these ranks."""
    check = _ranks(*wanted)

    def shape(x: Shape, y: Shape) -> Shape:
        check(x, y)
        if len(x) == 3 and x[0] != y[0]:
            raise ShapeError(f"the stacks have {x[0]} and {y[0]} matrices")
        return shapes.product(x, y)

    return shape


def _added(*wanted: int) -> dict[str, Any]:
    """The shape, the definition and the backward of `beta*input + alpha*(a@b)`."""
    product = _product_of(*wanted)

    def shape(x: Shape, a: Shape, b: Shape, beta: Any, alpha: Any) -> Shape:
        found = product(a, b)
        if shapes.broadcast(x, found) != found:
            raise ShapeError(f"the input does not go into {shapes.text(found)}")
        return found

    def vjp(x: Shape, a: Shape, b: Shape, beta: Any, alpha: Any) -> tuple[str, ...]:
        by_a, by_b = backward.product(a, b, "a", "b")
        own = backward.summed(_times("g", beta), product(a, b), x)
        return own, _times(by_a, alpha), _times(by_b, alpha)

    def definition(x: Shape, a: Shape, b: Shape, beta: Any, alpha: Any) -> str:
        return f"{_times('x', beta)} + {_times('a@b', alpha)}"

    return {
        "definition": definition, "shape": shape, "vjp": vjp, "statics": ("beta", "alpha"),
    }  # fmt: skip


def _times(text: str, factor: Any) -> str:
    return text if factor == 1 else f"({factor})*({text})"


def _add(name: str) -> Callable[..., Any]:
    def call(x: Any, a: Any, b: Any, beta: Any, alpha: Any) -> Any:
        import torch

        return getattr(torch, name)(x, a, b, beta=float(beta), alpha=float(alpha))

    return call


# fmt: off
STATED_PRODUCTS = (
    Row("vdot", "x, y", "the product of two vectors, and of nothing else, as torch.dot",
        definition="x@y", torch="dot", shape=shapes.dot, vjp=("y", "x"), libraries="torch np torch:dot",
        example="vdot(x, y) at x=[1,2],y=[3,4]"),
    Row("mv", "x, y", "the product of a matrix and a vector",
        definition="x@y", torch=SAME, shape=_product_of(2, 1), vjp=("outer(g, y)", "x.T@g"), libraries="torch",
        example="sum(mv(A, x)) at A=[[1,2],[3,4]],x=[5,6]"),
    Row("mm", "x, y", "the product of two matrices",
        definition="x@y", torch=SAME, shape=_product_of(2, 2), vjp=("g@y.T", "x.T@g"), libraries="torch",
        example="sum(mm(A, A)) at A=[[1,2],[3,4]]"),
    Row("bmm", "x, y", "the products of two stacks of matrices, one by one",
        definition="x@y", torch=SAME, shape=_product_of(3, 3), vjp=backward.product, libraries="torch",
        example="sum(bmm(x, x)) at x=[[[1,2],[3,4]],[[5,6],[7,8]]]"),
    Row("addmv", "x, a, b, beta=1, alpha=1", "beta*x + alpha*(a@b) of a matrix a and a vector b",
        torch=_add("addmv"), **_added(2, 1), libraries="torch",
        example="sum(addmv(b, A, x)) at b=[1,2],A=[[1,2],[3,4]],x=[5,6]"),
    Row("addmm", "x, a, b, beta=1, alpha=1", "beta*x + alpha*(a@b) of matrices a and b",
        torch=_add("addmm"), **_added(2, 2), libraries="torch",
        example="sum(addmm(b, A, A)) at b=[1,2],A=[[1,2],[3,4]]"),
    Row("baddbmm", "x, a, b, beta=1, alpha=1", "beta*x + alpha*(a@b) of stacks of matrices a and b",
        torch=_add("baddbmm"), **_added(3, 3), libraries="torch",
        example="sum(baddbmm(b, x, x)) at b=[1,2],x=[[[1,2],[3,4]],[[5,6],[7,8]]]"),
)
# fmt: on
