"""A plan as a function of Arrow's batches, for engines that hand them out: Spark, Ray Data, Polars.

df.mapInArrow(map_batches("sin(x)*y"), schema)                             # Spark
dataset.map_batches(map_batches("sin(x)*y"), batch_format="pyarrow")       # Ray Data
polars.from_arrow(map_batches("sin(x)*y")(frame.to_arrow()))               # Polars
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gradcli.map.blocks import WantedColumns, check_names
from gradcli.map.plans import Plan

NAME = "the batch"


class Batches:
    """Takes a table, a batch, or an iterator of batches, and gives the same of what comes out. It can be pickled."""

    def __init__(self, plan: Plan, keep: bool) -> None:
        self.plan = plan
        self.keep = keep
        self._runner: Any = None

    def __reduce__(self) -> tuple[Any, ...]:
        return Batches, (self.plan, self.keep)

    def __call__(self, batches: Any) -> Any:
        """The value, the partials and the status of each row."""
        import pyarrow as pa

        if isinstance(batches, pa.Table):
            return self._table(batches)
        if isinstance(batches, pa.RecordBatch):
            found = self._table(pa.Table.from_batches([batches])).combine_chunks()
            return next(iter(found.to_batches()), pa.RecordBatch.from_pylist([], found.schema))
        return self._each(batches)

    def _each(self, batches: Iterable[Any]) -> Iterator[Any]:
        return map(self, batches)

    def _table(self, table: Any) -> Any:
        import pyarrow as pa

        from gradcli.map.arrow_files import block_of_table
        from gradcli.map.tables import table_of

        wanted = WantedColumns(self.plan.variables, self.keep)
        check_names(wanted, list(table.schema.names), NAME)
        found = table_of(self._run(block_of_table(table, wanted, NAME, 0)))
        last = found.num_columns - 1
        return found.set_column(last, found.schema.names[last], found.column(last).cast(pa.string()))

    def _run(self, block: Any) -> Any:
        from gradcli.map.judging import OnKinks, RowReference
        from gradcli.map.rows import Runner

        if self._runner is None:
            self._runner = Runner(self.plan, OnKinks(RowReference(self.plan.compiled, 2.0)))
        return self._runner.run(block)


def map_batches(
    program: str,
    at: Mapping[str, object] | str | None = None,
    *,
    wrt: Sequence[str] | str | None = None,
    dtype: str = "float64",
    name: str | None = None,
    keep: bool = False,
) -> Batches:
    """The value and every partial of a program for each row of Arrow's tables or batches, as `gradcli map` has them.

    Columns are `f`, `df_dx`, ..., and the text `status`; with `keep`, those of the input come first. Raises
    GradcliError as `gradcli.compile` does, and where a batch lacks a column.
    """
    return Batches(Plan(program, at, wrt=wrt, dtype=dtype, name=name).ready(), keep)
