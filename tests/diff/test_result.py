"""The plain data: strict JSON by its schema, numbers that come back as they were."""

from __future__ import annotations

import json
import math
from typing import Any

import jsonschema
import pytest

import gradcli
from gradcli.diff.data import Partial, Result, Verdict, worst
from gradcli.errors import ExitCode
from tests.diff.results import EVERY, INFINITE, JVP, MIXED, VJP
from tests.support import schema, validate

QUESTIONS: list[tuple[str, str | None, dict[str, Any]]] = [
    ("2*x**3 + x", "x=1", {}),
    ("u*v + u**2", "u=1,v=2", {"order": 2}),
    ("x**2", None, {}),
    ("x**2", None, {"latex": True}),
    ("relu(x)", "x=0", {}),
    ("sqrt(x)", "x=0", {}),
    ("1/x", "x=0", {}),
    ("sin(x)/x", "x=0", {}),
    ("log(x)", "x=-1", {}),
    ("exp(x)", "x=800", {}),
    ("log(1 + exp(x))", "x=800", {}),
    ("tanh(x)", "x=20", {"digits": 50}),
    ("x**2", "x=0.1", {"dtype": "bfloat16"}),
    ("3 + 4", None, {}),
    ("x**2", "x=3", {"reference": False}),
    ("y = x**2; y*x", "x=3", {"wrt": "x,y"}),
]


