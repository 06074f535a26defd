"""Names of vertices in trees, and tensors that share their numbers: each is computed again when the other changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from gradcli.cells.tensors import TensorObject, Vertex
from gradcli.errors import Span
from gradcli.functions.kept import COPIED
from gradcli.language.nodes import Call, Name, Node, Number, walk

HELD = "$"  # in front of the index of a vertex: no name of a program has it
HERE = Span(0, 0)


def shared(tensor: TensorObject, base: TensorObject, is_cut: bool, make: Callable[..., Vertex]) -> TensorObject:
    """A tensor that shares the numbers of another one; `make` makes the vertices by which it is computed again."""
    own, of = tensor.vertex, base.vertex
    formula: Node | None = name_of(of.index) if own is of else own.node
    tensor.part()
    tensor.base, tensor.storage, tensor.is_cut = base, base.storage, is_cut
    if formula is not None and of.index in held(formula) and not (_is_copied(formula) and not _is_in_a_row(base)):
        tensor.again = partial(_again, make, formula, of.index)
    own.storage, own.version, own.writes = of.storage, of.version, of.writes
    own.dtype = "int64" if of.dtype == "int64" else own.dtype
    base.views.add(tensor)
    tensor.is_stale = base.is_stale
    tensor.is_read_only = tensor.is_read_only or base.is_read_only
    if base.several and not tensor.several:
        tensor.several = _of_several(base, formula)
    return tensor


def _of_several(base: TensorObject, formula: Node | None) -> str:
    """What torch calls a view of one of several views, or, of all of them together, one of these."""
    is_entry = isinstance(formula, Call) and formula.function == "x[]"
    if "{}" not in base.several:
        return f"Output 0 of {'Select' if is_entry else 'View'}"
    place = formula.args[1] if is_entry and isinstance(formula, Call) and len(formula.args) == 2 else None
    return base.several.format(place.text) if isinstance(place, Number) else base.several.format(0)


def _again(make: Callable[..., Vertex], formula: Node, index: int, tensor: TensorObject) -> Vertex:
    """What a view of a tensor that has changed is computed by."""
    base, old = tensor.base, tensor.current
    assert base is not None
    now = base.vertex
    if base.is_stale:
        tensor.is_stale = True
        return old
    tensor.requires_grad = base.requires_grad and not tensor.is_cut
    node = renamed(formula, index, now.index)
    tracks = frozenset([now.index]) if tensor.requires_grad else frozenset[int]()
    tensor.is_broken = bool(tensor.several) and tensor.requires_grad
    owner = tensor if tensor.retained else None
    if owner is not None:
        old.owner = None
    return make(node, old.dtype, tracks=tracks, shape=old.shape, name=old.name, owner=owner)


def is_basic(index: Any) -> bool:
    """Whether an index takes a view, and not a copy."""
    return index is None or index is Ellipsis or isinstance(index, slice) or type(index) is int


def _is_copied(formula: Node) -> bool:
    return isinstance(formula, Call) and formula.function in COPIED


def _is_in_a_row(tensor: TensorObject) -> bool:
    """Whether all numbers of a tensor stand in memory one after the other."""
    while tensor.base is not None:
        node = tensor.vertex.node
        if isinstance(node, Call) and not _is_copied(node):
            return False
        tensor = tensor.base
    return True


def name_of(index: int) -> Name:
    """What stands for a vertex in a tree."""
    return Name(f"{HELD}{index}", HERE)


def renamed(tree: Node, old: int, new: int) -> Node:
    """A tree with another vertex in the place of one."""
    name = f"{HELD}{old}"
    return replaced(tree, lambda one: name_of(new) if isinstance(one, Name) and one.name == name else None)


def held(node: Node) -> Iterator[int]:
    """The vertices that a tree names."""
    return (int(one.name[1:]) for one in walk(node) if isinstance(one, Name) and one.name.startswith(HELD))


def replaced(node: Node, change: Callable[[Node], Node | None]) -> Node:
    """The tree in which names stand for other trees; everything stands where it stood."""
    results: dict[int, Node] = {}
    stack = [(node, False)]
    while stack:
        current, ready = stack.pop()
        if not isinstance(current, Call):
            results[id(current)] = change(current) or current
        elif ready:
            args = tuple(results[id(arg)] for arg in current.args)
            results[id(current)] = Call(current.function, args, current.span, current.head, current.user)
        else:
            stack.append((current, True))
            stack.extend((arg, False) for arg in current.args)
    return results[id(node)]
