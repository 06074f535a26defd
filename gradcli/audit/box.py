"""The points of several variables: all over the box, close to where two of them are alike, and along lines through the
worst."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradcli.audit.samples import AuditPoint, AuditPoints
from gradcli.audit.scales import AuditScale
from gradcli.audit.stretches import LossRun

FIRST = 600  # points all over the box
ALIKE = 5  # points at which two variables are alike, of each sign and distance
DISTANCES = tuple(10.0**-k for k in range(1, 16, 2))  # between them, relative to their size
LINES = 2  # points of each column with the fewest digits, through which lines are laid along each axis
ON_LINE = 25
FEW = 3  # points that make a group
MOST_GROUPS = 2  # by the signs of the variables; more are told as one


class AuditBox:
    """Samples a box."""

    def __init__(self, points: AuditPoints, scales: Sequence[AuditScale], enough: float) -> None:
        self.points, self.scales, self.enough = points, scales, enough

    def sample(self) -> list[AuditPoint]:
        """All points, in order."""
        self._add(self._all_over(FIRST))
        self._add(self._alike())
        for column in range(len(self.points.computation.columns)):
            lines = [self._line(one, axis) for one in self._worst(column) for axis in range(len(self.scales))]
            self._add(np.concatenate(lines) if lines else np.empty((0, len(self.scales))))
        return self.points.in_order

    def _add(self, numbers: np.ndarray) -> None:
        columns = [self.points.computation.rounded(numbers[:, i]) for i in range(len(self.scales))]
        points = [tuple(map(float, row)) for row in zip(*columns)]
        inside = [one for one in points if all(s.start <= x <= s.stop for s, x in zip(self.scales, one))]
        self.points.add(inside)

    def _places(self, count: int, first: int = 1) -> np.ndarray:
        """Points of the unit cube, evenly spread: multiples of powers of a generalized golden ratio (Roberts 2018)."""
        size = len(self.scales)
        root = 2.0
        for _ in range(60):
            root = (1 + root) ** (1 / (size + 1))
        steps = root ** -np.arange(1, size + 1)
        return (0.5 + np.outer(np.arange(first, first + count), steps)) % 1

    def _all_over(self, count: int, first: int = 1) -> np.ndarray:
        places = self._places(count, first)
        return np.stack([scale.number(places[:, i]) for i, scale in enumerate(self.scales)], axis=1)

    def _alike(self) -> np.ndarray:
        """Points at which two variables are nearly the same, or opposite."""
        found = []
        number = FIRST
        for i in range(len(self.scales)):
            for j in range(i):
                for distance in DISTANCES:
                    for sign in (1, -1):
                        some = self._all_over(ALIKE, number)
                        some[:, j] = some[:, i] * sign * (1 + distance * np.where(np.arange(ALIKE) % 2, 1, -1))
                        number += ALIKE
                        found.append(some)
        return np.concatenate(found) if found else np.empty((0, len(self.scales)))

    def _worst(self, column: int) -> list[AuditPoint]:
        known = [one for one in self.points.found.values() if one.digits[column] is not None]
        bad = [one for one in known if (one.digits[column] or 0.0) < self.enough]
        return sorted(bad, key=lambda one: one.digits[column] or 0.0)[:LINES]

    def _line(self, one: AuditPoint, axis: int) -> np.ndarray:
        """Points that differ from one in one variable."""
        found = np.tile(np.array(one.at), (ON_LINE, 1))
        found[:, axis] = self.scales[axis].number(np.linspace(0, 1, ON_LINE))
        return found

    def groups(self, samples: Sequence[AuditPoint]) -> list[LossRun]:
        """The points that lose digits, of each column, by the signs of the variables."""
        found = []
        for column in range(len(self.points.computation.columns)):
            by_signs: dict[tuple[bool, ...], list[AuditPoint]] = {}
            for one in samples:
                kept = one.digits[column]
                if kept is not None and kept < self.enough:
                    by_signs.setdefault(tuple(x < 0 for x in one.at), []).append(one)
            groups = list(by_signs.values())
            if len(groups) > MOST_GROUPS:
                groups = [[one for group in groups for one in group]]
            found += [LossRun(column, tuple(group)) for group in groups if len(group) >= FEW]
        return found
