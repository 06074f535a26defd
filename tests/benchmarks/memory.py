"""The most memory that a map of very many rows takes, beside fewer, and a gradient of very many entries."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from tests.benchmarks.measure import Figure
from tests.support import ROOT

ROWS = 10_000_000
FEW = 1_000_000
GROUP = 1_000_000  # rows of a row group: what is written at once here
PROGRAM = "f = sin(x)*exp(-x**2/2) + log(1+y**2)*tanh(x*y)"
UNIT = 1 if sys.platform == "darwin" else 1024  # bytes, in which the system counts a process's memory

SIDE = 3_000
GRADIENT = ["diff", "sum(tanh(W@x)**2)", "--at", f"W=randn({SIDE},{SIDE},seed=1),x=randn({SIDE},seed=2)", "--json"]
MOST_OF_GRADIENT = 0.6e9 / 2**30  # GiB, of all processes: torch, SymPy and FLINT are 0.25, each array of entries 0.07
PAUSE = 0.01  # seconds between two looks at the processes

# The command runs below a process that does nothing else: its children are that one, and those that it starts.
CHILD = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def memory(rounds: int, rows: int = ROWS) -> Iterator[Figure]:
    """A gradient; a map from Parquet to Parquet, where the disk has to hold 50 bytes for each row. One run of each."""
    yield Figure(
        f"memory of a gradient of {SIDE} x {SIDE} entries", peak_of_all(GRADIENT), MOST_OF_GRADIENT, unit="GiB"
    )
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


def peak_of_all(arguments: Sequence[str]) -> float:
    """The memory of all processes of `gradcli` together at their largest, in GiB, pages that they share counted once.

    Where the system does not tell, it is that of the largest one.
    """
    command = [sys.executable, "-m", "gradcli", *arguments]
    largest = peak_of(arguments)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT) as process:
        while process.poll() is None:
            largest = max(largest, sum(map(_share, _family(process.pid))) / 2**30)
            time.sleep(PAUSE)
    return largest


def _family(parent: int) -> Iterator[int]:
    """A process and all below it."""
    yield parent
    for path in Path(f"/proc/{parent}/task").glob("*/children"):
        with suppress(OSError):
            for child in path.read_text().split():
                yield from _family(int(child))


def _share(process: int) -> int:
    """The bytes of a process, of a page that several have its share."""
    with suppress(OSError):
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        return sum(UNIT * int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return 0


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
