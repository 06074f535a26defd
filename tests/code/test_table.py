"""Every row of the table in every language: emitted, or refused by name; what C and JavaScript give are NumPy's numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradcli
from tests.code.running import flat, needs_c, needs_node, python_function, run_c, run_javascript
from tests.doors import LANGUAGES, table
from tests.doors import code_language as language
from tests.shares import share

EXAMPLES = [(row.name, *row.example.split(" at ")) for row in table.ROWS if " at " in row.example]
NUMBERS = [one for one in EXAMPLES if "[" not in one[2] and table.BY_NAME[one[0]].shape is None]
ROWS_OF_ARRAYS = [one for one in EXAMPLES if one not in NUMBERS]


def emitted(program: str, at: str, to: str) -> gradcli.Code | gradcli.GradcliError:
    try:
        return gradcli.code(program, to, at)
    except gradcli.GradcliError as error:
        return error


@cache
def in_numpy(program: str, at: str) -> gradcli.Code | gradcli.GradcliError:
    return emitted(program, at, "numpy")


def quiet(function: Any) -> Any:
    """A function whose branches that are not taken may divide by 0."""

    def call(*args: float) -> Any:
        with np.errstate(all="ignore"):
            return function(*args)

    return call


def point_of(at: str) -> Mapping[str, float]:
    result = gradcli.differentiate(" + ".join(piece.partition("=")[0] for piece in at.split(",")), at)
    assert result.at is not None
    return {name: float(number) for name, number in result.at.items()}


@pytest.mark.parametrize("to", LANGUAGES)
def test_every_row_is_emitted_or_refused_by_name(to: str) -> None:
    refused = 0
    rows = share(NUMBERS, 3, list(LANGUAGES).index(to) % 3)
    for name, program, at in rows:
        code = emitted(program, at, to)
        if isinstance(code, gradcli.GradcliError):
            refused += 1
            assert not isinstance(code, gradcli.LimitError), (name, code.message)
            assert code.message.startswith(f'{to} has no "'), (name, code.message)
            assert code.span is not None, name
        else:
            assert code.verified.points >= 1 and code.verified.digits >= 7, name
    # NumPy and SciPy lack the derivatives by a parameter (besselj_by_n) and hyp0f2 to hyp4f3, among others
    assert refused < {"numpy": 50, "latex": 1, "gradcli": 1}.get(to, 180) * len(rows) / len(NUMBERS) or not refused


def test_what_a_language_has_are_rows_of_the_table() -> None:
    for name in LANGUAGES:
        own = language(name)
        assert {word for word in own.words if word not in ("literal", "log_expit")} <= set(table.BY_NAME), name


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("name", "program", "at"), NUMBERS, ids=[one[0] for one in NUMBERS])
def test_the_gradient_is_that_of_the_value(name: str, program: str, at: str) -> None:
    """By difference quotients of the emitted value: no rule, and no reference, is asked."""
    code = in_numpy(program, at)
    if isinstance(code, gradcli.GradcliError):
        assert f'"{name}"' in code.message or "has no" in code.message
        return
    if name == "detach":
        return  # its derivative is 0 by definition
    function, point = quiet(python_function(code)), point_of(at)
    args = [point[one.variable] for one in code.arguments]
    _, gradient = function(*args)
    for place, slope in enumerate(flat(gradient)):
        step = 1e-5 * max(1.0, abs(args[place]))
        around = [[*args[:place], args[place] + sign * step, *args[place + 1 :]] for sign in (1, -1)]
        high, low = (flat(function(*one))[0] for one in around)
        if slope == 0 and code.by[place] in ("n", "k"):
            continue  # of a whole number
        assert (high - low) / (2 * step) == pytest.approx(slope, rel=1e-5, abs=1e-7), code.by[place]


def same_as_numpy(run, to: str, folder: Path) -> None:
    pairs, wanted = [], []
    for name, program, at in NUMBERS:
        code, twin = emitted(program, at, to), in_numpy(program, at)
        if isinstance(code, gradcli.Code) and isinstance(twin, gradcli.Code):
            point = point_of(at)
            pairs.append((code, point))
            wanted.append((name, flat(quiet(python_function(twin))(*(point[one.variable] for one in twin.arguments)))))
    assert len(pairs) > 80
    for found, (name, numbers) in zip(run(pairs, folder), wanted):
        assert len(found) == len(numbers), name
        for one, other in zip(found, numbers):
            assert math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12), (name, found, numbers)


@needs_c
def test_c_gives_the_numbers_of_numpy(tmp_path: Path) -> None:
    same_as_numpy(run_c, "c", tmp_path)


@needs_node
def test_javascript_gives_the_numbers_of_numpy(tmp_path: Path) -> None:
    same_as_numpy(run_javascript, "javascript", tmp_path)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("to", ["numpy", "torch", "jax"])
@pytest.mark.parametrize(("name", "program", "at"), ROWS_OF_ARRAYS, ids=[one[0] for one in ROWS_OF_ARRAYS])
def test_rows_of_arrays(name: str, program: str, at: str, to: str) -> None:
    code = emitted(program, at, to)
    if isinstance(code, gradcli.GradcliError):
        assert " has no " in code.message, code.message
    else:
        assert code.verified.points >= 1


@pytest.mark.parametrize("to", ["excel", "latex", "sympy", "gradcli"])
def test_arrays_are_refused_where_there_are_none(to: str) -> None:
    with pytest.raises(gradcli.GradcliError, match="is of numbers"):
        gradcli.code("sum(x**2)", to, {"x": [1, 2]})


@pytest.mark.parametrize("to", ["numpy", "torch"])
@pytest.mark.parametrize(
    "program",
    [
        "sum(cholesky(A))", "Q, R = qr(A); R[0, 1] + Q[1, 1]", "w, V = eigh(A); V[0, 0]*w[1]", "eigvalsh(A)[0]",
        "U, S, Vh = svd(A); sum(U[:, 0])*S[1] + Vh[0, 1]", "svdvals(A)[0]", "sum(matrix_exp(A))",
        "sum(matrix_power(A, 3))", "norm(A, 'nuc')", "norm(A, -inf)", "slogdet(A)[1]", "sum(lstsq(A, b))",
    ],
)  # fmt: skip
def test_factors_of_matrices_are_those_of_the_library(program: str, to: str) -> None:
    at = {"A": [[2.0, 1.0], [1.5, 3.0]], **({"b": [1.0, -2.0]} if "b)" in program else {})}
    code = gradcli.code(program, to, at)
    assert code.verified.points >= 1 and code.verified.digits > 10
