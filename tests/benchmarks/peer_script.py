"""What somebody writes by hand: SymPy's parser, its derivative, lambdify, and torch's autograd on the same text."""

from __future__ import annotations

from collections.abc import Mapping

import sympy
import torch
from sympy.parsing.sympy_parser import parse_expr


def by_hand(program: str, at: Mapping[str, float]) -> dict[str, tuple[str, float, float]]:
    """For each variable: the formula, its value, and autograd's number."""
    symbols = {name: sympy.Symbol(name, real=True) for name in at}
    expression = parse_expr(program, local_dict=dict(symbols))
    arguments = list(symbols.values())
    tensors = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in at.values()]
    output = sympy.lambdify(arguments, expression, modules=[torch])(*tensors)
    output.backward()
    found = {}
    for (name, symbol), tensor in zip(symbols.items(), tensors):
        derivative = sympy.diff(expression, symbol)
        value = sympy.lambdify(arguments, derivative, modules="math")(*at.values())
        found[name] = (str(derivative), float(value), float(tensor.grad))
    return found
