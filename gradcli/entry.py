"""The console script: a warm worker makes the call if there is one, else this process does."""

from __future__ import annotations

import gc
import os
import sys


def run() -> None:
    """Make the call and end with its exit code."""
    from gradcli.runtime.server.client import VARIABLE, ask

    args = sys.argv[1:]
    code = ask(args)
    if code is None:
        if os.environ.get(VARIABLE) == "auto" and args[:1] != ["server"]:
            _start_beside()
        from gradcli.cli import main

        code = main()
    gc.freeze()  # the interpreter ends with a look for garbage among all objects: of torch's and SymPy's, half a second
    sys.exit(code)


def _start_beside() -> None:
    """Start a server in a process of its own, for the calls to come; two that start at once do no harm."""
    if hasattr(os, "fork"):
        from gradcli.runtime.processes import fork

        fork(_start)


def _start() -> None:
    from gradcli.cli import main
    from gradcli.runtime.processes import silence

    silence(0, 1, 2)
    main(["server", "start"])
