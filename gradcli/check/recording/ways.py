"""Functions that branch on values: the ways that they go at many points, as one program with `where`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy import asarray as as_array

from gradcli.cells.graph import held
from gradcli.cells.values import TensorObject
from gradcli.check.recording.calls import Point, Way
from gradcli.check.recording.graph import HERE, RECORDING, Condition, Instruction, RecordingGraph, cannot
from gradcli.check.recording.programs import needed
from gradcli.errors import GradcliError
from gradcli.language.nodes import Call, Name, Node, Number

MOST_WAYS = 64  # through one function: where there are more, each point is one
RANDOM_POINTS = 40
LARGEST_TOLERANCE = 1e-3  # a number in a condition that is no larger may be one
SCALES = (1.0, 0.1, 10.0, 1e-3, 100.0)
# Small numbers of both signs, and 0: what people compare with.
SIMPLE = (0.7, 1.9, -0.4, 3.3, 0.25, 11.0, -2.0, 0.0, 1.0, 0.5)


class EndsAtTolerance(GradcliError):
    """A function has a loop that ends where some number is small."""


def points_of(shapes: Mapping[str, tuple[int, ...]], given: Mapping[str, Any], held: Mapping[str, Any]) -> list[Point]:
    """Points of all sorts of places: the given one first; the same ones each time."""
    generator = np.random.default_rng(16)
    found: list[Point] = []

    def add(number: Callable[[int], Any]) -> None:
        found.append({
            name: held[name] if name in held else np.reshape([number(i + j) for j in range(int(np.prod(shape)))], shape)
            if shape else number(i) for i, (name, shape) in enumerate(shapes.items())
        })  # fmt: skip

    if given:
        add(lambda place: SIMPLE[place % len(SIMPLE)])
        found[0] = {**found[0], **given}
    for start in range(len(SIMPLE)):
        add(lambda place, start=start: SIMPLE[(start + place) % len(SIMPLE)])  # type: ignore[misc]
    for number in range(RANDOM_POINTS):
        scale, positive = SCALES[number % len(SCALES)], number % 3 == 0

        def drawn(_: int, scale: float = scale, positive: bool = positive) -> float:
            one = float(generator.normal()) * scale
            return abs(one) if positive else one

        add(drawn)
    if given:  # near the given point, whose branches matter most
        for shift in (1e-3, -1e-3, 0.3, -0.3):
            found.append({name: one if name in held else as_array(one) + shift for name, one in found[0].items()})
    return found


def joined(graph: RecordingGraph, ways: Sequence[tuple[Way, TensorObject | None]], where: str) -> TensorObject:
    """One vertex that is the value of each way where its conditions hold.

    Raises GradcliError where no way has a value, or there are too many.
    """
    distinct: dict[tuple[tuple[int, bool], ...], TensorObject | None] = {}
    for way, tensor in ways:
        distinct.setdefault(tuple((one.tensor.vertex.index, one.taken) for one in way.conditions), tensor)
    if len(distinct) > MOST_WAYS:
        raise cannot(f"more than {MOST_WAYS} ways through its branches")
    if all(one is None for one in distinct.values()):
        raise GradcliError(RECORDING, f"{where} gives no value at any point that was tried",
                           hint="--at gives it a point at which it has one")  # fmt: skip
    found: TensorObject = _tree(graph, list(distinct.items()), 0)
    return found


def refuse_tolerances(graph: RecordingGraph, ways: Sequence[Way]) -> None:
    """Refuse a loop that goes on computing until some number is small: after each count of turns it is another formula.

    None of these is the function that the loop comes close to, nor is a derivative of one that function's.
    """
    turns: dict[Instruction, list[list[Condition]]] = {}
    for way in ways:
        asked: dict[Instruction, list[Condition]] = {}
        for one in way.conditions:
            if one.asked_by is not None:
                asked.setdefault(one.asked_by, []).append(one)
        for instruction, conditions in asked.items():
            turns.setdefault(instruction, []).append(conditions)
    for instruction, found in turns.items():
        longer = [one for one in found if len(one) > 1]
        # A loop over what there is ends without the condition, somewhere: its pieces are exact.
        ends = all(one[-1].taken != one[-2].taken for one in longer)
        if ends and len({len(one) for one in found}) > 1 and any(_has_tolerance(graph, one) for one in longer):
            refusal = cannot("a loop that ends at a tolerance", at=instruction)
            raise EndsAtTolerance(refusal.stage, refusal.message, hint=refusal.hint)


def _has_tolerance(graph: RecordingGraph, conditions: Sequence[Condition]) -> bool:
    """Whether conditions, turn by turn, are of more operations each, and each is compared with a small number."""
    indices = [one.tensor.vertex.index for one in conditions]
    parts = [needed(graph, [one]) for one in indices]
    if not all(len(before) < len(after) for before, after in pairwise(parts)):
        return False
    nodes = [graph.vertices[one].node for one in indices]
    return all(isinstance(one, Call) and any(_is_small(graph, each) for each in one.args) for one in nodes)


def _is_small(graph: RecordingGraph, side: Node | None) -> bool:
    """Whether one side of a comparison is a small number, or one times something."""
    if isinstance(side, Number):
        return 0 < side.value <= LARGEST_TOLERANCE
    index = next(held(side), None) if isinstance(side, Name) else None
    node = side if index is None else graph.vertices[index].node
    return (isinstance(node, Number) and _is_small(graph, node)) or (
        isinstance(node, Call) and node.function == "*" and any(_is_small(graph, one) for one in node.args)
    )


def _tree(graph: RecordingGraph, ways: Sequence[tuple[tuple[tuple[int, bool], ...], TensorObject | None]],
          depth: int) -> Any:  # fmt: skip
    """The value of ways that are the same up to a depth; what raised an exception is no number there."""
    over = [one for one in ways if len(one[0]) == depth]
    if over:
        return over[0][1] if over[0][1] is not None else graph.operation("/", [0, 0], HERE, HERE)
    condition = ways[0][0][depth][0]
    if any(one[0][depth][0] != condition for one in ways):
        raise GradcliError(RECORDING, "two calls with the same values branch on other conditions: it keeps a state")
    sides = [[one for one in ways if one[0][depth][1] is taken] for taken in (True, False)]
    first, second = (_tree(graph, side, depth + 1) if side else None for side in sides)
    if first is None or second is None:
        return second if first is None else first
    if first is second:
        return first
    test = TensorObject(graph.vertices[condition], library="np")
    return graph.call(["np", "where"], [test, first, second], {}, HERE, HERE)
