"""Operators of Python: on tensors they are recorded, on numbers computed."""

from __future__ import annotations

import ast
import math
from typing import Any

from gradcli.cells import numbers
from gradcli.cells.base import CellReader
from gradcli.cells.iterating import CellIterable, IteratorObject, gone_through
from gradcli.cells.limits import MAX_ITEMS
from gradcli.cells.modules import DICTIONARIES, LayerObject
from gradcli.cells.nesting import described
from gradcli.cells.tensors import TensorObject, TensorStorage
from gradcli.cells.values import CannotFollow, Ignored, Instance, TextValue, WrittenFloat, WrittenInt
from gradcli.language.nodes import Call, Name, Node

XOR = "in Python ^ is exclusive or, and a power is written **"


class OperatorReader(CellReader):
    """Evaluates operators, comparisons, and what is gone through."""

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
            if name == "pos" and value.library == "torch" and not value.is_variable:
                return value
            return self.graph.operation(name, [value], self.span(node), self.span(node))
        if not isinstance(value, (int, float)) or name == "not":
            raise self.raised("TypeError", "bad operand type for a sign", node)
        if name == "pos":
            return value
        negative = -value
        if isinstance(value, (WrittenFloat, WrittenInt)):
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
        if isinstance(a, (str, TextValue)) and kind is ast.Mod:
            return TextValue(a if isinstance(a, str) else a.text, self.gradients_in(b))
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
            ends = [one for one in (a, b) if isinstance(one, float) and not math.isfinite(one)]
            if ends and all(isinstance(one, float) or not self.engine.shape(one) for one in (a, b)):
                a, b = (float(self.array(one).data[0]) if isinstance(one, TensorObject) else one for one in (a, b))
                return numbers.compared(kind, a, b)
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
            found = [self.graph.subscript(value, index, self.span(node)) for index in range(shape[0])]
            for place, one in enumerate(found):
                if value.library == "np" and len(shape) == 1:
                    one.part()  # a number for itself
                elif value.library == "torch" and "{}" not in value.several:
                    one.several = f"Output {place} of Unbind"
            return found
        if isinstance(value, dict):
            return list(value)
        if isinstance(value, LayerObject) and value.holds:
            return list(value.parameters if value.kind in DICTIONARIES else value.parameters.values())
        if isinstance(value, (list, tuple, str, range)):
            self._check_items(len(value), node)
            return list(value)
        if isinstance(value, Ignored):
            raise CannotFollow(value.reason, self.span(node))
        if isinstance(value, (CellIterable, IteratorObject, Instance)):
            found = []
            for one in gone_through(self, value, node):
                self.step(node)
                found.append(one)
                self._check_items(len(found), node)
            return found
        raise CannotFollow(f"{described(value)} is not gone through", self.span(node))

    def _check_items(self, count: int, node: ast.AST) -> None:
        if count > MAX_ITEMS:
            raise CannotFollow(f"it has {count:,} items, and {MAX_ITEMS:,} is the limit", self.span(node))


def _unchanged(sign: str, a: Any, b: Any) -> TensorObject | None:
    """The tensor to which nothing is added, as a sum over a loop begins."""
    value, other = (b, a) if isinstance(b, TensorObject) else (a, b)
    nothing = sign == "+" and type(other) in (int, float) and other == 0
    nothing = nothing or (isinstance(other, WrittenInt) and other == 0 and sign == "+")
    if not nothing or value.vertex.node is None or isinstance(value.vertex.node, Name):
        return None
    return TensorObject(
        value.vertex, value.requires_grad, value.library, is_variable=value.is_variable, storage=TensorStorage()
    )
