"""What each operation on tensors of balls comes to: a view, a move of entries, a handler, or a decomposition."""

from __future__ import annotations

from functools import cache, reduce
from typing import Any

import numpy as np
import torch
from torch._decomp import decomposition_table
from torch.utils._pytree import tree_flatten, tree_map, tree_unflatten

from gradcli.check.callables.sums import places, written_once
from gradcli.check.callables.tensor import (
    COMPOSED,
    DISPATCH,
    HANDLERS,
    LINEAR,
    MOVES,
    NARROW,
    BallTensor,
    OperationsMode,
    balls,
    entries_of,
    is_real,
    lifted,
)
from gradcli.check.callables.world import Unsupported, array, world

_JOINING = ("where", "cat", "stack", "hstack", "vstack")  # whose whole numbers are entries, too
MAX_LINEAR = 4_096  # entries: each is a call of the kernel


def dispatch(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:  # noqa: PLR0912
    """What an operation comes to."""
    flat, spec = tree_flatten((args, kwargs))
    schema = func._schema
    name = schema.name.partition("::")[2]
    if not any(type(one) is BallTensor for one in flat):
        return _without_balls(func, schema, args, kwargs)
    if schema.name.partition("::")[0] not in ("aten", "prims"):
        raise Unsupported(f"an operator of its own, {schema.name}")
    if name not in HANDLERS and name not in COMPOSED and _is_composite(func):
        with OperationsMode():  # type: ignore[no-untyped-call]
            return func.decompose(*args, **kwargs)
    writes = schema.is_mutable
    if writes and not (name.endswith("_") or name == "set_data"):
        raise Unsupported(f"{name} with out=")
    if _is_view(schema) and not writes:
        return _view(func, args, kwargs)
    if name in _LIKE:
        plain = [one.doubles if type(one) is BallTensor else one for one in flat]
        return _without_balls(func, schema, *tree_unflatten(plain, spec))
    if name in COMPOSED:
        return COMPOSED[name](*args, **kwargs)
    if name in LINEAR:
        return _linear(func, args, kwargs)
    pure = name[:-1] if writes else name
    known = pure in HANDLERS or name in MOVES or pure in ("copy", "fill", "zero")
    if not known and not writes:
        broken = _decomposed(func, args, kwargs)
        if broken is not NotImplemented:
            return broken
        raise Unsupported(f"torch's {name.strip('_')}")
    if name in _RANDOM and not any(type(one) is BallTensor for one in flat[1:]):
        func(args[0].doubles, *args[1:], **kwargs)
        args[0].write(world().numbers(args[0].doubles.double().numpy()))
        return args[0]
    if writes and name not in _WRITERS and pure not in HANDLERS and pure not in MOVES:
        return _written_by_parts(func, args, kwargs)
    plain = [one.doubles if type(one) is BallTensor else one for one in flat]
    if writes:
        return _written(func, pure, args, kwargs, tree_unflatten(plain, spec))
    args_of_doubles, named = tree_unflatten(plain, spec)
    template = func(*args_of_doubles, **named)  # for shapes and dtypes
    if name in MOVES:
        return _moved(func, args, kwargs, template)
    return _wrapped(HANDLERS[name](*args, **kwargs), template, func)


_LIKE = ("zeros_like", "ones_like", "full_like", "empty_like", "rand_like", "randn_like", "randint_like", "new_zeros",
         "new_ones", "new_full", "new_empty", "new_empty_strided")  # fmt: skip  # they take a shape, and no entries
_RANDOM = ("bernoulli_", "uniform_", "normal_", "exponential_", "log_normal_", "cauchy_", "geometric_", "random_")
_WRITERS = ("copy_", "fill_", "zero_")


def _without_balls(func: Any, schema: Any, args: Any, kwargs: Any) -> Any:
    """An operation on plain tensors: a new tensor of real numbers is one of balls, since it may be written into."""
    made = func(*args, **kwargs)
    if schema.is_mutable or (_is_view(schema) and schema.name != "aten::lift_fresh"):
        return made
    return tree_map(lambda one: lifted(one) if is_real(one) and _is_plain(one) else one, made)


def _is_plain(value: torch.Tensor) -> bool:
    return not value.is_complex() and value.layout == torch.strided and value.device.type == "cpu"


def _is_view(schema: Any) -> bool:
    return any(one.alias_info is not None and not one.alias_info.is_write for one in schema.returns) and any(
        one.alias_info is not None for one in schema.arguments
    )


def _view(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Other sizes and strides of the same storage."""
    base = args[0]
    if type(base) is not BallTensor:
        raise Unsupported(f"torch's {func._schema.name.partition('::')[2]}")
    doubles, here = func(base.doubles, *args[1:], **kwargs), func(base.places, *args[1:], **kwargs)
    if isinstance(doubles, torch.Tensor):
        return BallTensor(doubles, base.storage, here)
    return [BallTensor(one, base.storage, place) for one, place in zip(doubles, here)]


def _moved(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], template: Any) -> Any:
    """Entries in other places: torch's kernel puts labels where the entries go."""
    found: list[Any] = [world().number(0)]
    name = func._schema.name.partition("::")[2]
    joins = name in _JOINING
    if name in ("scatter", "index_copy"):
        written_once(args[2].numpy() if name == "index_copy" else places(args[0].shape).gather(*args[1:3]).numpy())

    def labels(one: Any) -> Any:
        whole = joins and isinstance(one, torch.Tensor) and one.dtype is not torch.bool
        if not is_real(one) and not whole:
            return one
        return label(one).reshape(tuple(one.shape))

    def label(one: Any) -> torch.Tensor:
        start = len(found)
        found.extend(entries_of(one).reshape(-1))
        return torch.arange(start, len(found))

    for place, argument in enumerate(func._schema.arguments):
        value = args[place] if place < len(args) else kwargs.get(argument.name)
        if argument.name == "value" and isinstance(value, (bool, int, float)):
            kwargs = {**kwargs, "value": int(label(value))}
            args = args[:place]
    placed = func(*tree_map(labels, args), **tree_map(labels, kwargs))
    storage = array(found, (len(found),))
    if isinstance(template, torch.Tensor):
        return balls(storage[placed.numpy().reshape(-1)].reshape(tuple(template.shape)), template)
    return type(template)(
        balls(storage[one.numpy().reshape(-1)].reshape(tuple(like.shape)), like) if is_real(like) else like
        for one, like in zip(placed, template)
    )


def _linear(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """A linear operation by its matrix, which torch's kernel gives in doubles."""
    entries = entries_of(args[0])
    if entries.size > MAX_LINEAR:
        raise Unsupported(f"torch's {func._schema.name.partition('::')[2]} of so many entries")
    rest = [one.doubles if type(one) is BallTensor else one for one in args[1:]]
    template = func(args[0].doubles, *rest, **kwargs)
    units = torch.eye(entries.size, dtype=torch.float64).reshape(-1, *entries.shape)
    matrix = torch.stack([func(unit, *rest, **kwargs).reshape(-1) for unit in units]).numpy()
    now, flat = world(), entries.reshape(-1)
    found = []
    for column in matrix.T:
        terms = [now.named("*", flat[place], now.number(float(column[place]))) for place in np.flatnonzero(column)]
        found.append(reduce(lambda a, b: now.named("+", a, b), terms) if terms else now.number(0))
    return balls(array(found, tuple(template.shape)), template)


def _wrapped(result: Any, template: Any, func: Any) -> Any:
    """Arrays of balls as tensors; what else a handler gives stays."""
    if isinstance(template, torch.Tensor):
        if not isinstance(result, np.ndarray):
            return result
        if result.shape != tuple(template.shape):
            raise Unsupported(f"torch's {func._schema.name.partition('::')[2]} of these shapes")
        if template.dtype in NARROW:
            world().narrow.add(NARROW[template.dtype])
        return balls(result, template)
    if isinstance(template, (tuple, list)):
        return type(template)(_wrapped(one, like, func) for one, like in zip(result, template))
    return result


def _written(func: Any, pure: str, args: tuple[Any, ...], kwargs: dict[str, Any], plain: Any) -> Any:
    """An operation in place: its result is put where the entries are."""
    target = args[0]
    if type(target) is not BallTensor:
        raise Unsupported("writing into a tensor of plain numbers")
    if pure == "zero":
        entries = world().numbers(np.zeros(()))
    elif pure in ("copy", "fill"):
        entries = entries_of(args[1])
    elif pure in MOVES:
        result = getattr(torch.ops.aten, pure)(*args, **kwargs)
        entries = result.entries
    else:
        entries = HANDLERS[pure](*args, **kwargs)
    func(*plain[0], **plain[1])
    if pure == "copy":
        entries = np.broadcast_to(entries, tuple(target.shape))
    target.write(entries)
    return target


def _written_by_parts(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The same, where the operation is one that is decomposed."""
    name = func._schema.name.partition("::")[2]
    pure = getattr(torch.ops.aten, name[:-1], None)
    target = args[0]
    if pure is None or type(target) is not BallTensor:
        raise Unsupported(f"torch's {name}" if pure is None else "writing into a tensor of plain numbers")
    result = pure(*args, **kwargs)
    target.doubles.copy_(result.doubles)
    target.write(result.entries)
    return target


def _decomposed(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    decomposition = decomposition_table.get(func)
    if decomposition is None:
        return NotImplemented
    with OperationsMode():  # type: ignore[no-untyped-call]
        return decomposition(*args, **kwargs)


@cache
def _is_composite(func: Any) -> bool:
    return bool(func.has_kernel_for_dispatch_key(torch._C.DispatchKey.CompositeImplicitAutograd))


DISPATCH.append(dispatch)
