"""Gradients of public code: each right one is right, and each with a slip is false."""

import pytest

import gradcli
from tests.check.public_functions import CASES


@pytest.mark.parametrize("name", CASES)
def test_a_right_gradient_is_right_and_one_with_a_slip_false(name):
    function, right, wrong = CASES[name]
    found = gradcli.check(function, gradient=right, modes=False)
    assert {one.verdict.value for one in found.findings} <= {"proved", "holds"}
    assert gradcli.check(function, gradient=wrong, modes=False).verdict.value == "false"
