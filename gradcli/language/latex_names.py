"""Names and numbers in LaTeX: Greek letters, digits at the end as an index."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.functions import table

_GREEK = dict(zip("αβγδεζηθικλμνξρσςτυφχψωϕϑϵΓΔΘΛΞΠΣΦΨΩ", (
    r"\alpha \beta \gamma \delta \varepsilon \zeta \eta \theta \iota \kappa \lambda \mu \nu \xi \rho \sigma \varsigma"
    r" \tau \upsilon \varphi \chi \psi \omega \phi \vartheta \epsilon \Gamma \Delta \Theta \Lambda \Xi \Pi \Sigma \Phi"
    r" \Psi \Omega"
).split()))  # fmt: skip
_SPELLED = {sign[1:]: sign for sign in _GREEK.values()}
_NO_NUMBERS = {"inf": r"\infty", "-inf": r"-\infty", "nan": r"\mathrm{nan}", "none": r"\text{none}"}


FUNCTION_LETTERS = frozenset(
    (*"fghFGHN", "Phi", "sigma", "Φ", "σ")
)  # what a reader takes for a function in front of a bracket


def latex_name(name: str) -> str:
    """A variable's name: letters as they are, Greek ones also spelled out, digits or a word at its end as an index."""
    front, _, word = name.partition("_")
    if front.isalpha() and word.isalnum():
        return rf"{latex_name(front)}_{{{word if len(word) == 1 or word.isdigit() else _upright(word)}}}"
    letters = name.rstrip("0123456789")
    index = name[len(letters) :]
    shown = _GREEK.get(letters) or _SPELLED.get(letters)
    if shown is None:
        shown = letters if len(letters) == 1 and letters != "_" else _upright(letters)
    return f"{shown}_{{{index}}}" if index else shown


def _upright(word: str) -> str:
    escaped = word.replace("_", r"\_")
    return rf"\mathrm{{{escaped}}}"


def is_greek(name: str) -> bool:
    """Whether a name is a Greek letter, or one spelled out."""
    return name in _GREEK or name in _SPELLED


def spelled(name: str) -> str:
    """A name with a Greek letter by the letter's name, theta for θ; another one as it is."""
    return _GREEK[name].lstrip("\\") if name in _GREEK else name


def latex_function(name: str) -> str:
    """A function's name in front of its arguments."""
    row = table.BY_NAME.get(name)
    if row is not None and row.latex and not {"…", "#"} & {*row.latex}:
        return row.latex
    escaped = name.replace("_", r"\_")
    return rf"\operatorname{{{escaped}}}"


def latex_around(name: str) -> tuple[str, str] | None:
    """What stands on both sides of a function's argument, as in |x|; None for one that has its name in front."""
    row = table.BY_NAME.get(name)
    if row is None or "…" not in row.latex:
        return None
    before, _, after = row.latex.partition("…")
    return before, after


def latex_below(name: str) -> tuple[str, str] | None:
    """What stands on both sides of a function's first argument where that is below its letter, as in J_n(x)."""
    row = table.BY_NAME.get(name)
    if row is None or "#" not in row.latex:
        return None
    before, _, after = row.latex.partition("#")
    return before, after


def indexed(shown: str, indices: Sequence[str]) -> str:
    """A name with an index; after the number that is part of it, if there is one."""
    if not indices:
        return shown
    text = ("" if all(len(one) == 1 and one.isalpha() for one in indices) else ",").join(indices)
    letters, underscore, number = shown.rpartition("_{")
    return f"{letters}_{{{number[:-1]},{text}}}" if underscore and shown.endswith("}") else f"{shown}_{{{text}}}"


def latex_decimal(text: str) -> str:
    """A number as the language writes it: 1e-3 with a power of ten; also what is none."""
    if text in _NO_NUMBERS:
        return _NO_NUMBERS[text]
    mantissa, e, exponent = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if e else mantissa
