"""A derivation as one line of strict JSON."""

from __future__ import annotations

from gradcli.steps.data import Derivation


def as_json(derivation: Derivation) -> str:
    """The derivation as gradcli.steps/1."""
    return derivation.to_json() + "\n"
