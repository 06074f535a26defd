"""The console script: a warm worker makes the call if there is one, else this process does."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # `signal` takes a millisecond more
import gc
import os
import sys

from gradcli.runtime.interrupts import INTERRUPTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

IDLE = "10"  # minutes after which a server ends that nobody asked for
NOTE = f"note: gradcli stays loaded until {IDLE} idle minutes are over (not: gradcli config server off)\n"


def run() -> None:
    """Make the call and end with its exit code.

    Before a command runs, and after it, a Ctrl-C just ends the process: nothing is there that would have to be put in
    order, and an exception would be printed, wherever it struck.
    """
    listens = _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler  # else Ctrl-C is ignored, and stays so
    if listens:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    if hasattr(_signal, "SIGCHLD"):  # who ignores it hands that down, and cannot wait for a process
        _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)
    code = _called(sys.argv[1:], listens)
    if code == INTERRUPTED:  # threads of libraries that read ahead may abort a process whose interpreter ends
        _end_at_once(code)
    gc.freeze()  # the interpreter ends with a look for garbage among all objects: of torch's and SymPy's, half a second
    sys.exit(code)


def _end_at_once(code: int) -> None:
    for stream in (sys.stdout, sys.stderr):
        try:  # noqa: SIM105  # contextlib would have to be imported
            stream.flush()
        except (AttributeError, OSError, ValueError):  # it is closed, or nobody reads
            pass
    os._exit(code)


def _called(args: list[str], listens: bool = False) -> int:
    from gradcli.runtime.server.client import VARIABLE, ask

    code = ask(args)
    if code is None:
        chosen = os.environ.get(VARIABLE)
        starter = _starter(args) if chosen == "auto" or (chosen is None and _is_at_terminal(args)) else None
        from gradcli.cli import main

        code = _ended(main) if listens else main()
        if starter is not None and code != INTERRUPTED:
            _start(starter, say=chosen is None)
    return code


def _ended(main: Callable[[], int]) -> int:
    """The exit code of a command, which a Ctrl-C ends."""
    from gradcli.runtime.interrupts import end_on_interrupt, is_struck

    try:
        end_on_interrupt()
        code = main()
    except KeyboardInterrupt:  # before the command could take it
        return INTERRUPTED
    finally:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
        if is_struck() and hasattr(_signal, "alarm"):
            _signal.alarm(0)  # the interpreter is about to end, and would take it for a signal to be killed by
    return INTERRUPTED if is_struck() else code


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
    from gradcli.runtime.server import place

    try:
        if place.holder(place.socket_path()) is not None:  # one is about to be there
            return None
    except place.NoPlaceError:
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
    try:
        os.write(starter, b"!")
        if say:
            sys.stderr.write(NOTE)
    except (OSError, ValueError):  # it was ended, or nobody hears
        pass
