"""Points whose derivatives are known without gradcli: families of programs, and how their truths are computed."""

from __future__ import annotations

from pathlib import Path

FILE = Path(__file__).parents[1] / "truth.jsonl"
