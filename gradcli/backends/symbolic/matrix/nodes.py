"""Expressions of whole tensors, put together so that they read well: products, sums, transposes, diagonals.

Every product keeps its numbers and scalars in front, so that equal parts meet; sizes stay letters there until they
are written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple, Union

import sympy
from sympy import S

from gradcli.language.nodes import Node


class NoMatrix(Exception):
    """There is no formula without indices, or none that is surely right."""


Sub = Union[int, "tuple[int | None, int | None, int | None]"]  # an index, or the start, stop and step of a slice
ALL: Sub = (None, None, None)


class Named(NamedTuple):
    """What a tensor is called: a name, or what it is computed as: inv(A)."""

    text: str
    tree: Node

    def __str__(self) -> str:
        return self.text


class MatrixNode:
    """A part of such an expression: what it is, its parts, how many axes it has, and what else belongs to it."""

    def __init__(self, kind: str, args: Sequence[MatrixNode] = (), rank: int = 0, data: Any = None) -> None:
        self.kind = kind
        self.args = tuple(args)
        self.rank = rank
        self.data = data

    @cached_property
    def key(self) -> str:
        """The same for equal expressions only."""
        return f"{self.kind}{self.rank}[{self.data}]({','.join(arg.key for arg in self.args)})"

    @cached_property
    def turns(self) -> int:
        """How many transposes are written in it."""
        return (self.kind == "T") + sum(arg.turns for arg in self.args)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MatrixNode) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


_ORDER = {"number": 0, "name": 1, "T": 2, "item": 2, "add": 6, "matmul": 5}


def place(node: MatrixNode) -> tuple[int, str]:
    """The order of the factors of a product."""
    return _ORDER.get(node.kind, 3), node.key


# Products entry by entry


def number(value: Any) -> MatrixNode:
    """A number; sizes are letters in it."""
    return MatrixNode("number", data=value if isinstance(value, sympy.Basic) else sympy.Integer(value))


def parts(node: MatrixNode) -> tuple[Any, dict[MatrixNode, Any]]:
    """A product as its number and its other factors with their exponents."""
    if node.kind == "number":
        return node.data, {}
    if node.kind == "mul":
        return node.data[0], dict(zip(node.args, node.data[1]))
    return S.One, {node: S.One}


def mul(factors: Iterable[MatrixNode], coefficient: Any = S.One) -> MatrixNode:
    """A product of tensors of one shape, entry by entry, and of scalars."""
    powers: dict[MatrixNode, Any] = {}
    for factor in factors:
        own, inner = parts(factor)
        coefficient = coefficient * own
        for base, exponent in inner.items():
            powers[base] = powers.get(base, S.Zero) + exponent
    if coefficient == 0:
        return number(0)
    if any(base.kind == "mul" and exponent.is_Integer for base, exponent in powers.items()):
        return mul((power(base, exponent) for base, exponent in powers.items()), coefficient)
    if any(base.kind == "ones" for base in powers) and sum(base.rank > 0 for base in powers) > 1:
        powers = {base: exponent for base, exponent in powers.items() if base.kind != "ones"}
    powers = _normed({base: exponent for base, exponent in powers.items() if exponent != 0})
    coefficient, powers = _averaged(*_spread(coefficient, powers))
    if not powers:
        return number(coefficient)
    ordered = sorted(powers, key=place)
    exponents = tuple(powers[base] for base in ordered)
    if coefficient == 1 and exponents == (1,):
        return ordered[0]
    return MatrixNode("mul", ordered, max(base.rank for base in ordered), (coefficient, exponents))


def _normed(powers: dict[MatrixNode, Any]) -> dict[MatrixNode, Any]:
    """Where a norm and its square occur, the norm only."""
    for base in list(powers):
        if base.kind == "reduce" and base.data[0] == "norm" and base.data[1] is None and base.args[0].rank == 1:
            square = MatrixNode("matmul", (base.args[0], base.args[0]))
            if square in powers:
                powers[base] += 2 * powers.pop(square)
    return {base: exponent for base, exponent in powers.items() if exponent != 0}


def _spread(coefficient: Any, powers: dict[MatrixNode, Any]) -> tuple[Any, dict[MatrixNode, Any]]:
    """Where a variance and its sum of squares occur, the variance only."""
    for variance in [one for one in powers if one.kind == "var"]:
        for base in list(powers):
            squares = _deviations(base)
            if squares is not None and variance.args == (squares[0],):
                exponent = powers.pop(base)
                powers[variance] += exponent
                coefficient *= (squares[1] - variance.data) ** exponent
    return coefficient, {base: exponent for base, exponent in powers.items() if exponent != 0}


def _averaged(coefficient: Any, powers: dict[MatrixNode, Any]) -> tuple[Any, dict[MatrixNode, Any]]:
    """A sum divided by how many there are is a mean; the sum of squares of what differs from a mean, a variance."""
    for base in list(powers):
        if powers[base] != 1:
            continue
        if base.kind == "reduce" and base.data[0] == "sum" and _divided(coefficient, base.data[2]):
            del powers[base]
            mean = MatrixNode("reduce", base.args, base.rank, ("mean", *base.data[1:]))
            powers[mean] = powers.get(mean, S.Zero) + 1
            return coefficient * sympy.Mul(*base.data[2]), powers
        variance = _variance(coefficient, base)
        if variance is not None:
            del powers[base]
            powers[variance[1]] = powers.get(variance[1], S.Zero) + 1
            return coefficient * variance[0], powers
    return coefficient, powers


def _divided(coefficient: Any, sizes: Sequence[Any]) -> bool:
    """Whether a number is a fraction with these sizes below."""
    below = sympy.fraction(coefficient)[1]
    powers = below.as_powers_dict()
    return bool(sizes) and all(
        below.is_Integer and size > 0 and below % size**count == 0 if size.is_Integer else powers.get(size, 0) >= count
        for size, count in Counter(sizes).items()
    )


def _variance(coefficient: Any, base: MatrixNode) -> tuple[Any, MatrixNode] | None:
    """The variance that a sum of squares is, divided by that number."""
    squares = _deviations(base)
    for correction in (1, 0) if squares is not None else ():
        vector, size = squares  # type: ignore[misc]
        if _divided(coefficient, [size - correction]):
            return size - correction, MatrixNode("var", (vector,), 0, correction)
    return None


def _deviations(base: MatrixNode) -> tuple[MatrixNode, Any] | None:
    """The vector, and its size, of which this is the sum of squared deviations from the mean."""
    if base.kind != "matmul" or base.rank or len(base.args) != 2 or base.args[0] != base.args[1]:
        return None
    difference = base.args[0]
    for mean in difference.args if difference.kind == "add" and len(difference.args) == 2 else ():
        own, powers = parts(mean)
        ((inner, exponent),) = powers.items() if len(powers) == 1 else ((mean, S.Zero),)
        if own == -1 and exponent == 1 and inner.kind == "reduce" and inner.data[0] == "mean" and not inner.rank:
            (vector,), sizes = inner.args, inner.data[2]
            if vector in difference.args and len(sizes) == 1:
                return vector, sizes[0]
    return None


def power(base: MatrixNode, exponent: Any) -> MatrixNode:
    """A power, entry by entry, by a number."""
    coefficient, powers = parts(base)
    if exponent.is_Integer:
        return mul(
            (MatrixNode("mul", (b,), b.rank, (S.One, (e * exponent,))) for b, e in powers.items()),
            coefficient**exponent,
        )
    if not powers:
        return MatrixNode("power", (base, number(exponent)))
    return MatrixNode("mul", (base,), base.rank, (S.One, (exponent,)))


def split(node: MatrixNode) -> tuple[list[MatrixNode], MatrixNode]:
    """The scalars of a tensor, and the tensor without them."""
    coefficient, powers = parts(node)
    scalars, tensors = [number(coefficient)], list[MatrixNode]()
    for base, exponent in powers.items():
        (tensors if base.rank else scalars).append(power(base, exponent))
    return scalars, mul(tensors)


def scaled(make: Callable[..., MatrixNode], *args: MatrixNode) -> MatrixNode:
    """What is linear in each of its arguments, with their scalars in front."""
    pairs = [split(arg) for arg in args]
    return mul([*(scalar for scalars, _ in pairs for scalar in scalars), make(*(tensor for _, tensor in pairs))])
