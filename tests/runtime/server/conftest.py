"""Servers: one that the tests of a file share, and one for a test that does harm."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.server.support import Server


@pytest.fixture(autouse=True, scope="session")
def _can_be_served() -> None:
    if not hasattr(os, "fork") or not hasattr(socket, "AF_UNIX"):
        pytest.skip("no fork, no server")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("run")
    directory.chmod(0o700)
    one = Server(directory)
    one.start()
    yield one
    one.stop()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Server]:
    """A server that a test may harm; it is not started yet."""
    tmp_path.chmod(0o700)
    one = Server(tmp_path)
    yield one
    one.stop()
