"""Implicit derivatives against closed forms, mpmath's roots and differences of them, and SymPy's idiff."""

from __future__ import annotations

import math

import mpmath
import pytest
import sympy

import gradcli
from gradcli.implicit.api import NoRoot
from tests.doors import read_equations


@pytest.mark.parametrize("x", [0.6, -0.28, 1e-9, 0.9999])
def test_a_circle_has_the_slopes_of_its_closed_form(x: float) -> None:
    for sign in (1, -1):
        y = sign * math.sqrt(1 - x * x)
        (one,) = gradcli.implicit("x**2 + y**2 = 1", "y", {"x": x, "y": y}).partials
        with mpmath.workdps(40):
            exact = mpmath.mpf(x)
            assert mpmath.mpf(one.reference) == pytest.approx(-exact / (sign * mpmath.sqrt(1 - exact**2)), rel=1e-18)
        assert one.symbolic == "-x/y" and one.verdict is gradcli.Verdict.AGREE and one.symbolic_holds


# equation, unknown, by, point, the equation in mpmath as a function of (by, unknown)
ROOTS = [
    ("M = E - 0.25*sin(E)", "E", "M", {"M": 0.5, "E": 0.5}, lambda m, e: m - e + mpmath.sin(e) / 4),
    ("y*exp(y) = x", "y", "x", {"x": 2.0, "y": 1.0}, lambda x, y: y * mpmath.exp(y) - x),
    ("1/sqrt(f) = -2*log10(0.0001/4 + 2.5/(R*sqrt(f)))", "f", "R", {"R": 1e5, "f": 0.0185},
     lambda r, f: 1 / mpmath.sqrt(f) + 2 * mpmath.log10(mpmath.mpf(0.0001) / 4 + mpmath.mpf(2.5) / (r * mpmath.sqrt(f)))),
    ("I = 8 - 0.5**30*(exp((V + I/128)/0.03125) - 1)", "I", "V", {"V": 0.5, "I": 7.5},
     lambda v, i: i - 8 + mpmath.mpf(0.5)**30 * (mpmath.exp((v + i / 128) * 32) - 1)),
    ("cos(x*y) = x**2 + y", "y", "x", {"x": 0.5, "y": 0.5}, lambda x, y: mpmath.cos(x * y) - x**2 - y),
]  # fmt: skip


@pytest.mark.parametrize(("text", "unknown", "by", "at", "function"), ROOTS, ids=lambda one: str(one)[:20])
def test_roots_and_slopes_are_those_of_mpmath(text, unknown, by, at, function) -> None:  # type: ignore[no-untyped-def]
    found = gradcli.implicit(text, unknown, at)
    (one,) = found.partials
    with mpmath.workdps(60):

        def root(x):  # type: ignore[no-untyped-def]
            return mpmath.findroot(lambda y: function(x, y), mpmath.mpf(at[unknown]))

        x, h = mpmath.mpf(at[by]), mpmath.mpf(10) ** -20 * at[by]
        assert mpmath.almosteq(mpmath.mpf(found.roots[0].value), root(x), 1e-18)
        assert mpmath.almosteq(mpmath.mpf(one.reference), (root(x + h) - root(x - h)) / (2 * h), 1e-18)
    assert found.verdict is gradcli.Verdict.AGREE and found.proof in ("enclosed", "estimated")
    assert found.roots[0].moved == pytest.approx(abs(float(found.roots[0].value) - at[unknown]))


@pytest.mark.parametrize("text", ["x**2 + y**2 = 1", "x**3 + y**3 = 6*x*y", "sin(x + y) = y", "x*exp(y) = y + 2"])
def test_formulas_are_those_of_sympy(text: str) -> None:
    x, y = sympy.symbols("x y")
    names = {"sin": sympy.sin, "exp": sympy.exp}
    left, right = (sympy.parse_expr(side, {"x": x, "y": y, **names}) for side in text.split("="))
    for order in (1, 2):
        (one,) = gradcli.implicit(text, "y", order=order).partials
        own = sympy.parse_expr(one.symbolic or "", {"x": x, "y": y, **names})
        difference = own - sympy.idiff(left - right, y, x, order)
        for place in ((0.3, 0.7), (1.4, -0.6)):
            assert abs(difference.subs({x: place[0], y: place[1]}).evalf()) < 1e-9


