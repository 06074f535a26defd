"""Certificates checked again: the same verdicts, on any machine, and whatever was changed shows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import gradcli
from gradcli import GradcliError, LimitError, replay
from gradcli.check import compare
from gradcli.check.patience import StepBudget
from gradcli.errors import ExitCode
from tests.check.questions import QUESTIONS
from tests.check.test_certificates import DEEP, FEW, SCHEMA, changed, checked, data
from tests.doors import OutOfTime, Patience
from tests.support import ROOT, run, validate


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_check_comes_out_the_same_again(name: str) -> None:
    again = replay(checked(name).to_json())
    assert (again.differences, again.on_machine) == ((), ())
    assert again.check == checked(name)
    assert again.exit_code is checked(name).exit_code
    validate(again.to_dict(), SCHEMA)


def test_a_replay_is_a_certificate() -> None:
    assert replay(replay(checked("false").to_json()).to_json()).differences == ()


def process(*args: str, seed: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """A process of its own, whose sets and dictionaries of strings have an order of their own."""
    command = [sys.executable, "-m", "gradcli", "check", *args, "--json"]
    env = {**os.environ, "PYTHONHASHSEED": seed}
    return subprocess.run(command, input=stdin, capture_output=True, text=True, cwd=ROOT, env=env, timeout=300)


@pytest.mark.long
def test_two_processes_say_the_same() -> None:
    program = "x*sin(y) + relu(x - y)"
    claims = ("x = sin(y)", "y = x*cos(y) - where(x > y, 1, 0)")
    first = process(program, *(word for one in claims for word in ("--claim", one)), seed="1")
    second = process("--replay", "-", seed="4242", stdin=first.stdout)
    assert (first.returncode, second.returncode, second.stderr) == (1, 1, "")
    was, now = json.loads(first.stdout), json.loads(second.stdout)
    assert now.pop("differences") == []
    assert [one["verdict"] for one in was["claims"]] == ["false", "holds"]
    for name in was:
        assert json.dumps(was[name]).encode() == json.dumps(now[name]).encode(), name


# What there was no time for


def test_what_there_was_no_time_for_is_left_out_again() -> None:
    late = changed(changed(data("proved"), "late", value=[0, 5]), "claims", 0, "unfinished", value=["proof", "rate"])
    first = replay(late)
    finding = first.check.findings[0]
    assert (finding.verdict.value, finding.points, finding.rate) == ("holds", FEW - 2, None)
    assert (first.check.late, finding.unfinished) == ((0, 5), ("rate", "proof"))
    assert {"claims[0].verdict", "claims[0].points", "claims[0].rate"} <= {one.field for one in first.differences}
    again = replay(first.to_dict())
    assert (again.differences, again.check) == ((), first.check)


def test_a_claimed_number_that_there_was_no_time_for_stays_undecided() -> None:
    late = changed(data("numbers"), "claims", 0, "unfinished", value=["truth"])
    again = replay(replay(late).to_dict())
    assert again.differences == ()
    assert [one.verdict.value for one in again.check.findings] == ["undecided", "false", "holds"]


def test_a_step_that_is_cut_short_says_so() -> None:
    steps = StepBudget(Patience(60), left_out=["b"])

    def late(allowed: Patience) -> int:
        part = allowed.within(0)
        try:
            part.run(lambda: time.sleep(0.01))
        except OutOfTime:
            return 3  # made up for: what is found depends on the machine all the same
        return 4

    assert steps.take("a", 10, lambda _: 7) == 7
    assert steps.take("b", 10, lambda _: 7) is None
    assert steps.take("c", 10, late) is None
    assert steps.take("d", 0, lambda _: 7) is None
    assert steps.unfinished == ["b", "c", "d"]


def test_ample_patience_is_ample_all_the_way_down() -> None:
    assert 90 < Patience(1_000, ample=10).within(10).left <= 100
    assert Patience(5, ample=10).within(10).left <= 5


def test_a_check_without_time_is_undecided_and_replayed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "PATIENCE", 0.0)
    check = gradcli.check("x**2", "2*x")
    assert (check.verdict, len(check.late)) == (gradcli.reference.verdict.ClaimVerdict.UNDECIDED, len(check.points))
    monkeypatch.undo()
    assert replay(check.to_json()).differences == ()


def test_a_replay_without_time_says_nothing() -> None:
    with pytest.raises(LimitError) as caught:
        replay(checked("false").to_json(), patience=1e-9)
    assert caught.value.hint == "allow more with --patience SECONDS"


# What was changed


CHANGED: list[tuple[str, tuple[Any, ...], Any, set[str]]] = [
    ("false", ("claims", 0, "verdict"), "proved", {"claims[0].verdict"}),
    ("false", ("verdict",), "proved", {"verdict"}),
    ("false", ("verdict",), None, {"verdict"}),
    ("false", ("claims", 0, "claim"), "sin(x) + x*cos(x)", {"verdict", "claims[0].verdict", "claims[0].slip"}),
    ("proved", ("claims", 0, "claim"), "cos(x)", {"verdict", "claims[0].verdict", "claims[0].counterexample"}),
    ("proved", ("program",), "x*cos(x)", {"verdict", "claims[0].verdict"}),
    ("proved", ("points", 2, "x"), "0.75", set()),
    ("proved", ("claims", 0, "points"), FEW + 1, {"claims[0].points"}),
    ("false", ("claims", 0, "correct"), "cos(x)", {"claims[0].correct"}),
    ("false", ("claims", 0, "counterexample", "true"), "1", {"claims[0].counterexample.true"}),
    ("false", ("name",), "g", {"name"}),
    ("false", ("wrt",), ["q"], {"wrt[0]"}),
    ("false", ("notes",), ["a note"], {"notes"}),
    ("numbers", ("claims", 1, "claim"), "25", {"claims[1].verdict", "claims[1].counterexample"}),
    ("numbers of Python", ("claims", 0, "computed"), False, set()),
]


@pytest.mark.parametrize(
    ("name", "path", "value", "fields"), CHANGED, ids=[".".join(map(str, one[1])) for one in CHANGED]
)
def test_what_was_changed_shows(name: str, path: tuple[Any, ...], value: Any, fields: set[str]) -> None:
    again = replay(changed(data(name), *path, value=value))
    assert fields <= {one.field for one in again.differences}
    assert (again.exit_code is ExitCode.WRONG) or not fields
    validate(again.to_dict(), SCHEMA)


REFUSED: list[tuple[str, tuple[Any, ...], Any, str]] = [
    ("false", ("program",), "x*sin(", 'the program ends after "("'),
    ("false", ("program",), "y*sin(y)", 'the program has no name "x"'),
    ("false", ("program",), "x*sin(x) + y", '"points[0]" does not go with the variables of the program: y'),
    ("false", ("program",), "9**9**9", ""),
    ("false", ("claims", 0, "claim"), "cos(z)", 'the program has no name "z"'),
    ("false", ("claims", 0, "claim"), "__import__('os')", ""),
    ("false", ("claims", 0, "claim"), "", ""),
    ("false", ("claims", 0, "wrt"), [], ""),
    ("false", ("claims", 0, "wrt"), ["x", "x"], ""),
    ("false", ("claims", 0, "at"), {"y": "1"}, ""),
    ("tensor", ("at", "x", 0), ["1"], '"at" does not go with the variables of the program: x[0,1], x[0,2]'),
    ("false", ("shapes",), {"x": [2]}, ""),
    ("false", ("shapes",), {"x": [10**9]}, ""),
    ("both", ("claims",), [], ""),
    ("two names", ("claims", 0, "claim"), None, "its claims are not those of one check"),
    ("numbers", ("claims", 0, "claim"), "@/etc/passwd", "a claimed number is a file, and a certificate names none"),
    ("numbers", ("claims", 0, "claim"), "7; y=2", ""),
    ("numbers", ("claims", 0, "wrt"), [], '"claims[0].wrt" has 0 entries'),
    ("numbers of Python", ("claims", 0, "claim"), "{}", "a claimed number is none"),
    ("numbers of Python", ("claims", 0, "claim"), "[1", ""),
    ("numbers of Python", ("claims", 0, "claim"), "NaN", "NaN is not a number of JSON"),
    ("false", ("imported",), "mymodule:softclip", "it is of mymodule:softclip, which stands in a file of Python:"
     " none is run for a certificate"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "path", "value", "message"), REFUSED)
def test_what_is_no_certificate_is_refused(name: str, path: tuple[Any, ...], value: Any, message: str) -> None:
    whole = changed(data(name), *path, value=value)
    if path == ("claims",):
        assert replay(whole).differences  # autograd is checked then
        return
    with pytest.raises(GradcliError) as caught:
        replay(json.dumps(whole))
    assert message in caught.value.message
    assert caught.value.stage == "reading the certificate"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "1",
        '"x"',
        '{"schema": NaN}',
        '{"schema": 1, "schema": 2}',
        "[" * 100_000,
        '{"a": ' + "9" * 10_000,
    ],
)
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(GradcliError) as caught:
        replay(text)
    assert caught.value.stage == "reading the certificate"


def test_deep_points_are_refused() -> None:
    with pytest.raises(GradcliError):
        replay(changed(data("false"), "at", value={"x": DEEP}))


# The command


def test_the_command_prints_the_fresh_check(tmp_path: Path) -> None:
    path = tmp_path / "cert.json"
    path.write_text(checked("proved").to_json())
    outcome = run("check", "--replay", str(path))
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("∂f/∂x = sin(x) + x*cos(x)  proved\n")
    assert outcome.out.endswith("\nAs in the certificate: every verdict, every point, every number.\n")
    assert run("check", "--replay", "-", "--quiet", stdin=path.read_text()).code == 0


def test_the_command_says_what_differs(tmp_path: Path) -> None:
    wrong = changed(changed(data("false"), "claims", 0, "verdict", value="holds"), "modes", "digits", value=12.5)
    path = tmp_path / "cert.json"
    path.write_text(json.dumps(changed(wrong, "versions", "torch", value="2.0")))
    outcome = run("check", "--replay", str(path))
    assert outcome.code == 1
    *_, first, second, third, fourth, fifth = outcome.out.splitlines()
    assert first == "It does not come out as the certificate says:"
    assert second == "  claims[0].verdict: was holds, is false"
    assert third == "Torch's double precision comes out otherwise on this machine:"
    assert fourth.startswith("  modes.digits: was 12.5, is 15.")
    assert fifth == "The certificate was made with torch 2.0."
    found = json.loads(run("check", "--replay", str(path), "--json").out)
    assert [one["field"] for one in found["differences"]] == ["claims[0].verdict", "modes.digits"]
    validate(found, SCHEMA)
    assert run("check", "--replay", str(path), "--format", "plain").out == "x false cos(x)\nclaims[0].verdict differs\n"


def test_differences_on_the_machine_alone_are_none() -> None:
    again = replay(changed(data("proved"), "modes", "digits", value=3.0))
    assert (again.differences, again.exit_code) == ((), ExitCode.AGREE)
    assert [(one.field, one.now) for one in again.on_machine][1:] == [("modes.agree", True)]


def test_what_is_wrong_with_the_call(tmp_path: Path) -> None:
    big, latin = tmp_path / "big.json", tmp_path / "latin.json"
    big.write_bytes(b" " * (17 << 20))
    latin.write_bytes(b"\xff")
    cases = {
        ("--replay", str(tmp_path / "none")): (2, "none cannot be read: No such file or directory"),
        ("--replay", str(tmp_path)): (2, "cannot be read: Is a directory"),
        ("--replay", str(big)): (4, "has more than 16,777,216 bytes"),
        ("--replay", str(latin)): (2, "is not UTF-8 text: byte 0 is 0xff"),
        ("--replay", str(latin), "--claim", "x"): (2, "there is --replay, and --claim too"),
        ("--replay", str(latin), "--seed", "3"): (2, "there is --replay, and --seed too"),
        ("x", "--replay", str(latin)): (2, "there is a program, and --replay too"),
        (str(latin),): (2, f"hint: did you mean --replay {latin}?"),
    }
    for args, (code, message) in cases.items():
        outcome = run("check", *args)
        assert (outcome.code, outcome.out) == (code, ""), args
        assert message in outcome.err, args
