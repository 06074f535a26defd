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
        meant = next((one for one, others in _MEANT.items() if name.lower() in others), None)
        raise GradcliError(
            OPTIONS, f'there is no language "{name}"', expected=f"one of {', '.join(NAMES)}",
            hint=f"write --to {meant}" if meant else did_you_mean(name, NAMES),
        )  # fmt: skip
    found: Language = import_module(f"gradcli.code.languages.{name}").LANGUAGE
    return found
