"""What the corpus of claims is made of: tables of programs, a derivation that can slip, and an evaluation of its own."""

from __future__ import annotations

from pathlib import Path

FILE = Path(__file__).parent.parent / "claims.jsonl"
CODES = (
    "inner", "sign", "term", "quotient", "square", "power", "constant", "degrees", "base", "transposed", "size", "variable",
    "incoming", "stale", "detached", "factor", "rule",
)  # fmt: skip
