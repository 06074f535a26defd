"""`check --gradient` on functions of arrays, and on those that branch on their values."""

import math
import time

import numpy as np
import pytest
from scipy import integrate, optimize

import gradcli
from gradcli.testing import assert_gradient
from tests.check import recorded_arrays as functions
from tests.check.recorded_arrays import CASES
from tests.doors import numeric_estimates as estimates
from tests.support import run

HERE = "tests.check.recorded_arrays"


def _cubic_root(x):
    return optimize.brentq(lambda t: t**3 + t - x, -40, 40)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", CASES)
def test_a_right_gradient_holds_and_a_wrong_one_is_false(name):
    function, right, wrong, at = CASES[name]
    found = gradcli.check(function, at=at, gradient=right, modes=False)
    assert {one.verdict.value for one in found.findings} <= {"proved", "holds"}, found
    assert at is None or {one.given for one in found.findings} == {"held"}
    if wrong is not None:
        assert gradcli.check(function, at=at, gradient=wrong, modes=False).verdict.value == "false"


def test_conditions_are_assumed_of_parameters():
    found = gradcli.check(functions.black_scholes, gradient=functions.greeks, assume="S>0, K>0, T>0, sigma>0")
    assert {one.verdict.value for one in found.findings} <= {"proved", "holds"}
    assert "d1 = " in found.program


def test_a_model_is_checked_as_it_stands():
    outcome = run("check", "--import", f"{HERE}:Gaussian1D.evaluate", "--gradient", f"{HERE}:Gaussian1D.fit_deriv_off",
                  "--at", "x=[0,1,2]", "--at", "amplitude=2,mean=0.5,stddev=1.5")  # fmt: skip
    assert outcome.code == 1
    assert "∂f/∂amplitude = exp(" in outcome.out and "Likely slip: sign" in outcome.out
    assert "by amplitude, mean, stddev, all parameters but x" in outcome.out


@pytest.mark.parametrize(
    ("gradient", "said"),
    [
        (lambda p: functions.jacobian(p).T, "the shape of its transpose"),
        (lambda p: np.zeros(5), "the gradient by p is a vector of 5, and the derivative 3x2"),
        (lambda p: "text", "numbers are expected"),
    ],
)
def test_a_gradient_of_another_shape_is_refused(gradient, said):
    with pytest.raises(gradcli.GradcliError) as raised:
        gradcli.check(functions.residuals, at={"p": [1.0, 0.5]}, gradient=gradient)
    assert said in f"{raised.value} {raised.value.hint}"


def test_a_number_where_an_array_is_meant_says_how_to_give_one():
    with pytest.raises(gradcli.GradcliError, match=r"len\(\)") as raised:
        gradcli.check(functions.chain, gradient=functions.chain_by_loop)
    assert "--at" in (raised.value.hint or "")


def test_branches_are_said():
    found = assert_gradient(functions.huber, lambda r, d: {"r": r if abs(r) <= d else d * np.sign(r)})
    assert "where(abs(r) <= d, " in found.program
    assert any("branches on its values" in note for note in found.notes)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("factor", "verdict"), [(0.5, "holds"), (0.25, "false")])
def test_what_branches_without_end_is_judged_where_it_ends(factor, verdict):
    def root(x):
        s = 1.0
        while abs(s * s - x) > 1e-12:
            s = 0.5 * (s + x / s)
        return s

    before = time.process_time()
    found = gradcli.check(root, at={"x": 2.0}, gradient=lambda x: factor / root(x))  # which has no end below 0
    assert time.process_time() - before < 8  # it was as long for every further point
    assert found.verdict.value == verdict
    assert "ends at a tolerance" in found.notes[0] and (verdict == "holds" or found.findings[0].slip.code == "factor")


@pytest.mark.parametrize(
    ("function", "right", "wrong"),
    [
        (lambda x: np.interp(x, [0.0, 1, 2], [0.0, 1, 4]), lambda x: np.where((x > 0) & (x < 1), 1, 3 * (x > 1) * (x < 2)),
         lambda x: np.where(x < 1, 1, 3)),
        (lambda x: _cubic_root(x), lambda x: 1 / (3 * _cubic_root(x) ** 2 + 1),
         lambda x: 1 / (3 * x**2 + 1)),
        (lambda x: integrate.quad(lambda t: math.exp(-t * t), 0, x)[0], lambda x: math.exp(-x * x),
         lambda x: -math.exp(-x * x)),
    ],
)  # fmt: skip
def test_what_libraries_compute_in_steps_is_judged_in_float64(function, right, wrong):
    assert gradcli.check(function, at={"x": 0.5}, gradient=right).verdict.value == "holds"
    assert gradcli.check(function, at={"x": 0.5}, gradient=wrong).verdict.value == "false"


