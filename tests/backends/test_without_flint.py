"""Where python-flint is not installed every command answers, says `estimated`, and contradicts no truth."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from itertools import cycle
from pathlib import Path
from typing import Any

from flint import arb, fmpz

from tests.doors import ball_call as call
from tests.doors import is_ball, precision, table
from tests.shares import either
from tests.support import ROOT, Outcome, run

TIMEOUT = 900  # seconds: on a busy machine
STEP = either(21, 7)  # of every family of the corpus every so many lines one
MOST_UNDECIDED = 0.08  # of the sample: what takes plain Python too long, or mpmath too many bits
MOST_UNKNOWN = 0.08  # of the rows at numbers and balls, some of them wide
FEWEST_CASES, FEWEST_LINES = either(300, 1_500), either(50, 150)
SHARES = ((0, 0, 0, 0), (1, 1, 1, 1), (-1, -1, -1, -1), (1, -1, 1, -1), (0.5, 0.25, -0.75, 0.125))  # of the radii
CHECKED = 400  # bits that the truth has

DIFFS: Sequence[Sequence[str]] = (
    ("diff", "2*x**3 + x", "--at", "x=1"),
    ("diff", "x*gamma(x) - erf(x*y)", "--at", "x=1.5,y=2"),
    ("diff", "abs(x) + sqrt(y)", "--at", "x=0,y=0"),
    ("diff", "log(1+x)/x", "--at", "x=1e-9"),
    ("diff", "exp(x)*besselj(1, x)", "--at", "x=2", "--order", "2"),
    ("diff", "where(x < 1, x**2, 2*x - 1)", "--at", "x=1"),
    ("diff", "floor(x)/x", "--at", "x=3"),
    ("diff", "sum(tanh(W@x)**2)", "--at", "W=[[1, 2], [0.5, -1]]", "--at", "x=[0.25, -1]"),
    ("diff", "logdet(A@A.T)", "--at", "A=[[1, 2], [0.5, -1]]"),
    ("diff", "cross_entropy(W@h, 1)", "--at", "W=randn(5, 4, seed=1)", "--at", "h=[1, 2, 3, 4]"),
)
OTHERS: Sequence[Sequence[str]] = (
    ("check", "x**2*sin(x)", "--claim", "2*x*sin(x) + x**2*cos(x)"),
    ("check", "x**2*sin(x)", "--claim", "2*x*sin(x)"),
    ("check", "erf(x)**2", "--claim", "4*erf(x)*exp(-x**2)/sqrt(pi)"),
    ("map", "x*exp(-x)", "--over", "x=0:2:5"),
    ("plot", "sqrt(x)*abs(x-1)", "--over", "x=-1:2:7", "--show-data", "json"),
    ("steps", "x*exp(-x**2)", "--at", "x=1"),
    ("steps", "sum((W@x)**2)", "--at", "W=[[1, 2], [3, 4]]", "--at", "x=[1, 2]"),
)


def without_flint(*args: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.without_flint", *args]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, cwd=ROOT, timeout=TIMEOUT)


def lines_of(*args: str, stdin: str = "") -> list[dict[str, Any]]:
    done = without_flint(*args, stdin=stdin)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def answers_to(commands: Sequence[Sequence[str]]) -> Sequence[tuple[Sequence[str], Outcome]]:
    """What commands leave behind, all of them in one process: the imports take longer than the answers."""
    found = lines_of("tests.backends.plain_commands", stdin=json.dumps(commands))
    assert len(found) == len(commands)
    return [(args, Outcome(**one)) for args, one in zip(commands, found)]


def test_no_answer_contradicts_the_truth() -> None:
    *answers, last = lines_of("tests.corpus.answers", "0", str(STEP))
    assert last == {"flint": False} and len(answers) >= FEWEST_LINES
    undecided = [one for one in answers if one["complaints"] and one["verdict"] == "undecided"]
    wrong = [one for one in answers if one["complaints"] and one["verdict"] != "undecided"]
    assert not wrong, "\n".join(map(str, wrong))
    assert len(undecided) <= MOST_UNDECIDED * len(answers), "\n".join(map(str, undecided))
    assert {one["proof"] for one in answers} == {"estimated", None}
    assert all(one["proof"] for one in answers if one["verdict"] in ("agree", "inaccurate", "disagree"))


def test_rows_contain_what_flint_finds_in_their_arguments() -> None:
    found = lines_of("tests.backends.plain_rows", str(either(5, 1)))
    assert len(found) > FEWEST_CASES
    assert sum(one["kind"] == "unknown" for one in found) <= MOST_UNKNOWN * len(found)
    for one in found:
        for shares in SHARES:
            with precision(CHECKED):
                point = [
                    arb(middle) + arb(radius) * share for (middle, radius), share in zip(one["args"], cycle(shares))
                ]
                value = call(table.BY_NAME[one["row"]], point)
                if one["kind"] == "none":
                    assert value is None or not is_ball(value), one
                elif one["kind"] == "number" and is_ball(value):
                    assert arb(number(one["middle"]), number(one["radius"])).overlaps(value), (one, value)
                elif one["kind"] == "number":
                    assert value is not None, one


def number(parts: Sequence[int]) -> Any:
    return arb(fmpz(parts[0])) * arb(2) ** parts[1]


def test_diff_says_the_same_but_estimated() -> None:
    for args, plain in answers_to([(*args, "--json") for args in DIFFS]):
        proven = run(*args)
        assert plain.code == proven.code, (args, plain.err)
        found, there = json.loads(plain.out), json.loads(proven.out)
        for here, one in zip(found["partials"], there["partials"]):
            assert here["proof"] == ("estimated" if one["proof"] else None), args
            here["proof"] = one["proof"]
        assert as_numbers(found) == as_numbers(there), args


def as_numbers(data: Any) -> Any:
    """The same with references as numbers: 1 that is exact in one of them is 1.0000000000000000000 in the other."""
    if isinstance(data, dict):
        return {name: as_numbers(value) for name, value in data.items()}
    if isinstance(data, list):
        return [as_numbers(value) for value in data]
    try:
        return Decimal(data) if isinstance(data, str) else data
    except InvalidOperation:
        return data


def test_other_commands_say_the_same() -> None:
    for args, plain in answers_to(OTHERS):
        proven = run(*args)
        assert (plain.code, plain.out) == (proven.code, proven.out), (args, plain.err)


def test_batch(tmp_path: Path) -> None:
    source = tmp_path / "points.jsonl"
    points = [{"program": "sin(x)*y", "at": {"x": x / 8, "y": 2}} for x in range(12)]
    points += [{"program": "abs(x)", "at": {"x": 0}}, {"program": "sum(W@x)", "at": {"W": [[1, 2]], "x": [1, 2]}}]
    source.write_text("\n".join(map(json.dumps, points)) + "\n", encoding="utf-8")
    done, proven = without_flint("gradcli", "batch", str(source)), run("batch", str(source))
    assert done.returncode == proven.code, done.stderr
    assert '"estimated"' in done.stdout and '"enclosed"' not in done.stdout
    assert done.stdout.replace('"estimated"', '"enclosed"') == proven.out
