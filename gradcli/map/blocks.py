"""What flows through a map: some rows of the data, and what comes out for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gradcli.errors import GradcliError, did_you_mean

STAGE = "reading the data"
BLOCK = 512 * 1024  # rows that are read, computed and written together
OK, UNDEFINED, WRONG, UNDECIDED, UNJUDGED, MISSING = range(6)
STATUS = ("ok", "undefined", "wrong", "undecided", "unjudged", "missing")
STATUS_NAME = "status"


@dataclass
class RowBlock:
    """Some rows: a column of numbers for each variable, and the columns that are passed on.

    missing   true where a variable has no value; None where all have one
    kept      columns as they were read, NumPy's or Arrow's
    """

    rows: int
    columns: dict[str, Any]
    missing: Any = None
    kept: dict[str, Any] = field(default_factory=dict)


@dataclass
class BlockResult:
    """What comes out for a block: columns of numbers in the order of their names, and a status for each row."""

    block: RowBlock
    names: Sequence[str]
    columns: list[Any]
    status: Any


@dataclass(frozen=True)
class WantedColumns:
    """What is read of a source: the variables' columns, and perhaps all others."""

    variables: Sequence[str]
    keep: bool = False


def check_names(wanted: WantedColumns, names: Sequence[str], source: str) -> None:
    """Refuse data that lacks a variable's column, or has one twice.

    Raises GradcliError that names the nearest column.
    """
    for name in wanted.variables:
        if name not in names:
            shown = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
            raise GradcliError(
                STAGE,
                f'{source} has no column "{name}"',
                expected=f"a column for each variable; there are {shown}" if names else "columns with names",
                hint=did_you_mean(name, list(names), f"give it a value for all rows: --at {name}=..."),
            )
    read = names if wanted.keep else [name for name in names if name in wanted.variables]
    twice = next((name for name, count in Counter(read).items() if count > 1), None)
    if twice is not None:
        raise GradcliError(STAGE, f'{source} has two columns "{twice}"')


def block_of(
    arrays: Mapping[str, Any],
    wanted: WantedColumns,
    source: str,
    first: int,
    rows: int,
    convert: Callable[..., Any] | None = None,
) -> RowBlock:
    """A block from arrays of so many rows, whose variables are turned into numbers; `first` is the number of its first.

    `convert` makes a NumPy array and a mask of what is missing from another kind of column.
    """
    import numpy as np

    columns: dict[str, Any] = {}
    missing: Any = None
    for name in wanted.variables:
        values, mask = (convert or _numbers)(arrays[name], name, source, first)
        columns[name] = values
        if values.dtype.kind == "f":
            gone = np.isnan(values)
            mask = gone if mask is None else mask | gone
        if mask is not None and mask.any():
            missing = mask if missing is None else missing | mask
    return RowBlock(rows, columns, missing, dict(arrays) if wanted.keep else {})


def _numbers(array: Any, name: str, source: str, first: int) -> tuple[Any, None]:
    import numpy as np

    if array.dtype.kind not in "fiu" or array.dtype.itemsize > 8:
        raise no_numbers(name, source, str(array.dtype))
    return np.ascontiguousarray(array).astype(array.dtype.newbyteorder("="), copy=False), None


def twice_there(name: str, source: str) -> GradcliError:
    """The error for a column that is kept, and that another one of its name comes out beside."""
    rename = "leave out --keep, or rename it in the data"
    return GradcliError(
        STAGE,
        f'the column "{name}" of {source} would be there twice: it is kept, and one of that name comes out',
        hint=rename if name == STATUS_NAME else "give the value another name: --name NAME",
    )


def no_numbers(name: str, source: str, what: str, example: str | None = None) -> GradcliError:
    """The error for a column that cannot be a variable."""
    shown = f", such as {example}" if example else ""
    return GradcliError(
        STAGE, f'the column "{name}" of {source} holds no numbers: {what}{shown}', expected="a column of real numbers"
    )


def merged(blocks: Iterable[Any], size: Callable[[Any], int], join: Callable[[list[Any]], Any]) -> Iterable[Any]:
    """Small pieces put together until they are worth computing."""
    waiting: list[Any] = []
    count = 0
    for block in blocks:
        waiting.append(block)
        count += size(block)
        if count >= BLOCK // 2:
            yield join(waiting) if len(waiting) > 1 else block
            waiting, count = [], 0
    if waiting:
        yield join(waiting) if len(waiting) > 1 else waiting[0]
