"""The most memory that a map of very many rows takes, beside fewer, and a gradient of very many entries."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence

from tests.benchmarks.measure import Figure
from tests.support import ROOT

ROWS = 10_000_000
FEW = 1_000_000
GROUP = 1_000_000  # rows of a row group: what is written at once here
PROGRAM = "f = sin(x)*exp(-x**2/2) + log(1+y**2)*tanh(x*y)"
UNIT = 1 if sys.platform == "darwin" else 1024  # bytes, in which the system counts a process's memory

SIDE = 3_000
GRADIENT = ["diff", "sum(tanh(W@x)**2)", "--at", f"W=randn({SIDE},{SIDE},seed=1),x=randn({SIDE},seed=2)", "--json"]
MOST_OF_GRADIENT = 0.6  # GiB: torch, SymPy and FLINT are 0.25 of it, and each array of the entries 0.07

# The command runs below a process that does nothing else: its children are that one, and those that it starts.
CHILD = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def memory(rounds: int, rows: int = ROWS) -> Iterator[Figure]:
    """A gradient; a map from Parquet to Parquet, where the disk has to hold 50 bytes for each row. One run of each."""
    yield Figure(f"memory of a gradient of {SIDE} x {SIDE} entries", peak_of(GRADIENT), MOST_OF_GRADIENT, unit="GiB")
    if importlib.util.find_spec("pyarrow") is None:
        return
    own, peer = peak(rows), peak(FEW)
    yield Figure(f"memory of a map of {rows:,} rows", own, 1.2, peer, f"{FEW:,} rows", "GiB")


def peak(rows: int) -> float:
    """The resident memory of `gradcli map` at its largest, in GiB."""
    with tempfile.TemporaryDirectory() as folder:
        source = f"{folder}/in.parquet"
        _write(source, rows)
        return peak_of(["map", PROGRAM, source, "-o", f"{folder}/out.parquet"])


def peak_of(arguments: Sequence[str]) -> float:
    """The resident memory of `gradcli`, of the largest one of its processes at its largest, in GiB."""
    command = [sys.executable, "-m", "gradcli", *arguments]
    done = subprocess.run([sys.executable, "-c", CHILD, *command], capture_output=True, text=True, check=True, cwd=ROOT)
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
