"""What an answer of a million derivatives takes, each in a process of its own, and that its text is never whole."""

from __future__ import annotations

import csv
import json
import pickle
import subprocess
import sys
from array import array
from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.backends.arb.tensors import reference
from gradcli.backends.symbolic.indexed import evaluate
from gradcli.diff.data import Array
from gradcli.problem.tensors import examine, passing, sample
from tests.doors import CHUNK, TextArray, as_csv
from tests.doors import json_numbers as numbers
from tests.doors import json_pieces as pieces
from tests.doors import json_plain as plain
from tests.support import ROOT

MOST = 90  # MB for a million derivatives with their point, formula values and texts: four arrays of 8 MB, and chunks

# A small answer first, so that all is imported; the numbers are in kilobytes, on a Mac in bytes.
GROWTH = """
import resource, sys
import gradcli
from gradcli.diff.lines import as_json
from gradcli.terminal.console import Screen
from gradcli.diff.text import render

def peak():
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / 2**20 if sys.platform == "darwin" else used / 2**10

def answer(n):
    found = gradcli.differentiate("sum(tanh(W@x)**2)", f"W=randn({n},{n},seed=1),x=randn({n},seed=2)", reference=False)
    return len(render(found, Screen(100, False, False))), sum(map(len, as_json(found)))

answer(3)
before = peak()
text, data = answer(1000)
print(peak() - before, text, data)
"""


def test_a_million_derivatives_take_few_bytes_each() -> None:
    done = subprocess.run([sys.executable, "-c", GROWTH], capture_output=True, text=True, check=True, cwd=ROOT)
    growth, text, data = map(float, done.stdout.split())
    assert growth < MOST
    assert text < 3_000
    assert data > 40_000_000


