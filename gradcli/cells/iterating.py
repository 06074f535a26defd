"""What a cell goes through one by one: iterators, functions that yield, objects with __iter__, loaders of data."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.leaving import FunctionReturned, LoopLeft
from gradcli.cells.positions import SourceLines
from gradcli.cells.scopes import NameScope
from gradcli.cells.values import CannotFollow, Instance, PythonFunction, PythonRaises

STOP = "StopIteration"


class CellIterable(ABC):
    """Something that gives its items anew each time that it is gone through."""

    @abstractmethod
    def items(self, reader: CellReader, node: ast.AST) -> Iterator[Any]:
        """The items, each made when it is asked for."""

    @abstractmethod
    def count(self, reader: CellReader, node: ast.AST) -> int:
        """How many there are."""


class IteratorObject:
    """What iter() or a function that yields gives: items that are gone through once."""

    def __init__(self, items: Iterator[Any]) -> None:
        self.items = items


def gone_through(reader: CellReader, value: Any, node: ast.AST) -> Iterator[Any]:
    """The items of a value, each made when it is asked for.

    Raises CannotFollow, PythonRaises.
    """
    if isinstance(value, IteratorObject):
        return value.items
    if isinstance(value, CellIterable):
        return value.items(reader, node)
    if isinstance(value, Instance) and value.cls.find("__iter__") is not None:
        given = reader.invoke(reader.attribute(value, "__iter__", node), [], {}, node)
        if isinstance(given, Instance):
            return _asked(reader, given, node)
        return gone_through(reader, given, node)
    if isinstance(value, Instance) and value.cls.find("__getitem__") is not None:
        return _indexed(reader, value, node)
    if isinstance(value, Instance):
        raise CannotFollow("an object without __iter__ is not gone through", reader.span(node))
    return iter(reader.iterated(value, node))


def _asked(reader: CellReader, value: Instance, node: ast.AST) -> Iterator[Any]:
    """The items that __next__ gives until it raises StopIteration."""
    while True:
        try:
            yield reader.invoke(reader.attribute(value, "__next__", node), [], {}, node)
        except PythonRaises as error:
            if error.kind != STOP:
                raise
            return


def _indexed(reader: CellReader, value: Instance, node: ast.AST) -> Iterator[Any]:
    """The items at 0, 1, ... until there is none."""
    place = 0
    while True:
        try:
            yield reader.invoke(reader.attribute(value, "__getitem__", node), [place], {}, node)
        except PythonRaises as error:
            if error.kind != "IndexError":
                raise
            return
        place += 1


def next_of(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """next(iterator, default)"""
    if isinstance(args[0], Instance):
        return reader.invoke(reader.attribute(args[0], "__next__", node), [], {}, node)
    if not isinstance(args[0], IteratorObject):
        raise CannotFollow("next of this is not followed", reader.span(node))
    for one in args[0].items:
        return one
    if len(args) > 1:
        return args[1]
    raise reader.raised(STOP, "", node)


# Functions that yield


def yields(function: PythonFunction) -> bool:
    """Whether a call of a function gives an iterator."""
    return isinstance(function.body, list) and any(map(_has_yield, function.body))


def _has_yield(node: ast.AST) -> bool:
    stack = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(one, (ast.FunctionDef, ast.ClassDef, ast.Lambda)):
            stack += ast.iter_child_nodes(one)
    return False


def yielded(reader: CellReader, function: PythonFunction, scope: NameScope) -> Iterator[Any]:
    """What a function yields: it is read on from yield to yield, among its own names."""
    assert isinstance(function.body, list)
    return resumed(reader, _yielded(reader, function.body), scope, function.lines)


def resumed(reader: CellReader, body: Iterator[Any], scope: NameScope, lines: SourceLines) -> Iterator[Any]:
    """What is read on from item to item, each time among its own names."""
    while True:
        before = reader.scope, reader.lines
        reader.scope, reader.lines = scope, lines
        try:
            item = next(body)
        except (StopIteration, FunctionReturned):
            return
        finally:
            reader.scope, reader.lines = before
        yield item


def _yielded(reader: CellReader, body: list[ast.stmt]) -> Iterator[Any]:
    for one in body:
        if not _has_yield(one):
            reader.run_statement(one)
        elif isinstance(one, ast.Expr) and isinstance(one.value, ast.Yield):
            yield None if one.value.value is None else reader.expression(one.value.value)
        elif isinstance(one, ast.Expr) and isinstance(one.value, ast.YieldFrom):
            yield from gone_through(reader, reader.expression(one.value.value), one)
        elif isinstance(one, ast.If):
            yield from _yielded(reader, one.body if reader.truth(reader.expression(one.test), one.test) else one.orelse)
        elif isinstance(one, (ast.For, ast.While)):
            yield from _yielded_by_loop(reader, one)
        else:
            raise CannotFollow("yield is not followed here", reader.span(one))


def _yielded_by_loop(reader: CellReader, loop: ast.For | ast.While) -> Iterator[Any]:
    for _ in _rounds(reader, loop):
        reader.step(loop)
        try:
            yield from _yielded(reader, loop.body)
        except LoopLeft as left:
            if not left.again:
                return
    yield from _yielded(reader, loop.orelse)


def _rounds(reader: CellReader, loop: ast.For | ast.While) -> Iterator[None]:
    if isinstance(loop, ast.While):
        while reader.truth(reader.expression(loop.test), loop.test):
            yield
        return
    for item in gone_through(reader, reader.expression(loop.iter), loop.iter):
        reader.bind(loop.target, item)
        yield
