"""Matrices of balls in plain Python, under the names of FLINT's `arb_mat`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradcli.backends.mp.ball import Ball


class BallMatrix:
    """A matrix: of rows, or of two sizes and the entries in row-major order."""

    def __init__(self, *parts: Any) -> None:
        if len(parts) == 1:
            self.rows = [[Ball(entry) for entry in row] for row in parts[0]]
            self.columns = len(self.rows[0]) if self.rows else 0
        else:
            count, self.columns, entries = parts
            balls = [Ball.of(entry) for entry in entries]
            self.rows = [balls[row * self.columns : (row + 1) * self.columns] for row in range(count)]

    def entries(self) -> list[Any]:
        """All entries in row-major order."""
        return [entry for row in self.rows for entry in row]

    def __getitem__(self, at: tuple[int, int]) -> Any:
        return self.rows[at[0]][at[1]]

    def transpose(self) -> BallMatrix:
        """The transpose."""
        return BallMatrix(self.columns, len(self.rows), [entry for row in zip(*self.rows) for entry in row])

    def __mul__(self, other: BallMatrix) -> BallMatrix:
        columns = list(zip(*other.rows))
        return BallMatrix(
            len(self.rows), other.columns, [_inner(row, column) for row in self.rows for column in columns]
        )

    def det(self) -> Any:
        """The determinant, by elimination; nothing is known of it where no pivot is told from 0."""
        rows, found = [list(row) for row in self.rows], Ball(1)
        for step in range(len(rows)):
            pivot = _pivot(rows, step)
            if pivot is None:
                nothing = all(row[step].is_zero() for row in rows[step:])
                return Ball(0) if nothing else Ball.nan()
            if pivot != step:
                rows[step], rows[pivot], found = rows[pivot], rows[step], -found
            found = found * rows[step][step]
            for row in rows[step + 1 :]:
                _eliminate(row, rows[step], step)
        return found

    def inv(self) -> BallMatrix:
        """The inverse, by elimination.

        Raises ZeroDivisionError where a pivot is not told from 0.
        """
        size = len(self.rows)
        rows = [[*row, *(Ball(int(index == other)) for other in range(size))] for index, row in enumerate(self.rows)]
        for step in range(size):
            pivot = _pivot(rows, step)
            if pivot is None:
                raise ZeroDivisionError("the matrix may be singular")
            rows[step], rows[pivot] = rows[pivot], rows[step]
            head = rows[step][step]
            rows[step] = [entry / head for entry in rows[step]]
            for index, row in enumerate(rows):
                if index != step:
                    _eliminate(row, rows[step], step)
        return BallMatrix([row[size:] for row in rows])


def _inner(row: Sequence[Any], column: Sequence[Any]) -> Any:
    total = row[0] * column[0] if row else Ball(0)
    for x, y in zip(row[1:], column[1:]):
        total = total + x * y
    return total


def _pivot(rows: Sequence[Sequence[Any]], step: int) -> int | None:
    """The row below with the entry that is surely farthest from 0; None where none surely is not 0."""
    found, most = None, Ball(0)
    for index in range(step, len(rows)):
        least = rows[index][step].abs_lower() if rows[index][step].is_finite() else most
        if least > most:
            found, most = index, least
    return found


def _eliminate(row: list[Any], by: Sequence[Any], step: int) -> None:
    """Take so much of another row away that an entry is 0."""
    factor = row[step] / by[step]
    if not factor.is_zero():
        row[step:] = [Ball(0), *(x - factor * y for x, y in zip(row[step + 1 :], by[step + 1 :]))]
