"""The answer as one line of strict JSON."""

from __future__ import annotations

from gradcli.propagate.data import Propagation


def as_json(found: Propagation) -> str:
    """The answer as gradcli.propagate/1."""
    return found.to_json() + "\n"
