"""Certificates: strict JSON by their schema, read back as what they were, and nothing in them is trusted."""

from __future__ import annotations

import copy
import json
import math
import random
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

import gradcli
from gradcli import Check, GradcliError, LimitError, replay
from gradcli.check.data import MAX_CLAIMS
from tests.check.questions import QUESTIONS
from tests.doors import MAX_NUMBERS, JsonNumber
from tests.doors import read_certificate as read
from tests.doors import sampling as sample
from tests.support import schema, validate

FEW = 16  # points
SCHEMA = schema("check-2")
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
    validate(found, SCHEMA)
    assert found == checked(name).to_dict()
    assert read(found) == checked(name)


def test_a_certificate_holds_what_a_replay_needs() -> None:
    held, numbers, tensor = data("held"), data("numbers of Python"), data("tensor")
    assert held["held"] == {"a": "0.1000000000000000055511151231257827021181583404541015625"}
    assert all(point["a"] == held["held"]["a"] for point in held["points"])
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
    ("false", ("claims", 0, "rate", "expected"), 10),
    ("false", ("claims", 0, "counterexample", "true"), "nan"),
    ("kink", ("claims", 0, "exceptions", 0, "kind"), "bend"),
    ("false", ("points", 3, "x"), "nan"),
    ("false", ("points", 3, "x"), 1.5),
    ("false", ("order",), 9),
    ("tensor", ("shapes", "x"), [-1]),
    ("tensor", ("points", 0, "x"), [[1.0]]),
]


@pytest.mark.parametrize(("name", "path", "value"), STRICT)
def test_the_schema_is_strict(name: str, path: tuple[Any, ...], value: Any) -> None:
    with pytest.raises(jsonschema.ValidationError):
        validate(changed(data(name), *path, value=value), SCHEMA)


# What is wrong with a certificate: where, what stands there, and what is said of it.
WRONG: list[tuple[str, tuple[Any, ...], Any, str]] = [
    ("false", ("schema",), "gradcli.diff/2", "it is not a certificate of a check"),
    ("false", ("program",), 7, '"program" is 7'),
    ("false", ("program",), KeyError, 'there is no field "program"'),
    ("false", ("seed",), -1, '"seed" is -1'),
    ("false", ("seed",), True, '"seed" is true'),
    ("false", ("order",), 9, '"order" is 9'),
    ("false", ("digits",), 1, '"digits" is 1'),
    ("false", ("late",), [99], '"late[0]" is 99'),
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
    ("false", ("claims", 0, "computed"), 0, '"claims[0].computed" is 0'),
    ("kink", ("claims", 0, "exceptions", 0, "left_status"), "nan", '"claims[0].exceptions[0].left_status" is "nan"'),
    ("tensor", ("shapes", "x"), [2, -3], '"shapes.x[1]" is -3'),
]


@pytest.mark.parametrize(("name", "path", "value", "message"), WRONG, ids=[".".join(map(str, one[1])) for one in WRONG])
def test_a_malformed_certificate_is_refused(name: str, path: tuple[Any, ...], value: Any, message: str) -> None:
    with pytest.raises(GradcliError) as caught:
        read(changed(data(name), *path, value=value))
    assert (caught.value.stage, caught.value.message) == ("reading the certificate", message)


def test_a_certificate_has_limits() -> None:
    whole = data("false")
    for wrong in (
        changed(whole, "points", value=whole["points"] * 100),
        changed(whole, "claims", value=whole["claims"] * (MAX_CLAIMS + 1)),
        changed(whole, "program", value="x + " * 1_000_000),
        changed(whole, "notes", value=[""] * 99_999),
        changed(whole, "points", 0, "x", value="1" * 3_000),
        changed(whole, "points", 0, "x", value=["1"] * (MAX_NUMBERS + 1)),
    ):
        with pytest.raises(LimitError) as caught:
            read(wrong)
        assert caught.value.stage == "reading the certificate"


# Whatever stands in a certificate, it is read or refused.

HOSTILE: list[Any] = [
    None, True, -1, 0, 2**53 + 1, 10**400, 10**5_000, 1.5, math.nan, JsonNumber("1e999"), JsonNumber("-0.0"), "", "x", "nan", "-inf",
    "1/0", "1e2001", "\u0663", "1" * 2_001, "\x00", "none: corner", [], [None], [[]], ["1", "2"], {}, {"x": None},
    {"x": "1"}, {"": []}, DEEP,
]  # fmt: skip


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all that stands in a certificate."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, one in inner:
        yield (*path, name)
        yield from places(one, (*path, name))


def mutated(found: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """A certificate with something else, or nothing, or another part of itself, in up to three places."""
    for _ in range(chance.randint(1, 3)):
        path, other = chance.choice(list(places(found))), found
        for one in chance.choice(list(places(found))):
            other = other[one]
        found = changed(found, *path, value=chance.choice([KeyError, other, *chance.sample(HOSTILE, 8)]))
    return found


@pytest.mark.parametrize("name", QUESTIONS)
def test_whatever_a_certificate_says_it_is_read_or_refused(name: str) -> None:
    chance, refused = random.Random(name), 0
    for _ in range(100):
        wrong = mutated(data(name), chance)
        try:
            check = read(wrong)
        except GradcliError as error:
            refused += 1
            assert error.stage == "reading the certificate"
        else:
            assert read(check.to_dict()) == check
    assert 10 < refused < 100


@pytest.mark.parametrize("seed", range(60))
def test_whatever_a_certificate_says_it_is_replayed_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    wrong = mutated(data(chance.choice(list(QUESTIONS))), chance)
    try:
        again = replay(wrong)
    except GradcliError as error:
        assert error.exit_code in (2, 4)
    else:
        validate(again.to_dict(), SCHEMA)
