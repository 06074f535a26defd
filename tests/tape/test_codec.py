"""Data classes as JSON and back; and the published schemas, which are made from their fields."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Annotated, Any, ClassVar

import jsonschema
import pytest

from gradcli.errors import Span
from tests.doors import (
    Evidence,
    Finding,
    Finite,
    Formula,
    JsonLayout,
    Limits,
    Near,
    NestedLists,
    as_fields,
    from_plain,
    to_plain,
)
from tests.tape import schemas


class Colour(Enum):
    """Two words."""

    RED = "red"
    BLUE = "dark blue"


@dataclass(frozen=True)
class Inner:
    """A part of another one."""

    text: str
    size: float


@dataclass(frozen=True)
class Outer:
    """Something of everything."""

    number: float
    colour: Colour | None
    inner: Inner
    parts: tuple[Inner, ...] = ()
    span: Span | None = None
    left: str | None = None
    places: tuple[int, ...] = ()
    by_place: dict[tuple[int, ...], str] | None = None

    JSON: ClassVar[JsonLayout] = JsonLayout(
        "colour number inner parts span left places double",
        optional=("places",), sides=("left",), spread=("inner",), named={"colour": "color"},
    )  # fmt: skip

    @property
    def double(self) -> float:
        """Twice the number."""
        return 2 * self.number


WHOLE = Outer(math.inf, Colour.BLUE, Inner("a", 2.0), (Inner("b", math.nan),), Span(1, 2), "-inf", (), {(0, 1): "x"})


def test_a_format_is_said_by_its_layout() -> None:
    assert as_fields(WHOLE) == {
        "color": "dark blue", "number": None, "number_status": "inf", "text": "a", "size": 2.0,
        "parts": [{"text": "b", "size": None, "size_status": "nan"}], "span": [1, 2],
        "left": None, "left_status": "-inf", "double": None, "double_status": "inf",
    }  # fmt: skip
    assert list(as_fields(replace(WHOLE, number=1.5, left="0.5", places=(3,)))) == [
        "color", "number", "text", "size", "parts", "span", "left", "places", "double",
    ]  # fmt: skip
    assert as_fields(WHOLE, ("parts", "number", "double"), span="here") == {
        "color": "dark blue", "text": "a", "size": 2.0, "span": "here", "left": None, "left_status": "-inf",
    }  # fmt: skip


def test_between_processes_everything_comes_back() -> None:
    near = Near("corner", "relu", "x", 1e-17)
    finding = Finding(True, "1", rounded=("0.1", "0.3"), near=(near, replace(near, variable=None, distance=None)))
    evidence = Evidence("1.13", "2", {(0,): finding, (): Finding(None)}, {(0, 1): Formula("x", value="1e999")}, "0.5")
    assert from_plain(Evidence, json.loads(json.dumps(to_plain(evidence)))) == evidence
    again = from_plain(Outer, json.loads(json.dumps(to_plain(replace(WHOLE, parts=())))))
    assert again == replace(WHOLE, parts=())
    assert isinstance(again.span, Span)
    assert math.isnan(from_plain(Outer, to_plain(WHOLE)).parts[0].size)


def test_arrays_have_names_between_processes() -> None:
    from tests.doors import PartialBlock, Study

    held: list[Any] = []

    def pack(array: Any) -> Any:
        if array is None:
            return None
        held.append(array)
        return ["array", len(held) - 1]

    def unpack(name: Any) -> Any:
        return None if name is None else held[name[1]]

    arrays = [object(), object()]
    part = PartialBlock((1,), (0,), (2,), arrays[1], findings={(0,): Finding(False, kind="corner")})
    study = Study((2,), {"torch": "2"}, arrays[0], {(1,): "0.5"}, {(1,): None}, [part])
    again = from_plain(Study, json.loads(json.dumps(to_plain(study, pack))), unpack)
    assert again == study
    assert again.value is arrays[0]


@dataclass(frozen=True)
class Wide(Inner):
    """A part, and how wide it is.

    width, height  in whole numbers:
                   None is not a number
    colours        those of it; absent where it has none
    """

    width: Annotated[int, Limits(1, 9)] = 1
    height: Annotated[int, Limits(0)] | None = None
    colours: tuple[Colour, ...] = ()
    ends: Annotated[list[Any], NestedLists("ends", Finite, "An end.")] = field(default_factory=list)

    JSON: ClassVar[JsonLayout] = JsonLayout(
        "size width height colours ends", optional=("colours",), sometimes=("ends",)
    )


def test_a_schema_is_made_from_the_fields() -> None:
    found = schemas.schema(schemas.Published("wide/1", Wide, "Something wide.", {"id": (int | str, "Its id.")}))
    assert found["required"] == ["schema", "size", "width", "height"]
    assert found["properties"] == {
        "schema": {"const": "wide/1"},
        "id": {"type": ["integer", "string"], "description": "Its id."},
        "size": {"type": ["number", "null"]},
        "size_status": {"enum": ["nan", "inf", "-inf"]},
        "width": {"type": "integer", "minimum": 1, "maximum": 9, "description": "In whole numbers: null is not a number."},
        "height": {"type": ["integer", "null"], "minimum": 0, "description": "In whole numbers: null is not a number."},
        "colours": {
            "type": "array", "items": {"$ref": "#/$defs/colour"}, "minItems": 1,
            "description": "Those of it; absent where it has none.",
        },
        "ends": {"$ref": "#/$defs/ends"},
    }  # fmt: skip
    assert found["$defs"] == {
        "colour": {"description": "Two words.", "enum": ["red", "dark blue"]},
        "ends": {
            "description": "An end.",
            "anyOf": [{"type": "number"}, {"type": "array", "items": {"$ref": "#/$defs/ends"}}],
        },
    }


def test_the_published_schemas_are_those_of_the_fields() -> None:
    """`python -m tests.regenerate` writes them anew."""
    made = schemas.files()
    assert sorted(made) == sorted(path.name for path in schemas.FOLDER.iterdir())
    for name, content in made.items():
        assert (schemas.FOLDER / name).read_text() == content, name


def _properties(node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        if "type" in node:
            yield from node.get("properties", {}).items()
        for inner in node.values():
            yield from _properties(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _properties(inner)


@pytest.mark.parametrize("one", schemas.FORMATS, ids=[one.name for one in schemas.FORMATS])
def test_every_field_is_described(one: schemas.Published) -> None:
    whole = schemas.schema(one)
    jsonschema.Draft202012Validator.check_schema(whole)
    for name, said in _properties(whole):
        inner = whole["$defs"][said["$ref"].rpartition("/")[2]] if "$ref" in said else {}
        assert {"description", "const"} & {*said, *inner} or name.endswith("_status"), name
