"""Derivations as text for every screen, LaTeX, Markdown, HTML and JSON, and the command that writes them."""

from __future__ import annotations

import json
import re
import sys
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

import gradcli
from gradcli import steps
from gradcli.steps.data import Derivation
from tests.doors import Screen, StepPrinter, fold_formula, parse_expression
from tests.doors import render_steps as render
from tests.doors import steps_html as html
from tests.doors import steps_latex as latex
from tests.doors import steps_markdown as markdown
from tests.steps.numbers import PATIENCE, PROGRAMS, derivation
from tests.support import run, schema, validate
from tests.tensors.test_latex import assert_sound

SCHEMA = schema("steps-1")

PRODUCT_TEXT = """\
  ∂f/∂x = ∂/∂x[x²·sin(2·x)]
        = ∂/∂x[x²]·sin(2·x) + x²·∂/∂x[sin(2·x)]   product rule
        = 2·x·sin(2·x) + 2·x²·cos(2·x)            power rule; sin(u)' = cos(u); chain rule, u = 2·x; constant factor
        = 2·x·(x·cos(2·x) + sin(2·x))             simplified

With x = 2:

  f = x²·sin(2·x) = 2²·sin(2·2) ≈ -3.027209981231713
  ∂f/∂x = 2·2·sin(2·2) + 2·2²·cos(2·2)
        = 2·2·(2·cos(2·2) + sin(2·2))
        ≈ -8.256358948140608

Each of the 3 steps was checked at 5 points to 30 digits, and by SymPy.
"""

PRODUCT_LATEX = r"""
\begin{align*}
\frac{\partial f}{\partial x} &= \frac{\partial}{\partial x}\left[x^{2} \sin\left(2 x\right)\right] \\
 &= \frac{\partial}{\partial x}\left[x^{2}\right] \cdot \sin\left(2 x\right) + x^{2} \cdot \frac{\partial}{\partial x}\left[\sin\left(2 x\right)\right] && \text{product rule} \\
 &= 2 x \sin\left(2 x\right) + 2 x^{2} \cos\left(2 x\right) && \text{power rule}\text{; }\tfrac{\partial}{\partial u} \sin\left(u\right) = \cos\left(u\right)\text{; }\text{chain rule}\text{, }u = 2 x\text{; }\text{constant factor} \\
 &= 2 x \left(x \cos\left(2 x\right) + \sin\left(2 x\right)\right) && \text{simplified}
\end{align*}

With x = 2:

\begin{align*}
f &= x^{2} \sin\left(2 x\right) \\
 &= 2^{2} \sin\left(2 \cdot 2\right) \\
 &\approx -3.027209981231713
\end{align*}

\begin{align*}
\frac{\partial f}{\partial x} &= 2 \cdot 2 \sin\left(2 \cdot 2\right) + 2 \cdot 2^{2} \cos\left(2 \cdot 2\right) \\
 &= 2 \cdot 2 \left(2 \cos\left(2 \cdot 2\right) + \sin\left(2 \cdot 2\right)\right) \\
 &\approx -8.256358948140608
\end{align*}

% Each of the 3 steps was checked at 5 points to 30 digits, and by SymPy.
"""

SQUARE_MARKDOWN = r"""
# `y = x**2; y + 1`

## $\frac{\partial f}{\partial x}$

$$
y = x^{2}
$$

$$
\begin{aligned}
\frac{\partial y}{\partial x} &= \frac{\partial}{\partial x}\left[x^{2}\right] \\
 &= 2 x && \text{power rule}
\end{aligned}
$$

$$
f = y + 1
$$

$$
\begin{aligned}
\frac{\partial f}{\partial x} &= \frac{\partial}{\partial x}\left[y + 1\right] \\
 &= \frac{\partial y}{\partial x} + \frac{\partial}{\partial x}\left[1\right] && \text{sum rule} \\
 &= \frac{\partial y}{\partial x} && \text{constant} \\
 &= 2 x && \text{put in}\text{ }\tfrac{\partial y}{\partial x} = 2 x
\end{aligned}
$$

Each of the 4 steps was checked at 5 points to 30 digits, and by SymPy.
"""


