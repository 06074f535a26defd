"""Claims in balls: where digits cancel, conditions tie, values are huge or tiny, right claims hold and wrong ones do not.

Families of claims over programs: the derivatives are those of calculus books, and each is also spoiled in its 20th digit.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

import gradcli
from gradcli.check import text as view
from gradcli.check.data import Check, ClaimFinding, Rate
from tests.doors import ClaimValues, ClaimVerdict, Pieces, Sampled, Sampler, parse, read_claim
from tests.doors import build_problem as build

SPOILED = "1e-20"  # relative: seen by none that computes in doubles

# What is 0 or the variable itself for everybody but the rounding.
VANISHING = [
    "1e4 - 1e4",
    "1e120*x - 1e120*x",
    "cosh(x)**2 - sinh(x)**2 - 1",
    "log(exp(x)) - x",
    "sin(x)**2 + cos(x)**2 - 1",
    "exp(x)*exp(-x) - 1",
    "(x + 1)**2 - x**2 - 2*x - 1",
    "x*cos(pi/2)",
    "sin(3*pi)",
    "max(x, x) - x",
    "where(x > x, 1, 1) - 1",
    "where(x >= x, 0, x)",
    "where(x != x, x**3, 0)",
    "min(x, x) - max(x, x)",
    "abs(x - x)",
]
# A function, its first derivative, its second, its third.
PLAIN = [
    ("x", "1", "0"),
    ("x**3", "3*x**2", "6*x"),
    ("exp(x)", "exp(x)", "exp(x)"),
    ("x*sin(x)", "sin(x) + x*cos(x)", "2*cos(x) - x*sin(x)"),
]


def finding(program: str, claim: str, order: int = 1) -> ClaimFinding:
    (found,) = gradcli.check(program, claim, modes=False, order=order, patience=120).findings
    return found


def is_right(found: ClaimFinding) -> bool:
    return found.verdict in (ClaimVerdict.PROVED, ClaimVerdict.HOLDS)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("nothing", VANISHING)
@pytest.mark.parametrize(("function", "first", "second"), PLAIN)
def test_what_cancels_hides_nothing(nothing: str, function: str, first: str, second: str) -> None:
    program = f"{function} + ({nothing})"
    assert is_right(finding(program, first)), finding(program, first)
    wrong = finding(program, f"({first})*(1 + {SPOILED})")
    assert wrong.verdict is ClaimVerdict.FALSE
    assert wrong.rate is not None
    assert wrong.rate.measured == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("nothing", VANISHING[::4])
@pytest.mark.parametrize(("function", "first", "second"), PLAIN)
def test_second_derivatives_too(nothing: str, function: str, first: str, second: str) -> None:
    program = f"{function} + ({nothing})"
    assert is_right(finding(program, second, 2))
    assert finding(program, f"({second}) + {SPOILED}*exp(x)", 2).verdict is ClaimVerdict.FALSE


# Far out these are 0 to a thousand digits and more, and have a derivative all the same.
SATURATED = [
    ("1 - sigmoid(x)", "-sigmoid(x)*sigmoid(-x)"),
    ("1 - sigmoid(x)", "-sigmoid(x)*(1 - sigmoid(x))"),
    ("1 - tanh(x)", "-1/cosh(x)**2"),
    ("erfc(x)", "-2*exp(-x**2)/sqrt(pi)"),
    ("log(1 + exp(x))", "sigmoid(x)"),
    ("exp(-x**2)", "-2*x*exp(-x**2)"),
    ("exp(exp(x))", "exp(x)*exp(exp(x))"),
    ("1e300*x**2", "2e300*x"),
    ("1e-300*x**2", "2e-300*x"),
    ("exp(1e5*x)", "1e5*exp(1e5*x)"),
    ("ndtr(x)", "npdf(x)"),
]


@pytest.mark.parametrize(("program", "right"), SATURATED)
def test_tiny_and_huge_derivatives_are_told_apart(program: str, right: str) -> None:
    assert is_right(finding(program, right)), finding(program, right)
    for wrong in (f"({right})*(1 + {SPOILED})", f"({right}) + 1e-250", f"2*({right})"):
        assert finding(program, wrong).verdict is ClaimVerdict.FALSE, wrong


@pytest.mark.parametrize(
    "program", ["max(x, x)", "where(x > x, 1, 1)*x", "x*where(x >= x, 1, 2)", "min(x, x) + abs(x - x)"]
)
@pytest.mark.parametrize("wrong", ["2", "x", "where(x > 1, 1, 3/2)", "where(x > 0, 1, 0)"])
def test_a_tie_that_is_one_everywhere_is_no_special_point(program: str, wrong: str) -> None:
    assert finding(program, "1").excepted == 0
    found = finding(program, wrong)
    assert found.verdict is ClaimVerdict.FALSE
    assert found.excepted == 0


def test_a_kink_that_moves_is_one() -> None:
    found = finding("max(x - 1, 1 - x)", "where(x >= 1, 1, -1)")
    assert is_right(found)
    assert [one.at for one in found.exceptions] == [{"x": "1"}]
    assert is_right(finding("sqrt(relu(x)) + x**3", "where(x > 0, 1/(2*sqrt(x)), 0) + 3*x**2"))


@pytest.mark.parametrize(
    ("program", "claim", "measured"),
    [
        ("x + 1e4 - 1e4", "1", None),
        ("3*x", "3", None),
        ("3*x", "2", 1.0),
        ("x**2", "2*x", 2.0),
        ("x**2", "2*x + 1", 1.0),
        ("exp(-x**2)", "-2*x*exp(-x**2)*(1 + 1e-20)", 1.0),
        ("sin(1/x)", "-cos(1/x)/x**2", 2.0),
    ],
)
def test_the_order_is_one_or_two_or_nothing_is_left(program: str, claim: str, measured: float | None) -> None:
    rate = finding(program, claim).rate
    assert rate is not None
    assert rate.measured == (None if measured is None else pytest.approx(measured, abs=0.02))


def test_no_remainder_is_said() -> None:
    said = "\n".join(str(line) for line in _lines(gradcli.check("x+1e4-1e4", "1", modes=False)))
    assert "The Taylor remainder is zero along 9 random directions." in said


def _lines(check: Check) -> list[Any]:
    (found,) = check.findings
    assert isinstance(found.rate, Rate)
    return [view._rate(found.rate, found.verdict)]


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ("x=0: 1", ClaimVerdict.HOLDS),
        ("x=0: 2", ClaimVerdict.FALSE),
        ("x=1: 1.00000000000000000000", ClaimVerdict.HOLDS),
        ("x=1: 1.00000000000000000001", ClaimVerdict.FALSE),
    ],
)
def test_claimed_numbers_at_a_kink_that_closes(value: str, verdict: ClaimVerdict) -> None:
    assert gradcli.check("relu(x) - relu(-x)", value=[value]).verdict is verdict


def test_values_beyond_all_writing_are_left_open() -> None:
    assert is_right(finding("exp(exp(exp(x)))", "exp(x)*exp(exp(x))*exp(exp(exp(x)))"))
    assert finding("exp(exp(exp(x)))", "exp(x)*exp(exp(exp(x)))").verdict is ClaimVerdict.FALSE


def test_points_are_where_the_program_and_a_claim_have_values() -> None:
    tree = parse("sqrt(x - 2)*log(y)")
    problem = build(tree, [read_claim("x = log(y)/(2*sqrt(x - 2))", tree)])
    pieces = ClaimValues(problem, _deadline()).pieces()
    points = Sampler(pieces, ["x", "y"], problem.size, 5, {}).points([], _deadline())
    assert len(points) == 64
    assert all(point["x"] > 2 and point["y"] > 0 for point in points)
    assert points == Sampler(pieces, ["x", "y"], problem.size, 5, {}).points([], _deadline())


def test_labels_change_at_kinks_that_move_alone() -> None:
    tape = build(parse("abs(x - 1) + max(x, x)"), []).chains[0].tape
    pieces = Pieces([Sampled(tape, [tape.output])], [], _deadline())
    labels = [pieces.labels({"x": Fraction(x)}) for x in (0, 1, 2)]
    assert len({*labels}) == 3
    assert len(labels[0]) == len(pieces.labels({"x": Fraction(1, 3)}))
    assert pieces.labels({"x": Fraction(5)}) == labels[2]


def _deadline() -> Any:
    from tests.doors import Patience

    return Patience(60)
