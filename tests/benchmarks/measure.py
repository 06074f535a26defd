"""Timing two sides in turn."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from tests.support import ROOT

LABEL = 34


@dataclass(frozen=True)
class Figure:
    """Seconds, or another unit, of gradcli and, where there is one, of a peer; `most` is a ratio, or alone of that unit."""

    name: str
    own: float
    most: float
    peer: float | None = None
    peer_name: str = ""
    unit: str = "s"

    @property
    def figure(self) -> float:
        """What is held against the promise."""
        return self.own if self.peer is None else self.own / self.peer

    @property
    def holds(self) -> bool:
        """Whether the promise is kept."""
        return self.figure <= self.most

    def line(self) -> str:
        """The figure in words."""
        verdict = "" if self.holds else "   TOO SLOW"
        if self.peer is None:
            return f"{self.name:<{LABEL}} {self.own:.3f} {self.unit} (at most {self.most:g} {self.unit}){verdict}"
        both = f"{self.own:.3f} {self.unit} / {self.peer:.3f} {self.unit}"
        return f"{self.name:<{LABEL}} {self.figure:.2f} (at most {self.most:g}) = {both} for {self.peer_name}{verdict}"

    def to_dict(self) -> dict[str, Any]:
        """Data that JSON holds."""
        return {
            "name": self.name,
            "own": self.own,
            "peer": self.peer_name or None,
            "peer_own": self.peer,
            "unit": self.unit,
            "figure": self.figure,
            "most": self.most,
            "holds": self.holds,
        }


def seconds(action: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """How long a call takes."""
    start = clock()
    action()
    return clock() - start


def in_turn(
    first: Callable[[], object],
    second: Callable[[], object],
    rounds: int,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[float, float]:
    """The medians of two sides that run alternately, after one run of each that does not count."""
    first()
    second()
    pairs = [(seconds(first, clock), seconds(second, clock)) for _ in range(rounds)]
    return median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)


def process(command: Sequence[str], exit_code: int = 0) -> Callable[[], None]:
    """A command as a whole process; it has to end with this exit code. Bytecode is kept, as it is once installed."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def run() -> None:
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment)
        assert done.returncode == exit_code, done.stderr

    return run
