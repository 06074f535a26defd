"""JAX functions, where the user's code has loaded it: their jaxpr, evaluated with NumPy's functions of recorded values.

What jax.grad and a custom_vjp make of a function stands in the jaxpr too, and is checked as it is.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from types import CodeType, ModuleType
from typing import Any

import numpy as np
from numpy import asarray as as_array

from gradcli.check.recording.arrays import RecordedArray, concrete, has_recorded
from gradcli.check.recording.graph import cannot
from gradcli.check.recording.jax_operations import (
    COMPARED,
    MOVING,
    OF_SCIPY,
    RULES,
    SAME,
    compared,
    moved,
    scattered,
)

MOST_STEPS = 100  # of a loop that is written out

CALLS = frozenset((
    "jit", "pjit", "closed_call", "core_call", "remat", "checkpoint", "custom_jvp_call", "custom_vjp_call",
    "custom_vjp_call_jaxpr", "custom_lin",
))  # fmt: skip


def is_jax(function: Any) -> bool:
    """Whether a function is one of JAX, or calls what is, itself or by functions of its module."""
    if "jax" not in sys.modules:
        return False
    seen: set[int] = set()
    todo = [function]
    while todo:
        one = todo.pop()
        if id(one) in seen or isinstance(one, (int, float, str)):
            continue
        seen.add(id(one))
        if _stands_in_jax(one):
            return True
        while isinstance(one, partial):
            one = one.func
        one = getattr(one, "__func__", one)
        if not hasattr(one, "__code__"):
            one = vars(type(one)).get("__call__", one)
        code, scope = getattr(one, "__code__", None), getattr(one, "__globals__", {})
        if code is not None and "site-packages" not in code.co_filename:
            todo += [scope[name] for name in _names(code) if name in scope]
            todo += [cell.cell_contents for cell in one.__closure__ or () if _is_filled(cell)]
    return False


def _names(code: CodeType) -> set[str]:
    """The names that code uses, that of functions inside it, too."""
    inside = (one for one in code.co_consts if isinstance(one, CodeType))
    return set(code.co_names).union(*map(_names, inside))


def _is_filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


def _stands_in_jax(one: Any) -> bool:
    name = one.__name__ if isinstance(one, ModuleType) else str(getattr(type(one), "__module__", ""))
    file = getattr(getattr(one, "__code__", None), "co_filename", "")
    return name.partition(".")[0] in ("jax", "jaxlib") or f"{os.sep}jax{os.sep}" in file


def in_doubles() -> Any:
    """Let JAX compute in float64."""
    import jax

    return jax.enable_x64(True) if hasattr(jax, "enable_x64") else jax.experimental.enable_x64()


def called(call: Callable[[Mapping[str, Any]], Any], values: Mapping[str, Any]) -> Any:
    """What a call of a JAX function gives for recorded values.

    Raises GradcliError where an operation is not followed.
    """
    import jax

    names = list(values)
    with in_doubles():
        closed, shape = jax.make_jaxpr(lambda *args: call(dict(zip(names, args))), return_shape=True)(
            *(as_array(concrete(one), dtype=float) for one in values.values())
        )
        found = _evaluated(closed.jaxpr, closed.consts, list(values.values()))
    return jax.tree_util.tree_unflatten(jax.tree_util.tree_structure(shape), found)


def _evaluated(jaxpr: Any, consts: Sequence[Any], args: Sequence[Any]) -> list[Any]:
    """The values of a jaxpr's results."""
    known: dict[Any, Any] = dict(zip(jaxpr.constvars, map(_plain, consts)))
    known |= zip(jaxpr.invars, args)

    def value(one: Any) -> Any:
        return _plain(one.val) if hasattr(one, "val") else known[one]

    for equation in jaxpr.eqns:
        found = _operation(equation, [value(one) for one in equation.invars])
        known |= zip(equation.outvars, found)
    return [value(one) for one in jaxpr.outvars]


def _plain(value: Any) -> Any:
    found = as_array(value)
    return found if found.shape else found.item()


