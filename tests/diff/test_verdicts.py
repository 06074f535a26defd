"""What gradcli sees through, and what it must not cry wolf about."""

from __future__ import annotations

import math
from typing import NamedTuple

import pytest

import gradcli
from gradcli.diff.data import Partial, Verdict

PATIENCE = 20.0  # the machine may be busy


class Case(NamedTuple):
    program: str
    at: str
    kind: str  # the verdict, or the kind of the verdict `undefined`
    left: str | None = None
    right: str | None = None
    limit: str | None = None
    options: dict[str, object] = {}  # noqa: RUF012


def only(case: Case) -> Partial:
    (partial,) = gradcli.differentiate(case.program, case.at, **{"patience": PATIENCE, **case.options}).partials  # type: ignore[arg-type]
    return partial


def brief(decimals: str | None) -> str | None:
    """A decimal number without its trailing zeros."""
    if decimals is None or "." not in decimals or "e" in decimals:
        return decimals
    return decimals.rstrip("0").rstrip(".")


UNDEFINED = [
    Case("relu(x)", "x=0", "corner", "0", "1"),
    Case("abs(x)", "x=0", "corner", "-1", "1"),
    Case("abs(x - 0.1)", "x=0.1", "corner", "-1", "1"),
    Case("abs(x - pi)", "x=pi", "corner", "-1", "1"),
    Case("abs(x - 1e-300)", "x=1e-300", "corner", "-1", "1"),
    Case("abs(x) + 1e30", "x=0", "corner", "-1", "1"),
    Case("1e30*abs(x) + x", "x=0", "corner", "-999999999999999999", None),
    Case("max(x, -x)", "x=0", "corner", "-1", "1"),
    Case("max(x, 2*x, 3*x)", "x=0", "corner", "1", "3"),
    Case("min(x, x**2)", "x=1", "corner", "2", "1"),
    Case("clamp(x, 0, 1)", "x=0", "corner", "0", "1"),
    Case("clamp(x, 0, 1)", "x=1", "corner", "1", "0"),
    Case("where(x < 1, x, x**2)", "x=1", "corner", "1", "2"),
    Case("abs(sin(x))", "x=0", "corner", "-1", "1"),
    Case("exp(abs(x))", "x=0", "corner", "-1", "1"),
    Case("sqrt(x**2)", "x=0", "corner", "-1", "1"),
    Case("(x**2)**0.5", "x=0", "corner", "-1", "1"),
    Case("abs(x)**0.5", "x=0", "corner", "-inf", "inf"),
    Case("where(x < 0, x, sqrt(x))", "x=0", "corner", "1", "inf"),
    Case("sqrt(x)", "x=0", "edge", None, "inf"),
    Case("x**1.5", "x=0", "edge", None, "0"),
    Case("sqrt(1 - x)", "x=1", "edge", "-inf", None),
    Case("x**x", "x=0", "edge", None, "-inf"),
    Case("x*log(x)", "x=0", "edge", None, "-inf"),
    Case("acos(x)", "x=1", "edge", "-inf", None),
    Case("cbrt(x)", "x=0", "vertical tangent", "inf", "inf"),
    Case("-cbrt(x)", "x=0", "vertical tangent", "-inf", "-inf"),
    Case("floor(x)", "x=2", "jump"),
    Case("sign(x)", "x=0", "jump"),
    Case("round(x)", "x=0.5", "jump"),
    Case("x % 3", "x=6", "jump"),
    Case("where(x < 1, x, x + 1)", "x=1", "jump"),
    Case("where(x == 0, 1, x)", "x=0", "jump"),
    Case("atan(1/x)", "x=0", "jump"),
    Case("diff(abs(x), x)", "x=0", "jump"),
    Case("1/x", "x=0", "pole"),
    Case("1/x**2", "x=0", "pole"),
    Case("log(x)", "x=0", "pole"),
    Case("log(x**2)", "x=0", "pole"),
    Case("where(x == 0, 5, 1/x)", "x=0", "pole"),
    Case("sin(x)/x", "x=0", "hole", limit="0"),
    Case("(1 - cos(x))/x**2", "x=0", "hole", limit="0"),
    Case("(x**2 - 1)/(x - 1)", "x=1", "hole", limit="1"),
    Case("(cos(x) - 1 + x**2/2)/x**4", "x=0", "hole", limit="0"),
    Case("(sin(x) - x)/x**2 + 3*x", "x=0", "hole", limit="2.8333333333333333333"),
    Case("x*sin(1/x)", "x=0", "hole"),
    Case("exp(-1/x**2)", "x=0", "hole", limit="0", options={}),
    Case("1/(1/x)", "x=0", "hole", limit="1"),
    Case("log(x)", "x=-1", "outside the domain"),
    Case("sqrt(x)", "x=-1", "outside the domain"),
    Case("asin(x)", "x=2", "outside the domain"),
    Case("x**0.5", "x=-4", "outside the domain"),
    Case("exp(log(x))", "x=-1", "outside the domain"),
    Case("lambertw(x)", "x=-1/e", "edge"),  # the double is outside by its rounding
    Case("log(x) + abs(sin(y))", "x=-1,y=pi", "outside the domain", options={"wrt": "x"}),  # a corner near y is no edge
    Case("where(x == 0, 0, x*sin(1/where(x == 0, 1, x)))", "x=0", "oscillating"),
    Case("sin(1/x)", "x=0", "oscillating"),
    # second and higher derivatives
    Case("abs(x)*x", "x=0", "corner", "-2", "2", options={"order": 2}),
    Case("relu(x)**2", "x=0", "corner", "0", "2", options={"order": 2}),
    Case("abs(x)", "x=0", "corner", "-1", "1", options={"order": 2}),
    Case("relu(x)**3", "x=0", "agree", options={"order": 2}),
    Case("relu(x)**3", "x=0", "corner", "0", "6", options={"order": 3}),
    Case("elu(x)", "x=0", "agree"),
    Case("elu(x)", "x=0", "corner", "1", "0", options={"order": 2}),
    Case("x**2.5", "x=0", "edge", None, "0", options={"order": 2}),
    Case("floor(x)", "x=2", "jump", options={"order": 2}),
]


