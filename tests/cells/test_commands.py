"""Cells of tutorials as the program of commands other than diff: check, plot, code, batch."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import gradcli
from tests.batch.support import answered, data
from tests.support import run

CELL = """
import torch
x = torch.tensor(3.0, requires_grad=True)
y = x**2 + torch.sin(x)
y.backward()
print(x.grad)
"""
WRONG = """
class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, i):
        ctx.save_for_backward(i)
        return i**2
    @staticmethod
    def backward(ctx, g):
        i, = ctx.saved_tensors
        return 3*i*g
x = torch.tensor(2.0, requires_grad=True)
y = Square.apply(x)
y.backward()
"""
OUTPUTS = """
import torch
a = torch.tensor([2., 3.], requires_grad=True)
b = torch.tensor([6., 4.], requires_grad=True)
Q = 3*a**3 - b**2
Q.backward(gradient=torch.tensor([1., 1.]))
"""
LOSING = """
import torch
x = torch.tensor(1e-8)
x.requires_grad_()
y = (1 + x) - 1
y.backward()
"""


@pytest.mark.parametrize(
    ("cell", "claim", "verdict"),
    [
        (CELL, "x = 2*x + cos(x)", "proved"),
        (CELL, "x = 2*x", "false"),
        (CELL, None, "holds"),
        (WRONG, None, "false"),
        (OUTPUTS, "a = diag(9*a**2)", "proved"),
    ],
)
def test_check_judges_claims_about_a_cell_at_its_own_point(cell: str, claim: str | None, verdict: str) -> None:
    found = gradcli.check(cell, claim)
    assert found.verdict is not None and found.verdict.value == verdict
    assert found.at is not None and found.points[0] == found.at
    assert any("read as " in note for note in found.notes)


def test_plot_and_code_and_batch_take_a_cell() -> None:
    plot = gradcli.plot(CELL, "x=0:4")
    assert plot.curves[1].formula == "2*x + cos(x)"
    code = gradcli.code(CELL, "numpy")
    assert code(3.0)[1][0] == pytest.approx(5.0100075033995545)
    assert gradcli.code(OUTPUTS, "numpy", jacobian=True).verified.points == 3
    (record,) = map(data, answered([{"program": CELL}]))
    assert record["partials"][0]["autograd"] == pytest.approx(5.0100075033995545)


def test_every_command_computes_in_the_dtype_of_the_cell_unless_one_is_said(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    for said, dtype, code in (([], "float32", 1), (["--dtype", "float64"], "float64", 0)):
        for args in (["diff", LOSING], ["graph", LOSING], ["steps", LOSING], ["audit", LOSING, "--over", "x=1e-9:1"],
                     ["batch"], ["plot", LOSING, "--over", "x=1e-9:1", "--show-data"]):  # fmt: skip
            last = [] if args == ["batch"] else ["json"] if args[0] == "plot" else ["--json"]
            told = run(*args, *last, *said, stdin=json.dumps({"program": LOSING}) + "\n")
            found = json.loads(told.out)
            assert found["dtype"] == dtype, args
            if args[0] in ("diff", "batch"):  # torch.tensor(1e-8) is a float32, and 1 + 1e-8 is 1 there
                assert found["value_verdict"] == ("agree" if code == 0 else "inaccurate")
        assert run("report", LOSING, "-o", str(path), *said).code == code
    for place, value in ((0.1, 0.9), (0.3, 0.7)):  # what the cell lacks, and the line gives
        (record,) = map(data, answered([{"program": LOSING.replace("- 1", "- w"), "at": {"w": place}}]))
        assert record["value"] == pytest.approx(value, abs=1e-6)


def test_what_is_no_cell_either_keeps_its_error() -> None:
    for ask in (lambda text: gradcli.check(text), lambda text: gradcli.plot(text, "x=0:1")):
        with pytest.raises(gradcli.GradcliError, match="stands where a value should stand"):
            ask("x +* 2")
