"""Kinks on whole tensors: what two sweeps say of all entries is what each entry's own sides say."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.engines.tensors import witness
from gradcli.engines.tensors.whole import WholeJudge
from gradcli.result import Partial, Verdict

PATIENCE = 0.5  # seconds: what one by one takes longer is not compared
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
    for program, at in programs(60, 12):
        with monkeypatch.context() as patch:
            patch.setattr(witness, "_judge_special", lambda *_: None)
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
    assert compared > 200
    assert kinks > 40
