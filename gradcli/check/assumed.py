"""Of the points at which a Python function is called, those that are as it is assumed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.check.called import flat_point
from gradcli.errors import GradcliError
from gradcli.functions.shapes import Shape
from gradcli.language.assumptions import STAGE, read_assumptions
from gradcli.language.parser import parse

if TYPE_CHECKING:
    from gradcli.check.recording.calls import Point

SECONDS = 60.0  # for all points: a last resort


class AssumedPoints:
    """The points at which conditions on a function's parameters hold; numbers beyond a bound are mirrored at it.

    Raises GradcliError for what is not a condition, or not about a parameter.
    """

    def __init__(self, texts: Sequence[str], shapes: Mapping[str, Shape]) -> None:
        from gradcli.check.evaluate import sampled_conditions
        from gradcli.check.problem import build
        from gradcli.reference.pieces import Pieces
        from gradcli.runtime.deadlines import Deadline

        program = parse(" + ".join(f"sum({one})" if shape else one for one, shape in shapes.items()))
        self.assumed, self._shapes = read_assumptions(texts, {}), shapes
        tensors = {name: shape for name, shape in shapes.items() if shape}
        problem = build(program, [], list(shapes), tensors, assumed=self.assumed)
        self._pieces = Pieces([], [], Deadline(SECONDS), sampled_conditions(problem))

    def of(self, points: Sequence[Point], held: Collection[str], given: Collection[str]) -> list[Point]:
        """The points that are as it is assumed; what is held is not moved, nor what is given, at the first point.

        Raises GradcliError where none is.
        """
        moved: list[Point] = [
            {name: one if name in held else self._within(name, one) for name, one in point.items()} for point in points
        ]
        moved[0] = {**moved[0], **{name: points[0][name] for name in given}}
        found = [one for one in moved if self.holds(one)]
        if not found:
            raise GradcliError(STAGE, f"none of {len(points)} points is as assumed: {', '.join(self.assumed.texts)}")
        return found

    def holds(self, point: Point) -> bool:
        """Whether a point is certainly as it is assumed."""
        return self._pieces.is_assumed(flat_point(point, self._shapes))

    def _within(self, name: str, value: Any) -> Any:
        """A value whose numbers are between the bounds of its parameter."""
        bounds = self.assumed.bounds.get(name)
        if bounds is None:
            return value
        numbers = [float(bounds.within(Fraction(float(one)))) for one in np.ravel(value)]
        return np.reshape(numbers, np.shape(value)) if np.shape(value) else numbers[0]
