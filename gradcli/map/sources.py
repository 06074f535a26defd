"""Where rows come from: files by their names, standard input, or a range."""

from __future__ import annotations

import glob
import gzip
import os
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gradcli.errors import GradcliError, one_line, require
from gradcli.map.blocks import BLOCK, STAGE, RowBlock, WantedColumns, block_of, check_names
from gradcli.map.data_file import DataFile, check_header

FORMATS = ("csv", "tsv", "jsonl", "npy", "npz", "parquet", "feather")
SUFFIXES = {
    ".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".npy": "npy", ".npz": "npz",
    ".parquet": "parquet", ".pq": "parquet", ".feather": "feather", ".arrow": "feather", ".ipc": "feather",
}  # fmt: skip
TOLD_BY_HEAD = ("csv", "tsv", "npy", "npz", "parquet")  # formats whose names stand at the beginning or the end
OWN_FORMATS = ("npy", "npz")  # which NumPy reads
MAX_FILES = 100_000
MOST_SAID = 200  # characters of what a library says
PART = 2 * BLOCK  # rows of a range that are computed in one place


class DataSource(DataFile):
    """A file that can be read."""

    def names(self) -> list[str]:
        """The names of its columns; not of standard input."""
        found: list[str] = _unpacked(lambda: self._reader().names(self), self.name)
        return found

    def check_columns(self, wanted: WantedColumns) -> None:
        """Refuse a file that lacks a variable's column, where its names are told without reading on.

        Raises GradcliError.
        """
        if self.path == "-" or self.format not in TOLD_BY_HEAD:
            return
        if self.format in ("csv", "tsv"):
            check_header(wanted, self.names(), self)
        else:
            check_names(wanted, self.names(), self.name)

    def blocks(self, wanted: WantedColumns) -> Iterator[RowBlock]:
        """Its rows.

        Raises GradcliError where a column is missing, or holds no numbers.
        """
        blocks = self._reader().blocks(self, wanted)
        while (block := _unpacked(lambda: next(blocks, None), self.name)) is not None:
            yield block

    def rows(self) -> int | None:
        """How many rows there are, where that is known beforehand."""
        try:
            return None if self.path == "-" else self._reader().rows(self)
        except OSError:
            return None

    def parts(self) -> list[DataSource]:
        """Parts that can be read apart from each other; their rows in turn are those of the whole."""
        columnar = self.format in ("parquet", "feather")
        count = _unpacked(lambda: self._reader().parts(self), self.name) if columnar else 1
        return [self] if count == 1 else [replace(self, part=part) for part in range(count)]

    def check_library(self) -> None:
        """Refuse a file for which a library is missing, before anything is computed.

        Raises GradcliError.
        """
        if self.format not in OWN_FORMATS:
            require("pyarrow", STAGE, f"reading {self.format.upper()} needs pyarrow, which is not installed", "pyarrow")

    def _reader(self) -> Any:
        if self.format in OWN_FORMATS:
            from gradcli.map import numpy_files

            return numpy_files
        from gradcli.map import arrow_files

        return arrow_files


def _unpacked(read: Callable[[], Any], name: str) -> Any:
    """What is read from a file that may be compressed.

    Raises GradcliError where it is cut off, or is not what it says.
    """
    try:
        return read()
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        why = "it ends too early" if isinstance(error, EOFError) else str(error).lower()
        raise GradcliError(STAGE, f"{name} cannot be unpacked: {why}") from error
    except OSError as error:
        raise GradcliError(STAGE, f"{name} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:  # a name or a cell that nobody looked at before
        raise GradcliError(STAGE, f"{name} cannot be read: a text in it is not UTF-8") from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] != "pyarrow":
            raise
        raise GradcliError(STAGE, f"{name} cannot be read: {one_line(str(error), MOST_SAID)}") from error


@dataclass(frozen=True)
class GridSource:
    """Evenly spaced points of one variable, or of every combination of several: the last one varies fastest."""

    axes: Sequence[tuple[str, float, float, int]]  # name, first, last, count
    start: int = 0
    stop: int | None = None

    name = "--over"

    def names(self) -> list[str]:
        """The variables that vary."""
        return [axis[0] for axis in self.axes]

    def rows(self) -> int:
        """How many points there are."""
        total = 1
        for _, _, _, count in self.axes:
            total *= count
        return (total if self.stop is None else self.stop) - self.start

    def parts(self) -> list[GridSource]:
        """Parts that can be made apart from each other."""
        total = self.rows()
        return [replace(self, start=start, stop=min(start + PART, total)) for start in range(0, total, PART)]

    def blocks(self, wanted: WantedColumns) -> Iterator[RowBlock]:
        """The points; all of the variables that vary are kept."""
        import numpy as np

        check_names(WantedColumns(wanted.variables), self.names(), self.name)
        end = self.start + self.rows()
        for start in range(self.start, end, BLOCK):
            count_here = min(BLOCK, end - start)
            rest: Any = np.arange(start, start + count_here)
            arrays = {}
            for name, first, last, count in reversed(self.axes):
                place = rest % count
                rest = rest // count
                # Both ends are met exactly, and the middle of a range around 0.
                share = place / (count - 1)
                arrays[name] = first * (1 - share) + last * share
            ordered = {axis[0]: arrays[axis[0]] for axis in self.axes}
            yield block_of(ordered, WantedColumns(wanted.variables, keep=True), self.name, start, count_here)


def sources_of(paths: Sequence[str], input_format: str | None) -> list[DataSource]:
    """The files that are meant; patterns in quotes are filled in here.

    Raises GradcliError where there is none, and where the format of one is not known.
    """
    found: list[DataSource] = []
    for path in paths:
        names = [path]
        if path != "-" and not os.path.exists(path):
            names = sorted(glob.glob(path, recursive=True)) if glob.has_magic(path) else []
            if not names:
                what = "no file matches" if glob.has_magic(path) else "there is no file"
                raise GradcliError(STAGE, f"{what} {path}")
        for name in names:
            if os.path.isdir(name):
                raise GradcliError(
                    STAGE, f"{name} is a directory", hint=f"name its files: '{name.rstrip('/')}/*.parquet'"
                )
            found.append(DataSource(name, input_format or _format_of(name)))
            if len(found) > MAX_FILES:
                raise GradcliError(STAGE, f"there are more than {MAX_FILES:,} files")
    if any(source.path == "-" for source in found) and sys.stdin is None:
        raise GradcliError(STAGE, "standard input is closed")
    return found


def _format_of(path: str) -> str:
    if path == "-":
        return "csv"
    name = Path(path.removesuffix(".gz"))
    if name.suffix.lower() in SUFFIXES:
        return SUFFIXES[name.suffix.lower()]
    raise GradcliError(
        STAGE, f'the format of {path} is not known from its name', expected=f"one of {', '.join(SUFFIXES)}",
        hint="say it: --input-format csv",
    )  # fmt: skip
