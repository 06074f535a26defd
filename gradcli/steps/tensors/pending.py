"""Formulas in which derivatives are still to be taken, and what is done to them from line to line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sympy import Add, Expr, KroneckerDelta, Mul

from gradcli.backends.symbolic.build import NoFormula
from gradcli.backends.symbolic.indexed.contract import Pair, Scope, contracted
from gradcli.backends.symbolic.indexed.notation import Over, close

MAX_DEPTH = 60  # of a formula: what follows is recursive, as SymPy's printers are
MAX_PARTS = 600  # of a line


class PendingDerivative(Expr):  # type: ignore[misc]
    """The derivative of a formula by an entry of a tensor (or a number), still to be taken."""

    is_commutative = True
    is_real = True
    is_extended_real = True
    is_finite = True
    is_zero = None

    def __new__(cls, formula: Any, entry: Any) -> Any:
        """The node as it is."""
        return Expr.__new__(cls, formula, entry)


def checked_size(formula: Any) -> Any:
    """The formula itself.

    Raises NoFormula where it is too long or too deep to be read, or to be walked.
    """
    parts, level = 0, [formula]
    for _ in range(MAX_DEPTH):
        parts += len(level)
        level = [arg for node in level for arg in node.args]
        if parts > MAX_PARTS:
            raise NoFormula(f"a line of it would have more than {MAX_PARTS} parts")
        if not level:
            return formula
    raise NoFormula(f"it is nested more than {MAX_DEPTH} deep")


def spread(formula: Any) -> Any:
    """The formula with an index of its own for each sum, so that nothing that is put in is caught by one."""
    if not formula.has(Over):
        return formula
    if isinstance(formula, Over):
        body, index, size = formula.opened()
        return type(formula)(spread(body), index, size)
    return _rebuilt(formula, [spread(arg) for arg in formula.args])


def gathered(formula: Any) -> Any:
    """The formula with its indices called by their height again: equal formulas are one object."""
    if not formula.has(Over):
        return formula
    if isinstance(formula, Over):
        body, index, size = formula.args
        return close(type(formula), gathered(body), index, size)
    return _rebuilt(formula, [gathered(arg) for arg in formula.args])


def _rebuilt(node: Any, args: list[Any]) -> Any:
    if list(node.args) == args:
        return node
    return node.func(*args, evaluate=False) if node.is_Piecewise else node.func(*args)


def replaced(formula: Any, mapping: Mapping[Any, Any]) -> Any:
    """The formula, an index of its own for each sum, with something put in for some of its parts."""
    return spread(formula).xreplace(mapping)


def without_deltas(formula: Any, at: Mapping[Any, Any]) -> Any:
    """The formula with the deltas of the indices `at` (with their sizes) contracted, by the rules of the engine."""
    return gathered(Add(*_contributions(spread(formula), at)))


def _contributions(formula: Any, at: Mapping[Any, Any]) -> Iterator[Any]:
    """Each term with all its factors and open sums, contracted."""
    work: list[tuple[Any, tuple[Any, ...], tuple[Any, ...]]] = [(formula, (), ())]
    while work:
        node, factors, scope = work.pop()
        inner = [factor for factor in Mul.make_args(node) if _deltas(factor, at)]
        others = [factor for factor in Mul.make_args(node) if not _deltas(factor, at)]
        nested = next((factor for factor in inner if not isinstance(factor, KroneckerDelta)), None)
        if nested is None:
            yield contracted(gathered(Mul(*factors, *others)), scope, [_pair(delta, at) for delta in inner])
        elif nested is node and node.is_Add:
            work += [(term, factors, scope) for term in node.args]
        elif nested is node and isinstance(node, Over):
            body, index, size = node.args
            work.append((body, factors, (*scope, (index, size))))
        elif nested is node:
            yield contracted(gathered(Mul(*factors, node)), scope, ())
        elif len(inner) == 1:
            work.append((nested, (*factors, *others), scope))
        else:
            work += _multiplied_out(nested, node, factors, scope)


def _multiplied_out(nested: Any, node: Any, factors: Sequence[Any], scope: Scope) -> list[Any]:
    """A product with several factors that have deltas: the sum, or what stands below it, times the rest."""
    rest = Mul(*(factor for factor in node.args if factor is not nested))
    if nested.is_Add:
        return [(Mul(rest, term), tuple(factors), tuple(scope)) for term in nested.args]
    if isinstance(nested, Over):
        body, index, size = nested.args
        return [(Mul(rest, body), tuple(factors), (*scope, (index, size)))]
    raise NoFormula("its deltas stand where they cannot be contracted")


def _deltas(formula: Any, at: Mapping[Any, Any]) -> bool:
    """Whether there is a delta that sets an index equal to a wanted one."""
    return any(_is_wanted(delta, at) for delta in formula.atoms(KroneckerDelta))


def _is_wanted(delta: Any, at: Mapping[Any, Any]) -> bool:
    return sum(arg in at for arg in delta.args) == 1


def _pair(delta: Any, at: Mapping[Any, Any]) -> Pair:
    index, wanted = sorted(delta.args, key=lambda arg: arg in at)
    return index, wanted, at[wanted]
