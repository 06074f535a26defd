"""A derivation as one line of strict JSON."""

from __future__ import annotations

import json

from gradcli.steps.data import Derivation


def as_json(derivation: Derivation) -> str:
    """The derivation as gradcli.steps/1."""
    return json.dumps(derivation.to_dict(), allow_nan=False, ensure_ascii=False) + "\n"
