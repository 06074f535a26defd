"""What a Ctrl-C does to a call of the command line: it ends it, at any moment, and nothing is said about it."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # `signal` takes a millisecond more
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

INTERRUPTED = 130  # as shells say it
GRACE = 1  # seconds in which files and processes are put in order

_struck = False


def is_struck() -> bool:
    """Whether a Ctrl-C has ended the call: whatever else comes of it is of no interest."""
    return _struck


def end_on_interrupt() -> None:
    """From now on a Ctrl-C ends the call: with KeyboardInterrupt, and at once where a library swallows that.

    While something is imported, it may do so, or say something else in its place: that is not heard.
    """
    _signal.signal(_signal.SIGINT, _end)


class InterruptsTaken:
    """A Ctrl-C is only KeyboardInterrupt meanwhile: for whoever goes on after it, or has a terminal to put in order."""

    def __enter__(self) -> None:
        self.ends = _signal.getsignal(_signal.SIGINT) is _end
        if self.ends:
            _signal.signal(_signal.SIGINT, _signal.default_int_handler)

    def __exit__(self, *_: object) -> None:
        if self.ends:
            _signal.signal(_signal.SIGINT, _end)


def _end(*_: Any) -> None:
    global _struck  # noqa: PLW0603
    _struck = True
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)  # who cannot wait ends it at once
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    if hasattr(_signal, "alarm"):
        _signal.signal(_signal.SIGALRM, lambda *_: os._exit(INTERRUPTED))
        _signal.alarm(GRACE)
    raise KeyboardInterrupt