@pytest.mark.parametrize("case", UNDEFINED, ids=lambda case: f"{case.program} at {case.at} {case.options or ''}")
def test_no_derivative(case: Case) -> None:
    partial = only(case)
    if case.kind == "agree":
        assert partial.verdict is Verdict.AGREE
        return
    assert (partial.verdict, partial.kind) == (Verdict.UNDEFINED, case.kind), partial
    assert partial.reference is None
    assert partial.digits is None
    assert brief(partial.left) == case.left or (case.left or "").startswith("-9999")
    assert brief(partial.right) == case.right or case.right is None
    assert brief(partial.limit) == case.limit


class Wrong(NamedTuple):
    program: str
    at: str
    verdict: Verdict
    truth: float
    options: dict[str, object] = {}  # noqa: RUF012


WRONG = [
    Wrong("(1 - cos(x))/x**2", "x=1e-5", Verdict.INACCURATE, -8.333333333277778e-07),
    Wrong("log(1 + exp(x))", "x=800", Verdict.INACCURATE, 1.0),
    Wrong("tanh(x)", "x=20", Verdict.INACCURATE, 1.6993417021166356e-17),
    Wrong("tanh(x)", "x=300", Verdict.INACCURATE, 1.0601586212017243e-260),
    Wrong("exp(x**2)*(1 - erf(x))", "x=30", Verdict.INACCURATE, -0.0006258354105074841),
    Wrong("(1 - tanh(x))*exp(2*x)", "x=300", Verdict.INACCURATE, 1.0601586212017243e-260),
    Wrong("sigmoid(x)", "x=40", Verdict.INACCURATE, 4.248354255291589e-18),
    Wrong("where(x > 0, sqrt(x), 0)", "x=-1", Verdict.INACCURATE, 0.0),
    Wrong("where(x > 0, log(x), x)", "x=0", Verdict.INACCURATE, 1.0, {"wrt": []}),
    Wrong("where(x > 1, x**2, x/(x - x))", "x=2", Verdict.INACCURATE, 4.0),
    Wrong("sqrt(x**4)", "x=0", Verdict.INACCURATE, 0.0),
    Wrong("exp(x)", "x=800", Verdict.INACCURATE, 2.7263745721125666e347),
    Wrong("exp(x)", "x=-800", Verdict.AGREE, 0.0),
    Wrong("(x + 1e16) - 1e16 + x**2", "x=1e-3", Verdict.AGREE, 1.002),
    Wrong("exp(x) - exp(x - 1e-9)", "x=1", Verdict.INACCURATE, 2.7182818275999e-09),
    Wrong("sin(1e22*x)", "x=1", Verdict.AGREE, 5.232147853951389e21),
    Wrong("x**2 - 1.0", "x=3", Verdict.AGREE, 6.0, {"dtype": "bfloat16"}),
    Wrong("(1 + x)**2 - 1 - 2*x", "x=0.001", Verdict.INACCURATE, 0.002, {"dtype": "float32", "min_digits": 6}),
    Wrong("exp(x) - 1 - sin(x)", "x=0.001", Verdict.INACCURATE, 0.0010010001, {"dtype": "bfloat16"}),
    Wrong("exp(x) - cos(x) - x", "x=1e-6", Verdict.INACCURATE, 2.0e-6, {"dtype": "float32"}),
    Wrong("where(x == 1, 1, x**2 + x - 1)", "x=1", Verdict.DISAGREE, 3.0),
    Wrong("sin(1e300*exp(x))", "x=1", Verdict.INACCURATE, 1.6986783207431797e300),
    Wrong("relu(x) - relu(-x)", "x=0", Verdict.DISAGREE, 1.0),
    Wrong("max(x, 0) + min(x, 0)", "x=0", Verdict.AGREE, 1.0),
    Wrong("relu(x) + min(x, 0)", "x=0", Verdict.DISAGREE, 1.0),
    Wrong("clamp(x, min=0) + clamp(x, max=0)", "x=0", Verdict.DISAGREE, 1.0),
    Wrong("x*sign(x)*sign(x)", "x=0", Verdict.DISAGREE, 1.0),
    Wrong("sq(i) = i**2; sq'(i, g) = 2*i; 3*sq(x)", "x=2", Verdict.DISAGREE, 12.0),
    Wrong("sq(i) = i**2; sq'(i, g) = 2*i; sq(x)", "x=2", Verdict.AGREE, 4.0),
    Wrong("sq(i) = i**2; sq'(i, g) = g*2*i; 3*sq(x)", "x=2", Verdict.AGREE, 12.0),
    Wrong("sq(i) = i**2; sq'(i) = 3*i; sq(x)", "x=2", Verdict.DISAGREE, 4.0),
    Wrong("f(t) = t*a; f'(t) = a; f(x)", "x=2,a=3", Verdict.DISAGREE, 2.0, {"wrt": ["a"]}),
    Wrong("f(t) = t**3; f'(t) = 3*t**2; f(x)", "x=2", Verdict.AGREE, 12.0, {"order": 2}),
    Wrong("f(t) = t**3; f'(t) = 3*detach(t)**2; f(x)", "x=2", Verdict.DISAGREE, 12.0, {"order": 2}),
]


