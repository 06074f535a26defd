"""LaTeX of the derivatives of tensors: with indices, and of whole tensors."""

from __future__ import annotations

import re

import pytest

import gradcli
from gradcli.diff.data import Partial
from tests.doors import DTYPES, LATEX, IndexTree, MatrixAlgebra, NoMatrix, Printer, names_of, parse, parse_expression
from tests.doors import matrix_named as named
from tests.tensors.identities import IDENTITIES
from tests.tensors.identity import Identity
from tests.tensors.test_matrix_form import AT, FORMS

WHOLE = (
    ("r = A@x - b; r@r", "x", r"2 A^{\top} r"),
    ("x@S@x", "x", r"\left(S + S^{\top}\right) x"),
    ("x@S@x", "S", r"x x^{\top}"),
    ("trace(A.T@M@B)", "M", r"A B^{\top}"),
    ("log(det(S))", "S", r"S^{-\top}"),
    ("det(S)", "S", r"\det\left(S\right) S^{-\top}"),
    ("logdet(S + t*M3)", "S", r"\left(S + t M_{3}\right)^{-\top}"),
    ("y = S + S.T; logdet(y)", "S", r"y^{-1} + y^{-\top}"),
    ("x@inv(S)@y", "S", r"-S^{-\top} x \left(S^{-1} y\right)^{\top}"),
    ("sum(inv(S))", "S", r"-S^{-\top} \mathbf{1} \mathbf{1}^{\top} S^{-\top}"),
    ("norm(x)", "x", r"\frac{x}{\left\lVert x \right\rVert}"),
    ("norm(A)", "A", r"\frac{A}{\left\lVert A \right\rVert_{F}}"),
    ("x/norm(x)", "x", r"\frac{\left(x^{\top} x\right) I - x x^{\top}}{\left\lVert x \right\rVert^{3}}"),
    ("sum(x)**2", "x", r"2 \left(\mathbf{1}^{\top} x\right) \mathbf{1}"),
    ("sum(sum(A, dim=0)**2)", "A", r"2 \mathbf{1} \mathbf{1}^{\top} A"),
    ("logsumexp(x)", "x", r"\operatorname{softmax}\left(x\right)"),
    ("sum(tanh(A@x)**2)", "A",
     r"2 \left(\tanh\left(A x\right) \odot \left(\mathbf{1} - \tanh\left(A x\right)^{\circ 2}\right)\right) x^{\top}"),
    ("mean((x - mean(x))**2)", "x", r"\frac{2}{3} \left(x - \operatorname{mean}\left(x\right) \mathbf{1}\right)"),
    ("tanh(x)", "x", r"\operatorname{diag}\left(\mathbf{1} - \tanh\left(x\right)^{\circ 2}\right)"),
    ("trace(S)**2", "S", r"2 \operatorname{tr}\left(S\right) I"),
    ("cross_entropy(A@x, 1)", "A", r"\left(\operatorname{softmax}\left(A x\right) - e[1]\right) x^{\top}"),
    ("cross_entropy(S, [1, 0, 1])", "S",
     r"\frac{\operatorname{softmax}_{\mathrm{dim}=1}\left(S\right) - \operatorname{one\_hot}\left("
     r"\begin{bmatrix} 1 \\ 0 \\ 1 \end{bmatrix}, 3\right)}{3}"),
    ("cross_entropy(A@x, 1)", "x", r"A^{\top} \operatorname{softmax}\left(A x\right) - A[1, :]"),
    ("sum(A[:,1]*b)", "b", "A[:, 1]"),
    ("sum(where(x > y, x*y, x))", "x", r"\begin{cases}y & \text{if } x > y \\ 1 & \text{otherwise}\end{cases}"),
    ("mean(relu(A@x))", "x",
     r"\frac{A^{\top} \left(\begin{cases}1 & \text{if } A x > 0 \\ 0 & \text{otherwise}\end{cases}\right)}{4}"),
    ("sum((A@S + x)**2)", "S", r"2 A^{\top} \left(A S + \mathbf{1} x^{\top}\right)"),
    ("sum(sorted(A, dim=0)*B)", "B", r"\operatorname{sorted}_{\mathrm{dim}=0}\left(A\right)"),
    ("sum(sorted(x)*y)", "y", r"\operatorname{sorted}\left(x\right)"),
    ("sum(x*y)", "x", "y"),
    ("sum(x*x*y)", "x", r"2 x \odot y"),
    ("sum(x/y)", "y", r"-x \oslash y^{\circ 2}"),
    ("sum(1/x)", "x", r"-x^{\circ \left(-2\right)}"),
    ("sum(x**3)", "x", r"3 x^{\circ 2}"),
    ("sum(x**t)", "x", r"t x^{\circ \left(t - 1\right)}"),
    ("sum(sqrt(x*x + 1))", "x", r"x \oslash \sqrt{x^{\circ 2} + \mathbf{1}}"),
    ("-sum(x*log(x))", "x", r"-\log\left(x\right) - \mathbf{1}"),
    ("sum(abs(x)*y)", "y", r"\left|x\right|"),
    ("sum(pi*x)", "x", r"\pi \mathbf{1}"),
    ("1e-7*x@x", "x", r"2 \cdot 10^{-7} x"),
    ("exp(-x@S@x/2)", "x", r"-\frac{e^{-\frac{x^{\top} S x}{2}}}{2} \left(S + S^{\top}\right) x"),
    ("x[0]*x[1]", "x", r"\begin{bmatrix} x[1] \\ x[0] \\ 0 \end{bmatrix}"),
    ("t*norm(α1)*norm(beta)", "beta", r"\frac{t \left\lVert \alpha_{1} \right\rVert}{\left\lVert \beta \right\rVert} \beta"),
    ("logdet(S + [[1,0,0],[0,1,0],[0,0,1]])", "S",
     r"\left(S + \begin{bmatrix} 1 & 0 & 0 \\ 0 & 1 & 0 \\ 0 & 0 & 1 \end{bmatrix}\right)^{-\top}"),
)  # fmt: skip

