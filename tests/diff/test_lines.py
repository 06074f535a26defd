"""One line per partial, CSV and LaTeX."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction

import numpy as np
import pytest

import gradcli
from gradcli.diff.data import Result
from tests.diff.results import (
    EVERY,
    FORMULAS,
    JACOBIAN,
    JVP,
    MEAN,
    MIXED,
    RELU,
    TENSOR_HESSIAN,
    TENSOR_JACOBIAN,
    VJP,
    tensor,
)
from tests.doors import CSV_FIELDS, EntryTexts, WholeReference, latex_name
from tests.doors import diff_latex as latex
from tests.doors import diff_lines as lines


def plain(result: Result, summary: bool = False) -> str:
    return "".join(lines.plain(result, summary))


def as_csv(result: Result, summary: bool = False) -> str:
    return "".join(lines.as_csv(result, summary))


def as_json(result: Result, summary: bool = False) -> str:
    return "".join(lines.as_json(result, summary))


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
    assert {(row["value_digits"], row["value_verdict"]) for row in rows} == {("15.95", "agree")}
    (row,) = csv.DictReader(io.StringIO(as_csv(gradcli.differentiate("log(1+x)", "x=3e-16"))))
    assert (row["verdict"], row["value_verdict"]) == ("agree", "inaccurate")
    assert float(row["value_digits"]) < 1


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
    assert latex_name("my_name") == r"\mathrm{my}_{\mathrm{name}}"
    assert latex_name("x_1") == "x_{1}"
    assert latex_name("beta_12") == r"\beta_{12}"
    assert latex_name("theta_max") == r"\theta_{\mathrm{max}}"
    assert latex_name("T_e") == "T_{e}"
    assert latex_name("a_b_c") == r"\mathrm{a\_b\_c}"
    assert latex_name("_x") == r"\mathrm{\_x}"


PLAIN = [
    (JACOBIAN, "f[0]/u 2.0\nf[0]/v 1.0\nf[1]/u 1.0\nf[1]/v 1.0\n"),
    (TENSOR_JACOBIAN, "f[0]/x[0] 2.0\nf[0]/x[1] 0.0\nf[1]/x[0] 0.0\nf[1]/x[1] 6.25\nf[0]/u 1.0\nf[1]/u 9.765625\n"),
    (TENSOR_HESSIAN, "x[0],x[0] 2.0\nx[0],x[1] 0.0\nx[1],x[0] 0.0\nx[1],x[1] 2.0\nx[0],u 2.0\nx[1],u 4.0\nu,u 0.0\n"),
    (JVP, "J*v[0] 2.0\nJ*v[1] 4.0\n"),
    (VJP, "x[0] 2.0\nx[1] 4.0\nu 5.0\n"),
    (FORMULAS, "u Sum(x[i]**2)\nx[i] 2*u*x[i]\n"),
    (Result("A", (), at={}, value=[[1.0], [2.0]], shape=(2, 1)), "f[0,0] 1.0\nf[1,0] 2.0\n"),
]  # fmt: skip


@pytest.mark.parametrize(("result", "text"), PLAIN)
def test_plain_has_a_line_for_each_entry(result: Result, text: str) -> None:
    assert plain(result) == text


def test_plain_summary() -> None:
    assert plain(MIXED, summary=True) == (
        "c 3.0\nx 2x3, 6 entries; norm 6.08276; from 1.0 at [0,0] to 5.0 at [0,2]; mean 2.2; 1 nan; begins 1.0, 3.0, 5.0, ...\n"
    )


def rows(result: Result, summary: bool = False) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(as_csv(result, summary))))


def test_csv_has_a_row_for_each_entry() -> None:
    found = rows(MEAN)
    assert [row["index"] for row in found] == ["0,0", "0,1", "0,2", "1,0", "1,1", "1,2"]
    assert {row["symbolic"] for row in found} == {"4*(2*x[i,j] + 1)/(m*n)"}
    assert {row["symbolic_here"] for row in found} == {"2*(2*x[i,j] + 1)/3"}
    assert [row["autograd"] for row in found] == [row["reference"] for row in found]
    assert [row["digits"] for row in found] == ["", "15.7", "", "", "", ""]
    assert {row["verdict"] for row in found} == {"agree"}
    assert [(row["of"], row["wrt"], row["index"]) for row in rows(JACOBIAN)[:2]] == [("0", "u", ""), ("0", "v", "")]


def test_csv_of_entries_that_are_not_in_order() -> None:
    found = {row["index"]: row for row in rows(RELU)}
    kink = found["500"]
    assert [kink[name] for name in ("verdict", "kind", "left", "right")] == ["undefined", "corner", "0", "1"]
    assert (found["499"]["verdict"], found["0"]["verdict"]) == ("agree", "")  # the reference did not look at 0
    mixed = rows(MIXED)
    assert [row["verdict"] for row in mixed] == ["agree", "agree", "disagree", "agree", "inaccurate", "inaccurate", "undecided"]  # fmt: skip
    assert mixed[2]["reference"] == "5.0000000"


def test_csv_without_entries() -> None:
    (number, one) = rows(FORMULAS)
    assert (number["index"], one["index"], one["symbolic"]) == ("", "", "2*u*x[i]")
    (short,) = rows(MEAN, summary=True)
    assert (short["autograd"], short["index"], short["digits"], short["verdict"]) == ("", "", "15.7", "agree")


def test_json_summary() -> None:
    data = json.loads(as_json(MIXED, summary=True))
    assert data["at"] == {"c": 1.0}
    assert [("autograd" in partial, "reference" in partial) for partial in data["partials"]] == [
        (True, True),
        (False, False),
    ]
    assert data["partials"][1]["checked"]["unusual"] == 4


LATEX = [
    (
        MEAN,
        [
            r"\frac{\partial o}{\partial x_{ij}} = \frac{4 \left(2 x_{ij} + 1\right)}{m n}, \quad m = 2, n = 3 \qquad"
            r" \frac{\partial o}{\partial x} = \begin{bmatrix} 2.0 & 3.3333333333333335 & 4.666666666666667 \\"
            r" 6.0 & 7.333333333333333 & 9.333333333333334 \end{bmatrix} % agree",
            r"\frac{\partial o}{\partial x} = \frac{4}{m n} \left(2 x + 1\right)",
        ],
    ),
    (RELU, [r"\frac{\partial f}{\partial x_{i}} % undefined: corner"]),
    (
        TENSOR_JACOBIAN,
        [
            r"\frac{\partial f_{i}}{\partial x_{j}} \qquad \left.\frac{\partial f}{\partial x}\right|_{u=1.0} ="
            r" \begin{bmatrix} 2.0 & 0.0 \\ 0.0 & 6.25 \end{bmatrix} % agree",
            r"\frac{\partial f_{i}}{\partial u} \qquad \left.\frac{\partial f}{\partial u}\right|_{u=1.0} ="
            r" \begin{bmatrix} 1.0 \\ 9.765625 \end{bmatrix} % agree",
        ],
    ),
    (FORMULAS, [r"\frac{\partial f}{\partial u}", r"\frac{\partial f}{\partial x_{i}} = 2 u x_{i}"]),
]


@pytest.mark.parametrize(("result", "lines"), LATEX)
def test_latex_of_tensors(result: Result, lines: list[str]) -> None:
    assert latex(result).splitlines() == lines


@pytest.mark.parametrize(
    ("result", "position", "begin"),
    [
        (JACOBIAN, 0, r"\frac{\partial f_{0}}{\partial u} \qquad"),
        (TENSOR_HESSIAN, 0, r"\frac{\partial^{2} f}{\partial x_{i} \partial x_{j}} \qquad \left.\frac{\partial^{2} f}{\partial x^{2}}"),
        (JVP, 0, r"\left(J v\right)_{i} \qquad \left.J v\right|_{u=1.0} = "),
        (VJP, 0, r"\left(v^{\top} J\right)_{x_{i}} \qquad"),
        (Result("x", (tensor("x1", None, "1", (2, 12), indices=("i", "j1")),)), 0, r"\frac{\partial f}{\partial x_{1,i,j1}}"),
    ],
)  # fmt: skip
def test_latex_names_of_tensors(result: Result, position: int, begin: str) -> None:
    assert latex(result).splitlines()[position].startswith(begin)


@pytest.mark.parametrize("result", EVERY.values(), ids=EVERY)
def test_a_summary_has_no_matrices(result: Result) -> None:
    assert "bmatrix" not in latex(result, summary=True)
    assert len(plain(result, summary=True).splitlines()) == len(result.partials)
    assert len(rows(result, summary=True)) == len(result.partials)


def test_true_values_read_in_turn_are_those_read_one_by_one() -> None:
    limbs = [np.array([1e-5, -3.0, 0.0, 2.0]), np.array([1e-22, 1e-17, 0.0, 0.0])]
    known, drowned = np.array([True, True, True, False]), np.zeros(4, dtype=bool)
    whole = WholeReference(limbs, known, drowned, drowned, exponents=np.array([0, 70, 0, 0]))
    texts = EntryTexts(whole, {2: "own"}, range(4), 12)
    numbers = [Fraction(1e-5) + Fraction(1e-22), (Fraction(-3) + Fraction(1e-17)) * 2**70]
    found = list(texts)
    assert found == [texts[place] for place in range(4)]
    assert found[2:] == ["own", None]
    for text, number in zip(found[:2], numbers):
        assert text is not None
        assert abs(Fraction(text) - number) <= abs(number) * Fraction(1, 2 * 10**11)
    assert list(texts[1:3]) == found[1:3]
