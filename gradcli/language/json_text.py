"""JSON as it stands there: no number is rounded, no name is there twice, and NaN is not a number."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from gradcli.errors import GradcliError, LimitError, Source, Span


class JsonNumber(str):
    """A number with a point or an exponent, as it was written: nothing has rounded it."""


def kind_of(value: Any) -> str:
    """What a value is, in words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    names = {
        int: "a number",
        float: "a number",
        JsonNumber: "a number",
        str: "a string",
        list: "a list",
        dict: "an object",
    }
    return names.get(type(value), f"of the type {type(value).__name__}")


def decode(text: str, stage: str, name: str, expected: str) -> Any:
    """What a text says, in Python's objects; `name` is what the text is called.

    Raises GradcliError where it is no JSON, LimitError where it is nested too deeply.
    """
    try:
        return _decoder(stage).decode(text)
    except json.JSONDecodeError as error:
        raise GradcliError(
            stage,
            f"{name} is not JSON: {error.msg[:1].lower()}{error.msg[1:]}",
            source=Source(text, name),
            span=Span(error.pos, error.pos + 1),
            expected=expected,
        ) from error
    except RecursionError:
        raise LimitError(stage, f"{name} is nested too deeply") from None
    except ValueError as error:  # of a number with thousands of digits
        raise LimitError(stage, "a whole number has too many digits") from error


@cache
def _decoder(stage: str) -> json.JSONDecoder:
    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        whole = dict(found)
        if len(whole) < len(found):
            twice = next(name for i, (name, _) in enumerate(found) if name in dict(found[:i]))
            raise GradcliError(stage, f'"{twice}" is there twice')
        return whole

    def constant(name: str) -> Any:
        raise GradcliError(stage, f"{name} is not a number of JSON", expected="a real number")

    return json.JSONDecoder(parse_float=JsonNumber, parse_constant=constant, object_pairs_hook=pairs)
