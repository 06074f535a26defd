"""Kinks on whole tensors: what two sweeps say of all entries is what each entry's own sides say."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.diff.data import Partial, Verdict
from tests.doors import WholeJudge
from tests.doors import tensor_sources as ball_source

PATIENCE = 2.0  # seconds: what one by one takes longer is not compared
UNARY = (
    "relu({})", "abs({})", "leaky_relu({})", "clamp({}, -1, 1)", "where({} > 0, 2*{}, {})", "max({}, 0)",
    "relu({})**2", "min({}, 1)", "hardtanh({})", "tanh({})", "relu({}) - relu(-({}))", "relu6({})", "elu({})",
    "floor({})", "sign({})*{}", "where({} >= 1, 1, {}**2)",
)  # fmt: skip
INNER = ("W@x", "W@x + b", "W@(x*x)", "x", "x*y", "max(x, y)", "x - y", "W@relu(x)", "abs(x) - y")
OUTER = (
    "sum({})", "sum({}*[1,-2])", "max({})", "{}", "[sum({}), max({})]", "V@{}", "sum(exp({}/4))", "min({})", "norm({})",
)  # fmt: skip


def programs(count: int, seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Small programs at whole numbers, where much of them sits on kinks."""
    chance = random.Random(seed)
    for _ in range(count):
        text = chance.choice(INNER)
        for _ in range(chance.choice((1, 1, 2))):
            rule = chance.choice(UNARY)
            text = rule.format(*[f"({text})"] * rule.count("{}"))
        rule = chance.choice(OUTER)
        text = rule.format(*[f"({text})"] * rule.count("{}"))
        shapes = {"W": (2, 2), "V": (2, 2), "x": (2,), "y": (2,), "b": (2,)}
        at = {
            name: np.reshape([float(chance.randint(-1, 1)) for _ in range(int(np.prod(shape)))], shape).tolist()
            for name, shape in shapes.items()
            if re.search(rf"\b{name}\b", text)
        }
        yield text, at


def _rounded(text: Any) -> float | None:
    return None if text is None else float(f"{float(text):.12g}")


def told(partial: Partial) -> dict[tuple[int, ...], tuple[Any, ...]]:
    """What is said of each entry that is not undecided: its kind and sides, or its value."""
    found: dict[tuple[int, ...], tuple[Any, ...]] = {}
    for index, value in np.ndenumerate(np.array(partial.reference, dtype=object)):
        if value is not None:
            found[index] = ("value", _rounded(value))
    for entry in partial.entries:
        if entry.verdict is Verdict.UNDEFINED:
            sides = [_rounded(one) for one in (entry.left, entry.right)]
            found[entry.index] = (entry.kind, *sides)
    return found