@pytest.mark.parametrize(("program", "at", "options"), QUESTIONS)
def test_json_follows_its_schema(program: str, at: str | None, options: dict[str, Any]) -> None:
    result = gradcli.differentiate(program, at, **options)
    data = json.loads(result.to_json(), parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert data == result.to_dict()
    validate(data, schema("diff-2"))


@pytest.mark.parametrize("summary", [False, True])
@pytest.mark.parametrize("result", EVERY.values(), ids=EVERY)
def test_json_of_tensors_follows_its_schema(result: Result, summary: bool) -> None:
    data = json.loads(result.to_json(summary), parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    validate(data, schema("diff-2"))


def wrong(data: dict[str, Any], *path: Any, value: Any) -> dict[str, Any]:
    """The same data with something else at one place."""
    data = json.loads(json.dumps(data))
    inner: Any = data
    for one in path[:-1]:
        inner = inner[one]
    inner[path[-1]] = value
    return data


WRONG: list[tuple[Result, tuple[Any, ...], Any]] = [
    (MIXED, ("partials", 1, "autograd"), [["1"]]),
    (MIXED, ("partials", 1, "autograd_status"), [["big"]]),
    (MIXED, ("partials", 1, "reference"), [[1.0]]),
    (MIXED, ("partials", 1, "checked", "others"), 1),
    (MIXED, ("partials", 1, "checked"), {"entries": 1}),
    (MIXED, ("partials", 1, "entries", 0, "colour"), "red"),
    (MIXED, ("partials", 1, "entries", 0, "verdict"), None),
    (MIXED, ("partials", 1, "sizes"), {"m": 1.5}),
    (MIXED, ("at", "x"), [["1"]]),
    (MIXED, ("anything",), 1),
    (JVP, ("product",), "hvp"),
    (VJP, ("direction",), "1"),
]


@pytest.mark.parametrize(("result", "path", "value"), WRONG)
def test_the_schema_is_strict(result: Result, path: tuple[Any, ...], value: Any) -> None:
    with pytest.raises(jsonschema.ValidationError):
        validate(wrong(result.to_dict(), *path, value=value), schema("diff-2"))


def test_only_a_summary_of_a_tensor_has_no_value() -> None:
    for result in (MIXED, JVP):
        data = result.to_dict()
        del data["value"], data["value_reference"]
        if result.shape:
            validate(data, schema("diff-2"))
        else:
            with pytest.raises(jsonschema.ValidationError):
                validate(data, schema("diff-2"))


def test_statuses_are_nested_alike() -> None:
    data = INFINITE.to_dict()
    assert (data["value"], data["value_status"]) == ([[1.0, 2.5], [3.0, None]], [None, [None, "-inf"]])
    first, second = data["partials"]
    assert (first["autograd"], first["autograd_status"]) == ([None, 0.5], ["inf", None])
    assert second["autograd_status"] == [["nan", None], None]
    assert second["entries"][0]["right_status"] == "inf"


def test_the_contract() -> None:
    data = gradcli.differentiate("2*x**3 + x", {"x": 1}).to_dict()
    versions = data.pop("versions")
    assert set(versions) == {"gradcli", "torch", "sympy"}
    assert data == {
        "schema": "gradcli.diff/2",
        "program": "2*x**3 + x",
        "at": {"x": 1.0},
        "dtype": "float64",
        "order": 1,
        "shape": [],
        "value": 3.0,
        "value_reference": "3.0000000000000000000",
        "value_digits": 15.95,
        "value_verdict": "agree",
        "verdict": "agree",
        "definitions": [],
        "partials": [
            {
                "of": None,
                "wrt": ["x"],
                "shape": [],
                "autograd": 7.0,
                "symbolic": "6*x**2 + 1",
                "symbolic_expanded": "6*x**2 + 1",
                "symbolic_value": 7.0,
                "reference": "7.0000000000000000000",
                "symbolic_holds": True,
                "digits": 15.95,
                "verdict": "agree",
                "proof": "enclosed",
                "kind": None,
                "left": None,
                "right": None,
                "limit": None,
                "note": None,
            }
        ],
    }


def test_formulas_alone_have_no_numbers() -> None:
    data = gradcli.differentiate("x**2").to_dict()
    assert {"at", "value", "verdict"} & set(data) == set()
    formulas = {"symbolic": "2*x", "symbolic_expanded": "2*x"}
    assert data["partials"] == [{"of": None, "wrt": ["x"], "shape": [], **formulas, "note": None}]
    assert "torch" not in data["versions"]


def test_what_json_cannot_say_has_a_status() -> None:
    (nan,) = gradcli.differentiate("where(x > 0, sqrt(x), 0)", "x=-1").to_dict()["partials"]
    assert (nan["autograd"], nan["autograd_status"]) == (None, "nan")
    (infinite,) = gradcli.differentiate("sqrt(x)", "x=0").to_dict()["partials"]
    assert (infinite["autograd"], infinite["autograd_status"]) == (None, "inf")
    assert (infinite["right"], infinite["right_status"]) == (None, "inf")


def test_numbers_come_back_as_they_were() -> None:
    result = gradcli.differentiate("sin(x)*exp(y)", {"x": 0.1, "y": 1 / 3})
    data = json.loads(result.to_json())
    assert data["value"] == result.value
    assert [p["autograd"] for p in data["partials"]] == [p.autograd for p in result.partials]


def test_errors_follow_their_schema() -> None:
    for program in ("2*x +", "foo(x)", "9**9**9"):
        with pytest.raises(gradcli.GradcliError) as caught:
            gradcli.differentiate(program)
        data = json.loads(json.dumps(caught.value.to_dict()))
        validate(data, schema("error-1"))


def test_the_worst_verdict_counts() -> None:
    order = [Verdict.DISAGREE, Verdict.INACCURATE, Verdict.UNDECIDED, Verdict.UNDEFINED, Verdict.AGREE]
    for position, verdict in enumerate(order):
        assert worst(iter([None, *order[position:]])) is verdict
    assert worst(iter([None])) is None


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        (Verdict.AGREE, ExitCode.AGREE),
        (Verdict.DISAGREE, ExitCode.WRONG),
        (Verdict.INACCURATE, ExitCode.WRONG),
        (Verdict.UNDEFINED, ExitCode.UNDEFINED),
        (Verdict.UNDECIDED, ExitCode.LIMIT),
    ],
)
def test_exit_codes(verdict: Verdict, code: ExitCode) -> None:
    result = Result("x", (Partial(("x",), 1.0, verdict=Verdict.AGREE), Partial(("y",), 1.0, verdict=verdict)))
    assert result.exit_code is code


def test_a_result_is_plain_data() -> None:
    result = gradcli.differentiate("sqrt(x)", {"x": -1})
    assert isinstance(result.partials[0].autograd, float)
    assert math.isnan(result.partials[0].autograd)
    assert isinstance(hash(result.partials[0]), int)
