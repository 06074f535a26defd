"""The formula's value where entries tie: of equal ones each is taken once, as any order of them would have it."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.diff.data import Verdict

# A program that is smooth although entries tie, the point, and the derivative of what it is there: by hand.
SMOOTH: list[tuple[str, list[Any], list[Any]]] = [
    ("sum(sort(x)**2)", [2, 1, 2, 3], [4, 2, 4, 6]),
    ("sum(sort(x)**2)", [2, 2, 2], [4, 4, 4]),
    ("sum(sort(x/3)**2)", [2, 1, 2, 3], [4 / 9, 2 / 9, 4 / 9, 6 / 9]),
    ("sum(sort(x, descending=True)**3)", [2, 1, 2], [12, 3, 12]),
    ("sort(x)[1]*sort(x)[2]", [2, 1, 2, 3], [2, 0, 2, 0]),
    ("sum(topk(x, 3)**2)", [2, 1, 2, 3], [4, 0, 4, 6]),
    ("max(x) + min(x)", [0.3, 0.3], [1, 1]),
    ("max(x) - max(-x)", [0.3, 0.3], [1, 1]),
    ("max(x/7)*min(x/7)", [3, 3], [3 / 49, 3 / 49]),
    ("max(x) + sort(x)[0]", [2, 2], [1, 1]),
    ("max(x) + topk(x, 2)[1]", [2, 2], [1, 1]),
    ("cummax(x)[1] + cummin(x)[1]", [2, 2], [1, 1]),
    ("cummax(x)[1] - cummax(-x)[1]", [2, 2], [1, 1]),
    ("median(x) + min(x) + max(x)", [2, 2, 2], [1, 1, 1]),
    ("sum(sort(x, 0)**2)", [[2, 1], [2, 3]], [[4, 2], [4, 6]]),
    ("sum(max(x, dim=1)) + sum(min(x, dim=1))", [[2, 2], [1, 3]], [[1, 1], [1, 1]]),
    ("sum(adaptive_max_pool2d(x, 2)**2)", [[[1, 5, 2, 4], [6, 3, 8, 0]]], [[[0, 10, 0, 8], [12, 0, 16, 0]]]),
]


TIES = "where entries tie, only one of them counts as equal in the formula"


@pytest.mark.parametrize(("program", "at", "truth"), SMOOTH)
def test_the_formula_is_the_derivative(program: str, at: list[Any], truth: list[Any]) -> None:
    partial = gradcli.differentiate(program, at={"x": at}, wrt=["x"]).partials[0]
    np.testing.assert_allclose(np.array(partial.symbolic_value, dtype=float), truth, rtol=1e-13, atol=1e-15)
    assert partial.symbolic_holds is not False
    # as it is printed it is the derivative, too, or says that == is not meant of all that tie
    text = partial.symbolic_here or partial.symbolic or ""
    for entry in np.ndindex(np.shape(at)):
        typed = re.sub(r"(?<![\w.])([ijk])(?!\w)", lambda letter: _put(letter[0], partial.indices, entry), text)
        found = gradcli.differentiate(f"{typed} + 0*sum(x)", at={"x": at}, wrt=["x"], reference=False)
        if TIES not in (partial.note or ""):
            assert found.value == pytest.approx(np.array(truth)[entry]), typed
        else:
            assert re.search("max|min|median", program)


def _put(letter: str, indices: tuple[str, ...], entry: tuple[int, ...]) -> str:
    return str(entry[indices.index(letter)]) if letter in indices else letter


def test_numbers_in_a_list_say_what_is_taken_where_they_tie() -> None:
    for program in ("max([x, y])", "min([[x], [y]])"):
        at_tie = gradcli.differentiate(program, {"x": 1, "y": 1}).partials
        plain = gradcli.differentiate(program).partials
        as_numbers = gradcli.differentiate(f"{program[:3]}(x, y)").partials
        assert [one.symbolic_value for one in at_tie] == [one.autograd for one in at_tie] == [0.5, 0.5]
        assert [one.symbolic for one in plain] == [one.symbolic for one in as_numbers]
        assert [one.note for one in plain] == [one.note for one in as_numbers] and "x == y" in str(plain[0].note)
    (without_a_point,) = gradcli.differentiate("max(x)", shape={"x": (3,)}).partials
    assert without_a_point.note and gradcli.differentiate("max(x)", {"x": [1, 2]}).partials[0].note is None


def test_the_second_derivative_of_squares_in_order() -> None:
    partial = gradcli.differentiate("sum(sort(x)**2)", at={"x": [2, 1, 2, 3]}, order=2, patience=60).partials[0]
    np.testing.assert_allclose(np.array(partial.symbolic_value, dtype=float), 2 * np.eye(4))
    assert partial.verdict is Verdict.AGREE


@pytest.mark.parametrize("program", ["max(x)", "sort(x)[2]", "median(x) + max(x)", "min(x)*2"])
def test_a_corner_stays_one(program: str) -> None:
    partial = gradcli.differentiate(program, at={"x": [2, 2, 2]}).partials[0]
    assert partial.verdict is Verdict.UNDEFINED
    assert {entry.kind for entry in partial.entries} == {"corner"}


# Lists of numbers: what is chosen, and the entries.
CHOSEN = {
    "median([x, y, z])": "where(median([x, y, z]) == {}, 1, 0)",
    "sort([x, y, z])[1]": "where(argsorted([x, y, z])[1] == {place}, 1, 0)",
    "median([[x, y, 9], [0, z, 8]])": "where(median([[x, y, 9], [0, z, 8]]) == {}, 1, 0)",
}


def test_each_entry_of_a_list_has_a_formula_of_its_own() -> None:
    for program, formula in CHOSEN.items():
        result = gradcli.differentiate(program, {"x": 2, "y": 1, "z": 3})
        assert [partial.symbolic for partial in result.partials] == [
            formula.format(name, place=place) for place, name in enumerate("xyz")
        ]
        assert [partial.symbolic_value for partial in result.partials] == [
            partial.autograd for partial in result.partials
        ]


def test_steps_of_the_entry_in_the_middle_of_a_list() -> None:
    for section, name in zip(gradcli.steps("median([x, y, z])", {"x": 2, "y": 1, "z": 3}).sections, "xyz"):
        assert section.formula == f"where(median([x, y, z]) == {name}, 1, 0)"
