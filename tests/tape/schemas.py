"""The JSON Schemas of all formats, made from the fields of the data classes: their types, and what docstrings say.

`python -m tests.regenerate` writes the published files; a test compares them with what is made here.
"""

from __future__ import annotations

import inspect
import json
import re
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from gradcli import errors
from gradcli.audit import data as audit
from gradcli.check import data as check
from gradcli.code import data as code
from gradcli.descend import data as descend
from gradcli.diff import data as diff
from gradcli.extrema import data as extrema
from gradcli.graph import api as graph
from gradcli.implicit import data as implicit
from gradcli.notebook import data as notebook
from gradcli.plot.data import SCHEMA as PLOT
from gradcli.propagate import data as propagate
from gradcli.steps import data as steps
from gradcli.taylor import data as taylor
from tests.doors import (
    STATUS_OF_LISTS,
    Count,
    Difference,
    ErrorRecord,
    Id,
    Limits,
    NestedLists,
    OneOf,
    ShownPlot,
    TextForm,
    layout_of,
)
from tests.doors import codec_names as names_of
from tests.support import ROOT

FOLDER = ROOT / "gradcli" / "schemas"
WIDTH = 120  # columns of a published file
PLAIN = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
STATUSES, INFINITE = ["nan", "inf", "-inf"], ["inf", "-inf"]
CONTRACT = "Fields may be added, never renamed."
STATUS = "A number that JSON cannot say (NaN, infinities) is null, with a field NAME_status beside it."

Schema = dict[str, Any]


@dataclass(frozen=True)
class Published:
    """One format: the class whose fields it has, and what it is.

    others  fields that the class does not have: their types, and what they are
    rules   what else holds of the whole, in JSON Schema
    """

    name: str
    cls: type
    description: str
    others: Mapping[str, tuple[Any, str]] = field(default_factory=dict)
    rules: Mapping[str, Any] = field(default_factory=dict)


BRIEF = "brief"  # the annotation of a class of which there are a few fields alone
ID = (Id, "The id of a request, where there was one.")
IN_BATCH = {"id": ID, "exit_code": (int, "In a batch: the exit code that the command would have.")}
FORMATS = (
    Published(
        diff.SCHEMA, diff.Result, f"The answer of `gradcli diff --json`. {CONTRACT} {STATUS}",
        {"id": ID, "check": (Annotated[check.Check, BRIEF], "In a batch, what there is to say of the claims of a line that has some.")},
        {
            "dependentRequired": {
                "at": ["shape", "verdict"], "at_status": ["at"], "value": ["at", "value_reference"], "product": ["direction"],
                "direction": ["product"], "origins": ["at", "suggestion"], "suggestion": ["origins"],
            },
            "if": {"required": ["at"], "properties": {"shape": {"maxItems": 0}}},
            "then": {"required": ["value", "value_reference"]},
        },
    ),
    Published(
        check.SCHEMA, check.Check,
        "The answer of `gradcli check --json`: a certificate that `gradcli check --replay` checks again."
        f" {CONTRACT} Numbers of points are strings that say them exactly.",
        {"id": ID, "differences": (
            tuple[Difference, ...],
            "Of a replay: the fields that came out otherwise than the certificate says. Those of `modes` are the machine's.",
        )},
    ),
    Published(code.SCHEMA, code.Code, f"The answer of `gradcli code --json`. {CONTRACT}"),
    Published(steps.SCHEMA, steps.Derivation, f"The answer of `gradcli steps --json`. {CONTRACT} {STATUS}"),
    Published(
        graph.SCHEMA, graph.Graph,
        "The answer of `gradcli graph --json`: a program's autograd graph at a point, with both passes."
        f" {CONTRACT} {STATUS} A tensor of too many entries is null, with a field NAME_bounds.",
    ),
    Published(
        extrema.SCHEMA, extrema.Extrema,
        f"The answer of `gradcli extrema --json`: the extreme points over a box. {CONTRACT} {STATUS}",
        IN_BATCH,
    ),
    Published(
        implicit.SCHEMA, implicit.Implicit,
        f"The answer of `gradcli implicit --json`: the derivatives of what equations determine. {CONTRACT} {STATUS}",
        IN_BATCH,
    ),
    Published(
        taylor.SCHEMA, taylor.Taylor,
        f"The answer of `gradcli taylor --json`: the polynomial at a point, and what it leaves out. {CONTRACT} {STATUS}",
        IN_BATCH,
    ),
    Published(
        notebook.SCHEMA, notebook.Notebook,
        f"The answer of `gradcli notebook --json`: every derivative of a notebook. {CONTRACT} {STATUS}",
    ),
    Published(
        propagate.SCHEMA, propagate.Propagation,
        f"The answer of `gradcli propagate --json`: outputs with uncertainties, budgets, a verdict. {CONTRACT} {STATUS}",
        IN_BATCH,
    ),
    Published(
        descend.SCHEMA, descend.Descent,
        f"The answer of `gradcli descend --json`: steps, why they ended, the last gradient judged. {CONTRACT} {STATUS}",
    ),
    Published(
        descend.STEP_SCHEMA, descend.DescentStep,
        f"A line of `gradcli descend --format jsonl`, before the last one: a step of a descent. {CONTRACT} {STATUS}",
    ),
    Published(
        audit.SCHEMA, audit.Audit,
        f"The answer of `gradcli audit --json`: how many digits are kept over a range. {CONTRACT} {STATUS}",
    ),
    Published(PLOT, ShownPlot, f"What `gradcli plot --show-data json` prints. {CONTRACT} {STATUS}"),
    Published(errors.SCHEMA, ErrorRecord, f"An error, where an answer was to be JSON. {CONTRACT}", {"id": ID}),
)  # fmt: skip


