"""A record says what `gradcli diff --json` says, however it was come by: at kinks, in thousands, once more."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

import gradcli
from tests.batch.support import answered, data, lines, points
from tests.benchmarks.programs import different
from tests.doors import MAX_PROGRAMS, LineHandler, PreparedProgram, table

SPREAD = (0.0, 1.0, -0.5, 1e-9, 30.0)  # further points of each program, by what its own are multiplied with
SPECIAL = (
    ("relu(x) - relu(-x)", [0, 1, -2, 1e-300]),
    ("abs(x - 0.1)", [0.1, 0.2]),
    ("(1 - cos(x))/x**2", [1e-5, 0, 2]),
    ("x**x", [0, 0.5, 2]),
    ("sin(x)/x", [0, 1e-8, 3]),
    ("sqrt(x)", [0, 4, -1]),
    ("log(1 + exp(x))", [800, 1, -800]),
    ("log(1+x)", [0.5, 0.25, 3e-16, 2, 1e-9, 4e-16]),  # the value alone is wrong, at some
    ("where(x > 1, x**2, 2*x)", [1, 0.5, 3]),
    ("exp(x) - exp(x)", [1, 700]),
    ("x - x", [3]),
    ("tan(x)", [1.5707963267948966, 0]),
    ("y = x**2; detach(y)*x", [3]),
    ("sq(i) = i**2; sq'(i) = 2*i; 3*sq(x)", [2, 0]),
    ("diff(sin(x)**2, x)", [1, 2]),
    ("gamma(x)", [2.5, -1]),
    ("3 + 4*0*x", [1]),
    ("floor(x)*x", [1.5, 2]),
    ("1e308*x", [1, 10]),
    ("(x - 1)**3", [1, 1.0000001]),
    ("1/(x - pi)", [3.141592653589793, 3.2]),
    ("pi*x**2 + e*x", [1.25]),
)  # fmt: skip

OF_FORMULAS = ("symbolic", "indices", "sizes", "symbolic_value", "symbolic_holds", "checked", "note")


def expected(request: dict[str, Any]) -> Any:
    options = {name: value for name, value in request.items() if name not in ("program", "at", "id")}
    return json.loads(gradcli.differentiate(request["program"], request.get("at"), **options).to_json())


def check(requests: list[dict[str, Any]]) -> None:
    for request, record in zip(requests, answered(requests), strict=True):
        found = data(record)
        del found["id"]
        assert found == expected(request), request


def scattered() -> Iterator[dict[str, Any]]:
    chosen = random.Random(11)
    for program, at in different():
        yield {"program": program, "at": {name: value * chosen.uniform(-2, 2) for name, value in at.items()}}
        factor = chosen.choice(SPREAD)
        yield {"program": program, "at": {name: value * factor for name, value in at.items()}}


@pytest.mark.sampled(2)
@pytest.mark.parametrize("part", range(4))
def test_of_hundreds_of_programs(part: int) -> None:
    check(list(scattered())[part::4])


@pytest.mark.parametrize("part", range(3))
def test_at_many_points(part: int) -> None:
    """After the first point, a record is the same text with other numbers."""
    chosen = random.Random(part)
    for program, at in list(different())[part * 17 :: 51]:
        check([{"program": program, "at": {name: chosen.gauss(0, 2) for name in at}} for _ in range(12)])


def test_ordinary_points_are_answered_quickly() -> None:
    pytest.importorskip("flint")
    answerer = LineHandler({})
    requests = [{"program": program, "at": at} for program, at in different()]
    answerer.answer(lines(*requests), lambda seconds: None)
    programs = answerer.programs.known.values()
    assert sum(program._has_answered for program in programs) > 0.9 * len(requests)


@pytest.mark.parametrize(("program", "values"), SPECIAL, ids=[program for program, _ in SPECIAL])
def test_at_special_points(program: str, values: list[float]) -> None:
    check([{"program": program, "at": {"x": value}} for value in values])


def test_the_value_has_its_own_verdict_at_every_point() -> None:
    found = [
        data(one) for one in answered({"program": "log(1+x)", "at": {"x": x}} for x in (0.5, 0.25, 3e-16, 2, 4e-16))
    ]
    assert [one["value_verdict"] for one in found] == ["agree", "agree", "inaccurate", "agree", "inaccurate"]
    assert [one["verdict"] for one in found] == ["agree", "agree", "inaccurate", "agree", "inaccurate"]
    assert [one["partials"][0]["verdict"] for one in found] == ["agree"] * 5
    assert all(one["value_digits"] < 1 for one in found if one["value_verdict"] == "inaccurate")


def test_of_every_function() -> None:
    requests = []
    for row in table.ROWS:
        program, _, at = row.example.rpartition(" at ")
        if program and row.name not in ("zetaderiv", "owens_t"):
            requests.append({"program": program, "at": at})
    assert len(requests) > 150
    requests = requests[::3]
    records = answered(requests)
    assert not any(record.is_error for record in records)
    for request, record in list(zip(requests, records))[::2]:
        found, alone = data(record), expected(request)
        del found["id"]
        for mine, other in zip(found["partials"], alone["partials"]):
            if (mine["symbolic"] is None) is not (other["symbolic"] is None):  # a busy machine gives long ones up
                for key in OF_FORMULAS:
                    mine.pop(key, None), other.pop(key, None)
        assert found == alone


@pytest.mark.parametrize(
    "options",
    [{"order": 2}, {"order": 3, "wrt": "t"}, {"dtype": "float32"}, {"dtype": "bfloat16"}, {"digits": 5}, {"digits": 60},
     {"wrt": ["t", "b"]}, {"min_digits": 15.9}, {"latex": True}, {"reference": False}],
    ids=str,
)  # fmt: skip
def test_with_options(options: dict[str, Any]) -> None:
    check([{**request, **options} for request in points(4)])


def test_a_record_does_not_depend_on_its_neighbours() -> None:
    requests = [*points(30), *({"program": "sinh(x)*sigmoid(x)", "at": {"x": i / 7}} for i in range(30))]
    together = [record.text for record in answered(requests)]
    answerer = LineHandler({})
    alone = [answerer.answer([line], lambda seconds: None)[0].text for line in lines(*requests)]
    assert together == alone


def test_without_flint_the_other_reference_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    requests = [*points(3), {"program": "x/y", "at": {"x": 1, "y": 3}}]
    with_balls = [record.text for record in answered(requests)]
    monkeypatch.setattr(PreparedProgram, "_quick_source", lambda self: None)
    assert [record.text for record in answered(requests)] == with_balls


def test_a_program_is_prepared_once() -> None:
    answerer = LineHandler({})
    answerer.answer(
        lines(*points(20), *({"program": "A@x", "at": {"A": [[i, 1]], "x": [2, i]}} for i in range(5))),
        lambda seconds: None,
    )
    assert len(answerer.programs.known) == 2
    answerer.answer(
        lines({"program": "A@x", "at": {"A": [[1]], "x": [2]}}, {"program": "A@x", "at": {"A": 1, "x": 2}}),
        lambda seconds: None,
    )
    assert len(answerer.programs.known) == 3  # of another shape; the last one is wrong


def test_only_so_many_programs_are_kept() -> None:
    answerer = LineHandler({"reference": False})
    answerer.answer(
        lines(*({"program": f"x + {i}", "at": {"x": 1}} for i in range(MAX_PROGRAMS + 10))), lambda seconds: None
    )
    assert len(answerer.programs.known) == MAX_PROGRAMS
    assert answerer.programs.size == sum(program.size for program in answerer.programs.known.values())


def test_a_defect_is_a_record(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: PreparedProgram, job: object) -> None:
        raise ZeroDivisionError("so it goes")

    monkeypatch.setattr(PreparedProgram, "answer", fail)
    monkeypatch.setattr(PreparedProgram, "_quick_source", lambda self: None)
    (record,) = answered([{"program": "x", "at": {"x": 1}}])
    assert data(record)["error"]["message"] == "gradcli has a defect, please report it: ZeroDivisionError: so it goes"
