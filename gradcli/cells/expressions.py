"""Expressions of Python: what each is a value of."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from gradcli.cells.datasets import DatasetObject, SubsetObject
from gradcli.cells.graph import MOST_INDICES
from gradcli.cells.iterating import IteratorObject, gone_through, resumed
from gradcli.cells.joined import SIDE_BY_SIDE, side_by_side
from gradcli.cells.limits import MAX_CHARACTERS
from gradcli.cells.module_members import part_of
from gradcli.cells.modules import LayerObject
from gradcli.cells.nesting import described, distinct
from gradcli.cells.operators import OperatorReader
from gradcli.cells.scopes import NameScope
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import (
    Bound,
    CannotFollow,
    Ignored,
    Instance,
    LibraryPath,
    PlacesObject,
    PythonClass,
    PythonFunction,
    PythonRaises,
    TextValue,
)


class ExpressionReader(OperatorReader):
    """Evaluates expressions: tensors are recorded, numbers of Python computed."""

    def expression(self, node: ast.expr) -> Any:
        """The value of an expression.

        Raises CannotFollow, PythonRaises, LimitError.
        """
        self.step(node)
        self.deeper(node)
        try:
            found = getattr(self, f"_{type(node).__name__.lower()}", None)
            if found is None:
                raise CannotFollow(f"{type(node).__name__} is not followed", self.span(node))
            return found(node)
        except PythonRaises as error:
            error.span = error.span or self.span(node)
            raise
        finally:
            self.depth -= 1

    def _constant(self, node: ast.Constant) -> Any:
        value = node.value
        if isinstance(value, (complex, bytes)):
            raise CannotFollow(f"{type(value).__name__} values are not followed", self.span(node))
        if isinstance(value, int) and value.bit_length() > 4_096:
            raise CannotFollow("a whole number is too large", self.span(node))
        return value

    def _name(self, node: ast.Name) -> Any:
        return self.name(node)

    def _list(self, node: ast.List) -> Any:
        return self._items(node.elts)

    def _tuple(self, node: ast.Tuple) -> Any:
        return tuple(self._items(node.elts))

    def _set(self, node: ast.Set) -> Any:
        return distinct(self._items(node.elts))

    def _items(self, nodes: list[ast.expr]) -> list[Any]:
        found: list[Any] = []
        for one in nodes:
            if isinstance(one, ast.Starred):
                found.extend(self.iterated(self.expression(one.value), one))
            else:
                found.append(self.expression(one))
        return found

    def _dict(self, node: ast.Dict) -> Any:
        found: dict[Any, Any] = {}
        for key, value in zip(node.keys, node.values):
            if key is None:
                inner = self.expression(value)
                if not isinstance(inner, dict):
                    raise CannotFollow(f"** of {described(inner)} is not followed", self.span(node))
                found |= inner
                continue
            found[self._key(self.expression(key), key)] = self.expression(value)
        return found

    def _key(self, key: Any, node: ast.expr) -> Any:
        if isinstance(key, (str, int, float, bool, type(None))):
            return key
        if isinstance(key, tuple):
            return tuple(self._key(one, node) for one in key)
        raise CannotFollow(f"{described(key)} as a key is not followed", self.span(node))

    def _lambda(self, node: ast.Lambda) -> Any:
        return self.function("lambda", node.args, node.body)

    def function(self, name: str, given: ast.arguments, body: list[ast.stmt] | ast.expr) -> PythonFunction:
        """A function that is defined here; the defaults of its parameters are computed now, as in Python."""
        names = [one.arg for one in (*given.posonlyargs, *given.args)]
        pairs = [*zip(names[len(names) - len(given.defaults) :], given.defaults)]
        pairs += [(one.arg, value) for one, value in zip(given.kwonlyargs, given.kw_defaults) if value is not None]
        defaults = {one: self.expression(value) for one, value in pairs}
        return PythonFunction(name, given, body, self.scope, defaults, self.lines)

    def _namedexpr(self, node: ast.NamedExpr) -> Any:
        value = self.expression(node.value)
        if isinstance(value, TensorObject) and value.vertex.name is None:
            value.vertex.name = node.target.id
        self.bind(node.target, value)
        return value

    def _ifexp(self, node: ast.IfExp) -> Any:
        return self.expression(node.body if self.truth(self.expression(node.test), node.test) else node.orelse)

    def _listcomp(self, node: ast.ListComp | ast.SetComp) -> Any:
        return self._collected(node.generators, node.elt, lambda: self.expression(node.elt))

    def _generatorexp(self, node: ast.GeneratorExp) -> Any:
        return IteratorObject(self._comprehended(node.generators, lambda: self.expression(node.elt)))

    def _setcomp(self, node: ast.SetComp) -> Any:
        return distinct(self._listcomp(node))

    def _dictcomp(self, node: ast.DictComp) -> Any:
        def item() -> tuple[Any, Any]:
            return self._key(self.expression(node.key), node.key), self.expression(node.value)

        return dict(self._collected(node.generators, node.key, item))

    def _collected(self, generators: list[ast.comprehension], place: ast.expr, item_of: Callable[[], Any]) -> list[Any]:
        found: list[Any] = []
        for one in self._comprehended(generators, item_of):
            found.append(one)
            self._check_items(len(found), place)
        return found

    def _comprehended(self, generators: list[ast.comprehension], item_of: Callable[[], Any]) -> Iterator[Any]:
        """The items of a comprehension, each made when it is asked for; what it goes through is begun now."""
        scope, lines = NameScope(outer=self.scope), self.lines
        first = gone_through(self, self.expression(generators[0].iter), generators[0].iter)

        def level(index: int, items: Iterator[Any]) -> Iterator[Any]:
            one = generators[index]
            for item in items:
                self.step(one.iter)
                self.bind(one.target, item)
                if not all(self.truth(self.expression(test), test) for test in one.ifs):
                    continue
                if index + 1 == len(generators):
                    yield item_of()
                else:
                    inner = generators[index + 1].iter
                    yield from level(index + 1, gone_through(self, self.expression(inner), inner))

        return resumed(self, level(0, first), scope, lines)

    def bind(self, target: ast.expr, value: Any) -> None:
        """Give a name, or several, a value without naming what it is."""
        if isinstance(target, ast.Name):
            self.scope.put(target.id, value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for one, item in self.parted(target, self.iterated(value, target)):
                self.bind(one, item)
        else:
            raise CannotFollow("this target of a loop is not followed", self.span(target))

    def parted(self, target: ast.Tuple | ast.List, items: list[Any]) -> list[tuple[ast.expr, Any]]:
        """What each of several targets gets; one with a star a list of what is left."""
        starred = [index for index, one in enumerate(target.elts) if isinstance(one, ast.Starred)]
        if starred:
            first, rest = starred[0], len(target.elts) - starred[0] - 1
            if len(items) >= first + rest:
                items = [*items[:first], items[first : len(items) - rest], *items[len(items) - rest :]]
        if len(items) != len(target.elts):
            raise self.raised("ValueError", f"{len(items)} values for {len(target.elts)} names", target)
        return [(one.value if isinstance(one, ast.Starred) else one, item) for one, item in zip(target.elts, items)]

    def _joinedstr(self, node: ast.JoinedStr) -> Any:
        text, gradients = "", list[TensorObject]()
        for part in node.values:
            if isinstance(part, ast.Constant):
                text += str(part.value)
                continue
            assert isinstance(part, ast.FormattedValue)
            value = self.expression(part.value)
            gradients += self.gradients_in(value)
            text += str(value) if isinstance(value, (str, int, float)) else "..."
            if len(text) > MAX_CHARACTERS:
                raise CannotFollow("a text becomes too long", self.span(node))
        return TextValue(text, gradients) if gradients else text

    def gradients_in(self, value: Any) -> list[TensorObject]:
        """The gradients that a value shows, in order."""
        if isinstance(value, TensorObject):
            return [value] if value.source is not None else []
        if isinstance(value, TextValue):
            return value.gradients
        if isinstance(value, (list, tuple)):
            return [found for one in value for found in self.gradients_in(one)]
        return []

    def _attribute(self, node: ast.Attribute) -> Any:
        return self.attribute(self.expression(node.value), node.attr, node)

    def _starred(self, node: ast.Starred) -> Any:
        raise CannotFollow("* is not followed here", self.span(node))

    def _slice(self, node: ast.Slice) -> Any:
        return slice(*(self._part(one) for one in (node.lower, node.upper, node.step)))

    def _part(self, node: ast.expr | None) -> Any:
        value = None if node is None else self.expression(node)
        if isinstance(value, TensorObject):
            return int(self.array(value).data[0])
        if value is not None and not isinstance(value, int):
            raise CannotFollow("a slice has whole numbers", self.span(node) if node else None)
        return value

    def _subscript(self, node: ast.Subscript) -> Any:
        return self.subscripted(self.expression(node.value), self.expression(node.slice), node)

    def subscripted(self, value: Any, index: Any, node: ast.AST) -> Any:
        """value[index]"""
        if isinstance(value, Ignored):
            return value
        if isinstance(value, Instance):
            return self.invoke(self.attribute(value, "__getitem__", node), [index], {}, node)
        if isinstance(value, TensorObject):
            if isinstance(index, TensorObject) and index.vertex.dtype == "bool" and self.engine.is_known(index.vertex):
                return self._masked(value, index, node)
            found = self._entry(value, index, node)
            found.source = value.source if value.source and not value.requires_grad else None
            return found
        if isinstance(value, PlacesObject):
            return PlacesObject(value.tensor, index)
        if isinstance(value, LibraryPath) and value.path in SIDE_BY_SIDE:
            return side_by_side(self, value.path, index, node)
        if isinstance(value, (LibraryPath, PythonClass)):
            return value  # a type with parameters
        if isinstance(value, Bound):
            raise CannotFollow(f".{value.name}[...] is not followed", self.span(node))
        if isinstance(value, LayerObject) and value.holds:
            return part_of(self, value, self.graph.index(index), node)
        if isinstance(value, (DatasetObject, SubsetObject)):
            return value.item(self, self.graph.index(index), node)
        if isinstance(index, TensorObject):
            index = int(self.array(index).data[0])
        try:
            return value[index]
        except (TypeError, KeyError, IndexError, ValueError) as error:
            raise self.raised(type(error).__name__, str(error)[:100], node) from None

    def _entry(self, value: TensorObject, index: Any, node: ast.AST) -> TensorObject:
        """x[index]; a single entry of an array of NumPy is a number for itself."""
        found = self.graph.subscript(value, index, self.span(node))
        parts = index if isinstance(index, tuple) else (index,)
        if value.library == "np" and all(type(one) is int for one in parts) and not self.engine.shape(found):
            found.part()
        return found

    def _masked(self, value: TensorObject, mask: TensorObject, node: ast.AST) -> Any:
        """x[mask], where the mask is known: the entries at which it is true, as new numbers."""
        span, truths = self.span(node), self.array(mask)
        shape = self.engine.shape(value)
        if tuple(truths.shape) != tuple(shape[: len(truths.shape)]) or not truths.shape:
            message = f"The shape of the mask {list(truths.shape)} does not match the shape {list(shape)} of the tensor"
            raise self.raised("IndexError", message, node)
        places = [place for place, one in enumerate(truths.data) if one]
        if len(places) > MOST_INDICES or not places:
            raise CannotFollow("a mask that takes nothing, or very much, is not followed", span)
        rows = value
        if len(truths.shape) > 1:
            rows = self.graph.method(value, "reshape", [-1, *shape[len(truths.shape) :]], {}, span, span)
        return self.graph.subscript(rows, places, span)
