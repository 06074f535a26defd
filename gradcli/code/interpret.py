"""Functions of Python read as what they are: their tree is walked with a few whitelisted forms, and no text is run.

gradcli executes no text, not even its own: what is emitted is parsed by Python's `ast`, and each node becomes a
closure over a list of values. So what is checked is the very text that is printed, a name that is not the
function's own or its library's is a defect, and the same closures are the callable that `gradcli.code` gives.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

from gradcli.errors import DefectError

STAGE = "checking the code"
Frame = dict[str, Any]
Evaluate = Callable[[Frame], Any]

BINARY: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow, ast.MatMult: operator.matmul, ast.BitAnd: operator.and_, ast.BitOr: operator.or_,
}  # fmt: skip
UNARY: Mapping[type, Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}
COMPARE: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip


def function_of(text: str, libraries: Mapping[str, Any]) -> Callable[..., Any]:
    """The function that a text defines, over these modules by their names there.

    Raises DefectError for anything that no emitted text holds.
    """
    definition = next(node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef))
    names = [one.arg for one in definition.args.args]
    steps = [_statement(node, libraries) for node in definition.body if not _is_docstring(node)]
    *before, last = steps

    def function(*args: Any, **named: Any) -> Any:
        frame = dict(zip(names, args), **named)
        if len(args) > len(names) or frame.keys() != set(names):
            raise TypeError(f"{definition.name}() takes {', '.join(names)}")
        for step in before:
            step(frame)
        return last(frame)

    function.__name__ = definition.name
    function.__doc__ = ast.get_docstring(definition)
    return function


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _statement(node: ast.stmt, libraries: Mapping[str, Any]) -> Evaluate:
    if isinstance(node, ast.Return) and node.value is not None:
        return _expression(node.value, libraries)
    if isinstance(node, ast.Assign):
        value, target = _expression(node.value, libraries), node.targets[0]
        if isinstance(target, ast.Name):
            name = target.id

            def assign(frame: Frame) -> None:
                frame[name] = value(frame)

            return assign
        if isinstance(target, ast.Subscript):
            base, place = _expression(target.value, libraries), _expression(target.slice, libraries)

            def put(frame: Frame) -> None:
                base(frame)[place(frame)] = value(frame)

            return put
    raise _unknown(node)


def _unknown(node: ast.AST) -> DefectError:
    return DefectError(STAGE, f"no emitted text holds a {type(node).__name__}: {ast.unparse(node)[:60]}")


def _expression(node: ast.expr, libraries: Mapping[str, Any]) -> Evaluate:
    """A closure that evaluates an expression; the recursion is as deep as a line of the emitted text."""
    if isinstance(node, ast.Constant):
        constant = node.value
        return lambda frame: constant
    if isinstance(node, ast.Name):
        name = node.id
        return lambda frame: frame[name]
    if isinstance(node, ast.Attribute):
        return _attribute(node, libraries)
    if isinstance(node, ast.Call):
        return _call(node, libraries)
    if isinstance(node, ast.BinOp):
        operate, left, right = (
            BINARY[type(node.op)],
            _expression(node.left, libraries),
            _expression(node.right, libraries),
        )
        return lambda frame: operate(left(frame), right(frame))
    if isinstance(node, ast.UnaryOp):
        change, inner = UNARY[type(node.op)], _expression(node.operand, libraries)
        return lambda frame: change(inner(frame))
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        compare = COMPARE[type(node.ops[0])]
        left, right = _expression(node.left, libraries), _expression(node.comparators[0], libraries)
        return lambda frame: compare(left(frame), right(frame))
    if isinstance(node, (ast.Tuple, ast.List)):
        kind = tuple if isinstance(node, ast.Tuple) else list
        parts = [_expression(one, libraries) for one in node.elts]
        return lambda frame: kind([part(frame) for part in parts])
    if isinstance(node, ast.Subscript):
        base, place = _expression(node.value, libraries), _expression(node.slice, libraries)
        return lambda frame: base(frame)[place(frame)]
    if isinstance(node, ast.Slice):
        ends = [None if one is None else _expression(one, libraries) for one in (node.lower, node.upper, node.step)]
        return lambda frame: slice(*(None if end is None else end(frame) for end in ends))
    raise _unknown(node)


def _attribute(node: ast.Attribute, libraries: Mapping[str, Any]) -> Evaluate:
    """A function or a number of a library, looked up once; or a property of an array."""
    path, inner = [node.attr], node.value
    while isinstance(inner, ast.Attribute):
        path.append(inner.attr)
        inner = inner.value
    if isinstance(inner, ast.Name) and inner.id in libraries:
        found = libraries[inner.id]
        for name in reversed(path):
            found = getattr(found, name)
        return lambda frame: found
    base, name = _expression(node.value, libraries), node.attr
    return lambda frame: getattr(base(frame), name)


def _call(node: ast.Call, libraries: Mapping[str, Any]) -> Evaluate:
    function = _expression(node.func, libraries)
    args = [_expression(one, libraries) for one in node.args]
    named = {one.arg: _expression(one.value, libraries) for one in node.keywords if one.arg is not None}
    if named:
        return lambda frame: function(frame)(
            *[arg(frame) for arg in args], **{name: value(frame) for name, value in named.items()}
        )
    if len(args) == 1:
        (only,) = args
        return lambda frame: function(frame)(only(frame))
    return lambda frame: function(frame)(*[arg(frame) for arg in args])
