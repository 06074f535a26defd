"""Streams: bounded memory, interruptions that leave nothing behind, samples, and rows as Arrow has them."""

from __future__ import annotations

import fcntl
import pickle
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gradcli import GradcliError
from gradcli.diff.data import Verdict
from gradcli.map import blocks
from gradcli.map.arrow import map_batches
from gradcli.map.blocks import BlockResult, RowBlock, WantedColumns
from gradcli.map.judging import Judged, RowSample
from gradcli.map.sources import DataSource, GridSource
from tests.doors import task_of

COMMAND = [sys.executable, "-m", "gradcli", "map"]
SECONDS = 60.0


def start(*args: str, **options: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen([*COMMAND, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)  # type: ignore[call-overload, no-any-return]


def wait_for(folder: Path) -> None:
    """Until a file has begun to be written."""
    end = time.monotonic() + SECONDS
    while not any(path.stat().st_size for path in folder.iterdir()):
        assert time.monotonic() < end
        time.sleep(0.02)


def test_ctrl_c_leaves_nothing_behind(tmp_path: Path) -> None:
    process = start("sin(x)*x", "--over", "x=0:1:1000000000", "-o", str(tmp_path / "out.npy"))
    wait_for(tmp_path)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, out, err) == (130, b"", b"")
    assert list(tmp_path.iterdir()) == []


def _unread(pipe: int) -> int:
    """The bytes that wait in a pipe."""
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, b"\0\0\0\0"), sys.byteorder)


