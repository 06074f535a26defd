"""The benchmarks measure what they say; how fast it is, they tell by themselves."""

from __future__ import annotations

import itertools

import pytest

import gradcli
from tests.benchmarks.measure import Figure, in_turn
from tests.benchmarks.peer_script import by_hand
from tests.benchmarks.programs import COUNT, different, product, rosenbrock


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


def test_a_figure_is_held_against_its_promise() -> None:
    ratio, alone = Figure("a", 1.0, 0.75, 2.0, "b"), Figure("c", 3.0, 2.0)
    assert (ratio.figure, ratio.holds, "TOO SLOW" in ratio.line()) == (0.5, True, False)
    assert (alone.figure, alone.holds, "TOO SLOW" in alone.line()) == (3.0, False, True)
    assert alone.to_dict()["peer"] is None


def test_both_sides_run_in_turn() -> None:
    calls: list[str] = []
    in_turn(lambda: calls.append("own"), lambda: calls.append("peer"), 2)
    assert calls == ["own", "peer"] * 3
