"""Runs: order, prompt answers, lost workers, endless input, Python's door."""

from __future__ import annotations

import itertools
import json
import os
import resource
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import torch  # workers that are forked have it then

import gradcli
from gradcli.batch.work import Tell
from gradcli.runtime.lines import pool, run, worker
from gradcli.runtime.lines.lines import Items
from gradcli.runtime.lines.run import WINDOW, Run
from tests.batch.support import data, points
from tests.doors import Descriptor, InputLine, LineHandler, LineRecord


class Stub(LineHandler):
    """Answers a line with its own text, or does what it says."""

    def answer(self, lines: Sequence[InputLine], tell: Tell) -> list[LineRecord]:
        records = []
        tell(30)
        for line in lines:
            what = json.loads(line.text or b"null")
            if what == "die":
                os.kill(os.getpid(), signal.SIGKILL)
            if what == "leave":
                os._exit(3)
            if what == "hang":
                tell(0.1)
                time.sleep(60)
            if what == "wait":
                time.sleep(0.2)
            is_wrong = what == "wrong"
            records.append(
                LineRecord(json.dumps({"id": line.number, "is": what}).encode() + b"\n", 2 if is_wrong else 0, is_wrong)
            )
        return records


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "GRACE", 0.1)


@pytest.fixture
def _stub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "warm_up", lambda _: None)


def records(lines: Descriptor | Items, workers: int = 2, **options: Any) -> list[Any]:
    return [json.loads(text) for done in Run(lines, Stub({}), workers, **options) for text in done.text.splitlines()]


def is_left(pids: list[int]) -> bool:
    """Whether one of these processes is there."""
    for pid in pids:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            continue
        return True
    return False


@pytest.mark.usefixtures("_stub")
@pytest.mark.parametrize("workers", [1, 2, 5])
def test_records_are_in_the_order_of_their_lines(workers: int) -> None:
    count = 3_000
    found = records(Items("wait" if i % 1000 == 5 else str(i) for i in range(count)), workers)
    assert [one["id"] for one in found] == list(range(1, count + 1))


@pytest.mark.usefixtures("_stub")
@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("die", "its process ended without an answer: signal 9"),
        ("leave", "its process ended without an answer: code 3"),
        ("hang", "it took too long, and was ended"),
    ],
)
def test_a_line_that_ends_its_worker_is_an_error_and_the_others_are_answered(what: str, message: str) -> None:
    found = records(Items([*"abcdefgh" * 20, what, *"ijk" * 20]))
    wrong = [one for one in found if "error" in one]
    assert [(one["id"], one["error"]["message"]) for one in wrong] == [(161, message)]
    assert len(found) == 221


@pytest.mark.usefixtures("_stub")
def test_a_worker_that_has_grown_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "MAX_GROWTH", -1)
    begun: list[int] = []
    monkeypatch.setattr(pool, "LineWorker", lambda *args: begun.append(1) or worker.LineWorker(*args))
    assert len(records(Items(map(str, range(50))))) == 50
    assert len(begun) > 3


@pytest.mark.usefixtures("_stub")
def test_fail_fast_ends_with_the_first_error() -> None:
    taken = 0

    def items() -> Iterator[str]:
        nonlocal taken
        for i in itertools.count():
            taken = i
            yield "wrong" if i == 700 else "right"

    found = records(Items(items()), fail_fast=True)
    assert (len(found), found[-1]["is"]) == (701, "wrong")
    assert taken < 700 + 2 * WINDOW


@pytest.mark.usefixtures("_stub")
def test_endless_input_takes_bounded_memory() -> None:
    """10,000 lines come out, and then no more is read than there is room for."""
    reading, writing = os.pipe()
    written = 0

    def feed() -> None:
        nonlocal written
        try:
            while True:
                os.write(writing, b'"line"\n' * 500)
                written += 500
        except OSError:
            return

    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    count = 0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    done = iter(Run(Descriptor(reading), Stub({}), 2))
    while count < 10_000:
        count += len(next(done).marks)
    time.sleep(0.2)
    assert written - count < 5 * WINDOW  # of it some is in the pipe, and in one read
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # KiB
    done.close()  # type: ignore[attr-defined]
    os.close(reading)
    feeder.join(timeout=5)
    os.close(writing)


