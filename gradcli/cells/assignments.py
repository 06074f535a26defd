"""Assignments: names, several at once, attributes, entries; and what is changed in place."""

from __future__ import annotations

import ast
from typing import Any

from gradcli.cells import accumulated, classes, entries_set, in_place, library, methods
from gradcli.cells.calls import CallReader
from gradcli.cells.modules import DICTIONARIES, LayerObject, is_module
from gradcli.cells.nesting import described
from gradcli.cells.numbers import with_node
from gradcli.cells.shaped import nonzero
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow, Ignored, Instance, LibraryPath
from gradcli.language.nodes import Name

IMMUTABLE = {
    "jax": "JAX arrays are immutable: x = x.at[index].set(value)",
    "tf": "'EagerTensor' object does not support item assignment",
}


class AssignmentReader(CallReader):
    """Gives names and other targets their values."""

    last: Any = None  # the value of the last expression or assignment

    def _do_assign(self, node: ast.Assign) -> None:
        before = len(self.graph.vertices)
        value = self.expression(node.value)
        for target in node.targets:
            self._assign(target, value, before)

    def _do_annassign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            before = len(self.graph.vertices)
            self._assign(node.target, self.expression(node.value), before)

    def _assign(self, target: ast.expr, value: Any, before: int) -> None:
        """Give a target its value; what was made for it gets its name."""
        if isinstance(target, ast.Name):
            called = self._called(target, value, before)
            self.scope.put(target.id, called)
            if self.scope is self.globals:
                self.last = called
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target, value, before)
        elif isinstance(target, ast.Attribute):
            self._assign_attribute(target, value)
        elif isinstance(target, ast.Subscript):
            self._assign_item(target, value)
        else:
            raise CannotFollow("this target is not followed", self.span(target))

    def _called(self, target: ast.Name, value: Any, before: int) -> Any:
        """A value under its name in the program."""
        if isinstance(value, TensorObject):
            vertex = value.vertex
            if vertex.index >= before and vertex.name is None and not isinstance(vertex.node, Name):
                vertex.name = target.id
        elif isinstance(value, Instance) and self.scope is self.globals:
            data = value.attributes.get("data")
            if isinstance(data, TensorObject) and data.vertex.index >= before:
                data.vertex.name = target.id
        elif self.scope is self.globals and isinstance(value, (int, float)) and not isinstance(value, bool):
            return self._named_number(target, value)
        return value

    def _named_number(self, target: ast.Name, value: Any) -> Any:
        """A number with a name is written by its name."""
        if isinstance(value, int) and not self.open_names:
            return value
        try:
            node = self.graph.number(value, self.span(target))
        except CannotFollow:
            return value
        vertex = self.graph.vertex(node, "float64", name=target.id)
        return with_node(value, Name(f"${vertex.index}", self.span(target)))

    def _unpack(self, target: ast.Tuple | ast.List, value: Any, before: int) -> None:
        if isinstance(value, Ignored):
            for one in target.elts:
                self._assign(one.value if isinstance(one, ast.Starred) else one, value, before)
            return
        items = self.iterated(value, target)
        starred = [index for index, one in enumerate(target.elts) if isinstance(one, ast.Starred)]
        if starred:
            first, rest = starred[0], len(target.elts) - starred[0] - 1
            items = [*items[:first], items[first : len(items) - rest], *items[len(items) - rest :]]
        if len(items) != len(target.elts):
            raise self.raised("ValueError", f"{len(items)} values for {len(target.elts)} names", target)
        for one, item in zip(target.elts, items):
            self._assign(one.value if isinstance(one, ast.Starred) else one, item, before)

    def _assign_attribute(self, target: ast.Attribute, value: Any) -> None:
        owner = self.expression(target.value)
        if isinstance(owner, TensorObject):
            if target.attr == "grad":
                if value is not None and not isinstance(value, TensorObject):
                    raise CannotFollow(f"{described(value)} is not a gradient", self.span(target))
                return accumulated.given(self, owner, value)
            if target.attr == "requires_grad":
                return methods.set_requires_grad(self, owner, bool(value), target)
            if target.attr == "data":
                if not isinstance(value, TensorObject):
                    raise CannotFollow(f"{described(value)} is not a tensor", self.span(target))
                holder = TensorObject(owner.vertex, False, owner.library, holder=owner)
                in_place.change(self, holder, value, target)
                return None
            raise CannotFollow(f"setting .{target.attr} is not followed", self.span(target))
        if isinstance(owner, Instance):
            if isinstance(value, TensorObject) and value.vertex.node is None and value.vertex.name is None:
                value.vertex.name = target.attr
            if not classes.changed(self, owner, target.attr, value, target):
                owner.attributes[target.attr] = value
            return None
        if isinstance(owner, LayerObject) and isinstance(value, TensorObject) and target.attr in owner.parameters:
            value.vertex.name = value.vertex.name or target.attr
            owner.parameters[target.attr] = value
            return None
        if isinstance(owner, Ignored) or (isinstance(owner, LibraryPath) and library.is_setting(owner.path)):
            return None
        raise CannotFollow(f"setting .{target.attr} is not followed", self.span(target))

    def _assign_item(self, target: ast.Subscript, value: Any) -> None:
        owner, index = self.expression(target.value), self.expression(target.slice)
        if isinstance(owner, Ignored) or (isinstance(owner, LibraryPath) and library.is_setting(owner.path)):
            return None
        if isinstance(owner, LayerObject) and owner.kind in DICTIONARIES:
            owner.parameters[index] = value
            return None
        if isinstance(owner, LayerObject) and owner.holds and isinstance(index, int) and is_module(value):
            names = list(owner.parameters)
            if not -len(names) <= index < len(names):
                raise self.raised("IndexError", f"index {index} is out of range", target)
            owner.parameters[names[index]] = value
            return None
        if isinstance(owner, (list, dict)):
            try:
                owner[index] = value
            except (TypeError, IndexError, ValueError) as error:
                raise self.raised(type(error).__name__, str(error)[:100], target) from None
            return None
        if isinstance(owner, TensorObject) and owner.library in IMMUTABLE:
            raise self.raised("TypeError", IMMUTABLE[owner.library], target)
        if isinstance(owner, TensorObject) and isinstance(index, TensorObject) and index.vertex.dtype == "bool":
            if not isinstance(value, TensorObject) or not self.engine.shape(value):
                span = self.span(target)
                in_place.change(self, owner, self.graph.call(["where"], [index, value, owner], {}, span, span), target)
                return None
            index = tuple(
                [int(one) for one in self.array(places).data]
                for places in nonzero(self, index, [], {"as_tuple": True}, target)
            )
        index = tuple(map(self.graph.index, index)) if isinstance(index, tuple) else self.graph.index(index)
        if isinstance(owner, TensorObject) and entries_set.is_place(index):
            if owner.requires_grad and owner.is_leaf and self.graph.following:
                parts = index if isinstance(index, tuple) else (index,)
                message = in_place.LEAF if any(isinstance(one, list) for one in parts) else in_place.VIEW
                raise self.raised("RuntimeError", message, target, "with torch.no_grad(): in front of it")
            return entries_set.set_entries(self, owner, index, value, target)
        raise CannotFollow("setting entries of a tensor is not followed", self.span(target))

    def _changes_in_place(self, tensor: TensorObject) -> bool:
        """Whether += changes the tensor itself: arrays of JAX and TensorFlow and single numbers of NumPy stay."""
        if tensor.is_variable or tensor.library in ("jax", "tf"):
            return False
        return tensor.library != "np" or bool(self.engine.shape(tensor))

    def _do_augassign(self, node: ast.AugAssign) -> None:
        before = len(self.graph.vertices)
        if isinstance(node.target, ast.Name):
            old = self.expression(ast.copy_location(ast.Name(node.target.id, ast.Load()), node.target))
            value = self.binary(type(node.op), old, self.expression(node.value), node)
            if isinstance(old, TensorObject) and isinstance(value, TensorObject) and self._changes_in_place(old):
                value.vertex.name = value.vertex.name or old.vertex.name or node.target.id
                in_place.change(self, old, value, node)
                self.last = old
            else:
                self._assign(node.target, value, before)
        elif isinstance(node.target, ast.Attribute):
            owner = self.expression(node.target.value)
            old = self.attribute(owner, node.target.attr, node)
            value = self.binary(type(node.op), old, self.expression(node.value), node)
            data = isinstance(owner, TensorObject) and node.target.attr == "data"
            kept = isinstance(old, TensorObject) and isinstance(owner, (Instance, LayerObject)) and not old.is_variable
            grad = isinstance(owner, TensorObject) and node.target.attr == "grad" and isinstance(old, TensorObject)
            if data or kept or grad:
                in_place.change(self, old, value, node)
            else:
                self._assign_attribute(node.target, value)
        else:
            assert isinstance(node.target, ast.Subscript)
            load = ast.copy_location(ast.Subscript(node.target.value, node.target.slice, ast.Load()), node.target)
            old = self.expression(load)
            value = self.binary(type(node.op), old, self.expression(node.value), node)
            if isinstance(old, TensorObject) and isinstance(value, TensorObject):
                value.vertex.replaces = old.vertex.index
            self._assign_item(node.target, value)
