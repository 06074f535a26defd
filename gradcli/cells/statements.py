"""Statements of Python: assignments, branches and loops over what is known, definitions."""

from __future__ import annotations

import ast
from collections.abc import Collection
from contextlib import suppress
from typing import Any

from gradcli.cells import library
from gradcli.cells.assignments import AssignmentReader
from gradcli.cells.containers import show
from gradcli.cells.doubtful import doubt, filled_by, may_draw
from gradcli.cells.iterating import gone_through
from gradcli.cells.leaving import CellStopped, FunctionReturned, LoopLeft
from gradcli.cells.scopes import NameScope
from gradcli.cells.syntax import assigned, catches, is_main, leaves_loop, origin
from gradcli.cells.tapes import GradientTape
from gradcli.cells.tensors import TensorObject
from gradcli.cells.tools import tuple_class
from gradcli.cells.values import (
    CannotFollow,
    Ignored,
    LeftOutName,
    LibraryPath,
    PythonClass,
    PythonFunction,
    PythonRaises,
)
from gradcli.errors import GradcliError, LimitError

BINDING = {"builtins.staticmethod": "nothing", "builtins.classmethod": "class"}


class StatementReader(AssignmentReader):
    """Reads statements in order; at the top of a cell what cannot be followed is left out, with its names."""

    def run_cell(self, body: list[ast.stmt]) -> None:
        """Read the statements of a cell; the last expression is shown."""
        try:
            self._statements(body)
        except (CellStopped, LoopLeft):  # of a loop that was not pasted
            return
        except FunctionReturned as found:  # of a function that was pasted without its head
            self.last = found.value
        if body and isinstance(body[-1], (ast.Expr, ast.Return)) and self.last is not None:
            show(self, [self.last])

    def run_body(self, body: list[ast.stmt]) -> Any:
        """Read the statements of a function; what it returns."""
        try:
            for one in body:
                self.run_statement(one)
        except FunctionReturned as found:
            return found.value
        return None

    def at_its_parameters(self, function: PythonFunction, chosen: Collection[str] = ()) -> Any:
        """What a function gives where its parameters, or chosen ones, are variables; None where it is not followed."""
        names = [one.arg for one in function.arguments.args]
        if len(function.arguments.defaults):
            names = names[: -len(function.arguments.defaults)]
        names = list(chosen) or names
        node = function.body if isinstance(function.body, ast.expr) else function.body[0]
        try:
            args = [self.name(ast.copy_location(ast.Name(name, ast.Load()), node)) for name in names]
            return self.invoke(function, args, {}, node)
        except (CannotFollow, PythonRaises) as error:
            with suppress(CellStopped):
                self._leave_out(ast.copy_location(ast.Pass(), node), error)
            return None

    def _statements(self, body: list[ast.stmt]) -> None:
        for one in body:
            try:
                self.run_statement(one)
            except (CannotFollow, PythonRaises) as error:
                if self.scope is not self.globals or (isinstance(error, CannotFollow) and leaves_loop(one)):
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
            reason = f"it fails: {error.kind}: {error.message}"
            self.leave_out(node, reason, fails=True, error=CannotFollow(reason, error.span, hint=error.hint))
            raise CellStopped
        self.leave_out(node, error.reason, error=error)
        if isinstance(node, ast.stmt) and not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            doubt(node, self.globals)
            if may_draw(node):
                self.random.doubt()
        among = frozenset(one.id for one in ast.walk(node) if isinstance(one, ast.Name))
        unknown = LeftOutName(error.reason, error, among)
        for name in (*assigned(node), *filled_by(node, self.globals)):
            self.scope.put(name, unknown)

    def run_statement(self, node: ast.stmt) -> None:
        """Read one statement.

        Raises CannotFollow, PythonRaises, and what leaves a loop or a function.
        """
        self.step(node)
        self.deeper(node)
        try:
            found = getattr(self, f"_do_{type(node).__name__.lower()}", None)
            if found is None:
                raise CannotFollow(f"{type(node).__name__.lower()} is not followed", self.span(node))
            found(node)
        finally:
            self.depth -= 1

    def _do_expr(self, node: ast.Expr) -> None:
        value = self.expression(node.value)
        if self.scope is self.globals:
            is_text = isinstance(node.value, ast.Constant)
            self.last = None if is_text or isinstance(value, Ignored) else value

    # Control

    def _block(self, body: list[ast.stmt]) -> None:
        if self.scope is self.globals:
            self._statements(body)
        else:
            for one in body:
                self.run_statement(one)

    def _do_for(self, node: ast.For) -> None:
        for item in gone_through(self, self.expression(node.iter), node.iter):
            self.step(node)
            self.bind(node.target, item)
            if self._breaks(node.body):
                return
        self._block(node.orelse)

    def _do_while(self, node: ast.While) -> None:
        while self.truth(self.expression(node.test), node.test):
            self.step(node)
            if self._breaks(node.body):
                return
        self._block(node.orelse)

    def _breaks(self, body: list[ast.stmt]) -> bool:
        """Read the body of a loop once; whether the loop ends there."""
        try:
            self._block(body)
        except LoopLeft as left:
            return not left.again
        return False

    def _do_if(self, node: ast.If) -> None:
        if is_main(node.test):
            return self._block(node.body)
        return self._block(node.body if self.truth(self.expression(node.test), node.test) else node.orelse)

    def _do_with(self, node: ast.With) -> None:
        following, before = self.graph.following, len(self.tapes)
        for item in node.items:
            self._enter(item, node)
        try:
            self._block(node.body)
        finally:
            self.graph.following = following
            for tape in self.tapes[before:]:
                tape.end = len(self.graph.vertices)
            del self.tapes[before:]

    def _enter(self, item: ast.withitem, node: ast.With) -> None:
        """Begin a with."""
        what = item.context_expr
        call = what if isinstance(what, ast.Call) else None
        path = self.expression(call.func if call is not None else what)
        name = path.path if isinstance(path, LibraryPath) else ""
        if name in library.NO_GRAD or getattr(path, "name", "") == "stop_recording":
            self.graph.following = False
        elif name == "torch.set_grad_enabled" and call is not None and call.args:
            self.graph.following = self.truth(self.expression(call.args[0]), node)
        elif name.endswith((".enable_grad", ".autograd.record")):
            self.graph.following = True
        elif name.endswith(".GradientTape"):
            words = {one.arg: bool(self.expression(one.value)) for one in (call.keywords if call is not None else [])}
            self.tapes.append(tape := GradientTape(words, len(self.graph.vertices)))
            if item.optional_vars is not None:
                self.bind(item.optional_vars, tape)
        elif name not in library.HARMLESS and library.root_of(name) not in library.ASIDE:
            raise CannotFollow("this with is not followed", self.span(node))

    def _do_try(self, node: ast.Try) -> None:
        try:
            for one in node.body:
                try:
                    self.run_statement(one)
                except CannotFollow as left:
                    if self.scope is not self.globals:
                        raise
                    self._leave_out(one, left)
        except PythonRaises as error:
            handler = next((one for one in node.handlers if catches(one, error.kind)), None)
            if handler is None:
                raise
            if handler.name:
                self.scope.put(handler.name, Ignored(error.message))
            self._block(handler.body)
        else:
            self._block(node.orelse)
        self._block(node.finalbody)

    def _do_raise(self, node: ast.Raise) -> None:
        value = self.expression(node.exc) if node.exc is not None else None
        kind = value.path.rpartition(".")[2] if isinstance(value, LibraryPath) else "Exception"
        raise value if isinstance(value, PythonRaises) else self.raised(kind, "raised by the cell", node)

    def _do_assert(self, node: ast.Assert) -> None:
        try:
            value = self.expression(node.test)
        except CannotFollow:
            return
        if not isinstance(value, (TensorObject, Ignored)) and not value:
            raise self.raised("AssertionError", "the assertion does not hold", node)

    def _do_break(self, node: ast.Break | ast.Continue) -> None:
        raise LoopLeft(again=isinstance(node, ast.Continue))

    _do_continue = _do_break

    def _do_return(self, node: ast.Return) -> None:
        raise FunctionReturned(None if node.value is None else self.expression(node.value))

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
            if one.name == "*":
                self.stars.append(node.module or "")
            else:
                self.scope.put(one.asname or one.name, LibraryPath(origin(f"{node.module or ''}.{one.name}")))

    def _do_functiondef(self, node: ast.FunctionDef) -> None:
        made: Any = self.function(node.name, node.args, node.body)
        for decorator in reversed(node.decorator_list):
            made = self._decorated(made, decorator)
        self.scope.put(node.name, made)
        if self.scope is self.globals:
            self.last = made

    def _decorated(self, made: Any, decorator: ast.expr) -> Any:
        path = self.expression(decorator.func if isinstance(decorator, ast.Call) else decorator)
        if isinstance(path, LibraryPath) and path.path in library.NO_GRAD:
            made.follows = False
            return made
        if isinstance(path, LibraryPath) and path.path in BINDING and isinstance(made, PythonFunction):
            made.binds = BINDING[path.path]
            return made
        return self.invoke(self.expression(decorator), [made], {}, decorator)

    def _do_classdef(self, node: ast.ClassDef) -> None:
        bases = [self.expression(one) for one in node.bases]
        made = PythonClass(node.name, {}, bases)
        typed = [one.target for one in node.body if isinstance(one, ast.AnnAssign)]
        made.annotated = [one.id for one in typed if isinstance(one, ast.Name)]
        outer, self.scope = self.scope, NameScope(outer=self.scope)
        try:
            for one in node.body:
                if isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant):
                    continue
                self.run_statement(one)
            members = self.scope.names
        finally:
            self.scope = outer
        for name, member in members.items():
            if isinstance(member, PythonFunction) and member.owner is None:
                member.owner, member.scope = made, outer
            made.members[name] = member
        decorated: Any = tuple_class(self, made, node)
        for decorator in reversed(node.decorator_list):
            decorated = self._decorated(decorated, decorator)
        self.scope.put(node.name, decorated)
