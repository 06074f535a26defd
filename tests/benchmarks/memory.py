"""The most memory that a map of very many rows takes, beside that of fewer, each in a process of its own."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from tests.benchmarks.measure import Figure
from tests.support import ROOT

ROWS = 10_000_000
FEW = 1_000_000
GROUP = 1_000_000  # rows of a row group: what is written at once here
PROGRAM = "f = sin(x)*exp(-x**2/2) + log(1+y**2)*tanh(x*y)"
UNIT = 1 if sys.platform == "darwin" else 1024  # bytes, in which the system counts a process's memory

# The command runs below a process that does nothing else: its children are that one.
CHILD = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def memory(rounds: int, rows: int = ROWS) -> Iterator[Figure]:
    """From Parquet to Parquet; the disk has to hold 50 bytes for each row. One run of each side."""
    if importlib.util.find_spec("pyarrow") is None:
        return
    own, peer = peak(rows), peak(FEW)
    yield Figure(f"memory of a map of {rows:,} rows", own, 1.2, peer, f"{FEW:,} rows", "GiB")


def peak(rows: int) -> float:
    """The resident memory of `gradcli map` at its largest, in GiB."""
    with tempfile.TemporaryDirectory() as folder:
        source = f"{folder}/in.parquet"
        _write(source, rows)
        command = [sys.executable, "-m", "gradcli", "map", PROGRAM, source, "-o", f"{folder}/out.parquet"]
        done = subprocess.run(
            [sys.executable, "-c", CHILD, *command], capture_output=True, text=True, check=True, cwd=ROOT
        )
    return int(done.stdout) * UNIT / 2**30


def _write(path: str, rows: int) -> None:
    """Two columns of random numbers, a row group at a time."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    chosen = np.random.default_rng(0)
    schema = pa.schema([(name, pa.float64()) for name in "xy"])
    with pq.ParquetWriter(path, schema, use_dictionary=False) as writer:
        for start in range(0, rows, GROUP):
            count = min(GROUP, rows - start)
            writer.write_table(pa.table([chosen.standard_normal(count) for _ in "xy"], schema))
