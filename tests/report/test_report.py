"""Reports: every part or a sentence in its place, one file that loads and runs nothing, whatever the program holds."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import gradcli
from tests.support import run


def parts(page: str) -> dict[str, str]:
    """What stands below each heading of the page."""
    pieces = re.split(r"<h2>(\w+)</h2>", page)
    return {"": pieces[0], **dict(zip(pieces[1::2], pieces[2::2]))}


def pictures(page: str) -> list[str]:
    return [base64.b64decode(one).decode() for one in re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', page)]


@pytest.fixture(scope="module")
def page() -> str:
    return gradcli.report("x**2*sin(x*y)", {"x": 2, "y": 1}).to_html()


def test_every_part(page: str) -> None:
    found = parts(page)
    assert list(found) == ["", "Derivatives", "Derivation", "Graph", "Plot"]
    assert 'class="verdict"' in found[""] and ">agree</p>" in found[""]
    assert "1.972602361" in found["Derivatives"]
    assert "product rule" in found["Derivation"]
    graph, plot = pictures(page)
    assert "SinBackward0" in graph and "prefers-color-scheme: dark" in graph
    assert plot.count("<path") > 5
    assert "<li>Autograd is right" in found["Plot"]


def test_it_is_well_formed_and_loads_nothing(page: str) -> None:
    body = page[page.index("<body>") : page.index("</html>")].strip()
    ElementTree.fromstring(body)
    assert "<script" not in page and "javascript:" not in page
    assert not re.findall(r'(?:src|href)="(?!data:image/svg)', page)
    assert "default-src 'none'" in page
    assert "color-scheme: light dark" in page


@pytest.mark.parametrize(
    "nasty", ["<script>alert(1)</script>", "</pre><img src=x onerror=alert(1)>", "\x1b[31m\u202e&\"'<!--"]
)
def test_what_a_program_holds_is_text(nasty: str) -> None:
    page = gradcli.report(f"x**2 # {nasty}", {"x": 1}).to_html()
    ElementTree.fromstring(page[page.index("<body>") : page.index("</html>")].strip())
    whole = page + "".join(pictures(page))
    assert "<script>" not in whole and "<img src=x" not in whole and "\x1b" not in whole and "\u202e" not in whole
    assert len(pictures(page)) == 2


@pytest.mark.parametrize(
    ("program", "at", "missing"),
    [
        ("x**2", None, {"graph": "there is no point"}),
        ("mean(x**2)", {"x": [1.0, 2.0]}, {"plot": "no variable is a number"}),
        ("mean(x**2)*k", {"x": [1.0, 2.0], "k": 2.0}, None),
    ],
)
def test_what_cannot_be_has_a_sentence(program: str, at: Any, missing: dict[str, str] | None) -> None:
    found = gradcli.report(program, at)
    if missing is not None:
        assert dict(found.missing) == missing
    for name, why in found.missing.items():
        assert f"None: {why}" in parts(found.to_html())[name.capitalize()]


def test_the_command(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    done = run("report", "abs(x)", "--at", "x=0", "-o", str(file))
    assert (done.code, done.out, done.err) == (3, "", "")
    assert "undefined: corner" in file.read_text()
    told = run("report", "x*2", "--at", "x=0", "--over", "x=0:1", "-o", str(file), tty=True)
    assert told.code == 0 and f"{file} is written" in " ".join(told.err.split())
    assert run("report", "x +", "-o", str(file)).code == 2
    assert run("report", "x**2", "--at", "x=1").out.startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("command", "name", "begins"),
    [
        ("graph", "g.svg", "<svg"), ("graph", "g.dot", "digraph"), ("graph", "g.json", "{"), ("graph", "g.txt", "f = 4.0"),
        ("steps", "s.md", ""), ("steps", "s.tex", "\\"), ("steps", "s.html", "<!doctype"), ("steps", "s.json", "{"),
    ],
)  # fmt: skip
def test_graphs_and_derivations_are_files_by_their_suffix(command: str, name: str, begins: str, tmp_path: Path) -> None:
    done = run(command, "x**2", "--at", "x=2", "-o", str(tmp_path / name))
    assert (done.code, done.out, done.err) == (0, "", "")
    text = (tmp_path / name).read_text()
    assert text.startswith(begins) and len(text) > 30


def test_a_suffix_that_says_nothing() -> None:
    done = run("graph", "x**2", "--at", "x=2", "-o", "graph.gif")
    assert done.code == 2
    assert "expected: one of .svg, .dot, .gv, .mmd, .json, .txt, or --format" in done.err
