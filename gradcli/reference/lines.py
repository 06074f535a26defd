"""Taylor coefficients of several variables from series along lines: each homogeneous part is interpolated.

The coefficients whose terms have just the variables of a set come from lines in which just these move, at whole speeds;
so those of x alone come from the x axis, and none of the others disturbs them. Among the terms of one degree and one
set of variables, what is left after dividing by each variable once is a polynomial on a simplex of whole numbers, and
Newton's divided differences along each axis in turn give its coefficients (Bischof, Corliss and Griewank 1993).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, TypeVar

C = TypeVar("C")
Powers = tuple[int, ...]
Line = Mapping[str, int]  # the speed of each variable that moves


def along_lines(
    names: Sequence[str], order: int, run: Callable[[Line], Sequence[C]], degrees: Collection[int] | None = None
) -> dict[Powers, C]:
    """The coefficients of some degrees up to an order, of all of them where none are named; `run` gives a line's."""
    wanted = range(order + 1) if degrees is None else sorted(degrees)
    if len(names) == 1:
        series = run({names[0]: 1})
        return {(k,): series[k] for k in wanted}
    found: dict[Powers, Any] = {}
    nowhere = (0,) * len(names)
    for size in range(1, min(len(names), order) + 1):
        for chosen in combinations(range(len(names)), size):
            speeds = [(*(1 + i for i in places), 1) for places in _simplex(size - 1, order - size)]
            lines = {one: run({names[i]: speed for i, speed in zip(chosen, one)}) for one in speeds}
            if 0 in wanted and nowhere not in found:
                found[nowhere] = next(iter(lines.values()))[0]
            for degree in (k for k in wanted if k >= size):
                below = {powers: one for powers, one in found.items() if _is_within(powers, chosen, degree)}
                for places, one in _interpolated(lines, below, chosen, degree).items():
                    powers = dict(zip(chosen, places))
                    found[tuple(powers.get(i, 0) for i in range(len(names)))] = one
    return found


def _is_within(powers: Powers, chosen: Sequence[int], degree: int) -> bool:
    return sum(powers) == degree and all(not power or i in chosen for i, power in enumerate(powers))


def _interpolated(
    lines: Mapping[Powers, Sequence[Any]], below: Mapping[Powers, Any], chosen: Sequence[int], degree: int
) -> dict[Powers, Any]:
    """The coefficients of one degree of the terms that have all of the chosen variables, by their powers of these."""
    size = len(chosen)
    left: dict[Powers, Any] = {}
    for places in _simplex(size - 1, degree - size):
        speeds = (*(1 + i for i in places), 1)
        value = lines[speeds][degree]
        for powers, one in below.items():
            value = value - one * math.prod(speed ** powers[i] for i, speed in zip(chosen, speeds))
        left[places] = value / math.prod(speeds)
    for step in (_to_differences, _to_monomials):  # along one axis after the other: the differences first, of all
        for axis in range(size - 1):
            for row in _rows(left, axis):
                step(left, row)
    return {(*(1 + i for i in places), 1 + degree - size - sum(places)): one for places, one in left.items()}


def _simplex(dimensions: int, most: int) -> Iterator[Powers]:
    """Whole numbers from 0 that sum up to so much at most."""
    if not dimensions:
        yield ()
        return
    for first in range(most + 1):
        for rest in _simplex(dimensions - 1, most - first):
            yield (first, *rest)


def _rows(points: Mapping[Powers, Any], axis: int) -> Iterator[list[Powers]]:
    """The points of a simplex in lines along an axis."""
    rows: dict[Powers, list[Powers]] = {}
    for one in points:
        rows.setdefault((*one[:axis], *one[axis + 1 :]), []).append(one)
    yield from rows.values()


def _to_differences(values: dict[Powers, Any], row: Sequence[Powers]) -> None:
    """The values of a polynomial at 1, 2, 3, ... are replaced by its divided differences."""
    last = len(row) - 1
    for step in range(1, last + 1):
        for i in range(last, step - 1, -1):
            values[row[i]] = (values[row[i]] - values[row[i - 1]]) / step


def _to_monomials(values: dict[Powers, Any], row: Sequence[Powers]) -> None:
    """Newton's coefficients over 1, 2, 3, ... are replaced by those of the powers."""
    last = len(row) - 1
    for step in range(last - 1, -1, -1):
        for i in range(step, last):
            values[row[i]] = values[row[i]] - values[row[i + 1]] * (step + 1)
