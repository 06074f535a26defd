"""Files of claims: a verdict for each, in order, and one exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import gradcli
from gradcli.errors import GradcliError
from tests.batch.support import written
from tests.doors import ClaimHandler, ClaimVerdict, InputLine
from tests.doors import sampling as sample
from tests.support import ROOT, Outcome, run, schema, validate

CLAIMS: list[Any] = [
    {"program": "x*sin(x)", "claim": "sin(x) + x*cos(x)"},
    {"program": "x**2", "claim": "x = 2*x + 1", "id": "plus"},
    {"program": "relu(x)", "claim": "heaviside(x)"},
    {"program": "u*v + u**2", "claim": {"u": "v + 2*u", "v": "2*u"}},
    {"program": "2*x**3 + x", "value": ["x=1: 7", "x=2: 24"]},
    {"program": "mean((2*x + 1)**2)", "claim": "x = 2*(2*x + 1)/3", "at": {"x": [[1, 1, 1], [1, 1, 1]]}, "id": "mean"},
    {"program": "sq(i) = i**2\nsq'(i, g) = 2*i\n3*sq(x)"},
    "abs(x)*x",
    {"program": "log(-x**2 - 1)", "claim": "1"},
]
WRONG: list[Any] = [{"program": "x**", "claim": "1"}, {"program": "exp(x)", "clam": "exp(x)", "id": "typo"}]

SHOWN = """\
   1  proved     x*sin(x): ∂f/∂x = sin(x) + x*cos(x)
plus  false      x**2: ∂f/∂x = 2*x + 1  at x = {slip}
   3  holds      relu(x): ∂f/∂x = heaviside(x)  at {few} points, with 1 exception
   4  proved     u*v + u**2: ∂f/∂u = v + 2*u
   4  false      u*v + u**2: ∂f/∂v = 2*u  at u = {factor}
   5  holds      2*x**3 + x: ∂f/∂x = 7 at x = 1
   5  false      2*x**3 + x: ∂f/∂x = 24 at x = 2  the derivative is 25
mean  proved     mean((2*x + 1)**2): ∂f/∂x = 2*(2*x + 1)/3
   7  false      sq(i) = i**2; sq'(i, g) = 2*i; 3*sq(x): ∂f/∂x by autograd  at x = {incoming}
   8  holds      abs(x)*x: ∂f/∂x by autograd  at {some} points
   9  undecided  log(-x**2 - 1): ∂f/∂x = 1  no point was found at which the program has a value
  10  error      while parsing the program: the program ends after "**"; expected: a number, a name, a function or "("
