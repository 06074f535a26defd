"""What the server does before it serves: load everything, and make typical calls, in a single thread."""

from __future__ import annotations

import contextlib
import io
import threading
from collections.abc import Callable

CALLS = (
    ("diff", "sin(x)*y + exp(x**2)/log(2 + y) - relu(x)", "--at", "x=0.3,y=2"),
    ("diff", "2*x**3 + x", "--at", "x=1", "--json"),
    ("diff", "x**2 + y", "--order", "2"),
    ("diff", "sum(tanh(A@x)**2)", "--at", "x=[1,2]", "--at", "A=[[1,2],[3,4]]"),
    ("diff", "relu(x)", "--at", "x=0"),
    ("diff", "x +", "--at", "x=1"),
    ("--help",),
)


def warm_up(serve: Callable[[list[str]], int]) -> None:
    """Make the calls that load what others will need; one thread is left at the end.

    Raises RuntimeError where more are, since no process with threads may be forked.
    """
    import torch
    from rich.cells import cell_len

    cell_len("∂")  # rich reads its table of widths at the first character that is no ASCII
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    for call in CALLS:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            serve(list(call))
    torch.set_num_threads(threads)
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(timeout=1)
    if threading.active_count() > 1:
        raise RuntimeError(f"{threading.active_count()} threads are left")
