"""Ctrl-C at moments that can be named: nothing is said of it, whatever it strikes, and the exit code is 130."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from gradcli.runtime.processes import Forked, fork
from tests.support import ROOT

# Strikes once: when a module is looked for, or at one of the moments of a fork.
STRIKE = """
import os, signal, sys
moment, sys.argv = sys.argv[1], ["gradcli", *sys.argv[2:]]

class Finder:
    def find_spec(name, path=None, target=None):
        if name == moment:
            sys.meta_path.remove(Finder)
            os.kill(os.getpid(), signal.SIGINT)

if moment.startswith("fork "):
    os.register_at_fork(**{moment[5:]: lambda: os.kill(os.getpid(), signal.SIGINT)})
elif moment == "swallowed":
    class Object:
        def __del__(self):
            os.kill(os.getpid(), signal.SIGINT)
    import gradcli.terminal.first as first
    meant = first.meant
    def after(*args, **options):
        Object()  # what is raised while it is forgotten goes nowhere
        return meant(*args, **options)
    first.meant = after
else:
    sys.meta_path.insert(0, Finder)
from gradcli.entry import run
run()
"""


@pytest.mark.parametrize(
    ("moment", "command"),
    [
        ("gradcli.runtime.server.client", "diff x --at x=1"),
        ("typer", "diff x --at x=1"),
        ("gradcli.terminal.reading", "diff x --at x=1"),
        ("numpy", "graph x --at x=1"),  # which is imported in the middle of torch, by C
        ("fork before", "diff x --at x=1"),
        ("fork after_in_child", "diff x --at x=1"),
        ("fork after_in_parent", "diff x --at x=1"),
        ("swallowed", "diff x --at x=1"),
    ],
)
def test_an_interrupt_at_any_moment_is_quiet(moment: str, command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STRIKE, moment, *command.split()],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        env={**os.environ, "GRADCLI_SERVER": "off"},
    )
    assert (done.stdout, done.stderr) == ("", "")
    assert done.returncode in (130, -signal.SIGINT)  # shells say 130 of both


def test_an_interrupt_while_a_process_is_forked_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    real = os.fork

    def forked() -> int:
        made.append(real())
        if made[-1]:
            os.kill(os.getpid(), signal.SIGINT)  # it waits until the process is made
        return made[-1]

    monkeypatch.setattr(os, "fork", forked)
    with pytest.raises(KeyboardInterrupt):
        fork(lambda: time.sleep(10))  # as long as this would take where it were left
    with pytest.raises(ChildProcessError):
        os.waitpid(made[0], 0)
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


@pytest.mark.parametrize("handler", [signal.SIG_DFL, signal.SIG_IGN])
def test_a_forked_process_takes_an_interrupt_as_it_should_from_its_first_moment(handler: signal.Handlers) -> None:
    process = Forked.__new__(Forked)
    process.on_interrupt = handler
    process.__init__(lambda channel: channel.send(str(int(signal.getsignal(signal.SIGINT))).encode()))  # type: ignore[misc]
    assert process.channel.receive() == str(int(handler)).encode()
    process.end()
