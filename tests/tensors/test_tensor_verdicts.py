"""What is said of derivatives of tensors, entry by entry: kinks, lost digits, wrong backwards, and no false alarms."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import pytest

import gradcli
from gradcli.diff.data import Partial, Result, Verdict
from tests.diff.test_verdicts import brief

PATIENCE = 20.0  # the machine may be busy
Index = tuple[int, ...]


def ask(program: str, at: Any, **options: Any) -> Result:
    return gradcli.differentiate(program, at, **{"patience": PATIENCE, **options})


def only(program: str, at: Any, **options: Any) -> Partial:
    (partial,) = ask(program, at, **options).partials
    return partial


class Case(NamedTuple):
    """A program, and its entries that have no derivative: the kind and both sides, where they are asked for."""

    program: str
    at: str
    kinks: dict[Index, tuple[str, str | None, str | None]]
    options: dict[str, object] = {}  # noqa: RUF012


def corner(left: str, right: str) -> tuple[str, str, str]:
    return ("corner", left, right)


def everywhere(kind: str) -> dict[Index, tuple[str, str | None, str | None]]:
    """No derivative by any entry of a 2x2 matrix."""
    return dict.fromkeys(np.ndindex(2, 2), (kind, None, None))


RAMP, STEP = corner("0", "1"), ("jump", None, None)
UNDEFINED = [
    Case("norm(x)", "x=[0,0]", {(0,): corner("-1", "1"), (1,): corner("-1", "1")}),
    Case("norm(x)", "x=0", {(): corner("-1", "1")}),
    Case("norm(x, dim=1)", "x=[[0,0],[3,4]]", {(0, 0, 0): corner("-1", "1"), (0, 0, 1): corner("-1", "1")}),
    Case("norm(x, 1)", "x=[0,1,-2]", {(0,): corner("-1", "1")}),
    Case("norm(x, inf)", "x=[2,-2,1]", {(0,): RAMP, (1,): corner("-1", "0")}),
    Case("norm(x, 0.5)", "x=[0,1]", {(0,): corner("-inf", "inf")}),
    Case("sum(abs(x))", "x=[-1,0,2]", {(1,): corner("-1", "1")}),
    Case("l1_loss(x, [1,5])", "x=[1,2]", {(0,): corner("-0.5", "0.5")}),
    Case("sum(relu(x))", "x=[[0,1],[-1,0]]", {(0, 0): RAMP, (1, 1): RAMP}),
    Case("sum(relu(x))", "x=linspace(-1,1,21)", {(10,): RAMP}),
    Case("relu(x)", "x=[0,1]", {(0, 0): RAMP}),
    Case("sum(relu(A@[1,1]))", "A=[[1,-1],[1,1]]", {(0, 0): RAMP, (0, 1): RAMP}),
    Case("max(x)", "x=[1,3,3]", {(1,): RAMP, (2,): RAMP}),
    Case("max(x, dim=0)", "x=[[1,3],[1,2]]", {(0, 0, 0): RAMP, (0, 1, 0): RAMP}),
    Case("min(x)", "x=[1,1]", {(0,): corner("1", "0"), (1,): corner("1", "0")}),
    Case("median(x)", "x=[1,2,2,3]", {(1,): corner("1", "0"), (2,): corner("1", "0")}),
    Case("median(x)", "x=[2,1,2]", {(0,): corner("1", "0"), (2,): corner("1", "0")}),
    Case("std(x, correction=0)", "x=[1,1]", {(0,): corner("-0.5", "0.5"), (1,): corner("-0.5", "0.5")}),
    Case("sum(sqrt(x))", "x=[0,1,4]", {(0,): ("edge", None, "inf")}),
    Case("sum(cbrt(x))", "x=[0,1]", {(0,): ("vertical tangent", "inf", "inf")}),
    Case("sum(floor(x))", "x=[1.5,2]", {(1,): STEP}),
    Case("sum(where(x > 0, x**2, -x))", "x=[-1,0,2]", {(1,): corner("-1", "0")}),
    Case("sum(where(x == 1, 0, x))", "x=[0,1]", {(1,): STEP}),
    Case("prod(1/x)", "x=[0,2]", {(0,): ("pole", None, None), (1,): ("outside the domain", None, None)}),
    Case("sum(sin(x)/x)", "x=[0,1]", {(0,): ("hole", None, None), (1,): ("outside the domain", None, None)}),
    Case("logdet(x)", "x=[[1,2],[2,4]]", everywhere("pole")),
    Case("logdet(x)", "x=[[0,1],[1,0]]", everywhere("outside the domain")),
    Case("sum(inv(x))", "x=[[1,2],[2,4]]", everywhere("pole")),
    Case("sum(solve(x, [1,0]))", "x=[[1,2],[2,4]]", everywhere("pole")),
    Case("sum(relu(x)**2)", "x=[0,1]", {(0, 0): corner("0", "2")}, {"order": 2}),
    Case("relu(x)", "x=[0,1]", {(0,): RAMP}, {"jvp": "x=[1,1]"}),
    Case("relu(x)", "x=[0,1]", {(0,): corner("0", "3")}, {"vjp": "[3,1]"}),
    Case("max(x)", "x=[1,1]", {(0,): RAMP, (1,): RAMP}, {"dtype": "float32"}),
]


@pytest.mark.parametrize("case", UNDEFINED, ids=lambda case: f"{case.program} at {case.at} {case.options or ''}")
def test_no_derivative(case: Case) -> None:
    partial = only(case.program, case.at, **case.options)
    assert partial.verdict is Verdict.UNDEFINED
    if not partial.shape:
        found: dict[Index, Any] = {(): (partial.kind, brief(partial.left), brief(partial.right))}
    else:
        assert all(entry.verdict is Verdict.UNDEFINED and entry.reference is None for entry in partial.entries)
        found = {entry.index: (entry.kind, brief(entry.left), brief(entry.right)) for entry in partial.entries}
        assert partial.checked is not None
        assert partial.checked.reference == partial.checked.entries
        assert partial.checked.unusual == len(case.kinks)
        assert partial.worst == min(case.kinks)
    assert found == case.kinks


class Wrong(NamedTuple):
    """A program, its verdict, and the true value of each entry where autograd is wrong."""

    program: str
    at: Any
    verdict: Verdict
    truths: dict[Index, float]
    options: dict[str, object] = {}  # noqa: RUF012


SQUARE: dict[Index, float] = {(0,): 6.0, (1,): 12.0, (2,): 18.0}
WRONG = [
    Wrong("sum((1 - cos(x))/x**2)", "x=[1,1e-5]", Verdict.INACCURATE, {(1,): -8.333333333277778e-07}),
    Wrong("sum(exp(x) - cos(x) - x)", "x=[1,1e-6]", Verdict.INACCURATE, {(1,): 2.0e-6}, {"dtype": "float32"}),
    Wrong("norm(x)", "x=[0,1e-200]", Verdict.INACCURATE, {(1,): 1.0}),
    Wrong("log(sum(exp(x)))", "x=[1000,1,2]", Verdict.INACCURATE, {(0,): 1.0}),
    Wrong("exp(sum(x))", "x=[500,400]", Verdict.INACCURATE, {(0,): math.inf, (1,): math.inf}),
    Wrong("sum(where(x > 0, sqrt(x), 0))", "x=[-1,2]", Verdict.INACCURATE, {(0,): 0.0}),
    Wrong("sum(where(x > 0, log(x), x))", "x=[-1,2]", Verdict.AGREE, {}),
    Wrong("norm(x**2)", "x=[0,0]", Verdict.AGREE, {}),
    Wrong("det(x)", "x=[[1,2],[2,4]]", Verdict.INACCURATE, {(0, 0): 4.0, (0, 1): -2.0, (1, 0): -2.0, (1, 1): 1.0}),
    Wrong("sq(i) = i**2; sq'(i, g) = g*2*i; 3*sum(sq(x))", "x=[1,2,3]", Verdict.AGREE, {}),
    Wrong("sq(i) = i**2; sq'(i) = 2*i; 3*sum(sq(x))", "x=[1,2,3]", Verdict.AGREE, {}),
    Wrong("sq(i) = i**2; sq'(i, g) = 2*i; sum(sq(x))", "x=[1,2,3]", Verdict.AGREE, {}),
    Wrong("sq(i) = i**2; sq'(i, g) = 2*i; 3*sum(sq(x))", "x=[1,2,3]", Verdict.DISAGREE, SQUARE),
    Wrong("sq(i) = i**2; sq'(i, g) = g*3*i; sum(sq(x))", "x=[1,0,3]", Verdict.DISAGREE, {(0,): 2.0, (2,): 6.0}),
    Wrong("n(a) = sum(a**2); n'(a, g) = g*2*a; exp(n(x))", "x=[0.1,0.2]", Verdict.AGREE, {}),
    Wrong("n(a) = sum(a**2); n'(a, g) = 2*a; 3*n(x)", "x=[1,0]", Verdict.DISAGREE, {(0,): 6.0}),
    Wrong("sum(relu(x) - relu(-x))", "x=[0,1]", Verdict.DISAGREE, {(0,): 1.0}),
    Wrong("max(x) + min(x)", "x=[1,1]", Verdict.AGREE, {}),
    Wrong("sum(x*sign(x)*sign(x))", "x=[[0],[2]]", Verdict.DISAGREE, {(0, 0): 1.0}),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: f"{case.program} at {case.at}")
def test_derivative_exists(case: Wrong) -> None:
    partial = only(case.program, case.at, **case.options)
    assert partial.verdict is case.verdict
    assert {entry.index for entry in partial.entries} == set(case.truths)
    for entry in partial.entries:
        assert entry.reference is not None
        assert entry.verdict is case.verdict
        assert math.isinf(case.truths[entry.index]) or float(entry.reference) == pytest.approx(
            case.truths[entry.index], rel=1e-3
        )
    assert not case.truths or partial.worst in case.truths


MATRIX = "mm(a, b) = a@b; mm'(a, b, g) = [{}, {}]; sum(mm(X, Y)**2)"
AT = {"X": [[1, 2], [3, 4]], "Y": [[1, 5], [0, 1]]}


@pytest.mark.parametrize(
    ("first", "second", "verdicts"),
    [
        ("g@b.T", "a.T@g", [Verdict.AGREE, Verdict.AGREE]),
        ("g@b", "a.T@g", [Verdict.DISAGREE, Verdict.AGREE]),
        ("g@b.T", "a@g", [Verdict.AGREE, Verdict.DISAGREE]),
        ("g@b.T", "0*a", [Verdict.AGREE, Verdict.DISAGREE]),
    ],
)
def test_a_backward_of_matrices(first: str, second: str, verdicts: list[Verdict]) -> None:
    result = ask(MATRIX.format(first, second), AT)
    assert [partial.verdict for partial in result.partials] == verdicts
    truth = ask("sum((X@Y)**2)", AT)
    for mine, true in zip(result.partials, truth.partials):
        assert mine.reference == true.reference
        assert mine.symbolic == true.symbolic


def test_a_backward_of_the_wrong_shape_is_refused() -> None:
    with pytest.raises(gradcli.GradcliError, match=r"2, 3|2x3"):
        ask(
            "mm(a, b) = a@b; mm'(a, b, g) = [g, a.T@g]; sum(mm(X, Y))",
            {"X": [[1, 2], [3, 4]], "Y": [[1, 0, 2], [0, 1, 1]]},
        )


GOOD: list[tuple[str, Any, dict[str, Any]]] = [
    ("prod(x)", "x=[0,2,3]", {}),
    ("prod(x)", "x=[0,0,3]", {}),
    ("prod(x)", "x=[0,2,3]", {"order": 2}),
    ("sum(prod(x, 0))", "x=[[0,2],[3,0]]", {}),
    ("det(x)", "x=[[0,0,0],[0,0,0],[0,0,0]]", {}),
    ("det(x)", "x=[[0,1,0,0],[0,0,1,0],[0,0,0,1],[1,0,0,0]]", {}),
    ("det(x)", "x=[[1,2,3,4],[5,6,7,8],[9,10,11,12],[13,14,15,16]]", {}),
    ("det(x)", "x=[[2,1],[1,3]]", {"order": 2}),
    ("det(x)", "x=[[2,1,0.5],[1,3,0.1],[0.7,0.3,1]]", {"order": 2}),
    ("logdet(x)", "x=[[2,1],[1,3]]", {"order": 2}),
    ("inv(x)", "x=[[0,1],[1,0]]", {}),
    ("solve(a, b)", "a=[[2,1],[1,3]],b=[[1,2],[3,4]]", {}),
    ("logsumexp(x)", "x=[1000,1,2]", {}),
    ("softmax(x)", "x=[1000,0]", {}),
    ("cross_entropy(x, 1)", "x=[1000,0]", {}),
    ("sum(softmax(x))", "x=[1,2,3]", {}),
    ("var(x)", "x=[1,1,1]", {}),
    ("std(x, correction=0)", "x=3", {}),
    ("norm(x, 3)", "x=[0,1,-2]", {}),
    ("sum(detach(x)*x)", "x=[1,2,3]", {}),
    ("sum(abs(x)*x)", "x=[0,1]", {}),
    ("sum(relu(x)**2)", "x=[0,1]", {}),
    ("max(x)", "x=[1,1 + 2**-52]", {}),
    ("median(x)", "x=[4,1,2,3]", {}),
    ("d = diff(sum(x**3), x); sum(d*x)", "x=[1,2,3]", {}),
    ("diff(sum(x**3), x)", "x=[1,2,3]", {}),
    ("y = x**2; diff(sum(y**2), y)", "x=[1,2,3]", {}),
    ("x**y", "x=[1,2],y=[2,3]", {}),
    ("sum(exp(sin(x)))", "x=[1,2,3]", {"dtype": "float32"}),
    ("sum(exp(sin(x)))", "x=[1,2,3]", {"dtype": "bfloat16"}),
    ("sum(sin(x))**2", "x=[1,2]", {"order": 3}),
    ("f(a, b) = sum(a*b)/norm(a); f(x, x)", "x=[1,2,2]", {}),
    ("x[-100:100]", "x=[1,2,3]", {}),
]


@pytest.mark.parametrize(("program", "at", "options"), GOOD, ids=str)
def test_no_false_alarm(program: str, at: Any, options: dict[str, Any]) -> None:
    result = ask(program, at, **options)
    assert {partial.verdict for partial in result.partials} == {Verdict.AGREE}, [p.entries for p in result.partials]


@pytest.mark.parametrize(("program", "at", "options"), GOOD, ids=str)
def test_formulas_have_the_values_of_the_truth(program: str, at: Any, options: dict[str, Any]) -> None:
    """Where they have any: the formula of a determinant has an inverse in it, and none where that is singular."""
    for partial in ask(program, at, **options).partials:
        if partial.symbolic_value is None:
            continue
        mine, truth = np.array(partial.symbolic_value, dtype=float), np.array(partial.reference, dtype=float)
        there = np.isfinite(mine) & np.isfinite(truth)
        np.testing.assert_allclose(mine[there], truth[there], rtol=1e-6, atol=1e-9, err_msg=partial.symbolic or "")


@pytest.mark.parametrize(
    ("dtype", "digits"), [("float64", 15.95), ("float32", 7.22), ("float16", 3.31), ("bfloat16", 2.41)]
)
def test_digits_are_those_of_the_dtype(dtype: str, digits: float) -> None:
    assert only("sum(x**2)", "x=[1,2,3]", dtype=dtype).digits == pytest.approx(digits, abs=0.01)
    rounded = only("sum(exp(sin(x)))", "x=[1,2,3]", dtype=dtype)
    assert rounded.digits is not None
    assert digits - 1.5 < rounded.digits <= digits


@pytest.mark.parametrize(
    ("program", "x", "said"),
    [
        ("logsumexp(x)", [1000, 0], "the formula is off at [0], where it gives nan"),
        ("sum((1 - cos(x))/x**2)", [1, 1e-5], "the formula is off at [1], where it gives -0.00827"),
        ("max(x*x + 0*sum(x))", [1, -1], "where entries tie, only one of them counts as equal"),  # and nothing is off
        ("sum(x**2)", [1, 2], None),
    ],
)
def test_where_the_formula_is_off(program: str, x: list[float], said: str | None) -> None:
    note = only(program, {"x": x}).note
    assert said in (note or "") if said else note is None


@pytest.mark.parametrize(
    ("program", "at", "verdict"),
    [
        # 0.1 + 0.2 - 0.3 and the like: the doubles nearest to these are not what was meant, by more than the value
        ("A@x - [0.5, 1.1]", {"A": [[1, 2], [3, 4]], "x": [0.1, 0.2]}, Verdict.AGREE),
        ("sum(x) - 0.6", {"x": [0.1, 0.2, 0.3]}, Verdict.AGREE),
        ("(x - [0.1, 0.2] - 0.2)*[1e12, 1]", {"x": [0.3, 0.5]}, Verdict.AGREE),
        # a loss of digits is one, however small beside the other entries it is, and of a number alone
        ("log(1 + x)*[1, 1e9]", {"x": [3e-16, 1.0]}, Verdict.INACCURATE),
        ("(1 - cos(x))*[1, 1e20]", {"x": [1e-9, 1.0]}, Verdict.INACCURATE),
        ("sum(log(1 + x))", {"x": [3e-16, 1e-17]}, Verdict.INACCURATE),
        ("(A@x - 1e17) + 1 + 1e17 - A@x", {"A": [[1e17, 0], [0, 3]], "x": [1.0, 1.0]}, Verdict.INACCURATE),
    ],
)
@pytest.mark.parametrize("order", [1, 2])
def test_a_value_of_zero_is_one_up_to_the_rounding_of_what_was_typed(
    program: str, at: dict[str, Any], verdict: Verdict, order: int
) -> None:
    assert gradcli.differentiate(program, at, order=order).value_verdict is verdict


@pytest.mark.parametrize(
    "program",
    [
        "softmax(x, dim=1)",
        "log_softmax(x, dim=0)",
        "x/sum(x, dim=1, keepdim=True)",
        "log(x**2/sum(x**2))",
        "(x - mean(x, dim=1, keepdim=True))/std(x, dim=1, keepdim=True)",
    ],
)
def test_a_large_jacobian_whose_constant_sums_are_divided_by(program: str) -> None:
    """The functions are smooth: an entry that does not reach an output has the derivative 0 there."""
    (partial,) = gradcli.differentiate(program, {"x": "randn(30,30,seed=1)"}).partials
    assert partial.verdict is Verdict.AGREE and partial.entries == ()


@pytest.mark.parametrize(
    "program",
    [
        "softmax(x@x.T/5, dim=1)@x",
        "cumsum(x, dim=0)*logsumexp(x@x)",
        "inv(x)@x.T",
        "(x - mean(x))/std(x)*logdet(x@x.T)",
        "solve(x@x.T + 30*eye(30), sin(x))",
        "relu(x@x)/norm(x)",
    ],
)
def test_of_a_large_jacobian_whole_rows_are_judged(program: str) -> None:
    """An entry of any of these takes thousands of operations on numbers, or it can't be written out at all."""
    (partial,) = gradcli.differentiate(program, {"x": "randn(30,30,seed=1)"}).partials
    assert partial.verdict is Verdict.AGREE and partial.checked.reference >= 900


def test_of_a_large_jacobian_rows_without_a_number_are_judged() -> None:
    """Where x > 0 the function is 0, and so is its derivative; autograd has 0*inf there."""
    (partial,) = gradcli.differentiate("sqrt(abs(x) - x)", {"x": "randn(30,30,seed=1)"}).partials
    assert partial.verdict is Verdict.INACCURATE
    assert {(entry.reference, str(entry.autograd)) for entry in partial.entries} == {("0", "nan")}


@pytest.mark.parametrize("program", ["sqrt(x)@x", "softmax(sqrt(x), dim=0)"])
def test_of_a_large_jacobian_outputs_without_a_value_have_no_derivative(program: str) -> None:
    """Also by the entries that are not themselves outside the domain."""
    (partial,) = gradcli.differentiate(program, {"x": "randn(30,30,seed=1)"}).partials
    assert partial.verdict is Verdict.UNDEFINED and partial.kind == "outside the domain"
    assert all(entry.verdict is Verdict.UNDEFINED for entry in partial.entries)
