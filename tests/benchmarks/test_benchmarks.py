"""The benchmarks measure what they say; how fast it is, they tell by themselves."""

from __future__ import annotations

import itertools
import json

import pytest
import torch

import gradcli
from tests.benchmarks.code import by_autograd, by_sympy
from tests.benchmarks.formulas import FORMULAS, Engineering
from tests.benchmarks.machine import machine
from tests.benchmarks.measure import Figure, in_turn
from tests.benchmarks.page import FIGURES, PAGE, rewrite, section
from tests.benchmarks.peer_script import by_hand
from tests.benchmarks.programs import COUNT, different, product, rosenbrock
from tests.code.running import flat, python_function


def test_the_programs_are_different() -> None:
    assert len({program for program, _ in different()}) == COUNT


@pytest.mark.parametrize(("program", "at"), itertools.islice(different(), 0, COUNT, 20))
def test_both_sides_compute_the_same(program: str, at: dict[str, float]) -> None:
    own = {partial.wrt[0]: partial for partial in gradcli.differentiate(program, at).partials}
    for name, (_, value, number) in by_hand(program, at).items():
        assert own[name].autograd == pytest.approx(number)
        assert own[name].symbolic_value == pytest.approx(value)


def test_long_programs_have_their_variables() -> None:
    assert len(gradcli.differentiate(product(5)).partials) == 5
    assert len(gradcli.differentiate(rosenbrock(5)).partials) == 5


@pytest.mark.parametrize("one", FORMULAS, ids=lambda one: one.name)
def test_code_and_its_peers_compute_the_same(one: Engineering) -> None:
    text = gradcli.code(one.program, "numpy", wrt=list(one.at))
    function = python_function(text)
    args = [one.at[each.variable] for each in text.arguments]
    own = flat(function(*args))
    assert flat(by_sympy(one, function)(*args)) == pytest.approx(own, rel=1e-9)
    tensors = [torch.tensor(arg, dtype=torch.float64) for arg in args]
    taped = by_autograd(one)(*tensors)
    places = [text.by.index(each.variable) for each in text.arguments]
    assert flat(list(taped)) == pytest.approx([own[1 + place] for place in places], rel=1e-9)


def test_a_figure_is_held_against_its_promise() -> None:
    ratio, alone = Figure("a", 1.0, 0.75, 2.0, "b"), Figure("c", 3.0, 2.0)
    assert (ratio.figure, ratio.holds, "TOO SLOW" in ratio.line()) == (0.5, True, False)
    assert (alone.figure, alone.holds, "TOO SLOW" in alone.line()) == (3.0, False, True)
    assert alone.to_dict()["peer"] is None


def test_the_page_on_speed_shows_the_figures() -> None:
    page = PAGE.read_text()
    assert rewrite(page, json.loads(FIGURES.read_text())) == page


def test_a_table_says_the_machine_and_what_was_missed() -> None:
    figures = [
        Figure("a*b", 0.02, 0.75, 0.04, "x|y"),
        Figure("c", 3.0, 2.0),
        Figure("d", 1.5, 1.2, 1.0, "e", "GiB"),
    ]
    data = {
        "machine": {"date": "2026-01-31", "processor": "P", "cores": 1, "memory_gib": 7.5, "system": "S",
                    "python": "3.13.1", "versions": {"torch": "2.9"}},
        "figures": [figure.to_dict() for figure in figures],
    }  # fmt: skip
    assert section(data) == (
        "Measured on 2026-01-31: P, 1 core, 7.5 GiB of memory, S, Python 3.13.1, torch 2.9.\n"
        "\n"
        "| what | gradcli | peer | the peer's | ratio | at most |\n"
        "|---|---|---|---|---|---|\n"
        "| a\\*b | 20 ms | x\\|y | 40 ms | 0.5 | 0.75 |\n"
        "| c | **3 s** |  |  |  | 2 s |\n"
        "| d | 1.5 GiB | e | 1 GiB | **1.5** | 1.2 |\n"
        "\n"
        "Bold: more than what is promised."
    )


def test_the_machine_is_described() -> None:
    found = machine()
    assert found["processor"]
    assert isinstance(found["cores"], int)
    assert {"torch", "sympy"} <= set(found["versions"])  # type: ignore[call-overload]
    assert json.loads(json.dumps(found)) == found


def test_both_sides_run_in_turn() -> None:
    calls: list[str] = []
    in_turn(lambda: calls.append("own"), lambda: calls.append("peer"), 2)
    assert calls == ["own", "peer"] * 3


def test_all_cases_can_be_run() -> None:
    from tests.benchmarks import cases

    assert all(callable(case) for case in cases.ALL.values()) and "symbolic" in cases.ALL
