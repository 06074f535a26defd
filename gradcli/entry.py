"""The console script: a warm worker makes the call if there is one, else this process does."""

from __future__ import annotations

import gc
import os
import sys

INTERRUPTED = 130  # as shells say it; gradcli.errors is not imported where a warm worker answers
IDLE = "10"  # minutes after which a server ends that nobody asked for
NOTE = f"note: gradcli stays loaded until {IDLE} idle minutes are over (not: gradcli config server off)\n"


def run() -> None:
    """Make the call and end with its exit code."""
    try:
        code = _called(sys.argv[1:])
    except KeyboardInterrupt:  # while modules are imported, before a command could take it
        code = INTERRUPTED
    gc.freeze()  # the interpreter ends with a look for garbage among all objects: of torch's and SymPy's, half a second
    sys.exit(code)


def _called(args: list[str]) -> int:
    from gradcli.runtime.server.client import VARIABLE, ask

    code = ask(args)
    if code is None:
        chosen = os.environ.get(VARIABLE)
        starter = _starter(args) if chosen == "auto" or (chosen is None and _is_at_terminal(args)) else None
        from gradcli.cli import main

        code = main()
        if starter is not None:
            _start(starter, say=chosen is None)
    return code


def _is_at_terminal(args: list[str]) -> bool:
    """Whether somebody sits at a terminal and asks something that a server would answer sooner, and wants one."""
    from gradcli.runtime.server.client import OUTSIDE

    if not args or args[0] in OUTSIDE or "CI" in os.environ or {"--help", "-h", "--version"} & {*args}:
        return False
    try:
        if not all(map(os.isatty, (0, 1, 2))):
            return False
    except OSError:
        return False
    from gradcli.config.settings import wants_server
    from gradcli.terminal.options import STANDING

    return args[0] not in STANDING and args[0] != "version" and wants_server()


def _starter(args: list[str]) -> int | None:
    """The end of a pipe: a word on it has a process that waits start a server, after the answer, not beside it.

    The process is made now, while this one has no threads. Two servers that start at once do no harm.
    """
    if not hasattr(os, "fork") or args[:1] == ["server"]:
        return None
    from gradcli.runtime.processes import fork

    reading, writing = os.pipe()

    def wait() -> None:
        os.close(writing)
        from gradcli.runtime.processes import silence

        silence(0, 1, 2)
        if os.read(reading, 1):
            from gradcli.cli import main

            main(["server", "start", "--idle", IDLE])

    fork(wait)
    os.close(reading)
    return writing


def _start(starter: int, say: bool) -> None:
    os.write(starter, b"!")
    os.close(starter)
    if say:
        try:  # noqa: SIM105  (contextlib takes milliseconds)
            sys.stderr.write(NOTE)
        except (OSError, ValueError):
            pass
