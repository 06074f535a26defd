"""Ctrl-C before a command runs is no traceback."""

from __future__ import annotations

import sys

import pytest


def test_an_interrupt_while_modules_are_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    from gradcli import entry
    from gradcli.runtime.server import client

    def interrupted(_: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(client, "ask", interrupted)
    monkeypatch.setattr(sys, "argv", ["gradcli", "--version"])
    with pytest.raises(SystemExit) as left:
        entry.run()
    assert left.value.code == 130
