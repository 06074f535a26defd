"""Seconds that are spent on several pieces of work, whatever happens between them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from gradcli.runtime.deadlines import Deadline, OutOfTime

T = TypeVar("T")


class Budget:
    """A number of seconds that shrinks with use."""

    def __init__(self, seconds: float) -> None:
        self.seconds = self.left = seconds

    def run(self, work: Callable[[], T], most: float | None = None) -> T:
        """What the work comes to; OutOfTime is raised where it takes longer than what is left, or than `most`."""
        if self.left <= 0:
            raise OutOfTime
        begun = time.monotonic()
        try:
            return Deadline(self.left if most is None else min(self.left, most)).run(work)
        finally:
            self.left -= time.monotonic() - begun
