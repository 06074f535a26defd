"""Code to take away beside what one would take otherwise: SymPy's cse and lambdify, torch's autograd, C by hand."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy
import torch

import gradcli
from tests.benchmarks.formulas import BY_HAND, FORMULAS, Engineering
from tests.benchmarks.measure import Figure, in_turn
from tests.code.running import python_function

CALLS = 200  # of each formula
POINTS = 2_000  # in an array
LOOPS = 2_000_000  # of a function in C


def code(rounds: int) -> Iterator[Figure]:
    """All of them."""
    own = [python_function(gradcli.code(one.program, "numpy", wrt=list(one.at))) for one in FORMULAS]
    numbers = [_arguments(one, function, np.float64) for one, function in zip(FORMULAS, own)]
    arrays = [[np.full(POINTS, value) for value in args] for args in numbers]
    peers = [by_sympy(one, function) for one, function in zip(FORMULAS, own)]
    for what, given, calls in (("numbers", numbers, CALLS), (f"{POINTS:,} points", arrays, CALLS // 10)):
        mine, other = in_turn(_all(own, given, calls), _all(peers, given, calls), rounds)
        yield Figure(f"NumPy gradients of 20 formulas, {what}", mine, 1.0, other, "SymPy's cse and lambdify")
    swept = [python_function(gradcli.code(one.program, "torch", wrt=list(one.at))) for one in FORMULAS]
    taped = [by_autograd(one) for one in FORMULAS]
    tensors = [[torch.tensor(one) for one in args] for args in numbers]
    for what, given, calls in (
        ("numbers", tensors, CALLS // 10), (f"{POINTS:,} points", [[torch.tensor(a) for a in args] for args in arrays], 20)
    ):  # fmt: skip
        mine, other = in_turn(_all(swept, given, calls), _all(taped, given, calls), rounds)
        yield Figure(f"torch gradients of 20 formulas, {what}", mine, 1.0, other, "torch.autograd.grad")
    mine, other = in_turn(_all(own, numbers, CALLS // 10), _all(taped, tensors, CALLS // 10), rounds)
    yield Figure("NumPy gradients of 20 formulas, numbers", mine, 1.0, other, "torch.autograd.grad")
    if shutil.which("cc"):
        yield from _in_c(rounds)


def _arguments(one: Engineering, function: Callable[..., Any], kind: Callable[[float], Any]) -> list[Any]:
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    return [kind(one.at[name.rstrip("_")]) for name in names]


def by_sympy(one: Engineering, function: Callable[..., Any]) -> Callable[..., Any]:
    """The value and the gradient by SymPy: differentiated, common subexpressions taken out, as a function of NumPy."""
    symbols = {name: sympy.Symbol(name, real=True) for name in one.at}
    expression = sympy.sympify(one.sympy or one.program, symbols)
    gradient = [expression.diff(symbol) for symbol in symbols.values()]
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    order = [symbols[name.rstrip("_")] for name in names]
    return sympy.lambdify(order, [expression, *gradient], modules=["scipy", "numpy"], cse=True)


def by_autograd(one: Engineering) -> Callable[..., Any]:
    """The gradient by torch's autograd: the emitted function's value, differentiated."""
    value = python_function(gradcli.code(one.program, "torch", value_only=True))

    def differentiated(*args: torch.Tensor) -> Sequence[torch.Tensor]:
        leaves = [arg.detach().requires_grad_() for arg in args]
        return torch.autograd.grad(value(*leaves).sum(), leaves)

    return differentiated


def _all(functions: Sequence[Callable[..., Any]], given: Sequence[Sequence[Any]], calls: int) -> Callable[[], None]:
    def run() -> None:
        for function, args in zip(functions, given):
            for _ in range(calls):
                function(*args)

    return run


def _in_c(rounds: int) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        for name, body in BY_HAND.items():
            one = next(each for each in FORMULAS if each.name == name)
            text = gradcli.code(one.program, "c", wrt=list(one.at))
            names = [each.name for each in text.arguments]
            head = ", ".join(f"double {each}" for each in names)
            hand = f"#include <math.h>\ndouble f({head}, double g[{len(names)}])\n{{{body}\n}}\n"
            mine, other = (_compiled(code, one, names, Path(folder) / side) for side, code in
                           (("own", text.text), ("hand", hand)))  # fmt: skip
            assert float(mine()) == pytest.approx(float(other()), rel=1e-9), name
            timed = in_turn(mine, other, rounds)
            yield Figure(f"{name} in C", timed[0], 1.1, timed[1], "the same by hand")


def _compiled(code: str, one: Engineering, names: Sequence[str], path: Path) -> Callable[[], str]:
    """A program that calls a function many times at points that move a little."""
    given = ", ".join(f"{one.at[name.rstrip('_')]!r}*s" for name in names)
    main = f"""
#include <stdio.h>
int main(void) {{
    double g[{len(names)}], total = 0;
    for (long i = 0; i < {LOOPS}; i++) {{
        double s = 1 + 1e-9*(double)i;
        total += f({given}, g);
        for (int j = 0; j < {len(names)}; j++) total += g[j];
    }}
    printf("%.12g\\n", total);
    return 0;
}}
"""
    source = path.with_suffix(".c")
    separate = path.with_name(f"{path.name}_f.c")  # of its own, so that neither is written out in the loop
    separate.write_text(code)
    head = f"double f({', '.join('double' for _ in names)}, double *);\n"
    source.write_text(head + main)
    subprocess.run(["cc", "-O2", "-std=c99", str(source), str(separate), "-o", str(path), "-lm"], check=True)
    return lambda: subprocess.run([str(path)], check=True, capture_output=True, text=True).stdout
