"""Arrow's tables of what comes out, and the files that hold them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from gradcli.errors import GradcliError
from gradcli.map.blocks import STAGE, STATUS, STATUS_NAME, BlockResult


def table_of(result: BlockResult) -> Any:
    """The columns that are kept, those that come out (null where a value was missing), and the status."""
    missing = result.block.missing
    arrays: dict[str, Any] = {}
    for name, column in result.block.kept.items():
        arrays[name] = _kept(name, column) if isinstance(column, np.ndarray) else column
    for name, column in zip(result.names, result.columns):
        arrays[name] = pa.array(column, mask=missing)
    arrays[STATUS_NAME] = pa.DictionaryArray.from_arrays(result.status.astype(np.int8), pa.array(STATUS))
    return pa.table(arrays)


def _kept(name: str, column: Any) -> Any:
    """A column of NumPy's as Arrow's, which has no numbers of the other byte order.

    Raises GradcliError where it has none of the kind at all.
    """
    try:
        return pa.array(column.astype(column.dtype.newbyteorder("="), copy=False))
    except (pa.ArrowException, TypeError) as error:
        raise GradcliError(
            STAGE, f'the column "{name}" cannot be kept: it holds {column.dtype}', hint="leave out --keep"
        ) from error


def open_writer(kind: str, target: Any, schema: Any) -> Any:
    """What writes tables of a schema."""
    if kind == "parquet":
        from pyarrow import parquet

        return parquet.ParquetWriter(target, schema, use_dictionary=[STATUS_NAME])
    from pyarrow import ipc

    writer = (ipc.new_file if isinstance(target, str) else ipc.new_stream)(target, schema)
    return _WithSchema(writer, schema)


class _WithSchema:
    """A writer of Arrow's format that knows its schema."""

    def __init__(self, writer: Any, schema: Any) -> None:
        self.writer, self.schema = writer, schema

    def write_table(self, table: Any) -> None:
        """Some more rows."""
        self.writer.write_table(table)

    def close(self) -> None:
        """The end."""
        self.writer.close()