ENTRIES = (
    ("A@x", "x", "A_{ij}"),
    ("x", "x", r"\delta_{ij}"),
    ("sum(A[0]*x)", "A", r"\delta_{i,0} x_{j}"),
    ("log(det(S))", "S", r"\left(S^{-1}\right)_{ji}"),
    ("norm(x)", "x", r"\frac{x_{i}}{\sqrt{\sum_{j=0}^{n - 1} x_{j}^{2}}}"),
    ("(x@y)**3", "y", r"3 x_{i} \left(\sum_{j=0}^{n - 1} x_{j} y_{j}\right)^{2}"),
    ("x@M3@y", "M3", "x_{i} y_{j}"),
    ("x@M3", "x", "M_{3,ji}"),
    ("sum(pi*x + 0.1*x)", "x", r"0.1 + \pi"),
    ("-sum(x*log(x))", "x", r"-\log\left(x_{i}\right) - 1"),
    ("max(x)", "x",
     r"\begin{cases}1 & \text{if } x_{i} = \max_{0 \leq j < n} x_{j} \\ 0 & \text{otherwise}\end{cases}"),
    ("prod(x)", "x", r"\prod_{j \neq i} x_{j}"),
    ("sum((x - y)**2*b[0])", "x", r"2 \left(x_{i} - y_{i}\right) \cdot b[0]"),
    ("sum(x)*sum(y)*t", "t", r"\left(\sum_{i=0}^{m - 1} x_{i}\right) \cdot \sum_{i=0}^{n - 1} y_{i}"),
    ("α1*norm(beta)**2", "beta", r"2 \alpha_{1} \beta_{i}"),
)  # fmt: skip

MORE = {"α1": [3, 4], "beta": [1, 2]}


def derivative(program: str, wrt: str) -> Partial:
    at = {name: {**AT, **MORE}.get(name) for name in names_of(parse(program)).variables}
    if program.startswith("α1"):
        at["α1"] = 2
    (partial,) = gradcli.differentiate(program, at=at, wrt=[wrt], reference=False, latex=True).partials
    return partial


@pytest.mark.parametrize(("program", "wrt", "text"), WHOLE)
def test_of_whole_tensors(program: str, wrt: str, text: str) -> None:
    partial = derivative(program, wrt)
    assert partial.matrix_latex == text
    assert_sound(text)


@pytest.mark.parametrize(("program", "wrt", "text"), ENTRIES)
def test_with_indices(program: str, wrt: str, text: str) -> None:
    partial = derivative(program, wrt)
    assert partial.latex == text
    assert_sound(text)


def test_only_where_it_is_asked_for() -> None:
    (partial,) = gradcli.differentiate("x@x", at={"x": [1, 2]}, reference=False).partials
    assert partial.matrix == "2*x"
    assert partial.matrix_latex is None


