"""Where the lines of former shells are kept: a file of this user alone."""

from __future__ import annotations

import os
from pathlib import Path


def history() -> Path | None:
    """The file, made where there is none; None where it cannot be."""
    given = os.environ.get("XDG_STATE_HOME", "")
    home = Path(given) if os.path.isabs(given) else Path.home() / ".local" / "state"
    path = home / "gradcli" / "history"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError:
        return None
    return path
