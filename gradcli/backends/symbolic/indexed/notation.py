"""Index notation on top of SymPy: sums over an index, Kronecker deltas, and what simplifies them.

A bound index is called by how many sums stand below its own, so that two sums that differ in the name of their
index only are one object, and cancel or merge as SymPy's own objects do.
"""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

import sympy
from sympy import Add, Expr, KroneckerDelta, Mul, S
from sympy.logic.boolalg import Boolean

from gradcli.functions.entries import Table

MAX_WRITTEN = 16  # values of an index over which a sum of cases is written out
MAX_SPLIT = 60  # terms of a sum that is taken apart

_counter = itertools.count()


class Over(Expr):  # type: ignore[misc]
    """Something over all values of an index from 0 to a size: its body, the index and the size."""

    is_commutative = True
    is_real = True
    is_extended_real = True
    is_finite = True
    is_zero = None

    def __new__(cls, body: Any, index: Any, size: Any) -> Any:
        """The node as it is; `over` makes the simplest one."""
        return Expr.__new__(cls, body, index, size)

    @property
    def free_symbols(self) -> set[Any]:
        """The symbols without the bound one."""
        body, index, size = self.args
        free: set[Any] = (body.free_symbols - {index}) | size.free_symbols
        return free

    def opened(self) -> tuple[Any, Any, Any]:
        """The body with a fresh index in place of the bound one, that index and the size."""
        body, index, size = self.args
        new = fresh()
        return body.xreplace({index: new}), new, size


class Total(Over):
    """The sum over an index."""


class Multiple(Over):
    """The product over an index."""


class Largest(Over):
    """The largest value over an index."""


class Smallest(Over):
    """The smallest value over an index."""


class Held(sympy.Function):  # type: ignore[misc]
    """What `detach` holds: a value through which no derivative flows."""

    is_real = True

    @classmethod
    def eval(cls, *args: Any) -> None:
        """Never simplified."""
        return


class Selects(Boolean):  # type: ignore[misc]
    """Whether an entry is the one that an extreme value, a median or an order has taken: entry, chosen, its indices.

    An equality would have factors moved across it, be decided by how both sides are rounded, and hold for all entries
    of a tie. Those count as in ascending order, equal ones as they stand: the least is the first of them, the largest
    the last one.
    """

    is_by_places = False

    def __new__(cls, entry: Any, chosen: Any, *places: Any) -> Any:
        """The condition as it is."""
        return Boolean.__new__(cls, entry, chosen, *places)

    @property
    def places(self) -> tuple[Any, ...]:
        """The indices of the entry."""
        return tuple(self.args[2:])


class Ordered(Selects):
    """The same of an entry in ascending order, which is written by places: entry, chosen, its index, what that is.

    The last one is an entry of the `argsorted` of what was sorted: where `==` between values holds for all of a tie,
    one between places holds for one entry.
    """

    is_by_places = True

    @property
    def places(self) -> tuple[Any, ...]:
        """The index of the entry."""
        return (self.args[2],)


def falls(entry: Any) -> bool:
    """Whether an entry is written with a minus: of equal ones, what was the last is then the first."""
    return bool(entry.as_coeff_Mul()[0].is_negative)


class Listing(sympy.Atom):  # type: ignore[misc]
    """A list of whole numbers that are known, by its name in formulas."""

    def __new__(cls, name: str, table: Table) -> Any:
        """The atom; two are one where name and numbers are."""
        made = super().__new__(cls)
        made.name, made.table = name, table
        return made

    def _hashable_content(self) -> tuple[Any, ...]:
        return self.name, self.table


class ListedIndex(sympy.Function):  # type: ignore[misc]
    """An entry of a listing, at indices that follow it: a whole number."""

    is_integer = True
    is_nonnegative = True

    @classmethod
    def eval(cls, listing: Any, *indices: Any) -> Any:
        """The number, where the indices are."""
        if all(index.is_Integer for index in indices):
            return sympy.Integer(listing.table.of([int(index) for index in indices]))
        return None


def index_symbol(name: str) -> Any:
    """An index: a whole number from 0."""
    return sympy.Symbol(name, integer=True, nonnegative=True)


def fresh() -> Any:
    """An index that occurs nowhere else."""
    return index_symbol(f"_s{next(_counter)}")


@cache
def bound(height: int) -> Any:
    """The bound index of a sum with so many levels of sums in its body."""
    return index_symbol(f"_k{height}")


@cache
def place(position: int) -> Any:
    """What stands for an index of an operation in the formula of its entries."""
    return index_symbol(f"_d{position}")


@cache
def base(name: str) -> Any:
    """A tensor; all of them are real."""
    return sympy.IndexedBase(name, real=True)


