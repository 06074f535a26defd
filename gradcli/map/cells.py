"""The cells of CSV: numbers as Python writes them (`0.0`, `1e-07`), text in quotes only where it needs them."""

from __future__ import annotations

from typing import Any

from gradcli.errors import GradcliError

STAGE = "writing the output"
# Between these Arrow writes a number that is not whole as Python does, and much faster.
ALIKE = (1e-4, 1e10)


def line(cells: list[str], delimiter: str) -> str:
    """A line of CSV."""
    return delimiter.join(_quoted(cell, delimiter) for cell in cells) + "\n"


def spelled(array: Any) -> list[str]:
    """The cells of NumPy's column."""
    if array.dtype.kind == "f":
        return _numbers(array)
    if array.dtype.kind == "b":
        return ["true" if value else "false" for value in array.tolist()]
    if array.dtype.kind == "S":
        return [value.decode(errors="replace") for value in array.tolist()]
    return [str(value) for value in array.tolist()]


def _numbers(array: Any) -> list[str]:
    """The fewest digits that give the number back in its own dtype."""
    if array.dtype.itemsize == 8:
        return [repr(value) for value in array.tolist()]
    return [repr(float(str(value))) for value in array]


def _quoted(cell: str, delimiter: str) -> str:
    if any(mark in cell for mark in (delimiter, '"', "\n", "\r")):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def csv_bytes(table: Any, delimiter: str) -> bytes:
    """The rows of Arrow's table; what is null is empty.

    Raises GradcliError for a column that a cell cannot hold, such as one of lists.
    """
    import numpy as np

    if not table.num_rows:
        return b""
    cells = [_cells(table.column(name), name, delimiter) for name in table.schema.names]
    lines = _joined(*cells, between=delimiter)
    whole = _joined(lines, "", between="\n")
    *_, offsets, data = whole.buffers()
    first, last = np.frombuffer(offsets, np.int64)[[whole.offset, whole.offset + len(whole)]].tolist()
    return data.slice(first, last - first).to_pybytes()  # type: ignore[no-any-return]


def _cells(column: Any, name: str, delimiter: str) -> Any:
    """A column of the bytes between the delimiters, in one piece."""
    import pyarrow as pa
    import pyarrow.compute as pc

    column, kind = column.combine_chunks(), column.type
    if isinstance(column, pa.ChunkedArray):
        column = pa.concat_arrays(column.chunks)
    if pa.types.is_dictionary(kind):
        column, kind = column.dictionary_decode(), kind.value_type
    try:
        if pa.types.is_floating(kind):
            return _arrow_numbers(column)
        if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
            column = column.cast(pa.large_binary())
        else:
            column = column.cast(pa.large_string()).cast(pa.large_binary())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise GradcliError(
            STAGE, f'the column "{name}" cannot be kept in CSV: it holds {kind}',
            hint="write Parquet, or leave out --keep",
        ) from error  # fmt: skip
    special = pc.match_substring_regex(column, f'[{delimiter}"\n\r]')
    if not pc.any(special).as_py():
        return column
    doubled = pc.replace_substring(column, b'"', b'""')
    return pc.if_else(special, _joined('"', doubled, '"'), column)


def _arrow_numbers(column: Any) -> Any:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    values = column.to_numpy(zero_copy_only=False)
    if pa.types.is_float16(column.type):
        column = column.cast(pa.float32())
    size = np.abs(values).astype(np.float64, copy=False)  # 1e15 is none of float16
    other = ~((size >= ALIKE[0]) & (size < ALIKE[1])) | (values == np.trunc(values)) | (values.dtype == np.float16)
    other &= np.asarray(column.is_valid())
    text = column.cast(pa.large_string())
    if other.any():
        text = pc.replace_with_mask(text, pa.array(other), pa.array(_numbers(values[other]), pa.large_string()))
    return text.cast(pa.large_binary())


def _joined(*parts: Any, between: str = "") -> Any:
    """Arrow's columns and texts, put together row by row; what is null is empty."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = pa.large_binary()
    arguments = [pa.scalar(part.encode(), kind) if isinstance(part, str) else part for part in (*parts, between)]
    return pc.binary_join_element_wise(*arguments, null_handling="replace", null_replacement="")
