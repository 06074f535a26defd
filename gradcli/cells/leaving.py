"""How the reading of statements leaves a loop, a function, or a cell that fails."""

from __future__ import annotations

from typing import Any


class LoopLeft(Exception):
    """break and continue."""

    def __init__(self, again: bool) -> None:
        super().__init__()
        self.again = again


class CellStopped(Exception):
    """The cell has failed, and what follows in it does not run."""


class FunctionReturned(Exception):
    """return"""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value
