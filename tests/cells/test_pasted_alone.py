"""Lines that newcomers paste alone: prints, prompts, definitions with a call behind, names of a star import, random numbers."""

from __future__ import annotations

import math

import pytest

import gradcli

READ = [
    ("print(x**2)", {"x": 3.0}, [6.0]),
    ("y = x**2\nprint(y)", {"x": 3.0}, [6.0]),
    ("In [3]: x**2", {"x": 3.0}, [6.0]),
    (">>> x**2\n9.0", {"x": 3.0}, [6.0]),
    ("def f(x):\n    return x**3\nf(2.0)", {}, [12.0]),
    ("def f(x: float, k: float = 2.0) -> float:\n    return k*x**2\nprint(f(3.0, 4.0))", {}, [24.0, 9.0]),
    ("f = lambda a, b: a*b\nf(2.0, 5.0)", {}, [5.0, 2.0]),
    ("from math import *\nsin(x)*pi", {"x": 0.0}, [math.pi]),
    ("from numpy import *; exp(2*x)", {"x": 0.0}, [2.0]),
    ("from torch.nn.functional import *\nsoftplus(x)", {"x": 0.0}, [0.5]),
]


@pytest.mark.parametrize(("text", "at", "wanted"), READ)
def test_what_is_read_of_a_line_that_is_pasted_alone(text: str, at: dict[str, float], wanted: list[float]) -> None:
    found = gradcli.differentiate(text, at)
    assert [one.autograd for one in found.partials] == pytest.approx(wanted, rel=1e-12)


LOST = "what is left out may have drawn random numbers"


@pytest.mark.parametrize(
    ("between", "said"),
    [
        ("r = torch.nn.Transformer(8)", True),
        ("i = torch.poisson(torch.ones(2))", True),
        ("r = torch.nn.Transformer(8); torch.manual_seed(3)", False),
        ("r = torch.multinomial(torch.ones(2), 1)", False),
        ("print('nothing')", False),
    ],
)
def test_numbers_drawn_behind_what_is_left_out_are_said_to_be_uncertain(between: str, said: bool) -> None:
    cell = (
        f"import torch\ntorch.manual_seed(3)\n{between}\nw = torch.randn(2, requires_grad=True)\n(w*w).sum().backward()"
    )
    assert any(one.startswith(LOST) for one in gradcli.differentiate(cell).notes) is said