@pytest.fixture(scope="module")
def product() -> Derivation:
    return steps("x**2*sin(2*x)", "x=2", patience=PATIENCE)


def test_text_off_a_terminal(product: Derivation) -> None:
    assert render(product, Screen(None, False, True)) == PRODUCT_TEXT


def test_quiet(product: Derivation) -> None:
    assert render(product, Screen(None, False, True), quiet=True) == PRODUCT_TEXT.rpartition("\n\n")[0] + "\n"


def test_colours(product: Derivation) -> None:
    shown = render(product, Screen(None, True, True))
    assert "\x1b[2m" in shown  # reasons are dim
    assert re.sub(r"\x1b\[\d+m", "", shown) == PRODUCT_TEXT


def test_ascii(product: Derivation) -> None:
    shown = render(product, Screen(None, False, False)).splitlines()
    assert shown[0] == "  df/dx = d/dx[x**2*sin(2*x)]"
    assert shown[-3] == "        ~= -8.256358948140608"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("x**2 + x**-1 + x**10", "x**2 + x**(-1) + x**10"),
        ("sqrt(x) + √(x + 1)", "sqrt(x) + sqrt(x + 1)"),
        ("diff(x**2, x)", "d/dx[x**2]"),
        ("diff(y, x)**2/diff(y, x)", "(dy/dx)**2/(dy/dx)"),
        ("2*pi*x**y", "2*pi*x**y"),
        ("x//y*-2", "x // y*(-2)"),
        ("where(x <= 1, x, y)", "where(x <= 1, x, y)"),
    ],
)
def test_in_ascii(text: str, plain: str) -> None:
    assert StepPrinter().of(parse_expression(text, "an expression")).ascii == plain


def test_arguments_are_those_that_were_typed() -> None:
    for program in (
        "hardtanh(x)", "hardtanh(x, -1)", "hardtanh(x, -1, 1)", "hardtanh(x, -2)", "leaky_relu(x)", "elu(x, 1)",
        "softplus(x)", "npdf(x)", "npdf(x, 0)", "heaviside(x)",
    ):  # fmt: skip
        (section,) = steps(program, patience=PATIENCE).sections
        assert section.blocks[0].lines[0].formula.ascii == f"d/dx[{program}]"


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("aaaa + bbbb + cccc", 20, ["aaaa + bbbb + cccc"]),
        ("aaaa + bbbb + cccc", 14, ["aaaa + bbbb", "+ cccc"]),
        ("f(aaaa + bbbb)·cccc + d", 20, ["f(aaaa + bbbb)·cccc", "+ d"]),
        ("aaaa·bbbb·cccc", 10, ["aaaa·bbbb", "·cccc"]),
        ("aaaaaa·d/dx[bbbb]", 14, ["aaaaaa", "·d/dx[bbbb]"]),
        ("aaaa**bbbb**cccc", 12, ["aaaa**bbbb**", "cccc"]),
        ("a" * 30, 12, ["a" * 12, "a" * 12, "a" * 6]),
    ],
)
def test_folding(text: str, width: int, lines: list[str]) -> None:
    assert fold_formula(text, width) == lines


def test_latex(product: Derivation) -> None:
    assert latex(product) == PRODUCT_LATEX.lstrip("\n")


def test_markdown() -> None:
    assert markdown(steps("y = x**2; y + 1", patience=PATIENCE)) == SQUARE_MARKDOWN.lstrip("\n")


@pytest.mark.parametrize("name", ["damped", "bell", "branches", "corner", "by-intermediates", "wrong-backward"])
def test_every_format(name: str) -> None:
    found = derivation(PROGRAMS[name])
    validate(json.loads(json.dumps(found.to_dict(), allow_nan=False)), SCHEMA)
    for section in found.sections:
        assert_sound(section.title.latex)
        for line in (*section.lines, *(line for block in section.numbers for line in block.lines)):
            assert_sound(line.formula.latex)
            for rule in line.rules:
                assert_sound(rule.statement.latex if rule.statement else "")
    page = html(found)
    assert "<script" not in page
    assert not re.search(r"(src|href)=", page)
    body = page[page.index("<body>") :].removesuffix("</html>\n")
    tree = ElementTree.fromstring(body)
    assert "".join(tree.find("h1").itertext()) == found.program  # type: ignore[union-attr]
    assert markdown(found).count("$$") % 2 == 0
    assert latex(found).count(r"\begin{align*}") == latex(found).count(r"\end{align*}")