@pytest.mark.parametrize(
    "case", [case for case in WRONG if case.options.get("wrt") != []], ids=lambda case: f"{case.program} at {case.at}"
)
def test_derivative_exists(case: Wrong) -> None:
    (partial,) = gradcli.differentiate(case.program, case.at, **{"patience": PATIENCE, **case.options}).partials  # type: ignore[arg-type]
    assert partial.verdict is case.verdict, partial
    assert partial.kind is None
    assert partial.reference is not None
    truth = float(partial.reference)
    assert truth == pytest.approx(case.truth, rel=1e-3, abs=0) or (math.isinf(truth) and case.truth > 1e300)


GOOD = [
    ("abs(x)", "x=1e-300", 1),
    ("abs(x)", "x=-5e-324", 1),
    ("sqrt(x)", "x=1e-30", 1),
    ("sqrt(x)", "x=1e-300", 1),
    ("log(x)", "x=1e-300", 1),
    ("1/x", "x=1e-150", 1),
    ("abs(x)*x", "x=0", 1),
    ("relu(x)**2", "x=0", 1),
    ("exp(x)", "x=700", 1),
    ("x**2", "x=0", 2),
    ("x**3", "x=0", 2),
    ("x - x", "x=3", 1),
    ("sin(x)**2 + cos(x)**2", "x=1", 1),
    ("x*0", "x=3", 1),
    ("7*x/x", "x=2", 1),
    ("tan(x)", "x=pi/2", 1),
    ("floor(x)", "x=2.5", 1),
    ("floor(10*x)", "x=0.3", 1),
    ("sign(x)", "x=-1e-300", 1),
    ("max(x, 1e-300)", "x=1e-301", 1),
    ("abs(x - 1)", "x=1 + 2**-52", 1),
    ("where(x < 1, x**2, 2*x - 1)", "x=1", 1),
    ("hypot(x, 1e-300)", "x=1e-300", 1),
    ("x**n", "x=0,n=2", 1),
    ("sin(exp(x))", "x=pi/4", 3),
    ("sin(1e300*x)", "x=1.5", 1),
    ("tanh(1e300*x)", "x=0", 1),
    ("relu(x)**2 + x*1e300", "x=0", 1),
    ("abs(x)*x + tanh(1e150*x)", "x=0", 1),
    ("detach(x**2)*x", "x=3", 1),
    ("x*abs(y)", "x=0,y=3", 1),
    ("sinc(x)", "x=0", 1),
    ("logaddexp(x, 0)", "x=800", 1),
    ("where(x == 0, 0, x**2*sin(1/where(x == 0, 1, x)))", "x=0", 1),
    ("tanh(x)", "x=1e-20", 1),
    ("atan2(y, x)", "x=-1,y=1e-300", 1),
    ("x*y*z*w", "x=1,y=2,z=3,w=4", 4),
    ("x**2 + y**2", "x=1e-15,y=1e6", 2),
    ("x*log(x/y)", "x=1.911,y=0.0238", 3),
    ("hermite(0, x)", "x=1", 1),
    ("hermite(1, x)", "x=1", 2),
    ("jacobi(0, 2, 0.6387, x)", "x=-2.2", 1),
    ("owens_t(h, a)", "h=1,a=1", 1),
    ("besseli(0, x)", "x=-2", 2),
    ("besselj(-1, x)", "x=-2", 1),
    ("rad2deg(x)", "x=0.8", 2),
    ("math.e*x", "x=2", 1),
]


