"""A Python function and what is said to be its gradient: recorded, checked, compared with calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from gradcli.check.called import compared, key_of
from gradcli.check.data import NOT_AS_ASSUMED
from gradcli.errors import GradcliError
from gradcli.functions.shapes import Shape

if TYPE_CHECKING:
    from gradcli.check.assumed import AssumedPoints
    from gradcli.check.converged import LoopLimits
    from gradcli.check.data import Check
    from gradcli.check.recording.forms import Functions
    from gradcli.check.recording.record import Standing

TRIES = 3  # times that points where a function goes another way are recorded, too
SHOWN = 3  # sides of branches that were not seen
COMPARED = 12  # of the points where the functions were called, in front of the check

Ask = Callable[[str, Sequence[str], Sequence[str]], "Check"]  # a program, its claims, and what is assumed


def check_gradient(
    function: Callable[..., Any], gradient: Callable[..., Any] | None, ask: Ask,
    at: Mapping[str, Any] | None = None, hold: Mapping[str, Any] | None = None, seed: int = 0,
    assume: Sequence[str] = (),
) -> Check:  # fmt: skip
    """Whether a Python function has this gradient; without one, the function gives both.

    `ask` checks a program with its claims; `at` and `hold` are the values of parameters, which give their shapes, and
    `assume` what is true of them at all points.
    A function that cannot be recorded is judged by its numbers. Raises GradcliError where they say nothing, or where
    what was recorded is not what a call with floats gives, at the given point or another.
    """
    from gradcli.check.assumed import AssumedPoints
    from gradcli.check.recording.forms import Functions
    from gradcli.check.recording.graph import cannot
    from gradcli.check.recording.programs import in_variables
    from gradcli.check.recording.record import recorded, shapes_of

    given, held = floats_of(at or {}), floats_of(hold or {})
    shapes = shapes_of(function, {**given, **held})
    texts = [in_variables(one, shapes) for one in assume]
    assumed = AssumedPoints(texts, shapes) if texts else None
    both = Functions(function, gradient, shapes, assumed.of if assumed else None)
    more: list[Mapping[str, Any]] = []
    by_entries = False
    is_exact = False
    number = 0
    while True:
        try:
            standing = recorded(both, given, held, more, by_entries, is_exact=is_exact)
        except GradcliError as error:
            return _in_floats(both, given, held, assumed, seed, error)
        apart = compared(standing, standing.points[:COMPARED], both.name)
        if not apart:
            found = ask(standing.recording.text, list(standing.recording.claims.values()), texts)
            apart = compared(standing, list(_points(found, standing.shapes)), both.name)
            if not apart:
                _check_compared(standing, found, both.name)
                return _as_seen(standing, replace(found, notes=(*standing.notes, *found.notes)))
        missing = next((one for one in apart if one.is_missing), None)
        if missing is not None:
            return _in_floats(both, given, held, assumed, seed, missing.error)
        if standing.has_close and any(one.is_far for one in apart):
            is_exact = True  # next to a number the function has another formula, which is meant
            continue
        seen = {key_of(one) for one in standing.points}
        again = [one for one in apart if key_of(one.point) in seen]
        if again and (by_entries or number == TRIES):
            return _in_floats(both, given, held, assumed, seed, again[0].error)
        if number == TRIES:
            return _in_floats(
                both, given, held, assumed, seed, cannot("another way through its branches wherever it is called")
            )
        by_entries = bool(again)  # a function of arrays was read otherwise than NumPy computes it
        more += [one.point for one in apart]  # elsewhere it may go another way
        number += 1


def _as_seen(standing: Standing, found: Check) -> Check:
    """An answer that is no proof where a side of a branch was not seen."""
    from gradcli.reference.verdict import ClaimVerdict

    if not standing.unseen:
        return found
    findings = tuple(
        replace(one, verdict=ClaimVerdict.HOLDS) if one.verdict is ClaimVerdict.PROVED else one
        for one in found.findings
    )
    return replace(
        found, findings=findings, notes=(*found.notes, *(f"Note: {one}." for one in standing.unseen[:SHOWN]))
    )


def _in_floats(
    both: Functions, given: Mapping[str, Any], held: Mapping[str, Any], assumed: AssumedPoints | None, seed: int,
    error: GradcliError,
) -> Check:  # fmt: skip
    """The answer by calls with floats alone."""
    import numpy as np

    from gradcli.check.measured import measured

    points = both.points(given, held)
    is_judged = bool(given) and all(np.array_equal(points[0][name], one) for name, one in given.items())
    found = measured(both, points, seed, is_judged, error, _limits(both, given, held, error))
    said = () if is_judged or not given else (NOT_AS_ASSUMED,)
    return replace(found, assumed=assumed.assumed.texts if assumed else (), notes=(*found.notes, *said))


def _limits(
    both: Functions, given: Mapping[str, Any], held: Mapping[str, Any], error: GradcliError
) -> LoopLimits | None:
    """What loops that end at a tolerance come close to, where that can be followed."""
    from gradcli.check.converged import LoopLimits
    from gradcli.check.recording.ways import EndsAtTolerance

    while isinstance(error, EndsAtTolerance):
        try:
            return LoopLimits(both, given, held, error)
        except EndsAtTolerance as other:  # of the gradient, once the function's are followed
            if other.loops.keys() <= error.loops.keys():
                return None
            error = EndsAtTolerance({**error.loops, **other.loops})
        except GradcliError:
            return None
    return None


def floats_of(point: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a point as floats and arrays of NumPy."""
    import numpy as np

    return {
        name: np.array([float(x) for x in one.data]).reshape(one.shape) if hasattr(one, "data") else float(one)
        for name, one in point.items()
    }


def _check_compared(standing: Standing, found: Check, name: str) -> None:
    """Refuse a verdict on a function that gives no number at any point."""
    from gradcli.check.recording.graph import RECORDING

    if not any(one.points or one.counterexample for one in found.findings):
        return
    for point in (*_points(found, standing.shapes), *standing.points):
        try:
            import numpy as np

            if np.isfinite(np.asarray(standing.values(point)[0], dtype=float)).any():
                return
        except (ArithmeticError, ValueError, TypeError):
            continue
    raise GradcliError(RECORDING, f"{name} gives no number at any point, called with floats: nothing says that"
                       " what was recorded is what it computes")  # fmt: skip


def _points(found: Check, shapes: Mapping[str, Shape]) -> Iterator[Mapping[str, Any]]:
    """The points of the check, the given one first, as floats and arrays of NumPy."""
    import numpy as np

    for one in found.points:
        point = {**found.held, **one}
        try:
            yield {
                name: np.array(_numbers(point[name])) if shape else _numbers(point[name])
                for name, shape in shapes.items()
            }
        except (KeyError, ValueError, OverflowError):
            continue


def _numbers(value: Any) -> Any:
    return [_numbers(one) for one in value] if not isinstance(value, str) else float(Fraction(value))
