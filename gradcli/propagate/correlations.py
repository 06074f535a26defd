"""Correlations of the inputs: said one by one, as a matrix in a file, or computed from repeated readings."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from gradcli.errors import GradcliError, Source, Span
from gradcli.propagate.inputs import refuse_unknown
from gradcli.terminal.reading import read_text

READINGS = "reading the readings"
CORRELATION = "reading the correlations"
LEAST = -1e-9  # an eigenvalue of a correlation matrix down to this is 0, rounded
MAX_BYTES = 200_000_000
EXPECTED = 'pairs and a number, such as "V,I=-0.36"'

Said = Mapping[Any, float] | Sequence[str] | str | None


class Readings(NamedTuple):
    """The means of repeated readings, their standard uncertainties and correlations, and how many there are."""

    names: tuple[str, ...]
    means: tuple[float, ...]
    sizes: tuple[float, ...]
    correlation: Any
    number: int


def read_readings(path: str) -> Readings:
    """The columns of a CSV of simultaneous readings, a row each (GUM 4.2 and 5.2.3).

    Raises GradcliError where it is not a table of numbers.
    """
    names, rows = _table(path, READINGS)
    if len(rows) < 2:
        raise GradcliError(READINGS, f"{path} has {len(rows)} readings", expected="two at least")
    data = np.array(rows)
    sizes = data.std(axis=0, ddof=1) / math.sqrt(len(rows))
    centered = data - data.mean(axis=0)
    norms = np.sqrt((centered**2).sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = (centered.T @ centered) / np.outer(norms, norms)
    correlation = np.where(np.isfinite(correlation), correlation, 0.0)
    np.fill_diagonal(correlation, 1.0)
    return Readings(tuple(names), tuple(data.mean(axis=0).tolist()), tuple(sizes.tolist()), correlation, len(rows))


def _table(path: str, stage: str) -> tuple[list[str], list[list[float]]]:
    try:
        lines = [row for row in csv.reader(read_text(path, MAX_BYTES, stage).splitlines()) if any(row)]
    except csv.Error as error:
        raise GradcliError(stage, f"{path} is not a table: {error}", expected="a CSV with a line of names") from None
    names = [cell.strip() for cell in lines[0]] if lines else []
    rows = []
    for number, row in enumerate(lines[1:], 2):
        try:
            rows.append([float(cell) for cell in row if cell.strip() or len(row) == len(names)])
        except ValueError:
            labelled = row[0].strip() in names  # a matrix may name its rows, too
            try:
                rows.append([float(cell) for cell in row[1:]] if labelled else [math.nan])
            except ValueError:
                rows.append([math.nan])
        wanted = len(names) - (not names[0])
        if len(rows[-1]) != wanted or not all(map(math.isfinite, rows[-1])):
            raise GradcliError(
                stage, f"line {number} of {path} is not {wanted} numbers", source=Source(",".join(row), path),
                span=Span(0, max(len(",".join(row)), 1)),
                expected=f"a number for each of {', '.join(filter(None, names))}",
            )  # fmt: skip
    return [name for name in names if name], rows


def correlation_of(said: Said, names: Sequence[str], readings: Readings | None) -> Any:
    """The matrix of correlations of these inputs.

    Raises GradcliError where it is none.
    """
    matrix = np.eye(len(names))
    place = {name: i for i, name in enumerate(names)}
    for i, one in enumerate(readings.names if readings else ()):
        for j, other in enumerate(readings.names if readings else ()):
            if one in place and other in place:
                matrix[place[one], place[other]] = readings.correlation[i, j] if readings else 0.0
    for first, second, r, source in _said(said):
        refuse_unknown([first, second], names, "--correlation")
        if first == second and r == 1:
            continue
        if first == second or not abs(r) <= 1:
            raise GradcliError(
                CORRELATION, f'the correlation of "{first}" and "{second}" is {r}', source=source,
                span=Span(0, len(source.text)) if source else None, expected="a number from -1 to 1 for two inputs",
            )  # fmt: skip
        matrix[place[first], place[second]] = matrix[place[second], place[first]] = r
    if len(names) and np.linalg.eigvalsh(matrix)[0] < LEAST:
        raise GradcliError(
            CORRELATION, "there are no quantities with these correlations: their matrix has a negative eigenvalue",
            hint="correlations of three inputs bound each other",
        )  # fmt: skip
    return matrix


def _said(said: Said) -> list[tuple[str, str, float, Source | None]]:
    if isinstance(said, Mapping):
        return [(*_pair(key), float(r), None) for key, r in said.items()]
    found: list[tuple[str, str, float, Source | None]] = []
    for argument in [said] if isinstance(said, str) else said or ():
        if argument.startswith("@"):
            found += _matrix(argument[1:])
            continue
        for piece in argument.replace(";", " ").split():
            pair, _sign, text = piece.partition("=")
            source = Source(argument, "--correlation")
            try:
                r = float(text)
                first, second = pair.split(",")
            except ValueError:
                start = argument.index(piece)
                raise GradcliError(
                    CORRELATION, "this is not a correlation", source=source, span=Span(start, start + len(piece)),
                    expected=EXPECTED, hint="a matrix in a file: --correlation @matrix.csv",
                ) from None  # fmt: skip
            found.append((first.removeprefix("r("), second.removesuffix(")"), r, source))
    return found


def _pair(key: Any) -> tuple[str, str]:
    parts = key.split(",") if isinstance(key, str) else key
    if len(parts) != 2:
        raise GradcliError(CORRELATION, f"{key!r:.60} names no two inputs", expected='"V,I" or ("V", "I")')
    return parts[0].strip(), parts[1].strip()


def _matrix(path: str) -> list[tuple[str, str, float, Source | None]]:
    """The pairs of a symmetric matrix in a CSV, whose first line names its columns."""
    names, rows = _table(path, CORRELATION)
    matrix = np.array(rows)
    if matrix.shape != (len(names), len(names)) or not np.allclose(matrix, matrix.T, atol=1e-12):
        raise GradcliError(
            CORRELATION, f"{path} is not a symmetric matrix", expected=f"{len(names)} rows below the names"
        )
    if not np.allclose(np.diag(matrix), 1):
        raise GradcliError(
            CORRELATION, f"the diagonal of {path} is not 1", expected="correlations, not covariances",
            hint="divide each covariance by both standard uncertainties",
        )  # fmt: skip
    return [(names[i], names[j], float(matrix[i, j]), None) for i in range(len(names)) for j in range(i)]
