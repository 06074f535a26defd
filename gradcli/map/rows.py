"""From the rows that come in to those that go out: a plan run over blocks, and a status for each row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from gradcli.backends.torch.device import STAGE, torch_errors
from gradcli.map.arrays import empty
from gradcli.map.blocks import MISSING, OK, STATUS_NAME, UNDEFINED, UNJUDGED, BlockResult, RowBlock, twice_there

if TYPE_CHECKING:
    from gradcli.map.plans import Plan

Judge = Callable[[Mapping[str, float], "list[float]"], int]  # of one row on a kink: its status


class Runner:
    """Runs a plan over blocks; `judge` is asked about rows on a kink.

    With `fuse`, torch's compiler is tried on the first block; `rows` are how many there will be, if that is known.
    """

    def __init__(self, plan: Plan, judge: Judge | None = None, fuse: bool = False, rows: int | None = None) -> None:
        self.compiled = plan.compiled
        self.variables = plan.variables
        self.judge, self.fuse, self.rows = judge, fuse, rows
        self.notes: list[str] = []
        used = set(self.compiled.used)
        self.evaluator = self.compiled.evaluator([name for name in self.variables if name in used])
        self.like = self.compiled.like

    def run(self, block: RowBlock) -> BlockResult:
        """The columns that come out for a block."""
        clash = next((name for name in (*self.compiled.names, STATUS_NAME) if name in block.kept), None)
        if clash is not None:
            raise twice_there(clash, "the data")
        columns = {
            name: torch.from_numpy(_writeable(block.columns[name])) for _, name in self.evaluator.schedule.columns
        }
        on_cpu = torch.empty((), dtype=self.like.dtype)
        out = [empty(block.rows, on_cpu.dtype) for _ in self.compiled.names]
        marks = torch.zeros(block.rows, dtype=torch.bool)
        if block.rows:
            name = str(self.like.dtype).removeprefix("torch.")
            with torch_errors(STAGE, f"in {name} on {self.like.device}"):
                if self.fuse:
                    self._try_to_fuse(columns)
                self.evaluator.rows(columns, {}, out, marks)
        arrays = [_array(one) for one in out]
        status = self._status(block, arrays, marks.numpy())
        return BlockResult(block, self.compiled.names, arrays, status)

    def _try_to_fuse(self, columns: Mapping[str, torch.Tensor]) -> None:
        from gradcli.backends.columns.fused import choose
        from gradcli.map.kernel import in_c

        self.fuse = False
        names = [name for _, name in self.evaluator.schedule.columns]
        choice = choose(self.evaluator, columns, self.rows, lambda: in_c(self.compiled, names))
        self.notes.append(f"--compile: {'compiled' if choice.fused else 'not compiled'}, {choice.reason}")

    def _status(self, block: RowBlock, arrays: list[Any], marks: Any) -> Any:
        status = np.full(block.rows, OK, np.uint8)
        with np.errstate(all="ignore"):
            for array in (*(block.columns[name] for name in self.variables), *arrays):
                if not np.isfinite(array.sum()):  # a sum has what is not finite in any of its terms
                    status[~np.isfinite(array)] = UNDEFINED
        if block.missing is not None:
            status[block.missing] = MISSING
            for array in arrays:
                array[block.missing] = np.nan
        if marks.any():
            for row in np.flatnonzero(marks & (status == OK)):
                status[row] = self._judged(block, arrays, int(row))
        return status

    def _judged(self, block: RowBlock, arrays: list[Any], row: int) -> int:
        if self.judge is None:
            return UNJUDGED
        point = {name: float(block.columns[name][row]) for name in self.variables}
        return self.judge(point, [float(array[row]) for array in arrays])


def _writeable(array: Any) -> Any:
    """The array, without torch's warning that somebody might write to it: nobody does."""
    if array.flags.writeable:
        return array
    view = np.asarray(array).view()
    try:
        view.flags.writeable = True
    except ValueError:
        return np.array(array)
    return view


def _array(tensor: torch.Tensor) -> Any:
    """A column as NumPy has it; bfloat16 becomes float32, which holds it exactly."""
    return (tensor.float() if tensor.dtype is torch.bfloat16 else tensor).numpy()
