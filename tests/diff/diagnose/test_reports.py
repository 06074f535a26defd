"""The diagnosis as data: in the result, in JSON, between processes, and within its limits."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import gradcli
from tests.doors import Diagnosis, from_plain, to_plain
from tests.support import run, schema, validate

SCHEMA = schema("diff-2")

CASES = [
    ("where(x > 0, sqrt(x), 0)", "x=-1"),
    ("log(x - 2)", "x=1"),
    ("sqrt(x**2 + y**2)", "x=0,y=0"),
    ("(1 - cos(x))/x**2", "x=1e-5"),
    ("sum(where(x > 0, x*log(x), 0))", "x=[0,1,2]"),
    ("exp(x)", "x=1e4"),
    ("where(x > 0, log(x), 0)", "x=-1"),
    ("x**2", "x=1"),
]


@pytest.mark.parametrize(("program", "at"), CASES)
def test_json_is_strict_and_follows_the_schema(program: str, at: str) -> None:
    for options in ([], ["--explain"], ["--summary"], ["--order", "2"]):
        found = json.loads(run("diff", program, "--at", at, "--json", *options).out)
        validate(found, SCHEMA)
        assert ("origins" in found) == ("suggestion" in found)


@pytest.mark.parametrize(("program", "at"), CASES)
def test_reports_survive_the_way_between_processes(program: str, at: str) -> None:
    report = gradcli.differentiate(program, at=at, explain=True, patience=30).autopsy
    assert report is not None
    again = from_plain(Diagnosis, json.loads(json.dumps(to_plain(report))))
    assert repr(again) == repr(report)


def test_what_is_in_order_has_no_autopsy() -> None:
    assert gradcli.differentiate("x**2", at={"x": 1}).autopsy is None
    assert gradcli.differentiate("x**2").autopsy is None
    assert "origins" not in gradcli.differentiate("x**2", at={"x": 1}).to_dict()


def test_an_origin_says_where() -> None:
    (origin,) = gradcli.differentiate("log(x - 2)", at={"x": 1}).autopsy.origins
    assert (origin.phase, origin.born, origin.operation, origin.text) == ("forward", "nan", "log", "log(x - 2)")
    assert (origin.span, origin.operands[0].text, origin.operands[0].value) == ((0, 10), "x - 2", -1.0)


def test_a_backward_origin_says_what_was_multiplied() -> None:
    (origin,) = gradcli.differentiate("where(x > 0, sqrt(x), 0)", at={"x": 0}).autopsy.origins
    assert (origin.phase, origin.order, origin.adjoint, origin.local) == ("backward", 1, 0.0, float("inf"))
    assert origin.untaken
    assert origin.span == (13, 20)


def test_without_the_reference_nothing_is_suggested() -> None:
    report = gradcli.differentiate("log(1 + exp(x))", at={"x": 1000}, reference=False).autopsy
    assert report.origins
    assert report.suggestion is None


@pytest.mark.parametrize(
    ("program", "at"),
    [("log(1 + exp(x))", "x=1000"), ("sum(where(x > 0, sqrt(x), 0))", "x=[-1,1]")],
)
def test_a_process_of_its_own_says_the_same(program: str, at: str) -> None:
    command = [sys.executable, "-m", "gradcli", "diff", program, "--at", at, "--json", "--patience", "30"]
    done = subprocess.run(command, capture_output=True, text=True)
    here = gradcli.differentiate(program, at=at, patience=30).to_dict()
    there = json.loads(done.stdout)
    assert there["origins"] == json.loads(json.dumps(here["origins"]))
    assert there["suggestion"] == here["suggestion"]


@pytest.mark.parametrize("format_name", ["plain", "csv", "latex"])
def test_other_formats_have_nothing_of_it(format_name: str) -> None:
    shown = run("diff", "where(x > 0, sqrt(x), 0)", "--at", "x=-1", "--format", format_name)
    assert "arises" not in shown.out
    assert shown.err == ""


def test_a_program_that_is_too_long_is_told_so() -> None:
    program = "log(x) + " + " + ".join(["sin(x)"] * 6_000)
    report = gradcli.differentiate(program, at={"x": -1}, patience=3).autopsy
    assert report.origins == ()
    assert "more than 10,000 steps" in report.note


def test_a_long_program_is_quoted_around_the_place() -> None:
    program = " + ".join(["sin(x)"] * 100) + " + log(x) + " + " + ".join(["cos(x)"] * 100)
    shown = run("diff", program, "--at", "x=-1", "--patience", "5").out
    caret = next(line for line in shown.splitlines() if set(line.strip()) == {"^"})
    quoted = shown.splitlines()[shown.splitlines().index(caret) - 1]
    assert quoted[caret.index("^") :].startswith("log(x)")
    assert len(quoted) < 100


def test_a_program_of_several_lines() -> None:
    program = "\n  # guarded too late\ny = x - 1  # below 0\nwhere(y > 0, sqrt(y), 0)\n"
    shown = run("diff", "-", "--at", "x=0", "--patience", "30", stdin=program).out
    assert shown.endswith(
        "nan arises in sqrt(y), in the branch of where that is not taken:\n"
        "  in the program, line 3:\n"
        "    where(y > 0, sqrt(y), 0)\n"
        "                 ^^^^^^^\n"
        "  y is -1, and sqrt(y) needs y >= 0; in the backward pass 0*nan is nan\n"
        "  write instead (equal, and right here):  sqrt(where(y > 0, y, 1))   for   sqrt(y)\n"
    )


def test_ascii_is_enough() -> None:
    shown = run("diff", "where(x > 0, sqrt(x), 0)", "--at", "x=-1", encoding="ascii")
    assert "nan arises in sqrt(x)" in shown.out


def test_narrow_terminals_are_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    shown = run("diff", "where(x > 0, sqrt(x), 0)", "--at", "x=0", tty=True).out
    below = shown[shown.index("nan arises") :]
    assert all(len(line) <= 60 for line in below.splitlines())