def schema(one: Published) -> Schema:
    """The schema of a format."""
    definitions = _Definitions()
    whole = definitions.of_class(one.cls)
    properties = {"schema": {"const": one.name}}
    for name, (kind, description) in one.others.items():
        properties[name] = {**definitions.of(kind), "description": description}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": one.name,
        "title": one.name.partition("/")[0].replace(".", " "), "description": one.description,
        **whole, "required": ["schema", *whole["required"]], "properties": properties | whole["properties"],
        **one.rules, "$defs": definitions.found,
    }  # fmt: skip


def files() -> dict[str, str]:
    """The texts of all published files, by their names."""
    return {f"{one.name.removeprefix('gradcli.').replace('/', '-')}.json": text(schema(one)) + "\n" for one in FORMATS}


def write() -> None:
    """Write the published files anew."""
    for name, content in files().items():
        (FOLDER / name).write_text(content)


def text(data: Any, indent: str = "", before: int = 0) -> str:
    """JSON of which each part stands on a line of its own where it fits there."""
    short = json.dumps(data, ensure_ascii=False)
    is_flat = not any(isinstance(one, (dict, list)) for one in data) if isinstance(data, (dict, list)) else True
    if len(indent) + before + len(short) < WIDTH or (is_flat and not isinstance(data, dict)):
        return short
    inner = indent + "  "
    if isinstance(data, dict):
        keys = {json.dumps(name, ensure_ascii=False) + ": ": one for name, one in data.items()}
        parts = [f"{inner}{key}{text(one, inner, len(key))}" for key, one in keys.items()]
    else:
        parts = [inner + text(one, inner) for one in data]
    first, last = "{}" if isinstance(data, dict) else "[]"
    return f"{first}\n" + ",\n".join(parts) + f"\n{indent}{last}"


