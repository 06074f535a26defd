"""Functions of tensors in LaTeX."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_KNOWN = frozenset("sin cos tan sinh cosh tanh exp log max min det".split())
_ALSO = {"logdet": r"\log\det", "trace": r"\operatorname{tr}"}

_LINE = r" \\ "  # begins the next row


def operator(name: str) -> str:
    """A function's name."""
    if name in _KNOWN:
        return f"\\{name}"
    escaped = name.replace("_", r"\_")
    return _ALSO.get(name) or rf"\operatorname{{{escaped}}}"


def call(name: str, args: Iterable[str], option: str | None = None) -> str:
    """A function of its arguments; an option is written below its name."""
    given = list(args)
    if name == "abs":
        return rf"\left|{given[0]}\right|"
    if name == "sqrt":
        return rf"\sqrt{{{given[0]}}}"
    below = f"_{{{option}}}" if option else ""
    return rf"{operator(name)}{below}\left({', '.join(given)}\right)"


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
