"""What a statement that is left out may have changed: such tensors have no known numbers any more."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Any

from gradcli.cells.modules import LayerObject
from gradcli.cells.scopes import NameScope
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import Bound, Instance, LeftOutName, PythonClass, PythonFunction
from gradcli.cells.written import NUMPY_FUNCTIONS, NUMPY_METHODS

# Calls that change what is learned, by their names: opt.step(), model.fit(), train_one_epoch(model).
_DOING = "apply_gradients|minimize|step|fit|backward|train|learn|optimi[sz]e|update"
CHANGING = re.compile(f"^(?:{_DOING})(?:_|$)|_(?:{_DOING})$")
# t.__iadd__(1), operator.iadd(t, 1), operator.setitem(t, 0, 1), setattr(t, "data", u)
AUGMENTED = re.compile("(?:__)?(?:i(?:add|sub|mul|truediv|floordiv|mod|pow|matmul|concat)|setitem|setattr)(?:__)?$")
FILLING = frozenset("append extend insert update pop remove clear setdefault add".split())  # methods of containers
MOST = 10_000  # values that are looked through


def changed_by(node: ast.AST) -> set[str]:
    """The names whose values a piece of Python changes in place, by how it is written."""
    found: set[str] = set()
    for one in ast.walk(node):
        targets: list[ast.expr] = []
        if isinstance(one, ast.AugAssign):
            targets = [one.target]
        elif isinstance(one, (ast.Attribute, ast.Subscript)) and isinstance(one.ctx, ast.Store):
            targets = [one.value]
            if isinstance(one.value, ast.Call):  # copy.copy(x)[0] = 1
                found |= _names(one.value)
        elif isinstance(one, ast.Call):
            name = one.func.attr if isinstance(one.func, ast.Attribute) else getattr(one.func, "id", "")
            targets += [word.value for word in one.keywords if word.arg == "out"]
            if any(word.arg == "inplace" for word in one.keywords):
                targets += one.args
            elif name.endswith("_") and not name.startswith("__"):
                targets += [one.func, *one.args]
            elif name in NUMPY_METHODS or name in NUMPY_FUNCTIONS or AUGMENTED.match(name):
                targets += [one.func, *one.args[:1]]
            elif CHANGING.search(name):
                words = (word.value for word in one.keywords)
                targets += [*([one.func.value] if isinstance(one.func, ast.Attribute) else []), *one.args, *words]
        found.update(root for target in targets for inner in _listed(target) if (root := _root(inner)))
    return _with_origins(node, found)


def _with_origins(node: ast.AST, names: set[str]) -> set[str]:
    """Names, and those that they are other names of: what a loop goes through, what is only named anew."""
    origins: dict[str, set[str]] = {}
    for one in ast.walk(node):
        if isinstance(one, (ast.For, ast.comprehension)):
            pairs: list[tuple[ast.AST, ast.AST]] = [(one.target, one.iter)]
        elif isinstance(one, ast.Assign) and isinstance(one.value, (ast.Name, ast.Attribute, ast.Subscript, ast.Tuple)):
            pairs = [(target, one.value) for target in one.targets]
        else:
            continue
        for target, source in pairs:
            for name in _names(target):
                origins.setdefault(name, set()).update(_names(source))
    found, stack = set[str](), list(names)
    while stack:
        name = stack.pop()
        if name not in found:
            found.add(name)
            stack += origins.get(name, ())
    return found


def _names(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def filled_by(node: ast.AST, scope: NameScope) -> set[str]:
    """The lists and dictionaries that a statement changes, itself or by the functions that it calls."""
    bodies: list[ast.AST] = [node]
    for name in _names(node):
        value = scope.names.get(name)
        value = value.function if isinstance(value, Bound) else value
        if isinstance(value, PythonFunction):
            bodies += value.body if isinstance(value.body, list) else [value.body]
    found = set[str]()
    for body in bodies:
        for one in ast.walk(body):
            is_set = isinstance(one, ast.Subscript) and isinstance(one.ctx, (ast.Store, ast.Del))
            if is_set or (isinstance(one, ast.Attribute) and one.attr in FILLING):
                assert isinstance(one, (ast.Subscript, ast.Attribute))
                found.add(_root(one.value) or "")
    return {name for name in found if isinstance(scope.names.get(name), (list, dict))}


def _listed(node: ast.expr) -> Iterator[ast.expr]:
    """An expression, and what stands in the lists and tuples that it is made of."""
    yield node
    for one in node.elts if isinstance(node, (ast.List, ast.Tuple)) else ():
        yield from _listed(one)


def _root(node: ast.expr) -> str | None:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def may_draw(node: ast.AST) -> bool:
    """Whether a piece of Python calls something, which may draw random numbers."""
    return any(isinstance(one, ast.Call) for one in ast.walk(node))


def doubt(node: ast.AST, scope: NameScope) -> None:
    """Forget the numbers of what a statement may have changed, itself or by the functions that it calls."""
    for name in changed_by(node):
        value = scope.names.get(name)
        _forget([] if value is None else [value])
        if isinstance(value, LeftOutName):  # what it holds is not known
            reached = _reached(value, scope)
            _forget(reached)
            if any(True for _ in _tensors(reached)) or any(isinstance(one, CODE) for one in reached):
                doubt_all(scope)
                _doubt_gradients(scope)
    if any(isinstance(one, ast.Attribute) and one.attr == "backward" for one in ast.walk(node)):
        _doubt_gradients(scope)
    called = [scope.names[one.id] for one in ast.walk(node) if isinstance(one, ast.Name) and one.id in scope.names]
    if any(_changes(one) for one in called):
        _forget(one for one in called if isinstance(one, TensorObject))
        doubt_all(scope)


CODE = (PythonFunction, PythonClass, Bound, Instance)  # what may know of any name of the cell


def _reached(value: LeftOutName, scope: NameScope) -> list[Any]:
    """What the statements mention by which an unknown thing came: it may hold all of that, and nothing else."""
    found, seen, stack = list[Any](), set[str](), list(value.among)
    while stack:
        name = stack.pop()
        if name in seen or name not in scope.names:
            continue
        seen.add(name)
        one = scope.names[name]
        if isinstance(one, LeftOutName):
            stack += one.among
        else:
            found.append(one)
    return found


def _doubt_gradients(scope: NameScope) -> None:
    for one in _tensors(scope.names.values()):
        if one.requires_grad:
            one.is_grad_unknown = True


def doubt_all(scope: NameScope) -> None:
    """Forget the numbers of all tensors that a cell learns."""
    _forget(scope.names.values(), leaves_only=True)


def _changes(value: Any) -> bool:
    """Whether a function of the cell, or an object's, changes something in place."""
    if isinstance(value, Bound):
        value = value.function
    if isinstance(value, PythonFunction):
        body = value.body if isinstance(value.body, list) else [value.body]
        return any(changed_by(one) for one in body)
    if isinstance(value, Instance):
        value = value.cls
    return isinstance(value, PythonClass) and any(
        _changes(member) for name, member in value.members.items() if name != "__init__"
    )


def _forget(values: Iterable[Any], leaves_only: bool = False) -> None:
    for one in _tensors(values):
        if one.requires_grad and one.is_leaf:
            one.is_grad_unknown = True
        if not leaves_only or (one.requires_grad and one.is_leaf):
            one.forget()


def _tensors(values: Iterable[Any]) -> Iterator[TensorObject]:
    """The tensors in values, and in what these hold."""
    stack = list(values)
    seen: set[int] = set()
    while stack and len(seen) < MOST:
        one = stack.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, TensorObject):
            yield one
        elif isinstance(one, (list, tuple)):
            stack += one
        elif isinstance(one, dict):
            stack += one.values()
        elif isinstance(one, Bound):
            stack.append(one.owner)
        elif isinstance(one, Instance):
            stack += one.attributes.values()
        elif isinstance(one, LayerObject):
            stack += one.parameters.values()
        else:
            stack += getattr(one, "parameters", None) or []
