"""Determinants and inverses as operations on numbers: cofactors for small matrices, else elimination."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradcli.tape.scalarize import Unroller

BY_COFACTORS = 5  # so many rows: a polynomial has derivatives where the matrix is singular, too
BY_ADJUGATE = 3  # so many rows of an inverse

Matrix = list[list[int]]


def determinant(u: Unroller, matrix: Matrix, rough: Any) -> int:
    """The determinant of a square matrix of operations."""
    if len(matrix) <= BY_COFACTORS:
        return _by_cofactors(u, matrix)
    order, sign = pivots(len(matrix), rough)
    rows = [list(matrix[i]) for i in order]
    _eliminate(u, rows, len(matrix), below_only=True)
    product = u.fold("*", [rows[i][i] for i in range(len(rows))])
    return product if sign > 0 else u.call("neg", product)


def inverse(u: Unroller, matrix: Matrix, rough: Any) -> Matrix:
    """The inverse of a square matrix of operations."""
    size = len(matrix)
    if size <= BY_ADJUGATE:
        return _adjugate(u, matrix)
    order, _ = pivots(size, rough)
    one, zero = u.number(Fraction(1)), u.number(Fraction(0))
    rows = [[*matrix[i], *(one if i == j else zero for j in range(size))] for i in order]
    _eliminate(u, rows, size, below_only=False)
    return [[u.call("/", row[size + j], row[k]) for j in range(size)] for k, row in enumerate(rows)]


def cholesky(u: Unroller, matrix: Matrix) -> Matrix:
    """The lower triangular factor of the symmetric part of a square matrix of operations."""
    size, zero = len(matrix), u.number(Fraction(0))
    found = [[zero] * size for _ in range(size)]
    for j in range(size):
        for i in range(j, size):
            entry = matrix[i][j]
            if i != j:
                entry = u.call("/", u.call("+", entry, matrix[j][i]), u.number(Fraction(2)))
            for k in range(j):
                entry = u.call("-", entry, u.call("*", found[i][k], found[j][k]))
            found[i][j] = u.call("sqrt", entry) if i == j else u.call("/", entry, found[j][j])
    return found


def pivots(size: int, rough: Any) -> tuple[list[int], int]:
    """The rows in the order in which elimination takes them, the largest pivot first, and that order's sign."""
    if rough is None:
        return list(range(size)), 1
    work = [[float(value) for value in row] for row in rough]
    order, sign = list(range(size)), 1
    for k in range(size):
        best = max(range(k, size), key=lambda i: abs(work[i][k]))
        if best != k:
            work[k], work[best] = work[best], work[k]
            order[k], order[best] = order[best], order[k]
            sign = -sign
        if work[k][k]:
            for i in range(k + 1, size):
                factor = work[i][k] / work[k][k]
                work[i] = [a - factor * b for a, b in zip(work[i], work[k])]
    return order, sign


def _eliminate(u: Unroller, rows: Matrix, size: int, below_only: bool) -> None:
    for k in range(size):
        for i in range(k + 1 if below_only else 0, size):
            if i != k:
                factor = u.call("/", rows[i][k], rows[k][k])
                for j in range(k + 1, len(rows[i])):
                    rows[i][j] = u.call("-", rows[i][j], u.call("*", factor, rows[k][j]))


def _by_cofactors(u: Unroller, matrix: Matrix) -> int:
    if len(matrix) == 1:
        return matrix[0][0]
    terms = [u.call("*", matrix[0][j], _by_cofactors(u, _minor(matrix, 0, j))) for j in range(len(matrix))]
    total = terms[0]
    for j, term in enumerate(terms[1:], 1):
        total = u.call("-" if j % 2 else "+", total, term)
    return total


def _minor(matrix: Matrix, i: int, j: int) -> Matrix:
    return [[*row[:j], *row[j + 1 :]] for k, row in enumerate(matrix) if k != i]


def _adjugate(u: Unroller, matrix: Matrix) -> Matrix:
    size = len(matrix)
    whole = _by_cofactors(u, matrix)
    if size == 1:
        return [[u.call("/", u.number(Fraction(1)), whole)]]
    result = []
    for i in range(size):
        row = []
        for j in range(size):
            minor = _by_cofactors(u, _minor(matrix, j, i))
            row.append(u.call("/", u.call("neg", minor) if (i + j) % 2 else minor, whole))
        result.append(row)
    return result
