"""Running a plan over many rows: chunks that stay in the cache, spread over threads."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import torch

from gradcli.backends.columns.guarded import on_guards
from gradcli.backends.columns.recipe import Recipe
from gradcli.backends.columns.schedule import Schedule
from gradcli.runtime.processes import cores

CHUNK = 128 * 1024  # rows at a time: the buffers of a usual program stay in the cache
LEAST_CHUNK = 16 * 1024  # where there are not enough of those for all threads
CHUNK_ON_GPU = 4 * 1024 * 1024
LEAST_SPREAD = 64 * 1024  # fewer rows are not worth another thread


# The columns that come out, by torch's autograd; None where torch cannot do that.
Autograd = Callable[["Mapping[str, torch.Tensor]", "Mapping[str, float]"], "Sequence[torch.Tensor] | None"]


class RowLoop(NamedTuple):
    """All steps in one loop, from the columns of variables to those that come out: of so many `rows`, if set."""

    run: Callable[[Sequence[torch.Tensor], Sequence[torch.Tensor]], None]
    rows: int | None = None


class ColumnEvaluator:
    """A program and its partials, ready to be run over columns.

    `careful` is the recipe for the rows where something is not finite; `autograd` gives the columns that come out for
    those where even that is not, since a rule is 0/0 there. `values` of the columns are no partials.
    """

    def __init__(
        self, recipe: Recipe, careful: Callable[[], Recipe], autograd: Autograd, like: torch.Tensor, values: int
    ) -> None:
        self.autograd = autograd
        self.values = values
        self.schedule = Schedule(recipe)
        self.like = like
        self.chunk = CHUNK_ON_GPU if like.device.type == "cuda" else CHUNK
        self.fused: RowLoop | None = None
        self._make_careful = careful
        self._careful: Schedule | None = None
        self._lock = threading.Lock()
        self._local = threading.local()

    @property
    def count(self) -> int:
        """How many columns come out: the value, and each partial."""
        return len(self.schedule.recipe.outputs)

    def prepared(self, constants: Mapping[str, float]) -> list[torch.Tensor | None]:
        """What is one number for all rows."""
        return self.schedule.uniform(constants, self.like)

    def rows(
        self,
        columns: Mapping[str, torch.Tensor],
        constants: Mapping[str, float],
        out: Sequence[torch.Tensor],
        marks: torch.Tensor | None = None,
    ) -> None:
        """Fill the columns that come out; `marks` become true in the rows where an operation is on a kink."""
        total = out[0].shape[0]
        uniform = self.prepared(constants)

        step = self.chunk
        if (self.fused is None or self.fused.rows is None) and self.like.device.type == "cpu":
            step = min(step, max(LEAST_CHUNK, -(-total // cores())))

        def work(start: int) -> None:
            stop = min(start + step, total)
            self._some(start, stop, uniform, columns, constants, out, marks)

        starts = range(0, total, step)
        if self.like.device.type != "cpu" or total <= LEAST_SPREAD:
            for start in starts:
                work(start)
            return
        for _ in _pool().map(work, starts):
            pass

    def _some(
        self,
        start: int,
        stop: int,
        uniform: list[torch.Tensor | None],
        columns: Mapping[str, torch.Tensor],
        constants: Mapping[str, float],
        out: Sequence[torch.Tensor],
        marks: torch.Tensor | None,
    ) -> None:
        """One chunk, its columns converted to the dtype."""
        with torch.no_grad():
            some = {name: column[start:stop].to(self.like) for name, column in columns.items()}
            direct = out[0].device == self.like.device
            wanted = [one[start:stop] for one in out] if direct else [
                torch.empty(stop - start, dtype=self.like.dtype, device=self.like.device) for _ in out
            ]  # fmt: skip
            mark = None if marks is None else marks[start:stop]
            guarded = self.schedule.recipe.guarded if mark is not None else ()
            if self.fused is not None and self.fused.rows in (None, stop - start) and not guarded:
                self.fused.run([some[name].contiguous() for _, name in self.schedule.columns], wanted)
            else:
                values = self.schedule.run(uniform, some, wanted, self._buffers(stop - start))
                found = on_guards(guarded, values, stop - start)
                if mark is not None and found is not None:
                    mark |= found.to(mark.device)
            self._repair(some, constants, wanted, mark)
            if not direct:
                for mine, theirs in zip(wanted, out):
                    theirs[start:stop].copy_(mine)

    def _buffers(self, count: int) -> list[torch.Tensor]:
        """This thread's own buffers."""
        if not hasattr(self._local, "buffers"):
            self._local.buffers = self._fresh(self.schedule, self.chunk)
        buffers: list[torch.Tensor] = self._local.buffers
        return buffers if count == self.chunk else [buffer[:count] for buffer in buffers]

    def _fresh(self, schedule: Schedule, count: int) -> list[torch.Tensor]:
        """Room for what a schedule computes of so many rows."""
        return [
            torch.empty(count, dtype=torch.bool if truth else self.like.dtype, device=self.like.device)
            for truth in schedule.truths
        ]

    def _repair(
        self,
        columns: Mapping[str, torch.Tensor],
        constants: Mapping[str, float],
        out: Sequence[torch.Tensor],
        mark: torch.Tensor | None,
    ) -> None:
        """Compute the partials again in rows where one is not finite: a branch not taken may have done it."""
        rows = _not_finite(out[self.values :])
        if rows is None:
            return
        careful = self._careful_schedule()
        some = {name: column[rows] for name, column in columns.items()}
        fresh = [torch.empty(len(rows), dtype=self.like.dtype, device=self.like.device) for _ in out]
        buffers = self._fresh(careful, len(rows))
        values = careful.run(careful.uniform(constants, self.like), some, fresh, buffers)
        marked = on_guards(careful.recipe.guarded, values, len(rows))
        if mark is not None and marked is not None:
            mark[rows.to(mark.device)] |= marked.to(mark.device)
        for mine, theirs in zip(fresh, out):
            theirs[rows] = mine
        self._ask_autograd(columns, constants, out, mark)

    def _ask_autograd(
        self,
        columns: Mapping[str, torch.Tensor],
        constants: Mapping[str, float],
        out: Sequence[torch.Tensor],
        mark: torch.Tensor | None,
    ) -> None:
        """Take torch's own gradient in rows where the value is finite and a partial is nan: a rule may be 0/0 there."""
        bad = out[self.values].isnan()
        for one in out[self.values + 1 :]:
            bad |= one.isnan()
        for one in out[: self.values]:
            bad &= one.isfinite()
        (rows,) = torch.nonzero(bad, as_tuple=True)
        if not len(rows):
            return
        found = self.autograd({name: column[rows] for name, column in columns.items()}, constants)
        if found is None:
            return
        for mine, theirs in zip(found, out):
            theirs[rows] = mine
        if mark is not None:
            mark[rows.to(mark.device)] = True

    def _careful_schedule(self) -> Schedule:
        with self._lock:
            if self._careful is None:
                self._careful = Schedule(self._make_careful())
            return self._careful