class _Definitions:
    """What is said once: classes, and nested lists."""

    def __init__(self) -> None:
        self.found: dict[str, Schema] = {}
        self.is_brief = False

    def of_class(self, cls: Any) -> Schema:
        """What objects of a class look like in its format."""
        layout, hints = layout_of(cls), get_type_hints(cls, include_extras=True)
        said = dict(described(cls))
        properties: Schema = {}
        required: list[str] = []
        for name in names_of(cls, self.is_brief):
            own = hints[name] if name in hints else _hints_of_property(cls, name)["return"]
            if name in layout.spread:
                inner = self.of_class(own)
                properties |= inner["properties"]
                required += inner["required"]
                continue
            key = layout.named.get(name, name)
            found = self.of(own | None if own is float else own)  # JSON cannot say all of them
            if name in layout.numbered:
                self._number(found["items"])
            if name in layout.optional:
                found = _without_null(found)
            properties[key] = found | ({"description": said[name]} if name in said else {})
            properties |= self._beside(key, own, name in layout.sides, name in layout.numbers)
            if name not in {*layout.optional, *layout.sometimes}:
                required.append(key)
        return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}

    def _beside(self, key: str, kind: Any, is_side: bool, is_numbers: bool) -> Schema:
        """The status, and the bounds, of what JSON cannot say, or not all of."""
        alternatives = get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)
        if is_side:
            return {f"{key}_status": {"enum": INFINITE}}
        bounds = [one for one in alternatives if hasattr(one, "under")]
        if bounds or (is_numbers and not any(_is_mapping(one) for one in alternatives)):
            more = {f"{key}_bounds": self._named(one) for one in bounds}
            return {f"{key}_status": self._nested(STATUS_OF_LISTS)} | more
        return {f"{key}_status": {"enum": STATUSES}} if float in alternatives else {}

    def of(self, kind: Any, said: Sequence[Any] = ()) -> Schema:
        """What a value of a type looks like, with what its annotation says beside it."""
        if hasattr(kind, "__metadata__"):
            return self.of(kind.__origin__, kind.__metadata__)
        origin, inner = get_origin(kind), get_args(kind)
        one = said[-1] if said else None
        if isinstance(one, NestedLists):
            return self._nested(one)
        if origin in (Union, types.UnionType):
            return _either([self.of(alternative) for alternative in inner])
        if origin is tuple and Ellipsis not in inner:
            return {
                "type": "array",
                "prefixItems": list(map(self.of, inner)),
                "minItems": len(inner),
                "maxItems": len(inner),
            }
        if origin is not None and issubclass(origin, Mapping):
            statuses = {"patternProperties": {"_status$": {"enum": STATUSES}}} if float in get_args(inner[1]) else {}
            return {"type": "object", **statuses, "additionalProperties": self.of(inner[1])}
        if origin is not None and issubclass(origin, Sequence):
            return {"type": "array", "items": self.of(inner[0])} | _limits(one, "minItems", "maxItems")
        if isinstance(one, OneOf):
            return {"enum": list(one.words)}
        if kind in PLAIN:
            return {"type": PLAIN[kind]} | _form(one)
        if one == BRIEF:
            return self._brief(kind)
        if hasattr(kind, "under"):
            return self.of(get_type_hints(kind, include_extras=True)["entries"])
        if isinstance(kind, type) and issubclass(kind, tuple):
            return self.of(tuple[tuple(get_type_hints(kind, include_extras=True).values())])  # type: ignore[misc]
        return {} if kind is Any else self._named(kind)

    def _brief(self, cls: Any) -> Schema:
        self.is_brief = True
        found = self._named(cls)
        self.is_brief = False
        return found

    def _number(self, ref: Schema) -> None:
        """A class whose parts say their numbers in a list."""
        of_list = self.found[ref["$ref"].rpartition("/")[2]]
        of_list["required"].insert(0, "id")
        of_list["properties"] = {
            "id": {**self.of(Count), "description": "Its number, from 0."},
            **of_list["properties"],
        }

    def _named(self, cls: Any) -> Schema:
        """A class, or an enumeration."""
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.__name__).lower()
        if name not in self.found:
            self.found[name] = {}
            made = self.of_class(cls) if is_dataclass(cls) else {"enum": [one.value for one in cls]}
            self.found[name] = {"description": sentence(inspect.getdoc(cls).partition("\n\n")[0]), **made}
        return {"$ref": f"#/$defs/{name}"}

    def _nested(self, one: NestedLists) -> Schema:
        ref = {"$ref": f"#/$defs/{one.name}"}
        if one.name not in self.found:
            inner = _either([self.of(one.kind), {"type": "array", "items": ref}])
            self.found[one.name] = {"description": sentence(one.description), **inner}
        return ref


