"""A map on Dask's workers: the same output as on one machine, also where a worker is lost in the middle."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import distributed
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gradcli import GradcliError
from tests.doors import task_of

PROGRAM = "f = sin(x)*exp(-x**2/2) + log(1+y**2)*tanh(x*y) + abs(y)"
GROUPS = 24

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
    ) as running:
        yield running


def test_a_lost_worker_changes_nothing(cluster: Any, tmp_path: Path) -> None:
    rows = np.random.default_rng(0).standard_normal((GROUPS * 1000, 2))
    rows[5] = 0
    source = str(tmp_path / "in.parquet")
    pq.write_table(pa.table({"x": rows[:, 0], "y": rows[:, 1]}), source, row_group_size=1000)
    here = task_of(PROGRAM, [source], str(tmp_path / "here.parquet"), keep=True).run()
    killed: list[int] = []

    def kill() -> None:
        """The first worker, as soon as some parts have come back."""
        end = time.monotonic() + 60
        while not done and time.monotonic() < end:
            time.sleep(0.01)
        with distributed.Client(cluster.scheduler_address) as client:
            process = next(iter(client.run(os.getpid).values()))
        os.kill(process, signal.SIGKILL)
        killed.append(process)

    done: list[int] = []
    task = task_of(PROGRAM, [source], str(tmp_path / "there.parquet"), keep=True, cluster=cluster.scheduler_address)

    def progress(rows: int) -> None:
        done.append(rows)
        if len(done) == 1:
            killer.join()  # nothing more is fetched before the worker is gone

    killer = threading.Thread(target=kill)
    killer.start()
    there = task.shown_by(progress, lambda text: None).run()
    killer.join()
    assert killed
    assert pq.read_table(tmp_path / "there.parquet").equals(pq.read_table(tmp_path / "here.parquet"))
    assert there.counts == here.counts
    assert there.counts["undefined"] == 1
    assert [row for row, _, _ in there.sample] == [row for row, _, _ in here.sample]


def test_a_range_and_no_rows(cluster: Any, tmp_path: Path) -> None:
    address = cluster.scheduler_address
    task_of("x**2", [], str(tmp_path / "range.parquet"), over="x=0:1:5", cluster=address).run()
    assert pq.read_table(tmp_path / "range.parquet").column("df_dx").to_pylist() == [0, 0.5, 1, 1.5, 2]
    pq.write_table(pa.table({"x": pa.array([], pa.float64())}), tmp_path / "none.parquet")
    task_of("x**2", [str(tmp_path / "none.parquet")], str(tmp_path / "out.csv"), cluster=address).run()
    assert (tmp_path / "out.csv").read_text() == "f,df_dx,status\n"


def test_an_error_on_a_worker_is_the_same_error(cluster: Any, tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": ["a"]}), tmp_path / "text.parquet")
    with pytest.raises(GradcliError, match="holds no numbers"):
        task_of("x", [str(tmp_path / "text.parquet")], None, cluster=cluster.scheduler_address).run()


def test_a_scheduler_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradcli.map.cluster.SECONDS_TO_CONNECT", 0.5)
    with pytest.raises(GradcliError, match="there is no scheduler at"):
        task_of("x", [], None, over="x=0:1:5", cluster="tcp://127.0.0.1:9").run()
