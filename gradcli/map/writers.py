"""Where rows go: a file in the format of its name, whole or not at all, or standard output as CSV."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from itertools import repeat
from pathlib import Path
from typing import Any

from gradcli.errors import GradcliError, require
from gradcli.map.blocks import MISSING, STATUS, STATUS_NAME, BlockResult
from gradcli.map.cells import csv_bytes, line, spelled
from gradcli.map.sources import SUFFIXES
from gradcli.safe import visible
from gradcli.tape.strict import number
from gradcli.terminal.outputs import opened, refuse_input

STAGE = "writing the output"
WHOLE = ("npy", "npz", "parquet")  # formats whose beginning is written at their end
ARROW = ("parquet", "feather")  # formats that nobody else writes


def format_of(path: str | None, output_format: str | None) -> str:
    """The format of what comes out.

    Raises GradcliError where it cannot be told from the name.
    """
    if output_format is not None:
        return output_format
    if path is None or path == "-":
        return "csv"
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise GradcliError(
            STAGE, f"the format of {path} is not known from its name", expected=f"one of {', '.join(SUFFIXES)}"
        )
    return SUFFIXES[suffix]


def check_library(kind: str) -> None:
    """Refuse a format for which a library is missing, before anything is computed.

    Raises GradcliError.
    """
    if kind in ARROW:
        require("pyarrow", STAGE, f"writing {kind.upper()} needs pyarrow, which is not installed", "pyarrow")


@contextlib.contextmanager
def writer(path: str | None, kind: str, inputs: Sequence[str] = ()) -> Iterator[Any]:
    """What takes the rows: `write(result)`. A file appears under its name when all of them are there.

    `inputs` are the files that are read: none of them is written.

    Raises GradcliError where it cannot be written.
    """
    if path is None or path == "-":
        if kind in WHOLE:
            raise GradcliError(STAGE, f"{kind} is not written to standard output", hint=f"name a file: -o out.{kind}")
        with _Sink(kind, _Screen() if sys.stdout.isatty() else sys.stdout.buffer) as sink:
            yield sink
        return
    refuse_input(path, inputs, STAGE)
    with opened(path, STAGE) as target:
        if kind in WHOLE and not isinstance(target, str):
            raise GradcliError(STAGE, f"{kind} is not written to a pipe or a device", hint="name a file")
        with _Sink(kind, target) as sink:
            yield sink


class _Sink:
    """One format's writer, opened when the first rows say which columns there are."""

    def __init__(self, kind: str, target: Any) -> None:
        self.kind, self.target = kind, target
        self.inner: Any = None

    def __enter__(self) -> _Sink:
        return self

    def write(self, result: BlockResult) -> None:
        """Some more rows."""
        if self.inner is None:
            self.inner = _FORMATS[self.kind](self.target)
        self.inner.write(result)

    def __exit__(self, kind: Any, *error: object) -> None:
        if self.inner is not None:
            self.inner.close() if kind is None else self._abandon()

    def _abandon(self) -> None:
        with contextlib.suppress(Exception):
            self.inner.close()


class _Screen:
    """A terminal: what would draw on it is shown as a sign, where a file or a pipe gets the data as they are."""

    def write(self, data: bytes) -> None:
        """Whole lines."""
        text = data.decode("utf-8", "replace")
        sys.stdout.write("\t".join(map(visible, text.split("\t"))))

    def flush(self) -> None:
        """Let everything be shown."""
        sys.stdout.flush()


class _Stream:
    """Bytes, to a file or to a stream that stays open."""

    def __init__(self, target: Any) -> None:
        self.own = isinstance(target, str)
        self.stream: Any = open(target, "wb") if self.own else target  # noqa: SIM115

    def close(self) -> None:
        """Let everything arrive."""
        if self.own:
            self.stream.close()
        else:
            self.stream.flush()


