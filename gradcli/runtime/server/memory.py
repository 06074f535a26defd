"""How much memory a process has to itself."""

from __future__ import annotations

import re

PRIVATE = re.compile(r"^Private_(?:Clean|Dirty):\s+(\d+) kB$", re.MULTILINE)


def private_bytes(pid: int) -> int | None:
    """The bytes of a process that no other one shares; None where the system does not say."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as stream:
            found = PRIVATE.findall(stream.read())
    except OSError:
        return None
    return sum(int(number) << 10 for number in found)