@pytest.mark.parametrize("text", ["M12", "x[0]", "x % 2", "sum(x, dim=0)", "x > 1", "A*x", "x + A"])
def test_names_that_are_not_read(text: str) -> None:
    with pytest.raises(NoMatrix):
        named(parse_expression(text, "a name"), {"x": 1, "A": 2})


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("inv(A.T@B)", r"\left(A^{\top} B\right)^{-1}"),
        ("A - 2*B", "A - 2 B"),
        ("-A/t", r"-\frac{A}{t}"),
        ("A*B**2", r"A \odot B^{\circ 2}"),
        ("det(t*t*A)", r"\det\left(\left(t t\right) A\right)"),
        ("sum(x)*norm(x)", r"\left(\mathbf{1}^{\top} x\right) \left\lVert x \right\rVert"),
        ("diag(x) + diag(diag(A))", r"\operatorname{diag}\left(x\right) + \operatorname{diag}\left(\operatorname{diag}\left(A\right)\right)"),
        ("A@x*2", "2 A x"),
        ("x/t - t", r"\frac{x}{t} - t \mathbf{1}"),
        ("(A + 1)@B", r"\left(A + \mathbf{1} \mathbf{1}^{\top}\right) B"),
        ("t**x", r"t^{\circ x}"),
        ("tanh(pi*A)", r"\tanh\left(\pi A\right)"),
    ],
)  # fmt: skip
def test_names_of_what_is_computed(text: str, latex: str) -> None:
    ranks = {"A": 2, "B": 2, "x": 1, "t": 0}
    algebra = MatrixAlgebra(lambda value: value, IndexTree(DTYPES["float64"]).of, ranks)
    assert Printer(LATEX).of(algebra.of(named(parse_expression(text, "a name"), ranks))) == latex


# Whether LaTeX can set it

TOKEN = re.compile(
    r"\\(?:left|right)(?:\\[a-zA-Z]+|[()|.\[\]])|\\(?:begin|end)\{\w+\}|\\[a-zA-Z]+|\\.|[{}^_]|[^\\{}^_]"
)


def assert_sound(latex: str) -> None:
    """Braces, brackets and environments in pairs, one index and one exponent each, no comment."""
    assert "".join(TOKEN.findall(latex)) == latex
    stack: list[tuple[str, str]] = []  # what closes it, and what it is the argument of
    scripts: list[set[str]] = [set()]  # of what came last, at each level
    pending = ""
    for token in filter(str.strip, TOKEN.findall(latex)):
        if token in "^_":
            assert not pending
            assert token not in scripts[-1], f"two of {token} in {latex}"
            pending = token
            continue
        if token == "{" or token.startswith((r"\left", r"\begin")):
            closing = (
                "}" if token == "{" else r"\right" if token.startswith(r"\left") else token.replace("begin", "end")
            )
            stack.append((closing, pending))
            scripts.append(set())
            pending = ""
            continue
        if token == "}" or token.startswith((r"\right", r"\end")):
            assert stack, latex
            closing, script = stack.pop()
            assert token == closing or (closing == r"\right" and token.startswith(closing)), latex
            scripts.pop()
            scripts[-1] = {*scripts[-1], script} if script else set()
            continue
        assert token != "%", latex
        scripts[-1] = {*scripts[-1], pending} if pending else set()
        pending = ""
    assert not stack
    assert not pending


@pytest.mark.parametrize("text", ["{", r"\left(x", r"\left(x}", "x^{2}^{3}", "x%", r"\begin{cases}", "x}", "x^"])
def test_what_is_not_sound(text: str) -> None:
    with pytest.raises(AssertionError):
        assert_sound(text)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("identity", IDENTITIES, ids=lambda one: one.name)
def test_identities_can_be_set(identity: Identity) -> None:
    at = {name: value.tolist() for name, value in identity.values().items()}
    found = gradcli.differentiate(
        identity.program, at=at, wrt=[identity.wrt], order=identity.order, reference=False, latex=True
    )
    for partial in found.partials:
        assert (partial.latex is None) == (partial.symbolic is None)
        assert (partial.matrix_latex is None) == (partial.matrix is None)
        for text in filter(None, (partial.latex, partial.matrix_latex)):
            assert_sound(text)
            assert not set("*@") & set(text)


def test_every_form_has_one() -> None:
    for program, wrt, text in FORMS[::5] + tuple(one for one in FORMS if "sorted" in str(one[2])):
        assert (derivative(program, wrt).matrix_latex is None) == (text is None)
