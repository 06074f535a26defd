"""Emitted code gives the numbers that SymPy's own derivatives have: value, gradient and Hessian, in every language."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
import sympy

import gradcli
from tests.code.programs import FORMULAS, Formula
from tests.code.running import (
    flat,
    needs_c,
    needs_fortran,
    needs_julia,
    needs_node,
    python_function,
    run_c,
    run_fortran,
    run_javascript,
    run_julia,
)

EACH = pytest.mark.parametrize("formula", FORMULAS, ids=lambda one: one.name)


@cache
def truths(formula: Formula) -> list[float]:
    """The value, the gradient and the Hessian, row by row."""
    names = {name: sympy.Symbol(name, real=True) for name in formula.point}
    expression = sympy.sympify(formula.sympy, names)
    symbols = list(names.values())
    wanted = [expression, *(expression.diff(x) for x in symbols)]
    wanted += [expression.diff(x, y) for x in symbols for y in symbols]
    at = {symbol: sympy.Float(formula.point[name], 40) for name, symbol in names.items()}
    return [float(one.subs(at).evalf(25)) for one in wanted]


def emitted(formula: Formula, language: str) -> gradcli.Code:
    return gradcli.code(formula.program, language, at=formula.point, wrt=list(formula.point), order=2)


def assert_same(found: list[float], wanted: list[float], digits: float = 1e-9) -> None:
    assert len(found) == len(wanted)
    scale = max(map(abs, wanted))
    for one, true in zip(found, wanted):
        assert one == pytest.approx(true, rel=digits, abs=1e-12 * scale)


@EACH
def test_numpy_executed_and_called(formula: Formula) -> None:
    code = emitted(formula, "numpy")
    args = {one.name: formula.point[one.variable] for one in code.arguments}
    assert_same(flat(python_function(code)(**args)), truths(formula))
    assert_same(flat(code(**args)), truths(formula))


@EACH
def test_numpy_of_arrays(formula: Formula) -> None:
    import numpy as np

    code = emitted(formula, "numpy")
    args = {one.name: np.full(3, formula.point[one.variable]) for one in code.arguments}
    value, gradient, _ = code(**args)
    assert np.shape(value) == (3,)
    assert_same([value[1], *(np.broadcast_to(one, 3)[2] for one in gradient)], truths(formula)[: 1 + len(gradient)])


@EACH
def test_torch_executed_and_called(formula: Formula) -> None:
    import torch

    code = emitted(formula, "torch")
    args = {one.name: torch.tensor(formula.point[one.variable], dtype=torch.float64) for one in code.arguments}
    assert_same(flat(python_function(code)(**args)), truths(formula))
    assert_same(flat(code(**args)), truths(formula))


@EACH
def test_jax(formula: Formula) -> None:
    pytest.importorskip("jax")
    code = emitted(formula, "jax")
    assert_same(flat(code(**{one.name: formula.point[one.variable] for one in code.arguments})), truths(formula))


@EACH
def test_sympy(formula: Formula) -> None:
    code = emitted(formula, "sympy")
    numbers = {one.name: sympy.Float(formula.point[one.variable], 30) for one in code.arguments}
    found = python_function(code)(**numbers)
    assert_same([float(sympy.N(one)) for one in _leaves(found)], truths(formula))


def _leaves(tree: object) -> list[object]:
    return [inner for one in tree for inner in _leaves(one)] if isinstance(tree, tuple) else [tree]


@EACH
def test_gradcli_reads_its_own_code_again(formula: Formula) -> None:
    code = emitted(formula, "gradcli")
    at = {one.name: formula.point[one.variable] for one in code.arguments}
    result = gradcli.differentiate(code.text, at=at, wrt=[code.arguments[0].name])
    assert_same(list(result.value), truths(formula))


def compiled(run, language: str, folder: Path) -> None:
    pairs = [(emitted(formula, language), formula.point) for formula in FORMULAS if _has(formula, language)]
    assert len(pairs) >= 5
    kept = [formula for formula in FORMULAS if _has(formula, language)]
    for found, formula in zip(run(pairs, folder), kept):
        assert_same(found, truths(formula))


def _has(formula: Formula, language: str) -> bool:
    return not (formula.name == "black_scholes" and language in ("javascript", "julia"))  # no erf without a package


@needs_c
def test_c(tmp_path: Path) -> None:
    compiled(run_c, "c", tmp_path)


@needs_node
def test_javascript(tmp_path: Path) -> None:
    compiled(run_javascript, "javascript", tmp_path)


@needs_fortran
def test_fortran(tmp_path: Path) -> None:
    compiled(run_fortran, "fortran", tmp_path)


@needs_julia
def test_julia(tmp_path: Path) -> None:
    compiled(run_julia, "julia", tmp_path)


def test_special_functions_of_sympy() -> None:
    for name in ("digamma", "lgamma", "gamma", "harmonic", "E1", "lambertw", "j0", "y1", "i1", "k0", "trigamma"):
        code = gradcli.code(f"x*{name}(x)", at={"x": 1.5}, to="sympy")
        found = [float(one) for one in flat(python_function(code)(sympy.Rational(3, 2)))]
        result = gradcli.differentiate(f"x*{name}(x)", {"x": 1.5})
        assert found == pytest.approx([result.value, float(str(result.partials[0].reference))], rel=1e-12)
