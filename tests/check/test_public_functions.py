"""Gradients of public code: each right one is right, and each with a slip is false."""

import pytest

import gradcli
from tests.check import public_arrays, public_functions

CASES = {**{name: (*row, None) for name, row in public_functions.CASES.items()}, **public_arrays.CASES}
NAMED = 38  # of the slips, that a sentence says what went wrong


@pytest.fixture(scope="module")
def named():
    """The slips that were named, of those that were looked at."""
    found = {}
    yield found
    if len(found) == len(CASES):
        assert sum(found.values()) >= NAMED, [name for name, one in found.items() if not one]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", CASES)
def test_a_right_gradient_is_right_and_one_with_a_slip_false(name, named):
    function, right, wrong, at = CASES[name]
    found = gradcli.check(function, at=at, gradient=right, modes=False)
    assert {one.verdict.value for one in found.findings} <= {"proved", "holds"}
    found = gradcli.check(function, at=at, gradient=wrong, modes=False)
    assert found.verdict.value == "false"
    named[name] = any(one.slip is not None for one in found.findings)


def test_there_are_enough_of_enough_projects():
    assert len(CASES) >= 40 and len({name.partition(" ")[0] for name in CASES}) >= 15
