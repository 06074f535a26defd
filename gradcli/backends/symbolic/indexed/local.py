"""The derivative of an operation in an index formula by each of its arguments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sympy
from sympy import Mul, Piecewise, Pow, S

from gradcli.backends.symbolic.build import NoFormula, constant, construct
from gradcli.backends.symbolic.value import row_of
from gradcli.tape.emit import SCALE
from gradcli.tape.interpret import Rules
from gradcli.tape.rules import local
from gradcli.tape.tape import Primitive


def locals_of(node: Any) -> Iterator[tuple[Any, Any]]:
    """The derivatives of a node by its arguments."""
    if node.is_Add:
        yield from ((arg, S.One) for arg in node.args)
    elif node.is_Mul:
        for i, arg in enumerate(node.args):
            yield arg, Mul(*node.args[:i], *node.args[i + 1 :])
    elif node.is_Pow:
        yield node.base, node.exp * Pow(node.base, node.exp - 1)
        if not node.exp.is_Number:
            yield node.exp, node * sympy.log(node.base)
    elif node.is_Piecewise:
        for i, (value, _) in enumerate(node.args):
            cases = [(S.One if i == j else S.Zero, condition) for j, (_, condition) in enumerate(node.args)]
            yield value, Piecewise(*cases, evaluate=False)
    else:
        yield from _of_function(node)


def _of_function(node: Any) -> Iterator[tuple[Any, Any]]:
    """By the rules of the table."""
    row = row_of(node.func.__name__, len(node.args))
    for position, arg in enumerate(node.args):
        if arg.is_Number:
            continue
        found = local(row, position, _RULES, node.args)
        if found is None:
            raise NoFormula(f"{row.name} has no derivative by its {row.parameters[position].name} that gradcli knows")
        yield arg, found


def _primitive(op: Primitive, args: Sequence[Any]) -> Any:
    return Mul(*args) if op.row is SCALE else construct(op.row, args)


_RULES: Rules[Any] = Rules(constant, _primitive)
