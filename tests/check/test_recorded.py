"""`check --gradient`: functions in plain Python and NumPy, held against what is said to be their gradients."""

import pytest

from tests.support import run

HERE = "tests.check.recorded_functions"


def checked(function, gradient, *more):
    return run("check", "--import", f"{HERE}:{function}", "--gradient", f"{HERE}:{gradient}", *more)


@pytest.mark.parametrize(
    ("function", "gradient"),
    [
        ("wave", "as_tuple"),
        ("wave", "as_array"),
        ("wave", "over_arrays"),
        ("wave", "as_dict"),
        ("wave", "with_value"),
        ("square_of_first", "its_gradient"),
        ("Bell.evaluate", "Bell.derivative"),
    ],
)
def test_right_gradients_hold(function, gradient):
    outcome = checked(function, gradient, "--quiet")
    assert outcome.code == 0, outcome.out + outcome.err


def test_a_wrong_sign_is_named_at_the_given_point():
    outcome = checked("wave", "wrong_sign", "--at", "x=0.3,y=2")
    assert outcome.code == 1
    assert "At the given point, x = 0.3, y = 2" in outcome.out and "Likely slip: sign" in outcome.out


def test_a_wrong_order_is_false():
    assert checked("wave", "wrong_order", "--quiet").code == 1


@pytest.mark.parametrize(
    ("gradient", "said"),
    [
        ("three", "gives 3 numbers"),
        ("branching", "a branch on its values"),
        ("floating", "float(...)"),
        ("drawing", "two calls of drawing differ"),
        ("failing", "recorded_functions.py:"),
    ],
)
def test_what_cannot_be_recorded_is_refused(gradient, said):
    outcome = checked("wave", gradient)
    assert outcome.code == 2 and said in outcome.err and "Traceback" not in outcome.err


def test_a_parameter_is_no_constant():
    assert checked("with_constant", "its_gradient").code == 2


def test_the_module_has_its_math_again():
    import math

    import tests.check.recorded_functions as functions

    checked("Bell.evaluate", "Bell.derivative", "--quiet")
    assert functions.math is math and functions.exp is math.exp
