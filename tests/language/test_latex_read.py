"""LaTeX that is read: what it means, what is refused with both readings, and ours and SymPy's, which come back."""

from __future__ import annotations

import json
import math
import sys
import time

import pytest
import sympy

import gradcli
from gradcli.errors import GradcliError, LimitError
from tests.doors import (
    LATEX,
    MAX_LATEX,
    Call,
    Define,
    Name,
    Printer,
    is_latex,
    parse,
    same,
    table,
    unparse,
    unparse_program,
    walk,
)
from tests.support import ROOT

READ = [
    (r"\frac{x^2}{2}", "x**2/2"),
    (r"\frac12 x^{10}", "1/2*x**10"),
    (r"-\frac{x + 1}{y}", "-(x + 1)/y"),
    (r"\dfrac{x}{y} z", "x/y*z"),
    (r"\sqrt{x^2+1} + \sqrt[3]{x} + \sqrt[n]{x}", "sqrt(x**2 + 1) + cbrt(x) + root(x, n)"),
    (r"\sin^2 x + \cos^{2}\left(x\right)", "sin(x)**2 + cos(x)**2"),
    (r"\sin 2\pi f t", "sin(2*pi*f*t)"),
    (r"\sin x \cos x", "sin(x)*cos(x)"),
    (r"\sin \cos x", "sin(cos(x))"),
    (r"\ln x^2 + \ln |x|", "log(x**2) + log(abs(x))"),
    (r"\log_2 x + \log_{10}(x) + \log_b x", "log2(x) + log10(x) + log_base(x, b)"),
    (r"e^{-x^2/2}", "exp(-x**2/2)"),
    (r"\mathrm{e}^{x} e", "exp(x)*e"),
    (r"\operatorname{erf}(x) \, \mathrm{relu}(x)", "erf(x)*relu(x)"),
    (r"\tg x + \arctg x + \sh(x)", "tan(x) + atan(x) + sinh(x)"),
    (r"\Gamma(x) + \Gamma \cdot 2", "gamma(x) + Gamma*2"),
    (r"\binom{n}{k} k!", "binomial(n, k)*k!"),
    (r"\max(x, y) - \min\left(x, y\right)", "max(x, y) - min(x, y)"),
    (r"|x| + \left|x - 1\right| + \lvert y \rvert", "abs(x) + abs(x - 1) + abs(y)"),
    (r"\left\lfloor x \right\rfloor + \lceil y \rceil", "floor(x) + ceil(y)"),
    (r"\|v\|^2 + \lVert v \rVert_1 + \left\lVert v\right\rVert_{\infty}", "norm(v)**2 + norm(v, 1) + norm(v, inf)"),
    (r"x_1 + x_{12} + x_{max} + \theta_0 + x_{\mathrm{in}}", "x1 + x12 + x_max + theta0 + x_in"),
    (r"\mathrm{loss}^2 + \hat{y} + \boldsymbol{w} + \vec{v}", "loss**2 + y_hat + w + v"),
    (r"a(b + c) \beta (1 - \beta)", "a*(b + c)*beta*(1 - beta)"),
    (r"3 \times 10^{-4} x \div 2", "3e-4*x/2"),
    (r"x \bmod 2", "x%2"),
    (r"\sin 30^\circ", "sin(deg2rad(30))"),
    (r"A^\top B + x^{\mathsf{T}}", "A.T*B + x.T"),
    (r"x[0] y \, A[0, 1]", "x[0]*y*A[0, 1]"),
    (r"\begin{cases} x & \text{if } x > 0 \\ -x & \text{otherwise} \end{cases}", "where(x > 0, x, -x)"),
    (r"\begin{cases} x^2, & x \geq 0 \\ -x, & x < 0. \end{cases}", "where(x >= 0, x**2, -x)"),
    (
        r"\begin{cases} 1 & \text{for}\: x > 1 \wedge y \ne 0 \\ x & \text{for}\: x > 0 \\ 0 & \text{otherwise} \end{cases}",
        "where(x > 1 and y != 0, 1, where(x > 0, x, 0))",
    ),
    (r"\begin{pmatrix} 1 & x \\ 3 & 4 \end{pmatrix}", "[[1, x], [3, 4]]"),
    (r"\left[\begin{matrix} x \\ y \end{matrix}\right]", "[x, y]"),
    (r"\begin{vmatrix} a & b \\ c & d \end{vmatrix}", "det([[a, b], [c, d]])"),
    (r"\sum_{i=1}^{n} x_i^2", "Sum(x[i]**2, i < n)"),
    (r"\sum_{i=0}^{n-1} (x_i - \mu)^2 + 1", "Sum((x[i] - mu)**2, i < n) + 1"),
    (r"\sum_{i=1}^{5} \frac{x^i}{i!}", "Sum(x**(i + 1)/(i + 1)!, i < 5)"),
    (r"\sum_{i=1}^{n} \sum_{j=1}^{n} A_{ij} x_i x_j", "Sum(Sum(A[i,j]*x[i]*x[j], j < n), i < n)"),
    (r"\prod_{k=2}^{4} (x + k)", "Product(x + (k + 2), k < 3)"),
    (r"\max_{i} x_i", "Max(x[i], i)"),
    (r"y = x^2 \\ z = y + 1", "y = x**2; z = y + 1"),
    (r"\begin{align} y &= x^2 \\ z &= y + 1 \end{align}", "y = x**2; z = y + 1"),
    (r"f(x) = \sin x \\ f(2y)", "f(x) = sin(x); f(2*y)"),
    (r"$x^2$", "x**2"),
    (r"\[ \frac{x}{2}. \]", "x/2"),
    (r"x^{2} y", "x**2*y"),
    (r"J_0(x) + Y_{1}(k r) + I_n(x) K_{\nu}\left(x\right)", "besselj(0, x) + bessely(1, k*r) + besseli(n, x)*besselk(nu, x)"),
    (r"J_0^2(x) + J_{1}(x)^2", "besselj(0, x)**2 + besselj(1, x)**2"),
    (r"P_n(\cos\theta) W(x)", "legendre(n, cos(theta))*lambertw(x)"),
    (r"I_{0} \left(e^{V} - 1\right)", "I0*(exp(V) - 1)"),
    (r"P_0(1 + r)^{n}", "P0*(1 + r)**n"),
    (r"\Gamma(a, x) + Ai(x)", "uppergamma(a, x) + airyai(x)"),
    (r"{n \choose k} \hbar \ell \ddot{x}", "binomial(n, k)*hbar*ell*x_ddot"),
    (r"2e3 \cdot x", "2e3*x"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "meant"), READ)
