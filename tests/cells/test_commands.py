"""Cells of tutorials as the program of commands other than diff: check, plot, code, batch."""

from __future__ import annotations

import pytest

import gradcli
from tests.batch.support import answered, data

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


def test_what_is_no_cell_either_keeps_its_error() -> None:
    for ask in (lambda text: gradcli.check(text), lambda text: gradcli.plot(text, "x=0:1")):
        with pytest.raises(gradcli.GradcliError, match="stands where a value should stand"):
            ask("x +* 2")
