"""Contraction: what is left of sums when deltas fix their indices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy
from sympy import And, KroneckerDelta, Mod, Mul, Piecewise, S, floor

from gradcli.backends.symbolic.indexed.notation import total

Pair = tuple[Any, Any, Any]  # an index expression, what it is to equal, and that one's size
Scope = Sequence[tuple[Any, Any]]


def contracted(body: Any, scope: Scope, pairs: Sequence[Pair]) -> Any:
    """The sum of a body over open indices, where the pairs of indices are equal."""
    open_, deltas = list(scope), list[Any]()
    conditions: list[Any] = []
    todo = _unraveled(list(pairs))
    while todo:
        index, wanted, size = todo.pop(0)
        found = _solved(index, open_, wanted, size)
        if found is None:
            deltas.append(KroneckerDelta(index, wanted))
            continue
        symbols, condition = found
        conditions = [one.xreplace(symbols) for one in (*conditions, *condition)]
        body = (body if index.is_Symbol else body.xreplace({index: wanted})).xreplace(symbols)
        todo = [(a.xreplace(symbols), b, c) for a, b, c in todo]
        deltas = [delta.xreplace(symbols) for delta in deltas]
        open_ = [(s, size.xreplace(symbols)) for s, size in open_ if s not in symbols]
    body = Mul(body, *deltas).xreplace(_within(pairs))
    left = {index for index, _ in open_}
    if inner := [one for one in conditions if one.free_symbols & left]:
        body = Piecewise((body, And(*inner)), (S.Zero, True))
        conditions = [one for one in conditions if one not in inner]
    for index, size in reversed(open_):
        body = total(body, index, size)
    held = And(*conditions)
    return body if held == sympy.true else Piecewise((body, held), (S.Zero, True))


def _solved(index: Any, scope: Scope, wanted: Any, size: Any) -> tuple[dict[Any, Any], list[Any]] | None:
    """The open indices at which an index expression equals a wanted one, and the conditions for that."""
    inside = [(s, own) for s, own in scope if s in index.free_symbols]
    if not inside:
        return None
    if len(inside) == 1:
        s, own = inside[0]
        step = index.coeff(s)
        if not step.is_Integer or s in (index - step * s).free_symbols or step == 0:
            return None
        value = (wanted - (index - step * s)) / step
        conditions = [] if abs(step) == 1 else [sympy.Eq(Mod(wanted - (index - step * s), abs(step)), 0)]
        whole = value if abs(step) == 1 else floor(value)  # doubles would miss a whole quotient of differences
        return {s: whole}, [*conditions, *_inside(value * abs(step), own * abs(step), wanted, size)]
    return _raveled(index, inside, wanted, size) or _shifted(index, inside, wanted)


def _inside(value: Any, own: Any, wanted: Any, size: Any) -> list[Any]:
    """The conditions for an index to lie in its range, where the range of the wanted one does not say so already."""
    ends = value.xreplace({wanted: S.Zero}), value.xreplace({wanted: size - 1})  # the one is the least, or the other
    conditions = [] if all(end.is_nonnegative for end in ends) else [value >= 0]
    return conditions if all((own - end).is_positive for end in ends) else [*conditions, value < own]


def _raveled(index: Any, inside: Scope, wanted: Any, size: Any) -> tuple[dict[Any, Any], list[Any]] | None:
    """Row-major positions: k*n + l is p where k is p//n and l is p % n."""
    expanded, symbols = sympy.expand(index), {}
    rest = wanted
    order = sorted(inside, key=lambda pair: -_magnitude(expanded.coeff(pair[0])))
    ends = [sympy.expand(expanded.coeff(s) * size) for s, size in order[1:]] + [S.One]
    for (s, _), end in zip(order, ends):
        step = expanded.coeff(s)
        if step == 0 or step != end or any(other in step.free_symbols for other, _ in inside):
            return None
        symbols[s] = rest if step == 1 else floor(rest / step)
        rest = S.Zero if step == 1 else Mod(rest, step)
    recomposed = sympy.expand(index - sum(expanded.coeff(s) * s for s, _ in inside))
    if recomposed != 0:
        return None
    first, own = order[0]
    end = sympy.expand(expanded.coeff(first) * own)  # windows may leave the last entries out
    return symbols, [] if sympy.expand(size - end).is_nonpositive else [wanted < end]


def _shifted(index: Any, inside: Scope, wanted: Any) -> tuple[dict[Any, Any], list[Any]] | None:
    """Windows: 2*i + k is p where k is p - 2*i, within its range; of steps that are alike, the longer index is gone."""
    expanded = sympy.expand(index)
    steps = [(abs(expanded.coeff(s)), -_magnitude(size), position) for position, (s, size) in enumerate(inside)]
    known = [one for one in steps if one[0].is_Integer and one[0] != 0]
    if not known:
        return None
    s, own = inside[min(known)[2]]
    step = expanded.coeff(s)
    rest = sympy.expand(expanded - step * s)
    if s in rest.free_symbols:
        return None
    whole = (wanted - rest) * sympy.sign(step)
    conditions = [whole >= 0, whole < own * abs(step)]
    if abs(step) == 1:
        return {s: whole}, conditions
    return {s: floor(whole / abs(step))}, [sympy.Eq(Mod(wanted - rest, abs(step)), 0), *conditions]


def _magnitude(step: Any) -> float:
    """How large a step is, with some number for each size."""
    value = step.xreplace({symbol: sympy.Integer(97) for symbol in step.free_symbols})
    return float(value) if value.is_Number else 0.0


def _within(pairs: Sequence[Pair]) -> dict[Any, Any]:
    """An index divided by its own size is 0, and the remainder the index."""
    known: dict[Any, Any] = {}
    for _, wanted, size in pairs:
        known |= {floor(wanted / size): S.Zero, Mod(wanted, size): wanted}
    return {old: new for old, new in known.items() if old != new and old.args}


def _unraveled(pairs: list[Pair]) -> list[Pair]:
    """floor(e/n) equal to p, and Mod(e, n) equal to q, means e equal to p*n + q."""
    for i, (first, p, rows) in enumerate(pairs):
        for j, (second, q, columns) in enumerate(pairs):
            if i != j and isinstance(second, Mod) and second.args[1] == columns and columns != 1:
                whole = second.args[0]
                if first == floor(whole / columns):
                    rest = [pair for k, pair in enumerate(pairs) if k not in (i, j)]
                    return _unraveled([*rest, (whole, p * columns + q, rows * columns)])
    return pairs
