"""Processes that a signal stops, or that nobody can wait for: no call waits for them without end."""

from __future__ import annotations

import os
import signal
import struct
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from gradcli import entry
from gradcli.errors import GradcliError
from gradcli.runtime import processes, worker
from gradcli.runtime.lines.pool import Pool
from gradcli.runtime.lines.records import LineRecord
from gradcli.runtime.lines.request import InputLine
from gradcli.runtime.lines.worker import Tell
from gradcli.runtime.worker import Parent, Workers, gather


def stopped(parent: Parent) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def stopped_halfway(parent: Parent) -> None:
    os.write(parent.channel.handle, struct.pack("!i", 100) + b'{"ready"')
    stopped(parent)


def asleep(parent: Parent) -> None:
    time.sleep(60)


def whole(parent: Parent) -> None:
    parent.ready()
    parent.answer(7)


def test_workers_that_are_stopped_before_they_are_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "SECONDS_TO_GO_ON", 1)
    monkeypatch.setattr(worker, "LOOK", 0.05)
    monkeypatch.setattr(processes, "LOOK", 0.05)
    with Workers() as workers:
        for life in (stopped, whole, stopped_halfway):
            workers.start(life, 60)
        assert gather(workers) == [{}, {0: 7}, {}]


def test_a_worker_that_never_says_that_it_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "SECONDS_TO_START", 0.1)
    with Workers() as workers:
        workers.start(asleep, 60)
        assert gather(workers) == [{}]


class StopsOnce:
    """Answers lines; the first of its workers that begins is stopped."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark
        self.encoder = None

    def answer(self, lines: Sequence[InputLine], tell: Tell) -> list[LineRecord]:
        try:
            os.close(os.open(self.mark, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return [LineRecord(line.text or b"", 0) for line in lines]
        os.kill(os.getpid(), signal.SIGSTOP)
        raise GradcliError("testing", "it goes on")


def test_the_lines_of_a_stopped_worker_are_answered_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "LOOK", 0.05)
    pool = Pool(StopsOnce(tmp_path / "begun"), 1)  # type: ignore[arg-type]
    pool.add([InputLine(number, b"%d\n" % number) for number in range(5)])
    found = b""
    try:
        while pool.waiting or pool.flying or pool.again:
            pool.dispatch()
            pool.wait(None, 0.05)
            found += b"".join(done.text for done in pool.records())
    finally:
        pool.end()
    assert found == b"0\n1\n2\n3\n4\n"


def test_the_ends_of_processes_are_seen_where_they_were_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        with Workers() as workers:  # as a library leaves it
            workers.start(whole, 60)
            assert gather(workers) == [{0: 7}]
        monkeypatch.setattr(entry, "_called", lambda *_: 0)
        monkeypatch.setattr(entry.gc, "freeze", lambda: None)
        interrupt = signal.getsignal(signal.SIGINT)
        with pytest.raises(SystemExit):
            entry.run()
        signal.signal(signal.SIGINT, interrupt)
        assert signal.getsignal(signal.SIGCHLD) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGCHLD, before)
