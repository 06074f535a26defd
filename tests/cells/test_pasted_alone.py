"""Lines that newcomers paste alone: prints, prompts, definitions with a call behind, names of a star import, random numbers."""

from __future__ import annotations

import math

import numpy as np
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


def test_methods_are_those_of_the_library_that_made_the_value() -> None:
    """In NumPy var() divides by n, in torch by n - 1: through names, operators, lists and functions, too."""
    x = np.array([1.0, 2.0, 4.0])
    for cell, true in (
        ("import numpy as np\ny = np.sin(x)\nz = [y, 2*y]\nz[1].var()", (2 * np.sin(x)).var()),
        ("import numpy as np\ndef f(x):\n    return np.sin(x)*x\nf(x).std()", (np.sin(x) * x).std()),
        ("import numpy as np\nx.var()", x.var()),
        ("import torch\nimport numpy as np\ny = torch.sin(x)\n(x*y).var()", (np.sin(x) * x).var(ddof=1)),
        ("import jax.numpy as jnp\ny = {'a': x*jnp.sin(x)}\ny['a'].var()", (np.sin(x) * x).var()),
    ):
        assert gradcli.differentiate(cell, at={"x": x}).value == pytest.approx(true, rel=1e-12), cell
    for text in ("y = np.sin(x); v = y.var(); v", "y = np.sin(x); z = 2*y; z.std()", "f(x) = np.sin(x); f(x).var()"):
        with pytest.raises(gradcli.GradcliError, match="is not that of a tensor"):
            gradcli.differentiate(text, at={"x": x})
