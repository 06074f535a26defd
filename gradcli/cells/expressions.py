"""Expressions of Python: what each is a value of."""

from __future__ import annotations

import ast
from typing import Any

from gradcli.cells import numbers
from gradcli.cells.base import CellReader
from gradcli.cells.graph import described
from gradcli.cells.limits import MAX_CHARACTERS, MAX_ITEMS
from gradcli.cells.values import (
    CannotFollow,
    Ignored,
    Instance,
    LibraryPath,
    NameScope,
    PythonClass,
    PythonFunction,
    PythonRaises,
    TensorObject,
    TextValue,
)
from gradcli.language.nodes import Call, Name, Node

XOR = "in Python ^ is exclusive or, and a power is written **"


class ExpressionReader(CellReader):
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
        return self._items(node.elts)

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
                raise CannotFollow("** in a dictionary is not followed", self.span(node))
            found[self._key(self.expression(key), key)] = self.expression(value)
        return found

    def _key(self, key: Any, node: ast.expr) -> Any:
        if isinstance(key, (str, int, float, bool, type(None))):
            return key
        raise CannotFollow(f"{described(key)} as a key is not followed", self.span(node))

    def _lambda(self, node: ast.Lambda) -> Any:
        return PythonFunction("lambda", node.args, node.body, self.scope)

    def _ifexp(self, node: ast.IfExp) -> Any:
        return self.expression(node.body if self.truth(self.expression(node.test), node.test) else node.orelse)

    def _boolop(self, node: ast.BoolOp) -> Any:
        stops_at = isinstance(node.op, ast.Or)
        value: Any = None
        for one in node.values:
            value = self.expression(one)
            if self.truth(value, one) is stops_at:
                return value
        return value

    def _unaryop(self, node: ast.UnaryOp) -> Any:
        value = self.expression(node.operand)
        if isinstance(node.op, ast.Not):
            return not self.truth(value, node.operand)
        if isinstance(value, Ignored):
            return value
        if isinstance(value, Instance):
            names = {ast.USub: "__neg__", ast.UAdd: "__pos__", ast.Invert: "__invert__"}
            return self.invoke(self.attribute(value, names[type(node.op)], node), [], {}, node)
        name = {ast.USub: "neg", ast.UAdd: "pos", ast.Invert: "not"}[type(node.op)]
        if isinstance(value, TensorObject):
            return self.graph.operation(name, [value], self.span(node), self.span(node))
        if not isinstance(value, (int, float)) or name == "not":
            raise self.raised("TypeError", "bad operand type for a sign", node)
        if name == "pos":
            return value
        negative = -value
        if isinstance(value, (numbers.WrittenFloat, numbers.WrittenInt)):
            return numbers.with_node(negative, Call("neg", (value.node,), self.span(node), self.span(node)))
        return negative

    def _binop(self, node: ast.BinOp) -> Any:
        chain: list[ast.BinOp] = []
        inner: ast.expr = node
        while isinstance(inner, ast.BinOp):  # a sum of many terms is as deep as it has terms
            chain.append(inner)
            inner = inner.left
        value = self.expression(inner)
        for one in reversed(chain):
            self.step(one)
            value = self.binary(type(one.op), value, self.expression(one.right), one)
        return value

    def binary(self, kind: type[ast.operator], a: Any, b: Any, node: ast.AST) -> Any:
        """An operator on two values.

        Raises CannotFollow, PythonRaises.
        """
        span = self.span(node)
        if kind is ast.BitXor:
            raise CannotFollow(XOR, span)
        if isinstance(a, Ignored) or isinstance(b, Ignored):
            return a if isinstance(a, Ignored) else b
        if kind not in numbers.OPERATORS:
            raise CannotFollow(f"{kind.__name__} is not followed", span)
        sign, _, method = numbers.OPERATORS[kind]
        for value, other, prefix in ((a, b, ""), (b, a, "r")):
            if isinstance(value, Instance) and value.cls.find(f"__{prefix}{method}__") is not None:
                return self.invoke(self.attribute(value, f"__{prefix}{method}__", node), [other], {}, node)
        if isinstance(a, TensorObject) or isinstance(b, TensorObject):
            same = _unchanged(sign, a, b)
            return same if same is not None else self.graph.operation(sign, [a, b], span, span)
        if isinstance(a, TextValue) or isinstance(b, TextValue):
            return self._joined_texts(a, b)
        if not numbers.is_plain(a) or not numbers.is_plain(b):
            raise CannotFollow(f"{sign} of {described(a if not numbers.is_plain(a) else b)} is not followed", span)
        return numbers.binary(kind, a, b, self._trees(a, b, node), span)

    def _trees(self, a: Any, b: Any, node: ast.AST) -> tuple[Node, Node] | None:
        """The trees of two numbers that are computed with."""
        if isinstance(a, (int, float)) and isinstance(b, (int, float)):
            try:
                return self.graph.number(a, self.span(node)), self.graph.number(b, self.span(node))
            except CannotFollow:
                return None
        return None

    def _joined_texts(self, a: Any, b: Any) -> TextValue:
        parts = [one if isinstance(one, TextValue) else TextValue(str(one), []) for one in (a, b)]
        return TextValue(parts[0].text + parts[1].text, parts[0].gradients + parts[1].gradients)

    def _compare(self, node: ast.Compare) -> Any:
        left = self.expression(node.left)
        result: Any = True
        for operation, following in zip(node.ops, node.comparators):
            right = self.expression(following)
            result = self._compared(type(operation), left, right, node)
            if isinstance(result, TensorObject) and len(node.ops) > 1:
                result = self.truth(result, node)
            if result is False:
                return False
            left = right
        return result

    def _compared(self, kind: type[ast.cmpop], a: Any, b: Any, node: ast.Compare) -> Any:
        sign, _, method = numbers.COMPARISONS[kind]
        if isinstance(a, Ignored) or isinstance(b, Ignored):
            raise CannotFollow((a if isinstance(a, Ignored) else b).reason, self.span(node))
        if kind in (ast.Is, ast.IsNot, ast.In, ast.NotIn):
            if kind in (ast.In, ast.NotIn):
                items = b if isinstance(b, (dict, str)) else list(self.iterated(b, node))
                same = a in items if isinstance(items, (dict, str)) else any(a is one or a == one for one in items)
                return same is (kind is ast.In)
            return (a is b or (numbers.is_plain(a) and numbers.is_plain(b) and a == b)) is (kind is ast.Is)
        if isinstance(a, Instance) and a.cls.find(f"__{method}__") is not None:
            return self.invoke(self.attribute(a, f"__{method}__", node), [b], {}, node)
        if isinstance(a, TensorObject) or isinstance(b, TensorObject):
            if a is None or b is None or isinstance(a, str) or isinstance(b, str):
                return kind is ast.NotEq
            return self.graph.operation(sign, [a, b], self.span(node), self.span(node))
        if not numbers.is_plain(a) or not numbers.is_plain(b):
            return (a is b) is (kind is ast.Eq)
        return numbers.compared(kind, a, b)

    def truth(self, value: Any, node: ast.AST) -> bool:
        """Whether a value counts as true: of a tensor its number."""
        if isinstance(value, TensorObject):
            data = self.array(value).data
            if len(data) != 1:
                raise self.raised("RuntimeError", "Boolean value of Tensor with more than one value is ambiguous", node)
            return bool(data[0])
        if isinstance(value, Ignored):
            raise CannotFollow(value.reason, self.span(node))
        if isinstance(value, TextValue):
            return bool(value.text)
        return bool(value)

    def iterated(self, value: Any, node: ast.AST) -> list[Any]:
        """The items of a value, some thousand at the most."""
        if isinstance(value, TensorObject):
            shape = self.engine.shape(value)
            if not shape:
                raise self.raised("TypeError", "iteration over a 0-d tensor", node)
            self._check_items(shape[0], node)
            return [self.graph.subscript(value, index, self.span(node)) for index in range(shape[0])]
        if isinstance(value, dict):
            return list(value)
        if isinstance(value, (list, tuple, str, range)):
            self._check_items(len(value), node)
            return list(value)
        if isinstance(value, Ignored):
            raise CannotFollow(value.reason, self.span(node))
        raise CannotFollow(f"{described(value)} is not gone through", self.span(node))

    def _check_items(self, count: int, node: ast.AST) -> None:
        if count > MAX_ITEMS:
            raise CannotFollow(f"it has {count:,} items, and {MAX_ITEMS:,} is the limit", self.span(node))

    def _listcomp(self, node: ast.ListComp) -> Any:
        return self._comprehended(node.generators, node.elt)

    _setcomp = _listcomp
    _generatorexp = _listcomp

    def _comprehended(self, generators: list[ast.comprehension], element: ast.expr) -> list[Any]:
        found: list[Any] = []
        outer, self.scope = self.scope, NameScope(outer=self.scope)

        def level(index: int) -> None:
            if index == len(generators):
                found.append(self.expression(element))
                self._check_items(len(found), element)
                return
            one = generators[index]
            for item in self.iterated(self.expression(one.iter), one.iter):
                self.step(one.iter)
                self.bind(one.target, item)
                if all(self.truth(self.expression(test), test) for test in one.ifs):
                    level(index + 1)

        try:
            level(0)
        finally:
            self.scope = outer
        return found

    def bind(self, target: ast.expr, value: Any) -> None:
        """Give a name, or several, a value without naming what it is."""
        if isinstance(target, ast.Name):
            self.scope.put(target.id, value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            items = self.iterated(value, target)
            if len(items) != len(target.elts):
                raise self.raised("ValueError", "the number of names is not that of the values", target)
            for one, item in zip(target.elts, items):
                self.bind(one, item)
        else:
            raise CannotFollow("this target of a loop is not followed", self.span(target))

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
        value = self.expression(node.value)
        index = self.expression(node.slice)
        if isinstance(value, Ignored):
            return value
        if isinstance(value, Instance):
            return self.invoke(self.attribute(value, "__getitem__", node), [index], {}, node)
        if isinstance(value, TensorObject):
            found = self.graph.subscript(value, index, self.span(node))
            found.source = value.source if value.source and not value.requires_grad else None
            return found
        if isinstance(value, (LibraryPath, PythonClass)):
            return value  # a type with parameters
        if isinstance(index, TensorObject):
            index = int(self.array(index).data[0])
        try:
            return value[index]
        except (TypeError, KeyError, IndexError, ValueError) as error:
            raise self.raised(type(error).__name__, str(error)[:100], node) from None


def _unchanged(sign: str, a: Any, b: Any) -> TensorObject | None:
    """The tensor to which nothing is added, as a sum over a loop begins."""
    value, other = (b, a) if isinstance(b, TensorObject) else (a, b)
    nothing = sign == "+" and type(other) in (int, float) and other == 0
    nothing = nothing or (isinstance(other, numbers.WrittenInt) and other == 0 and sign == "+")
    if not nothing or value.vertex.node is None or isinstance(value.vertex.node, Name):
        return None
    return TensorObject(value.vertex, value.requires_grad, value.library, is_variable=value.is_variable)
