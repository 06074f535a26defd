"""Runs a module where python-flint cannot be imported: `python -m tests.without_flint MODULE ARGUMENTS`."""

from __future__ import annotations

import runpy
import sys


def main() -> None:
    """Block the import, and hand over."""
    sys.modules["flint"] = None  # type: ignore[assignment]
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
