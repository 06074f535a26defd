"""Products of matrices, transposes, diagonals and sums over entries, put together so that they read well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradcli.backends.symbolic.matrix.nodes import MatrixNode, NoMatrix, mul, number, parts, place, power, scaled, split


def matmul(factors: Sequence[MatrixNode]) -> MatrixNode:
    """A product of matrices, perhaps with a vector at the end, or of two vectors with matrices between."""
    return scaled(_chain, *factors)


def _chain(*factors: MatrixNode) -> MatrixNode:
    if len(factors) == 2 and factors[0].rank == 1 and factors[1].rank == 1:
        return _dot(*factors)
    flat: list[MatrixNode] = []
    for factor in factors:
        flat += factor.args if factor.kind == "matmul" else [factor]
    flat = [factor for factor in flat if factor.kind != "eye"] or [flat[0]]
    if any(factor.rank != 2 for factor in flat[:-1]):
        raise NoMatrix
    return flat[0] if len(flat) == 1 else MatrixNode("matmul", flat, flat[-1].rank)


def _dot(u: MatrixNode, v: MatrixNode) -> MatrixNode:
    """The product of two vectors; where one is a product with a matrix, x@A@y."""
    u, v = sorted((u, v), key=place)
    if v.kind == "matmul" and u.kind != "matmul":
        return MatrixNode("matmul", (u, *v.args))
    return MatrixNode("matmul", (u, v))


def outer(u: MatrixNode, v: MatrixNode) -> MatrixNode:
    """The matrix of all products of two vectors' entries."""
    return scaled(lambda a, b: MatrixNode("outer", (a, b), 2), u, v)


def diag(u: MatrixNode, size: int) -> MatrixNode:
    """A diagonal matrix."""
    scalars, vector = split(u)
    inner = MatrixNode("diag", (vector,), 2) if vector.rank and vector.kind != "ones" else eye(size)
    return mul([*scalars, inner])


def eye(size: int) -> MatrixNode:
    """The identity."""
    return MatrixNode("eye", (), 2, size)


def ones(*sizes: int) -> MatrixNode:
    """A tensor of ones."""
    return MatrixNode("ones", (), len(sizes), sizes)


def transposed(node: MatrixNode) -> MatrixNode:
    """The transpose, written inside where that takes fewer signs."""
    if node.rank < 2 or node.kind in ("eye", "diag"):
        return node
    if node.kind == "T":
        return node.args[0]
    if node.kind == "matmul":
        return MatrixNode("matmul", [transposed(arg) for arg in node.args[::-1]], 2)
    if node.kind == "outer":
        return MatrixNode("outer", node.args[::-1], 2)
    if node.kind in ("compare", "logic"):  # truth values have no transpose in the language
        return MatrixNode(node.kind, [transposed(arg) for arg in node.args], 2, node.data)
    if node.kind == "ones":
        return ones(*node.data[::-1])
    if node.kind in ("row", "column"):
        return MatrixNode("column" if node.kind == "row" else "row", node.args, 2)
    if node.kind == "mul":
        scalars, tensor = split(node)
        if len(scalars) > 1 or scalars[0].data != 1:
            return mul([*scalars, transposed(tensor)])
    if node.kind in ("mul", "add"):
        inside = MatrixNode(node.kind, sorted(map(transposed, node.args), key=place), 2, node.data)
        if node.kind == "mul":
            inside = mul(power(transposed(base), e) for base, e in parts(node)[1].items())
        if inside.turns <= node.turns or any(arg.kind in ("row", "column") for arg in node.args):
            return inside
    return MatrixNode("T", (node,), 2)


# Sums over entries


def reduced(name: str, x: MatrixNode, dim: int | None, sizes: Sequence[Any]) -> MatrixNode:
    """A sum, a norm or the like over all entries of a tensor or along an axis; sums have their scalars in front."""
    rank = 0 if dim is None else x.rank - 1
    if name == "sum" and dim is None and x.kind == "softmax" and x.rank == 1:
        return number(1)
    if name == "sum" and dim is None and x.kind == "diagonal":
        return MatrixNode("reduce", x.args, 0, ("trace", None, tuple(sizes)))
    if name != "sum":
        return MatrixNode("reduce", (x,), rank, (name, dim, tuple(sizes)))
    scalars, tensor = split(x)
    if len(scalars) > 1 or scalars[0].data != 1:
        return mul([*scalars, reduced(name, tensor, dim, sizes)])
    return MatrixNode("reduce", (x,), rank, ("sum", dim, tuple(sizes)))


def dot_of(factors: Sequence[MatrixNode], size: Any) -> MatrixNode:
    """The sum of the products of some vectors' entries."""
    scalars, vector = split(mul(factors))
    if not vector.rank:
        return mul([*scalars, number(size)])
    powers = parts(vector)[1]
    flat = [base for base, e in powers.items() for _ in range(int(e) if e.is_Integer and 0 < e < 3 else 0)]
    rest = [power(base, e) for base, e in powers.items() if not (e.is_Integer and 0 < e < 3)]
    every = [*flat, *rest]
    if len(every) < 2:
        return mul([*scalars, reduced("sum", vector, None, [size])])
    half = len(every) // 2 if len(set(every)) == 1 else 1
    last = max(every, key=lambda node: (node.kind == "matmul", node.kind == "name")) if half == 1 else every[-1]
    if len(every) == 2:
        return mul([*scalars, matmul(every)])
    others = list(every)
    others.remove(last)
    return mul([*scalars, matmul([mul(others), last])])
