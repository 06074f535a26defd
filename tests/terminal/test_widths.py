"""What a terminal shows fits it: errors and notes are folded, plots have its height, amber can be read on white."""

from __future__ import annotations

import re
import shlex

import pytest

import gradcli
from tests.doors import AMBER, Screen, plot_field, plot_terminal
from tests.doors import folded_error as folded
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


NUMBERS = [
    'diff "u*v + u**2*sin(v)" --at u=1.234567,v=2.3456789', 'taylor "exp(sin(x))/3.7" --at x=0.3 --over x=0:0.5',
    'propagate "4*pi**2*L/T**2" --at "L=1.000±0.002, T=2.001(6)" --samples 0', 'steps "x**2*sin(2*x)" --at x=3.12345',
    'extrema "x**3 - 3*x*sin(x)" --over x=-3:5', "config",
]  # fmt: skip
NUMBER = re.compile(r"(?<![\w.])\d+\.\d+(?:e[-+]\d+)?")


@pytest.mark.parametrize("command", NUMBERS, ids=lambda command: command[:25])
def test_no_number_is_folded_on_a_narrow_terminal(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = {}
    for width in (120, 40):
        monkeypatch.setenv("COLUMNS", str(width))
        shown[width] = run(*shlex.split(command), tty=True).out
        plain = re.sub(r"\x1b\[[0-9;]*m", "", shown[width])
        assert max(map(len, plain.splitlines())) <= width
        shown[width] = plain
    assert set(NUMBER.findall(shown[120])) <= set(NUMBER.findall(shown[40]))


@pytest.mark.parametrize(
    ("command", "there"),
    [
        ('diff "x/3" --at x=1', "0.333"),
        ('steps "x**2/7" --at x=1.23456', "0.353"),
        ('taylor "exp(x)" --at x=0.3 --order 1', "1.35"),
        ('extrema "x*sin(x)" --over x=1:3', "2.03"),
        ('propagate "a/b" --at "a=1±0.1, b=3±0.1" --samples 0', "-0.111"),
        ('implicit "x**2 + y**3 = 1.7" --at x=0.6,y=0.8 --solve y', "1.1"),
        ('graph "sin(x)" --at x=0.7', "0.765"),
        ('steps "sum(x**2)" --at "x=[1.23456, 2]"', "2.47"),
    ],
)
def test_precision_is_that_of_what_is_shown(command: str, there: str) -> None:
    shown = run(*shlex.split(command), "--precision", "3").out
    assert re.search(rf"(?<![\w.]){there}(?![\d.])", shown), shown


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
