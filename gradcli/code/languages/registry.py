"""The target languages by their names, each looked up when it is asked for."""

from __future__ import annotations

from importlib import import_module

from gradcli.code.languages.language import Language
from gradcli.errors import OPTIONS, GradcliError, did_you_mean

NAMES = ("numpy", "torch", "jax", "c", "fortran", "julia", "javascript", "excel", "latex", "sympy", "gradcli")
_MEANT = {
    "numpy": ("python", "py", "np", "scipy"), "torch": ("pytorch",), "c": ("c++", "cpp", "cuda"),
    "fortran": ("f90", "f77"), "julia": ("jl",), "javascript": ("js", "node", "typescript", "ts"),
    "excel": ("xlsx", "sheets", "spreadsheet", "libreoffice"), "latex": ("tex",),
}  # fmt: skip


def language(name: str) -> Language:
    """The language of that name.

    Raises GradcliError where there is none.
    """
    if name not in NAMES:
        other = meant(name)
        raise GradcliError(
            OPTIONS, f'there is no language "{name}"', expected=f"one of {', '.join(NAMES)}",
            hint=f"write --to {other}" if other else did_you_mean(name, NAMES),
        )  # fmt: skip
    found: Language = import_module(f"gradcli.code.languages.{name}").LANGUAGE
    return found


def meant(word: str) -> str | None:
    """The name of the language that a word is about, in whatever letters; None of other words."""
    low = word.lower()
    return low if low in NAMES else next((one for one, others in _MEANT.items() if low in others), None)
