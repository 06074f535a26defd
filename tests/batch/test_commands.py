"""Lines that ask another command than `diff`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import gradcli
from tests.batch.support import answered, data, written
from tests.support import run, schema, validate

ASKED: list[tuple[dict[str, Any], Any]] = [
    (
        {"program": "V/I", "at": {"V": [5, 0.03], "I": "0.0197(1)"}, "correlation": {"V,I": -0.36}, "samples": 0},
        lambda: gradcli.propagate("V/I", "V=5±0.03, I=0.0197(1)", correlation="V,I=-0.36", samples=0),
    ),
    (
        {"program": "exp(k*x)", "at": {"x": 1, "k": 0.5}, "wrt": "x", "order": 2, "over": {"x": [0.5, 1.5]}},
        lambda: gradcli.taylor("exp(k*x)", "x=1,k=0.5", wrt="x", order=2, over="x=0.5:1.5"),
    ),
    ({"program": "x**3 - 3*x", "over": "x=-3:3"}, lambda: gradcli.extrema("x**3 - 3*x", "x=-3:3")),
    (
        {"program": "x**2 + y**2 = 1", "solve": "y", "at": {"x": 0.6, "y": 0.8}},
        lambda: gradcli.implicit("x**2 + y**2 = 1", "y", "x=0.6,y=0.8"),
    ),
]


@pytest.mark.parametrize(
    ("command", "asked"), list(zip(("propagate", "taylor", "extrema", "implicit"), ASKED)), ids=lambda one: str(one)[:9]
)
def test_a_record_is_the_answer_of_the_command(command: str, asked: tuple[dict[str, Any], Any]) -> None:
    fields, ask = asked
    (record,) = answered([{"command": command, **fields, "id": "a"}])
    found, expected = data(record), ask()
    assert (found.pop("id"), found.pop("exit_code")) == ("a", int(expected.exit_code)) == ("a", record.code)
    assert found == json.loads(expected.to_json())
    validate(data(record), schema(f"{command}-1"))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"command": "plot", "program": "x"}, "the \"command\" is 'plot'"),
        ({"command": 3, "program": "x"}, 'the "command" is a number'),
        ({"command": "taylor", "program": "x", "claim": "1"}, 'there is no field "claim"'),
        ({"command": "taylor", "at": {"x": 1}}, "there is no program"),
        ({"command": "extrema", "program": "x"}, 'there is no "over"'),
        ({"command": "extrema", "program": "x", "over": {"x": 1}}, '"over" is an object'),
        ({"command": "propagate", "program": "x", "at": {"x": [1, 2, 3]}}, 'the value of "x" is a list'),
        (
            {"command": "propagate", "program": "x", "at": "x=1±0.1", "correlation": "@m.csv"},
            '"correlation" is a string',
        ),
        ({"command": "propagate", "program": "x", "at": {"x": "@m.csv"}}, "names a file, and a line reads none"),
        ({"command": "propagate", "program": "x*", "at": {"x": "1±0.1"}}, 'the program ends after "*"'),
    ],
)
def test_what_is_wrong_with_a_line_is_its_error(fields: dict[str, Any], message: str) -> None:
    (record,) = answered([fields])
    assert record.is_error
    assert message in data(record)["error"]["message"]


def test_lines_of_all_commands_in_one_run_that_is_resumed(tmp_path: Path) -> None:
    requests = [{"command": command, **fields} for command, (fields, _) in zip(("propagate", "taylor"), ASKED)]
    requests += [{"command": "diff", "program": "x**2", "at": {"x": 3}}]
    requests += [{"command": "propagate", "program": "abs(x)", "at": {"x": "0±0.1"}, "samples": 10_000}]
    source, whole, part = written(tmp_path / "lines.jsonl", requests), tmp_path / "whole", tmp_path / "part"
    assert run("batch", str(source), "-o", str(whole)).code == 3  # abs(x) has no derivative at 0
    lines = whole.read_bytes().splitlines(keepends=True)
    assert [json.loads(line)["id"] for line in lines] == [1, 2, 3, 4]
    part.write_bytes(b"".join(lines[:2]))
    assert run("batch", str(source), "-o", str(part), "--resume").code == 3
    assert part.read_bytes() == whole.read_bytes()
