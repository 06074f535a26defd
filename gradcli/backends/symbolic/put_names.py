"""Names of the program put into a formula where what they stand for is part of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import sympy

from gradcli.backends.symbolic.tidy import operations


class Meaning(NamedTuple):
    """A name, and the formula that it stands for."""

    name: Any
    formula: Any


def put_names(formula: Any, meanings: Iterable[Meaning]) -> Any:
    """A formula with names in it: what is longest first; a product or a sum may be part of a longer one."""
    for meaning in sorted(meanings, key=lambda one: -operations(one.formula)):
        if not meaning.formula.is_Atom:
            formula = _put(formula, meaning)
    return formula


def _put(formula: Any, meaning: Meaning) -> Any:
    """One name put in, wherever it fits."""
    done: dict[Any, Any] = {}
    stack = [formula]
    while stack:
        part = stack[-1]
        missing = [arg for arg in part.args if arg not in done]
        if missing and part not in done:
            stack.extend(missing)
            continue
        stack.pop()
        if part not in done:
            done[part] = _one(part, done, meaning)
    return done[formula]


def _one(part: Any, done: Mapping[Any, Any], meaning: Meaning) -> Any:
    name, meant = meaning
    if part == meant:
        return name
    if part.is_Pow and meant.is_Pow and part.base == meant.base:
        times = part.exp / meant.exp
        if times.is_Integer:
            return name**times
        if part.exp.is_Integer and meant.exp.is_Integer and times > 1:
            return name ** int(times) * part.base ** (part.exp - int(times) * meant.exp)
    if isinstance(part, sympy.exp) and isinstance(meant, sympy.exp) and (part.args[0] / meant.args[0]).is_Integer:
        return name ** (part.args[0] / meant.args[0])
    if part.is_Mul and meant.is_Mul:
        times = _times(part.as_powers_dict(), meant.as_powers_dict())
        if times:
            rest = part * meant**-times
            return name**times * sympy.Mul(*(done.get(factor, factor) for factor in sympy.Mul.make_args(rest)))
    if part.is_Add and meant.is_Add and set(meant.args) < set(part.args):
        return sympy.Add(name, *(done[term] for term in part.args if term not in meant.args))
    changed = [done[arg] for arg in part.args]
    return part if all(new is old for new, old in zip(changed, part.args)) else part.func(*changed)


def _times(whole: Mapping[Any, Any], factors: Mapping[Any, Any]) -> int:
    """How often a product is in another one: each of its powers at least so often; 0 where it is not."""
    times = [whole.get(base, 0) / exponent for base, exponent in factors.items() if not base.is_Number]
    if not times or not all(one.is_Rational for one in times):
        return 0
    least = min(times, key=abs)
    return int(least) if all(one * least > 0 for one in times) else 0
