"""Calls: functions and classes of the cell, methods, Python's own functions, and those of libraries."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from gradcli.cells import classes, custom, library, methods, module_members, states
from gradcli.cells.base import CalledAtNumbers
from gradcli.cells.builtins import call_builtin
from gradcli.cells.containers import CONTAINERS, container_method
from gradcli.cells.datasets import LoaderObject, loader_attribute
from gradcli.cells.expressions import ExpressionReader
from gradcli.cells.generators import GeneratorObject, generator_method
from gradcli.cells.hooks import HookHandle, handle_attribute
from gradcli.cells.iterating import IteratorObject, yielded, yields
from gradcli.cells.jax_custom import CustomDerivative, custom_attribute
from gradcli.cells.jax_loops import places_attribute
from gradcli.cells.limits import MAX_ITEMS
from gradcli.cells.modules import LayerObject
from gradcli.cells.nesting import described
from gradcli.cells.optimizers import OptimizerObject, ScheduleObject, optimizer_method, schedule_method
from gradcli.cells.scopes import NameScope
from gradcli.cells.tapes import GradientTape, tape_attribute
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import (
    Bound,
    CannotFollow,
    Ignored,
    Instance,
    LibraryPath,
    NamedItems,
    PlacesObject,
    PythonClass,
    PythonFunction,
    ReaderFunction,
)

FUNCTION = "torch.autograd.Function"
UNFORESEEN = (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError)
# Objects of the reader's own that have methods.
OWN: dict[type, Callable[..., Any]] = {
    OptimizerObject: optimizer_method, ScheduleObject: schedule_method, GeneratorObject: generator_method,
    LoaderObject: loader_attribute, PlacesObject: places_attribute,
    CustomDerivative: custom_attribute, HookHandle: handle_attribute, GradientTape: tape_attribute,
}  # fmt: skip


class CallReader(ExpressionReader):
    """Evaluates calls and attributes."""

    def _call(self, node: ast.Call) -> Any:
        function = self.expression(node.func)
        if isinstance(function, Ignored):
            return function
        if isinstance(function, LibraryPath) and library.root_of(function.path) in library.ASIDE:
            self.leave_out(node, library.ASIDE[library.root_of(function.path)])
            if not function.path.startswith("tqdm"):
                return Ignored(library.ASIDE[library.root_of(function.path)])
        args: list[Any] = []
        for one in node.args:
            if isinstance(one, ast.Starred):
                args += self.iterated(self.expression(one.value), one)
            else:
                args.append(self.expression(one))
        keywords: dict[str, Any] = {}
        for word in node.keywords:
            value = self.expression(word.value)
            if word.arg is None:
                if not isinstance(value, dict) or not all(isinstance(one, str) for one in value):
                    raise CannotFollow("** of this is not followed", self.span(node))
                keywords |= value
            else:
                keywords[word.arg] = value
        if len(args) > MAX_ITEMS:
            raise CannotFollow("there are too many arguments", self.span(node))
        return self.invoke(function, args, keywords, node)

    def starred(self, name: str) -> Any:
        """What a name stands for after `from math import *`; None where it comes from nowhere."""
        for module in reversed(self.stars):
            if library.has(module, name):
                return library.constant(LibraryPath(f"{module}.{name}"))
        return None

    def invoke(self, function: Any, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
        """What a function gives.

        Raises CannotFollow, PythonRaises, LimitError.
        """
        self.step(node)
        self.deeper(node)
        try:
            return self._invoked(function, args, keywords, node)
        except UNFORESEEN as error:  # arguments that the function does not take, or takes in a form that is not known
            raise CannotFollow("a call with such arguments is not followed", self.span(node)) from error
        finally:
            self.depth -= 1

    def _invoked(self, function: Any, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
        if isinstance(function, LibraryPath):
            if function.path.startswith("builtins."):
                return call_builtin(self, function.path.partition(".")[2], args, keywords, node)
            return library.call(self, function.path, args, keywords, node)
        if isinstance(function, PythonFunction):
            return self._user(function, args, keywords, node)
        if isinstance(function, Bound):
            return self._bound(function, args, keywords, node)
        if isinstance(function, ReaderFunction):
            return function.call(args, keywords, node)
        if isinstance(function, PythonClass):
            return self._instance(function, args, keywords, node)
        if isinstance(function, LayerObject):
            args = [*args, *(keywords.pop(one) for one in ("input", "hx") if one in keywords)]
            if keywords:
                raise CannotFollow(f"the argument {next(iter(keywords))} of a layer is not followed", self.span(node))
            found = function.call(tuple(args) if len(args) > 1 else args[0], node)
            return self._hooked(function, args, found, node)
        if isinstance(function, Instance):
            name = "forward" if function.cls.is_from("torch.nn.Module") else "__call__"
            found = self.invoke(self.attribute(function, name, node), args, keywords, node)
            return self._hooked(function, args, found, node)
        if isinstance(function, Ignored):
            return function
        if isinstance(function, TensorObject) and function.is_variable:
            raise CannotFollow(f"{function.vertex.name} is not a function that is known", self.span(node))
        raise CannotFollow(f"{described(function)} is not a function", self.span(node))

    def _hooked(self, module: LayerObject | Instance, args: list[Any], found: Any, node: ast.AST) -> Any:
        """What a module gives, as its hooks leave it."""
        for one in list(module.hooks):
            given = self.invoke(one.function, [module, tuple(args), found], {}, node)
            found = found if given is None else given
        return found

    def _user(self, function: PythonFunction, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
        scope = NameScope(outer=function.scope, cls=function.owner, me=args[0] if args else None)
        self._take_in(function, scope, args, keywords, node)
        if yields(function):
            if not function.follows:
                raise CannotFollow("a generator without gradients is not followed", self.span(node))
            return IteratorObject(yielded(self, function, scope))
        outer, self.scope = self.scope, scope
        lines, self.lines = self.lines, function.lines
        following, self.graph.following = self.graph.following, self.graph.following and function.follows
        try:
            body = function.body
            value = self.run_body(body) if isinstance(body, list) else self.expression(body)
        finally:
            self.scope, self.lines, self.graph.following = outer, lines, following
        if outer is self.globals and args and not keywords and all(isinstance(one, float) for one in args):
            names = [one.arg for one in function.arguments.args]
            self.called = CalledAtNumbers(function, dict(zip(names, args)), value)
        return value

    def _take_in(
        self, function: PythonFunction, scope: NameScope, args: list[Any], keywords: dict[str, Any], node: ast.AST
    ) -> None:
        """Give the parameters of a function their values."""
        given = function.arguments
        names = [one.arg for one in (*given.posonlyargs, *given.args)]
        if len(args) > len(names) and given.vararg is None:
            raise self.raised(
                "TypeError", f"{function.name}() takes {len(names)} arguments, {len(args)} are given", node
            )
        values = dict(zip(names, args))
        rest = dict(keywords)
        for name in [*names, *(one.arg for one in given.kwonlyargs)]:
            if name in rest:
                values[name] = rest.pop(name)
        if rest and given.kwarg is None:
            raise self.raised("TypeError", f"{function.name}() has no parameter {next(iter(rest))}", node)
        values = function.defaults | values
        for name in names:
            if name not in values:
                raise self.raised("TypeError", f"{function.name}() needs {name}", node)
        if given.vararg is not None:
            values[given.vararg.arg] = tuple(args[len(names) :])
        if given.kwarg is not None:
            values[given.kwarg.arg] = rest
        scope.names.update(values)

    def _instance(self, cls: PythonClass, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
        made = Instance(cls)
        if cls.fields is not None and cls.find("__init__") is None:
            return self._of_fields(made, cls, cls.fields, args, keywords, node)
        start = cls.find("__init__")
        if isinstance(start, PythonFunction):
            given = args[0] if args else None
            self._user(start, [made, *args], keywords, node)
            if classes.is_value_class(cls):
                if isinstance(given, TensorObject):
                    classes.computed_value(made)
                else:
                    classes.held_value(self, made, node)
        elif cls.is_from(FUNCTION):
            raise CannotFollow(f"{cls.name} is used by {cls.name}.apply", self.span(node))
        return made

    def _of_fields(
        self, made: Instance, cls: PythonClass, fields: tuple[str, ...], args: list[Any], keywords: dict[str, Any],
        node: ast.Call | ast.AST,
    ) -> Any:  # fmt: skip
        """An object of a dataclass."""
        given = dict(zip(fields, args)) | keywords
        for name in fields:
            if name not in given and name not in cls.members:
                raise self.raised("TypeError", f"{cls.name}() needs {name}", node)
            made.attributes[name] = given.get(name, cls.members.get(name))
        if len(args) > len(fields) or not set(keywords) <= set(fields):
            raise self.raised("TypeError", f"{cls.name}() is given other arguments than it has", node)
        if isinstance(cls.find("__post_init__"), PythonFunction):
            self.invoke(self.attribute(made, "__post_init__", node), [], {}, node)
        return made

    def attribute(self, value: Any, name: str, node: ast.AST) -> Any:
        """value.name"""
        if isinstance(value, Ignored):
            return value
        if isinstance(value, LibraryPath):
            return library.constant(LibraryPath(f"{value.path}.{name}"))
        if isinstance(value, TensorObject):
            found = methods.attribute(self, value, name, node)
            plain = name in ("grad", "requires_grad", "is_leaf")
            return found if found is not None or plain else Bound(None, value, name)
        if isinstance(value, Instance):
            return self._of_instance(value, name, node)
        if isinstance(value, PythonClass) and (member := self._of_class(value, name)) is not None:
            return member
        if isinstance(value, LayerObject):
            if name in value.parameters:
                return value.parameters[name]
            return self._of_module(value, name)
        if (of_kind := OWN.get(type(value))) is not None:
            return of_kind(self, value, name, node)
        if isinstance(value, NamedItems) and name in value.names:
            return value[value.names.index(name)]
        if isinstance(value, CONTAINERS):
            return Bound(None, value, name)
        raise CannotFollow(f".{name} of {described(value)} is not followed", self.span(node))

    def _of_class(self, value: PythonClass, name: str) -> Any:
        if name == "apply" and value.is_from(FUNCTION):
            return ReaderFunction(value.name, lambda args, keywords, place: custom.apply(self, value, args, place))
        member = value.name if name == "__name__" else value.find(name)
        return Bound(member, value, name) if isinstance(member, PythonFunction) and member.binds == "class" else member

    def _of_instance(self, value: Instance, name: str, node: ast.AST) -> Any:
        if name == "grad" and classes.is_value_class(value.cls):
            found = classes.gradient(self, value, node)
            return value.attributes.get("grad") if found is None else found
        if name == "backward" and classes.is_value_class(value.cls):
            return ReaderFunction(name, lambda args, keywords, place: classes.backward(self, value, place))
        if name in value.attributes:
            return value.attributes[name]
        if name == "ctx" or value.cls is custom.CONTEXT:
            return self._of_context(value, name, node)
        member = value.cls.find(name)
        if isinstance(member, PythonFunction):
            bound = {"nothing": None, "class": value.cls}.get(member.binds, value)
            return member if bound is None else Bound(member, bound, name)
        if isinstance(member, ReaderFunction) and member.name == "property":
            return self.invoke(member.call([], {}, node), [value], {}, node)
        if member is not None:
            return member
        if name == "__class__":
            return value.cls
        return self._of_module(value, name)

    def _of_module(self, value: Any, name: str) -> Any:
        if name == "state_dict":
            return ReaderFunction(name, lambda args, keywords, place: states.state_of(self, value, place))
        if name == "load_state_dict":
            return ReaderFunction(name, lambda args, words, place: states.load_state(self, value, args, words, place))
        return module_members.member(self, value, name)

    def _of_context(self, value: Instance, name: str, node: ast.AST) -> Any:
        """What torch's ctx has."""
        if name == "save_for_backward":
            return ReaderFunction(name, lambda args, keywords, place: value.attributes.update(saved=tuple(args)))
        if name in ("saved_tensors", "saved_variables"):
            return value.attributes.get("saved", ())
        if name == "set_materialize_grads":
            return ReaderFunction(name, lambda args, keywords, place: None)
        raise CannotFollow(f"ctx.{name} is not followed", self.span(node))

    def _bound(self, bound: Bound, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
        owner = bound.owner
        if isinstance(bound.function, PythonFunction):
            return self._user(bound.function, [owner, *args], keywords, node)
        if isinstance(owner, TensorObject):
            for one in (*args, *keywords.values()):
                if isinstance(one, Ignored) and bound.name not in ("to", "type"):
                    return one
            return methods.method(self, owner, bound.name, args, keywords, node)
        return container_method(self, owner, bound.name, args, keywords, node)