def test_ctrl_c_while_standard_input_is_silent() -> None:
    process = start("x", "-", stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(b"x\n1\n")
    process.stdin.flush()
    end = time.monotonic() + SECONDS
    while _unread(process.stdin.fileno()) and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(0.5)  # it has read what there was, and waits for more
    process.send_signal(signal.SIGINT)
    end = time.monotonic() + SECONDS
    while process.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    code = process.poll()
    process.kill()
    process.communicate()
    assert code == 130


def test_a_reader_that_goes_away() -> None:
    process = start("sin(x)*x", "--over", "x=0:1:1000000000")
    assert process.stdout is not None
    assert process.stdout.readline() == b"x,f,df_dx,status\n"
    process.stdout.close()
    assert process.wait(timeout=SECONDS) == 141
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    script = (
        "import resource, sys; from gradcli.cli import main; code = main(sys.argv[1:]);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss); sys.exit(code)"
    )
    peaks = []
    for rows in (1_000_000, 6_000_000):
        target = str(tmp_path / "out.npy")
        command = [sys.executable, "-c", script, "map", "sin(x)*x", "--over", f"x=0:1:{rows}", "-o", target, "--quiet"]
        peaks.append(int(subprocess.run(command, capture_output=True, check=True).stdout))
    assert peaks[1] < 1.2 * peaks[0]


def test_blocks_make_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.random.default_rng(0).standard_normal((1000, 2))
    source = str(tmp_path / "in.parquet")
    pq.write_table(pa.table({"x": rows[:, 0], "y": rows[:, 1]}), source, row_group_size=300)
    reports = []
    for size in (512 * 1024, 64):
        monkeypatch.setattr(blocks, "BLOCK", size)
        for module in ("arrow_files", "numpy_files", "sources"):
            monkeypatch.setattr(f"gradcli.map.{module}.BLOCK", size)
        reports.append(
            task_of("abs(x)*y + where(y > 0, sqrt(y), 0)", [source], str(tmp_path / f"{size}.parquet")).run()
        )
    tables = [pq.read_table(path) for path in sorted(tmp_path.glob("[0-9]*.parquet"))]
    assert tables[0].equals(tables[1])
    assert reports[0].counts == reports[1].counts == {**dict.fromkeys(blocks.STATUS, 0), "ok": 1000}
    assert [row for row, _, _ in reports[0].sample] == [row for row, _, _ in reports[1].sample]


@pytest.mark.parametrize("size", [1, 7, 100])
def test_a_sample_is_fair_and_always_the_same(size: int) -> None:
    def right(point: Mapping[str, float], found: list[float]) -> Judged:
        assert [point["x"]] == found
        return Judged(Verdict.AGREE)

    def drawn(step: int) -> list[int]:
        sample = RowSample(size)
        for first in range(0, 3000, step):
            rows = np.arange(first, min(first + step, 3000), dtype=float)
            block = RowBlock(len(rows), {"x": rows})
            sample.add(BlockResult(block, ["f"], [rows], np.zeros(len(rows), np.uint8)), ["x"], right)
        assert all(point["x"] == row for row, point, _ in sample.rows)
        return sorted(row for row, _, _ in sample.rows)

    assert drawn(3000) == drawn(17)
    assert len(set(drawn(100))) == size
    if size == 100:
        assert 1000 < sum(drawn(100)) / size < 2000


@pytest.mark.parametrize("size", [1, 7, 100, 5000])
def test_of_a_known_number_of_rows_only_the_sample_is_judged(size: int) -> None:
    judged: list[float] = []

    def right(point: Mapping[str, float], found: list[float]) -> Judged:
        judged.append(point["x"])
        return Judged(Verdict.AGREE)

    def drawn(step: int, missing: Collection[int] = ()) -> list[int]:
        sample = RowSample(size, 3000)
        for first in range(0, 3000, step):
            rows = np.arange(first, min(first + step, 3000), dtype=float)
            status = np.array([blocks.MISSING if row in missing else blocks.OK for row in rows], np.uint8)
            block = RowBlock(len(rows), {"x": rows})
            sample.add(BlockResult(block, ["f"], [rows], status), ["x"], right)
        return [row for row, _, _ in sample.rows]

    found = drawn(3000)
    assert found == drawn(17) == sorted(judged[: len(found)])
    assert len(judged) == 2 * len(found) == 2 * min(size, 3000)
    others = drawn(3000, found[::2])
    assert not set(found[::2]) & set(others)
    assert len(set(others)) == len(others) >= len(found) // 2
    if size == 100:
        assert len(others) == size
        assert 1000 < sum(found) / size < 2000


def test_a_range_meets_both_ends_and_its_middle() -> None:
    grid = GridSource([("x", -0.3, 0.3, 7)])
    (block,) = grid.blocks(blocks.WantedColumns(["x"]))
    assert block.columns["x"][[0, 3, 6]].tolist() == [-0.3, 0.0, 0.3]
    parts = GridSource([("x", 0.0, 1.0, 3_000_000)]).parts()
    assert sum(part.rows() for part in parts) == 3_000_000
    assert len(parts) > 1


# Arrow in, Arrow out


def test_polars_rows_are_mapped() -> None:
    frame = pl.DataFrame({"x": [0.0, 1.0, None], "y": [2, 3, 4]})
    function = pickle.loads(pickle.dumps(map_batches("sin(x)*y", keep=True)))
    found = pl.from_arrow(function(frame.to_arrow()))
    assert isinstance(found, pl.DataFrame)
    assert found.columns == ["x", "y", "f", "df_dx", "df_dy", "status"]
    assert found["df_dx"].to_list() == [2.0, pytest.approx(3 * np.cos(1)), None]
    assert found["status"].to_list() == ["ok", "ok", "missing"]


def test_batches_are_mapped_as_spark_hands_them_out() -> None:
    batches = [pa.record_batch({"x": [1.0, 2.0]}), pa.record_batch({"x": pa.array([], pa.float64())})]
    found = list(map_batches("x**2", name="s")(iter(batches)))
    assert all(isinstance(batch, pa.RecordBatch) for batch in found)
    assert [batch.num_rows for batch in found] == [2, 0]
    assert found[0].column("ds_dx").to_pylist() == [2.0, 4.0]
    with pytest.raises(GradcliError, match='the batch has no column "y"'):
        map_batches("x*y")(batches[0])


@pytest.mark.parametrize("group", [2**18, 2**22])
def test_parquet_that_was_read_is_let_go(group: int, tmp_path: Path) -> None:
    rows = 2**22
    path = str(tmp_path / "in.parquet")
    table = pa.table({"x": np.random.default_rng(0).standard_normal(rows)})
    pq.write_table(table, path, row_group_size=group, use_dictionary=False)
    before = pa.total_allocated_bytes()
    held = [pa.total_allocated_bytes() - before for _ in DataSource(path, "parquet").blocks(WantedColumns(("x",)))]
    assert max(held) < table.nbytes / 2


def test_lines_of_csv_may_be_longer_than_a_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradcli.map.arrow_files.CSV_BLOCK", 16)
    source = tmp_path / "in.csv"
    lines = [",".join(f"c{i}" for i in range(100)), *(",".join(f"{row}.25" for _ in range(100)) for row in range(50))]
    source.write_text("\n".join(lines))
    report = task_of("c0*c99", [str(source)], str(tmp_path / "out.npy")).run()
    assert report.counts["ok"] == 50


def test_without_pyarrow_some_of_it_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.chdir(tmp_path)
    np.savez("in.npz", x=np.array([0.5, 2.0]), y=np.array([1.0, np.nan]))
    task_of("x*y", ["in.npz"], "out.csv", keep=True).run()
    assert Path("out.csv").read_text() == "x,y,f,df_dx,df_dy,status\n0.5,1.0,0.5,1.0,0.5,ok\n2.0,nan,,,,missing\n"
    Path("in.csv").write_text("x\n1\n")
    with pytest.raises(GradcliError, match="needs pyarrow") as caught:
        task_of("x", ["in.csv"], None)
    assert caught.value.hint == f"{sys.executable} -m pip install pyarrow"
    for output in ("out.parquet", "out.feather"):
        with pytest.raises(GradcliError, match=r"writing .* needs pyarrow"):
            task_of("x", [], output, over="x=0:1:3")


# The compiler


def test_few_rows_are_not_worth_compiling(tmp_path: Path) -> None:
    report = task_of("x**2", [], str(tmp_path / "a.npy"), over="x=0:1:1000", fuse=True).run()
    assert report.notes == ["--compile: not compiled, there are too few rows"]
    report = task_of("x**2", [], str(tmp_path / "b.npy"), over="x=0:1:300000", fuse=True).run()
    assert report.notes[0].startswith("--compile: not compiled, the rows take about")


def test_an_environment_without_a_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setattr("gradcli.backends.columns.fused.SECONDS_IN_C", 0.0)
    report = task_of("x**2", [], str(tmp_path / "b.npy"), over="x=0:1:300000", fuse=True).run()
    assert report.notes == ["--compile: not compiled, in C: there is no C compiler"]
