"""A Python function and what is said to be its gradient, as the texts of a program and of its claims."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np

from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow
from gradcli.check.recording.arrays import operand
from gradcli.check.recording.calls import (
    Point,
    Way,
    called_with_floats,
    name_of,
    parameters_of,
    prepared,
    recorded_way,
    recording,
)
from gradcli.check.recording.forms import Form, Functions, form_of
from gradcli.check.recording.gradients import is_pair
from gradcli.check.recording.graph import HERE, RECORDING, Instruction, Loop, RecordingGraph, TooManyBranches, cannot
from gradcli.check.recording.one_sided import points_beside, sentences
from gradcli.check.recording.programs import Recording, is_name, texts, variable_of
from gradcli.check.recording.ufuncs import LIBRARIES
from gradcli.check.recording.ways import joined, points_of, refuse_searches, refuse_tolerances
from gradcli.errors import GradcliError, LimitError
from gradcli.functions.shapes import Shape

ROUNDS = 3  # in which it is looked for sides of branches, and then for those of what is done there
LONGEST_NOTE = 300  # characters of a program in a note


class Standing(NamedTuple):
    """A recorded function and its gradient.

    recording  the text of the program, and of each claim
    values     what calls with floats give at a point: the value, then each claimed derivative, as arrays
    points     where the functions were called
    has_close  whether numbers were asked to be close, and what is done then was left out
    unseen     which sides of its branches were not seen
    """

    recording: Recording
    notes: tuple[str, ...]
    shapes: Mapping[str, Shape]
    values: Callable[[Point], list[Any]]
    points: Sequence[Point]
    unseen: tuple[str, ...] = ()
    has_close: bool = False


def gives_both(function: Any, given: Mapping[str, Any]) -> bool:
    """Whether a Python function gives its value and its gradient, for numbers that are recorded."""
    if not (inspect.isroutine(function) or hasattr(function, "func")):
        return False
    try:
        shapes = shapes_of(function, given)
        graph = RecordingGraph(LIBRARIES)
        with recording(graph), prepared(graph, function):
            way = recorded_way(graph, function, points_of(shapes, given, {})[0])
            return is_pair(way.value, shapes)
    except (GradcliError, CannotFollow):
        return False


def shapes_of(function: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Shape]:
    """The parameters that are differentiated by, with the shapes of the values that are given; others are numbers."""
    names = parameters_of(function, given)
    for name in names:
        if not is_name(name):
            raise cannot(f"a parameter {name}, which is not a name of a variable in programs",
                         "give the parameter another name")  # fmt: skip
    return {name: tuple(np.shape(given.get(name, 0.0))) for name in names}


def recorded(
    both: Functions, given: Mapping[str, Any], held: Mapping[str, Any], more: Sequence[Point], by_entries: bool,
    loops: Mapping[Instruction, Loop] | None = None, is_exact: bool = False,
) -> Standing:  # fmt: skip
    """A function's program, and the claims that its gradient makes.

    Both are called at many points, so that what they branch on is seen on both sides; `more` are some of them. `loops`
    take the numbers of turns that are said; `is_exact`: what is done where numbers are close is a formula, too.
    Raises GradcliError where a function does what cannot be recorded, is not the same in two calls, or raises an
    exception.
    """
    try:
        found, beside = _recorded(both, given, held, more, by_entries, loops, is_exact)
        last: list[Point] = []
        for _ in range(ROUNDS):
            if not beside:
                break
            last += beside
            unseen = found.unseen
            with suppress(GradcliError):
                found, beside = _recorded(both, given, held, more, by_entries, loops, is_exact, last)
            if found.unseen == unseen:  # what is seen now has no sides of its own
                break
        return found
    except CannotFollow as error:  # an infinite number
        raise GradcliError(RECORDING, error.reason) from None


def _recorded(
    both: Functions, given: Mapping[str, Any], held: Mapping[str, Any], more: Sequence[Point], by_entries: bool,
    loops: Mapping[Instruction, Loop] | None, is_exact: bool, last: Sequence[Point] = (),
) -> tuple[Standing, list[Point]]:  # fmt: skip
    """What is recorded, and points where sides of branches may be that were not seen; `last` are such points."""
    graph = RecordingGraph(LIBRARIES, by_entries)
    graph.loops = loops or {}
    points = [*more, *both.points(given, held), *last]
    with recording(graph):
        ways = _ways(graph, both.function, points)
        values = [(way, both.split(way.value) if way.value is not None else (None, None)) for way in ways]
        if both.gradient is None:
            if not any(found is not None for _, (_, found) in values):
                raise GradcliError(RECORDING, f"{both.name} gives no (value, gradient)", hint="give its gradient, too")
            found_ways = [(way, found) for way, (_, found) in values]
        else:
            found_ways = [
                (way, None if way.value is None else both.own(way.value)) for way in _ways(graph, both.gradient, points)
            ]
        form = form_of(both, points)
        has_close = bool(graph.close)
        if is_exact or any(one.tensor.vertex.index in graph.close for way, _ in found_ways for one in way.conditions):
            graph.close.clear()  # the gradient has a formula of its own there
        if loops is None:
            refuse_tolerances(graph, [*ways, *(way for way, _ in found_ways)])
        tensors = [_tensor(form.value(one)) for _, (one, _) in values]
        refuse_searches(graph, ways, tensors)
        value = joined(graph, list(zip(ways, tensors)), both.name)
        claims, note = _claims(graph, found_ways, form)
        unseen = list(graph.one_sided.values())
        beside: list[Point] = (
            [{**one, **held} for one in points_beside(graph, unseen, [*ways, *(way for way, _ in found_ways)])]
            if unseen and not loops
            else []
        )
        made = texts(graph, value, claims, list(both.shapes), both.shapes)

    def numbers(point: Point) -> list[Any]:
        one, found = both.floats(point)
        partials, _ = form.partials(found)
        return [form.value(one), *(partials.get(name) for name in claims)]

    return Standing(made, tuple(_notes(both, made, note, form, len(ways))), both.shapes, numbers, points,
                    sentences(graph, unseen), has_close and bool(graph.close)), beside  # fmt: skip


def _ways(graph: RecordingGraph, function: Callable[..., Any], points: Sequence[Point]) -> list[Way]:
    """The ways that a function goes at points, each once.

    Raises GradcliError where two calls at one point differ.
    """
    with prepared(graph, function):
        return _found_ways(graph, function, points)


def _found_ways(graph: RecordingGraph, function: Callable[..., Any], points: Sequence[Point]) -> list[Way]:
    found: dict[tuple[tuple[int, bool], ...], Way] = {}
    failed: GradcliError | None = None
    for number, point in enumerate(points):
        try:
            way = recorded_way(graph, function, point)
        except GradcliError as error:
            if isinstance(error, TooManyBranches):
                refuse_tolerances(graph, [Way(tuple(graph.conditions), None, point)], is_cut=True)
            if isinstance(error, LimitError) or not error.stage.startswith("running") or (not found and number > 8):
                raise
            failed = failed or error
            continue
        key = tuple((one.tensor.vertex.index, one.taken) for one in way.conditions)
        if key not in found:
            again = recorded_way(graph, function, point)
            if _shown(again) != _shown(way):
                raise GradcliError(RECORDING, f"two calls of {name_of(function)} differ{_why_apart(function, point)}")
            found[key] = way
        if not way.conditions and way.value is not None:
            break
    if not found:
        assert failed is not None
        raise failed
    return list(found.values())


def _why_apart(function: Callable[..., Any], point: Point) -> str:
    """Why what was recorded of two calls at a point is not the same."""
    with suppress(ArithmeticError, ValueError, GradcliError):
        if repr(called_with_floats(function, point)) == repr(called_with_floats(function, point)):
            return " when they are recorded, and not in floats: what it computes is not followed"
    return ": it is random, or it keeps a state"


def _shown(way: Way) -> Any:
    return [(one.tensor.vertex.index, one.taken) for one in way.conditions], _vertices(way.value)


def _vertices(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _vertices(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_vertices(one) for one in value]
    try:
        found = operand(value)
    except (TypeError, AttributeError):
        return repr(value)
    return found.vertex.index if isinstance(found, TensorObject) else repr(found)


def _tensor(value: Any) -> TensorObject | None:
    """The vertex of a value; of a constant one that is a number."""
    if value is None:
        return None
    from gradcli.check.recording.graph import graph

    found = operand(value)
    return found if isinstance(found, TensorObject) else graph().made(graph().operand(found, HERE), [])


def _claims(
    graph: RecordingGraph, ways: Sequence[tuple[Way, Any]], form: Form
) -> tuple[dict[str, TensorObject], str | None]:
    """The claimed derivative by each parameter, on all ways."""
    each: list[tuple[Way, Mapping[str, Any] | None]] = []
    note, names = None, list[str]()
    for way, found in ways:
        partials = None
        if found is not None:
            partials, note = form.partials(found)
            names = names or list(partials)
        each.append((way, partials))
    claims = {}
    for name in names:
        tensors = [(way, None if one is None else _tensor(one.get(name))) for way, one in each]
        claims[name] = joined(graph, tensors, f"the gradient by {name}")
    return claims, note


def _notes(both: Functions, made: Recording, note: str | None, form: Form, ways: int) -> list[str]:
    text = made.text if len(made.text) <= LONGEST_NOTE else f"{made.text[: LONGEST_NOTE - 3]}..."
    found = [f"Note: {both.name} computes {text}."]
    if ways > 1:
        found.append(
            f"Note: {both.name} branches on its values: it went {ways} ways at the points where it was called."
        )
    if form.is_total:
        found.append(
            "Note: each entry of the value depends on its own entry alone: the derivative of the sum is checked."
        )
    if note:
        found.append(f"Note: {note}.")
    found += [
        f"Note: the parameter {one} is {variable_of(one)} in the program, where {one} is a constant."
        for one in inspect.signature(both.function).parameters
        if one not in both.shapes and variable_of(one) in both.shapes
    ]
    return found + [
        f"Note: {one.name} has its default, {one.default!r:.60}."
        for one in inspect.signature(both.function).parameters.values()
        if one.default is not inspect.Parameter.empty and variable_of(one.name) not in both.shapes
    ]
