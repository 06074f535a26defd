"""The factors of a product before they are read: softmaxes among them, cases taken apart."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import TYPE_CHECKING, Any, Protocol

import sympy
from sympy import KroneckerDelta, Mul

from gradcli.backends.symbolic.indexed.notation import Over, Total
from gradcli.backends.symbolic.matrix.nodes import MatrixNode, NoMatrix
from gradcli.backends.symbolic.matrix.product import Tensor

if TYPE_CHECKING:
    from gradcli.backends.symbolic.indexed.formulas import Indexed


class ReadsTensors(Protocol):
    """Whoever reads an expression as a tensor: its indices with their sizes, and the formula that it is of."""

    sizes: dict[Any, int]
    f: Indexed

    def read(self, e: Any) -> Tensor: ...  # noqa: D102


def take_softmax(reader: ReadsTensors, factors: Sequence[Any]) -> tuple[list[Tensor], list[Any]]:
    """The softmaxes in a product, and its other factors."""
    exponentials = [_exponential(one) for one in factors]
    found: list[Tensor] = []
    rest = list(factors)
    for one in factors:
        if not (one.is_Pow and one.exp.is_Integer and one.exp < 0 and isinstance(one.base, Total)):
            continue
        body = one.base.args[0]
        if not isinstance(body, sympy.exp):
            continue
        count = -int(one.exp)
        for index, own in enumerate(exponentials):
            axis = None if own is None else _axis(reader, own, body.args[0], one.base)
            if axis is None or not count or factors[index] not in rest:
                continue
            tensor = _softmax(reader, own, axis)
            rest.remove(factors[index])
            found.append(tensor)
            count -= 1
        if count != -int(one.exp):
            rest.remove(one)
            rest += [one.base**-count] if count else []
    return found, rest


def _exponential(one: Any) -> Any:
    return one.args[0] if isinstance(one, sympy.exp) else None


def _axis(reader: ReadsTensors, own: Any, body: Any, whole: Any) -> Any:
    """The index of an exponent that runs where the sum's own runs."""
    _, index, size = whole.args
    for axis in own.free_symbols - body.free_symbols:
        if reader.sizes.get(axis) == reader.f.axes.here(size) and body.xreplace({index: axis}) == own:
            return axis
    return None


def _softmax(reader: ReadsTensors, exponent: Any, axis: Any) -> Tensor:
    node, axes = reader.read(exponent)
    if axis not in axes or node.rank != len(axes):
        raise NoMatrix
    return MatrixNode("softmax", (node,), node.rank, axes.index(axis) if node.rank == 2 else None), axes


def cases_apart(factor: Any, indices: Set[Any]) -> list[Any]:
    """Some values by a condition on other indices than some of their factors: these, and the cases without them."""
    if not factor.is_Piecewise or factor.args[-1][1] != sympy.true:
        return [factor]
    own = set().union(*(condition.free_symbols & indices for _, condition in factor.args))
    first, *others = [Mul.make_args(value) for value, _ in factor.args if value != 0] or [()]
    taken = [
        one
        for one in first
        if one.free_symbols & indices != own and all(one in args for args in others) and _is_finite(one)
    ]
    if not any(one.free_symbols & indices for one in taken):
        return [factor]
    cases = [
        (value and Mul(*(one for one in Mul.make_args(value) if one not in taken)), condition)
        for value, condition in factor.args
    ]
    return [sympy.Piecewise(*cases, evaluate=False), *taken]


def _is_finite(factor: Any) -> bool:
    """Whether this has a value wherever its entries have one: a product with 0 is 0."""
    functions = factor.atoms(sympy.Function, Over)
    is_plain = all(isinstance(one, (KroneckerDelta, Total)) for one in functions)
    return is_plain and all(one.exp.is_Integer and one.exp > 0 for one in factor.atoms(sympy.Pow))


def worth_it(terms: Any, factors: Sequence[Any]) -> bool:
    """Whether a product may be shorter multiplied out: terms of several kinds, or sums to divide by."""
    powers = [factor for factor in factors if factor.is_Pow]
    return bool(
        terms.has(KroneckerDelta)
        or any(one.base.has(Total) or (one.base.is_Symbol and one.exp.is_negative) for one in powers)
    )
