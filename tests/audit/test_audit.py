"""Audits: where digits are lost, what is special, what the verdict is; truths by mpmath, or by what is known."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path

import mpmath
import pytest

import gradcli
from gradcli.audit.data import LOSES, NO_VALUE, SENSITIVE, TRUSTED
from gradcli.errors import ExitCode
from tests.audit.corpus import LEFT, LOSS, measured
from tests.corpus.audits import PROGRAMS
from tests.doors import FURTHER, Name, Pattern, Screen, walk
from tests.doors import audit_picture as picture
from tests.doors import render_audit as render
from tests.support import run, schema, validate


def worst(found: gradcli.Audit, name: str = "f") -> float | None:
    return next(column.worst for column in found.columns if column.name == name)


@pytest.mark.parametrize(("program", "over", "verdict"), [
    ("x**2", "1e-5:1e5", TRUSTED), ("exp(x)", "-700:700", TRUSTED), ("abs(x)", "-1:1", TRUSTED), ("tan(x)", "0:10", TRUSTED),
    ("log(x)", "1e-300:1e300", TRUSTED), ("x*3", "-1e300:1e300", TRUSTED), ("cos(x) - x", "0:2", SENSITIVE), ("x**2 - 2", "1:2", SENSITIVE),
    ("exp(x) - 1", "1e-12:1", LOSES), ("sqrt(x + 1) - sqrt(x)", "1:1e12", LOSES), ("log(exp(x))", "1:1e4", LOSES),
    ("1 - cos(x)", "-1:1", LOSES), ("log(-1 - x**2)", "1:2", NO_VALUE),
])  # fmt: skip
def test_verdicts(program: str, over: str, verdict: str) -> None:
    found = gradcli.audit(program, f"x={over}", rewrite=False)
    assert found.verdict == verdict
    expected = {LOSES: ExitCode.WRONG, NO_VALUE: ExitCode.UNDEFINED}.get(verdict, ExitCode.AGREE)
    assert found.exit_code is expected


def test_a_formula_that_loses_digits_is_told_and_is_no_fault_of_the_program() -> None:
    found = gradcli.audit("exp(-x**2)*erfc(-x)", "x=-30:30")
    assert {one.column for one in found.stretches} == {"df_dx_formula"}
    assert found.verdict == TRUSTED and found.better is None
    assert "f and autograd keep" in str(found)


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


def test_places_of_a_box_are_those_along_a_line_for_each_variable() -> None:
    found = gradcli.audit("abs(x - y)/(x + 2*y - 30)", ["x=1:100", "y=1:100"], rewrite=False)
    assert {(one.along, one.kind) for one in found.places} == {("x", "corner"), ("x", "pole"), ("y", "corner")}
    for one in found.places:
        assert one.along is not None and one.at is not None
        x, y = ({**one.at, one.along: one.x}[name] for name in "xy")
        assert x - y == 0 if one.kind == "corner" else x + 2 * y - 30 == pytest.approx(0, abs=1e-12)


# What to write instead


@pytest.mark.parametrize("pattern", FURTHER, ids=lambda pattern: f"{pattern.written} as {pattern.better}")
def test_every_further_rewriting_is_the_same_and_keeps_its_digits(pattern: Pattern) -> None:
    before, after = (
        gradcli.differentiate(text, at=pattern.at, wrt=pattern.wrt or ()) for text in (pattern.written, pattern.better)
    )
    if before.value_reference is not None:
        assert isinstance(before.value_reference, str) and isinstance(after.value_reference, str)
        assert float(after.value_reference) == pytest.approx(float(before.value_reference), rel=1e-15)
        assert (after.value_digits or 0) > min((before.value_digits or 0) + 1, 14) or pattern in STEPS
    assert after.value_digits is not None
    names = [{node.name for node in walk(tree) if isinstance(node, Name)} for tree in pattern.trees]
    assert names[1] - {"pi"} <= names[0]


STEPS = tuple(one for one in FURTHER if one.written in (
    "1/u - 1/tan(u)", "1/sin(u) - 1/u", "ndtr(a) - ndtr(b)", "1 - ndtr(u)",
))  # which others go on from  # fmt: skip


GUARDED = [
    ("0.1*(V + 55)/(1 - exp(-(V + 55)/10))", "V=-100:50", -55.0, 1.0, 0.05), ("(1 - cos(x))/x**2", "x=-10:10", 0.0, 0.5, 0.0),
    ("sin(x)/x", "x=-10:10", 0.0, 1.0, 0.0), ("log(x)/(x - 1)", "x=0.1:10", 1.0, 1.0, -0.5),
    ("(exp(x) - 1)/x", "x=-1:1", 0.0, 1.0, 0.5), ("x/(exp(x) - 1)", "x=-50:50", 0.0, 1.0, -0.5),
    ("(x**2 - 1)/(x - 1)", "x=0.1:10", 1.0, 2.0, 1.0), ("(x - sin(x))/(x - tan(x))", "x=-1.5:1.5", 0.0, -0.5, 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("program", "over", "x", "value", "slope"), GUARDED, ids=[one[0] for one in GUARDED])
def test_at_a_hole_there_is_a_guarded_program(program: str, over: str, x: float, value: float, slope: float) -> None:
    found = gradcli.audit(program, over, formulas=False)
    assert found.verdict == LOSES and found.better is not None and found.better.extends
    assert "verified" in found.better.verified and min(one.worst_after for one in found.better.columns) > 12
    name = over.partition("=")[0]
    there = gradcli.differentiate(found.better.program, at={name: x})
    assert there.value == pytest.approx(value, rel=1e-14)
    assert there.partials[0].autograd == pytest.approx(slope, rel=1e-13, abs=1e-15)


@pytest.mark.parametrize(("program", "over", "better"), [
    ("sqrt(x + 1) - sqrt(x)", ["x=1:1e12"], "1/(sqrt(x + 1) + sqrt(x))"), ("1/(x + 1) - 1/x", ["x=1:1e12"], "-1/(x**2 + x)"),
    ("log(ndtr(x))", ["x=-40:5"], "log_ndtr(x)"), ("sin(a + b) - sin(a)", ["a=-3:3", "b=1e-12:1"], "2*cos(a + b/2)*sin(b/2)"),
    ("exp(x) - 1", ["x=1e-12:1"], "expm1(x)"), ("x**2 - 2*x + 1", ["x=0.1:10"], "(x - 1)**2"),
    ("log(1 - exp(-x))", ["x=1e-10:100"], "where("), ("log(i0(x))", ["x=1e-3:1e4"], "log(i0e(x))"),
])  # fmt: skip
def test_the_rewriting_is_the_one_that_is_known(program: str, over: list[str], better: str) -> None:
    found = gradcli.audit(program, over, formulas=False)
    assert found.better is not None and better in found.better.program
    assert found.better.columns[0].worst_after > 12


def test_two_variables_that_are_equal_have_the_limit() -> None:
    found = gradcli.audit("(exp(-k*t) - exp(-l*t))/(l - k)", ["k=0.1:10", "l=0.1:10", "t=0.1:10"], formulas=False)
    assert found.better is not None and found.better.extends and "where k = l it has the limit" in found.better.verified
    there = gradcli.differentiate(found.better.program, at={"k": 2, "l": 2, "t": 1.5}, wrt="t")
    assert there.value == pytest.approx(1.5 * math.exp(-3), rel=1e-12)


def test_nothing_is_told_where_nothing_is_better() -> None:
    assert gradcli.audit("exp(x)", "x=-10:10").better is None
    found = gradcli.audit("sin(1e6*x)", "x=1:1e6", formulas=False)
    assert found.better is None and found.verdict == SENSITIVE


IN_TESTS = (
    "NMSE example 3.1", "NMSE example 3.4", "NMSE example 3.5", "NMSE example 3.8", "NMSE problem 3.3.7", "NMSE problem 3.4.3",
    "NMSE section 3.11", "Complex square root", "Turbine", "sec4-example",
)  # fmt: skip


@pytest.mark.parametrize("name", IN_TESTS)
def test_losses_that_mpmath_samples_are_found_and_mended(name: str) -> None:
    """Ten of the corpus; `python -m tests.audit.corpus` does all."""
    told = measured(next(one for one in PROGRAMS if one.name == name))
    assert told["found"] == (told["lost"] > LOSS)
    assert told["lost"] <= LOSS or told["after"] <= LEFT


def test_the_corpus_is_large_enough() -> None:
    assert len(PROGRAMS) >= 50 and all(1 <= len(one.over) <= 3 for one in PROGRAMS)


# Views


def test_the_formats(tmp_path: Path) -> None:
    call = ("audit", "sqrt(x + 1) - sqrt(x)", "--over", "x=1:1e12")
    data = run(*call, "--json")
    validate(json.loads(data.out), schema("audit-1"))
    assert (data.code, json.loads(data.out)["verdict"]) == (1, "loses digits")
    rows = list(csv.DictReader(io.StringIO(run(*call, "--format", "csv").out)))
    assert len(rows) == len(json.loads(data.out)["samples"]) and float(rows[-1]["digits_f"]) < 6
    path = tmp_path / "digits.svg"
    assert run(*call, "--no-rewrite", "-o", str(path)).code == 1
    found = gradcli.audit(call[1], call[3], rewrite=False)
    assert path.read_bytes() == picture(found, "svg") and picture(found, "png")[:4] == b"\x89PNG"
    for unicode in (False, True):
        text = render(found, Screen(80, False, unicode))
        assert "sqrt(x + 1) - sqrt(x)" in text and all(len(line) <= 80 for line in text.splitlines())
        assert unicode or text.isascii()


def test_boxes_and_linear_ranges_are_drawn() -> None:
    found = gradcli.audit("x*y + 1", ["x=1:10", "y=-1:1"], linear=True)
    text = str(found)
    assert text.count("└") == 2 and "trusted" in text and {axis.scale for axis in found.axes} == {"linear"}


def test_short_dtypes_have_fewer_digits() -> None:
    found = gradcli.audit("exp(x) - 1", "x=1e-6:1", dtype="float32")
    assert max(one.digits[0] or 0 for one in found.samples) <= 24 * math.log10(2)
    assert found.better is not None and found.better.program == "expm1(x)"
