"""What is differentiated by is itself, and not every number that happens to have its value.

The truths are derivatives of closed forms that are written here by hand, taken by SymPy.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from typing import Any

import pytest
import sympy

import gradcli
from gradcli.steps.data import Derivation
from tests.plot import plot
from tests.support import run

PATIENCE = 60.0

# Programs and what they come to; x, y and w are fixed to numbers that the programs have as literals, too.
PROGRAMS = {
    "diff(w*x**3, x)": "3*w*x**2",
    "sum([diff(w*x**3, x)])": "3*w*x**2",
    "sum([diff(w*x**3 + 3*x + x*2, x), 0])": "3*w*x**2 + 5",
    "diff(w*x**3 + 3*x**2, x, 2) + 0*sum([w])": "6*w*x + 6",
    "a = 3*x; sum([diff(a**2 + 3*x, a)*w])": "6*x*w",
    "a = [x, w]; sum(diff(a[0]**3*x + 3*a[1], a))": "3*x**3 + 3",
    "v = [w*x, 3, x]; sum(v**2) + diff(v[2]**3*3, x)*w": "w**2*x**2 + 9 + x**2 + 9*x**2*w",
    "a = 2*x; diff(x**2, x)*a*w": "4*x**2*w",
    "a = 2*x; sum([diff(x**2, x)])*a*w": "4*x**2*w",
    "sum([w*x**2*y, 2*x*y, y*3])": "w*x**2*y + 2*x*y + 3*y",
    "sum([diff(w*x**2*y, x), diff(w*x**2*y, y)])": "2*w*x*y + w*x**2",
    "sum([diff(diff(x**3*y**2*w, x), y), x])": "6*x**2*y*w + x",
}
VALUES = (0, 1, 2, 3)


def closed(text: str) -> Any:
    return sympy.parse_expr(text, local_dict={name: sympy.Symbol(name) for name in "xyw"})


def names_in(program: str) -> list[str]:
    return sorted(set("xyw") & set(program))


def truth(text: str, by: tuple[str, ...], at: Mapping[str, float]) -> float:
    formula = closed(text)
    for name in by:
        formula = sympy.diff(formula, sympy.Symbol(name))
    return float(formula.subs(dict(at)))


RIGHT = ("proved", "holds")


def verdict(program: str, claim: str, at: Mapping[str, float], by: str = "w") -> str:
    found = gradcli.check(program, {by: claim}, at=at, patience=PATIENCE).verdict
    return found.value if found else ""


def points(program: str) -> list[dict[str, float]]:
    """All of the same value, and some that are mixed."""
    names = names_in(program)
    mixed = list(itertools.product(VALUES, repeat=len(names)))[1::7]
    return [dict(zip(names, map(float, chosen))) for chosen in [*zip(*[VALUES] * len(names)), *mixed]]


def assert_right(result: Any, text: str, at: Mapping[str, float]) -> None:
    """Value and partials are the truth, and are said to be."""
    assert result.value == pytest.approx(truth(text, (), at), rel=1e-13, abs=1e-13)
    for partial in result.partials:
        expected = truth(text, partial.wrt, at)
        assert partial.verdict is gradcli.Verdict.AGREE, (at, partial)
        assert float(partial.reference) == pytest.approx(expected, rel=1e-15, abs=1e-30)
        assert partial.autograd == pytest.approx(expected, rel=1e-13, abs=1e-13)
        if partial.symbolic_value is not None:
            assert partial.symbolic_value == pytest.approx(expected, rel=1e-13, abs=1e-13)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("program", PROGRAMS)
def test_at_a_point(program: str, order: int) -> None:
    for at in points(program)[:: 1 if order == 1 else 3]:
        assert_right(gradcli.differentiate(program, at=at, order=order, patience=PATIENCE), PROGRAMS[program], at)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("program", PROGRAMS)
def test_at_many_points(program: str) -> None:
    names = names_in(program)
    for fixed, value in itertools.product(names, VALUES):
        others = [name for name in names if name != fixed]
        plan = gradcli.compile(program, {fixed: value}, wrt=others)
        rows = list(itertools.product(map(float, VALUES), repeat=len(others)))
        found = plan.map({name: [row[i] for row in rows] for i, name in enumerate(others)})
        for number, row in enumerate(rows):
            at = {fixed: value, **dict(zip(others, row))}
            assert found["f"][number] == pytest.approx(truth(PROGRAMS[program], (), at))
            for by in others:
                assert found[f"df_d{by}"][number] == pytest.approx(truth(PROGRAMS[program], (by,), at))


def test_map() -> None:
    outcome = run("map", "sum([diff(w*x**3, x)])", "--over", "w=1:2:2", "--at", "x=3", "--wrt", "w")
    assert outcome.out.splitlines() == ["w,f,df_dw,status", "1.0,27.0,27.0,ok", "2.0,54.0,27.0,ok"]
    assert outcome.code == 0


@pytest.mark.sampled(2)
@pytest.mark.parametrize("program", PROGRAMS)
def test_batch(program: str) -> None:
    lines = [{"program": program, "at": at} for at in points(program)]
    outcome = run("batch", stdin="\n".join(map(json.dumps, lines)))
    assert outcome.code == 0
    for line, at in zip(outcome.out.splitlines(), points(program), strict=True):
        for partial in json.loads(line)["partials"]:
            expected = truth(PROGRAMS[program], tuple(partial["wrt"]), at)
            assert partial["verdict"] == "agree"
            assert float(partial["reference"]) == pytest.approx(expected)
            assert partial["autograd"] == pytest.approx(expected)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("program", PROGRAMS)
def test_plot(program: str) -> None:
    for over, value in itertools.product("xw", (1.0, 3.0)):
        at = {name: value for name in names_in(program) if name != over}
        if over not in program:
            continue
        shown = plot(program, f"{over}=1:3:3", at=at, orders=(0, 1, 2))
        for sample in shown.samples:
            for order, number in enumerate(sample.values):
                expected = truth(PROGRAMS[program], (over,) * order, {**at, over: sample.at[0]})
                assert number == pytest.approx(expected)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("program", PROGRAMS)
def test_check(program: str) -> None:
    right = str(sympy.diff(closed(PROGRAMS[program]), sympy.Symbol("w"))) if "w" in program else "0"
    for value in (1, 3):
        at = {name: value for name in names_in(program) if name != "w"}
        assert verdict(program, right, at) in RIGHT
        assert verdict(program, f"{right} + x - {value + 1}", at) == "false"


@pytest.mark.parametrize("program", PROGRAMS)
def test_steps(program: str) -> None:
    at = dict.fromkeys(names_in(program), 3.0)
    found: Derivation = gradcli.steps(program, at, wrt="w", patience=PATIENCE)
    by_intermediate = program.endswith((", a)*w])", "a))"))  # such a derivative inside has no formula
    assert (found.sections[-1].value is None) == by_intermediate
    if not by_intermediate:
        assert found.sections[-1].value == pytest.approx(truth(PROGRAMS[program], ("w",), at))


# Names that the program sets to a number

SET = {
    "y = x**2 + 3*x": "x**2 + 3*x",
    "y = x**3*3 + 2*x**2 + w*x": "3*x**3 + 2*x**2 + w*x",
    "y = sum([x**3*3, 2*x**2, w*x, 3])": "3*x**3 + 2*x**2 + w*x + 3",
    "v = [x, 3, x]; y = sum(v**3)*w": "(2*x**3 + 27)*w",
    "z = x; y = z*x*x + sum([3, 2])*w": "x**3 + 5*w",
    "g(t) = t**3 + 3*t; y = g(x)*w": "(x**3 + 3*x)*w",
}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("value", [0, 1, 2, 3])
@pytest.mark.parametrize("rest", SET)
def test_by_a_name_that_is_set_to_a_number(rest: str, value: int, order: int) -> None:
    at = {"w": 3.0} if "w" in rest else {}
    wrt = ["x", *at]
    result = gradcli.differentiate(f"x = {value}; {rest}", at=at, wrt=wrt, order=order, patience=PATIENCE)
    assert len(result.partials) == (order + 1 if at else 1)
    assert_right(result, SET[rest], {"x": value, "w": 3.0})


@pytest.mark.parametrize("rest", SET)
def test_the_formula_by_such_a_name_is_in_it(rest: str) -> None:
    at = {"w": 3.0} if "w" in rest else {}
    (partial,) = gradcli.differentiate(f"x = 3; {rest}", at=at, wrt="x", patience=PATIENCE).partials
    shown = partial.symbolic.replace("z", "x")
    assert sympy.simplify(closed(shown) - sympy.diff(closed(SET[rest]), sympy.Symbol("x"))) == 0


@pytest.mark.parametrize("rest", SET)
def test_claims_by_such_a_name(rest: str) -> None:
    right = str(sympy.diff(closed(SET[rest]), sympy.Symbol("x")))
    for value in (1, 3):
        assert verdict(f"x = {value}; {rest}", right, {}, "x") in RIGHT
        assert verdict(f"x = {value}; {rest}", f"{right} + 1", {}, "x") == "false"


def test_what_has_to_be_known_beforehand_is_known_of_such_a_name() -> None:
    result = gradcli.differentiate("n = 2; v = [1, x, 7]; v[n]*n + x", at={"x": 2}, wrt=["n", "x"])
    assert [partial.autograd for partial in result.partials] == [7.0, 1.0]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("value", [0, 1, 2, 3])
@pytest.mark.parametrize(
    ("rest", "text"),
    [
        ("diff(w**2*x**3 + 3*x + 2*w, x)", "3*w**2*x**2 + 3"),
        ("sum([diff(w**2*x**3 + 3*x + 2*w, x)])", "3*w**2*x**2 + 3"),
        ("diff(w**2*x**3 + 3*x**2, x, 2)", "6*w**2*x + 6"),
        ("z = x; diff(w**2*x*z + 3*z, z)*[w][0]", "(2*w**2*x + 3)*w"),
        ("g(t) = diff(t**3*x, x); g(w)", "w**3"),
    ],
)
def test_a_derivative_inside_by_such_a_name(rest: str, text: str, value: int, order: int) -> None:
    result = gradcli.differentiate(f"x = {value}; {rest}", at={"w": 3}, order=order, patience=PATIENCE)
    assert_right(result, text, {"x": value, "w": 3})


# Two names of one thing


@pytest.mark.parametrize("program", ["y = x; x**2*y", "y = x; sum([x**2*y])", "y = x; sum(x**2*[y])"])
def test_two_names_of_one_variable(program: str) -> None:
    for wrt in (["x"], ["y"], ["x", "y"]):
        result = gradcli.differentiate(program, at={"x": 3}, wrt=wrt, patience=PATIENCE)
        assert [partial.autograd for partial in result.partials] == [27.0] * len(wrt)
        assert {partial.verdict for partial in result.partials} == {gradcli.Verdict.AGREE}
        assert [partial.symbolic for partial in result.partials] == ["3*x**2"] * len(wrt)


def test_a_derivative_inside_by_a_whole_vector() -> None:
    """What does not vary with the entry that is judged still has a part in the inner derivative."""
    for by, expected in (("w", [3.0, 12.0, 27.0]), ("v", [6.0, 12.0, 18.0])):
        for count in (3, 200):
            at = f"v=linspace(1,3,{count}),w=ones({count})"
            result = gradcli.differentiate("sum(diff(sum(v**3), v)*w)", at=at, wrt=by, patience=PATIENCE)
            (partial,) = result.partials
            assert partial.verdict is gradcli.Verdict.AGREE
            entries = partial.autograd
            assert [entries[0], entries[-1]] == pytest.approx([expected[0], expected[-1]])


# The same program, written otherwise

VARIANTS = [
    ("a = x*3; b = x**3; a*b + 3*w", {"x": 3, "w": 3}, ["x", "w"]),
    ("b = x**3; a = x*3; a*b + 3*w", {"x": 3, "w": 3}, ["x", "w"]),
    ("a = q*3; b = q**3; a*b + 3*c", {"q": 3, "c": 3}, ["q", "c"]),
    ("a = x*k; b = x**k; a*b + k*w", {"x": 3, "w": 3, "k": 3}, ["x", "w"]),
    ("k = 3; a = x*k; b = x**k; a*b + k*w", {"x": 3, "w": 3}, ["x", "w"]),
    ("k = [3][0]; a = x*k; b = x**k; a*b + k*w", {"x": 3, "w": 3}, ["x", "w"]),
    ("k = [3]; a = x*k; b = x**k; sum(a*b + k*w)", {"x": 3, "w": 3}, ["x", "w"]),
    ("a = x*k; b = x**k; sum(a*b + k*w)", {"x": 3, "w": 3, "k": [3]}, ["x", "w"]),
    ("x = 3; a = x*3; b = x**3; a*b + 3*w", {"w": 3}, ["x", "w"]),
    ("x = 3; w = 3; a = x*3; b = x**3; sum([a*b, 3*w])", {}, ["x", "w"]),
    ("x = 3; w = x; a = x*3; b = x**3; a*b + 3*w - 3*x + 9", {}, ["x"]),
]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize(("program", "at", "wrt"), VARIANTS)
def test_the_same_answer_however_it_is_written(program: str, at: Mapping[str, Any], wrt: list[str], order: int) -> None:
    result = gradcli.differentiate(program, at=at, wrt=wrt, order=order, patience=PATIENCE)
    assert result.value == 252.0
    first, *others = result.partials
    assert first.autograd == {1: 324.0, 2: 324.0, 3: 216.0}[order]  # 3*x**4 + 3*w
    assert [other.autograd for other in others] == ([3.0] if order == 1 else [0.0] * order)[: len(others)]
    for partial in result.partials:
        assert partial.verdict is gradcli.Verdict.AGREE
        assert float(partial.reference) == partial.autograd
