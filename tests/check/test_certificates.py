"""Certificates: strict JSON by their schema, read back as what they were, and nothing in them is trusted."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonschema
import pytest

import gradcli
from gradcli import Check, GradcliError, LimitError
from gradcli.check import certificate, fields
from gradcli.check.certificate import read
from gradcli.reference import sample
from tests.check.questions import QUESTIONS
from tests.diff.test_result import schema

FEW = 16  # points
SCHEMA = schema("check-1")
_CHECKS: dict[str, Check] = {}


def checked(name: str) -> Check:
    """The answer to one of the questions, from a few points."""
    if name not in _CHECKS:
        program, options = QUESTIONS[name]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sample, "MOST", FEW)
            _CHECKS[name] = gradcli.check(program, **options)
    return _CHECKS[name]


def data(name: str) -> dict[str, Any]:
    """The certificate of one of the questions."""
    found: dict[str, Any] = json.loads(checked(name).to_json(), parse_constant=lambda one: pytest.fail(f"{one}"))
    return found


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_certificate_follows_its_schema_and_is_read_back(name: str) -> None:
    found = data(name)
    jsonschema.validate(found, SCHEMA)
    assert found == checked(name).to_dict()
    assert read(found) == checked(name)


def test_a_certificate_holds_what_a_replay_needs() -> None:
    held, numbers, tensor = data("held"), data("numbers of Python"), data("tensor")
    assert held["at"] == {"a": "0.1000000000000000055511151231257827021181583404541015625"}
    assert all(point["a"] == held["at"]["a"] for point in held["points"])
    assert (held["wrt"], held["seed"], held["digits"], held["late"]) == (["x"], 0, 25, [])
    assert [one["at"] for one in numbers["claims"]] == [{"u": "1.5", "v": "2"}] * 2
    assert [(one["claim"], one["computed"]) for one in numbers["claims"]] == [("2.0", True), ("1.4", True)]
    assert (tensor["shapes"], tensor["points"][0]["x"]) == ({"x": [2, 3]}, [["1"] * 3] * 2)
    assert set(tensor["versions"]) == {"gradcli", "sympy", "torch"}


def test_spans_are_of_the_program_as_it_stands() -> None:
    check = gradcli.check("  # a comment\n  x*cos(x)\n", "x = cos(x) + x*sin(x)")
    slip = check.findings[0].slip
    assert slip is not None and slip.span is not None
    assert check.program[slice(*slip.span)] in "x*cos(x)"


def _properties(node: Any) -> Any:
    if isinstance(node, dict):
        yield from node.get("properties", {}).items()
        for inner in node.values():
            yield from _properties(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _properties(inner)


def test_every_field_is_described() -> None:
    for name, field in _properties(SCHEMA):
        inner = SCHEMA["$defs"][field["$ref"].rpartition("/")[2]] if "$ref" in field else {}
        assert "description" in field or "description" in inner or "const" in field, name


def changed(found: dict[str, Any], *path: Any, value: Any) -> dict[str, Any]:
    """The same certificate with something else at one place; a value of None takes the field out."""
    whole = copy.deepcopy(found)
    inner: Any = whole
    for one in path[:-1]:
        inner = inner[one]
    if value is KeyError:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return whole


DEEP: Any = ["1"]
for _ in range(40):
    DEEP = [DEEP]

STRICT: list[tuple[str, tuple[Any, ...], Any]] = [
    ("false", ("anything",), 1),
    ("false", ("claims", 0, "anything"), 1),
    ("false", ("claims", 0, "verdict"), "true"),
    ("false", ("claims", 0, "unfinished"), ["lunch"]),
    ("false", ("claims", 0, "rate", "expected"), 4),
    ("false", ("claims", 0, "counterexample", "true"), "nan"),
    ("kink", ("claims", 0, "exceptions", 0, "kind"), "bend"),
    ("false", ("points", 3, "x"), "nan"),
    ("false", ("points", 3, "x"), 1.5),
    ("false", ("order",), 3),
    ("tensor", ("shapes", "x"), [-1]),
    ("tensor", ("points", 0, "x"), [[1.0]]),
]


@pytest.mark.parametrize(("name", "path", "value"), STRICT)
def test_the_schema_is_strict(name: str, path: tuple[Any, ...], value: Any) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(changed(data(name), *path, value=value), SCHEMA)


# What is wrong with a certificate: where, what stands there, and what is said of it.
WRONG: list[tuple[str, tuple[Any, ...], Any, str]] = [
    ("false", ("schema",), "gradcli.diff/2", "it is not a certificate of a check"),
    ("false", ("program",), 7, '"program" is "7"'),
    ("false", ("program",), KeyError, 'there is no field "program"'),
    ("false", ("seed",), -1, '"seed" is "-1"'),
    ("false", ("seed",), True, '"seed" is true'),
    ("false", ("order",), 3, '"order" is "3"'),
    ("false", ("digits",), 1, '"digits" is "1"'),
    ("false", ("late",), [99], '"late" is a list'),
    ("false", ("points",), {}, '"points" is an object'),
    ("false", ("points", 3), [], '"points[3]" is a list'),
    ("false", ("points", 3, "x"), "one", '"points[3].x" is "one"'),
    ("false", ("points", 3, "x"), "1e99999", '"points[3].x" is "1e99999"'),
    ("false", ("points", 3, "x"), "1/0", '"points[3].x" is "1/0"'),
    ("false", ("points", 3, "x"), "0x10", '"points[3].x" is "0x10"'),
    ("false", ("points", 3, "x"), 1.5, '"points[3].x" is a number'),
    ("false", ("points", 3, "x"), DEEP, '"points[3].x" is a list'),
    ("false", ("claims", 0, "verdict"), "true", '"claims[0].verdict" is "true"'),
    ("false", ("claims", 0, "wrt"), "x", '"claims[0].wrt" is "x"'),
    ("false", ("claims", 0, "span"), ["1"], '"claims[0].span" has 1 entries'),
    ("false", ("claims", 0, "rate", "measured"), "2", '"claims[0].rate.measured" is "2"'),
    ("false", ("claims", 0, "counterexample", "true"), KeyError, 'there is no field "claims[0].counterexample.true"'),
    ("false", ("claims", 0, "computed"), 0, '"claims[0].computed" is "0"'),
    ("kink", ("claims", 0, "exceptions", 0, "left_status"), "nan", '"claims[0].exceptions[0].left_status" is "nan"'),
    ("tensor", ("shapes", "x"), [2, -3], '"shapes.x" is a list'),
]


@pytest.mark.parametrize(("name", "path", "value", "message"), WRONG, ids=[".".join(map(str, one[1])) for one in WRONG])
def test_a_malformed_certificate_is_refused(name: str, path: tuple[Any, ...], value: Any, message: str) -> None:
    with pytest.raises(GradcliError) as caught:
        read(changed(data(name), *path, value=value))
    assert (caught.value.stage, caught.value.message) == ("reading the certificate", message)


def test_a_certificate_has_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = data("false")
    many = changed(whole, "points", value=whole["points"] * 100)
    long = changed(whole, "points", 0, "x", value="1" * 3_000)
    for wrong in (
        many,
        changed(whole, "program", value="x + " * 1_000_000),
        changed(whole, "notes", value=[""] * 99_999),
    ):
        with pytest.raises(LimitError):
            read(wrong)
    with pytest.raises(GradcliError):
        read(long)
    monkeypatch.setattr(fields, "MAX_NUMBERS", FEW - 1)
    with pytest.raises(LimitError):
        read(whole)
    monkeypatch.setattr(certificate, "MAX_CLAIMS", 0)
    with pytest.raises(LimitError):
        read(whole)
