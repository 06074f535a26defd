"""Deadlines stop what does not stop by itself, and nothing comes after them."""

from __future__ import annotations

import contextlib
import random
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.doors import Deadline, OutOfTime, WorkDeadline, watched


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


def swallow() -> int:
    with contextlib.suppress(OutOfTime):
        forever()
    return 42


def fail_where_it_is_swallowed() -> None:
    swallow()
    raise KeyError


@pytest.mark.parametrize("work", [swallow, fail_where_it_is_swallowed])
def test_what_comes_after_the_moment_is_not_believed(work: Callable[[], object]) -> None:
    with pytest.raises(OutOfTime):
        Deadline(0.05).run(work)


def test_nested_deadlines() -> None:
    def inner() -> str:
        try:
            Deadline(10).run(forever)
        except OutOfTime:
            return "stopped"
        return "done"

    with pytest.raises(OutOfTime):
        Deadline(0.05).run(lambda: [inner(), forever()])


def test_a_moment_that_comes_while_a_thread_is_started_for_another_deadline() -> None:
    """CPython has a thread under the number of the one that starts it until it runs: it once got the exception."""

    def inner() -> None:
        while True:
            Deadline(5).run(lambda: None)

    def outer() -> None:
        for _ in range(300):
            with contextlib.suppress(OutOfTime):
                Deadline(0.002).run(inner)

    worker = threading.Thread(target=outer, daemon=True)
    worker.start()
    worker.join(60)
    assert not worker.is_alive()


def test_checks() -> None:
    Deadline(5).check()
    with pytest.raises(OutOfTime):
        Deadline(-1).check()
    assert Deadline(10).within(1).left <= 1
    assert Deadline(1).within(10).left <= 1


class Slow:
    """What takes its time to go, so that an exception comes then, which nobody can catch."""

    def __del__(self) -> None:
        end = time.monotonic() + 0.2
        while time.monotonic() < end:
            pass


class Wrong:
    def __del__(self) -> None:
        raise KeyError


def drop_until_stopped() -> None:
    while True:
        Slow()
        for _ in range(1_000):
            time.sleep(0.0001)


def test_nothing_is_printed_of_what_comes_where_none_can_be_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", told.append)
    before = sys.unraisablehook
    with pytest.raises(OutOfTime):
        Deadline(0.05).run(drop_until_stopped)
    with contextlib.suppress(OutOfTime):
        Deadline(0.5).run(lambda: [inner_is_stopped(), Slow()])
    assert told == []
    assert sys.unraisablehook is before
    Deadline(5).run(Wrong)
    assert [one.exc_type for one in told] == [KeyError]


def inner_is_stopped() -> None:
    with contextlib.suppress(OutOfTime):
        Deadline(0.05).run(drop_until_stopped)


def test_deadlines_in_threads_leave_the_hook_as_it_was() -> None:
    before = sys.unraisablehook

    def work() -> None:
        for seconds in (0.001, 0.01, 0.002):
            with contextlib.suppress(OutOfTime):
                Deadline(seconds).run(lambda: forever())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sys.unraisablehook is before


def test_what_is_stopped_leaves_the_precision_of_mpmath_as_it_was() -> None:
    import mpmath

    def work() -> None:
        while True:
            mpmath.mp.prec = random.randrange(60, 200)

    before = mpmath.mp.prec
    for seconds in (0.001, 0.01, 0.03):
        with pytest.raises(OutOfTime):
            Deadline(seconds).run(work)
        assert mpmath.mp.prec == before


def test_what_is_done_keeps_its_precision() -> None:
    import mpmath

    before = mpmath.mp.prec
    try:
        Deadline(5).run(lambda: setattr(mpmath.mp, "prec", 100))
        assert mpmath.mp.prec == 100
    finally:
        mpmath.mp.prec = before


def test_one_thread_watches_deadlines_in_turn() -> None:
    with watched():
        count = threading.active_count()
        for seconds in (5, 0.05, 0.01, 5, 1e-4, 3):
            if seconds > 1:
                assert Deadline(seconds).run(lambda: threading.active_count()) == count
                continue
            start = time.monotonic()
            with pytest.raises(OutOfTime):
                Deadline(seconds).run(forever)
            assert time.monotonic() - start < 2
        with pytest.raises(OutOfTime):
            Deadline(0.05).run(inner_is_stopped_by_outer)
        assert Deadline(5).run(lambda: 42) == 42
    end = time.monotonic() + 5
    while threading.active_count() >= count and time.monotonic() < end:
        time.sleep(0.01)
    assert threading.active_count() < count


def inner_is_stopped_by_outer() -> None:
    with contextlib.suppress(OutOfTime):
        Deadline(10).run(forever)
    with contextlib.suppress(OutOfTime):
        Deadline(0.01).run(forever)
    forever()


@pytest.mark.parametrize("seconds", [0.0, 1e-6, 1e-5, 1e-4, 1e-3, 5e-3])
def test_nothing_comes_after_a_watched_deadline(seconds: float) -> None:
    with watched():
        for _ in range(200):
            with contextlib.suppress(OutOfTime):
                Deadline(seconds).run(lambda: sum(range(3_000)))
            with contextlib.suppress(OutOfTime):
                Deadline(5).run(lambda: None)
    time.sleep(0.2)
    for _ in range(100_000):
        pass


def test_work_is_counted_by_the_processor_and_not_on_the_wall() -> None:
    WorkDeadline(0.1).run(lambda: time.sleep(0.25))
    with pytest.raises(OutOfTime):
        WorkDeadline(0.05).run(lambda: time.sleep(1))  # on the wall it ends, too, some times later
    start = time.thread_time()
    with pytest.raises(OutOfTime):
        WorkDeadline(0.1).run(_spin)
    assert time.thread_time() - start < 0.5


def test_work_within_work_is_no_longer() -> None:
    assert WorkDeadline(5).within(1).left <= 1
    assert WorkDeadline(1).within(5).left <= 1
    deadline = WorkDeadline(0.01)
    with pytest.raises(OutOfTime):
        while True:
            deadline.check()


def _spin() -> None:
    while True:
        pass
