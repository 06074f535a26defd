"""CSV is the same with pyarrow and without it, and reads back to the same numbers."""

from __future__ import annotations

import csv
import io
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcli import GradcliError
from tests.doors import csv_bytes, task_of
from tests.doors import csv_line as line
from tests.doors import csv_spelled as spelled

NUMBERS = [0.0, -0.0, 1.0, -2.0, 0.5, 1e-4, 9.9e-5, 1e-7, 1e9, 1e10, 12345678901.5, 1e15, 1e16, 1e22, 5e-324,
           1.7976931348623157e308, float("inf"), float("-inf"), float("nan")]  # fmt: skip


def by_arrow(column: Any) -> list[str]:
    return csv_bytes(pa.table({"a": column}), ",").decode().splitlines()


@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int64", "uint8", "bool"])
def test_a_column_is_spelled_alike(dtype: str) -> None:
    numbers = NUMBERS if dtype.startswith("f") else [0, 1, 7]
    column = np.array(numbers, "float64").astype(dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # NumPy's would stand among what gradcli says
        assert by_arrow(column) == spelled(column)


@given(st.lists(st.floats(), min_size=1), st.sampled_from(["float64", "float32"]))
@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
def test_numbers_come_back(numbers: list[float], dtype: str) -> None:
    column = np.array(numbers).astype(dtype)
    shown = spelled(column)
    assert by_arrow(column) == shown
    np.testing.assert_array_equal(np.array([float(cell) for cell in shown]).astype(dtype), column)
    if dtype == "float64":
        assert shown == list(map(repr, column.tolist()))


@given(st.lists(st.text(alphabet="a ,;\t\"'\n\r|é"), min_size=1, max_size=4), st.sampled_from([",", "\t"]))
def test_text_comes_back(cells: list[str], delimiter: str) -> None:
    cells = [*cells, "end"]  # of one empty cell there would be an empty line
    text = line(cells, delimiter)
    assert next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)) == cells
    table = pa.table({str(place): [cell] for place, cell in enumerate(cells)})
    assert csv_bytes(table, delimiter).decode() == text


def test_what_is_null_is_empty() -> None:
    table = pa.table({"a": ["x", None, 'y"'], "b": pa.array([None, 1.0, float("nan")]), "c": [True, False, None]})
    assert csv_bytes(table, ",").decode() == 'x,,true\n,1.0,false\n"y""",nan,\n'
    assert csv_bytes(table.slice(1, 1), "\t").decode() == "\t1.0\tfalse\n"
    assert csv_bytes(table.slice(0, 0), ",") == b""


def test_lists_are_no_cells() -> None:
    with pytest.raises(GradcliError, match='the column "a" cannot be kept in CSV: it holds list'):
        csv_bytes(pa.table({"a": [[1, 2]]}), ",")


@pytest.mark.parametrize("output", ["out.csv", "out.tsv"])
def test_with_and_without_pyarrow(output: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez("in.npz", x=np.array([0.0, -1e-7, 3.0]), y=np.array([1.0, np.nan, 2.0]), n=np.array(["a", 'b"', "c,d"]))
    task_of("abs(x)*y", ["in.npz"], output, keep=True).run()
    found = Path(output).read_text()
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    task_of("abs(x)*y", ["in.npz"], output, keep=True).run()
    assert Path(output).read_text() == found
    assert found.splitlines()[1].replace("\t", ",") == "0.0,1.0,a,0.0,0.0,0.0,undefined"
