"""Plots, with so much patience that no busy machine changes what is found."""

from __future__ import annotations

from typing import Any

from gradcli.plot.api import plot as real_plot
from gradcli.plot.data import Plot


def plot(program: str, over: Any, **rest: Any) -> Plot:
    return real_plot(program, over, **{"patience": 60.0, "formulas": False, **rest})
