"""Claims and what is said of them: right ones are never called false, wrong ones have a counterexample that holds."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gradcli
from gradcli.check.data import Check, ClaimFinding
from tests.doors import ClaimVerdict

PROVED, HOLDS, FALSE, UNDECIDED = ClaimVerdict.PROVED, ClaimVerdict.HOLDS, ClaimVerdict.FALSE, ClaimVerdict.UNDECIDED


def check(program: str, *args: Any, **options: Any) -> Check:
    return gradcli.check(program, *args, modes=False, **options)


# A program, what is claimed, further options, the verdict.
RIGHT: list[tuple[str, Any, dict[str, Any], ClaimVerdict]] = [
    ("x*sin(x)", "sin(x) + x*cos(x)", {}, PROVED),
    ("u*v + u**2", {"u": "v + 2*u", "v": "u"}, {}, PROVED),
    ("mean((2*x+1)**2)", "x = 2*(2*x+1)/3", {"at": "x=ones(2,3)"}, PROVED),
    ("sq(i)=i**2; sq'(i, g) = g*2*i; 3*sq(x)", None, {}, PROVED),
    ("s(i) = 1/(1 + exp(-i)); s'(i) = s(i)*(1 - s(i)); s(2*x)", None, {}, PROVED),
    ("sq(i)=i**2; 3*sq(x)", "6*sq(x)/x", {}, PROVED),
    ("y=2*x; z=y**2; z+x", ["y=2*y", "z=1", "x=8*x+1"], {}, PROVED),
    ("relu(x)", "where(x > 0, 1, 0)", {}, PROVED),
    ("sqrt(x**2)", "x/abs(x)", {}, PROVED),
    ("log(x)", "1/x", {}, PROVED),
    ("0.1*x**3", "0.3*x**2", {}, PROVED),
    ("x*sin(x)", "2*cos(x) - x*sin(x)", {"order": 2}, PROVED),
    ("x*y**2", ["x,y = 2*y", "x = 0", "y = 2*x"], {"order": 2}, PROVED),
    ("y**3", "diff(y**3, y)", {}, PROVED),
    ("diff(x**3, x)*y", ["x = diff(x**3, x, 2)*y", "y = 3*x**2"], {}, PROVED),
    ("x**2", "2*x", {"assume": "diff(x**3, x) > 1"}, PROVED),
    ("besselj(n, x)", "x = (besselj(n-1, x) - besselj(n+1, x))/2", {"at": "n=2"}, PROVED),
    ("detach(x**2)*x", "x**2", {}, PROVED),
    ("A@x", "x = A", {"shape": "A=2,2,x=2"}, PROVED),
    ("sum(relu(A@x - b)**2)", "x = 2*A.T@relu(A@x - b)", {"shape": "A=2,2,x=2,b=2"}, HOLDS),
    ("max(x, y)", {"x": "where(x > y, 1, 0)", "y": "where(y >= x, 1, 0)"}, {}, HOLDS),
    ("where(x > 1, x**2, 2*x - 1)", "where(x > 1, 2*x, 2)", {}, HOLDS),
    ("x**3/9", "0.3333333333333333*x**2", {}, HOLDS),
    ("2*x**3 + x", None, {}, HOLDS),
    # where digits vanish on the way, at one end or the other
    ("sigmoid(x)", "1/(4*cosh(x/2)**2)", {}, HOLDS),
    ("tanh(x)", "4/(exp(x) + exp(-x))**2", {}, HOLDS),
    ("exp(exp(x))", "exp(x + exp(x))", {}, PROVED),
    ("cos(x)", "cos(x + pi/2)", {}, PROVED),
    ("mean(sigmoid(x))", "x = (1 - sigmoid(x))*sigmoid(x)/2", {"shape": "x=2"}, PROVED),
]


@pytest.mark.parametrize(("program", "claim", "options", "verdict"), RIGHT)
def test_right_claims_are_proved_or_hold(
    program: str, claim: Any, options: dict[str, Any], verdict: ClaimVerdict
) -> None:
    checked = check(program, claim, **options)
    assert checked.verdict is verdict, [finding.counterexample or finding.note for finding in checked.findings]
    assert checked.exit_code == 0
    order = options.get("order", 1)
    for finding in checked.findings:
        assert finding.points >= 6
        assert (
            finding.rate is None
            or finding.rate.measured is None
            or finding.rate.measured >= order + 0.95
            or ("0.3333" in str(claim))
        )


WRONG: list[tuple[str, Any, dict[str, Any]]] = [
    ("x*sin(x)", "cos(x)", {}),
    ("diff(y*y, y)", "diff(y*y, y)", {}),
    ("x**2", "2*x + 1e-20*x", {}),
    ("x**3/9", "0.3333*x**2", {}),
    ("sq(i)=i**2; sq'(i, g) = 2*i; 3*sq(x)", None, {}),
    ("sq(i)=i**2; sq'(i) = 3*i; sq(x)", None, {}),
    ("x*y", {"x": "x", "y": "x"}, {}),
    ("mean(x**2)", "x = 2*x", {"shape": "x=4"}),
    ("sum(A@x)", "x = sum(A, 1)", {"shape": "A=2,2,x=2"}),
    ("where(x > 100, x**2, x)", "1", {}),
    ("x*sin(x)", "2*cos(x)", {"order": 2}),
    ("sin(x)**2 + cos(x)**2", "x/1000", {}),
    ("abs(x)", "1", {}),
]


@pytest.mark.parametrize(("program", "claim", "options"), WRONG)
def test_wrong_claims_are_false(program: str, claim: Any, options: dict[str, Any]) -> None:
    checked = check(program, claim, **options)
    assert checked.verdict is FALSE
    assert checked.exit_code == 1
    (finding,) = [one for one in checked.findings if one.verdict is FALSE]
    example = finding.counterexample
    assert example is not None
    assert example.claimed is not None
    assert float(example.claimed) != pytest.approx(float(example.true), rel=1e-22, abs=1e-300) or "e-20" in str(claim)
    assert (
        finding.rate is None or finding.rate.measured is None or finding.rate.measured < options.get("order", 1) + 0.9
    )


def one(program: str, claim: Any, **options: Any) -> ClaimFinding:
    (finding,) = check(program, claim, **options).findings
    return finding


def test_the_counterexample_is_a_readable_one() -> None:
    example = one("x*y*sin(x)", "x = cos(x)").counterexample
    assert example is not None
    assert all(len(str(value)) <= 3 for value in example.at.values())


def test_exceptions_on_kinks_are_listed_and_do_not_count() -> None:
    finding = one("abs(x - 1)", "sign(x - 1)")
    (exception,) = finding.exceptions
    assert (exception.at, exception.kind, exception.claimed) == ({"x": "1"}, "corner", "0.0")
    assert finding.verdict is PROVED
    assert finding.excepted == 1


def test_autograd_that_is_wrong_on_a_kink_alone_holds() -> None:
    finding = one("relu(x) - relu(-x)", None)
    assert finding.verdict is HOLDS
    assert [(exception.at, exception.true[:1]) for exception in finding.exceptions if exception.true] == [
        ({"x": "0"}, "1")
    ]


def test_a_claim_without_a_value_is_undecided() -> None:
    finding = one("x", "log(-1 - x**2)")
    assert (finding.verdict, finding.points) == (UNDECIDED, 0)
    assert "both the claim and the derivative have a value" in str(finding.note)


def test_the_points_are_those_of_the_seed() -> None:
    points = [check("x*y", ["x=y"], seed=seed).points for seed in (3, 3, 4)]
    assert points[0] == points[1] != points[2]


def test_points_lie_in_all_sorts_of_places() -> None:
    points = [Fraction(str(point["x"])) for point in check("sqrt(x - 2)", "1/(2*sqrt(x - 2))").points]
    assert all(value > 2 for value in points)
    distances = [value - 2 for value in points]
    assert min(distances) < Fraction(1, 10_000)
    assert max(points) > 10_000
    assert sum(value.denominator == 1 for value in points) >= 2


VALUES = [
    ("2*x**3 + x", "x=1: 7", True),
    ("2*x**3 + x", "x=2: 24", False),
    ("sin(x)", "x=1: 0.54", True),
    ("sin(x)", "x=1: 0.55", False),
    ("sin(x)", "x=1: cos(1)", True),
    ("sin(x)", "x=0: 1.0", True),
    ("exp(x)", "x=10: 2.2e4", True),
    ("exp(x)", "x=10: 2.3e4", False),
    ("x**2", "x=-3: -6", True),
    ("mean(x**2)", "x=[1,2]: [1,2]", True),
    ("mean(x**2)", "x=[1,2]: [1,3]", False),
    ("u*v", "u=2,v=3: u=3,v=2", True),
    ("abs(x)", "x=0: 0", False),
    ("2*x**3 + x", ({"x": 1}, 7.0), True),
    ("sin(x)", ({"x": 1}, 0.5403023058681398), True),
    ("sin(x)", ({"x": 1}, 0.54), False),
]


@pytest.mark.parametrize(("program", "value", "holds"), VALUES)
def test_claimed_numbers(program: str, value: Any, holds: bool) -> None:
    assert check(program, value=[value]).verdict is (HOLDS if holds else FALSE)


def test_forward_and_reverse_mode_are_compared() -> None:
    right = gradcli.check("x*sin(y) + exp(-x)", ["y = x*cos(y)"]).modes
    assert right is not None
    assert right.points >= 6
    assert right.digits is not None
    assert right.digits > 12
    wrong = gradcli.check("sq(i)=i**2; sq'(i, g) = 2*i; 3*sq(x)").modes
    assert wrong is not None
    assert wrong.digits is not None
    assert wrong.digits < 1


def test_forward_mode_of_a_derivative_that_works_on_whole_tensors() -> None:
    for rules, agree in (("2*c*g*v, g*sum(v**2)", True), ("2*c*g*v, g*sum(v)", True), ("2*c*v, g*sum(v)", False)):
        program = f"f(v, c) = c*sum(v**2); f'(v, c, g) = [{rules}]; 3*f(x, y)"
        found = gradcli.check(program, shape="x=3").modes
        assert found is not None
        assert found.points == 8
        assert (found.digits or 0) > 10 if agree else (found.digits or 0) < 1


def test_modes_are_compared_whichever_way_tangents_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the short way has no tangent for an operation, torch's own is taken."""
    from gradcli.check import modes

    short = gradcli.check("x*logsigmoid(y)").modes

    def missing(*_: object) -> None:
        raise NotImplementedError("Trying to use forward AD with an operation that does not support it")

    monkeypatch.setattr(modes, "_make_dual", missing)
    assert gradcli.check("x*logsigmoid(y)").modes == short
    assert short is not None
    assert short.points == modes.POINTS


