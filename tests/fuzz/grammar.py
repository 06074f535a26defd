"""Programs by chance, from the rows of the table: numbers and tensors, statements, functions with derivatives by hand.

What is drawn need not mean anything: a refusal is an answer. The same seed gives the same programs.
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from tests.doors import table

NAMES = ("x", "y", "z")
TENSORS = ("A", "v", "w")
TAME = ("0.5", "1", "2", "-1.5", "3", "0.1", "0.7", "-2", "pi/4", "1/3", "10")
EXTREME = (
    "0", "-0.0", "1e-300", "5e-324", "1e300", "1.7976931348623157e308", "-1e308", "1e30", "1e-30", "2**53", "1e16 + 1",
    "4.291340080696278e-12", "-1e-8", "1000", "709.78", "1e5", "123456789", "0.30000000000000004",
)  # fmt: skip
LITERALS = ("0", "1", "2", "3", "0.5", "0.1", "10", "1e-3", "1e20", "1e-20", "1e300", "1e-300", "7", "0.2", "pi", "e")
VALUES = ("[1, 2, 3]", "[0.1, -2, 0.5]", "[0, 0, 0]", "[1e300, 1, -1e-300]", "[2, 2, 1]")
MATRICES = (
    "[[1, 2, 3], [4, 5, 6], [7, 8, 10]]",
    "[[2, 1, 0], [1, 3, 1], [0, 1, 4]]",
    "[[0, 0, 0], [0, 0, 0], [0, 0, 0]]",
)
BINARY = ("+", "-", "*", "/", "**", "+", "-", "*", "/", "%", "//")
COMPARED = ("<", "<=", ">", ">=", "==", "!=")
INDICES = ("[0]", "[-1]", "[1:]", "[::2]", "[0, 1]", "[:, 0]", "[5]", "[None]", "[..., 0]")

SCALAR_ROWS = [row for row in table.ROWS if row.shape is None and row.name.isidentifier() and row.name != "diff"]
TENSOR_ROWS = [row for row in table.ROWS if row.shape is not None and row.name.isidentifier()]
EXAMPLES = [row.example.partition(" at ")[0] for row in table.ROWS if row.example]


class Drawn(NamedTuple):
    """A program, and the values of its variables as they are typed."""

    text: str
    at: tuple[str, ...]
    order: int = 1


def program(rng: Random) -> Drawn:
    """One program with a point."""
    kind = rng.random()
    if kind < 0.7:
        text, names = _numbers(rng), NAMES
    else:
        text, names = _tensors(rng), (*NAMES, *TENSORS)
    at = tuple(f"{name}={_value(rng, name)}" for name in names if name in text)
    return Drawn(text, at, rng.choice((1, 1, 1, 1, 2)))


def _value(rng: Random, name: str) -> str:
    if name == "A":
        return rng.choice(MATRICES)
    if name in TENSORS:
        return rng.choice(VALUES)
    return rng.choice(EXTREME if rng.random() < 0.25 else TAME)


def _numbers(rng: Random) -> str:
    leaves = list(NAMES[: rng.choice((1, 1, 2, 3))])
    statements: list[str] = []
    if rng.random() < 0.15:
        body = _expression(rng, ["i"], 2)
        statements.append(f"f(i) = {body}")
        if rng.random() < 0.6:
            statements.append(f"f'(i) = {_expression(rng, ['i'], 2)}")
        leaves.append(f"f({rng.choice(leaves)})")
    for number in range(rng.choice((0, 0, 1, 2, 4))):
        statements.append(f"t{number} = {_expression(rng, leaves, 2)}")
        leaves.append(f"t{number}")
    output = _expression(rng, leaves, rng.randint(1, 4))
    if rng.random() < 0.08:
        output = f"diff({output}, {rng.choice(NAMES)})"
    if rng.random() < 0.08:
        output = f"[{output}, {_expression(rng, leaves, 2)}]"
    return "; ".join([*statements, output])


def _expression(rng: Random, leaves: list[str], depth: int) -> str:
    if depth <= 0 or rng.random() < 0.1:
        return rng.choice(leaves) if rng.random() < 0.7 else rng.choice(LITERALS)
    kind = rng.random()
    if kind < 0.45:
        return f"({_expression(rng, leaves, depth - 1)} {rng.choice(BINARY)} {_expression(rng, leaves, depth - 1)})"
    if kind < 0.5:
        return f"-({_expression(rng, leaves, depth - 1)})"
    if kind < 0.57:
        test = f"{_expression(rng, leaves, 1)} {rng.choice(COMPARED)} {_expression(rng, leaves, 1)}"
        return f"where({test}, {_expression(rng, leaves, depth - 1)}, {_expression(rng, leaves, depth - 1)})"
    row = rng.choice(SCALAR_ROWS)
    needed = [one for one in row.parameters if not one.optional]
    whole = rng.random() < 0.8
    arguments = [
        rng.choice(("0", "1", "2", "3")) if len(one.name) == 1 and one.name in "nmk" and whole else
        _expression(rng, leaves, depth - 1) for one in needed
    ]  # fmt: skip
    return f"{row.name}({', '.join(arguments)})"


def _tensors(rng: Random) -> str:
    leaves = [*TENSORS, "x", *rng.sample(EXAMPLES, 2)]
    if rng.random() < 0.3:
        return f"t = {_tensor(rng, leaves, 2)}; {_reduced(rng, ['t', *leaves])}"
    return _reduced(rng, leaves)


def _reduced(rng: Random, leaves: list[str]) -> str:
    inner = _tensor(rng, leaves, rng.randint(1, 3))
    return (
        inner if rng.random() < 0.2 else f"{rng.choice(('sum', 'mean', 'norm', 'max', 'prod', 'logsumexp'))}({inner})"
    )


def _tensor(rng: Random, leaves: list[str], depth: int) -> str:
    if depth <= 0:
        return rng.choice(leaves) if rng.random() < 0.85 else rng.choice(LITERALS)
    kind = rng.random()
    if kind < 0.35:
        operator = rng.choice((*BINARY, "@", "@", "*"))
        return f"({_tensor(rng, leaves, depth - 1)} {operator} {_tensor(rng, leaves, depth - 1)})"
    if kind < 0.45:
        return f"({_tensor(rng, leaves, depth - 1)}){rng.choice((*INDICES, '.T'))}"
    row = rng.choice(TENSOR_ROWS if kind < 0.8 else SCALAR_ROWS)
    needed = [one for one in row.parameters if not one.optional]
    arguments = [
        rng.choice(("0", "1", "-1", "2")) if one.name in ("dim", "n", "m", "k", "i", "size") else
        _tensor(rng, leaves, depth - 1) for one in needed
    ]  # fmt: skip
    return f"{row.name}({', '.join(arguments)})"
