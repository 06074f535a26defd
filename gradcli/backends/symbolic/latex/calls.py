"""Functions of tensors in LaTeX."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gradcli.language.latex_names import latex_around, latex_function

_LINE = r" \\ "  # begins the next row


def call(name: str, args: Iterable[str], option: str | None = None) -> str:
    """A function of its arguments; an option is written below its name."""
    given = list(args)
    around = latex_around(name)
    if around is not None:
        return around[0] + given[0] + around[1]
    below = f"_{{{option}}}" if option else ""
    return rf"{latex_function(name)}{below}\left({', '.join(given)}\right)"


def reduction(name: str, inner: str, rank: int, dim: int | None) -> str:
    """A norm, a trace, a mean or the like, over all entries or along an axis."""
    if name == "norm" and dim is None:
        return rf"\left\lVert {inner} \right\rVert" + ("_{F}" if rank == 2 else "")
    return call(name, [inner], None if dim is None else rf"\mathrm{{dim}}={dim}")


def cases(branches: Sequence[tuple[str, str]], otherwise: str) -> str:
    """Values with their conditions, and what holds where none does."""
    rows = [rf"{value} & \text{{for}}\: {condition}" for value, condition in branches]
    body = _LINE.join([*rows, rf"{otherwise} & \text{{otherwise}}"])
    return rf"\begin{{cases}} {body} \end{{cases}}"


def matrix(rows: Sequence[Sequence[str]]) -> str:
    """A matrix, row by row."""
    body = _LINE.join(" & ".join(row) for row in rows)
    return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"
