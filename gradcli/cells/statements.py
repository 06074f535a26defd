"""Statements of Python: assignments, branches and loops over what is known, definitions."""

from __future__ import annotations

import ast
from typing import Any

from gradcli.cells import autograd, classes, library, methods
from gradcli.cells.builtins import show
from gradcli.cells.calls import CallReader
from gradcli.cells.graph import described
from gradcli.cells.tapes import GradientTape
from gradcli.cells.values import (
    CannotFollow,
    Ignored,
    Instance,
    LibraryPath,
    NameScope,
    PythonClass,
    PythonFunction,
    PythonRaises,
    Special,
    TensorObject,
    Unknown,
)
from gradcli.errors import GradcliError, LimitError
from gradcli.language.nodes import Name


class _Leave(Exception):
    """break and continue."""

    def __init__(self, again: bool) -> None:
        super().__init__()
        self.again = again


class _Returned(Exception):
    """return"""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class StatementReader(CallReader):
    """Reads statements in order; at the top of a cell what cannot be followed is left out, with its names."""

    last: Any = None  # the value of the last expression
    last_name: str | None = None

    def run_cell(self, body: list[ast.stmt]) -> None:
        """Read the statements of a cell; the last expression is shown."""
        self._statements(body)
        if body and isinstance(body[-1], ast.Expr) and self.last is not None:
            show(self, [self.last])

    def run_body(self, body: list[ast.stmt]) -> Any:
        """Read the statements of a function; what it returns."""
        try:
            for one in body:
                self._statement(one)
        except _Returned as found:
            return found.value
        return None

    def at_its_parameters(self, function: PythonFunction) -> Any:
        """What a function gives where its parameters are variables; None where it cannot be followed."""
        names = [one.arg for one in function.arguments.args]
        if len(function.arguments.defaults):
            names = names[: -len(function.arguments.defaults)]
        node = function.body if isinstance(function.body, ast.expr) else function.body[0]
        try:
            args = [self.name(ast.copy_location(ast.Name(name, ast.Load()), node)) for name in names]
            return self.invoke(function, args, {}, node)
        except (CannotFollow, PythonRaises) as error:
            self._leave_out(ast.copy_location(ast.Pass(), node), error)
            return None

    def _statements(self, body: list[ast.stmt]) -> None:
        for one in body:
            try:
                self._statement(one)
            except (CannotFollow, PythonRaises) as error:
                if self.scope is not self.globals:
                    raise
                self._leave_out(one, error)
            except LimitError:
                raise
            except GradcliError as error:
                if self.scope is not self.globals:
                    raise
                self._leave_out(one, CannotFollow(error.message, self.span(one), error))

    def _leave_out(self, node: ast.stmt, error: CannotFollow | PythonRaises) -> None:
        if isinstance(error, PythonRaises):
            reason = f"it fails: {error.kind}: {error.message}" + (f" ({error.hint})" if error.hint else "")
            self.leave_out(node, reason, fails=True, error=CannotFollow(reason, error.span))
            return
        self.leave_out(node, error.reason, error=error)
        unknown = Unknown(error.reason, error)
        for name in _assigned(node):
            self.scope.put(name, unknown)

    def _statement(self, node: ast.stmt) -> None:
        self.step(node)
        self.deeper(node)
        try:
            found = getattr(self, f"_do_{type(node).__name__.lower()}", None)
            if found is None:
                raise CannotFollow(f"{type(node).__name__.lower()} is not followed", self.span(node))
            found(node)
        finally:
            self.depth -= 1

    # Values

    def _do_expr(self, node: ast.Expr) -> None:
        value = self.expression(node.value)
        if self.scope is self.globals:
            is_text = isinstance(node.value, ast.Constant)
            self.last = None if is_text or isinstance(value, Ignored) else value
            self.last_name = None

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
            self.scope.put(target.id, self._called(target, value, before))
            if self.scope is self.globals:
                self.last, self.last_name = value, target.id
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
        from gradcli.cells.numbers import with_node

        if isinstance(value, int) and not self.open_names:
            return value
        try:
            node = self.graph.number(value, self.span(target))
        except CannotFollow:
            return value
        vertex = self.graph.vertex(node, "float64", name=target.id)
        return with_node(value, Name(f"${vertex.index}", self.span(target)))

    def _unpack(self, target: ast.Tuple | ast.List, value: Any, before: int) -> None:
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
                if value is not None:
                    raise CannotFollow("a gradient that is set by hand is not followed", self.span(target))
                return autograd.reset(owner, to_none=True)
            if target.attr == "requires_grad":
                return methods.set_requires_grad(self, owner, bool(value), target)
            if target.attr == "data":
                if not isinstance(value, TensorObject):
                    raise CannotFollow(f"{described(value)} is no tensor", self.span(target))
                holder = TensorObject(owner.vertex, False, owner.library, holder=owner)
                methods.change(self, holder, value, target)
                return None
            raise CannotFollow(f"setting .{target.attr} is not followed", self.span(target))
        if isinstance(owner, Instance):
            if not classes.changed(self, owner, target.attr, value, target):
                owner.attributes[target.attr] = value
            return None
        if isinstance(owner, Ignored):
            return None
        raise CannotFollow(f"setting .{target.attr} is not followed", self.span(target))

    def _assign_item(self, target: ast.Subscript, value: Any) -> None:
        owner, index = self.expression(target.value), self.expression(target.slice)
        if isinstance(owner, (list, dict)):
            try:
                owner[index] = value
            except (TypeError, IndexError, ValueError) as error:
                raise self.raised(type(error).__name__, str(error)[:100], target) from None
            return
        if isinstance(owner, TensorObject) and isinstance(index, TensorObject) and index.vertex.dtype == "bool":
            span = self.span(target)
            methods.change(self, owner, self.graph.call(["where"], [index, value, owner], {}, span, span), target)
            return
        raise CannotFollow("setting entries of a tensor is not followed", self.span(target))

    def _do_augassign(self, node: ast.AugAssign) -> None:
        before = len(self.graph.vertices)
        if isinstance(node.target, ast.Name):
            old = self.expression(ast.copy_location(ast.Name(node.target.id, ast.Load()), node.target))
            value = self.binary(type(node.op), old, self.expression(node.value), node)
            if isinstance(old, TensorObject) and not old.is_variable and isinstance(value, TensorObject):
                value.vertex.name = value.vertex.name or old.vertex.name or node.target.id
                methods.change(self, old, value, node)
                self.last, self.last_name = old, node.target.id
            else:
                self._assign(node.target, value, before)
        elif isinstance(node.target, ast.Attribute):
            owner = self.expression(node.target.value)
            old = self.attribute(owner, node.target.attr, node)
            value = self.binary(type(node.op), old, self.expression(node.value), node)
            if (isinstance(owner, TensorObject) and node.target.attr == "data" and isinstance(old, TensorObject)) or (
                isinstance(old, TensorObject) and isinstance(owner, Instance) and not old.is_variable
            ):
                methods.change(self, old, value, node)
            else:
                self._assign_attribute(node.target, value)
        else:
            assert isinstance(node.target, ast.Subscript)
            load = ast.copy_location(ast.Subscript(node.target.value, node.target.slice, ast.Load()), node.target)
            value = self.binary(type(node.op), self.expression(load), self.expression(node.value), node)
            self._assign_item(node.target, value)

    # Control

    def _block(self, body: list[ast.stmt]) -> None:
        if self.scope is self.globals:
            self._statements(body)
        else:
            for one in body:
                self._statement(one)

    def _do_for(self, node: ast.For) -> None:
        for item in self.iterated(self.expression(node.iter), node.iter):
            self.step(node)
            self.bind(node.target, item)
            try:
                self._block(node.body)
            except _Leave as left:
                if not left.again:
                    return
        self._block(node.orelse)

    def _do_while(self, node: ast.While) -> None:
        while self.truth(self.expression(node.test), node.test):
            self.step(node)
            try:
                self._block(node.body)
            except _Leave as left:
                if not left.again:
                    return
        self._block(node.orelse)

    def _do_if(self, node: ast.If) -> None:
        if _is_main(node.test):
            return self._block(node.body)
        return self._block(node.body if self.truth(self.expression(node.test), node.test) else node.orelse)

    def _do_with(self, node: ast.With) -> None:
        following, opened = self.graph.following, 0
        for item in node.items:
            what = item.context_expr
            found = what if not isinstance(what, ast.Call) else what.func
            path = self.expression(found)
            if isinstance(path, LibraryPath) and path.path in library.NO_GRAD:
                self.graph.following = False
            elif isinstance(path, LibraryPath) and path.path.endswith((".enable_grad", ".autograd.record")):
                self.graph.following = True
            elif isinstance(path, LibraryPath) and path.path.endswith(".GradientTape"):
                given = what.keywords if isinstance(what, ast.Call) else []
                lasting = any(one.arg == "persistent" and self.expression(one.value) for one in given)
                if item.optional_vars is not None:
                    self.bind(item.optional_vars, GradientTape(bool(lasting)))
                opened += 1
            elif isinstance(path, LibraryPath) and library.root_of(path.path) in (*library.ASIDE, "torch"):
                continue
            else:
                raise CannotFollow("this with is not followed", self.span(node))
        self.tapes += opened
        try:
            self._block(node.body)
        finally:
            self.graph.following = following
            self.tapes -= opened

    def _do_try(self, node: ast.Try) -> None:
        try:
            for one in node.body:
                try:
                    self._statement(one)
                except CannotFollow as left:
                    if self.scope is not self.globals:
                        raise
                    self._leave_out(one, left)
        except PythonRaises as error:
            for handler in node.handlers:
                if handler.name:
                    self.scope.put(handler.name, Ignored(error.message))
                self._block(handler.body)
                break
            else:
                raise
        else:
            self._block(node.orelse)
        self._block(node.finalbody)

    def _do_raise(self, node: ast.Raise) -> None:
        value = self.expression(node.exc) if node.exc is not None else None
        raise value if isinstance(value, PythonRaises) else self.raised("Exception", "raised by the cell", node)

    def _do_assert(self, node: ast.Assert) -> None:
        try:
            value = self.expression(node.test)
        except CannotFollow:
            return
        if not isinstance(value, (TensorObject, Ignored)) and not value:
            raise self.raised("AssertionError", "the assertion does not hold", node)

    def _do_break(self, node: ast.Break) -> None:
        raise _Leave(again=False)

    def _do_continue(self, node: ast.Continue) -> None:
        raise _Leave(again=True)

    def _do_return(self, node: ast.Return) -> None:
        raise _Returned(None if node.value is None else self.expression(node.value))

    def _do_pass(self, node: ast.Pass) -> None:
        """Nothing."""

    def _do_global(self, node: ast.Global | ast.Nonlocal) -> None:
        self.scope.shared |= set(node.names)

    _do_nonlocal = _do_global

    def _do_delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.scope.names.pop(target.id, None)

    # Definitions

    def _do_import(self, node: ast.Import) -> None:
        for one in node.names:
            name = one.asname or one.name.partition(".")[0]
            self.scope.put(name, LibraryPath(one.name if one.asname else name))

    def _do_importfrom(self, node: ast.ImportFrom) -> None:
        for one in node.names:
            if one.name != "*":
                self.scope.put(one.asname or one.name, LibraryPath(_origin(f"{node.module or ''}.{one.name}")))

    def _do_functiondef(self, node: ast.FunctionDef) -> None:
        made: Any = PythonFunction(node.name, node.args, node.body, self.scope)
        for decorator in reversed(node.decorator_list):
            made = self._decorated(made, decorator)
        self.scope.put(node.name, made)
        if self.scope is self.globals:
            self.last, self.last_name = made, node.name

    def _decorated(self, made: Any, decorator: ast.expr) -> Any:
        path = self.expression(decorator if not isinstance(decorator, ast.Call) else decorator.func)
        if isinstance(path, LibraryPath) and path.path in library.NO_GRAD:
            return made
        if isinstance(path, LibraryPath) and path.path == "builtins.staticmethod":
            return Special("static", lambda *_: made)
        return self.invoke(path, [made], {}, decorator)

    def _do_classdef(self, node: ast.ClassDef) -> None:
        bases = [self.expression(one) for one in node.bases]
        made = PythonClass(node.name, {}, bases)
        outer, self.scope = self.scope, NameScope(outer=self.scope)
        try:
            for one in node.body:
                if isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant):
                    continue
                self._statement(one)
            members = self.scope.names
        finally:
            self.scope = outer
        for name, member in members.items():
            if isinstance(member, PythonFunction) and member.owner is None:
                member.owner, member.scope = made, outer
            if isinstance(member, Special) and member.name == "static":
                member = member.call([], {}, node)
                if isinstance(member, PythonFunction):
                    member.owner, member.scope = made, outer
            made.members[name] = member
        self.scope.put(node.name, made)


def _is_main(test: ast.expr) -> bool:
    """Whether this is `if __name__ == "__main__"`."""
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"


def _origin(path: str) -> str:
    """Where something is found that several modules hand on."""
    for short, long in (("torch.autograd.Variable", "torch.Variable"), ("torch.nn.Parameter", "torch.Parameter")):
        if path == short:
            return long
    return path


def _assigned(node: ast.stmt) -> list[str]:
    """The names that a statement would have given a value."""
    return [one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)] + [
        one.name for one in ast.walk(node) if isinstance(one, (ast.FunctionDef, ast.ClassDef))
    ]
