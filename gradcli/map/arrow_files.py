"""Text and columnar files, read in batches by pyarrow."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from functools import partial
from typing import Any

from gradcli.errors import GradcliError, LimitError, require
from gradcli.map import standard_input
from gradcli.map.arrow_errors import said
from gradcli.map.blocks import BLOCK, STAGE, RowBlock, WantedColumns, block_of, check_names, merged, no_numbers
from gradcli.map.data_file import DataFile, check_header

CSV_BLOCK = 1024 * 1024  # bytes that are parsed together; Arrow reads some thirty of these ahead
WIDE = 16  # a block has room for so many lines as long as the first
JSON_BLOCK = 8 * 1024 * 1024  # bytes of JSON Lines that are parsed together
MAX_LINE = 64 * 1024 * 1024  # bytes
READ_BUFFER = 1024 * 1024  # bytes, of each column of Parquet


def library(what: str) -> Any:
    """The library; a polite refusal where it is not installed."""
    require("pyarrow", STAGE, f"{what} needs pyarrow, which is not installed", "pyarrow")
    import pyarrow

    return pyarrow


def names(source: DataFile) -> list[str]:
    """The names of the columns."""
    if source.format in ("csv", "tsv"):
        with _opened(source) as stream:
            return _header(stream, source)[0]
    library(f"reading {source.format}")
    if source.format == "parquet":
        return list(said(lambda: _parquet_library().read_schema(source.path).names, source))
    first = said(lambda: next(iter(_tables(source, WantedColumns((), keep=True))), None), source)
    return list(first.schema.names) if first is not None else []


def rows(source: DataFile) -> int | None:
    """How many rows there are, where the format says it."""
    if source.format == "parquet":
        library("reading Parquet")
        return int(said(lambda: _parquet_library().read_metadata(source.path).num_rows, source))
    return None


def parts(source: DataFile) -> int:
    """How many row groups or batches there are."""
    pa = library(f"reading {source.format}")
    if source.format == "parquet":
        return max(1, int(said(lambda: _parquet_library().read_metadata(source.path).num_row_groups, source)))
    with pa.memory_map(source.path) as file:
        try:
            return max(1, int(pa.ipc.open_file(file).num_record_batches))
        except pa.ArrowException:
            return 1


def _parquet_library() -> Any:
    """The part of the library that knows Parquet."""
    from pyarrow import parquet

    return parquet


def blocks(source: DataFile, wanted: WantedColumns) -> Iterator[RowBlock]:
    """The rows, batch by batch."""
    pa = library(f"reading {source.format.upper()}")
    first = 0
    tables = _checked(_tables(source, wanted), source)
    for table in merged(tables, lambda table: table.num_rows, lambda some: pa.concat_tables(some)):
        if first == 0:
            check_names(wanted, list(table.schema.names), source.name)
        # Of a file that was changed a column may end before its rows do; and Arrow's own format is memory as it is:
        # the offsets of its texts may point anywhere.
        said(partial(table.validate, full=source.format == "feather"), source)
        yield block_of_table(table, wanted, source.name, first)
        first += table.num_rows


def block_of_table(table: Any, wanted: WantedColumns, source: str, first: int) -> RowBlock:
    """A block from Arrow's table."""
    arrays = {name: table.column(name) for name in table.schema.names if wanted.keep or name in wanted.variables}
    return block_of(arrays, wanted, source, first, table.num_rows, numbers)


def numbers(column: Any, name: str, source: str, first: int) -> tuple[Any, Any]:
    """A column as NumPy's numbers, and a mask of what is missing."""
    import numpy as np
    import pyarrow as pa

    kind = column.type
    if pa.types.is_null(kind):
        return np.zeros(len(column)), np.ones(len(column), bool)
    if pa.types.is_decimal(kind) or pa.types.is_float16(kind):
        column, kind = column.cast(pa.float64()), pa.float64()
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
        some = enumerate(column[:1000].to_pylist(), first + 1)
        example = next((f'"{str(one)[:30]}" in row {row:,}' for row, one in some if one is not None), None)
        raise no_numbers(name, source, str(kind), example)
    if not column.null_count:
        return _to_numpy(column), None
    import pyarrow.compute as pc  # a third of importing pyarrow, for what few columns have

    mask = np.asarray(pc.is_null(column))
    return _to_numpy(pc.fill_null(column, pa.scalar(0, kind))), mask


def _to_numpy(column: Any) -> Any:
    """Without a copy where the column is in one piece."""
    chunks = getattr(column, "chunks", None)
    if chunks is None:
        return column.to_numpy(zero_copy_only=False)
    return chunks[0].to_numpy(zero_copy_only=False) if len(chunks) == 1 else column.to_numpy()


def _tables(source: DataFile, wanted: WantedColumns) -> Iterator[Any]:
    if source.format in ("csv", "tsv"):
        return _csv(source, wanted)
    return {"jsonl": _jsonl, "parquet": _parquet, "feather": _feather}[source.format](source, wanted)


def _opened(source: DataFile) -> Any:
    """The bytes of a file, unpacked where they are compressed."""
    if source.path == "-":
        return standard_input.opened()
    if source.path.endswith(".gz"):
        return gzip.open(source.path, "rb")
    return open(source.path, "rb")


