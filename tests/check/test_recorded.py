"""`check --gradient`: functions in plain Python and NumPy, held against what is said to be their gradients."""

import functools
import json
import math

import numpy as np
import pytest

import gradcli
from gradcli.testing import assert_gradient
from tests.check import recorded_functions as functions
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
        ("drawing", "two calls of drawing differ"),
        ("failing", "recorded_functions.py:"),
        ("complex_exp", "complex numbers"),
    ],
)
def test_what_cannot_be_recorded_is_refused(gradient, said):
    outcome = checked("wave", gradient)
    assert outcome.code == 2 and said in outcome.err and "Traceback" not in outcome.err


def test_what_a_function_prints_is_not_in_the_answer():
    outcome = checked("wave", "printing", "--json")
    assert outcome.code == 0 and json.loads(outcome.out)["claims"]


def _sinc(x):
    return 1.0 if math.isclose(x, 0, abs_tol=1e-8) else math.sin(x) / x


@pytest.mark.parametrize(
    ("function", "gradient", "verdict"),
    [
        (lambda x: _or_else(x), lambda x: 1 / x if x > 0 else 1.0, "holds"),  # an exception that is caught
        (lambda x: _or_else(x), lambda x: 1 / x if x > 0 else 0.0, "false"),
        (lambda x: np.nan_to_num(np.log(x)), lambda x: np.where(x > 0, 1 / x, 1.0), "false"),
        (lambda x: x * int(x), lambda x: float(int(x)), "holds"),  # half of the first points are jumps
        (lambda x: float(x > 0) - (x < 0) * x, lambda x: -1.0 * (x < 0), "holds"),  # truths are numbers
        (lambda x: np.float32(3) * x**2, lambda x: 6 * x, "proved"),
        (lambda x: min(math.inf, x) if x < math.inf else 0.0, lambda x: 1.0, "holds"),
        (_sinc, lambda x: (x * math.cos(x) - math.sin(x)) / x**2, "holds"),  # it has no other formula next to 0
        (_sinc, lambda x: 0.0 if math.isclose(x, 0, abs_tol=1e-8) else math.cos(x) / x - math.sin(x) / x**2, "holds"),
        (_sinc, lambda x: 1.0 if math.isclose(x, 0, abs_tol=1e-8) else math.cos(x) / x - math.sin(x) / x**2, "false"),
        # A band that no simple point is in, a side that no point is on, and closeness of any width.
        (lambda x: x**2, lambda x: 2 * x * 1.01 if 2.0 < x < 2.05 else 2 * x, "false"),
        (lambda x: x**2, lambda x: 2 * x * 1.01 if abs(x - 2.02) < 0.02 else 2 * x, "false"),
        (lambda x: x**3 if math.isclose(x, 1.0, abs_tol=0.5) else x**2, lambda x: 2 * x, "false"),
        (lambda x: x**2 if not np.isclose(x, 3.3) else x**3, lambda x: 2 * x, "false"),
        (lambda x: np.mean([x, math.nan if x < -1e9 else 1.0]), lambda x: 0.5, "holds"),
    ],
)
def test_what_floats_do_is_what_counts(function, gradient, verdict):
    found = gradcli.check(function, gradient=gradient, modes=False).verdict.value
    assert found == verdict or (found, verdict) == ("proved", "holds")


def test_a_side_that_is_not_seen_is_no_proof():
    found = gradcli.check(lambda x: x**2, gradient=lambda x: 3 * x if x * x < -1 else 2 * x, modes=False)
    assert found.verdict.value == "holds" and any("the other side of" in note for note in found.notes)


def test_a_factor_in_float64_is_a_decimal():
    found = gradcli.check(lambda x: x * x + 0 * int(x), gradient=lambda x: 2.001 * x, modes=False)
    assert found.findings[0].slip.sentence.endswith("a factor of 1.0005")


def _or_else(x):
    try:
        return math.log(x)
    except ValueError:
        return x - 1


def test_a_cached_function_is_recorded():
    cached = functools.cache(lambda x: x**3 - x)
    assert gradcli.check(cached, gradient=lambda x: 3 * x**2 - 1, modes=False).verdict.value == "proved"


@pytest.mark.parametrize(
    ("gradient", "line"),
    [("failing", 'return {}["a"]'), ("complex_exp", "return cmath.exp(x), y")],
)
def test_an_error_inside_shows_its_line(gradient, line):
    outcome = checked("wave", gradient)
    assert "recorded_functions.py:" in outcome.err and line in outcome.err


def test_a_parameter_that_is_a_constant_in_programs_gets_another_name():
    outcome = checked("with_constant", "its_gradient")
    assert "the parameter e is e_ in the program" in outcome.out and "e_ = 1" in outcome.out


