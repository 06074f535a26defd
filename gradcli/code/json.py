"""A function as one line of strict JSON."""

from __future__ import annotations

from gradcli.code.data import Code


def as_json(code: Code) -> str:
    """The function as gradcli.code/1."""
    return code.to_json() + "\n"