def _header(stream: Any, source: DataFile) -> tuple[list[str], bytes]:
    """The names in the first line of CSV, and that line itself."""
    line = stream.readline(MAX_LINE)
    if not line.strip():
        raise GradcliError(STAGE, f"{source.name} is empty", expected="a first line with the names of the columns")
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise GradcliError(STAGE, f"{source.name} is not UTF-8 text: byte {error.start} of its first line") from error
    try:
        found = next(csv.reader([text.rstrip("\r\n")], delimiter=_delimiter(source)))
    except csv.Error as error:
        raise GradcliError(STAGE, f"the first line of {source.name} has no names of columns: {error}") from error
    return [name.strip() for name in found], line


def _delimiter(source: DataFile) -> str:
    return "\t" if source.format == "tsv" else ","


def _csv(source: DataFile, wanted: WantedColumns) -> Iterator[Any]:
    pa = library("reading CSV")
    import pyarrow.csv as arrow_csv

    with _opened(source) as stream:
        there, line = _header(stream, source)
        check_header(wanted, there, source)
        try:
            reader = arrow_csv.open_csv(
                stream,
                read_options=arrow_csv.ReadOptions(column_names=there, block_size=max(CSV_BLOCK, WIDE * len(line))),
                parse_options=arrow_csv.ParseOptions(delimiter=_delimiter(source)),
                convert_options=arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(wanted.variables, pa.float64()),
                    include_columns=None if wanted.keep else list(wanted.variables),
                ),
            )
        except pa.ArrowInvalid as error:
            if "Empty CSV file" in str(error):
                return
            raise
        for batch in reader:
            yield pa.Table.from_batches([batch])


def _jsonl(source: DataFile, wanted: WantedColumns) -> Iterator[Any]:
    pa = library("reading JSON Lines")
    import pyarrow.json as arrow_json

    rest, first = b"", 0
    with _opened(source) as stream:
        while data := stream.read(JSON_BLOCK):
            data = rest + data
            end = data.rfind(b"\n") + 1
            rest = data[end:]
            if len(rest) > MAX_LINE:
                raise LimitError(STAGE, f"a line of {source.name} is longer than {MAX_LINE:,} bytes")
            if data[:end].strip():
                table = _parsed(arrow_json, data[:end], source, first)
                first += table.num_rows
                yield _with_all(table, wanted, pa)
        if rest.strip():
            yield _with_all(_parsed(arrow_json, rest, source, first), wanted, pa)


def _parsed(arrow_json: Any, data: bytes, source: DataFile, first: int) -> Any:
    """The table of some lines of JSON, `first` rows into the file."""
    options = arrow_json.ReadOptions(block_size=max(len(data), 1024))
    return said(lambda: arrow_json.read_json(io.BytesIO(data), options), source, first)


def _with_all(table: Any, wanted: WantedColumns, pa: Any) -> Any:
    """A batch in which a field may be missing everywhere, if it has some of them at all."""
    if not set(wanted.variables) & set(table.schema.names):
        return table
    for name in wanted.variables:
        if name not in table.schema.names:
            table = table.append_column(name, pa.nulls(table.num_rows, pa.float64()))
    return table


def _parquet(source: DataFile, wanted: WantedColumns) -> Iterator[Any]:
    pa = library("reading Parquet")
    from pyarrow import parquet

    path: Any = io.BytesIO(standard_input.opened().read()) if source.path == "-" else source.path
    # What it buffers ahead it keeps to the end of the file; without a buffer it reads a row group's column at once.
    with parquet.ParquetFile(path, pre_buffer=False, buffer_size=READ_BUFFER) as file:
        there = list(file.schema_arrow.names)
        check_names(wanted, there, source.name)
        columns = there if wanted.keep else list(wanted.variables)
        if not columns:
            columns = there[:1]
        groups = None if source.part is None else [source.part]
        for batch in file.iter_batches(batch_size=BLOCK, columns=columns, row_groups=groups):
            yield pa.Table.from_batches([batch])


def _feather(source: DataFile, wanted: WantedColumns) -> Iterator[Any]:
    pa = library("reading Arrow")
    from pyarrow import ipc

    def tables(reader: Any) -> Iterator[Any]:
        check_names(wanted, list(reader.schema.names), source.name)
        columns = reader.schema.names if wanted.keep else list(wanted.variables) or reader.schema.names[:1]
        count = getattr(reader, "num_record_batches", None)
        chosen = range(count or 0) if source.part is None else [source.part]
        batches = iter(reader) if count is None else (reader.get_batch(i) for i in chosen)
        for batch in batches:
            for start in range(0, batch.num_rows, BLOCK):
                yield pa.Table.from_batches([batch.select(columns).slice(start, BLOCK)])

    if source.path == "-":
        with ipc.open_stream(standard_input.opened()) as reader:
            yield from tables(reader)
        return
    with pa.memory_map(source.path) as file:
        try:
            reader = ipc.open_file(file)
        except pa.ArrowInvalid:
            file.seek(0)
            reader = ipc.open_stream(file)
        yield from tables(reader)


def _checked(tables: Iterator[Any], source: DataFile) -> Iterator[Any]:
    """The tables; what pyarrow says against them becomes an error of ours."""
    while True:
        table = said(lambda: next(tables, None), source)
        if table is None:
            return
        yield table