def _is_mapping(kind: Any) -> bool:
    return get_origin(kind) is not None and isinstance(get_origin(kind), type) and issubclass(get_origin(kind), Mapping)


def _hints_of_property(cls: Any, name: str) -> dict[str, Any]:
    return get_type_hints(getattr(cls, name).fget, include_extras=True)


def _either(alternatives: Sequence[Schema]) -> Schema:
    """One of several; types alone stand together."""
    if not all(alternatives):
        return {}
    if all(set(one) == {"type"} for one in alternatives):
        return {"type": [one["type"] for one in alternatives]}
    if len(alternatives) == 2 and alternatives[1] == {"type": "null"}:
        first = alternatives[0]
        if "enum" in first:
            return {"enum": [*first["enum"], None]}
        if isinstance(first.get("type"), str) and not {"items", "additionalProperties"} & set(first):
            return {**first, "type": [first["type"], "null"]}
    return {"anyOf": [inner for one in alternatives for inner in one.get("anyOf", [one])]}


def _without_null(found: Schema) -> Schema:
    """The same where there is something to say: what is optional is left out otherwise."""
    if "anyOf" in found:
        left = [one for one in found["anyOf"] if one != {"type": "null"}]
        return left[0] if len(left) == 1 else {"anyOf": left}
    if "enum" in found:
        return {"enum": [one for one in found["enum"] if one is not None]}
    if isinstance(found.get("type"), list):
        left = [one for one in found["type"] if one != "null"]
        return {**found, "type": left[0] if len(left) == 1 else left}
    return {**found, "minItems": 1} if found.get("type") == "array" else found


def _form(one: Any) -> Schema:
    """What a number or a text has to be beyond its type."""
    if isinstance(one, TextForm):
        return {"pattern": f"^(?:{one.regex})$"} | ({} if one.longest is None else {"maxLength": one.longest})
    return _limits(one, "minimum", "maximum")


def _limits(one: Any, least: str, most: str) -> Schema:
    if not isinstance(one, Limits):
        return {}
    least_of_all = 0 if least == "minItems" else None
    return {
        name: value
        for name, value, nothing in ((least, one.least, least_of_all), (most, one.most, None))
        if value != nothing
    }


# What docstrings say


def described(cls: Any) -> Iterator[tuple[str, str]]:
    """The names that a docstring lists, fields or properties, each with what it says of it."""
    known = {*(part.name for part in fields(cls)), *names_of(cls)}
    names: list[str] = []
    said = ""
    for line in [*inspect.getdoc(cls).splitlines(), ""]:
        words = re.match(r"((?:\w+, )*\w+)\s+(.*)", line)
        begins = words is not None and set(words[1].split(", ")) <= known
        if names and (begins or not line.startswith(" ")):
            yield from ((name, sentence(said)) for name in names)
            names = []
        if words is not None and begins:
            names, said = words[1].split(", "), words[2]
        elif names:
            said += f" {line.strip()}"


def sentence(said: str) -> str:
    """What a docstring says, as a sentence about JSON."""
    plain = re.sub(
        r"\b(None|True|False)\b", lambda one: {"None": "null"}.get(one[0], one[0].lower()), " ".join(said.split())
    )
    return f"{plain[:1].upper()}{plain[1:]}{'' if plain.endswith('.') else '.'}"
