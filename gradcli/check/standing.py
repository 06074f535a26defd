"""A Python function and what is said to be its gradient: recorded, checked, compared with calls."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli.backends.arb.context import is_ball
from gradcli.errors import GradcliError
from gradcli.functions.shapes import Shape

if TYPE_CHECKING:
    from gradcli.check.converged import Limits
    from gradcli.check.data import Check
    from gradcli.check.recording.forms import Functions
    from gradcli.check.recording.record import Standing
    from gradcli.check.stated import Problem

BITS = (
    53  # of the arithmetic that the recorded formulas are compared in: their balls show what rounding does to doubles
)
ROUNDINGS = 64  # radii that a call may be off by
CLOSE = 1e-8  # of the largest entry: functions of libraries have 8 digits far out
CLOSE_IN_FLOAT32 = 1e-5
ASIDE = 1e-3  # a step beside a point, to one where it has the same signs
TRIES = 3  # times that points where a function goes another way are recorded, too
COMPARED = 12  # of the points where the functions were called, in front of the check
SECONDS = 20.0  # for calls with floats, beyond the first few
FEWEST = 4  # points at which these are compared, however long they take
EVALUATING = 600.0  # a last resort

Ask = Callable[[str, Sequence[str]], "Check"]


class Apart(NamedTuple):
    """A point at which a call with floats gives another number than what was recorded, and what there is to say.

    is_missing   whether what was recorded gives none there, nor beside it: an exception is caught, or NaN is replaced
    """

    point: Mapping[str, Any]
    error: GradcliError
    is_missing: bool = False


def check_gradient(
    function: Callable[..., Any], gradient: Callable[..., Any] | None, ask: Ask,
    at: Mapping[str, Any] | None = None, hold: Mapping[str, Any] | None = None, seed: int = 0,
) -> Check:  # fmt: skip
    """Whether a Python function has this gradient; without one, the function gives both.

    `ask` checks a program with its claims; `at` and `hold` are the values of parameters, which give their shapes.
    A function that cannot be recorded is judged by its numbers. Raises GradcliError where they say nothing, or where
    what was recorded is not what a call with floats gives, at the given point or another.
    """
    from gradcli.check.recording.forms import Functions
    from gradcli.check.recording.graph import cannot
    from gradcli.check.recording.record import recorded, shapes_of

    given, held = floats_of(at or {}), floats_of(hold or {})
    both = Functions(function, gradient, shapes_of(function, {**given, **held}))
    more: list[Mapping[str, Any]] = []
    by_entries = False
    number = 0
    while True:
        try:
            standing = recorded(both, given, held, more, by_entries)
        except GradcliError as error:
            return _in_floats(both, given, held, seed, error)
        apart = _compare(standing, standing.points[:COMPARED], both.name)
        if not apart:
            found = ask(standing.recording.text, list(standing.recording.claims.values()))
            apart = _compare(standing, list(_points(found, standing.shapes)), both.name)
            if not apart:
                _check_compared(standing, found, both.name)
                return replace(found, notes=(*standing.notes, *found.notes))
        missing = next((one for one in apart if one.is_missing), None)
        if missing is not None:
            return _in_floats(both, given, held, seed, missing.error)
        seen = {_key(one) for one in standing.points}
        again = [one for one in apart if _key(one.point) in seen]
        if again and (by_entries or number == TRIES):
            raise again[0].error
        if number == TRIES:
            return _in_floats(both, given, held, seed, cannot("another way through its branches wherever it is called"))
        by_entries = bool(again)  # a function of arrays was read otherwise than NumPy computes it
        more += [one.point for one in apart]  # elsewhere it may go another way
        number += 1


def _in_floats(
    both: Functions, given: Mapping[str, Any], held: Mapping[str, Any], seed: int, error: GradcliError
) -> Check:
    """The answer by calls with floats alone."""
    from gradcli.check.measured import measured
    from gradcli.check.recording.ways import points_of

    points = points_of(both.shapes, {**given, **held}, held)
    return measured(both, points, seed, bool(given), error, _limits(both, given, held, error))


def _limits(both: Functions, given: Mapping[str, Any], held: Mapping[str, Any], error: GradcliError) -> Limits | None:
    """What loops that end at a tolerance come close to, where that can be followed."""
    from gradcli.check.converged import Limits
    from gradcli.check.recording.ways import EndsAtTolerance

    if isinstance(error, EndsAtTolerance):
        try:
            return Limits(both, given, held, error)
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


def problem_of(standing: Standing) -> Problem:
    """What was recorded, as operations on numbers."""
    from gradcli.check.problem import build
    from gradcli.language.claims import read_claim
    from gradcli.language.parser import parse

    program, claims = parse(standing.recording.text), standing.recording.claims
    said = [read_claim(one, program) for one in claims.values()]
    return build(program, said, list(claims), {k: v for k, v in standing.shapes.items() if v}, doubles=True)


def _compare(standing: Standing, points: Sequence[Mapping[str, Any]], name: str) -> list[Apart]:
    """The points at which a call with floats gives another number than what was recorded of it."""
    comparison, started = _Comparison(standing, name), time.monotonic()
    found: list[Apart] = []
    for done, point in enumerate(points):
        if done >= FEWEST and time.monotonic() - started > SECONDS:  # it takes long to call
            break
        one = comparison.at(point)
        # A value at one point where there is none around it is no other function.
        if one is not None and (not one.is_missing or comparison.misses(_moved(point))):
            found.append(one)
    return found


def _moved(point: Mapping[str, Any]) -> Mapping[str, Any]:
    import numpy as np

    return {name: np.asarray(one, dtype=float) * (1 + ASIDE) - ASIDE for name, one in point.items()}


class _Comparison:
    """What was recorded of a function and its gradient, in balls, beside calls with floats."""

    def __init__(self, standing: Standing, name: str) -> None:
        from gradcli.backends.arb.evaluate import BallEvaluator
        from gradcli.runtime.deadlines import Deadline

        deadline = Deadline(EVALUATING)
        self.standing, self.problem = standing, problem_of(standing)
        self.whats = [name, *(f"the gradient by {one}" for one in standing.recording.claims)]
        self.values = [(BallEvaluator(one.tape, deadline), one.tape, one.output) for one in self.problem.chains]
        self.claims = [
            (BallEvaluator(one.tape, deadline), one.tape) for one in self.problem.claims if one.tape is not None
        ]

    def misses(self, point: Mapping[str, Any]) -> bool:
        """Whether there is a number at a point of which there is none in what was recorded."""
        one = self.at(point)
        return one is not None and one.is_missing

    def at(self, point: Mapping[str, Any]) -> Apart | None:
        """The first number at a point that is another one than what was recorded of it."""
        import numpy as np

        try:
            numbers = self.standing.values(point)
        except (ArithmeticError, ValueError):  # it has no value there
            return None
        largest, balls = self._balls(flat_point(point, self.standing.shapes))
        for i, (known, number, what) in enumerate(zip(balls, numbers, self.whats)):
            if number is None:
                continue
            shape = self.problem.claims[i - 1].shape if i else np.shape(number)
            size = max((abs(float(one.mid())) for one in known if is_ball(one)), default=0.0)
            wanted = np.broadcast_to(np.asarray(number, dtype=float), shape).ravel()
            close = CLOSE_IN_FLOAT32 if getattr(number, "dtype", None) == np.float32 else CLOSE
            for ball, one in zip(known, wanted.tolist()):
                if not math.isfinite(one):
                    continue
                if ball is None:
                    return Apart(point, _other(what, point, one), is_missing=True)
                middle, radius = (float(ball.mid()), float(ball.rad())) if is_ball(ball) else (math.nan, math.nan)
                rounding = ROUNDINGS * (radius + math.ldexp(largest, -BITS))  # exact balls know of none
                if math.isfinite(middle) and abs(one - middle) > rounding + close * size + 1e-300:
                    return Apart(point, _apart(what, point, one, middle))
        return None

    def _balls(self, place: Mapping[str, Fraction]) -> tuple[float, list[list[Any]]]:
        """The size of the largest ball, and what was recorded of the value and of each claim."""
        from gradcli.backends.arb.context import BALLS, precision

        def run(evaluator: Any, tape: Any) -> Any:
            return evaluator.run({one: BALLS.number(place[one]) for one in tape.inputs})

        with precision(BITS):
            runs = [run(evaluator, tape) for evaluator, tape, _ in self.values]
            balls: list[list[Any]] = [[one[output] for one, (_, _, output) in zip(runs, self.values)]]
            for (evaluator, tape), claim in zip(self.claims, self.problem.claims):
                runs.append(run(evaluator, tape))
                balls.append([runs[-1][one.place] for one in claim.entries])
            return max((_size(one) for one in chain.from_iterable(runs) if is_ball(one)), default=0.0), balls


def _key(point: Mapping[str, Any]) -> tuple[tuple[str, bytes], ...]:
    import numpy as np

    return tuple((name, np.asarray(one, dtype=float).tobytes()) for name, one in point.items())


def _size(ball: Any) -> float:
    """The size of a finite ball, 0 of others."""
    size = abs(float(ball.mid()))
    return size if math.isfinite(size) else 0.0


def _apart(what: str, point: Mapping[str, Any], number: float, recorded: float) -> GradcliError:
    import numpy as np

    from gradcli.check.recording.graph import RECORDING

    where = ", ".join(f"{one}={np.asarray(value).tolist()!r:.60}" for one, value in point.items())
    return GradcliError(
        RECORDING, f"{what} gives {number!r} at {where}, and what was recorded of it gives {recorded!r}",
        expected="the same formula for numbers that are recorded as for floats",
        hint="a branch on the type of its arguments is not followed: write what it computes, with --claim",
    )  # fmt: skip


def _other(what: str, point: Mapping[str, Any], number: float) -> GradcliError:
    import numpy as np

    from gradcli.check.recording.graph import RECORDING

    where = ", ".join(f"{one}={np.asarray(value).tolist()!r:.60}" for one, value in point.items())
    return GradcliError(
        RECORDING, f"{what} gives {number!r} at {where}, where what was recorded of it has no value",
        hint="an exception that is caught, or NaN that is replaced, is not followed",
    )  # fmt: skip


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


def flat_point(point: Mapping[str, Any], shapes: Mapping[str, Shape]) -> dict[str, Fraction]:
    """The numbers of a point, those of arrays by the names of their entries."""
    import numpy as np

    from gradcli.tape.arrays import every
    from gradcli.tape.scalarize import entry_name

    return {
        entry_name(name, index): Fraction(float(np.asarray(point[name])[index]))
        for name, shape in shapes.items() for index in every(shape)
    }  # fmt: skip


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
