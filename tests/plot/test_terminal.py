"""Plots in the terminal, whole: a transcript of commands that are shown to look at."""

from __future__ import annotations

import pytest
from rich.style import Style

from tests.doors import Screen, aligned
from tests.doors import plot_field as field
from tests.doors import plot_terminal as terminal
from tests.doors import plot_ticks as ticks
from tests.plot import plot
from tests.support import ROOT, Entry, assert_shown, entries, replay, run

GOLDEN = ROOT / "tests" / "plot" / "golden" / "terminal.txt"
SHOWN = [pytest.param(entry, id=entry.command) for entry in entries(GOLDEN.read_text())]


@pytest.mark.parametrize("entry", SHOWN)
def test_plot_is_as_it_was_when_it_was_looked_at(entry: Entry) -> None:
    assert_shown(replay(entry.command), entry.shown)


@pytest.mark.parametrize("entry", SHOWN)
def test_lines_fit_80_columns(entry: Entry) -> None:
    assert max(map(len, entry.shown.splitlines())) <= 80


@pytest.mark.parametrize("program", ["abs(x)", "1/x", "relu(x) - relu(-x)", "x**3 - 2*x"])
def test_ascii_where_the_terminal_has_nothing_else(program: str) -> None:
    shown = run("plot", program, "--over", "x=-2:2", encoding="ascii").out
    assert shown.isascii()
    assert "\\u" not in shown
    assert "df/dx" in shown


def test_ascii_map() -> None:
    shown = run("plot", "x*y", "--over", "x=-2:2,y=-1:1", encoding="ascii").out
    assert shown.isascii()
    assert {"<", ">", "^", "v"} & set(shown)


def test_no_colours_off_a_terminal() -> None:
    assert "\x1b" not in run("plot", "x**2", "--over", "x=-2:2").out


@pytest.mark.parametrize("width", [40, 80, 100, 120, 300])
@pytest.mark.parametrize("color", [False, True])
def test_the_terminal_is_filled_and_not_overrun(width: int, color: bool) -> None:
    shown = plot("x**3 - 2*x", "x=-2:2", at="x=1")
    text = terminal.render(shown, Screen(width, color, unicode=True))
    plain = terminal.render(shown, Screen(width, False, unicode=True))
    assert ("\x1b[" in text) == color
    assert min(width, 120) - 2 <= max(map(len, plain.splitlines())) <= width


def test_true_colours_where_there_are_some() -> None:
    line, surface = plot("x**2", "x=-2:2"), plot("x*y", "x=-2:2,y=-2:2")
    for truecolor, sign in ((True, "8;2;"), (False, "8;5;")):
        screen = Screen(80, True, unicode=True, truecolor=truecolor)
        Style.parse.cache_clear()  # a style keeps the codes of the first terminal it is printed for
        Style._add.cache_clear()
        assert f"\x1b[3{sign}" in terminal.render(line, screen)
        assert f"4{sign}" in field.render(surface, screen)


def test_a_pole_is_a_gap() -> None:
    shown = run("plot", "1/x", "--over", "x=-3:3", "--orders", "0").out
    columns = [line for line in shown.splitlines() if "┊" in line]
    assert len(columns) == 20
    place = columns[0].index("┊")
    assert all(line[place] == "┊" for line in columns)


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (-10, 10, 5, ["-10", "-5", "0", "5", "10"]),
        (0, 1, 5, ["0.00", "0.25", "0.50", "0.75", "1.00"]),
        (0.4999999996, 0.5, 3, ["0.4999999996", "0.4999999998", "0.5000000000"]),
        (-1e-4, 1e-4, 5, ["-1e-4", "-5e-5", "0", "5e-5", "1e-4"]),
        (0, 2e7, 3, ["0", "1e7", "2e7"]),
        (-1, 1, 3, ["-1", "0", "1"]),
    ],
)
def test_ticks_are_round(low: float, high: float, most: int, expected: list[str]) -> None:
    assert aligned(ticks(low, high, most)) == expected