def test_what_has_no_formula_is_judged_in_float64():
    outcome = checked("wave", "integral", "--at", "x=0.3,y=2")
    assert outcome.code == 1 and "return int(x), y" in outcome.out and "udged in float64" in outcome.out


def test_the_module_has_its_math_again():
    import math

    import tests.check.recorded_functions as functions

    checked("Bell.evaluate", "Bell.derivative", "--quiet")
    assert functions.math is math and functions.exp is math.exp


@pytest.mark.parametrize(
    ("function", "gradient", "code"),
    [
        ("shifted", "shifted_slope", 0),
        ("cubic", "cubic_slope", 0),
        ("cubic", "cubic_off", 1),
        ("bell", "bell_slope", 0),
        ("bell", "bell_off", 1),
        ("turning", "turning_slope", 0),
        ("in_degrees", "in_degrees_slope", 0),
        ("with_residue", "twice", 0),
        ("radiance", "radiance_slope", 0),
        ("radiance", "radiance_off", 1),
    ],
)
def test_constants_carry_the_rounding_of_doubles(function, gradient, code):
    outcome = checked(function, gradient, "--quiet")
    assert outcome.code == code, outcome.out + outcome.err


def test_the_rounding_of_constants_is_said_and_proves_nothing():
    outcome = checked("cubic", "cubic_slope")
    assert "holds" in outcome.out and "proved" not in outcome.out
    assert "Up to the rounding of its constants" in outcome.out


def test_where_a_recording_is_not_the_function_calls_with_floats_are_judged():
    outcome = checked("by_exact_type", "by_type_slope", "--at", "x=3")
    assert outcome.code == 1 and "it gives 27; the derivative is 6" in outcome.out
    assert "by_exact_type gives 9.0 at x=3.0, and what was recorded of it gives 27.0" in outcome.out


def _square(x):
    return x * x


def test_pieces_far_out_and_between_close_bounds_are_looked_at():
    nothing = lambda x: 2 * x  # noqa: E731
    for slope, verdict in (
        (nothing, "proved"),
        (lambda x: 3 * x if x < -1e9 else 2 * x, "false"),
        (lambda x: 3 * x if x > 1e100 else 2 * x, "false"),
        (lambda x: np.where(x < -1e15, 3 * x, 2 * x), "false"),
        (lambda x: 3 * x if 1e6 < x < 1e6 + 1 else 2 * x, "false"),
        (lambda x: 3 * x if 41.5 < x < 41.6 else 2 * x, "false"),
        (lambda x: 2 * x if math.log(1 + x * x) < 40 else 3 * x, "false"),
        (lambda x: min(2 * x, 1e15), "false"),
        (lambda x: 2 * round(x, 3), "false"),  # by calls with floats: simple numbers are not changed by it
        (lambda x: 2 * int(2 * x) / 2 if x > 5 else 2 * x, "false"),
    ):
        assert gradcli.check(_square, gradient=slope, modes=False).verdict.value == verdict
    far = lambda x, y: (2 * y if x > 1e7 and y < -1e7 else y, x)  # noqa: E731
    assert gradcli.check(lambda x, y: x * y, gradient=far, modes=False).verdict.value == "false"
    capped = lambda x: x if abs(x) < 1e6 else 1e6 * math.copysign(1, x)  # noqa: E731
    huber = lambda x: 0.5 * x * x if abs(x) < 1e6 else 1e6 * (abs(x) - 0.5e6)  # noqa: E731
    assert gradcli.check(huber, gradient=capped, modes=False).verdict.value == "holds"
    wrong = lambda x: x if abs(x) < 1e6 else 1e6  # noqa: E731
    assert gradcli.check(huber, gradient=wrong, modes=False).verdict.value == "false"


@pytest.mark.parametrize(("gradient", "code"), [("slope_by_type", 0), ("by_type_slope", 1)])
def test_a_recorded_number_is_a_float(gradient, code):
    assert checked("by_type", gradient, "--quiet").code == code


@pytest.mark.parametrize(("function", "code"), [("both", 0), ("both_wrong", 1), ("one_and_slope", 0)])
def test_a_gradient_may_come_with_the_value(function, code):
    assert run("check", "--import", f"{HERE}:{function}", "--quiet").code == code


@pytest.mark.parametrize(
    ("function", "gradient"),
    [
        ("wave_object", "wave_object.slope"),
        ("Wave.cube", "Wave.cube_slope"),
        ("square", "twice"),
        ("doubled", "doubled_slope"),
    ],
)
def test_whatever_can_be_called_is_recorded(function, gradient):
    outcome = checked(function, gradient, "--quiet")
    assert outcome.code == 0, outcome.out + outcome.err


