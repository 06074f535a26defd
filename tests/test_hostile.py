"""Bad input costs nothing: little time, little memory, one clear message, and nothing of it is executed."""

from __future__ import annotations

import builtins
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import gradcli
from gradcli.diff.data import Verdict
from gradcli.errors import ExitCode
from tests.corpus.hostile import REFUSED
from tests.support import ROOT, run

SECONDS = 2.0  # of processor time, beyond the imports
BYTES = 1 << 30


@pytest.fixture(scope="module", autouse=True)
def _imported() -> None:
    gradcli.differentiate("x**2", {"x": 1})


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: f"{text[:30]!a} ({len(text)})")
def test_refused(text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    executed: list[str] = []
    monkeypatch.setattr(builtins, "canary", lambda *_: executed.append(text), raising=False)
    monkeypatch.chdir(tmp_path)
    data = text.encode("utf-8", "surrogatepass")
    start = time.process_time()
    outcome = run("diff", "-", stdin=data)
    assert time.process_time() - start < 2 * SECONDS  # a processor may be half as fast while others work
    assert executed == []
    assert os.listdir(tmp_path) == []
    assert outcome.code in (ExitCode.INPUT, ExitCode.LIMIT), outcome.out[:200]
    assert outcome.out == ""
    assert outcome.err.startswith("error while ")
    assert len(outcome.err.splitlines()) <= 6
    assert len(outcome.err) < 1_000
    assert "Traceback" not in outcome.err
    assert all(character.isprintable() or character == "\n" for character in outcome.err)


WITH_A_POINT = [
    "x**x**x**x**x**x**x**x",
    "exp(exp(exp(exp(exp(x)))))",
    "gamma(exp(exp(exp(x))))",
    "zeta(1 + 1/gamma(exp(x)))",
    "besselj(0, exp(exp(exp(x))))",
    "sin(10**300*exp(x))",
    "tan(exp(exp(x**5)))",
    "polylog(3, 1 - 1e-16*x)",
    "hyp2f1(0.5, 1/3, 7/2, 1 - 1e-12*x)",
    "a0=x;" + "".join(f"a{i + 1}=a{i}*a{i};" for i in range(60)) + "a60",
    "where(x > 0, " * 100 + "x" + ", -x)" * 100,
    "abs(" * 150 + "x - 2" + ")" * 150,
    "floor(exp(exp(x*5)))",
    "(x!)!!=1",
    "((x + 3)!)!",
    "x**1000000*0",
    "diff(" * 5 + "sin(x)**9" + ",x,2)" * 5,
    "sin(x)/x" * 1 + "+sin(x-2)/(x-2)" * 300,
]


def _measured() -> str:
    return """
import json, resource, sys, time
import gradcli
gradcli.differentiate("relu(x)**2 + gamma(x)", {"x": 1})
gradcli.differentiate("abs(x)", {"x": 0}, order=2)
for text in json.load(sys.stdin):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    try:
        said = str(gradcli.differentiate(text, {"x": 2}).verdict)
    except gradcli.GradcliError as error:
        said = error.message
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    print(json.dumps([text[:40], time.process_time() - start, grown, said]), flush=True)
"""


def test_answered_within_the_limits() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _measured()],
        input=json.dumps(WITH_A_POINT),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=200,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == len(WITH_A_POINT), done.stderr[-2000:]
    for text, seconds, grown, said in lines:
        assert seconds < SECONDS + 2, (
            text,
            said,
        )  # the reference and the formulas stop themselves at 2 s, on any processor
        assert grown < BYTES, text


# Long and honest


def test_a_long_sum() -> None:
    program = "+".join(f"sin({i}*x)" for i in range(20_000))
    (partial,) = gradcli.differentiate(program, {"x": 1}).partials
    assert partial.autograd == pytest.approx(2520.9595271138, rel=1e-9)
    assert partial.verdict in (Verdict.AGREE, Verdict.UNDECIDED)
    assert partial.symbolic is not None
    assert partial.symbolic_expanded is None


def test_a_deep_nest() -> None:
    program = "sin(" * 200 + "x" + ")" * 200
    (partial,) = gradcli.differentiate(program, {"x": 1}).partials
    assert partial.verdict is Verdict.AGREE
    assert partial.symbolic_holds


@pytest.mark.long
def test_many_variables() -> None:
    count = 1_000
    program = "+".join(f"100*(x{i + 1} - x{i}**2)**2 + (1 - x{i})**2" for i in range(count - 1))
    result = gradcli.differentiate(program, {f"x{i}": 0.5 + i / 1e4 for i in range(count)})
    assert len(result.partials) == count
    assert result.verdict is Verdict.AGREE
    assert sum(partial.symbolic is not None for partial in result.partials) > 0
    second = next(partial for partial in gradcli.differentiate(program).partials if partial.wrt == ("x1",))
    assert second.symbolic == "400*x1**3 - 200*x0**2 - 400*x1*x2 + 202*x1 - 2"
