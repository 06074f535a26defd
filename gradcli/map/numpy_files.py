"""NumPy's files: .npy of one variable or with named fields, .npz of one array for each column. Read in pieces."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.map import standard_input
from gradcli.map.blocks import BLOCK, STAGE, RowBlock, WantedColumns, block_of, check_names
from gradcli.map.data_file import DataFile

MAX_HEADER = 10_000  # bytes


class _Member:
    """One array of a file, read front to back."""

    def __init__(self, stream: Any, name: str, source: str) -> None:
        self.stream, self.name, self.source = stream, name, source
        try:
            version = np.lib.format.read_magic(stream)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            self.shape, _, self.dtype = read(stream, max_header_size=MAX_HEADER)
        except Exception as error:  # a header is a text that NumPy parses, and this one may be anything
            raise GradcliError(STAGE, f"{source} is not a file of NumPy: {str(error).partition(chr(10))[0]}") from error
        if not all(type(size) is int and size >= 0 for size in self.shape):
            raise GradcliError(STAGE, f"{source} is not a file of NumPy: its shape is {self.shape}")
        if self.dtype.hasobject:
            raise GradcliError(STAGE, f"{source} holds Python objects, which are not read", expected="numbers")
        if len(self.shape) != 1:
            raise GradcliError(
                STAGE, f"{name or 'the array'} of {source} has {len(self.shape)} dimensions",
                expected="one: a column, or a structured array with a field for each column",
            )  # fmt: skip

    def read(self, start: int, count: int) -> Any:
        """The next rows."""
        data = self.stream.read(count * self.dtype.itemsize)
        if len(data) < count * self.dtype.itemsize:
            raise GradcliError(STAGE, f"{self.source} ends in the middle of its data, after row {start:,}")
        return np.frombuffer(data, self.dtype)


def names(source: DataFile) -> list[str]:
    """The names of the columns."""
    with _members(source) as members:
        return _names(source, members.found)


def rows(source: DataFile) -> int | None:
    """How many rows there are."""
    with _members(source) as members:
        return next((int(member.shape[0]) for member in members.found.values()), 0)


def blocks(source: DataFile, wanted: WantedColumns) -> Iterator[RowBlock]:
    """The rows, in pieces."""
    with _members(source, wanted) as members:
        there = _names(source, members.found)
        check_names(wanted, there, source.name)
        lengths = {int(member.shape[0]) for member in members.found.values()}
        if len(lengths) > 1:
            said = ", ".join(f"{name} {member.shape[0]:,}" for name, member in members.found.items())
            raise GradcliError(STAGE, f"the columns of {source.name} have different lengths: {said}")
        total = lengths.pop() if lengths else 0
        for start in range(0, total, BLOCK):
            count = min(BLOCK, total - start)
            arrays: dict[str, Any] = {}
            for name, member in members.found.items():
                read = member.read(start, count)
                if read.dtype.names:
                    arrays |= {field: read[field] for field in read.dtype.names}
                else:
                    arrays[name] = read
            yield block_of(arrays, wanted, source.name, start, count)


def _names(source: DataFile, found: dict[str, _Member]) -> list[str]:
    return [name for key, member in found.items() for name in (member.dtype.names or (key,))]


class _members:  # noqa: N801
    """The arrays of a file that are wanted, open while they are read."""

    def __init__(self, source: DataFile, wanted: WantedColumns | None = None) -> None:
        self.source, self.wanted = source, wanted
        self.found: dict[str, _Member] = {}
        self.open: list[Any] = []

    def __enter__(self) -> _members:
        try:
            return self._entered()
        except BaseException:
            self.__exit__()
            raise

    def _entered(self) -> _members:
        stream = self._stream()
        if self.source.format == "npy":
            self.found[Path(self.source.path).stem] = _Member(stream, "", self.source.name)
            return self
        try:
            archive = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, NotImplementedError) as error:  # or of a version that is not known
            raise GradcliError(STAGE, f"{self.source.name} is not a file of NumPy's savez") from error
        self.open.append(archive)
        for info in archive.infolist():
            name = info.filename.removesuffix(".npy")
            if self.wanted is None or self.wanted.keep or name in self.wanted.variables:
                try:
                    member = archive.open(info)
                except (RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
                    what = "is encrypted" if info.flag_bits & 1 else "cannot be unpacked"
                    raise GradcliError(STAGE, f"{name} of {self.source.name} {what}") from error
                self.open.append(member)
                self.found[name] = _Member(member, name, self.source.name)
        if self.wanted is not None and not (self.wanted.keep or set(self.wanted.variables) <= set(self.found)):
            check_names(
                self.wanted, [info.filename.removesuffix(".npy") for info in archive.infolist()], self.source.name
            )
        return self

    def _stream(self) -> Any:
        if self.source.path == "-":
            data: Any = standard_input.opened()
            stream = data if self.source.format == "npy" else io.BytesIO(data.read())
        else:
            stream = open(self.source.path, "rb")  # noqa: SIM115
            self.open.append(stream)
            if self.source.format == "npz" and not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise GradcliError(
                    STAGE, f"{self.source.name} is not a regular file", hint="an archive is read from its end"
                )
        return stream

    def __exit__(self, *error: object) -> None:
        for stream in reversed(self.open):
            stream.close()


class Npy:
    """A structured array, a field for each column; the number of rows is written at the end."""

    def __init__(self, path: str) -> None:
        self.stream = open(path, "wb")  # noqa: SIM115
        self.rows = 0
        self.dtype: Any = None

    def write(self, columns: dict[str, Any]) -> None:
        """Some more rows."""
        if self.dtype is None:
            self.dtype = np.dtype([(name, column.dtype) for name, column in columns.items()])
            self._header()
        block = np.empty(len(next(iter(columns.values()))), self.dtype)
        for name, column in columns.items():
            block[name] = column
        self.rows += len(block)
        self.stream.write(block.tobytes())

    def _header(self) -> None:
        text = repr({"descr": np.lib.format.dtype_to_descr(self.dtype), "fortran_order": False, "shape": (self.rows,)})
        size = self._size(len(text)) - 12
        self.stream.seek(0)
        self.stream.write(b"\x93NUMPY\x02\x00" + size.to_bytes(4, "little"))
        self.stream.write(text.encode("latin1").ljust(size - 1) + b"\n")

    def _size(self, length: int) -> int:
        """Room for the header with any number of rows, in whole pages of 64 bytes."""
        names = len(repr(self.dtype.names)) + 100 * len(self.dtype.names)
        return (max(length, names) + 256) // 64 * 64 + 64

    def close(self) -> None:
        """Write how many rows there are."""
        if self.dtype is None:
            self.dtype = np.dtype([])
        self._header()
        self.stream.close()


class Npz:
    """An array for each column, put together from files beside the one that comes out."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.parts: dict[str, Any] = {}
        self.dtypes: dict[str, Any] = {}
        self.rows = 0

    def write(self, columns: dict[str, Any]) -> None:
        """Some more rows."""
        for name, column in columns.items():
            if name not in self.parts:
                self.parts[name] = open(f"{self.path}.{len(self.parts)}", "w+b")  # noqa: SIM115
                os.unlink(self.parts[name].name)  # it is gone when the process is
                self.dtypes[name] = column.dtype
            self.parts[name].write(np.ascontiguousarray(column).tobytes())
        self.rows += len(next(iter(columns.values())))

    def close(self) -> None:
        """Write the archive."""
        with zipfile.ZipFile(self.path, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
            for name, part in self.parts.items():
                part.seek(0)
                with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                    header = {"descr": np.lib.format.dtype_to_descr(self.dtypes[name]), "fortran_order": False,
                              "shape": (self.rows,)}  # fmt: skip
                    np.lib.format.write_array_header_2_0(member, header)
                    while data := part.read(1 << 20):
                        member.write(data)
                part.close()
