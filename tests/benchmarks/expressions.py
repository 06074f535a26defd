"""Many expressions: `gradcli batch`, its processes started, beside a plain loop over the same lines."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from typing import Any

from gradcli.batch.work import LineHandler
from gradcli.runtime.lines.lines import Items
from gradcli.runtime.lines.run import Run
from tests.benchmarks.measure import Figure, in_turn
from tests.benchmarks.programs import different

WORKERS = 2
POINTS = 5_000
PEER_POINTS = 50  # a plain loop takes as long for each
PEER = "a loop of parse_expr, diff, autograd"

# Formulas of physics, of 2 to 6 variables and some 10 to 30 operations, each with a point.
FORMULAS: Mapping[str, Mapping[str, float]] = {
    "m*v**2/2 + m*9.81*h - k*exp(-h/d)": {"m": 2.0, "v": 3.1, "h": 1.7, "k": 0.4, "d": 2.2},
    "A*exp(-b*t)*cos(w*t + p)/sqrt(1 + b**2)": {"A": 1.5, "b": 0.3, "t": 2.1, "w": 1.9, "p": 0.4},
    "q*(1 - exp(-t/(r*c)))*sin(w*t) + q**2/(2*c)": {"q": 1.2, "t": 0.7, "r": 2.0, "c": 0.5, "w": 3.0},
    "sqrt((x-a)**2 + (y-b)**2)*log(1 + x**2*y**2)/(1 + exp(-x*y))": {"x": 0.5, "y": 1.1, "a": 0.2, "b": -0.7},
    "n*k*T/(V - n*b) - a*n**2/V**2": {"n": 1.1, "k": 8.3, "T": 300.0, "V": 2.5, "b": 0.04, "a": 0.36},
}


def expressions(rounds: int) -> Iterator[Figure]:
    """Different programs, and each formula at many points."""
    yield from _different(rounds)
    yield from _points(rounds)


def _different(rounds: int) -> Iterator[Figure]:
    """Different programs once each; SymPy has seen none of them when a side begins."""
    from sympy.core.cache import clear_cache

    lines = [{"program": program, "at": at} for program, at in different()]

    def own() -> None:
        clear_cache()
        _batch(lines)

    def peer() -> None:
        clear_cache()
        _loop(lines)

    mine, other = in_turn(own, peer, max(1, rounds // 3))
    yield Figure(f"batch of {len(lines)} programs", mine, 1 / 3, other, PEER)


def _points(rounds: int) -> Iterator[Figure]:
    """One program at many points; the peer's time is that of so many lines, from fewer."""
    for program, at in FORMULAS.items():
        chosen = random.Random(program)
        points = [{name: value * chosen.uniform(1, 1.3) for name, value in at.items()} for _ in range(POINTS)]
        lines = [{"program": program, "at": point} for point in points]
        mine, other = in_turn(lambda: _batch(lines), lambda: _loop(lines[:PEER_POINTS]), max(1, rounds // 3))
        yield Figure(f"batch of {POINTS:,} points: {program}", mine, 1 / 50, other * POINTS / PEER_POINTS, PEER)


def _batch(lines: list[dict[str, Any]]) -> None:
    """The records as they are written, with the time to fork the workers."""
    run = Run(Items(lines), LineHandler({}), WORKERS)
    text = b"".join(done.text for done in run)
    assert run.count == len(lines) == text.count(b'"gradcli.diff/2"')


def _loop(lines: list[dict[str, Any]]) -> None:
    from tests.benchmarks.peer_script import by_hand

    for line in lines:
        json.dumps(by_hand(line["program"], line["at"]))
