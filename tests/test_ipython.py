"""Notebooks: what answers show of themselves, and the magics, over a shell that keeps what is registered."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

import pytest

import gradcli
from tests.support import run


class Shell:
    """As much of IPython's shell as an extension needs."""

    def __init__(self) -> None:
        self.magics: dict[tuple[str, str], Any] = {}
        self.magics_manager = self

    def register_magic_function(self, function: Any, kind: str, name: str) -> None:
        self.magics[kind, name] = function


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is displayed."""
    found: list[Any] = []
    module = ModuleType("IPython.display")
    module.display = found.append  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    return found


def test_a_bar_in_a_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    """A piece of the page that is drawn again, where it is wanted and there is a kernel; the answers are the same."""
    drawn: list[Any] = []

    class Handle:
        def update(self, data: Any, raw: bool) -> None:
            drawn.append(data)

    def display(data: Any, raw: bool, display_id: bool) -> Handle:
        drawn.append(data)
        return Handle()

    class Notebook:
        kernel = None

    python, module = ModuleType("IPython"), ModuleType("IPython.display")
    python.get_ipython, module.display = Notebook, display  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", python)
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    found = list(gradcli.batch(["x**2", "x**", "x**3"], workers=1, progress=True))
    assert [one["id"] for one in found] == [1, 2, 3]
    assert drawn[0]["text/html"].startswith('<progress value="0" max="3"></progress> 0 of 3 lines, ')
    assert drawn[-1]["text/html"].startswith('<progress value="3" max="3"></progress> 3 lines, ')
    del drawn[:]
    assert next(iter(gradcli.batch(iter(["x"]), workers=1, progress=True)))["id"] == 1
    assert [one["text/plain"].partition(",")[0] for one in (drawn[0], drawn[-1])] == ["0 lines", "1 line"]


@pytest.fixture
def magics() -> dict[tuple[str, str], Any]:
    shell = Shell()
    gradcli.load_ipython_extension(shell)  # type: ignore[attr-defined]
    return shell.magics


def test_the_public_names_are_what_dir_shows() -> None:
    assert dir(gradcli) == sorted(gradcli.__all__)
    assert not hasattr(gradcli, "load_extension")


def test_diff_is_the_answer_with_latex(magics: dict[tuple[str, str], Any]) -> None:
    diff = magics["line", "diff"]
    found = diff("x**2*y --at x=3,y=4 --wrt x")
    assert [one.autograd for one in found.partials] == [24.0]
    assert found._repr_latex_() == "$$\\begin{aligned}\n\\frac{\\partial f}{\\partial x} &= 2 x y\n\\end{aligned}$$"
    assert diff("'x**2 + 1' --at x=1").partials[0].symbolic == "2*x"


def test_diff_of_another_format_is_its_text(
    magics: dict[tuple[str, str], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert magics["line", "diff"]('"x^2" --at x=1 --format plain') is None
    assert capsys.readouterr().out == "x 2.0\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "there is no program"),
        ("x +* 2", "    x +* 2\n       ^"),
        ("x --at x=", "in --at:"),
        ("x --nonsense", "there is no option --nonsense"),
        ("x --order many", '--order is "many"'),
    ],
)
def test_an_error_is_told_without_a_traceback(
    line: str, said: str, magics: dict[tuple[str, str], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert magics["line", "diff"](line) is None
    assert said in capsys.readouterr().err


def test_a_cell_is_lines_of_the_shell(
    magics: dict[tuple[str, str], Any], shown: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    cell = magics["cell", "gradcli"]
    cell("", "x = 3\nsq(t) = t**2\nsq(x)*(x +\n1)\n:latex")
    assert [one.autograd for one in shown[-1].partials] == [33.0]
    out = capsys.readouterr().out
    assert "x = 3" in out and r"\frac{\partial f}{\partial x}" in out
    cell("", "sq(x)")  # what a cell before has defined
    assert shown[-1].value == 9.0
    cell("", ":nothing")
    assert 'there is no command ":nothing"' in capsys.readouterr().out


HOSTILE = "<script>alert(1)</script>&\"'\x1b[31m\u202e"


def test_what_is_shown_is_well_formed_and_safe() -> None:
    result = gradcli.differentiate("[x**2*y, abs(x)]", {"x": 0, "y": 2}, latex=True)
    text = result._repr_html_()
    ElementTree.fromstring(text)
    assert "undefined: corner" in text and "<script" not in text
    from dataclasses import replace

    nasty = replace(result, name=HOSTILE, notes=(HOSTILE,))
    page = nasty._repr_html_()
    ElementTree.fromstring(page)
    assert "<script" not in page and "\x1b" not in page and "\u202e" not in page


def test_tensors_and_other_answers() -> None:
    assert "matrix form: 2*x" in gradcli.differentiate("sum(x**2)", {"x": [1, 2, 3]})._repr_html_()
    for answer in (
        gradcli.taylor("exp(x)", {"x": 0}), gradcli.implicit("x**2 + y**2 = 1", "y", at={"x": 0.6, "y": 0.8}),
        gradcli.extrema("x**2", "x=-1:1"), gradcli.check("x**2", "2*x"), gradcli.code("x**2", "c"),
        gradcli.propagate("x*y", {"x": "2+-0.1", "y": 3}), gradcli.descend("x**2", "x=1", steps=2),
    ):  # fmt: skip
        text = answer._repr_html_()
        ElementTree.fromstring(text)
        assert str(answer).splitlines()[0].strip() in "".join(ElementTree.fromstring(text).itertext())


def test_pictures() -> None:
    graph, plot = gradcli.graph("x**2", {"x": 1}), gradcli.plot("x**2", "x=0:1")
    assert "<svg" in graph._repr_svg_() and graph._repr_html_ is None
    assert "<svg" in str(plot._repr_svg_())
    assert "PowBackward0" in str(graph) and "∂f/∂x = 2*x" in str(plot)


def test_an_answer_prints_the_table_of_its_command() -> None:
    descent, budget = (
        gradcli.descend("x**2", "x=1", steps=2),
        gradcli.propagate("x*y", {"x": "2+-0.1", "y": 3}, samples=0),
    )
    for answer, command in (
        (descent, ("descend", "x**2", "--at", "x=1", "--steps", "2")),
        (budget, ("propagate", "x*y", "--at", "x=2+-0.1,y=3", "--samples", "0")),
    ):
        shown = run(*command).out
        assert str(answer) == shown.rstrip()


@pytest.mark.skipif(importlib.util.find_spec("IPython") is None, reason="IPython is not installed")
def test_in_ipython() -> None:
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    shell.run_line_magic("load_ext", "gradcli")
    assert shell.run_line_magic("diff", "x**2 --at x=3").partials[0].autograd == 6.0
    formatted, _ = shell.display_formatter.format(gradcli.differentiate("x**2", {"x": 3}))
    assert "autograd" in formatted["text/plain"] and "<table>" in formatted["text/html"]
