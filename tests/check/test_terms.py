"""What a check is told besides the claim: the point, held values, assumptions, several statements, tolerances, orders."""

from __future__ import annotations

import json

import pytest

import gradcli
from gradcli.errors import GradcliError
from tests.support import run


def _verdicts(program: str, claim: object, **options: object) -> list[str]:
    found = gradcli.check(program, claim, modes=False, **options)  # type: ignore[arg-type]
    return [one.verdict.value for one in found.findings]


def test_the_given_point_adds_one_and_holds_nothing() -> None:
    found = gradcli.check("y + T*v*sin(a)", "a = T*cos(a)", {"y": 0, "T": 0.1, "v": 1.0, "a": 0.3}, modes=False)
    assert found.verdict.value == "false"
    assert found.findings[0].given == "held"
    assert found.points[0]["v"] == "1"
    assert len({point["v"] for point in found.points}) > 5


def test_a_held_value_is_the_same_everywhere_and_said() -> None:
    found = gradcli.check("y + T*v*sin(a)", "a = T*cos(a)", hold="v=1", modes=False)
    assert found.verdict.value == "proved"
    assert {point["v"] for point in found.points} == {"1"}
    assert found.held == {"v": "1"}
    assert "Held everywhere: v = 1." in run("check", "y + T*v*sin(a)", "--claim", "a = T*cos(a)", "--hold", "v=1").out


def test_the_given_point_is_the_counterexample() -> None:
    found = gradcli.check("sqrt(x)", "1/sqrt(x)", "x=0.37", modes=False).findings[0]
    assert found.given == "wrong"
    assert float(found.counterexample.at["x"]) == 0.37


def test_a_point_of_some_variables_is_judged_with_simple_others() -> None:
    found = gradcli.check("x*y*z", "x = y*z", "z=0.7", modes=False)
    assert found.findings[0].given == "held"
    assert float(found.points[0]["z"]) == 0.7


@pytest.mark.parametrize("at", ["x=-1", "x=0"])
def test_a_point_outside_the_domain_is_said(at: str) -> None:
    found = gradcli.check("log(x)", "1/x", at, modes=False)
    assert found.verdict.value == "proved"
    assert any("is not judged" in note for note in found.notes)


# Programs, claims that are true where the assumption holds, and such that are not: by the rules of calculus.
ASSUMED = [
    ("sqrt(s**2)*x", "s = x", "s > 0", "proved"),
    ("sqrt(s**2)*x", "s = -x", "s < 0", "proved"),
    ("sqrt(s**2)*x", "s = x", "s < 0", "false"),
    ("abs(x - y)", "x = 1", "x > y", "holds"),
    ("abs(x - y)", "x = 1", "x < y", "false"),
    ("max(x, y)", "x = 0", "y > x + 1", "holds"),
    ("asin(sin(x))", "x = 1", "-1 < x < 1", "holds"),
    ("asin(sin(x))", "x = -1", "2 <= x, x <= 4", "holds"),
    ("log(x**2)", "x = 2/x", "x != 0", "proved"),
    ("d = a*b; sqrt(d**2)", "a = b", "a*b > 0", "holds"),
    ("d = a*b; sqrt(d**2)", "a = b", "d > 0", "holds"),
    ("sum(abs(x))", "x = [1, 1, 1]", "x > 0", "holds"),
    ("sum(abs(x))", "x = [1, 1, 1]", "x[0] > 0", "false"),
]


@pytest.mark.parametrize(("program", "claim", "assume", "verdict"), ASSUMED)
def test_what_is_assumed(program: str, claim: str, assume: str, verdict: str) -> None:
    shape = {"x": 3} if "sum" in program else None
    found = gradcli.check(program, claim, assume=assume, shape=shape, modes=False)
    assert found.verdict.value in ({verdict} if verdict == "false" else {"proved", "holds"}), found
    if verdict == "proved":
        assert found.verdict.value == verdict


def test_the_piece_between_a_bound_and_a_kink_is_looked_at():
    for program, claim, assume in (
        ("abs(x)", "1", "x>-1e-7"), ("relu(x-100)", "0", "x<100.001"), ("abs(x-1)", "1", "x>1-1e-7"),
    ):  # fmt: skip
        assert gradcli.check(program, claim, assume=assume, modes=False).verdict.value == "false", program


def test_without_the_assumption_it_is_said_where_it_holds() -> None:
    found = gradcli.check("sqrt(s**2)*x", "s = x", modes=False).findings[0]
    assert found.verdict.value == "false"
    assert found.positive >= 10
    assert gradcli.check("sqrt(s**2)*x", "s = 2*x", modes=False).findings[0].positive == 0


def test_the_right_formula_is_the_one_under_the_assumption() -> None:
    assert gradcli.check("sqrt(s**2)*x", "s = 2*x", assume="s > 0", modes=False).findings[0].correct == "x"