typo  error      while reading the line: there is no field "clam"; expected: program, at, hold, id, claim, value, wrt, order, \
shape, patience, seed, assume; did you mean claim?
"""


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "MOST", 16)


def check(claims: list[Any], *args: str, **options: Any) -> Outcome:
    """The command, given these lines."""
    return run("check", "--claims", "-", *args, stdin="".join(json.dumps(one) + "\n" for one in claims), **options)


def pattern(text: str) -> str:
    """The beginning of each line, up to what depends on the points or the words for slips."""
    return "\n".join(line.partition("{")[0] for line in text.splitlines())


def test_a_verdict_a_line() -> None:
    outcome = check([*CLAIMS, *WRONG])
    assert outcome.code == 2
    shown, expected = outcome.out.splitlines(), [line.partition("{")[0] for line in SHOWN.splitlines()]
    for line, beginning in zip(shown, expected, strict=True):
        assert line.startswith(beginning)
    assert outcome.err == "11 claims: 3 proved, 3 hold, 4 false, 1 undecided; 2 lines are wrong\n"


@pytest.mark.parametrize(
    ("claims", "code", "summary"),
    [
        ([], 0, "no claims"),
        (CLAIMS[:1], 0, "1 claim: 1 proved"),
        ([CLAIMS[2], CLAIMS[7]], 0, "2 claims: 2 hold"),
        ([CLAIMS[0], CLAIMS[8]], 4, "2 claims: 1 proved, 1 undecided"),
        ([CLAIMS[8], CLAIMS[1], CLAIMS[0]], 1, "3 claims: 1 proved, 1 false, 1 undecided"),
        ([CLAIMS[1], WRONG[0]], 2, "1 claim: 1 false; 1 line is wrong"),
        ([WRONG[1]], 2, "no claims; 1 line is wrong"),
    ],
)
def test_one_exit_code_and_a_summary(claims: list[Any], code: int, summary: str) -> None:
    outcome = check(claims, "--quiet")
    assert (outcome.code, outcome.err) == (code, summary + "\n")
    assert check(claims, "--json").code == code


def test_json_records_follow_their_schemas_and_are_certificates() -> None:
    outcome = check([*CLAIMS, *WRONG], "--json")
    assert (outcome.code, outcome.err) == (2, "")
    found = [json.loads(line) for line in outcome.out.splitlines()]
    assert [one["id"] for one in found] == [1, "plus", 3, 4, 5, "mean", 7, 8, 9, 10, "typo"]
    for one in found:
        validate(one, schema("error-1" if "error" in one else "check-2"))
    again = gradcli.replay(found[1])
    assert (again.differences, again.check.verdict) == ((), ClaimVerdict.FALSE)


def test_the_other_formats() -> None:
    lines = check([*CLAIMS[1:4], *WRONG[:1]], "--format", "plain").out.splitlines()
    assert lines[:4] == ["plus x false 2*x + 1", "2 x holds heaviside(x)", "3 u proved v + 2*u", "3 v false 2*u"]
    assert lines[4].startswith("4 - error while parsing the program: ")
    quiet = check(CLAIMS[1:2], "--quiet").out
    assert quiet == "plus  false      x**2: ∂f/∂x = 2*x + 1\n"
    ascii_only = check([*CLAIMS[:1], {"program": "α**2", "claim": "2*α"}], encoding="ascii").out
    assert ascii_only.isascii() and "df/dx" in ascii_only and "\\u03b1" in ascii_only


def test_on_a_terminal_lines_are_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("NO_COLOR", "1")
    claim = {"program": "x*sin(x)", "claim": "cos(x) + 1e-9", "id": "a long name"}
    shown = check([claim], tty=True).out.splitlines()
    assert shown[0] == "a long name  false      x*sin(x): ∂f/∂x = cos(x) + 1e-9"
    assert shown[1].startswith(" " * 26 + "at x = ")
    assert max(map(len, shown)) <= 60
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x1b[1;31mfalse" in check([claim], tty=True).out


def test_numbers_are_told_apart() -> None:
    claims = [
        {"program": "x**2", "claim": "2.000000001*x"},
        {"program": "x**2", "claim": "2*x + 1e-30"},
        {"program": "abs(x)", "value": "x=0: 1"},
    ]
    near, nearer, corner = check(claims).out.splitlines()
    assert "gives 2.000000001, the derivative is 2;" in near
    claimed, true = nearer.partition("gives ")[2].partition(";")[0].split(", the derivative is ")
    assert claimed != true
    assert corner.endswith("there is no derivative: corner")


def test_a_number_beyond_all_doubles_is_false_at_once() -> None:
    vanishing = gradcli.check("exp(-exp(x))", value="x=25: 0").findings[0]
    assert (vanishing.verdict, vanishing.digits) == (ClaimVerdict.FALSE, 0.0)
    assert gradcli.check("-exp(exp(x))", value="x=25: 3").verdict is ClaimVerdict.FALSE


def test_options_hold_for_all_lines() -> None:
    claims = [{"program": "x**3*y", "claim": "6*x*y"}, {"program": "x**3*y", "claim": "x = 3*x**2*y", "order": 1}]
    found = [
        json.loads(one) for one in check(claims, "--order", "2", "--wrt", "x", "--seed", "5", "--json").out.splitlines()
    ]
    assert [(one["order"], one["seed"], one["verdict"]) for one in found] == [(2, 5, "proved"), (1, 5, "proved")]


# Files


def test_a_file_of_records_is_continued_wherever_it_ends(tmp_path: Path) -> None:
    claims = [CLAIMS[1], WRONG[1], CLAIMS[0]]
    source, whole, part = written(tmp_path / "in", claims), tmp_path / "whole", tmp_path / "part"
    first = run("check", "--claims", str(source), "-o", str(whole))
    assert (first.code, first.out, first.err) == (2, "", "")
    expected = whole.read_bytes()
    assert [json.loads(line)["id"] for line in expected.splitlines()] == ["plus", "typo", 3]
    ends = [0, 5, expected.index(b"\n") + 1, expected.index(b"typo"), len(expected) - 1, len(expected)]
    for length in ends:
        part.write_bytes(expected[:length])
        outcome = run("check", "--claims", str(source), "-o", str(part), "--resume", "--json")
        assert (outcome.code, outcome.out, outcome.err) == (2, "", ""), length
        assert part.read_bytes() == expected, length
    shorter, other = written(tmp_path / "short", claims[:1]), written(tmp_path / "other", [*claims[:2], CLAIMS[5]])
    for wrong, message in {shorter: "and the input fewer lines", other: "record 3 of"}.items():
        assert message in run("check", "--claims", str(wrong), "-o", str(part), "--resume").err
    assert "line 1 of" in run("batch", str(source), "-o", str(part), "--resume").err  # records of another run
    assert part.read_bytes() == expected
    records = written(tmp_path / "records", [{"schema": "gradcli.diff/2", "id": "plus", "verdict": "agree"}])
    assert "is not a record of a check" in run("check", "--claims", str(source), "-o", str(records), "--resume").err


def test_a_verdict_or_a_certificate_as_a_file(tmp_path: Path) -> None:
    certificate, text = tmp_path / "c.json", tmp_path / "c.txt"
    done = run("check", "x**2", "--claim", "3*x", "-o", str(certificate))
    assert (done.code, done.out, json.loads(certificate.read_text())["verdict"]) == (1, "", "false")
    assert run("check", "--replay", str(certificate), "-o", str(text)).out == ""
    assert text.read_text() == run("check", "--replay", str(certificate)).out


# Lines that are refused

LINES: list[tuple[str, str]] = [
    ('{"program": "x", "at": "x=@f.npy"}', 'the value of "x" is a file, and a line reads none'),
    ('{"program": "x", "at": {"x": "@f.npy"}}', 'the value of "x" is a file, and a line reads none'),
    ('{"program": "x", "value": "x=@f.npy: 1"}', 'the value of "x" is a file, and a line reads none'),
    ('{"program": "x", "value": ["x=1: @f.npy"]}', 'the value of "f" is a file, and a line reads none'),
    ('{"program": "x", "value": "x=1: x=@f.npy"}', 'the value of "x" is a file, and a line reads none'),
    ('{"import": "os:system"}', "a line of claims imports nothing"),
    ('{"program": "x", "claim": "@f.npy"}', '"@" stands where a value should stand'),
    ('{"program": "x", "claim": []}', '"claim" is a list'),
    ('{"program": "x", "claim": {"x": null}}', '"claim" is an object'),
    ('{"program": "x", "claim": "1", "claim": "2"}', '"claim" is there twice'),
    ('{"program": "x", "claim": "1", "seed": 1.5}', '"seed" is a number'),
    ('{"program": "x", "claim": "1", "seed": -1}', "the seed is -1"),
    ('{"program": "x", "claim": "1", "patience": 0}', "a patience of 0 seconds"),
    ('{"program": "x", "claim": "1", "order": 9}', "the order is 9"),
    ('{"program": "x", "value": []}', '"value" is a list'),
    ('{"program": "x", "value": "7"}', "there is no point and no number"),
    ('{"program": "x", "value": "x=1: 7", "at": {"y": 1}}', 'the program has no variable "y"'),
    ('{"claim": "1"}', "there is no program"),
    ('{"program": 1}', 'the "program" is a number'),
    ('{"program": "x*y", "claim": "1"}', "the claim does not say which partial it is"),
    ('{"program": "x", "dtype": "float32"}', 'there is no field "dtype"'),
    ("[1]", "the line is a list"),
    ("x**2", "the line is not JSON: expecting value"),
    ("[" * 100_000, "the line is nested too deeply"),
]


@pytest.mark.parametrize(("text", "message"), LINES, ids=[text[:60] for text, _ in LINES])
def test_a_wrong_line_is_an_error_record(text: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any) -> None:
        raise AssertionError(args)

    monkeypatch.setattr("gradcli.language.files.read_array", refuse)
    (record,) = ClaimHandler({}).answer([InputLine(7, text.encode())], lambda seconds: None)
    data = json.loads(record.text)
    validate(data, schema("error-1"))
    assert (data["id"], record.code, record.is_error) == (7, 2, True)
    assert data["error"]["message"] == message


def test_the_workers_allowance_grows_with_the_patience() -> None:
    told: list[float] = []
    ClaimHandler({}).answer([InputLine(1, b'{"program": "x", "patience": 500}')], told.append)
    assert max(told) > 500


# From Python


def test_claims_of_python() -> None:
    items: list[Any] = [*CLAIMS[:2], "x**", "abs(x)*x"]
    found = list(gradcli.check_claims(iter(items), workers=2))
    assert [one.verdict if isinstance(one, gradcli.Check) else one.message for one in found] == [
        ClaimVerdict.PROVED, ClaimVerdict.FALSE, 'the program ends after "**"', ClaimVerdict.HOLDS,
    ]  # fmt: skip
    assert found[1] == gradcli.check("x**2", "x = 2*x + 1")
    with pytest.raises(GradcliError):
        gradcli.check_claims([], colour="red")


# The call


def test_what_is_wrong_with_the_call(tmp_path: Path) -> None:
    source = written(tmp_path / "claims.jsonl", CLAIMS[:1])
    cases = {
        ("--claims", str(tmp_path / "none")): "none cannot be read: No such file or directory",
        ("--claims", str(tmp_path)): "the input cannot be read: Is a directory",
        ("--claims", str(source), "--workers", "0"): "0 workers",
        ("--claims", str(source), "--claim", "1"): "there is --claims, and --claim too",
        ("--claims", str(source), "--at", "x=1"): "the lines of the file say it themselves",
        ("--claims", str(source), "--replay", "c.json"): "there is --claims, and --replay too",
        ("x", "--claims", str(source)): "there is a program, and --claims too",
        ("x", "--workers", "2"): "--workers goes with --claims",
        (str(source),): f"hint: did you mean --claims {source}?",
        ("--claims", str(source), "--resume"): "--resume continues a file, and there is none",
        ("x", "-o", "a.json", "--resume"): "--resume goes with --claims",
        ("--claims", str(source), "-o", str(source)): f"{source} is an input, too",
        ("--claims", str(source), "-o", "a", "--format", "text"): "-o writes the records of --claims, which are JSON",
        ("x", "-o", "a.pdf"): '"a.pdf" ends in none of the known suffixes',
    }
    for args, message in cases.items():
        outcome = run("check", *args)
        assert (outcome.code, outcome.out) == (2, ""), args
        assert message in outcome.err, args


def test_help_is_light() -> None:
    code = "import sys; from gradcli.cli import main; main(['check', '--help']); print(*sorted({'torch', 'sympy', 'rich', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == ""


def test_what_is_assumed_and_held_goes_for_all_lines_that_do_not_say_otherwise() -> None:
    lines = [
        {"program": "sqrt(s**2)*v", "claim": "s = v"},
        {"program": "v*s**2", "claim": "s = 4*s"},
        {"program": "v*s**2", "claim": "s = 4*s", "hold": "v=3"},
        {"program": "v*sqrt(s**2)", "claim": "s = v", "assume": "s > -1"},
    ]
    outcome = check(lines, "--assume", "s>0", "--hold", "v=2", "--format", "plain")
    assert [line.split()[2] for line in outcome.out.splitlines()] == ["proved", "proved", "false", "false"]
    found = [
        one for one in gradcli.check_claims(lines, hold={"v": 2}, assume="s > 0") if isinstance(one, gradcli.Check)
    ]
    assert [one.findings[0].verdict.value for one in found] == ["proved", "proved", "false", "false"]