def _root(x):
    """sqrt(1 + x*x) by Newton's steps."""
    s = 1.0
    while abs(s * s - x * x - 1) > 1e-12 * (1 + x * x):
        s = 0.5 * (s + (x * x + 1) / s)
    return s


def _series(x):
    y = x / (1 + abs(x))
    found, term, n = 1.0, 1.0, 0
    while abs(term) > 1e-16:
        n += 1
        term = term * y / n
        found = found + term
    return found


def _halved(x):
    """No iteration to a limit: a function of a few pieces, each of which is exact."""
    y = 5 * x / (1 + abs(x))
    while y > 1:
        y = y / 2
    return y


def _slope_of_halved(x):
    """Wrong where y is halved more than once."""
    y, by = 5 * x / (1 + abs(x)), 5.0
    while y > 1:
        y, by = y / 2, by / 2
    return by / (1 + abs(x)) ** 2 * (1.5 if by < 2 else 1)


def _roughly(x):
    """sqrt(1 + x*x) to four digits: its own derivative is off by as much, which is no fault of a gradient."""
    s = 1.0
    while abs(s * s - x * x - 1) > 1e-4 * (1 + x * x):
        s = 0.5 * (s + (x * x + 1) / s)
    return s


def _twice(x):
    return _roughly(x) + _roughly(2 * x)


def _until_close(x):
    s = 1.0
    while True:
        before, s = s, 0.5 * (s + (x * x + 1) / s)
        if math.isclose(s, before, rel_tol=1e-5):
            return s


def _until_nothing_changes(x):
    s = 1.0 + x * x
    while True:
        before, s = s, 0.5 * (s + (x * x + 1) / s)
        if s >= before:
            return before


def _halving(x):
    """Bisection: a function of steps, of which quotients tell nothing."""
    low, high = 0.0, 1 + x * x
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (low, middle) if middle**2 > 1 + x * x else (middle, high)
    return low


def _loosely(x):
    s = 1 + x * x
    root = s
    while abs(root * root - s) > 9e-3 * s:
        root = root - 0.2 * (root - s / root)
    return x / root


def _descended(x, rate=0.0391, least=1e-9):
    """1 + x*x, in short steps."""
    found, step = 0.0, 1.0
    while abs(step) >= least:
        step = rate * (found - 1 - x * x)
        found = found - step
    return found


def _terms_afresh(x):
    """-log(1 - u) for u = x/(1 + x²), in a loop that stops after 49 terms, too."""
    found, u = 0.0, x / (1 + x * x)
    for n in range(1, 50):
        term = u**n / n
        found += term
        if abs(term) < 1e-10:
            break
    return found


def _slope_of_terms(x):
    return (1 - x * x) / (1 + x * x) ** 2 / (1 - x / (1 + x * x))


def test_loops_that_end_at_a_tolerance_are_held_against_what_they_come_close_to():
    slope = lambda x: x / np.sqrt(1 + x * x)  # noqa: E731
    for function, gradient, factor, verdict in (
        (_roughly, slope, 1 + 1e-4, "false"),
        (_twice, lambda x: slope(x) + 2 * slope(2 * x), 1, "holds"),
        (_until_close, slope, 1, "holds"),
        (_until_nothing_changes, slope, 1, "holds"),
        (_halving, slope, 1, "undecided"),
        (_root, lambda x: x / np.sqrt(1 + x * x), 1 + 1e-6, "undecided"),
        (_series, lambda x: np.exp(x / (1 + abs(x))) / (1 + abs(x)) ** 2, 1 + 1e-4, "false"),
        (_root, _loosely, 1, "undecided"),  # the gradient's own loop leaves 0.4 % of it
        (_descended, lambda x: 2 * x, 1.0004, "undecided"),  # where a step is so short, nor is the limit known
        (_terms_afresh, _slope_of_terms, 1, "holds"),
        (_terms_afresh, _slope_of_terms, 1 + 1e-3, "false"),
    ):
        found = gradcli.check(function, at={"x": 2.0}, gradient=_scaled(gradient, factor), modes=False)
        assert found.verdict.value == verdict, (function, factor)
        assert "ends at a tolerance" in found.notes[0]
        assert len(found.points) > 8  # 55 where the machine is not busy


def _scaled(slope, factor):
    return lambda x: factor * slope(x)


def _product_with_a_guard(x, y, z):
    """A loop over what there is, which a small product ends: its pieces are exact."""
    p = 1.0
    for v in (x, y, z):
        p = p * v
        if abs(p) < 1e-12:
            return 0.0
    return p


def _slope_of_product(x, y, z):
    is_small = min(abs(x), abs(x * y), abs(x * y * z)) < 1e-12
    return (0.0, 0.0, 0.0) if is_small else (y * z, x * z, x * y)


def _budget(a, b):
    """A small number on the way to a comparison, and no tolerance."""
    left = 1.0
    for v in (a, b):
        left = left - 0.001 * v * v
        if left < 0:
            return 0.0
    return left


