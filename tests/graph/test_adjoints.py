"""What the graph says is what torch did: adjoints, contributions, local derivatives, and torch's own nodes."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings

import gradcli
from gradcli.graph.api import Graph
from gradcli.graph.data import Edge, Local, NodeKind, Tensor
from tests.doors import names_of, parse, prepare, reaches
from tests.doors import torch_inputs as inputs_of
from tests.doors import torch_run_all as run_all
from tests.graph.programs import CASES, Case
from tests.tape.test_properties import SETUP, expressions, points
from tests.tensors.test_properties import Case as TensorCase
from tests.tensors.test_properties import cases


def as_tensor(tensor: Tensor | None) -> torch.Tensor | None:
    return None if tensor is None else torch.tensor(tensor.entries, dtype=torch.float64)


def same(first: Any, second: Any) -> None:
    torch.testing.assert_close(first, second, rtol=1e-12, atol=1e-300, equal_nan=True)


def retained(program: str, at: object, wrt: object = None) -> list[torch.Tensor | None]:
    """The gradient that torch retains at every operation that the output uses, found on another way."""
    job = prepare(program, at, wrt=wrt)  # type: ignore[arg-type]
    tape, like = job.typed, torch.empty((), dtype=torch.float64)
    leaves = {tape.find(name) for name in job.wrt} | {op.args[1] for op in tape.ops if op.called == "diff"}
    values = run_all(tape, inputs_of(tape, job.point, like, leaves), like, leaves)  # type: ignore[arg-type]
    for value in values:
        if value.requires_grad:
            value.retain_grad()
    output = values[tape.output]
    if output.requires_grad:
        output.backward(torch.ones_like(output))  # type: ignore[no-untyped-call]
    used = reaches(tape, [tape.output])
    powers = {op.args[1] for op in tape.ops if op.called == "**"}
    shown: dict[int, torch.Tensor] = {}
    for index, value in enumerate(values):
        if used[index] and not (index in powers and tape.literal(index) is not None):
            shown.setdefault(id(value), value)
    return [value.grad if value.requires_grad else None for value in shown.values()]


def check(program: str, at: object, wrt: object = None) -> Graph:
    graph = gradcli.graph(program, at, wrt=wrt, patience=30)  # type: ignore[arg-type]
    expected = retained(program, at, wrt)
    assert len(expected) == len(graph.walked.nodes)
    arrived: dict[int, Any] = {} if graph.walked.seed is None else {graph.walked.output: as_tensor(graph.walked.seed)}
    for edge in graph.walked.edges:
        part = as_tensor(edge.contribution)
        if part is not None:
            arrived[edge.child] = part if edge.child not in arrived else arrived[edge.child] + part
    for place, (node, adjoint) in enumerate(zip(graph.walked.nodes, expected)):
        assert (node.adjoint is None) == (adjoint is None), node
        if adjoint is not None:
            same(as_tensor(node.adjoint), adjoint)
            total = arrived[place]
            torch.testing.assert_close(total, adjoint, rtol=1e-9, atol=1e-12, equal_nan=True)
    for edge in graph.walked.edges:
        check_step(graph, edge)
    check_order(graph)
    return graph


def check_step(graph: Graph, edge: Edge) -> None:
    """The adjoint times the local derivative is the contribution."""
    adjoint, local = as_tensor(graph.walked.nodes[edge.parent].adjoint), as_tensor(edge.derivative)
    contribution = as_tensor(edge.contribution)
    if contribution is None or local is None or adjoint is None or not torch.isfinite(local).all():
        return
    if edge.local is Local.MAP:
        product = torch.tensordot(adjoint, local, dims=adjoint.dim())
    else:
        product = (adjoint * local).sum_to_size(contribution.shape)
    torch.testing.assert_close(product, contribution, rtol=1e-9, atol=1e-11, equal_nan=True)


def check_order(graph: Graph) -> None:
    """Nothing goes back before all that arrives is there."""
    order = {place: step for step, place in enumerate(graph.walked.backward)}
    for edge in graph.walked.edges:
        if edge.contribution is not None:
            assert order[edge.parent] < order[edge.child]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_of_every_program(case: Case) -> None:
    check(case.program, case.at or None, case.wrt)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(expressions, points)
def test_of_random_numbers(expression: str, point: dict[str, float]) -> None:
    program = f"{SETUP}; r = {expression}; r*sin(r) + detach(r)*x"
    names = names_of(parse(program)).variables
    check(program, {name: point[name] for name in names})


@settings(max_examples=60, deadline=None, derandomize=True)
@given(cases(depth=3))
def test_of_random_tensors(case: TensorCase) -> None:
    check(case.program, case.at)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_torchs_own_nodes_are_all_there(case: Case) -> None:
    """Walked once more from `grad_fn`, by hand."""
    walked = gradcli.graph(case.program, case.at or None, wrt=case.wrt).walked
    reached = {place for node in walked.nodes if node.torch for place in node.torch}
    assert reached == set(range(len(walked.torch)))
    for one in walked.torch:
        assert all(place is None or 0 <= place < len(walked.torch) for place in one.edges)
    for node in walked.nodes:
        assert (node.grad_fn is None) == node.is_leaf
        if node.grad_fn is not None:
            assert walked.torch[node.torch[0]].name == node.grad_fn
        if node.kind is NodeKind.VARIABLE and node.requires_grad:
            assert [walked.torch[place].name for place in node.torch] == ["AccumulateGrad"]


def test_names_are_torchs() -> None:
    x = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    output = (torch.tanh(x) ** 2).mean()
    names, node = [], output.grad_fn
    while node is not None:
        names.append(type(node).__name__)
        node = node.next_functions[0][0] if node.next_functions else None
    graph = gradcli.graph("mean(tanh(x)**2)", {"x": [1.0, 2.0]})
    assert [graph.walked.torch[place].name for place in reversed(range(len(graph.walked.torch)))] == names


MAPS = [
    ("(A + 1)@(x - y)", {"A": [[1, 2], [3, 4]], "x": [2, 5], "y": [1, 1]}),
    ("inv(A*x)", {"A": [[1, 2], [3, 4]], "x": [2, 5]}),
    ("solve(A, b)", {"A": [[1, 2], [3, 4]], "b": [1, 5]}),
    ("norm(x - y)", {"x": [1, 2], "y": [3, 5]}),
    ("mse_loss(x, -y)", {"x": [1, 2], "y": [3, 5]}),
    ("max(x)", {"x": [2, 5, 5]}),
    ("[x, y, x*y]", {"x": 1, "y": 2}),
    ("x[1:3]", {"x": [1, 2, 3, 4]}),
]


@pytest.mark.parametrize(("program", "at"), MAPS, ids=[program for program, _ in MAPS])
def test_formulas_of_what_works_on_tensors_are_right(program: str, at: dict[str, Any]) -> None:
    shape = gradcli.graph(program, at).walked.nodes[-1].shape
    seed = torch.arange(1.0, math.prod(shape) + 1, dtype=torch.float64).reshape(shape) ** 0.5
    graph = gradcli.graph(program, at, vjp=seed.tolist())
    edges = [edge for edge in graph.walked.edges if edge.parent == graph.walked.output]
    assert edges
    for edge in edges:
        assert edge.text is not None
        names = set(names_of(parse(edge.text)).variables)
        place = {name: value for name, value in {**at, "g": seed.tolist()}.items() if name in names}
        value = as_tensor(gradcli.graph(edge.text, place or None).walked.nodes[-1].value)
        assert value is not None
        expected = value if edge.local is Local.MAP else value * seed
        contribution = as_tensor(edge.contribution)
        assert contribution is not None
        torch.testing.assert_close(expected.expand(contribution.shape), contribution, rtol=1e-9, atol=1e-12)


ELEMENTWISE = ["sin(x)", "x**3", "x**y", "2**x", "x/y", "1/x", "sqrt(x)", "exp(-x)", "-x", "x - 2*y", "log(x, 3)",
               "tanh(x*y)", "max(x, y)", "where(x > 1, x**2, y)", "atan2(x, y)", "x % y", "abs(x)", "pi*x"]  # fmt: skip


@pytest.mark.parametrize("program", ELEMENTWISE)
def test_formulas_of_what_works_on_numbers_are_right(program: str) -> None:
    at = {
        name: value for name, value in (("x", 1.7), ("y", 0.6)) if name in program.replace("exp", "").replace("max", "")
    }
    graph = gradcli.graph(program, at)
    for edge in graph.walked.edges:
        if edge.text is not None and edge.derivative is not None:
            names = set(names_of(parse(edge.text)).variables)
            found = gradcli.graph(edge.text, {name: at[name] for name in names} or None).walked
            assert found.nodes[found.output].value.entries == pytest.approx(edge.derivative.entries, rel=1e-12)
