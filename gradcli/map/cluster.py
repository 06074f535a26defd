"""The same plan on several machines: parts of the data go to Dask's workers, and what comes out is written here.

Parts are handed out a few for each worker, so that neither side holds more than those; a part that was with a
worker that is lost goes to another one.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError, LimitError, require
from gradcli.map.blocks import BlockResult, WantedColumns
from gradcli.runtime.processes import cores

if TYPE_CHECKING:
    from gradcli.map.plans import Plan
    from gradcli.map.sources import DataSource, GridSource

STAGE = "computing on the cluster"
PER_WORKER = 3  # parts that are handed out for each of its threads
RETRIES = 3  # of a part whose machine fails
SECONDS_TO_CONNECT = 10.0
LOCAL = "local"


def results(
    plan: Plan,
    sources: Sequence[DataSource | GridSource],
    wanted: WantedColumns,
    patience: float,
    address: str,
    tell: Callable[[str], None],
) -> Iterator[BlockResult]:
    """What comes out, in the order of the data: nothing where these have no parts.

    Raises GradcliError where the scheduler is not there, LimitError where a part fails again and again.
    """
    distributed = _library()
    with _client(distributed, address) as client:
        if client.dashboard_link:
            tell(f"the cluster's dashboard: {client.dashboard_link}")
        parts = (part for source in sources for part in source.parts())
        waiting: deque[Any] = deque()
        try:
            for part in parts:
                waiting.append(client.submit(compute, plan, part, wanted, patience, retries=RETRIES, pure=False))
                if len(waiting) >= PER_WORKER * max(1, sum(client.nthreads().values())):
                    yield from _arrived(distributed, waiting.popleft())
            while waiting:
                yield from _arrived(distributed, waiting.popleft())
        finally:
            client.cancel(list(waiting))


def _arrived(distributed: Any, future: Any) -> list[BlockResult]:
    """What a part comes to; it is let go of on the cluster."""
    try:
        found: list[BlockResult] = future.result()
    except distributed.scheduler.KilledWorker as error:
        raise LimitError(
            STAGE, "workers were lost again and again with the same part of the data", hint="give them more memory"
        ) from error
    future.release()
    return found


_runners: dict[tuple[Any, ...], Any] = {}  # of each worker: a plan is compiled there once


def compute(plan: Plan, part: DataSource | GridSource, wanted: WantedColumns, patience: float) -> list[BlockResult]:
    """On a worker: the rows of one part."""
    from gradcli.map.judging import OnKinks, RowReference
    from gradcli.map.rows import Runner

    key = (os.getpid(), *map(repr, plan.__reduce__()[1]))
    if key not in _runners:
        _runners.clear()
        _runners[key] = Runner(plan, OnKinks(RowReference(plan.compiled, patience)))
    runner = _runners[key]
    return [runner.run(block) for block in part.blocks(wanted)]


def check_library() -> None:
    """Refuse a cluster where Dask is missing.

    Raises GradcliError.
    """
    message = "--cluster needs Dask, which is not installed"
    require("distributed", STAGE, message, "dask[distributed]", "bokeh", "pyarrow")


def _library() -> Any:
    check_library()
    import distributed

    return distributed


def _client(distributed: Any, address: str) -> Any:
    """A connection to the scheduler, or to workers of this machine's own: a process for each core."""
    if address == LOCAL:
        return _Local(distributed)
    try:
        return distributed.Client(address, timeout=SECONDS_TO_CONNECT)
    except (OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise GradcliError(
            STAGE, f"there is no scheduler at {address}: {reason[:120]}", expected="an address such as tcp://host:8786"
        ) from error


class _Local:
    """Workers that end with the map."""

    def __init__(self, distributed: Any) -> None:
        self.cluster = distributed.LocalCluster(
            n_workers=cores(), threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50
        )
        self.client = distributed.Client(self.cluster)

    def __enter__(self) -> Any:
        return self.client

    def __exit__(self, *error: object) -> None:
        self.client.close()
        self.cluster.close()