def _slope_of_budget(factor):
    def slope(a, b):
        if 1 - 0.001 * a * a < 0 or 1 - 0.001 * a * a - 0.001 * b * b < 0:
            return 0.0, 0.0
        return -0.002 * a, -0.002 * b * factor

    return slope


def test_a_small_number_in_a_loop_is_not_always_a_tolerance():
    found = gradcli.check(_product_with_a_guard, gradient=_slope_of_product, modes=False)
    assert found.verdict.value == "holds"
    for factor, verdict in ((1, "proved"), (1 + 3e-9, "false")):
        found = gradcli.check(_budget, gradient=_slope_of_budget(factor), modes=False)
        assert found.verdict.value in (verdict, "holds" if factor == 1 else verdict)


def _slow_elsewhere(x):
    """int(x) has no formula; from 1 on it takes much longer than at the first point."""
    for _ in range(100 + int(min(abs(x), 1.0)) * 250_000):
        pass
    return math.sin(x)


def test_what_is_slow_elsewhere_is_looked_at_once_and_what_is_left_out_is_said():
    wrong = lambda x: math.cos(x) if abs(x) < 1 else 2 * math.cos(x)  # noqa: E731
    found = gradcli.check(_slow_elsewhere, at={"x": 0.3}, gradient=wrong, modes=False)
    assert found.verdict.value == "false" or any("left out" in note for note in found.notes)


def test_functions_that_are_steep_or_nothing_at_a_point():
    """In float64: the curvature of sin(300*x) is not its rounding; x*x and its slope are 0 at 0."""
    for function, slope in (
        (lambda x: math.sin(300 * x) + 0 * int(x), lambda x: 300 * math.cos(300 * x)),
        (lambda x: 1 / (1e-6 + (x - 0.7) ** 2) + 0 * int(x), lambda x: -2 * (x - 0.7) / (1e-6 + (x - 0.7) ** 2) ** 2),
        (lambda x: x * x + 0 * int(x), lambda x: 2 * x),
        (lambda x: math.sin(20000 * x) + 0 * int(x), lambda x: 20000 * math.cos(20000 * x)),
    ):
        found = gradcli.check(function, gradient=slope, modes=False)
        assert "judged in float64" in found.notes[0]
        assert found.verdict.value == "holds"


def test_a_large_constant_hides_no_wrong_gradient():
    for constant, factor, verdict in ((1e4, 1, "holds"), (1e4, 1.01, "false"), (1e12, 1.2, "undecided")):
        function = lambda x: constant + math.sin(x) + 0 * int(x)  # noqa: E731
        found = gradcli.check(function, gradient=_scaled(math.cos, factor), modes=False)
        assert "judged in float64" in found.notes[0]
        assert found.verdict.value == verdict, (constant, factor)


def _bisected(x):
    low, high = 0.0, 1000.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if middle**2 > 1 + x * x else (middle, high)
    return low


def test_what_is_found_by_comparing_alone_is_no_constant():
    for factor, verdict in ((1, "holds"), (2, "false")):
        found = gradcli.check(_bisected, gradient=_scaled(lambda x: x / math.sqrt(1 + x * x), factor), modes=False)
        assert found.verdict.value == verdict and "a search by comparing" in found.notes[0]


def test_points_that_go_a_way_of_their_own_are_recorded_too():
    """Of 2**k as many as it takes: there are more ways than the points at first show."""

    def reduced(x):
        while x > 1:
            x = x / 2
        return x * x

    def slope(x):
        by = 1.0
        while x > 1:
            x, by = x / 2, by / 2
        return 2 * x * by

    found = gradcli.check(reduced, gradient=slope, modes=False)
    assert found.verdict.value == "holds" and not any("float64" in note for note in found.notes)


def test_loops_without_a_tolerance_are_judged_exactly():
    found = gradcli.check(_halved, at={"x": 3.0}, gradient=_slope_of_halved, modes=False)
    assert found.verdict.value == "false"
    assert not any("float64" in note for note in found.notes)


def test_from_python():
    found = gradcli.check(functions.wave, gradient=functions.as_tuple, at={"x": 0.3, "y": 2})
    assert [one.verdict.value for one in found.findings] == ["proved", "proved"]
    assert assert_gradient(functions.square, functions.twice, at={"x": 3}).findings[0].given == "held"
    with pytest.raises(AssertionError, match="Likely slip: sign"):
        assert_gradient(functions.wave, functions.wrong_sign)
    with pytest.raises(AssertionError, match="false"):
        assert_gradient(functions.both_wrong)
    with pytest.raises(gradcli.GradcliError, match="of a Python function"):
        gradcli.check("x**2", gradient=functions.twice)
