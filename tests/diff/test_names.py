"""What partials are called, with indices and without."""

from __future__ import annotations

import pytest

from gradcli.diff.data import Partial, Result
from tests.diff.results import FORMULAS, JACOBIAN, JVP, MEAN, TENSOR_HESSIAN, TENSOR_JACOBIAN, VJP
from tests.doors import PartialNames

CASES = [
    (MEAN, 0, "∂o/∂x[i,j]", "do/dx[i,j]", "x[i,j]"),
    (JACOBIAN, 0, "∂f[0]/∂u", "df[0]/du", "f[0]/u"),
    (JACOBIAN, 3, "∂f[1]/∂v", "df[1]/dv", "f[1]/v"),
    (TENSOR_JACOBIAN, 0, "∂f[i]/∂x[j]", "df[i]/dx[j]", "f[i]/x[j]"),
    (TENSOR_JACOBIAN, 1, "∂f[i]/∂u", "df[i]/du", "f[i]/u"),
    (TENSOR_HESSIAN, 0, "∂²f/∂x[i]∂x[j]", "d2f/dx[i]dx[j]", "x[i],x[j]"),
    (TENSOR_HESSIAN, 1, "∂²f/∂x[i]∂u", "d2f/dx[i]du", "x[i],u"),
    (TENSOR_HESSIAN, 2, "∂²f/∂u²", "d2f/du2", "u,u"),
    (JVP, 0, "(J·v)[i]", "(J*v)[i]", "J*v[i]"),
    (VJP, 0, "vᵀ·J by x[i]", "v^T*J by x[i]", "x[i]"),
    (VJP, 1, "vᵀ·J by u", "v^T*J by u", "u"),
    (FORMULAS, 1, "∂f/∂x[i]", "df/dx[i]", "x[i]"),
]


@pytest.mark.parametrize(("result", "position", "name", "ascii_name", "plain"), CASES)
def test_names(result: Result, position: int, name: str, ascii_name: str, plain: str) -> None:
    partial = result.partials[position]
    assert PartialNames(result).of(partial) == name
    assert PartialNames(result, unicode=False).of(partial) == ascii_name
    assert PartialNames(result, unicode=False).plain(partial) == plain


def test_entries() -> None:
    assert PartialNames(MEAN).of(MEAN.partials[0], (0, 1)) == "∂o/∂x[0,1]"
    assert PartialNames(TENSOR_JACOBIAN).of(TENSOR_JACOBIAN.partials[0], (0, 1)) == "∂f[0]/∂x[1]"
    assert PartialNames(TENSOR_HESSIAN).of(TENSOR_HESSIAN.partials[0], (1, 1)) == "∂²f/∂x[1]∂x[1]"


def test_a_product_that_is_a_number() -> None:
    result = Result("x*y", (Partial(("x", "y"), 1.0),), at={"x": 1.0, "y": 1.0}, product="jvp")
    assert PartialNames(result).of(result.partials[0]) == "J·v"


def test_intermediates_have_no_value_in_at() -> None:
    partials = (
        Partial(("y", "y"), shape=(2, 2), indices=("i", "j")),
        Partial(("y", "z"), shape=(2, 3, 3), indices=("i", "j", "k")),
    )
    names = PartialNames(Result("y = 2*x; z = y*y", partials, at={"x": 1.0}))
    assert [names.of(partial) for partial in partials] == ["∂²f/∂y[i]∂y[j]", "∂²f/∂y[i]∂z[j,k]"]


def test_without_indices() -> None:
    partial = Partial(("x",), [1.0, 2.0], shape=(2,))
    assert PartialNames(Result("x", (partial,))).of(partial) == "∂f/∂x"
