"""What a line may say, and what is said of one that is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

import gradcli
from tests.batch.support import answered, data
from tests.doors import MAX_LINE, InputLine, LineHandler
from tests.support import schema, validate

ERRORS = schema("error-1")

# A line, its stage, and its message.
WRONG = (
    ("nonsense", "reading the line", "the line is not JSON: expecting value"),
    ('{"program": "x"} 1', "reading the line", "the line is not JSON: extra data"),
    ('{"program": "x", "at": {"x": NaN}}', "reading the line", "NaN is not a number of JSON"),
    ('{"program": "x", "at": {"x": -Infinity}}', "reading the line", "-Infinity is not a number of JSON"),
    ('{"program": "x", "program": "y"}', "reading the line", '"program" is there twice'),
    ("[1]", "reading the line", "the line is a list"),
    ("1.5", "reading the line", "the line is a number"),
    ("null", "reading the line", "the line is null"),
    ("{}", "reading the line", "there is no program"),
    ('{"program": 3}', "reading the line", 'the "program" is a number'),
    ('{"program": "x", "at": 3}', "reading the line", '"at" is a number'),
    ('{"program": "x", "at": {"x": true}}', "reading the line", 'the value of "x" is true'),
    ('{"program": "x", "at": {"x": [1, "a"]}}', "reading the line", 'an entry of "x" is a string'),
    ('{"program": "x", "at": {"x": [1e999]}}', "reading the line", 'an entry of "x" is too large'),
    ('{"program": "x", "at": {"x": "@f.npy"}}', "reading the line", 'the value of "x" is a file, and a line reads none'),
    ('{"program": "x", "at": "x=@f.npy"}', "reading the line", 'the value of "x" is a file, and a line reads none'),
    ('{"program": "x", "jvp": "x=@f.npy"}', "reading the line", 'the value of "x" is a file, and a line reads none'),
    ('{"program": "x", "vjp": "@f.npy"}', "reading the line", 'the value of "v" is a file, and a line reads none'),
    ('{"program": "x", "at": {"x": 1e999}}', "reading the point", 'the value of "x" is too large for float64'),
    ('{"program": "x", "at": {"x": 1e-999}}', "reading the point", 'the value of "x" is too small for float64'),
    ('{"program": "x", "id": 1.5}', "reading the line", 'the "id" is a number'),
    ('{"program": "x", "order": 1.0}', "reading the line", '"order" is a number'),
    ('{"program": "x", "order": "2"}', "reading the line", '"order" is a string'),
    ('{"program": "x", "wrt": [1]}', "reading the line", '"wrt" is a list'),
    ('{"program": "x", "hessian": 1}', "reading the line", '"hessian" is a number'),
    ('{"program": "x", "patience": "long"}', "reading the line", '"patience" is a string'),
    ('{"program": "x", "shape": {"x": 1.5}}', "reading the line", '"shape" is an object'),
    ('{"program": "x", "ordr": 2}', "reading the line", 'there is no field "ordr"'),
    ('{"program": "x", "claim": []}', "reading the line", '"claim" is a list'),
    ('{"program": "x", "dtype": "float8"}', "reading the options", 'there is no dtype "float8"'),
    ('{"program": "x**", "at": {"x": 1}}', "parsing the program", 'the program ends after "**"'),
    ('{"program": "x", "at": {"y": 1}}', "reading the point", 'the program has no variable "y"'),
    ('{"program": "x*y", "at": {"x": 1}}', "reading the point", 'the variable "y" has no value'),
    ('"' + "[" * 3 + '"', "parsing the program", None),
    ("[" * 100_000, "reading the line", "the line is nested too deeply"),
    ('{"program": "x", "at": {"x": ' + "9" * 5_000 + "}}", "reading the line", "a whole number has too many digits"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "stage", "message"), WRONG, ids=[text[:50] for text, *_ in WRONG])
def test_a_wrong_line_is_an_error_record(text: str, stage: str, message: str | None) -> None:
    (record,) = LineHandler({}).answer([InputLine(7, text.encode())], lambda seconds: None)
    found = data(record)
    validate(found, ERRORS)
    assert (found["id"], found["error"]["stage"]) == (7, stage)
    assert message in (found["error"]["message"], None)
    assert record.is_error
    assert record.code == 2


def test_bytes_that_are_no_text_and_endless_lines_are_errors() -> None:
    records = LineHandler({}).answer([InputLine(1, b'"\xff"'), InputLine(2, None)], lambda seconds: None)
    messages = [data(record)["error"]["message"] for record in records]
    assert messages == ["the line is not UTF-8 text: byte 1 is 0xff", "the line is too long"]
    assert MAX_LINE > 10**6


@pytest.mark.parametrize(
    ("name", "meant"), [("programm", "program"), ("ordr", "order"), ("min_digit", "min_digits"), ("ids", "id")]
)
def test_mistyped_fields_are_told(name: str, meant: str) -> None:
    (record,) = answered([{"program": "x", name: 1}])
    assert data(record)["error"]["hint"] == f"did you mean {meant}?"


def test_a_line_keeps_its_id_even_if_the_rest_is_wrong() -> None:
    records = answered([{"id": "a", "program": "x**"}, {"id": 12, "claim": ""}, "x*", {"id": "b", "program": "x"}])
    assert [data(record)["id"] for record in records] == ["a", 12, 3, "b"]


# Each line asks for the same as these arguments of `differentiate`.
SAME: tuple[tuple[Any, str, dict[str, Any]], ...] = (
    ("x**2", "x**2", {}),
    ({"program": "x**2", "at": {"x": 0.1}}, "x**2", {"at": {"x": 0.1}}),
    ({"program": "x**2", "at": {"x": "pi/4"}}, "x**2", {"at": "x=pi/4"}),
    ({"program": "u*v", "at": "u=1,v=2"}, "u*v", {"at": "u=1,v=2"}),
    ({"program": "u*v", "at": {"u": 3, "v": 10**20}, "wrt": "v"}, "u*v", {"at": {"u": 3, "v": 10**20}, "wrt": "v"}),
    ({"program": "u*v", "at": {"u": 3, "v": 2}, "wrt": ["v", "u"], "order": 2}, "u*v", {"at": "u=3,v=2", "wrt": "v,u", "order": 2}),
    ({"program": "x**2", "at": {"x": 0.1}, "dtype": "float32"}, "x**2", {"at": "x=0.1", "dtype": "float32"}),
    ({"program": "x**3", "at": {"x": 0.1}, "digits": 30, "min_digits": 2.5, "patience": 3}, "x**3", {"at": "x=0.1", "digits": 30, "min_digits": 2.5, "patience": 3.0}),
    ({"program": "sum(x**2)", "at": {"x": [1, 2.5]}}, "sum(x**2)", {"at": "x=[1, 2.5]"}),
    ({"program": "sum(x**2)", "at": {"x": [0.1, 2.5]}, "dtype": "float16"}, "sum(x**2)", {"at": "x=[0.1, 2.5]", "dtype": "float16"}),
    ({"program": "[u*v, u + v]", "at": {"u": 1, "v": 2}, "vjp": [1, -2]}, "[u*v, u + v]", {"at": "u=1,v=2", "vjp": "[1, -2]"}),
    ({"program": "u*v", "at": {"u": 1, "v": 2}, "jvp": {"u": 0.5}}, "u*v", {"at": "u=1,v=2", "jvp": "u=0.5"}),
    ({"program": "u*v", "at": {"u": 1, "v": 2}, "jvp": "u=0.5,v=pi"}, "u*v", {"at": "u=1,v=2", "jvp": "u=0.5,v=pi"}),
    ({"program": "u**2*v", "at": {"u": 1, "v": 2}, "hessian": True}, "u**2*v", {"at": "u=1,v=2", "hessian": True}),
    ({"program": "A@x", "shape": {"A": [2, 3], "x": 3}}, "A@x", {"shape": {"A": (2, 3), "x": 3}}),
    ({"program": "A@x", "shape": "A=2,3,x=3"}, "A@x", {"shape": "A=2,3,x=3"}),
    ({"program": "x**2", "at": {"x": 3}, "reference": False}, "x**2", {"at": "x=3", "reference": False}),
    ({"program": "x**2", "latex": True}, "x**2", {"latex": True}),
    ({"program": "exp(x)/exp(x)", "at": {"x": 800}, "explain": True}, "exp(x)/exp(x)", {"at": "x=800", "explain": True}),
    ({"program": "α + 1"}, "α + 1", {}),
)  # fmt: skip


@pytest.mark.parametrize(("request_", "program", "options"), SAME, ids=[str(request)[:60] for request, *_ in SAME])
def test_a_line_asks_for_what_python_asks_for(request_: Any, program: str, options: dict[str, Any]) -> None:
    (record,) = answered([request_])
    found = data(record)
    assert found.pop("id") == 1
    expected = gradcli.differentiate(program, **options)
    assert found == json.loads(expected.to_json())
    assert record.code == expected.exit_code
    assert not record.is_error


def test_options_hold_where_a_line_does_not_say_otherwise() -> None:
    records = answered([{"program": "x**3", "at": {"x": 3}}, {"program": "x**3", "at": {"x": 3}, "order": 1}], order=2)
    assert [data(record)["partials"][0]["autograd"] for record in records] == [18.0, 27.0]


def test_numbers_are_read_exactly() -> None:
    (record,) = LineHandler({}).answer([InputLine(1, b'{"program": "x - 0.1", "at": {"x": 0.1000000000000000055511151231257827}}')], lambda seconds: None)  # fmt: skip
    assert data(record)["value"] == 0.0
    (record,) = LineHandler({"dtype": "bfloat16"}).answer([InputLine(1, b'{"program": "x", "at": {"x": 3.14}}')], lambda _: None)  # fmt: skip
    assert data(record)["at"] == {"x": 3.140625}


def test_output_that_is_not_utf8_is_escaped() -> None:
    (record,) = LineHandler({}, ascii_only=True).answer([InputLine(1, '"α**2"'.encode())], lambda seconds: None)
    assert record.text.isascii()
    assert data(record)["program"] == "α**2"


def test_half_of_a_character_is_escaped() -> None:
    (record,) = LineHandler({}).answer([InputLine(1, b'{"program": "x", "id": "\\ud800"}')], lambda seconds: None)
    assert data(record)["id"] == "\ud800"