def test_what_is_read(text: str, meant: str) -> None:
    program = parse(text)
    assert unparse_program(program) == unparse_program(parse(meant))
    assert text.startswith("$") or program.is_foreign


@pytest.mark.parametrize(
    ("text", "meant", "by", "order"),
    [
        (r"\frac{d}{dx} x^2", "x**2", ("x",), 1),
        (r"\frac{d}{dx}\left(x^2 \sin x\right)", "x**2*sin(x)", ("x",), 1),
        (r"\frac{\mathrm{d}}{\mathrm{d}x} (x + 1)^2", "(x + 1)**2", ("x",), 1),
        (r"\frac{\partial^2}{\partial x \partial y} (x^2 y)", "x**2*y", ("x", "y"), 2),
        (r"\frac{d^2}{dx^2} x^3", "x**3", ("x", "x"), 2),
        (r"\frac{d (x^2)}{dx}", "x**2", ("x",), 1),
        (r"y = x^2 \\ \frac{dy}{dx}", "y = x**2; y", ("x",), 1),
        (r"f(x) = x^{2} \\ f'(3)", "f(x) = x**2; f(x)", ("x",), 1),
    ],
)
def test_derivatives(text: str, meant: str, by: tuple[str, ...], order: int) -> None:
    program = parse(text)
    assert program.asked is not None
    assert (unparse_program(program), program.asked.by, program.asked.order) == (meant, by, order)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (r"\sin^{-1}(x)", r"write \operatorname{asin}(x) for the inverse function, or \frac{1}{\sin(x)}"),
        (r"\sin x (x + 1)", r"write \sin(x (x + 1)) or \sin(x) (x + 1)"),
        (r"\sin x/2", r"write \sin(x /2) or \sin(x) /2"),
        (r"\frac{d}{dx} x^2 + x", r"write \frac{d}{dx} (x^2 + x) or (\frac{d}{dx} x^2) + x"),
        (r"\frac{x}{2} + 1/2x", "write 1/(2*x) or (1/2)*x"),
        (r"\Phi(d_1)", r"write \operatorname{ndtr}(d_1) for the function ndtr, or \Phi \cdot (d_1) for a product"),
        (r"\frac{1}{2} f(x + 1)", r"write f(x) = ... in front for a function, or f \cdot (x + 1) for a product"),
        (r"sin(x) + \frac{1}{2}", r"write \sin for the word, or s i n for a product of letters"),
        (r"\frac{Vmax}{2}", r"write \mathrm{Vmax} for the word, or V m a x for a product of letters"),
        (r"\frac{x^10}{2}", "write ^{10}, or ^1 0 as LaTeX sets it"),
        (r"\frac{x^T}{2}", r"write x^\top for the transpose; for a power, give the exponent another name"),
        (r"\frac{1}{2} x^{(n)}", r"write ^{n} for a power; a derivative is f''(x), or \frac{d}{dx}"),
        (r"2{,}5 \cdot x", "write 2.5"),
        (r"\sin x \frac{1}{2}", r"write \sin(x \frac{1}{2}) or \sin(x) \frac{1}{2}"),
        (r"\mathrm{erf} x", r"write \mathrm{erf}(x) for the function erf, or \mathrm{erf} \cdot x for a product"),
        (r"1{,}000 \cdot x", "write 1000 for thousands, 1.000 for decimals"),
        (r"2e-3 \cdot x", r"write 2 \cdot 10^{-3} for the number"),
        (
            r"\sum_{i=1}^{3} x_i - y_i",
            "put all that a sum over i is of in brackets, or give y_i another name",
        ),
        (r"\sum_{i=1}^{n} A_{2i}", "write _{2,i} for 2 indices, _{2 * i} for a product"),
        (r"x^2 \text{ for } x > 0", "leave it out, or write it as a comment: # ..."),
        (r"x \, \mathrm{d}x", r"write d for a variable; a derivative is \frac{d}{dx}, and nothing is integrated"),
        (r"A^{-\top}", r"write (A^{-1})^\top"),
        (r"= \frac{1}{2}", "leave out what it repeats"),
        (r"\sin x = y", r"write the difference of its sides: \sin x - (y)"),
        (r"C(q) \,", r"write \operatorname{fresnelc}(q) for the function fresnelc, or C \cdot (q) for a product"),
        (r"J_0'(x) \,", r"write \frac{d}{dx} J_0(x) for the derivative of besselj, or define J_0(x)"),
        (
            r"P_n^m(x) \,",
            r"write \operatorname{assoc\_legendre}(n, m, x) for the associated Legendre function, or (P_{n}(x))^{m} for a power",
        ),
        (
            r"\int_0^1 x dx",
            r"the derivative of \int_a^x f(t) \, dt by x is f(x); functions that are integrals, such as erf, Si and"
            " lowergamma, have names: `gradcli functions` lists them",
        ),
        (r"\begin{cases} x & x > 1 \\ 0 & x < 0 \end{cases}", r"write \text{otherwise} as the last condition"),
        (r"A\b", r"for the solution of a system, A\b of MATLAB, write solve(A, b)"),
    ],
)  # fmt: skip
def test_what_is_refused(text: str, hint: str) -> None:
    with pytest.raises(GradcliError) as caught:
        parse(text)
    assert caught.value.hint == hint