def test_the_gradient_of_what_reads_one_triangle_is_that_of_symmetric_changes():
    def slope(matrix):
        vectors = np.linalg.eigh(matrix)[1]
        return np.outer(vectors[:, 0], vectors[:, 0])

    matrix = {"matrix": [[2.0, 1.0], [1.0, 5.0]]}
    for factor, verdict in ((1, "holds"), (2, "false")):
        found = gradcli.check(lambda matrix: np.linalg.eigvalsh(matrix)[0], at=matrix,
                              gradient=lambda matrix, factor=factor: factor * slope(matrix))  # fmt: skip
        assert found.verdict.value == verdict


def test_modules_have_their_own_names_again():
    before = np.zeros, np.array, functions.math.exp, functions.norm.cdf
    gradcli.check(functions.chain, at={"x": [1.0, 2.0]}, gradient=functions.chain_by_loop, modes=False)
    assert before == (np.zeros, np.array, functions.math.exp, functions.norm.cdf)
    assert "float" not in vars(functions) and isinstance(np.zeros(2)[0], float)


torch = pytest.importorskip("torch")
TORCH = {
    "sigmoid": (lambda x: torch.sigmoid(x).sum(), lambda x: torch.sigmoid(x) * (1 - torch.sigmoid(x))),
    "softplus": (lambda x: torch.nn.functional.softplus(x).sum(), lambda x: torch.sigmoid(x)),
    "methods": (lambda x: x.tanh().pow(2).mean(dim=0), lambda x: x.tanh() * (1 - x.tanh() ** 2)),
    "where": (lambda x: torch.where(x > 0, x**2, -x).sum(), lambda x: torch.where(x > 0, 2 * x, -torch.ones_like(x))),
    "tensor": (
        lambda x: (torch.tensor([[1.0, 2.0], [3.0, 4.0]]) @ x).pow(2).sum(),
        lambda x: 2 * torch.tensor([[10.0, 14.0], [14.0, 20.0]]) @ x,
    ),
    "masked_fill": (lambda x: x.masked_fill(x < 0, 0.5).pow(2).sum(), lambda x: torch.where(x < 0, 0 * x, 2 * x)),
    "stack": (lambda x: torch.stack([x[0] * x[1], x[1]]).sum(), lambda x: torch.stack([x[1], x[0] + 1])),
}


@pytest.mark.parametrize("name", TORCH)
def test_functions_of_torch_have_gradients_of_torch(name):
    function, right = TORCH[name]
    found = gradcli.check(function, at={"x": [0.5, -2.0]}, gradient=right, modes=False)
    assert {one.verdict.value for one in found.findings} <= {"proved", "holds"}
    wrong = gradcli.check(function, at={"x": [0.5, -2.0]}, gradient=lambda x: 2 * right(x), modes=False)
    assert wrong.verdict.value == "false" and torch.get_default_dtype() is torch.float32


def _jacobian(x):
    return torch.func.jacrev(lambda t: torch.stack([t[0] * t[1], t[0].exp()]))(x)


def test_a_transposed_jacobian_is_named_where_numbers_are_all_that_there_is():
    found = gradcli.check(lambda x: torch.stack([x[0] * x[1], x[0].exp()]), at={"x": [0.3, 1.0]},
                          gradient=lambda x: _jacobian(x).T)  # fmt: skip
    assert found.verdict.value == "false" and found.findings[0].slip.code == "transposed"


def test_rounding_on_the_way_to_a_small_value_is_no_corner():
    def cross_entropy(x):  # 2e-5 at this point, of numbers about 11: its values go in steps of 1.8e-15
        return math.log(math.exp(0.25) + math.exp(11.0) + math.exp(x)) - 11.0

    (one,) = estimates(lambda step: [cross_entropy(-2.0 + step)], 1, 2.0)
    true = math.exp(-2.0) / (math.exp(0.25) + math.exp(11.0) + math.exp(-2.0))
    assert one.value is not None and abs(one.value - true) <= one.error < 1e-9
    (corner,) = estimates(lambda step: [abs(step) + 2 * step], 1, 1.0)
    assert corner.value is None and (round(corner.left, 9), round(corner.right, 9)) == (1, 3)


def _bowl(x, a):
    return np.sum(a * x**2)


def _line(x, a):
    return a * x**2


@pytest.mark.parametrize(
    ("function", "right", "wrong", "at", "said"),
    [
        (_bowl, lambda x, a: 2 * a * x, lambda x, a: 2 * x, {"x": [0.1, 0.5, 1], "a": 2}, "by x alone."),
        (_line, lambda x, a: 2 * a * x, lambda x, a: a * x, {"x": 1, "a": 2}, "by x alone, the first parameter"),
    ],
)
def test_a_gradient_by_one_parameter_is_taken_for_the_one_of_its_shape(function, right, wrong, at, said):
    found = gradcli.check(function, at=at, gradient=right, modes=False)
    assert found.verdict.value in ("proved", "holds")
    assert any(said in note for note in found.notes)
    assert gradcli.check(function, at=at, gradient=wrong, modes=False).verdict.value == "false"