@pytest.mark.parametrize(("program", "at", "order"), GOOD)
def test_no_false_alarm(program: str, at: str, order: int) -> None:
    result = gradcli.differentiate(program, at, order=order, patience=PATIENCE)
    assert {partial.verdict for partial in result.partials} == {Verdict.AGREE}, result.partials


def test_every_partial_has_its_own_verdict() -> None:
    result = gradcli.differentiate("abs(x) + y*relu(z) + 3*w", "x=0,y=2,z=0,w=1")
    assert {p.wrt[0]: p.kind or p.verdict.value for p in result.partials if p.verdict} == {
        "x": "corner",
        "y": "agree",
        "z": "corner",
        "w": "agree",
    }
    assert result.verdict is Verdict.UNDEFINED


def test_a_hessian_entry_may_be_missing() -> None:
    result = gradcli.differentiate("abs(x)*y + x**2", "x=0,y=0", order=2, patience=PATIENCE)
    kinds = {partial.wrt: partial.kind for partial in result.partials}
    assert kinds[("x", "y")] is not None
    assert kinds[("y", "y")] is None


def test_without_the_reference_nothing_is_judged() -> None:
    result = gradcli.differentiate("x**2", "x=3", reference=False)
    assert (result.partials[0].autograd, result.partials[0].verdict, result.verdict) == (6.0, None, None)


def test_an_impatient_reference_says_so() -> None:
    (partial,) = gradcli.differentiate("abs(x)**1.001", "x=0", patience=0.2).partials
    assert partial.verdict is Verdict.UNDECIDED
    assert partial.autograd == 0.0
    assert partial.note is not None
    assert partial.note.startswith(("the time was up (--patience)", "its difference quotients do not settle"))


@pytest.mark.parametrize("digits", [1, 5, 20, 60, 300])
def test_reference_digits(digits: int) -> None:
    (partial,) = gradcli.differentiate("sin(x)", "x=1", digits=digits).partials
    assert partial.reference is not None
    assert len(partial.reference.replace(".", "").lstrip("0")) == digits
    assert partial.reference[:5] == "0.5403"[: max(3, min(5, digits + 2))]


def test_min_digits() -> None:
    lenient = gradcli.differentiate("exp(x) - exp(x - 1e-9)", "x=1", min_digits=2)
    assert lenient.verdict is Verdict.AGREE
    strict = gradcli.differentiate("sin(x)/x + 0.1", "x=0.7", min_digits=15.9)
    assert strict.verdict is Verdict.INACCURATE
