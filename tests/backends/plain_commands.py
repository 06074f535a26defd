"""Commands in one process, for where python-flint is missing: lists of arguments as JSON in, what they left behind out."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import sympy  # noqa: F401 - imported here once: what is missing, each command has a child import
import torch  # noqa: F401

from tests.support import run


def main() -> None:
    """Answer the commands of standard input, one line each."""
    for args in json.load(sys.stdin):
        print(json.dumps(asdict(run(*args))))


if __name__ == "__main__":
    main()
