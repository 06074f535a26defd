"""Assignments: names, several at once, attributes, entries; and what is changed in place."""

from __future__ import annotations

import ast
from typing import Any

from gradcli.cells import accumulated, classes, entries_set, in_place, library, methods
from gradcli.cells.calls import CallReader
from gradcli.cells.memory import check_apart
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
            owner = self.expression(target.value)
            is_new = isinstance(value, TensorObject) and value.base is None and value.vertex.index >= before
            self._set_attribute(owner, target.attr, value, target, is_new)
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

    def _set_attribute(self, owner: Any, name: str, value: Any, target: ast.Attribute, is_new: bool = True) -> None:
        """owner.name = value; `is_new` says whether nothing else has it."""
        if isinstance(owner, TensorObject):
            if name == "grad":
                if value is not None and not isinstance(value, TensorObject):
                    raise CannotFollow(f"{described(value)} is not a gradient", self.span(target))
                return accumulated.given(self, owner, value)
            if name == "requires_grad":
                return methods.set_requires_grad(self, owner, bool(value), target)
            if name == "data":
                if not isinstance(value, TensorObject):
                    raise CannotFollow(f"{described(value)} is not a tensor", self.span(target))
                holder = TensorObject(owner.vertex, False, owner.library, holder=owner)
                in_place.change(self, holder, value, target)
                whole = value
                while whole.base is not None:
                    whole = whole.base
                owner.link(owner if is_new else whole)
                return None
            raise CannotFollow(f"setting .{name} is not followed", self.span(target))
        if isinstance(owner, Instance):
            if isinstance(value, TensorObject) and value.vertex.node is None and value.vertex.name is None:
                value.vertex.name = name
            if not classes.changed(self, owner, name, value, target):
                owner.attributes[name] = value
            return None
        if isinstance(owner, LayerObject) and isinstance(value, TensorObject) and name in owner.parameters:
            value.vertex.name = value.vertex.name or name
            owner.parameters[name] = value
            return None
        if isinstance(owner, Ignored) or (isinstance(owner, LibraryPath) and library.is_setting(owner.path)):
            return None
        raise CannotFollow(f"setting .{name} is not followed", self.span(target))

    def _assign_item(self, target: ast.Subscript, value: Any) -> None:
        self._set_item(self.expression(target.value), self.expression(target.slice), value, target)

    def _set_item(self, owner: Any, index: Any, value: Any, target: ast.Subscript) -> None:
        """owner[index] = value"""
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
        if isinstance(owner, tuple):
            raise self.raised("TypeError", "'tuple' object does not support item assignment", target)
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
        before, target = len(self.graph.vertices), node.target
        if isinstance(target, ast.Name):
            old = self.expression(ast.copy_location(ast.Name(target.id, ast.Load()), target))
            value = self._augmented(old, node)
            if value is not old:
                self._assign(target, value, before)
            elif isinstance(old, TensorObject):
                old.vertex.name = old.vertex.name or target.id
                self.last = old
        elif isinstance(target, ast.Attribute):
            owner = self.expression(target.value)
            old = self.attribute(owner, target.attr, node)
            value = self._augmented(old, node)
            if value is not old or not isinstance(old, TensorObject):
                self._set_attribute(owner, target.attr, value, target)
        else:
            assert isinstance(target, ast.Subscript)
            owner, index = self.expression(target.value), self.expression(target.slice)
            old = self.subscripted(owner, index, ast.copy_location(ast.Subscript(target.value, target.slice), target))
            if isinstance(owner, TensorObject):  # the entries are set, which says all
                given = self.expression(node.value)
                value = self.binary(type(node.op), old, given, node)
                if isinstance(old, TensorObject) and isinstance(value, TensorObject):
                    check_apart(self, old, given, node)
                    value.vertex.replaces = old.vertex.index
            else:
                value = self._augmented(old, node)
            self._set_item(owner, index, value, target)

    def _augmented(self, old: Any, node: ast.AugAssign) -> Any:
        """What `old += value` gives: what has a place of its own is changed there, and whoever has it sees that."""
        given = self.expression(node.value)
        if type(old) is list and isinstance(node.op, ast.Add):
            old.extend(self.iterated(given, node))
            return old
        value = self.binary(type(node.op), old, given, node)
        if isinstance(old, TensorObject) and isinstance(value, TensorObject) and self._changes_in_place(old):
            value.vertex.name = value.vertex.name or old.vertex.name
            return in_place.arithmetic(self, old, [given], value, node)
        return value