@pytest.mark.usefixtures("_stub")
def test_a_slow_line_does_not_let_others_pile_up() -> None:
    """While the first line is at work, the input is read up to the window and no further."""
    taken = 0

    def items() -> Iterator[str]:
        nonlocal taken
        yield "hang"
        for i in itertools.count():
            taken = i
            yield "x"

    done = iter(Run(Items(items()), Stub({}), 2))
    next(done)
    assert taken < 2 * WINDOW
    done.close()  # type: ignore[attr-defined]


@pytest.mark.usefixtures("_stub")
def test_an_answer_comes_before_the_next_line() -> None:
    reading, writing = os.pipe()
    done = iter(Run(Descriptor(reading), Stub({}), 2))
    for number in range(1, 4):
        os.write(writing, b'"x"\n')
        assert data(LineRecord(next(done).text, 0))["id"] == number
    os.close(writing)
    assert list(done) == []
    os.close(reading)


@pytest.mark.usefixtures("_stub")
def test_stopping_finishes_what_is_begun() -> None:
    a_run = Run(Items(itertools.repeat("wait")), Stub({}), 2)
    found = []
    for done in a_run:
        found += done.text.splitlines()
        a_run.stopping = True
    assert [json.loads(text)["id"] for text in found] == list(range(1, len(found) + 1))
    assert len(found) < 20


@pytest.mark.usefixtures("_stub")
def test_no_worker_is_left() -> None:
    found = pool.Pool(Stub({}), 3)
    found.add([InputLine(i, b'"wait"') for i in range(10)])
    found.dispatch()
    pids = [one.pid for one in found.workers]
    assert len(pids) == 3
    assert is_left(pids)
    found.end()
    assert not is_left(pids)


@pytest.mark.usefixtures("_stub")
def test_workers_end_with_their_parent() -> None:
    reading, writing = os.pipe()
    parent = os.fork()
    if parent == 0:
        found = pool.Pool(Stub({}), 2)
        found.add([InputLine(i, b'"x"') for i in range(2)])
        found.dispatch()
        os.write(writing, json.dumps([one.pid for one in found.workers]).encode())
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(parent, 0)
    pids = json.loads(os.read(reading, 1000))
    os.close(reading)
    os.close(writing)
    end = time.monotonic() + 10
    while is_left(pids) and time.monotonic() < end:
        time.sleep(0.05)
    assert len(pids) == 2
    assert not is_left(pids)


def test_without_fork_everything_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")
    found = list(gradcli.batch(["x**2", "x**", {"program": "x*y", "at": {"x": 2, "y": 3}}]))
    assert [one.get("verdict") for one in found] == [None, None, "agree"]


# Python's door


def test_from_python() -> None:
    import numpy as np

    requests = [
        "x**2",
        {"program": "x@x", "at": {"x": np.array([1, 2.5])}},
        {"program": "x@x", "at": {"x": torch.tensor([1, 2.5])}, "id": "t"},
        {"program": "x", "at": {"x": float("nan")}},
        {"program": "x", "at": {"x": object()}},
    ]
    found = list(gradcli.batch(requests, workers=1, digits=5))
    assert [one["id"] for one in found] == [1, 2, "t", 4, 5]
    assert found[1]["partials"][0]["autograd"] == found[2]["partials"][0]["autograd"] == [2.0, 5.0]
    assert found[1]["value_reference"] == "7.2500"
    assert "error" in found[3]
    assert "error" in found[4]


def test_of_many_points_in_workers() -> None:
    requests = points(500)
    found = list(gradcli.batch(requests, workers=2))
    assert [one["at"] for one in found] == [{k: float(v) for k, v in one["at"].items()} for one in requests]
    for one in found[::50]:
        expected = json.loads(gradcli.differentiate(one["program"], one["at"]).to_json())
        assert {name: value for name, value in one.items() if name != "id"} == expected


@pytest.mark.parametrize("options", [{"workers": 0}, {"ordr": 2}, {"order": "2"}, {"workers": 1_000}])
def test_options_that_are_wrong_are_told_at_once(options: dict[str, Any]) -> None:
    with pytest.raises(gradcli.GradcliError):
        gradcli.batch([], **options)
