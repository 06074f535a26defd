"""Golden texts: a handful of programs in every language. `python -m tests.code.test_golden` writes them anew."""

from __future__ import annotations

from pathlib import Path

import pytest

import gradcli
from tests.doors import LANGUAGES

GOLDEN = Path(__file__).parent / "golden"

CASES = (
    ("100*(y - x**2)**2 + (1 - x)**2", {}),
    ("d1 = (log(S/K) + (r + sigma**2/2)*T)/(sigma*sqrt(T)); S*exp(d1) - K*exp(-r*T)", {}),
    ("where(x > 0, x**1.5, tan(y))*x1**3", {}),
    ("x**2*y + sin(x)", {"order": 2}),
    ("[u*v, u + v]", {"jacobian": True}),
    ("hypot(lambda, σ)/3", {"value_only": True, "name": "length"}),
)
ARRAYS = (
    ("h = tanh(W@x + b); mean((V@h - t)**2)", {"shape": {"W": (3, 2), "x": 2, "b": 3, "V": (2, 3), "t": 2}}),
    ("sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)", {"shape": {"x": 10}}),
    ("A@x", {"shape": {"A": (2, 3), "x": 3}, "wrt": "x", "jacobian": True}),
    ("cross_entropy(X@W, [0, 2])", {"shape": {"X": (2, 3), "W": (3, 3)}, "wrt": "W"}),
)


def written(to: str) -> str:
    cases = (*CASES, *(ARRAYS if to not in ("excel", "latex", "sympy", "gradcli") else ()))
    pieces = []
    for program, options in cases:
        code = gradcli.code(program, to, **options)
        notes = "".join(f"note: {note}\n" for note in code.notes)
        pieces.append(f"{'=' * 8} {program}  {options or ''}".rstrip() + f"\n{notes}{code.text}")
    return "\n".join(pieces)


@pytest.mark.parametrize("to", LANGUAGES)
def test_code_is_as_it_was(to: str) -> None:
    assert written(to) == (GOLDEN / f"{to}.txt").read_text(encoding="utf-8")


if __name__ == "__main__":
    for one in LANGUAGES:
        (GOLDEN / f"{one}.txt").write_text(written(one), encoding="utf-8")
