"""Python's own functions, and the methods of its lists, texts and dictionaries, as far as they are harmless."""

from __future__ import annotations

import ast
from collections.abc import Callable
from itertools import count
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.containers import comparable, show
from gradcli.cells.graph import tensors_in
from gradcli.cells.iterating import CellIterable, IteratorObject, gone_through, next_of
from gradcli.cells.limits import MAX_CHARACTERS
from gradcli.cells.methods import method, number_of
from gradcli.cells.modules import LayerObject, is_module
from gradcli.cells.nesting import distinct
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import (
    CannotFollow,
    Ignored,
    Instance,
    LibraryPath,
    PythonClass,
    PythonFunction,
    PythonRaises,
    ReaderFunction,
    TextValue,
)

REFUSED = frozenset(("eval", "exec", "compile", "open", "input", "globals", "locals", "vars", "__import__", "setattr"))


def call_builtin(reader: CellReader, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """What a function of Python's own gives.

    Raises CannotFollow, for what reaches outside among others; PythonRaises.
    """
    if name in REFUSED:
        raise CannotFollow(f"{name} is not followed: nothing of a cell is run", reader.span(node))
    if name in ("print", "display"):
        return _print(reader, args)
    if name.endswith(("Error", "Exception", "Iteration")):
        return PythonRaises(name, str(args[0]) if args else "")
    function = _FUNCTIONS.get(name)
    if function is None:
        raise CannotFollow(f"{name} is not followed", reader.span(node))
    ignored = next((one for one in args if isinstance(one, Ignored)), None)
    if ignored is not None and name not in ("type", "isinstance", "str", "repr", "id"):
        return ignored
    try:
        return function(reader, args, keywords, node)
    except (TypeError, ValueError, IndexError, OverflowError, ZeroDivisionError) as error:
        if any(True for _ in tensors_in(args)):  # which Python may well take
            raise CannotFollow(f"{name} of these is not followed", reader.span(node)) from None
        raise reader.raised(type(error).__name__, str(error)[:100], node) from None


def _print(reader: CellReader, args: list[Any]) -> None:
    """print shows gradients; the rest of it is not needed."""
    if len(args) == 1 and reader.scope is reader.globals:
        reader.printed = args[0]
    show(reader, args)


def _range(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    ends = [int(number_of(reader, one)) if isinstance(one, TensorObject) else one for one in args]
    return range(*(int(one) if isinstance(one, int) else one for one in ends))


def _len(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    value = args[0]
    if isinstance(value, TensorObject):
        shape = reader.engine.shape(value)
        if not shape:
            raise reader.raised("TypeError", "len() of a 0-d tensor", node)
        return shape[0]
    if isinstance(value, Instance):
        return reader.invoke(reader.attribute(value, "__len__", node), [], {}, node)
    if isinstance(value, LayerObject):
        return len(value.parameters)
    if isinstance(value, CellIterable):
        return value.count(reader, node)
    return len(value)


def _items(reader: CellReader, value: Any, node: ast.AST) -> list[Any]:
    return reader.iterated(value, node)


def _sum(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    total = args[1] if len(args) > 1 else keywords.get("start", 0)
    for one in _items(reader, args[0], node):
        reader.step(node)
        is_first = isinstance(total, int) and total == 0 and isinstance(one, TensorObject)
        total = method(reader, one, "clone", [], {}, node) if is_first else reader.binary(ast.Add, total, one, node)
    return total


def _extreme(name: str) -> Callable[..., Any]:
    def call(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
        values, by = _items(reader, args[0], node) if len(args) == 1 else args, keywords.get("key")
        if not values and "default" in keywords:
            return keywords["default"]
        keys = [comparable(reader, one if by is None else reader.invoke(by, [one], {}, node)) for one in values]
        return values[keys.index((max if name == "max" else min)(keys))]

    return call


def _abs(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    if isinstance(args[0], TensorObject):
        return reader.graph.call(["abs"], args, {}, reader.span(node), reader.span(node))
    if isinstance(args[0], Instance):
        return reader.invoke(reader.attribute(args[0], "__abs__", node), [], {}, node)
    return abs(args[0])


def _number(kind: type) -> Callable[..., Any]:
    def call(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
        value = args[0] if args else 0
        if isinstance(value, TensorObject):
            if kind is float and (value.is_variable or value.source is not None):
                return value
            value = number_of(reader, value)
        if isinstance(value, str) and len(value) > 30:
            raise CannotFollow("a number is too long", reader.span(node))
        return kind(value)

    return call


def _text(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    value = args[0] if args else ""
    if isinstance(value, TensorObject) and value.source is not None:
        return TextValue("...", [value])
    return str(value)[:MAX_CHARACTERS] if isinstance(value, (int, float, str, bool, type(None))) else "..."


def _list(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    return list(_items(reader, args[0], node)) if args else []


def _tuple(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    return tuple(_items(reader, args[0], node)) if args else ()


def _set(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    return distinct(_items(reader, args[0], node)) if args else []


def _dict(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    given = args[0] if args else {}
    pairs = given if isinstance(given, dict) else [tuple(one) for one in _items(reader, given, node)]
    return {**dict(pairs), **keywords}


def _enumerate(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    start = args[1] if len(args) > 1 else keywords.get("start", 0)
    return IteratorObject(zip(count(int(start)), gone_through(reader, args[0], node)))


def _zip(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    return IteratorObject(zip(*[gone_through(reader, one, node) for one in args]))


def _reversed(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    return _items(reader, args[0], node)[::-1]


def _sorted(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    items, by = _items(reader, args[0], node), keywords.get("key")
    keys = items if by is None else [reader.invoke(by, [one], {}, node) for one in items]
    keys = [comparable(reader, one) for one in keys]
    if not all(isinstance(one, (int, float, str, tuple)) for one in keys):
        raise CannotFollow("sorted of these is not followed", reader.span(node))
    order = sorted(range(len(items)), key=keys.__getitem__, reverse=bool(keywords.get("reverse")))
    return [items[place] for place in order]


def _iter(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    return args[0] if isinstance(args[0], IteratorObject) else IteratorObject(gone_through(reader, args[0], node))


def _divmod(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    return (reader.binary(ast.FloorDiv, args[0], args[1], node), reader.binary(ast.Mod, args[0], args[1], node))


def _filter(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    test, items = args[0], gone_through(reader, args[1], node)

    def holds(one: Any) -> bool:
        return reader.truth(one if test is None else reader.invoke(test, [one], {}, node), node)

    return IteratorObject(filter(holds, items))


def _map(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    rows = zip(*[gone_through(reader, one, node) for one in args[1:]])
    return IteratorObject(reader.invoke(args[0], list(row), {}, node) for row in rows)


def _isinstance(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    kinds = args[1] if isinstance(args[1], (tuple, list)) else (args[1],)
    return any(_is(args[0], kind) for kind in kinds)


def _is(value: Any, kind: Any) -> bool:
    if isinstance(kind, PythonClass):
        return isinstance(value, Instance) and (value.cls is kind or kind in _bases(value.cls))
    path = kind.path if isinstance(kind, LibraryPath) else ""
    if path.startswith("builtins."):
        known = {"int": int, "float": float, "str": str, "bool": bool, "list": list, "tuple": tuple, "dict": dict}
        found = known.get(path.partition(".")[2])
        return (found is not None and isinstance(value, found)) or (
            path == "builtins.float" and isinstance(value, TensorObject) and value.library == "own"
        )  # fmt: skip
    if path == "torch.nn.Module":
        return is_module(value)
    if path.startswith("torch.nn.") and isinstance(value, LayerObject):
        return path == f"torch.nn.{value.kind}"
    return isinstance(value, TensorObject) and path.endswith(("Tensor", "ndarray", "Variable", "Array", "Parameter"))


def _bases(cls: PythonClass) -> list[PythonClass]:
    found: list[PythonClass] = []
    for base in cls.bases:
        if isinstance(base, PythonClass):
            found += [base, *_bases(base)]
    return found


def _type(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    return args[0].cls if isinstance(args[0], Instance) else Ignored("a type")


def _super(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    scope: Any = reader.scope
    while scope is not None and scope.cls is None:
        scope = scope.outer
    if scope is None:
        raise CannotFollow("super() outside a class", reader.span(node))
    inner = PythonClass("super", {}, scope.cls.bases)
    return Instance(inner, scope.me.attributes if isinstance(scope.me, Instance) else {})


def _round(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    value = args[0]
    if isinstance(value, TensorObject):
        return value if value.source is not None else number_of(reader, value)
    return round(value, *args[1:]) if all(isinstance(one, int) and abs(one) < 400 for one in args[1:]) else value


def _pow(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    return reader.binary(ast.Pow, args[0], args[1], node)


def _truths(every: bool) -> Callable[..., Any]:
    def call(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
        found = (reader.truth(one, node) for one in gone_through(reader, args[0], node))
        return all(found) if every else any(found)

    return call


def _has(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    if isinstance(args[0], Instance):
        return args[1] in args[0].attributes or args[0].cls.find(args[1]) is not None
    if isinstance(args[0], LayerObject) and args[1] in ("weight", "bias"):
        return args[1] in args[0].parameters
    raise CannotFollow(f"whether this has .{args[1]} is not looked up", reader.span(node))


def _getattr(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    if not isinstance(args[1], str):
        raise CannotFollow("getattr of this is not followed", reader.span(node))
    return reader.attribute(args[0], args[1], node)


def _decorator(name: str) -> Callable[..., Any]:
    def call(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
        return ReaderFunction(name, lambda *_: args[0]) if name == "property" else args[0]

    return call


def _callable(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    return isinstance(args[0], (PythonFunction, ReaderFunction, PythonClass))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "range": _range, "len": _len, "sum": _sum, "max": _extreme("max"), "min": _extreme("min"), "abs": _abs,
    "float": _number(float), "int": _number(int), "bool": _number(bool), "str": _text, "repr": _text,
    "list": _list, "tuple": _tuple, "set": _set, "dict": _dict, "enumerate": _enumerate, "zip": _zip,
    "reversed": _reversed, "sorted": _sorted, "map": _map, "isinstance": _isinstance, "type": _type,
    "super": _super, "round": _round, "pow": _pow, "all": _truths(True), "any": _truths(False), "hasattr": _has,
    "getattr": _getattr, "property": _decorator("property"), "callable": _callable, "iter": _iter, "next": next_of,
    "divmod": _divmod, "filter": _filter, "dir": lambda *_: Ignored("a list of names"),
    "object": lambda *_: Ignored("an object"), "id": lambda *_: Ignored("an address"),
}  # fmt: skip
