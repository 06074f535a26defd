"""One line per partial, CSV and LaTeX."""

from __future__ import annotations

import csv
import io

import gradcli
from gradcli.views.lines import CSV_FIELDS, as_csv, latex, latex_name, plain


def test_plain() -> None:
    assert plain(gradcli.differentiate("-x**2", "x=-3")) == "x 6.0\n"
    assert plain(gradcli.differentiate("u*v", "u=1,v=2")) == "u 2.0\nv 1.0\n"
    assert plain(gradcli.differentiate("x**2*y", "x=1,y=2", order=2)) == "x,x 4.0\nx,y 2.0\ny,y 0.0\n"
    assert plain(gradcli.differentiate("x**2")) == "x 2*x\n"
    assert plain(gradcli.differentiate("3 + 4")) == "7.0\n"
    assert plain(gradcli.differentiate("sqrt(x)", "x=0")) == "x inf\n"


def test_csv() -> None:
    result = gradcli.differentiate("relu(x)*y", "x=0,y=2")
    rows = list(csv.DictReader(io.StringIO(as_csv(result))))
    assert list(rows[0]) == list(CSV_FIELDS)
    assert rows[0]["wrt"] == "x"
    assert rows[0]["symbolic"] == "y*where(x > 0, 1, 0)" or rows[0]["symbolic"] == "where(x > 0, y, 0)"
    assert (rows[0]["verdict"], rows[0]["kind"], rows[0]["reference"]) == ("undefined", "corner", "")
    assert (rows[1]["autograd"], rows[1]["verdict"]) == ("0.0", "agree")


def test_latex() -> None:
    result = gradcli.differentiate("alpha*x1**2", "alpha=2,x1=3", latex=True)
    lines = latex(result).splitlines()
    assert lines[1] == (
        r"\frac{\partial f}{\partial x_{1}} = 2 \alpha x_{1} \qquad"
        r" \left.\frac{\partial f}{\partial x_{1}}\right|_{\mathrm{alpha}=2.0, x_{1}=3.0} = 12.0 % agree"
    ) or lines[1].startswith(r"\frac{\partial f}{\partial x_{1}} = 2 \alpha x_{1}")


def test_latex_of_higher_orders() -> None:
    text = latex(gradcli.differentiate("x**2*y", order=3, latex=True))
    assert r"\frac{\partial^{3} f}{\partial x^{2} \partial y} = 2" in text


def test_latex_names() -> None:
    assert latex_name("x") == "x"
    assert latex_name("x12") == "x_{12}"
    assert latex_name("θ") == r"\theta"
    assert latex_name("my_name") == r"\mathrm{my\_name}"