def test_a_system_is_solved() -> None:
    found = gradcli.implicit(["u = r*cos(t)", "v = r*sin(t)"], "r,t", {"u": 1, "v": 1, "r": 1.4, "t": 0.8})
    slopes = {(one.of, *one.wrt): float(one.reference) for one in found.partials if one.reference}
    half = math.sqrt(0.5)
    assert slopes == pytest.approx({("r", "u"): half, ("r", "v"): half, ("t", "u"): -0.5, ("t", "v"): 0.5})
    assert [float(root.value) for root in found.roots] == pytest.approx([math.sqrt(2), math.pi / 4])


@pytest.mark.parametrize(
    ("text", "at", "kind"),
    [
        ("x**2 + y**2 = 1", "x=1,y=0", "fold"), ("x**2 + y**2 = 1", "x=1,y=0.1", "fold"),
        ("x**2 + y**2 = 2", "x=sqrt(2),y=0", "fold"), ("y**3 = x", "x=0,y=0", "vertical tangent"),
        ("y**2 = x**2*(x + 1)", "x=0,y=0", "singular point"), ("y**2 = x**3", "x=0,y=0", "singular point"),
        ("x**2 + y**2 = 0", "x=0,y=0", "singular point"), ("abs(x) + abs(y) = 1", "x=0,y=1", "corner"),
        ("y + abs(y)/2 = x", "x=0,y=0", "corner"),
    ],
)  # fmt: skip
def test_where_there_is_no_derivative_its_kind_is_said(text: str, at: str, kind: str) -> None:
    (one,) = gradcli.implicit(text, "y", at).partials
    assert (one.verdict, one.kind) == (gradcli.Verdict.UNDEFINED, kind)


def test_a_corner_has_both_slopes_and_a_disguise_has_one() -> None:
    (one,) = gradcli.implicit("y + abs(y)/2 = x", "y", "x=0,y=0").partials
    assert (float(one.left or 0), float(one.right or 0)) == pytest.approx((2, 2 / 3))
    (one,) = gradcli.implicit("y + abs(y)/2 = -x", "y", "x=0,y=0").partials
    assert (float(one.left or 0), float(one.right or 0)) == pytest.approx((-2 / 3, -2))
    (one,) = gradcli.implicit("relu(y) - relu(-y) = x*(1 + x)", "y", "x=0,y=0").partials
    assert float(one.reference or 0) == 1 and one.kind is None


def test_crossing_branches_have_their_slopes() -> None:
    (one,) = gradcli.implicit("y**2 - 4*x**2 + x**3 = 0", "y", "x=0,y=0").partials
    assert one.note and "slopes -2 and 2" in one.note


@pytest.mark.parametrize("at", ["x=2,y=0.1", "x=2,y=-3", "x=1.0000001,y=0"])
def test_where_there_is_no_root_none_is_told(at: str) -> None:
    with pytest.raises(NoRoot):
        gradcli.implicit("x**2 + y**2 = 1", "y", at)


def test_a_nearer_root_is_told() -> None:
    found = gradcli.implicit("cos(y) = x", "y", "x=0,y=0.01")  # Newton's first step leads far away
    assert found.is_nearest is False and "nearer" in " ".join(found.notes)
    assert gradcli.implicit("cos(y) = x", "y", "x=0,y=1.5").is_nearest is True


def test_the_triple_product_rule_holds() -> None:
    found = gradcli.implicit("(P + a/V**2)*(V - b) = R*T", at="P=1e5,a=0.364,b=4.27e-5,R=8.314,T=300,V=0.025",
                             triple="V,T,P")  # fmt: skip
    assert found.triple == pytest.approx(-1, rel=1e-12) and found.verdict is gradcli.Verdict.AGREE


def test_a_hand_written_derivative_that_is_wrong_is_told() -> None:
    (one,) = gradcli.implicit("sq(i) = i**2; sq'(i, g) = g*3*i; sq(y) + x = 5", "y", "x=1,y=2").partials
    assert one.verdict is gradcli.Verdict.DISAGREE and float(one.reference or 0) == -0.25


def test_assignments_and_equations_are_told_apart() -> None:
    read = read_equations("a = 2; y = a*x; z = x + y", {"y", "x", "z"})
    assert read.shown == ("y = a*x", "z = x + y") and read.program.startswith("a = 2; ")
    assert read_equations("equation1 = 2; x = equation1*y", {"x", "y"}).names == ("equation_1",)