class Csv(_Stream):
    """CSV, by pyarrow where it is there."""

    delimiter = ","

    def __init__(self, target: Any) -> None:
        super().__init__(target)
        self.started = False

    def write(self, result: BlockResult) -> None:
        """Some more rows; a missing value is empty."""
        if not self.started:
            self.stream.write(line([*result.block.kept, *result.names, STATUS_NAME], self.delimiter).encode())
            self.started = True
        try:
            import pyarrow  # noqa: F401
        except ImportError:
            self._plainly(result)
        else:
            from gradcli.map.tables import table_of

            self.stream.write(csv_bytes(table_of(result), self.delimiter))
        if not self.own:
            self.stream.flush()

    def _plainly(self, result: BlockResult) -> None:
        kept, new = (zip(*map(spelled, arrays)) for arrays in (result.block.kept.values(), result.columns))
        lines = []
        for code, cells, numbers in zip(result.status.tolist(), kept if result.block.kept else repeat(()), new):
            shown = [""] * len(numbers) if code == MISSING else numbers
            lines.append(line([*cells, *shown, STATUS[code]], self.delimiter))
        self.stream.write("".join(lines).encode())


class Tsv(Csv):
    """The same with tabs."""

    delimiter = "\t"


class JsonLines(_Stream):
    """An object for each row; what JSON cannot say is null, with its status beside it."""

    def write(self, result: BlockResult) -> None:
        """Some more rows."""
        kept = {name: _listed(column) for name, column in result.block.kept.items()}
        columns = [column.tolist() for column in result.columns]
        lines = []
        for row, code in enumerate(result.status.tolist()):
            record: dict[str, Any] = {}
            for name, values in kept.items():
                record |= number(name, values[row]) if isinstance(values[row], float) else {name: values[row]}
            for name, cells in zip(result.names, columns):
                record |= number(name, None if code == MISSING else cells[row])
            record[STATUS_NAME] = STATUS[code]
            lines.append(json.dumps(record, allow_nan=False, default=str))
        self.stream.write("".join(f"{line}\n" for line in lines).encode())
        if not self.own:
            self.stream.flush()


def _listed(column: Any) -> list[Any]:
    return column.to_pylist() if hasattr(column, "to_pylist") else column.tolist()  # type: ignore[no-any-return]


class _Numpy:
    """A file of NumPy's; the status is text."""

    kind = ""

    def __init__(self, target: str) -> None:
        from gradcli.map.numpy_files import Npy, Npz

        self.file: Any = (Npy if self.kind == "npy" else Npz)(target)

    def write(self, result: BlockResult) -> None:
        """Some more rows."""
        import numpy as np

        kept = {name: _plain(name, column) for name, column in result.block.kept.items()}
        self.file.write(
            {**kept, **dict(zip(result.names, result.columns)), STATUS_NAME: np.array(STATUS, "S")[result.status]}
        )

    def close(self) -> None:
        """Write what is said of the whole."""
        self.file.close()


class NpyFile(_Numpy):
    """A structured array."""

    kind = "npy"


class NpzFile(_Numpy):
    """An archive of arrays."""

    kind = "npz"


def _plain(name: str, column: Any) -> Any:
    found = column.to_numpy() if hasattr(column, "to_numpy") else column  # NumPy's array has none
    if found.dtype.kind not in "fiubUS":
        raise GradcliError(
            STAGE, f'the column "{name}" cannot be kept in a file of NumPy: it holds no numbers',
            hint="write Parquet, or leave out --keep",
        )  # fmt: skip
    return found


class _Arrow:
    """Parquet or Arrow's own format, the columns of the first rows."""

    def __init__(self, target: Any) -> None:
        self.target, self.inner = target, None

    def write(self, result: BlockResult) -> None:
        """Some more rows."""
        from gradcli.map.tables import open_writer, table_of

        table = table_of(result)
        if self.inner is None:
            self.inner = open_writer(self.kind, self.target, table.schema)
        if table.schema != self.inner.schema:
            table = table.cast(self.inner.schema)
        self.inner.write_table(table)

    kind = ""
    inner: Any

    def close(self) -> None:
        """Write what is said of the whole."""
        self.inner.close()


class ParquetFile(_Arrow):
    """Parquet."""

    kind = "parquet"


class FeatherFile(_Arrow):
    """Arrow's own format."""

    kind = "feather"


_FORMATS: dict[str, Any] = {
    "csv": Csv, "tsv": Tsv, "jsonl": JsonLines, "npy": NpyFile, "npz": NpzFile, "parquet": ParquetFile,
    "feather": FeatherFile,
}  # fmt: skip
