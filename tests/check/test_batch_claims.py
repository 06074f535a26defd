"""Claims in the lines of a batch: the derivative and the verdict on what was said of it, in one record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.batch.support import answered, data, written
from tests.doors import LineRecord
from tests.doors import sampling as sample
from tests.support import run, schema, validate

CLAIMED: list[Any] = [
    {"program": "x**2*y", "at": {"x": 3, "y": "pi/4"}, "claim": {"x": "2*x*y", "y": "x"}, "id": "two"},
    {"program": "x**2", "at": {"x": 3}, "claim": "2*x"},
    {"program": "x**2", "claim": ["x = 3*x"]},
    {"program": "relu(x)", "at": {"x": 0}, "claim": "heaviside(x)"},
    {"program": "x**2", "at": {"x": 3}},
    {"program": "mean(x**2)", "at": {"x": [1, 2]}, "claim": "x = x"},
    {"program": "x**3", "at": {"x": 2}, "claim": "6*x", "order": 2},
    {"program": "x**2*y", "at": {"x": 3, "y": 2}, "claim": "2*x*y", "wrt": "x"},
]


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "MOST", 12)


def test_a_line_with_a_claim_has_a_check() -> None:
    records = answered(CLAIMED)
    found = [data(record) for record in records]
    for one in found:
        validate(one, schema("diff-2"))
    verdicts = [(one["check"]["verdict"] if "check" in one else None) for one in found]
    assert verdicts == ["false", "proved", "false", "holds", None, "proved", "proved", "proved"]
    assert [one.code for one in records] == [1, 0, 1, 3, 0, 0, 0, 0]
    first, second = found[0]["check"]["claims"]
    assert (first["wrt"], first["verdict"], second["wrt"], second["verdict"]) == (["x"], "proved", ["y"], "false")
    assert second["correct"] == "x**2"
    assert set(second["counterexample"]) == {"at", "index", "claimed", "true", "kind"}
    assert found[0]["partials"][0]["autograd"] == 6 * found[0]["at"]["y"]


def test_the_derivative_is_the_same_with_a_claim_and_without() -> None:
    one: dict[str, Any] = {"program": "sin(x)*exp(y)", "at": {"x": 0.1, "y": 1 / 3}, "id": 1}
    (plain,), (claimed,) = answered([one]), answered([{**one, "claim": {"x": "cos(x)*exp(y)"}}])
    both = data(claimed)
    del both["check"]
    assert both == data(plain)
    assert claimed.text.startswith(plain.text.rstrip()[:-1])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"program": "x**2", "claim": "2*z"}, 'the program has no name "z"'),
        ({"program": "x**2", "claim": "2*"}, 'the claim ends after "*"'),
        ({"program": "x*y", "at": {"x": 1, "y": 1}, "claim": "y"}, "the claim does not say which partial it is"),
        ({"program": "x**2", "claim": True}, '"claim" is true'),
        ({"program": "x**2", "claims": "2*x"}, 'there is no field "claims"'),
        ({"program": "x**", "claim": "2*x"}, 'the program ends after "**"'),
    ],
)
def test_a_wrong_claim_is_an_error_record(line: Any, message: str) -> None:
    record: LineRecord
    (record,) = answered([line])
    assert (record.is_error, record.code, data(record)["error"]["message"]) == (True, 2, message)


@pytest.mark.parametrize(("chosen", "code"), [([1, 4], 0), ([1, 3], 3), ([0, 3], 1), ([2], 1)])
def test_a_file_of_them_is_continued_with_its_exit_code(chosen: list[int], code: int, tmp_path: Path) -> None:
    source, out = written(tmp_path / "in", [CLAIMED[i] for i in chosen]), tmp_path / "out"
    assert run("batch", str(source), "-o", str(out)).code == code
    before = out.read_bytes()
    again = run("batch", str(source), "-o", str(out), "--resume")
    assert (again.code, out.read_bytes()) == (code, before)
    assert [json.loads(line)["program"] for line in before.splitlines()] == [CLAIMED[i]["program"] for i in chosen]
