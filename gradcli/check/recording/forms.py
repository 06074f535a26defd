"""How the numbers that a function and its gradient give are a program's value and its derivatives."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy import asarray as as_array

from gradcli.check.recording import gradients
from gradcli.check.recording.calls import Point, called_with_floats, name_of
from gradcli.check.recording.gradients import is_one, is_pair, is_values, shape_of
from gradcli.check.recording.graph import cannot
from gradcli.check.recording.ways import points_of
from gradcli.errors import GradcliError
from gradcli.functions.shapes import Shape


class Functions(NamedTuple):
    """A function, its gradient unless it gives both, and the shapes of what they are called with.

    admit  of points, with the names of what is held, and given at the first point: those that are as assumed
    """

    function: Callable[..., Any]
    gradient: Callable[..., Any] | None
    shapes: Mapping[str, Shape]
    admit: Callable[[Sequence[Point], Collection[str], Collection[str]], list[Point]] | None = None

    @property
    def name(self) -> str:
        """What the function is called."""
        return name_of(self.function)

    def points(self, given: Mapping[str, Any], held: Mapping[str, Any]) -> list[Point]:
        """Where they are called: at the given point, if it is as assumed, and at others that are.

        Raises GradcliError where there is none.
        """
        points = points_of(self.shapes, {**given, **held}, held)
        return self.admit(points, held, given) if self.admit else points

    def split(self, found: Any) -> tuple[Any, Any]:
        """The value that the function gives, and the gradient that comes with it."""
        if is_pair(found, self.shapes):
            return found[0], found[1]
        if isinstance(found, np.ndarray) and found.shape == (1,) and self.gradient is not None:
            found = found[0]
        return found, None

    def own(self, found: Any) -> Any:
        """The gradient that the gradient function gives, without the value that may come with it."""
        return found[1] if is_pair(found, self.shapes) else found

    def floats(self, point: Point) -> tuple[Any, Any]:
        """The value and the gradient of calls with floats; ArithmeticError and ValueError say that there is none."""
        value, found = self.split(called_with_floats(self.function, point))
        if self.gradient is not None:
            found = self.own(called_with_floats(self.gradient, point))
        return value, found


class Form(NamedTuple):
    """How the numbers that the functions give are the program's value and its derivatives.

    output    the shape of the function's value
    is_total  whether each entry of the value depends on the same one of the parameter alone: the sum is checked then
    """

    shapes: Mapping[str, Shape]
    output: Shape
    is_total: bool

    def value(self, found: Any) -> Any:
        """The program's value."""
        if found is None:
            return None
        if not is_values(found):
            if isinstance(found, (list, tuple)) and found:
                found = gradients.array_of(found, "its value")
            else:
                raise cannot(f"{type(found).__name__} as its value: numbers are expected")
        return np.sum(found) if self.is_total else found

    def partials(self, found: Any) -> tuple[Mapping[str, Any], str | None]:
        """The derivative by each name, of the shape that it has to be of."""
        partials, note = gradients.partials_of(found, self.shapes, self.output)
        return {name: self._whole(one, self.shapes[name]) for name, one in partials.items()}, note

    def _whole(self, one: Any, shape: Shape) -> Any:
        if self.output and not self.is_total and shape == self.output and shape_of(one) == shape and len(shape) == 1:
            return one * np.eye(shape[0])  # entry by entry: the derivative is a diagonal matrix
        return one


def form_of(both: Functions, points: Sequence[Point]) -> Form:
    """The form of what the functions give, from a call with floats."""
    for point in points:
        try:
            value, found = both.floats(point)
        except (ArithmeticError, ValueError, GradcliError):
            continue
        output = tuple(np.shape(as_array(value, dtype=float))) if not is_one(value) else ()
        (first, *rest) = both.shapes.values()
        is_total = bool(output) and not rest and first == output
        if is_total:
            partials, _ = gradients.partials_of(found, both.shapes, output)
            is_total = tuple(np.shape(next(iter(partials.values())))) in (output, ())
            is_total = is_total and _is_entry_by_entry(both, point)
        return Form(both.shapes, output, is_total)
    return Form(both.shapes, (), False)


def _is_entry_by_entry(both: Functions, point: Point) -> bool:
    """Whether an entry of the only parameter changes no other entry of the value."""
    (name,) = point
    whole = as_array(point[name], dtype=float)
    value = as_array(both.split(called_with_floats(both.function, point))[0], dtype=float)
    for place in np.ndindex(*whole.shape):
        moved = whole.copy()
        moved[place] += 0.125
        try:
            other = as_array(both.split(called_with_floats(both.function, {name: moved}))[0], dtype=float)
        except (ArithmeticError, ValueError):
            continue
        changed = ~(
            (other == value) | np.isclose(other, value, rtol=1e-14, atol=0) | (np.isnan(other) & np.isnan(value))
        )
        changed[place] = False
        if changed.any():
            return False
    return True
