"""Functions that branch on values: the ways that they go at many points, as one program with `where`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from numpy import asarray as as_array

from gradcli.cells.tensors import TensorObject
from gradcli.cells.views import held
from gradcli.check.recording.calls import Point, Way
from gradcli.check.recording.graph import (
    AS_A_PROGRAM,
    HERE,
    RECORDING,
    Condition,
    Instruction,
    Loop,
    RecordingGraph,
    cannot,
    place,
)
from gradcli.check.recording.programs import needed
from gradcli.errors import GradcliError
from gradcli.language.nodes import Call, Name, Node, Number, walk

MOST_WAYS = 64  # through one function: where there are more, each point is one
RANDOM_POINTS = 40
SEARCHING, SWITCHES = 12, 3  # turns with a comparison each, and how often what it is changes, of a search
CONSTANTS = 9  # values, one for each way, none of which depends on anything: fewer may be steps that are meant
LARGEST_TOLERANCE = 1e-3  # a number in a condition that is no larger may be one
COMPARISONS = frozenset(("<", "<=", ">", ">=", "==", "!="))
MADE_OF_CONDITIONS = frozenset((
    "all", "any", "logical_and", "logical_or", "logical_not", "where", "!=", "[]", "x[]",
))  # fmt: skip
TERMS = 4  # turns, of which it can be told that they compute the same terms of a series
SELECTING = frozenset(("[]", "x[]"))
SCALES = (1.0, 0.1, 10.0, 1e-3, 100.0)
# Small numbers of both signs, and 0: what people compare with.
SIMPLE = (0.7, 1.9, -0.4, 3.3, 0.25, 11.0, -2.0, 0.0, 1.0, 0.5)


class EndsAtTolerance(GradcliError):
    """A function has loops that end where some number is small: these, with the most turns that each took."""

    def __init__(self, loops: Mapping[Instruction, Loop]) -> None:
        first = next(iter(loops))
        self.what = f"a loop that ends at a tolerance{place([(first.code.co_filename, first.line)])}"
        super().__init__(RECORDING, f"it has {self.what}, which --gradient does not follow", hint=AS_A_PROGRAM)
        self.loops = loops


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
    conditions: dict[int, Condition] = {}
    for way, tensor in ways:
        conditions |= {one.tensor.vertex.index: one for one in way.conditions}
        distinct.setdefault(tuple((one.tensor.vertex.index, one.taken) for one in way.conditions), tensor)
    if len(distinct) > MOST_WAYS:
        raise cannot(f"more than {MOST_WAYS} ways through its branches")
    if all(one is None for one in distinct.values()):
        raise GradcliError(RECORDING, f"{where} gives no value at any point that was tried",
                           hint="--at gives it a point at which it has one")  # fmt: skip
    found: TensorObject = _tree(graph, list(distinct.items()), 0, conditions)
    return found


def refuse_searches(graph: RecordingGraph, ways: Sequence[Way], values: Sequence[TensorObject | None]) -> None:
    """Refuse what is found by comparing alone, as by bisection: on each way it is a constant, or depends on its ends.

    That is what the function computes, and its derivative is that of what it finds.
    """
    known = [one.vertex.index for one in values if one is not None]
    finds_constants = len(set(known)) >= CONSTANTS and all(_is_constant(graph, one) for one in known)
    for way in ways:
        for instruction, conditions in _by_instruction(way).items():
            switches = sum(a.taken != b.taken for a, b in pairwise(conditions))
            searches = len(conditions) >= SEARCHING and switches >= SWITCHES
            if searches and (finds_constants or _grows(graph, conditions)):
                where = place([(instruction.code.co_filename, instruction.line)])
                raise GradcliError(
                    RECORDING,
                    f"it has a search by comparing, which --gradient does not follow{where}",
                    hint=AS_A_PROGRAM,
                )


def _by_instruction(way: Way) -> dict[Instruction, list[Condition]]:
    found: dict[Instruction, list[Condition]] = {}
    for one in way.conditions:
        if one.asked_by is not None:
            found.setdefault(one.asked_by, []).append(one)
    return found


def _is_constant(graph: RecordingGraph, index: int) -> bool:
    return all(graph.vertices[one].node is not None for one in needed(graph, [index]))


def _grows(graph: RecordingGraph, conditions: Sequence[Condition]) -> bool:
    """Whether conditions, turn by turn, are of more operations each."""
    parts = [len(needed(graph, [one.tensor.vertex.index])) for one in conditions]
    return all(before < after for before, after in pairwise(parts))


def refuse_tolerances(graph: RecordingGraph, ways: Sequence[Way], is_cut: bool = False) -> None:
    """Refuse a loop that goes on computing until some number is small: after each count of turns it is another formula.

    None of these is the function that the loop comes close to, nor is a derivative of one that function's. `is_cut`:
    the last conditions that were met are of a loop that had not ended.
    """
    asked: dict[Instruction, list[list[Condition]]] = {}
    for way in ways:
        for instruction, conditions in _by_instruction(way).items():
            asked.setdefault(instruction, []).append(conditions)
    loops: dict[Instruction, Loop] = {}
    for instruction, found in asked.items():
        goes_on = not found[0][-1].taken if not is_cut else found[0][-1].taken
        runs = [run for one in found for run in _runs(one, goes_on)]
        # A loop over what there is ends without the condition, somewhere: its pieces are exact.
        ends = is_cut or all(run[-1].taken != goes_on for run in runs)
        longer = [run for run in runs if len(run) > 1]
        counts = {len(run) for run in runs}
        is_loop = ends and any(_comes_to_an_end(graph, run) for run in longer)
        # Its terms may be computed afresh, and where it does not come to an end, after so many turns it stops.
        is_loop = is_loop or ((ends or max(counts) >= SEARCHING) and any(_is_of_terms(graph, run) for run in longer))
        if is_loop and (len(counts) > 1 or is_cut):
            stopped = [len(run) for run in runs if run[-1].taken == goes_on]
            loops[instruction] = Loop(goes_on, max(counts), max(stopped, default=None) if not is_cut else None)
    if not loops:
        return
    # The condition in front of the first turn of a `while` is another instruction of the same line.
    for instruction, found in asked.items():
        same = [loop for one, loop in loops.items() if (one.code, one.line) == (instruction.code, instruction.line)]
        if instruction not in loops and same and all(_is_at_tolerance(graph, each) for one in found for each in one):
            loops[instruction] = Loop(same[0].goes_on, None)
    raise EndsAtTolerance(loops)


def _runs(conditions: Sequence[Condition], goes_on: bool) -> list[list[Condition]]:
    """The conditions of one instruction, loop by loop: each ends with that at which it does not go on."""
    runs: list[list[Condition]] = [[]]
    for one in conditions:
        runs[-1].append(one)
        if one.taken != goes_on:
            runs.append([])
    return [run for run in runs if run]


def _comes_to_an_end(graph: RecordingGraph, conditions: Sequence[Condition]) -> bool:
    """Whether conditions, turn by turn, are of more operations each, and each says that something is small, or stays.

    The numbers that are compared have to come of the turns: a bound that they pass is no tolerance.
    """
    return _grows(graph, conditions) and all(_is_at_tolerance(graph, one) for one in conditions)


def _is_of_terms(graph: RecordingGraph, conditions: Sequence[Condition]) -> bool:
    """Whether conditions, turn by turn, say that something is small, which is computed of the same each time.

    What is computed of other entries each time is a loop over what there is.
    """
    sources = {_sources(graph, one) for one in conditions[1:]}
    known = {one.tensor.vertex.index for one in conditions}
    if len(conditions) < TERMS:
        return False
    return len(sources) == 1 and len(known) == len(conditions) and all(_is_at_tolerance(graph, x) for x in conditions)


def _sources(graph: RecordingGraph, condition: Condition) -> frozenset[int]:
    """The variables that a condition depends on, or which of their entries."""
    found: set[int] = set()
    for index in needed(graph, [condition.tensor.vertex.index]):
        node = graph.vertices[index].node
        if node is None or any(isinstance(one, Call) and one.function in SELECTING for one in walk(node)):
            found.add(index)
    return frozenset(found)


def _is_at_tolerance(graph: RecordingGraph, condition: Condition) -> bool:
    return any(_is_of_tolerance(graph, one) for one in _comparisons(graph, condition.tensor.vertex.index))


def _comparisons(graph: RecordingGraph, index: int) -> Iterator[Call]:
    """The comparisons that a condition is made of."""
    stack: list[Node] = [graph.vertices[index].node or Number("0", Fraction(0), HERE)]
    while stack:
        node = stack.pop()
        while (inner := _held(graph, node)) is not None:
            node = inner
        if isinstance(node, Call) and node.function in COMPARISONS and not _is_zero(graph, node.args[1]):
            yield node
        elif isinstance(node, Call) and node.function in MADE_OF_CONDITIONS:
            stack += [one for one in node.args if one is not None]


def _is_of_tolerance(graph: RecordingGraph, comparison: Call) -> bool:
    """Whether a comparison is with something small, or says whether a turn changed anything."""
    return any(_is_small(graph, one) for one in comparison.args) or all(
        isinstance(_inner(graph, one), Call) for one in comparison.args
    )


def _is_small(graph: RecordingGraph, side: Node | None) -> bool:
    """Whether one side of a comparison is a small number, or one times something, or a sum of such."""
    node = _inner(graph, side)
    if isinstance(node, Number):
        return 0 < node.value <= LARGEST_TOLERANCE
    if not isinstance(node, Call):
        return False
    parts = [one for one in node.args if one is not None]
    if node.function in ("+", "maximum"):
        return any(_is_small(graph, one) for one in parts) and all(
            _is_small(graph, one) or _is_zero(graph, one) for one in parts
        )
    return node.function == "*" and any(_is_small(graph, one) for one in parts)


def _is_zero(graph: RecordingGraph, side: Node | None) -> bool:
    node = _inner(graph, side)
    return isinstance(node, Number) and not node.value


def _inner(graph: RecordingGraph, side: Node | None) -> Node | None:
    """A tree, or that of the vertex that it stands for."""
    while side is not None and (found := _held(graph, side)) is not None:
        side = found
    return side


def _held(graph: RecordingGraph, side: Node) -> Node | None:
    index = next(held(side), None) if isinstance(side, Name) else None
    return None if index is None else graph.vertices[index].node


def _tree(graph: RecordingGraph, ways: Sequence[tuple[tuple[tuple[int, bool], ...], TensorObject | None]],
          depth: int, conditions: Mapping[int, Condition]) -> Any:  # fmt: skip
    """The value of ways that are the same up to a depth; what raised an exception is not a number there."""
    over = [one for one in ways if len(one[0]) == depth]
    if over:
        return over[0][1] if over[0][1] is not None else graph.operation("/", [0, 0], HERE, HERE)
    condition = ways[0][0][depth][0]
    if any(one[0][depth][0] != condition for one in ways):
        raise GradcliError(RECORDING, "two calls with the same values branch on other conditions: it keeps a state")
    sides = [[one for one in ways if one[0][depth][1] is taken] for taken in (True, False)]
    first, second = (_tree(graph, side, depth + 1, conditions) if side else None for side in sides)
    if second is not None and condition in graph.close:  # so near to a number, the formula beside it is meant
        return second
    if first is None or second is None:
        if condition not in graph.close:
            graph.one_sided[condition] = conditions[condition]
        return second if first is None else first
    if first is second:
        return first
    test = TensorObject(graph.vertices[condition], library="np")
    return graph.call(["np", "where"], [test, first, second], {}, HERE, HERE)