def test_a_comment_or_a_line_that_goes_on_is_no_latex() -> None:
    assert not is_latex("x**2 # \\frac{1}{2}") and not is_latex("x + \\\ny") and is_latex(r"\frac{1}{2}")


def test_products_of_tensors_are_those_of_matrices() -> None:
    point = {"A": [[1, 2], [3, 4]], "x": [1, 2], "b": [1, 1]}
    for text, program in [
        (r"x^\top A x", "x@A@x"),
        (r"\|A x - b\|^2", "norm(A@x - b)**2"),
        (r"x \cdot b \, ", "x@b"),
        (r"\operatorname{tr}(A^{-1} A^2)", "trace(inv(A)@A@A)"),
        (r"\operatorname{sum}(x \odot b)", "sum(x*b)"),
        (r"\operatorname{sum}(A^{\circ 2})", "sum(A**2)"),
        (r"\frac{1}{n} \sum_{i=1}^{n} (x_i - \mu)^2", "mean((x - mu)**2)"),
    ]:
        names = {name: value for name, value in {**point, "mu": 0.5}.items() if name in program.replace("sum", "")}
        ours, theirs = gradcli.differentiate(text, names), gradcli.differentiate(program, names)
        assert ours.value == pytest.approx(theirs.value, rel=1e-14)
        assert [one.verdict for one in ours.partials] == [one.verdict for one in theirs.partials]
    with pytest.raises(GradcliError, match="this product of two vectors can be read in two ways"):
        gradcli.differentiate(r"x b \,", {"x": [1, 2], "b": [1, 1]})


