"""A derivation as one line of strict JSON."""

from __future__ import annotations

from gradcli.steps.data import Derivation
from gradcli.tape.strict import line


def as_json(derivation: Derivation) -> str:
    """The derivation as gradcli.steps/1."""
    return line(derivation.to_dict()) + "\n"
