"""Deadlines stop what does not stop by itself, and nothing comes after them."""

from __future__ import annotations

import contextlib
import time

import pytest

from gradcli.clock import Deadline, OutOfTime


def forever() -> None:
    while True:
        with contextlib.suppress(Exception):
            time.sleep(0.001)


def test_stops_a_loop_that_swallows_exceptions() -> None:
    start = time.monotonic()
    with pytest.raises(OutOfTime):
        Deadline(0.1).run(forever)
    assert time.monotonic() - start < 2


def test_gives_back_what_the_work_comes_to() -> None:
    assert Deadline(5).run(lambda: 42) == 42
    with pytest.raises(KeyError):
        Deadline(5).run(lambda: {}[1])


def test_no_time_at_all() -> None:
    done: list[int] = []
    with pytest.raises(OutOfTime):
        Deadline(-1).run(lambda: done.append(1))
    assert done == []


@pytest.mark.parametrize("seconds", [0.0, 1e-6, 1e-5, 1e-4, 1e-3, 5e-3])
def test_nothing_comes_afterwards(seconds: float) -> None:
    for _ in range(30):
        with contextlib.suppress(OutOfTime):
            Deadline(seconds).run(lambda: sum(range(3_000)))
    time.sleep(0.2)
    for _ in range(100_000):
        pass


def test_nested_deadlines() -> None:
    def inner() -> str:
        try:
            Deadline(10).run(forever)
        except OutOfTime:
            return "stopped"
        return "done"

    with pytest.raises(OutOfTime):
        Deadline(0.05).run(lambda: [inner(), forever()])


def test_checks() -> None:
    Deadline(5).check()
    with pytest.raises(OutOfTime):
        Deadline(-1).check()
    assert Deadline(10).within(1).left <= 1
    assert Deadline(1).within(10).left <= 1
