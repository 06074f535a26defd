"""`diff` by what a program names, and in the derivatives that it gives to its functions."""

from __future__ import annotations

import math

import pytest

import gradcli
from gradcli.errors import GradcliError

OWN = "f(x) = x*sin(x); f'(x, g) = diff(x*sin(x), x)*g; "
BOTH = "f(x, y) = sin(x)*y**2; f'(x, y, g) = [diff(sin(x)*y**2, x)*g, diff(sin(x)*y**2, y)*g]; "


def only(program: str, at: dict[str, object], **options: object) -> gradcli.Partial:
    """The one partial of a program."""
    (partial,) = gradcli.differentiate(program, at=at, **options).partials
    return partial


def test_a_name_is_of_its_own_where_torch_hands_on_the_same_tensor() -> None:
    """x**4 by x_1 alone is 2*x_1*x**2, which is 2*x**3, and its derivative is 6*x**2."""
    found = only("x_1 = +x; y = x**2; diff(y*x_1*x_1, x_1)", {"x": 2})
    assert (found.autograd, found.verdict.value) == (24.0, "agree")
    for same in ("transpose(x)", "flatten(x)", "dropout(x, 0.5, False)"):
        found = only(f"x_1 = {same}; y = x**2; sum(diff(sum(y*x_1*x_1), x_1))", {"x": [2.0, 3.0]})
        assert (found.autograd, found.verdict.value) == ([24.0, 54.0], "agree"), same


def test_a_derivative_by_hand_may_have_a_diff_in_it() -> None:
    """The truths are those of the functions without their own derivatives."""
    for own, plain in (
        (OWN + "f(x**2)*x", "x**2*sin(x**2)*x"),
        ("f(x) = x*sin(x); f'(x) = diff(x*sin(x), x); f(x**2)*x", "x**2*sin(x**2)*x"),
        (BOTH + "f(x**2, x)*x", "sin(x**2)*x**2*x"),  # its arguments depend on one another
        ("f(x) = sin(x); f'(x, g) = diff(-cos(x), x, 2)*g; f(x**2)*x", "sin(x**2)*x"),
    ):
        for order in (1, 2, 3):
            found, truth = only(own, {"x": 1.3}, order=order), only(plain, {"x": 1.3}, order=order)
            assert found.verdict.value == "agree"
            assert math.isclose(found.autograd, truth.autograd, rel_tol=1e-12), (own, order)


def test_a_wrong_one_is_found_with_its_own_number() -> None:
    wrong = "f(x) = sin(x); f'(x, g) = 2*diff(sin(x), x)*g; f(x)"
    for plane in (False, True):
        found = only(wrong, {"x": 1.3}, complex=plane)
        assert found.verdict.value == "disagree", plane  # and no matter of rounding
        assert math.isclose(found.autograd, 2 * math.cos(1.3), rel_tol=1e-12)
    (finding,) = gradcli.check(wrong, modes=False).findings
    assert finding.verdict.value == "false"
    (finding,) = gradcli.check(OWN + "f(x**2)", modes=False).findings
    assert finding.verdict.value == "proved"


def test_a_diff_among_tensors_is_refused_there() -> None:
    with pytest.raises(GradcliError, match="has no diff in it"):
        gradcli.differentiate("f(x) = sum(x**2); f'(x, g) = 2*x*diff(g**2/2, g); f(x)", at={"x": [1.0, 2.0]})