def close(kind: Any, body: Any, index: Any, size: Any) -> Any:
    """A node over an index as it stands, its index called by how many levels are below."""
    height = 1 + max((int(inner.args[1].name[2:]) for inner in body.atoms(Over)), default=0)
    name = bound(height)
    return kind(body.xreplace({index: name}), name, size)


def over(kind: Any, body: Any, index: Any, size: Any) -> Any:
    """A product, a largest or a smallest value over an index."""
    if index not in body.free_symbols:
        return body**size if kind is Multiple else body
    return close(kind, body, index, size)


def total(body: Any, index: Any, size: Any) -> Any:
    """The sum over an index, taken apart: constant factors before it, deltas contracted, constant terms counted."""
    if body.is_zero:
        return S.Zero
    if index not in body.free_symbols:
        return size * body
    if body.is_Add and len(body.args) <= MAX_SPLIT:
        return Add(*(total(term, index, size) for term in body.args))
    if size.is_Integer and size <= MAX_WRITTEN and chooses(body, index):
        return Add(*(body.xreplace({index: sympy.Integer(i)}) for i in range(int(size))))
    if (end := _joint(body, index, size)) is not None:
        condition = index < end
        first = body.xreplace({condition: sympy.true})
        second = body.xreplace({condition: sympy.false}).xreplace({index: index + end})
        return total(first, index, end) + total(second, index, size - end)
    factors = Mul.make_args(body)
    outside = [factor for factor in factors if index not in factor.free_symbols]
    inside = [factor for factor in factors if index in factor.free_symbols]
    for factor in inside:
        if isinstance(factor, KroneckerDelta):
            other = factor.args[1] if factor.args[0] == index else factor.args[0]
            if index in factor.args and index not in other.free_symbols:
                rest = Mul(*(f for f in factors if f is not factor))
                return rest.xreplace({index: other})
    inner = Mul(*inside)
    if inner.is_Add or (len(inside) > 1 and any(_has_delta_term(factor, index) for factor in inside)):
        expanded = sympy.expand_mul(inner)
        if expanded.is_Add:
            return Mul(*outside, total(expanded, index, size))
    return Mul(*outside, close(Total, inner, index, size))


def chooses(body: Any, index: Any) -> bool:
    """Whether a body is a list of cases for the values of an index."""
    pieces = body.atoms(sympy.Piecewise)
    return any(
        isinstance(condition, sympy.Eq) and index in condition.args and any(arg.is_Integer for arg in condition.args)
        for piece in pieces
        for _, condition in piece.args
    )


def _joint(body: Any, index: Any, size: Any) -> Any:
    """Where a sum runs over tensors that are joined, the end of the first one."""
    for condition in body.atoms(sympy.StrictLessThan):
        if condition.lhs == index and (size - condition.rhs).is_positive and index not in condition.rhs.free_symbols:
            return condition.rhs
    return None


def _has_delta_term(factor: Any, index: Any) -> bool:
    return bool(factor.is_Add and any(index in delta.free_symbols for delta in factor.atoms(KroneckerDelta)))


def merged(expression: Any) -> Any:
    """A sum of sums with a common factor as one sum: Sum(A[i,k]*x[k]) + Sum(A[k,i]*x[k])."""
    if not expression.is_Add:
        return expression
    groups: dict[Any, list[Any]] = {}
    rest = []
    for term in expression.args:
        sums = [factor for factor in Mul.make_args(term) if isinstance(factor, Total)]
        if len(sums) == 1:
            outside = Mul(*(factor for factor in Mul.make_args(term) if factor is not sums[0]))
            groups.setdefault((outside, *sums[0].args[1:]), []).append(sums[0].args[0])
        else:
            rest.append(term)
    terms = list(rest)
    for (outside, index, size), bodies in groups.items():
        terms += [Mul(outside, Total(body, index, size)) for body in _joined(bodies, index)]
    return Add(*terms)


def _joined(bodies: list[Any], index: Any) -> list[Any]:
    """Bodies of sums over one index, those with a common factor put together."""
    found: list[Any] = []
    for body in bodies:
        factors = set(Mul.make_args(body))
        for i, other in enumerate(found):
            common = [f for f in Mul.make_args(other) if f in factors and index in f.free_symbols]
            if common:
                # left out, not divided by: a factor may be a branch that is 0
                first, second = (Mul(*(f for f in Mul.make_args(one) if f not in common)) for one in (other, body))
                found[i] = Mul(*common, Add(first, second))
                break
        else:
            found.append(body)
    return found


def is_quotient(node: Any) -> bool:
    """Whether this is a whole number of whole numbers: a sum of quotients of doubles may miss one."""
    return (
        isinstance(node, sympy.floor)
        and bool(node.args[0].as_numer_denom()[1].is_Integer)
        and all(symbol.is_integer for symbol in node.args[0].free_symbols)
    )
