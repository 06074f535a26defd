"""Error propagation row by row: the uncertainty of each value, and the share of each input in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import OPTIONS, GradcliError
from gradcli.map.blocks import MISSING, STAGE, UNDEFINED, BlockResult

if TYPE_CHECKING:
    from gradcli.problem.compiled import Compiled

LOOKED_AT = 10_000  # rows whose second differences are looked at
BENT = 0.05  # of u: how far a second difference may be from 0, for a row that is linear


@dataclass(frozen=True)
class Uncertainty:
    """The standard uncertainty of an input: in a column of the data, or the same in every row, perhaps relative."""

    column: str | None = None
    size: float = 0.0
    is_relative: bool = False


@dataclass(frozen=True)
class RowUncertainties:
    """The inputs with an uncertainty, and the correlations between them, in the order of the plan's names."""

    inputs: Mapping[str, Uncertainty]
    correlation: Any

    @property
    def columns(self) -> list[str]:
        """The columns that are read beside the variables."""
        return [one.column for one in self.inputs.values() if one.column is not None]

    def names(self, compiled: Compiled) -> list[str]:
        """The columns that come out: of each value itself, its uncertainty, and the share of each input in percent."""
        found = []
        for value in compiled.values:
            of = "" if len(compiled.values) == 1 else f"{value}_"
            found += [value, f"u_{value}", *(f"share_{of}{name}" for name in self.inputs)]
        return found

    def propagated(self, result: BlockResult, compiled: Compiled, first: int) -> BlockResult:
        """The block with uncertainties in place of partials; `first` is the number of its first row.

        Raises GradcliError where one is negative.
        """
        columns, rows = result.block.columns, result.block.rows
        sizes = []
        for name, one in self.inputs.items():
            value: Any = columns[name] if name in columns else compiled.constants.get(name)
            size = np.asarray(columns[one.column] if one.column else one.size, dtype=np.float64)
            size = np.broadcast_to(size * np.abs(value) if one.is_relative else size, (rows,))
            if (size < 0).any():
                row = first + int(np.argmax(size < 0)) + 1
                raise GradcliError(STAGE, f'the uncertainty of "{name}" is negative in row {row:,}')
            sizes.append(size)
        made = propagate_columns(result.columns, compiled, list(self.inputs), sizes, self.correlation)
        values = len(made) // len(compiled.values)
        for place, column in enumerate(made):
            if place % values:  # no uncertainty where there is no derivative
                column[(result.status == MISSING) | (result.status == UNDEFINED)] = np.nan
        return replace(result, names=self.names(compiled), columns=made)

    def bent(self, result: BlockResult, compiled: Compiled) -> tuple[int, int, int | None]:
        """How many of the first rows were looked at, how many are not linear, and which one is the first of these.

        A row is so where one input alone, moved by its uncertainty to both sides, shows a second difference.
        """
        columns, rows = result.block.columns, min(result.block.rows, LOOKED_AT)
        made = dict(zip(self.names(compiled), result.columns))
        used = [name for name in compiled.used if name in columns]
        here = {name: np.array(columns[name][:rows], dtype=np.float64) for name in used}
        bent = np.zeros(rows, dtype=bool)
        for name, one in self.inputs.items():
            if name not in here:
                continue
            size = np.asarray(columns[one.column][:rows] if one.column else one.size, dtype=np.float64)
            size = np.broadcast_to(size * np.abs(here[name]) if one.is_relative else size, (rows,))
            moved = [_values(compiled, {**here, name: here[name] + sign * size}, rows) for sign in (1, -1)]
            for value, above, below in zip(compiled.values, *moved):
                middle, u = made[value][:rows], made[f"u_{value}"][:rows]
                with np.errstate(all="ignore"):
                    second = np.abs(above - 2 * middle + below) / 2
                    bent |= (second > BENT * u) | ~np.isfinite(second)
        bent &= result.status[:rows] == 0
        return rows, int(bent.sum()), int(np.argmax(bent)) if bent.any() else None


def _values(compiled: Compiled, columns: Mapping[str, Any], rows: int) -> list[Any]:
    """The values of a program at other rows."""
    import torch

    from gradcli.map.arrays import empty

    evaluator = compiled.evaluator(list(columns))
    out = [empty(rows, compiled.like.dtype) for _ in compiled.names]
    evaluator.rows({name: torch.from_numpy(np.ascontiguousarray(one)) for name, one in columns.items()}, {}, out)
    return [one.double().numpy() for one in out[: len(compiled.values)]]


def propagate_columns(
    columns: Sequence[Any], compiled: Compiled, names: Sequence[str], sizes: Sequence[Any], correlation: Any
) -> list[Any]:
    """Of each value: itself, its standard uncertainty (GUM 5.2.2), and the share of each input in percent."""
    found = []
    count, by = len(compiled.values), list(compiled.job.wrt)
    for place, value in enumerate(columns[:count]):
        start = count + place * len(by)
        parts = [np.asarray(columns[start + by.index(name)], np.float64) * size for name, size in zip(names, sizes)]
        variance = sum(part**2 for part in parts)
        for i, one in enumerate(parts):
            for j in range(i):
                if correlation[i, j]:
                    variance = variance + 2 * correlation[i, j] * one * parts[j]
        variance = np.maximum(variance, 0.0)
        with np.errstate(all="ignore"):
            shares = [np.where(variance > 0, 100 * part**2 / variance, variance) for part in parts]
        found += [value, *(one.astype(value.dtype) for one in (np.sqrt(variance), *shares))]
    return found


def propagated_arrays(
    found: Mapping[str, Any], compiled: Compiled, uncertainties: Mapping[str, Any], correlation: Any
) -> dict[str, Any]:
    """The same of arrays, whose values and partials are known.

    Raises GradcliError for an uncertainty that is negative, and a correlation that is none.
    """
    from gradcli.propagate.correlations import correlation_of

    names = list(uncertainties)
    columns = [np.asarray(found[name]) for name in compiled.names]
    sizes = [np.asarray(one, dtype=np.float64) for one in uncertainties.values()]
    for name, size in zip(names, sizes):
        if (size < 0).any():
            raise GradcliError(OPTIONS, f'an uncertainty of "{name}" is negative')
    own = RowUncertainties(dict.fromkeys(names, Uncertainty()), correlation_of(correlation, names, None))
    made = propagate_columns(columns, compiled, names, sizes, own.correlation)
    return dict(zip(own.names(compiled), made))