def _not_finite(columns: Sequence[torch.Tensor]) -> torch.Tensor | None:
    """The rows where one of these is not finite; None where there are none."""
    if all(bool(torch.isfinite(one.sum())) for one in columns):  # which has what is not finite in any term
        return None
    wrong = ~torch.isfinite(columns[0])
    for one in columns[1:]:
        wrong |= ~torch.isfinite(one)
    (rows,) = torch.nonzero(wrong, as_tuple=True)
    return rows if len(rows) else None


_pools: dict[int, ThreadPoolExecutor] = {}  # of each process: threads do not outlive a fork


def _pool() -> ThreadPoolExecutor:
    """As many threads as there are cores, each with torch's own threading off."""
    process = os.getpid()
    if process not in _pools:
        count = cores()
        own = torch.get_num_threads()
        ready = threading.Barrier(count)

        def start() -> None:
            torch.set_num_threads(1)
            ready.wait()

        pool = ThreadPoolExecutor(count, "gradcli", initializer=start)
        for one in [pool.submit(int) for _ in range(count)]:
            one.result()
        torch.set_num_threads(own)  # what the others did holds for threads to come as well
        _pools.clear()
        _pools[process] = pool
    return _pools[process]


def in_thread(work: Callable[[], Any]) -> Any:
    """What a piece of work comes to in one of the threads that compute."""
    return _pool().submit(work).result()
