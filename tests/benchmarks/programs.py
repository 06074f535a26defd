"""Programs that are measured: 200 different ones in the language that SymPy and gradcli share, and two long ones."""

from __future__ import annotations

import random
from collections.abc import Iterator

COUNT = 200
ONE = (
    "sin({})",
    "cos({})",
    "exp({})",
    "tanh({})",
    "sqrt(({})**2 + 5)",
    "log(({})**2 + 5)",
    "({})**2",
    "({})**3",
    "atan({})",
    "3*({})",
)
# Nothing cancels: a constant would stop the peer, as torch takes no plain number for a tensor.
TWO = ("{} + {}", "{} - 7*({})", "({})*({})", "({})/(2 + ({})**2)")
POINT = {"x": 0.7, "y": 1.3, "z": -0.4}


def different() -> Iterator[tuple[str, dict[str, float]]]:
    """Programs of 1 to 3 variables and some 4 to 10 operations, always the same ones, with their points."""
    chosen = random.Random(20)
    seen: set[str] = set()
    while len(seen) < COUNT:
        names = ["x", "y", "z"][: chosen.randint(1, 3)]
        program = _expression(chosen, names, chosen.randint(2, 4))
        used = {name: POINT[name] for name in names if name in program.replace("exp", "")}
        if used and program not in seen:
            seen.add(program)
            yield program, used


def _expression(chosen: random.Random, names: list[str], depth: int) -> str:
    if not depth:
        return chosen.choice(names)
    if chosen.random() < 0.5:
        return chosen.choice(ONE).format(_expression(chosen, names, depth - 1))
    return chosen.choice(TWO).format(
        _expression(chosen, names, depth - 1), _expression(chosen, names, chosen.randint(0, depth - 1))
    )


def product(count: int) -> str:
    """A product of sines of so many variables."""
    return "*".join(f"sin(x{i})" for i in range(count))


def rosenbrock(count: int) -> str:
    """Rosenbrock's function of so many variables."""
    return " + ".join(f"100*(x{i + 1} - x{i}**2)**2 + (1 - x{i})**2" for i in range(count - 1))
