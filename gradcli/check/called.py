"""What was recorded of a function and its gradient, beside what calls with floats give."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli.backends.arb.context import is_ball
from gradcli.errors import GradcliError
from gradcli.functions.shapes import Shape

if TYPE_CHECKING:
    from gradcli.check.recording.record import Standing
    from gradcli.check.stated import Problem

BITS = 53  # of the balls that recorded formulas are compared in: they show what rounding does to doubles
ROUNDINGS = 64  # radii that a call may be off by
CLOSE = 1e-8  # of the largest entry: functions of libraries have 8 digits far out
CLOSE_IN_FLOAT32 = 1e-5
ASIDE = 1e-3  # a step beside a point, to one where it has the same signs
FAR = 1e-3  # relative
SECONDS = 20.0  # for calls with floats, beyond the first few
FEWEST = 4  # points at which these are compared, however long they take
EVALUATING = 600.0  # a last resort


class Apart(NamedTuple):
    """A point at which a call with floats gives another number than what was recorded, and what there is to say.

    is_far       whether the numbers differ by more than a step of a tolerance makes
    is_missing   whether what was recorded gives none there, nor beside it: an exception is caught, or NaN is replaced
    """

    point: Mapping[str, Any]
    error: GradcliError
    is_missing: bool = False
    is_far: bool = False


def problem_of(standing: Standing) -> Problem:
    """What was recorded, as operations on numbers."""
    from gradcli.check.problem import build
    from gradcli.language.claims import read_claim
    from gradcli.language.parser import parse

    program, claims = parse(standing.recording.text), standing.recording.claims
    said = [read_claim(one, program) for one in claims.values()]
    return build(program, said, list(claims), {k: v for k, v in standing.shapes.items() if v}, doubles=True)


def compared(standing: Standing, points: Sequence[Mapping[str, Any]], name: str) -> list[Apart]:
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
                    return Apart(point, _apart(what, point, one, middle), is_far=abs(one - middle) > FAR * size)
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
                balls.append([runs[-1][one.operation] for one in claim.entries])
            return max((_size(one) for one in chain.from_iterable(runs) if is_ball(one)), default=0.0), balls


def key_of(point: Mapping[str, Any]) -> tuple[tuple[str, bytes], ...]:
    """What two points have in common that are one."""
    import numpy as np

    return tuple((name, np.asarray(one, dtype=float).tobytes()) for name, one in point.items())


def _size(ball: Any) -> float:
    """The size of a finite ball, 0 of others."""
    size = abs(float(ball.mid()))
    return size if math.isfinite(size) else 0.0


def _written(point: Mapping[str, Any]) -> str:
    import numpy as np

    return ", ".join(f"{one}={np.asarray(value).tolist()!r:.60}" for one, value in point.items())


def _apart(what: str, point: Mapping[str, Any], number: float, recorded: float) -> GradcliError:
    from gradcli.check.recording.graph import RECORDING

    return GradcliError(
        RECORDING, f"{what} gives {number!r} at {_written(point)}, and what was recorded of it gives {recorded!r}",
        expected="the same formula for numbers that are recorded as for floats",
        hint="a branch on the type of its arguments is not followed: write what it computes, with --claim",
    )  # fmt: skip


def _other(what: str, point: Mapping[str, Any], number: float) -> GradcliError:
    from gradcli.check.recording.graph import RECORDING

    return GradcliError(
        RECORDING, f"{what} gives {number!r} at {_written(point)}, where what was recorded of it has no value",
        hint="an exception that is caught, or NaN that is replaced, is not followed",
    )  # fmt: skip


def flat_point(point: Mapping[str, Any], shapes: Mapping[str, Shape]) -> dict[str, Fraction]:
    """The numbers of a point, those of arrays by the names of their entries."""
    import numpy as np

    from gradcli.tape.arrays import every
    from gradcli.tape.scalarize import entry_name

    return {
        entry_name(name, index): Fraction(float(np.asarray(point[name])[index]))
        for name, shape in shapes.items() for index in every(shape)
    }  # fmt: skip
