"""How a derivative is called: df/dx, ∂²f/∂x∂y."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from gradcli.language.styles import RAISED, latex_derivative
from gradcli.steps.data import Written


def derivative_sign(name: str, by: Sequence[str], d: str) -> Written:
    """The sign for a derivative of something that has a name, by one name for each order."""
    power = "" if len(by) == 1 else str(len(by)).translate(RAISED)
    runs = [(one, len(list(run))) for one, run in groupby(by)]
    below = "".join(f"{d}{one}" + (str(count).translate(RAISED) if count > 1 else "") for one, count in runs)
    text = name
    for one, count in runs:
        text = f"diff({text}, {one}{f', {count}' if count > 1 else ''})"
    return Written(text, f"{d}{power}{name}/{below}", latex_derivative(name, by, d))
