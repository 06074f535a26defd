"""What a terminal shows fits it: errors and notes are folded, plots have its height, amber can be read on white."""

from __future__ import annotations

import pytest

import gradcli
from gradcli.terminal.console import AMBER, Screen
from gradcli.terminal.error import folded
from tests.doors import plot_field, plot_terminal
from tests.support import run

FAULTS = [
    ("diff", "x +* 2"), ("diff", "log(x"), ("diff", "x**2*foo(x)"), ("diff", "1/2x"), ("diff", "x", "--at", "x=1,y=2"),
    ("diff", "x", "--precision", "many"), ("graph", "x", "--at", "x=1", "--format", "gif"),
    ("diff", " + ".join(f"x{i}" for i in range(60)) + " + $", "--at", "x0=1"),
]  # fmt: skip


@pytest.mark.parametrize("width", [40, 60, 80])
@pytest.mark.parametrize("args", FAULTS, ids=lambda args: args[1][:20])
def test_errors_are_folded(args: tuple[str, ...], width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    shown, plain = run(*args, tty=True).err, run(*args).err
    assert max(map(len, shown.splitlines())) <= width
    if len(args[1]) < 40:
        assert shown.split() == plain.split()  # nothing is lost, no word is torn


def test_notes_are_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    notes = run("diff", "sinx*dy*e", "--at", "sinx=2,dy=3", tty=True).err.splitlines()
    assert len(notes) > 2 and max(map(len, notes)) <= 40


def test_a_word_that_is_longer_than_the_screen_is_kept() -> None:
    assert folded("a " + "b" * 50, 20) == ["a", "    " + "b" * 50]
    assert folded("two\nlines", 3) == ["two\nlines"]
    assert folded("any width", None) == ["any width"]


@pytest.mark.parametrize("height", [20, 24, 40])
@pytest.mark.parametrize(("program", "at"), [("x**2*sin(x)", None), ("tan(x)", None), ("x**2", {"x": 1})])
def test_a_plot_is_seen_at_once(program: str, at: dict[str, float] | None, height: int) -> None:
    found = gradcli.plot(program, "x=-2:2", at)
    panels = 2 if program == "tan(x)" else 1
    text = plot_terminal.render(found, Screen(80, False, True, height=height))
    assert len(text.splitlines()) < height or panels * plot_terminal.LEAST_HEIGHT > height - 12
    assert len(plot_terminal.render(found, Screen(80, False, True)).splitlines()) > 20


def test_so_is_a_map() -> None:
    found = gradcli.plot("x*y", "x=0:1,y=0:1")
    assert len(plot_field.render(found, Screen(80, False, True, height=24)).splitlines()) < 24


def _contrast(color: str, paper: float) -> float:
    """WCAG's: of a colour of the 256 to white (1.0) or black (0.0)."""
    number = int(color.removeprefix("color(").rstrip(")")) - 16
    levels = (0, 95, 135, 175, 215, 255)
    parts = [levels[number // by % 6] / 255 for by in (36, 6, 1)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return (max(light, paper) + 0.05) / (min(light, paper) + 0.05)


def test_amber_on_white_and_on_black() -> None:
    assert _contrast(AMBER, 1.0) > 4.4 and _contrast(AMBER, 0.0) > 4.4
