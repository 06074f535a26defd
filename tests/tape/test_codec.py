"""Data classes as JSON and back; and the published schemas beside what the fields of the classes come to."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from enum import Enum
from importlib.resources import files
from typing import Any, ClassVar

import pytest

from gradcli.check.data import Check
from gradcli.check.replayed import Difference
from gradcli.code.data import Code
from gradcli.diff.data import Result
from gradcli.errors import Span
from gradcli.graph.data import Edge, GraphNode, Tensor, TorchNode
from gradcli.plot.data import Axis, Tangent, Window
from gradcli.steps.data import Derivation
from gradcli.tape.codec import JsonLayout, as_fields, from_plain, to_plain
from gradcli.tape.findings import Evidence, Finding, Formula, Near
from tests.tape.schemas import differences, schema


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

    JSON: ClassVar = JsonLayout(
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
    from gradcli.problem.tensors.study import PartialBlock, Study

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


PUBLISHED: list[tuple[Any, str, tuple[str, ...], set[str]]] = [
    (Result, "diff-2", (), {"schema", "id", "check"}),
    (Check, "check-1", (), {"schema", "id", "differences"}),
    (Difference, "check-1", ("$defs", "difference"), set()),
    (Derivation, "steps-1", (), {"schema"}),
    (Code, "code-1", (), {"schema"}),
    (GraphNode, "graph-1", ("$defs", "node"), {"id"}),
    (Edge, "graph-1", ("$defs", "edge"), set()),
    (TorchNode, "graph-1", ("$defs", "torch"), {"id"}),
    (Axis, "plot-1", ("properties", "over", "items"), set()),
    (Tangent, "plot-1", ("properties", "tangents", "items"), set()),
    (Window, "plot-1", ("properties", "curves", "items", "properties", "window"), set()),
]


@pytest.mark.parametrize(("cls", "name", "path", "others"), PUBLISHED, ids=[one[0].__name__ for one in PUBLISHED])
def test_published_schemas_are_those_of_the_fields(
    cls: Any, name: str, path: tuple[str, ...], others: set[str]
) -> None:
    """`others` are fields that do not come from the class."""
    root = json.loads((files("gradcli") / "schemas" / f"{name}.json").read_text())
    published = root
    for one in path:
        published = published[one]
    assert others <= set(published["properties"])
    assert list(differences(schema(cls), published, root)) == [
        f".{name}: published alone" for name in published["properties"] if name in others
    ]


def test_bounds_of_what_is_too_large_to_carry() -> None:
    published = json.loads((files("gradcli") / "schemas" / "graph-1.json").read_text())["$defs"]["bounds"]
    shown = Tensor((9,), None, -1.0, None, 3).under("value")
    assert shown == {"value": None, "value_bounds": {"least": -1.0, "greatest": None, "unusual": 3}}
    assert sorted(published["required"]) == sorted(shown["value_bounds"])


def test_differences_are_seen() -> None:
    root = json.loads((files("gradcli") / "schemas" / "steps-1.json").read_text())
    wrong = json.loads(json.dumps(root))
    line = wrong["$defs"]["line"]
    line["properties"]["colour"] = {"type": "string"}
    del line["properties"]["sign"]
    wrong["$defs"]["check"]["properties"]["symbolic"] = {"type": "integer"}
    found = set(differences(schema(Derivation), wrong, wrong))
    assert {
        ".sections[].blocks[].lines[].colour: published alone",
        ".sections[].blocks[].lines[].sign: here alone",
        ".sections[].blocks[].lines[].checked.symbolic: ['boolean'] here, ['integer'] published",
    } <= found