def test_whole_tensors_say_what_single_entries_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that is told of all entries at once is told otherwise of one of them alone; and much is told."""
    compared = kinks = 0
    for program, at in programs(30, 12):
        with monkeypatch.context() as patch:
            patch.setattr(ball_source, "_judge_special", lambda *_: None)
            patch.setattr(WholeJudge, "sides", lambda self, position, entries: list(entries))
            together = gradcli.differentiate(program, at=at)
        with monkeypatch.context() as patch:
            patch.setattr(WholeJudge, "judge", lambda self: "left out")
            alone = gradcli.differentiate(program, at=at, patience=PATIENCE)
        for one, other in zip(together.partials, alone.partials):
            both, each = told(one), told(other)
            for index in both.keys() & each.keys():
                compared += 1
                kinks += both[index][0] != "value"
                assert both[index] == each[index], (program, at, one.wrt, index)
    assert compared > 100
    assert kinks > 8


def ordinary(*shape: int, seed: int = 5) -> Any:
    """Doubles of 20 bits: sums of their products are exact."""
    return np.round(np.random.default_rng(seed).normal(size=shape) * 2**16) / 2**16


def corners(partial: Partial) -> dict[tuple[int, ...], tuple[float, float]]:
    return {
        entry.index: (float(entry.left), float(entry.right))  # type: ignore[arg-type]
        for entry in partial.entries
        if entry.kind == "corner"
    }


def test_rows_of_a_large_matrix_that_give_exact_zeros() -> None:
    """sum(c*relu(W@x)) where some rows of W are 0: by W[i,j] there is a corner of 0 and c_i*x_j."""
    weights, x, c = ordinary(150, 120), ordinary(120, seed=6), ordinary(150, seed=7)
    weights[[3, 77]] = 0
    result = gradcli.differentiate("sum(c*relu(W@x))", at={"W": weights, "x": x, "c": c}, wrt="W,x")
    by_matrix, by_vector = result.partials
    assert by_matrix.checked is not None
    assert (by_matrix.checked.reference, by_matrix.checked.unusual) == (18_000, 240)
    for (i, j), (left, right) in corners(by_matrix).items():
        assert i in (3, 77)
        assert (left, right) == pytest.approx((c[i] * min(x[j], 0), c[i] * max(x[j], 0)), rel=1e-15)
    assert by_vector.verdict is Verdict.AGREE


def test_entries_of_a_vector_that_take_kinks_different_ways() -> None:
    """sum(c*abs(W@x)) where W@x is 0 in some rows: by x_j a corner of the sum of the others, and of |W[i,j]| to both sides."""
    weights, x, c = ordinary(60, 40), ordinary(40, seed=6), np.abs(ordinary(60, seed=7)) + 1
    x[0] = 1
    zero = [2, 17, 18, 50]
    weights[zero, 0] = 0
    weights[zero, 0] = -(weights[zero] @ x)
    result = gradcli.differentiate("sum(c*abs(W@x))", at={"W": weights, "x": x, "c": c}, wrt="x")
    (partial,) = result.partials
    others = np.delete(np.arange(60), zero)
    rest = (c[others] * np.sign(weights[others] @ x)) @ weights[others]
    reach = c[zero] @ np.abs(weights[zero])
    found = corners(partial)
    assert set(found) == {(j,) for j in range(40)}
    for (j,), sides in found.items():
        assert sides == pytest.approx((rest[j] - reach[j], rest[j] + reach[j]), rel=1e-11)


def test_a_jacobian_with_kinks_of_its_own_in_each_output() -> None:
    """relu(W@x) by x where W@x is 0 in some rows: row i has corners of 0 and W[i,j] there."""
    weights, x = ordinary(50, 30), ordinary(30, seed=6)
    x[0] = 1
    weights[[4, 9, 31], 0] = 0
    weights[[4, 9, 31], 0] = -(weights[[4, 9, 31]] @ x)
    (partial,) = gradcli.differentiate("relu(W@x)", at={"W": weights, "x": x}, wrt="x").partials
    assert partial.checked is not None
    assert (partial.checked.reference, partial.checked.unusual) == (1_500, 90)
    for (i, j), (left, right) in corners(partial).items():
        assert (left, right) == (min(0.0, weights[i, j]), max(0.0, weights[i, j]))


def test_a_tie_of_three_in_a_large_matrix() -> None:
    """max(M) + sum(M) where three entries are the largest: 1 from below, 2 from above, and 1 elsewhere."""
    matrix = ordinary(120, 100)
    for index in ((0, 0), (60, 99), (119, 3)):
        matrix[index] = 9
    (partial,) = gradcli.differentiate("max(M) + sum(M)", at={"M": matrix}).partials
    assert corners(partial) == dict.fromkeys(((0, 0), (60, 99), (119, 3)), (1.0, 2.0))
    assert partial.checked is not None
    assert (partial.checked.reference, partial.checked.unusual) == (12_000, 3)


def test_a_sample_of_a_matrix_whose_entries_sit_on_kinks() -> None:
    """Of a matrix of which only a sample is judged, the entries of the sample on kinks are judged, too."""
    weights, x = ordinary(1_100, 1_100), ordinary(1_100, seed=6)
    weights[::2] = 0
    (partial,) = gradcli.differentiate("sum(relu(W@x))", at={"W": weights, "x": x}, wrt="W").partials
    assert partial.checked is not None
    assert partial.checked.reference == 2_000
    assert 900 < partial.checked.unusual < 1_100
    for (i, j), sides in corners(partial).items():
        assert not i % 2
        assert sides == (min(0.0, x[j]), max(0.0, x[j]))


def test_a_leaky_unit_written_with_where() -> None:
    """A condition that is decided on each side: where(h > 0, h, 0.1*h) at 0."""
    weights, x = ordinary(40, 60), ordinary(60, seed=6)
    weights[8] = 0
    (partial,) = gradcli.differentiate(
        "h = W@x; sum(where(h > 0, h, h/8))", at={"W": weights, "x": x}, wrt="W"
    ).partials
    assert set(corners(partial)) <= {(8, j) for j in range(60)}
    for (_, j), sides in corners(partial).items():
        assert sides == (x[j] if x[j] < 0 else x[j] / 8, x[j] if x[j] > 0 else x[j] / 8)


def test_a_kink_of_another_variable_that_does_not_matter() -> None:
    """What sits on a kink, and comes to the output by a factor of 0, changes nothing for the other variable."""
    x, y = [0.0, 1.0, 0.0], [0.0, 0.0, 2.0]
    by_x, by_y = gradcli.differentiate("sum(relu(y)*0 + abs(x))", at={"x": x, "y": y}, wrt="x,y").partials
    assert corners(by_x) == {(0,): (-1.0, 1.0), (2,): (-1.0, 1.0)}
    assert by_y.verdict is Verdict.AGREE