@pytest.mark.parametrize(
    ("path", "value"),
    [(("order",), 0), (("checked", "steps"), -1), (("sections", 0, "blocks", 0, "lines", 0, "sign"), "<"),
     (("sections", 0, "more"), 1), (("sections", 0, "exists"), "no"), (("more",), None)],
)  # fmt: skip
def test_the_schema_is_strict(product: Derivation, path: tuple[Any, ...], value: Any) -> None:
    data = json.loads(json.dumps(product.to_dict()))
    validate(data, SCHEMA)
    place = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        validate(data, SCHEMA)


def test_values_that_json_cannot_say() -> None:
    data = steps("exp(x)", "x=1000", patience=PATIENCE).to_dict()["sections"][0]
    assert data["value"] is None
    assert data["value_status"] == "inf"


# The command


def test_the_command() -> None:
    outcome = run("steps", "x**2*sin(2*x)", "--at", "x=2", "--patience", "60")
    assert outcome.out == PRODUCT_TEXT
    assert outcome.code == 0
    assert outcome.err == ""


def test_a_program_that_starts_with_a_minus() -> None:
    assert "-2·x" in run("steps", "-x**2").out


@pytest.mark.parametrize("name", ["latex", "markdown", "html", "json"])
def test_formats(name: str) -> None:
    outcome = run("steps", "x**2", "--at", "x=3", "--format", name)
    assert outcome.code == 0
    assert outcome.out.endswith("\n")
    assert outcome.out.strip()


def test_json_is_short_for_the_format() -> None:
    data = json.loads(run("steps", "x**2", "--json").out)
    assert data["schema"] == "gradcli.steps/1"
    assert data["sections"][0]["formula"] == "2*x"


def test_user_text_is_escaped() -> None:
    program = "where(x<1, x, 2*x) # </code><script>alert(1)</script> `$\\"
    page = run("steps", program, "--format", "html").out
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    shown = run("steps", program, "--format", "markdown").out
    assert shown.startswith("# `` where(x<1, x, 2*x) # </code><script>alert(1)</script> `$\\ ``\n")


def test_a_corner_has_an_exit_code_of_its_own() -> None:
    outcome = run("steps", "abs(x)", "--at", "x=0")
    assert outcome.code == 3
    assert "There is no derivative at this point: corner, left -1, right 1." in outcome.out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("x**2", "--format", "xml"), 'there is no format "xml"'),
        (("x**2", "--order", "two"), '--order is "two"'),
        (("x**2", "--wrt", "y"), 'the program has no name "y"'),
        (("x**", "--at", "x=1"), "error while parsing"),
        (("x**2", "--formt", "json"), "did you mean --format?"),
        (("diff(lowergamma(a, x), a)",), 'lowergamma has no derivative by its parameter "a"'),
    ],
)
def test_errors(options: tuple[str, ...], message: str) -> None:
    outcome = run("steps", *options)
    assert outcome.code == 2
    assert outcome.out == ""
    assert message in outcome.err


def test_a_page_needs_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "latex2mathml", None)
    outcome = run("steps", "x**2", "--format", "html")
    assert outcome.code == 2
    assert f"{sys.executable} -m pip install latex2mathml, or use --format markdown" in outcome.err


def test_a_program_without_variables() -> None:
    outcome = run("steps", "2 + 3")
    assert outcome.code == 0


def test_from_python() -> None:
    assert gradcli.steps("x**2").sections[0].formula == "2*x"


def test_the_precision_of_this_thread_is_left_as_it_was() -> None:
    from tests.doors import Arithmetic

    before = Arithmetic().bits
    steps("sq(i) = i**2; sq'(i) = 2*i; sq(x)", patience=PATIENCE)
    assert Arithmetic().bits == before
