"""The corpus of claims is in order: fields, codes, counts, and that everything in it can be read."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from gradcli.errors import GradcliError
from tests.corpus.callables import CASES
from tests.corpus.slips import CODES, FILE
from tests.doors import names_of, parse, parse_expression

LINES: list[dict[str, Any]] = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
WRONG = [line for line in LINES if line["expect"] == "wrong"]
NEEDED = {"id", "program", "expect", "slip"}
ALLOWED = NEEDED | {"claim", "value", "at", "shape", "order", "assume", "also"}
NAMELESS = ("assumed", "statements", "order", "number", "mutated")  # groups whose mistakes are not named
SCALAR_HAS_NONE = {"transposed"}


def is_tensor(line: dict[str, Any]) -> bool:
    return "shape" in line or any(not isinstance(value, int) for value in line.get("at", {}).values())


def test_every_line_has_its_fields_and_can_be_read() -> None:
    for line in LINES:
        try:
            _check(line)
        except (AssertionError, GradcliError) as error:
            raise AssertionError(line["id"]) from error


def _check(line: dict[str, Any]) -> None:
    assert set(line) >= NEEDED and set(line) <= ALLOWED
    is_named = line["expect"] == "wrong" and not line["id"].startswith(NAMELESS)
    assert (line["slip"] in CODES) == is_named and line["expect"] in ("right", "wrong")
    assert line["slip"] is None or set(line["also"]) <= set(CODES) - {line["slip"]}
    assert line.get("order", 1) in (1, 2, 3, 4)
    program = parse(line["program"])
    given = {**line.get("at", {}), **line.get("shape", {})}
    names = names_of(program, given)
    assert set(given) <= set(names.variables)
    claims = line.get("claim", {})
    for by, formula in claims.items() if isinstance(claims, dict) else ():
        assert set(by.split(",")) <= names.known
        parse_expression(formula, "the claim")
    if "claim" not in line and "value" not in line:
        assert "'(" in line["program"]


def test_no_two_lines_are_the_same() -> None:
    assert len({line["id"] for line in LINES}) == len(LINES)
    assert len(
        {
            json.dumps(
                [
                    line["program"],
                    line.get("claim"),
                    line.get("order"),
                    line.get("at"),
                    line.get("assume"),
                    line.get("value"),
                ]
            )
            for line in LINES
        }
    ) == len(LINES)


def test_there_are_enough_of_each() -> None:
    counts = Counter((line["slip"], is_tensor(line)) for line in WRONG)
    assert len(LINES) + len(CASES) >= 900
    assert len(LINES) - len(WRONG) >= 120
    for code in CODES:
        assert counts[code, False] + counts[code, True] >= 8, code
        assert counts[code, True] >= 3, code
        assert counts[code, False] >= 3 or code in SCALAR_HAS_NONE, code
