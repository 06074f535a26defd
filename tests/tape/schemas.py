"""The JSON Schema that the fields of a data class come to, and where a published one says otherwise."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

from gradcli.tape.codec import JsonLayout

PLAIN = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


def schema(cls: Any) -> dict[str, Any]:
    """What objects of a class look like in its format; {} for what the annotations do not tell."""
    layout = getattr(cls, "JSON", None) or JsonLayout(" ".join(part.name for part in fields(cls)))
    hints = get_type_hints(cls)
    properties: dict[str, Any] = {}
    required: list[str] = []
    for name in layout.order.split():
        kind = hints[name] if name in hints else get_type_hints(getattr(cls, name).fget)["return"]
        if name in layout.spread:
            inner = schema(kind)
            properties |= inner["properties"]
            required += inner["required"]
            continue
        key = layout.named.get(name, name)
        as_it_is = name in layout.numbers or name in layout.kept
        properties[key] = {} if as_it_is else _of(kind)
        if name in layout.optional and "anyOf" in properties[key]:
            properties[key] = {"anyOf": [one for one in properties[key]["anyOf"] if one != {"type": "null"}]}
        alternatives = get_args(kind) or (kind,)
        if name in layout.sides or name in layout.numbers or float in alternatives:
            properties[f"{key}_status"] = {}
        if any(hasattr(one, "under") for one in alternatives):
            properties |= {key: {}, f"{key}_status": {}, f"{key}_bounds": {}}
        if name not in layout.optional:
            required.append(key)
    return {"type": "object", "properties": properties, "required": required}


def _of(kind: Any) -> dict[str, Any]:
    origin, inner = get_origin(kind), get_args(kind)
    if kind in PLAIN:
        return {"type": PLAIN[kind]}
    if origin in (Union, types.UnionType):
        found = list(map(_of, inner))
        return {"anyOf": found} if all(found) else {}
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _of(inner[1])}
    if origin is not None and issubclass(origin, (tuple, list, Sequence)):
        return {"type": "array", "items": _of(inner[0])}
    if is_dataclass(kind):
        return schema(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"enum": [one.value for one in kind]}
    if isinstance(kind, type) and issubclass(kind, tuple):
        return {"type": "array"}
    return {}


def differences(
    own: Mapping[str, Any], published: Mapping[str, Any], root: Mapping[str, Any], path: str = ""
) -> Iterator[str]:
    """Where the fields of a class and a published schema tell of different names, kinds, or words.

    A published schema may say more of a field: which texts, how many, how large.
    """
    ours, theirs = _alternatives(own, root), _alternatives(published, root)
    if not ours or not theirs:
        return
    if _kinds(ours) != _kinds(theirs):
        yield f"{path}: {sorted(_kinds(ours))} here, {sorted(_kinds(theirs))} published"
    words = [{word for one in side if "enum" in one for word in one["enum"]} for side in (ours, theirs)]
    if words[0] and words[0] != words[1] - {None}:
        yield f"{path}: {sorted(words[0])} here, {sorted(map(str, words[1]))} published"
    for mine, other in ((mine, other) for mine in ours for other in theirs):
        if "properties" in mine and "properties" in other:
            yield from _of_objects(mine, other, root, path)
        if "items" in mine and "items" in other:
            yield from differences(mine["items"], other["items"], root, f"{path}[]")


def _of_objects(
    own: Mapping[str, Any], published: Mapping[str, Any], root: Mapping[str, Any], path: str
) -> Iterator[str]:
    names, known = own["properties"], published["properties"]
    for name in dict.fromkeys((*names, *known)):
        where = f"{path}.{name}"
        if name not in names:
            yield f"{where}: published alone"
        elif name in known:
            mine = names[name]
            if f"{name}_status" in known and mine:  # what JSON cannot say is null
                mine = {"anyOf": [mine, {"type": "null"}]}
            yield from differences(mine, known[name], root, where)
        elif not name.endswith("_status"):  # of a number that is always finite there is none
            yield f"{where}: here alone"
    for name in published.get("required", ()):
        if name in names and name not in own["required"]:
            yield f"{path}.{name}: may be missing"


def _alternatives(given: Mapping[str, Any], root: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What a schema allows, each without references."""
    while "$ref" in given:
        given = root["$defs"][given["$ref"].rpartition("/")[2]]
    for several in ("anyOf", "oneOf"):
        if several in given:
            return [inner for one in given[several] for inner in _alternatives(one, root)]
    return [given] if {"type", "enum", "const"} & set(given) else []


def _kinds(alternatives: Sequence[Mapping[str, Any]]) -> set[str]:
    found: set[str] = set()
    for one in alternatives:
        values = one.get("enum", [one["const"]] if "const" in one else [])
        found |= {PLAIN[type(value)] for value in values}
        kinds = one.get("type", [])
        found |= {kinds} if isinstance(kinds, str) else set(kinds)
    return found
