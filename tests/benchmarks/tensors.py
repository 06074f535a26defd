"""Tensors: the cost of autograd beside torch written by hand, of formulas, and how they grow with size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
import torch

import gradcli
from gradcli.backends.torch.autograd import differentiate as scalar_autograd
from gradcli.backends.torch.gradients import differentiate
from gradcli.problem.job import Job
from gradcli.problem.prepare import prepare
from gradcli.problem.tensors.writer import TensorFormulaWriter
from tests.benchmarks.measure import Figure, in_turn, seconds

SIDE = 3_000
VARIABLES = 50
LARGE = 1_000_000

# The programs whose formulas are measured, with the shapes of their variables.
EXAMPLES: Mapping[str, Mapping[str, Sequence[int]]] = {
    "y = 2*x + 1; z = y**2; mean(z)": {"x": (2, 3)},
    "y = x**2; z = y + 5; sum(z)": {"x": (21,)},
    "torch.relu(x).sum()": {"x": (1000,)},
    "r = A@x - b; r@r": {"A": (3, 2), "b": (3,), "x": (2,)},
    "softmax(W@h)[0]": {"W": (3, 2), "h": (2,)},
    "log(det(S))": {"S": (2, 2)},
    "trace(A@X@B)": {"A": (2, 3), "X": (3, 4), "B": (4, 2)},
    "norm(x)": {"x": (3,)},
    "x@A@x": {"x": (3,), "A": (3, 3)},
    "mean((x - mean(x))**2)": {"x": (3,)},
    "logsumexp(x)": {"x": (3,)},
    "cross_entropy(W@h, 2)": {"W": (3, 2), "h": (2,)},
    "sum(tanh(W@x)**2)": {"W": (3, 2), "x": (2,)},
    "f(x,y) = sum(x*y)/norm(x); f(x, x)": {"x": (3,)},
}
ROSENBROCK = "sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)"


def tensors(rounds: int) -> Iterator[Figure]:
    """All of them."""
    yield from _layer(rounds)
    yield from _formulas(rounds)
    yield from _growth(rounds)
    yield from _hessian(rounds)


def _layer(rounds: int) -> Iterator[Figure]:
    """The gradient of a layer of 3000 x 3000."""
    chosen = np.random.default_rng(1)
    at = {"W": chosen.standard_normal((SIDE, SIDE)) / SIDE, "x": chosen.standard_normal(SIDE)}
    job = prepare("sum(tanh(W@x)**2)", at, wrt="W")
    targets = [job.typed.inputs["W"]]

    def own() -> None:
        differentiate(job.typed, job.full_point, targets, 1, "float64", "cpu")

    def peer() -> None:
        weights, x = torch.tensor(at["W"], requires_grad=True), torch.tensor(at["x"])
        torch.sum(torch.tanh(weights @ x) ** 2).backward()

    mine, other = in_turn(own, peer, rounds)
    yield Figure(f"gradient of sum(tanh(W@x)**2), {SIDE} x {SIDE}", mine, 1.3, other, "three lines of torch")


def _formulas(rounds: int) -> Iterator[Figure]:
    """The slowest formulas of the examples: all of a program's variables together."""
    for shape in EXAMPLES.items():
        _write(*shape)  # what SymPy imports late is imported
    slowest = max(EXAMPLES, key=lambda program: _formula_seconds(program, rounds))
    yield Figure(f"formulas of {slowest}, the slowest example", _formula_seconds(slowest, rounds), 0.1)


def _formula_seconds(program: str, rounds: int) -> float:
    return min(seconds(lambda: _write(program, EXAMPLES[program])) for _ in range(rounds))


def _write(program: str, shapes: Mapping[str, Sequence[int]]) -> None:
    """The formulas by every variable, from a cold cache."""
    from sympy.core.cache import clear_cache

    clear_cache()
    _write_all(prepare(program, shape=shapes))


def _write_all(job: Job) -> None:
    writer = TensorFormulaWriter(job)
    for position in range(len(job.targets)):
        formula, _ = writer.write(None, (position,))
        assert formula.text is not None, formula.note


def _growth(rounds: int) -> Iterator[Figure]:
    """A formula does not grow with the size of a tensor, and everything else stays within seconds."""
    program = "mean((2*x + 1)**2)"
    small, large = in_turn(lambda: _write(program, {"x": (10,)}), lambda: _write(program, {"x": (LARGE,)}), rounds)
    yield Figure(f"formula of {program}, 10^6 entries", large, 1.5, small, "10 entries")
    at = {"x": np.random.default_rng(1).random(LARGE)}
    found = gradcli.differentiate(program, at)
    checked = found.partials[0].checked
    assert checked is not None
    assert checked.formula == LARGE
    whole = min(seconds(lambda: gradcli.differentiate(program, at)) for _ in range(max(1, rounds // 2)))
    yield Figure(f"{program} at 10^6 entries", whole, 3.0)


def _hessian(rounds: int) -> Iterator[Figure]:
    """The numbers of a Hessian of 50 variables, as a tensor and as names."""
    point = np.random.default_rng(1).random(VARIABLES)
    job = prepare(ROSENBROCK, {"x": point}, order=2)

    def by_hand(x: torch.Tensor) -> torch.Tensor:
        return torch.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    def peer() -> None:
        torch.func.hessian(by_hand)(torch.tensor(point))

    targets = [job.typed.inputs["x"]]
    mine, other = in_turn(lambda: differentiate(job.typed, job.full_point, targets, 2, "float64", "cpu"), peer, rounds)
    yield Figure(f"Hessian of {VARIABLES} entries", mine, 2.0, other, "torch.func.hessian")

    names = [f"x{i}" for i in range(VARIABLES)]
    terms = [f"100*({b} - {a}**2)**2 + (1 - {a})**2" for a, b in pairwise(names)]
    scalars = prepare(" + ".join(terms), dict(zip(names, point.tolist())), order=2)
    places = [scalars.typed.inputs[name] for name in scalars.wrt]

    def one_by_one(x: torch.Tensor) -> torch.Tensor:
        return sum((100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairwise(x)), torch.zeros(()))

    mine, other = in_turn(
        lambda: scalar_autograd(scalars.typed, scalars.numbers or {}, places, 2, "float64"),
        lambda: torch.func.hessian(one_by_one)(torch.tensor(point)),
        rounds,
    )
    yield Figure(f"Hessian of {VARIABLES} names", mine, 2.0, other, "torch.func.hessian")