@pytest.mark.parametrize(
    ("assume", "message"),
    [
        ("q > 0", 'the program has no name "q"'),
        ("x", "this is not a comparison"),
        ("x > 1, x < 0", "no x is as assumed"),
        ("x > ", "one side is missing"),
        ("x >> 0", None),
        ("x == 2", "this is not a comparison"),
        (",", "a condition is missing"),
    ],
)
def test_wrong_assumptions(assume: str, message: str | None) -> None:
    with pytest.raises(GradcliError) as error:
        gradcli.check("x**2", "2*x", assume=assume)
    assert error.value.exit_code == 2
    if message:
        assert error.value.message == message


@pytest.mark.parametrize(
    ("program", "claim", "verdict"),
    [
        ("d = a*b; S*d", "q = a; b = S*q", "proved"),
        ("d = a*b; S*d", "q = a\nb = S*q\n", "proved"),
        ("d = a*b; S*d", "q = a; r = q + 1; b = S*(r - 1)", "proved"),
        ("d = a*b; S*d", "b = S*d/b", "proved"),
        ("d = a*b; S*d", "q = a; b = S*q + d", "false"),
        ("sin(x)**2", "s = sin(x); c = cos(x); 2*s*c", "proved"),
    ],
)
def test_claims_of_several_statements(program: str, claim: str, verdict: str) -> None:
    found = gradcli.check(program, claim, modes=False)
    assert found.verdict.value == verdict
    assert not gradcli.replay(found.to_json()).differences


@pytest.mark.parametrize("claim", ["d = a; b = S", "q; b = S", "q = 1; q = 2; b = S", "q == 2; b = S"])
def test_wrong_definitions(claim: str) -> None:
    with pytest.raises(GradcliError):
        gradcli.check("d = a*b; S*d", claim)


@pytest.mark.parametrize(
    ("program", "order", "claim", "verdict"),
    [
        ("x**4", 3, "24*x", "proved"),
        ("x**4", 3, "12*x", "false"),
        ("x**4*y**2", 3, "x,x,y = 24*x**2*y", "proved"),
        ("sin(x)", 5, "cos(x)", "proved"),
        ("exp(2*x)", 8, "256*exp(2*x)", "proved"),
        ("abs(x)**3", 2, "6*abs(x)", "holds"),
    ],
)
def test_any_order(program: str, order: int, claim: str, verdict: str) -> None:
    found = gradcli.check(program, claim, order=order, modes=False)
    assert found.verdict.value == verdict or {found.verdict.value, verdict} == {"proved", "holds"}
    assert found.findings[0].rate is None or found.findings[0].rate.expected == order + 1


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ("x=1: 3.0001 ± 1e-3", "holds"),
        ("x=1: 3.0001 ± 1e-5", "false"),
        ("x=1: 3.0001+-0.001", "holds"),
        ("x=1: 3.0001 +/- 0.001", "holds"),
        ("x=1: 3.001(2)", "holds"),
        ("x=1: 3.0015(12)", "false"),
        ("x=1: x=3.1 ± 0.2", "holds"),
    ],
)
def test_tolerances(value: str, verdict: str) -> None:
    found = gradcli.check("x**3", value=value, modes=False)
    assert found.verdict.value == verdict
    assert not gradcli.replay(found.to_json()).differences


# Kinks of the program and of the claim that are close to each other: a wrong claim between them alone.
@pytest.mark.parametrize("apart", ["1e-3", "1e-6", "1e-9", "1e-12", "1e-18"])
@pytest.mark.parametrize("where", ["0", "1e-9", "0.3", "2"])
def test_wrong_between_two_kinks(where: str, apart: str) -> None:
    found = gradcli.check(f"abs(x - {where})", f"sign(x - ({where} + {apart}))", modes=False)
    assert found.verdict.value == "false"


def test_lines_of_claims_take_all_of_it(tmp_path) -> None:  # type: ignore[no-untyped-def]
    lines = [
        {"program": "sqrt(s**2)*x", "claim": "s = x", "assume": "s > 0"},
        {"program": "x*v", "claim": "x = 1", "hold": {"v": 1}},
        {"program": "x**3", "value": "x=1: 3.01 ± 0.1"},
        {"program": "x**4", "claim": "24*x", "order": 3},
        {"program": "d = a*b; S*d", "claim": "q = a; b = S*q"},
        {"program": "x", "claim": "1", "assume": 3},
    ]
    path = tmp_path / "claims.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = run("check", "--claims", str(path), "--json")
    found = [json.loads(line) for line in done.out.splitlines()]
    assert [one.get("verdict", "error") for one in found] == ["proved", "proved", "holds", "proved", "proved", "error"]
