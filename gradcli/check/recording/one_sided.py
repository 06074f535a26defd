"""Conditions of which only one side was seen at the points of the calls: what to say, and where else to look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np

from gradcli.cells.views import held, replaced
from gradcli.check.recording.calls import Point, Way
from gradcli.check.recording.graph import Condition, RecordingGraph, place
from gradcli.check.recording.programs import needed
from gradcli.errors import GradcliError
from gradcli.language.nodes import Name, Node, Number, walk
from gradcli.language.printer import unparse

MOST_THRESHOLDS, MOST_POINTS, MOST_BASES = 12, 240, 4
FAR = (1e4, 1e8, 1e16, 1e40, 1e100)
LONGEST = 60  # characters of a condition
BESIDE = (1e-3, 1e-6)  # of a threshold's size


def sentences(graph: RecordingGraph, conditions: Iterable[Condition]) -> tuple[str, ...]:
    """Which other sides were not seen."""
    found: dict[str, None] = {}
    for one in conditions:
        asked = one.asked_by
        where = "" if asked is None else place([(asked.code.co_filename, asked.line)])
        found[f"the other side of {_text(graph, one.tensor.vertex.index)}{where} was not seen"] = None
    return tuple(found)


def points_beside(graph: RecordingGraph, conditions: Sequence[Condition], ways: Sequence[Way]) -> list[Point]:
    """Points on, next to and between the numbers that all conditions compare with, and far out.

    All other sides may be there. One variable is moved, from the first point and from points at which the conditions
    are asked.
    """
    bases: list[Point] = [ways[0].point]
    numbers: dict[float, None] = {}
    for condition in conditions:
        way = next(way for way in ways if any(one.tensor is condition.tensor for one in way.conditions))
        bases.append(way.point)
        for index in needed(
            graph, [condition.tensor.vertex.index, *(one.tensor.vertex.index for one in way.conditions)]
        ):
            node = graph.vertices[index].node
            for part in walk(node) if node is not None else ():
                if isinstance(part, Number) and abs(part.value) < Fraction(10) ** 300:
                    numbers[float(part.value)] = None
    known = sorted(sign * one for one in list(numbers)[:MOST_THRESHOLDS] for sign in ((1, -1) if one else (1,)))
    found: list[Point] = [
        {**base, name: np.full(np.shape(base[name]), value) if np.shape(base[name]) else value}
        for value in dict.fromkeys(_around(known))
        for base in bases[:MOST_BASES]
        for name in base
    ]
    return found[:MOST_POINTS]


def _around(numbers: Sequence[float]) -> Iterator[float]:
    yield from numbers
    yield from ((one + other) / 2 for one, other in pairwise(numbers))
    yield from (sign * one for one in FAR for sign in (1, -1))
    for share in BESIDE:
        for one in numbers:
            yield from (one + share * (abs(one) or 1.0), one - share * (abs(one) or 1.0))


def _text(graph: RecordingGraph, index: int) -> str:
    def written(node: Node) -> Node | None:
        inner = next(held(node), None) if isinstance(node, Name) else None
        if inner is None:
            return None
        vertex = graph.vertices[inner]
        return Name(vertex.name or "", node.span) if vertex.node is None else replaced(vertex.node, written)

    node = graph.vertices[index].node
    try:
        text = (
            "a condition" if node is None or len(needed(graph, [index])) > LONGEST else unparse(replaced(node, written))
        )
    except (GradcliError, RecursionError):
        return "a condition"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