def test_the_library_is_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pylatexenc.latexwalker", None)
    with pytest.raises(GradcliError) as caught:
        parse(r"\frac{1}{2}")
    assert caught.value.hint is not None and "pip install pylatexenc, or write it as a program" in caught.value.hint


def test_limits() -> None:
    for text in (r"\frac" * 20_000, "{" * 70 + "x" + "}" * 70 + r"\,", r"\begin{a}" * 70, r"\frac{1}{1 +" * 100):
        start = time.process_time()
        with pytest.raises(GradcliError):
            parse(text)
        assert time.process_time() - start < 2
    with pytest.raises(LimitError):
        parse(r"\frac{1}{2}" + " + x" * (MAX_LATEX // 4))


# Ours and SymPy's


def _corpus() -> list[str]:
    found = [row.example.split(" at ")[0] for row in table.ROWS if row.example]
    for name in ("textbook", "practice"):
        lines = (ROOT / "tests" / "corpus" / f"{name}.jsonl").read_text().splitlines()
        found += [json.loads(line)["program"] for line in lines]
    return list(dict.fromkeys(found))


# What LaTeX writes like something else: floor(x/y), log(det(x)), max, and products of matrices, which their shapes tell.
LOST = {"//", "logdet", "fmax", "fmin", "@"}
COLUMNS = ("[[0], [1]]", "[[1]]")  # a column is a vector


def test_our_own_comes_back_as_the_same_tree() -> None:
    count = 0
    for text in (*_corpus(), "1e-7**x", "x*(3e200)**2"):
        try:
            program = parse(text)
        except GradcliError:
            continue  # pasted code
        tree = program.output.value
        functions = {one.name for one in program.statements if isinstance(one, Define)}
        calls = {one.function for one in walk(tree) if isinstance(one, Call)}
        exponentials = any(
            isinstance(one, Call) and one.function == "**" and isinstance(one.args[0], Name) and one.args[0].name == "e"
            for one in walk(tree)
        )
        if functions or exponentials or calls & LOST or any(column in text for column in COLUMNS):
            continue
        written = Printer(LATEX).of(tree)
        assert same(tree, parse(rf"\[{written}\]").output.value), (text, written)
        count += 1
    assert count > 350


x, y, z, n = sympy.symbols("x y z n", positive=True)
EXPRESSIONS = [
    x**2 * y / (z + 1), sympy.sqrt(x) / y, sympy.root(x, 5), sympy.sin(x) ** 2 * sympy.cos(2 * y), sympy.exp(-(x**2) / 2),
    sympy.log(x * y) / sympy.log(2), sympy.Abs(x - y), sympy.floor(x / y), sympy.ceiling(x + y), sympy.atan(x) * sympy.acos(y / 3),
    sympy.asinh(x) + sympy.acosh(x + 1), sympy.Piecewise((x**2, x > y), (sympy.sin(x), x > 1), (-x, True)), sympy.gamma(x + 1),
    sympy.erf(x) * sympy.erfc(y), sympy.Max(x, y, z), sympy.Min(x, y) ** 2, sympy.factorial(3) * x, sympy.binomial(5, 2) * x,
    (x + y) ** (z - 1), x ** (-y), -x / (-y + z), 1 / (x + 1 / (y + 1 / z)), sympy.tan(x / 2) ** -2, sympy.Rational(2, 3) * x * sympy.pi,
    sympy.Symbol("alpha", positive=True) * sympy.Symbol("x_1", positive=True) * x, sympy.sinh(x) / sympy.cosh(x), sympy.sign(x - y) * x,
    sympy.loggamma(x), sympy.sec(x) + sympy.cot(y), sympy.E**x + sympy.E, 2**x * 3**y, sympy.atan2(y, x),
    sympy.zeta(x + 2), sympy.digamma(x), sympy.Mod(x, y) + 1,
    sympy.besselj(0, x) ** 2 * y, sympy.bessely(y, x + z) - sympy.besseli(2, x * y), sympy.besselk(1, x) / sympy.besselj(x + 1, y),
    sympy.legendre(3, x - y, evaluate=False), sympy.hermite(3, x, evaluate=False), sympy.laguerre(3, x, evaluate=False), sympy.jacobi(3, 2, 1, x / 2, evaluate=False),
    sympy.assoc_laguerre(2, 1, x, evaluate=False), sympy.gegenbauer(2, 3, x, evaluate=False), sympy.chebyshevt(y, x), sympy.chebyshevu(y, x),
    sympy.LambertW(x * y) ** 2, sympy.fresnels(x) + sympy.fresnelc(y), sympy.elliptic_k(y) + sympy.elliptic_e(y), sympy.elliptic_e(x, y),
    sympy.elliptic_f(y, y / 2) * sympy.elliptic_pi(y / 2, y), sympy.elliptic_pi(y / 2, y, y), sympy.airyai(x) * sympy.airybi(y),
    sympy.airyaiprime(x) + sympy.airybiprime(y), sympy.lowergamma(3, y, evaluate=False) + sympy.uppergamma(3, y, evaluate=False), sympy.dirichlet_eta(x + 1), sympy.Heaviside(x) * y,
    sympy.expint(2, x), sympy.polylog(3, y / 2), sympy.zeta(x + 1, y),
]  # fmt: skip
AT = {"x": 1.25, "y": 0.75, "z": 2.5, "alpha": 0.5, "x1": 3.0}


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_sympys_comes_back(expression: sympy.Expr) -> None:
    written = sympy.latex(expression)
    program = parse(rf"\[{written}\]")
    names = {node.name for node in walk(program.output.value) if isinstance(node, Name)} & AT.keys()
    value = gradcli.differentiate(rf"\[{written}\]", {name: AT[name] for name in names}, reference=False).value
    places = {symbol: AT[symbol.name.replace("_", "")] for symbol in expression.free_symbols}
    assert isinstance(value, float)
    assert math.isclose(value, float(expression.subs(places).evalf(30)), rel_tol=1e-12), unparse(program.output.value)


@pytest.mark.parametrize(
    ("text", "at", "value"),
    [
        (r"\sum_i a_i \cdot x_i \cdot y_i", "a=[1,2],x=[3,4],y=[5,6]", 63.0),  # by entries, and not (a·x)*y
        (r"\sum_{i=1}^{n} w_i x_i^2", "w=[1,2],x=[3,4]", 41.0),
        (r"-\sum_i p_i \log p_i", "p=[1,1]", 0.0),
        (r"\sum_i |x_i|^2", "x=[3,-4]", 25.0),
        (r"\sum_{ij} A_{ij} B_{ij}", "A=[[1,2],[3,4]],B=[[1,1],[1,2]]", 14.0),
        (r"\sum_i \sum_j x_i A_{ij} x_j", "A=[[1,2],[3,4]],x=[1,2]", 27.0),
        (r"\max(0, 1 - y\,w^\top x)", "y=1,w=[1/4,1/4],x=[1,1]", 0.5),  # \, is a space, and no comma
        (r"\min(a\,b, 7)", "a=2,b=3", 6.0),
        (r"a w^\top M x", "a=2,w=[1,2],x=[1,1],M=[[1,2],[3,4]]", 34.0),
    ],
)
def test_sums_over_an_index_are_by_entries_and_thin_spaces_are_spaces(text: str, at: str, value: float) -> None:
    assert gradcli.differentiate(text, at).value == pytest.approx(value)