def _operation(equation: Any, args: list[Any]) -> list[Any]:
    """What one operation gives: a list of its results."""
    name, params = equation.primitive.name, equation.params
    inner = next((params[one] for one in ("jaxpr", "call_jaxpr", "fun_jaxpr") if one in params), None)
    if name in CALLS and inner is not None:
        return _of_closed(inner, args)
    if name in ("cond", "scan", "while"):
        return _CONTROL[name](params, args)
    if not has_recorded(args):
        found = equation.primitive.bind(*args, **params)
        return list(map(_plain, found)) if equation.primitive.multiple_results else [_plain(found)]
    if name in COMPARED and (truth := compared(name, *args)) is not None:
        return [truth]
    if name in ("max", "min") and any(not has_recorded(one) and np.isinf(one).all() for one in args):
        first, second = args
        return [second if not has_recorded(first) else first]
    if name in MOVING:
        return moved(equation, args)
    if name == "scatter-add":
        return [scattered(equation, *args)]
    if name in RULES:
        return [RULES[name](params, *args)]
    if name in OF_SCIPY:
        from scipy import special

        return [getattr(special, OF_SCIPY[name])(*args)]
    function = getattr(np, SAME.get(name, name), None)
    if not isinstance(function, np.ufunc):
        raise cannot(f"JAX's operation {name}")
    return [function(*args)]


def _of_closed(inner: Any, args: Sequence[Any]) -> list[Any]:
    return _evaluated(getattr(inner, "jaxpr", inner), getattr(inner, "consts", ()), args)


def _cond(params: Any, args: list[Any]) -> list[Any]:
    which, *rest = args
    taken = bool(which) if has_recorded(which) else int(which)
    return _of_closed(params["branches"][int(taken)], rest)


def _scan(params: Any, args: list[Any]) -> list[Any]:
    fixed, carried, steps = params["num_consts"], params["num_carry"], params["length"]
    if steps > MOST_STEPS:
        raise cannot(f"a loop of more than {MOST_STEPS} steps")
    consts, state, rows = args[:fixed], list(args[fixed : fixed + carried]), args[fixed + carried :]
    outputs: list[list[Any]] = []
    order = reversed(range(steps)) if params["reverse"] else range(steps)
    for step in order:
        found = _of_closed(params["jaxpr"], [*consts, *state, *(one[step] for one in rows)])
        state = found[:carried]
        outputs.append(found[carried:])
    if params["reverse"]:
        outputs.reverse()
    return [*state, *(_stacked(list(one)) for one in zip(*outputs))]


def _stacked(values: list[Any]) -> Any:
    made = np.empty((len(values), *np.shape(concrete(values[0]))), dtype=object).view(RecordedArray)
    for place, one in enumerate(values):
        made[place] = one
    return made


def _while(params: Any, args: list[Any]) -> list[Any]:
    own, other = params["cond_nconsts"], params["body_nconsts"]
    state = list(args[own + other :])
    for _ in range(MOST_STEPS):
        (goes_on,) = _of_closed(params["cond_jaxpr"], [*args[:own], *state])
        if not bool(goes_on):
            return state
        state = _of_closed(params["body_jaxpr"], [*args[own : own + other], *state])
    raise cannot(f"a loop of more than {MOST_STEPS} steps")


_CONTROL: Mapping[str, Callable[[Any, list[Any]], list[Any]]] = {"cond": _cond, "scan": _scan, "while": _while}


def computed(call: Callable[..., Any], function: Any, values: Mapping[str, Any]) -> Any:
    """What a call with floats gives, compiled once, as arrays of NumPy."""
    import jax

    with in_doubles():
        value = _compiled(call, function)(dict(values))
    return jax.tree_util.tree_map(lambda one: as_array(one) if isinstance(one, jax.Array) else one, value)


@lru_cache(maxsize=8)
def _compiled(call: Callable[..., Any], function: Any) -> Any:
    import jax

    return jax.jit(lambda values: call(function, values))