POLYNOMIALS = st.lists(st.integers(-9, 9), min_size=2, max_size=5).filter(lambda c: any(c[1:]))


def text(coefficients: list[int], variable: str = "x") -> str:
    return " + ".join(f"({c})*{variable}**{power}" for power, c in enumerate(coefficients))


@given(POLYNOMIALS, st.integers(-9, 9).filter(bool), st.data())
@settings(max_examples=15, deadline=None)
def test_random_polynomials(coefficients: list[int], wrong: int, data: st.DataObject) -> None:
    right = [power * c for power, c in enumerate(coefficients)][1:]
    assert check(text(coefficients), text(right)).verdict is PROVED
    place = data.draw(st.integers(0, len(right) - 1))
    right[place] += wrong
    finding = one(text(coefficients), text(right))
    assert finding.verdict is FALSE
    assert finding.counterexample is not None
    x = (
        mpmath.mpf(Fraction(str(finding.counterexample.at["x"])).numerator)
        / Fraction(str(finding.counterexample.at["x"])).denominator
    )
    true = sum(power * c * x ** (power - 1) for power, c in enumerate(coefficients) if power)
    assert abs(true - mpmath.mpf(finding.counterexample.true)) <= 1e-12 * max(1, abs(true))


@pytest.mark.parametrize(
    ("partial", "verdict"), [("2*g*v", "proved"), ("g*v", "false"), ("2*g**2*v", "false"), ("2*v + 0*g", "false")]
)
def test_a_derivative_of_a_whole_tensor_is_checked(partial: str, verdict: str) -> None:
    found = gradcli.check(f"f(v) = sum(v**2); f'(v, g) = {partial}; sin(f(x))", shape={"x": 2}, modes=False)
    assert [one.verdict.value for one in found.findings] == [verdict]


def test_a_derivative_of_whole_tensors_of_a_tensor_is_refused() -> None:
    with pytest.raises(gradcli.GradcliError, match="f gives a tensor, and its derivative works on whole tensors"):
        gradcli.check("f(v) = v*sum(v); f'(v, g) = g*sum(v) + sum(g*v); sum(f(x))", shape={"x": 2})


def test_a_right_formula_is_in_the_names_of_the_program_or_left_out():
    steps = [f"a{i + 1} = sin(a{i})*a{i} + exp(x/{i + 2})" for i in range(12)]
    found = gradcli.check(f"a0 = x; {'; '.join(steps)}; a12", "x = 1", modes=False).findings[0]
    assert found.verdict.value == "false"
    names = {"x", "sin", "cos", "exp", *(f"a{i}" for i in range(13))}
    assert set(re.findall(r"[a-z]\w*", found.correct or "")) <= names


def test_numbers_that_differ_are_shown_to() -> None:
    said = str(gradcli.check("exp(x)", value="x=1: 2.71828182845904523"))
    assert "It claims 2.71828182845904523; the derivative is 2.71828182845904524." in said
