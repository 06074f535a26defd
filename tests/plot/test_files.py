"""Plots as files: what is in them, and that they are the same each time."""

from __future__ import annotations

import json
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from gradcli.plot.data import Plot
from tests.plot import plot
from tests.support import run

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("kind", "over"),
    [("png", "x=-2:2"), ("svg", "x=-2:2"), ("pdf", "x=-2:2"), ("html", "x=-2:2"), ("svg", "x=-2:2:20,y=-1:1:20")],
)
def test_the_same_bytes_twice(tmp_path: Path, kind: str, over: str) -> None:
    program = "abs(x)*exp(-x**2)" if over == "x=-2:2" else "x*exp(-x**2 - y**2)"
    for name in ("one", "two"):
        outcome = run("plot", program, "--over", over, "-o", str(tmp_path / f"{name}.{kind}"))
        assert (outcome.code, outcome.out) == (0, "")
    first, second = ((tmp_path / f"{name}.{kind}").read_bytes() for name in ("one", "two"))
    assert first == second
    assert first.startswith({"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF", "html": b"<!DOCTYPE html>"}[kind])
    assert not re.search(rb"20\d\d-\d\d-\d\dT", first), "no date"
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"one.{kind}", f"two.{kind}"]


def svg_of(found: Plot) -> bytes:
    """What a notebook shows of it."""
    return (found._repr_svg_() or "").encode()


def strokes(svg: bytes, color: str) -> Iterator[str]:
    """The lines of one colour."""
    for path in ET.fromstring(svg).iter(f"{SVG}path"):
        style = path.get("style", "")
        if f"stroke: {color}" in style and "fill: none" in style and path.get("clip-path"):
            yield path.get("d", "")


@pytest.mark.parametrize(
    ("program", "ends", "count"),
    [("x**2", "-1:1", 1), ("1/x", "-1:1", 2), ("floor(x)", "-1.5:1.5", 4), ("tan(x)", "-5:5", 5)],
)
def test_there_is_a_line_for_each_piece(program: str, ends: str, count: int) -> None:
    svg = svg_of(plot(program, f"x={ends}", orders=(0,)))
    assert len(list(strokes(svg, "#2563eb"))) == count


def test_a_pole_has_an_asymptote() -> None:
    def dashed(program: str) -> int:
        svg = svg_of(plot(program, "x=-5:5", orders=(0,)))
        return sum("stroke-dasharray" in path.get("style", "") for path in ET.fromstring(svg).iter(f"{SVG}path"))

    assert (dashed("x"), dashed("1/x"), dashed("tan(x)")) == (0, 1, 4)


def test_settings_of_the_user_do_not_matter() -> None:
    import matplotlib

    found = plot("x**2", "x=-1:1")
    before = svg_of(found)
    with matplotlib.rc_context({"lines.linewidth": 9.0, "axes.facecolor": "black", "svg.hashsalt": None}):
        assert svg_of(found) == before
        assert matplotlib.rcParams["lines.linewidth"] == 9.0


class Page(HTMLParser):
    """The tags of a page, and what the script with the data holds."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.data = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] == "script":
            self.data += data


def test_the_page_is_whole_and_escaped(tmp_path: Path) -> None:
    text, path = "x**2 # </script><script>alert(1)</script> & <b> $x$ {x}", tmp_path / "plot.html"
    assert run("plot", text, "--over", "x=-1:1:5", "-o", str(path)).code == 0
    shown = path.read_text()
    parsed = Page()
    parsed.feed(shown)
    assert parsed.tags.count("script") == 1
    assert parsed.tags.count("svg") == 1
    assert "b" not in parsed.tags
    assert not re.search(r"(src|href)=[\"']https?:", shown), "nothing is fetched"
    assert json.loads(parsed.data)["program"] == text


def test_marks_of_mathematics_in_a_program_are_only_text() -> None:
    assert svg_of(plot("x**2 # $\\frac{x$", "x=-1:1:5")).startswith(b"<?xml")


@pytest.mark.sampled(2)
@pytest.mark.parametrize("program", ["x**1000", "exp(exp(x))", "1e-200*x", "1e200*x", "x*0", "1/x**9"])
def test_values_of_any_size_are_drawn(program: str) -> None:
    assert svg_of(plot(program, "x=-3:6")).startswith(b"<?xml")
    assert len(run("plot", program, "--over", "x=-3:6").out.splitlines()) > 20


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "plot.svg"
    path.write_text("old")
    assert run("plot", "x**2", "--over", "x=0:1", "--output", str(path)).code == 0
    assert path.read_text().startswith("<?xml")


@pytest.mark.parametrize("library", ["plotille", "matplotlib"])
def test_a_library_that_is_missing(library: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    rest = ["-o", str(tmp_path / "plot.svg")] if library == "matplotlib" else []
    outcome = run("plot", "x**2", "--over", "x=0:1", *rest)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == (
        f"error while drawing the plot: {library} is not installed\n"
        f"  hint: {sys.executable} -m pip install plotille matplotlib\n"
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("program", ["-x**2", "-o**2", "-o", "--output"])
def test_what_begins_with_a_minus_is_a_program(program: str, tmp_path: Path) -> None:
    path = tmp_path / "plot.svg"
    if program in ("-o", "--output"):
        outcome = run("plot", "x**2", "--over", "x=0:1", program, str(path))
    else:
        outcome = run("plot", program, "--over", f"{program[1]}=0:1:3", "--show-data", "csv")
        assert outcome.out.splitlines()[-1].startswith("1.0,-1.0,-2.0")
    assert outcome.code == 0
    assert path.exists() == (program in ("-o", "--output"))


def test_a_short_option_may_be_an_expression_behind_two_minuses() -> None:
    assert run("plot", "--over", "o=0:1:3", "--show-data", "csv", "--", "-o").out.startswith("o,f,df_do")


def test_exit_codes() -> None:
    assert run("plot", "relu(x)", "--over", "x=-1:1", "--show-data", "csv").code == 0
    assert run("plot", "relu(x) - relu(-x)", "--over", "x=-1:1", "--show-data", "csv").code == 1
    assert run("plot", "log(-1 - x**2)", "--over", "x=-1:1").code == 3
    assert run("plot", "x", "--over", "x=0:1:10**6").code == 4
