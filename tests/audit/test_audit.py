"""Audits: where digits are lost, what is special, what the verdict is; truths by mpmath, or by what is known."""

from __future__ import annotations

import math

import mpmath
import pytest

import gradcli
from gradcli.audit.data import LOSES, NO_VALUE, SENSITIVE, TRUSTED
from gradcli.errors import ExitCode


def worst(found: gradcli.Audit, name: str = "f") -> float | None:
    return next(column.worst for column in found.columns if column.name == name)


@pytest.mark.parametrize(("program", "over", "verdict"), [
    ("x**2", "1e-5:1e5", TRUSTED), ("exp(x)", "-700:700", TRUSTED), ("abs(x)", "-1:1", TRUSTED), ("tan(x)", "0:10", TRUSTED),
    ("log(x)", "1e-300:1e100", TRUSTED), ("1/x", "-1:1", TRUSTED), ("cos(x) - x", "0:2", SENSITIVE), ("x**2 - 2", "1:2", SENSITIVE),
    ("exp(x) - 1", "1e-12:1", LOSES), ("sqrt(x + 1) - sqrt(x)", "1:1e12", LOSES), ("log(exp(x))", "1:1e4", LOSES),
    ("1 - cos(x)", "-1:1", LOSES), ("log(-1 - x**2)", "1:2", NO_VALUE),
])  # fmt: skip
def test_verdicts(program: str, over: str, verdict: str) -> None:
    found = gradcli.audit(program, f"x={over}", rewrite=False)
    assert found.verdict == verdict
    expected = {LOSES: ExitCode.WRONG, NO_VALUE: ExitCode.UNDEFINED}.get(verdict, ExitCode.AGREE)
    assert found.exit_code is expected


def test_digits_are_those_of_mpmath() -> None:
    found = gradcli.audit("exp(x) - 1", "x=1e-12:1", rewrite=False)
    with mpmath.workprec(300):
        for one in found.samples[::10]:
            true = mpmath.expm1(mpmath.mpf(one.at[0]))
            said = math.exp(one.at[0]) - 1
            expected = -mpmath.log10(abs(said - true) / true) if said != true else 16
            assert one.digits[0] == pytest.approx(min(float(expected), 15.95), abs=1.0)
            assert one.value == pytest.approx(float(true), rel=1e-15)
    (lost,) = [one for one in found.stretches if one.column == "f"]
    assert lost.start["x"] == 1e-12 and 1e-9 < lost.stop["x"] < 1e-7 and lost.operation == "exp(x) - 1"


@pytest.mark.parametrize(("program", "over", "x", "value", "slope"), [
    ("0.1*(V + 55)/(1 - exp(-(V + 55)/10))", "V=-100:50", -55, 1, 0.05), ("(exp(x) - 1)/x", "x=-1:1", 0, 1, 0.5),
    ("(1 - cos(x))/x**2", "x=-1:1", 0, 0.5, 0), ("(x**2 - 1)/(x - 1)", "x=0:3", 1, 2, 1),
])  # fmt: skip
def test_a_hole_has_its_limits(program: str, over: str, x: float, value: float, slope: float) -> None:
    (one,) = [place for place in gradcli.audit(program, over, rewrite=False).places if place.kind == "hole"]
    assert (one.x, float(one.value or "nan")) == (x, pytest.approx(value, rel=1e-15, abs=1e-15))
    assert float(one.slope or "nan") == pytest.approx(slope, rel=1e-14, abs=1e-15)


@pytest.mark.parametrize(("program", "over", "kind", "x"), [
    ("exp(x)", "1:1e4", "overflow", math.log(1.7976931348623157e308)), ("exp(-x)", "1:1e4", "underflow", -math.log(2.0**-1022)),
    ("1/(x - 1)", "0:3", "pole", 1), ("abs(x - 2)", "1:3", "corner", 2), ("sqrt(x)", "-1:1", "edge", 0),
    ("floor(x)", "0.5:1.5", "jump", 1),
])  # fmt: skip
def test_places_are_named(program: str, over: str, kind: str, x: float) -> None:
    places = [place for place in gradcli.audit(program, f"x={over}", rewrite=False).places if place.kind == kind]
    assert [place.x for place in places] == [pytest.approx(x, rel=1e-12, abs=1e-12)]


@pytest.mark.parametrize(("program", "over"), [
    ("(-b + sqrt(b*b - 4*a*c))/(2*a)", ["a=1e-3:1e3", "b=1e-3:1e6", "c=1e-3:1e3"]),
    ("sin(x + h) - sin(x)", ["x=0.1:10", "h=1e-12:1"]), ("(exp(-k*t) - exp(-l*t))/(l - k)", ["k=0.1:10", "l=0.1:10", "t=0.1:10"]),
])  # fmt: skip
def test_boxes(program: str, over: list[str]) -> None:
    found = gradcli.audit(program, over, rewrite=False)
    assert found.verdict == LOSES and (worst(found) or 0) < 6
    assert {"f"} <= {one.column for one in found.stretches} and all(one.share for one in found.stretches)
    assert gradcli.audit("x*y + 1", ["x=1:10", "y=1:10"], rewrite=False).verdict == TRUSTED