@pytest.mark.parametrize("block", [1, 5, 8])
@pytest.mark.parametrize(
    ("program", "order"),
    [
        ("sum(tanh(W@x)**2)", 1),
        ("softmax(W@x)", 1),
        ("sum(exp(W.T@W)*outer(x, x))", 1),
        ("sum(relu(W@W - 1)*eye(4))", 1),
        ("sum((W@x)**3)*max(x)", 2),
        ("sum(cumsum(x)*diag(W))", 1),
        ("sum(x)", 1),
    ],
)
def test_formulas_have_the_same_values_block_by_block(
    program: str, order: int, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(7)
    at = {"W": rng.uniform(-1, 1, (4, 4)), "x": rng.uniform(-1, 1, 4)}
    at = {name: value for name, value in at.items() if name in program}
    whole = gradcli.differentiate(program, at, order=order, reference=False).partials
    monkeypatch.setattr(evaluate, "BLOCK", block)
    blocks = gradcli.differentiate(program, at, order=order, reference=False).partials
    for one, other in zip(whole, blocks):
        assert one.symbolic_value is not None
        assert np.asarray(other.symbolic_value) == pytest.approx(np.asarray(one.symbolic_value), rel=1e-14, abs=1e-15)
        assert np.asarray(other.symbolic_value) == pytest.approx(np.asarray(other.autograd), rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("is_sampled", [False, True])
@pytest.mark.parametrize(
    "program",
    [
        "mean((2*x + 1)**2)",
        "sum(relu(x*2)*tanh(x + 1))",
        "y = x*3; z = exp(y - 1); max(z) + sum(abs(z - 2)*y)",
        "sum(x/(x**2 + 1)*detach(x*2)) + median(x*x + x)",
    ],
)
def test_values_that_are_not_kept_are_not_missed(
    program: str, is_sampled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither where all entries are judged nor where a sample is, which is looked for block by block."""
    at = {"x": np.linspace(-1.0, 1.0, 21).reshape(3, 7)}
    if is_sampled:
        monkeypatch.setattr(examine, "ALL_OPERATIONS", 0)
        monkeypatch.setattr(reference, "MOST_WORK", 0)
    kept = gradcli.differentiate(program, at, patience=30)
    monkeypatch.setattr(passing, "LARGE", 1)
    monkeypatch.setattr(sample, "BLOCK", 4)
    left = gradcli.differentiate(program, at, patience=30)
    assert np.array_equal(numbers_of(left), numbers_of(kept))
    assert left.verdict is kept.verdict is not None


def numbers_of(found: gradcli.Result) -> Any:
    """The value, autograd's numbers and the formula's."""
    (one,) = found.partials
    by_formula = [0.0] if one.symbolic_value is None else np.ravel(one.symbolic_value)
    return np.concatenate([[found.value], np.ravel(one.autograd), by_formula])


def matrix(rows: int, columns: int) -> Array:
    return Array((rows, columns), array("d", (i / 7 for i in range(rows * columns))))


@pytest.mark.parametrize("shape", [(2, 3), (CHUNK, 3), (3, CHUNK + 1), (2, 2, CHUNK), (2 * CHUNK + 1,), (1, 1, 1)])
def test_pieces_are_the_text_of_the_whole(shape: tuple[int, ...]) -> None:
    values = np.arange(np.prod(shape)).reshape(shape) / 7
    found = Array(shape, array("d", values.tobytes()))
    parts = list(pieces({"a": found, "b": [{"c": None}, "d"], "e": [["x"] * (CHUNK + 1), None]}))
    whole = {"a": values.tolist(), "b": [{"c": None}, "d"], "e": [["x"] * (CHUNK + 1), None]}
    assert "".join(parts) == json.dumps(whole)
    assert max(map(len, parts)) < 25 * CHUNK


def test_what_json_cannot_say_is_null_in_pieces() -> None:
    values = [1.0] * (CHUNK + 1) + [float("inf"), float("nan")]
    field = numbers("a", Array((len(values),), array("d", values)))
    data = json.loads("".join(pieces(field)))
    assert data["a"] == [1.0] * (CHUNK + 1) + [None, None]
    assert data["a_status"][-3:] == [None, "inf", "nan"]
    assert plain(field) == data


def test_an_array_reads_like_nested_lists() -> None:
    found = matrix(3, 4)
    lists = found.tolist()
    assert found == lists
    assert [list(row) for row in found] == lists
    assert found[1] == lists[1]
    assert found[-1, -1] == lists[-1][-1] == found[2][3]
    assert found[1:] == lists[1:]
    assert found[5:] == lists[5:] == []
    assert len(found) == 3
    assert found != matrix(4, 3)
    assert found != [*lists[:2], [0.0] * 4]
    assert pickle.loads(pickle.dumps(found[1:])) == lists[1:]
    for index in (3, -4, (0, 4), (0, 0, 0)):
        with pytest.raises(IndexError):
            found[index]


def test_numpy_reads_an_array_without_a_copy() -> None:
    found = gradcli.differentiate("sum(x**2)", {"x": [[1.0, 2.0], [3.0, 4.0]]}).partials[0].autograd
    assert isinstance(found, Array)
    assert np.asarray(found).tolist() == [[2.0, 4.0], [6.0, 8.0]]
    assert np.asarray(found[1]).tolist() == [6.0, 8.0]
    assert np.shares_memory(np.asarray(found), np.asarray(found))
    assert gradcli.differentiate("sum(x)", {"x": found}).value == 20.0


def test_an_answer_is_the_same_from_a_child() -> None:
    """A large answer comes through shared memory and pipes on the command line, and from one process in Python."""
    program, at = "sum(sin(x)*y)", "x=linspace(-1,1,1100000),y=2"
    command = [sys.executable, "-m", "gradcli", "diff", program, "--at", at, "--json", "--wrt", "x"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    data = json.loads(done.stdout)["partials"][0]
    here = gradcli.differentiate(program, at, wrt="x", reference=False).partials[0]
    assert isinstance(here.autograd, Array)
    assert here.autograd == data["autograd"]


def test_references_of_many_entries_are_made_as_they_are_read() -> None:
    program, at = "sum(exp(x)*relu(x - 1))", "x=linspace(-2,2,20001)"
    found = gradcli.differentiate(program, at).partials[0]
    assert isinstance(found.reference, TextArray)
    whole = found.reference.tolist()
    assert len(whole) == len(found.reference) == 20_001
    assert whole[:3] == ["0", "0", "0"]
    assert float(whole[-1]) == pytest.approx(2 * np.exp(2.0), rel=1e-15)
    kink = list(np.asarray(found.autograd) != 0).index(True) - 1
    assert found.entries[0].index == (kink,)
    assert whole[kink] is None
    assert found.reference[20_000] == whole[-1]
    assert found.reference[3:5] == whole[3:5]
    assert pickle.loads(pickle.dumps(found.reference)).tolist() == whole
    assert json.loads("".join(pieces(found.fields())))["reference"] == whole == found.to_dict()["reference"]
    result = gradcli.differentiate(program, at)
    rows = list(csv.DictReader("".join(as_csv(result)).splitlines()))
    assert [row["reference"] or None for row in rows] == whole
