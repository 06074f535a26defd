"""Derivatives as on paper, sums over an index, formulas of Excel: what is read, and that it prints as a program."""

from __future__ import annotations

import builtins
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import gradcli
from gradcli.errors import GradcliError
from tests.doors import Program, parse, same, unparse, unparse_program
from tests.doors import parts as parts_of
from tests.language.test_latex_read import READ as LATEX_READ
from tests.language.test_readings import READ as PAPER_READ

# The program, by what it is to be differentiated, how often, and where.
ASKED = [
    ("f(x) = x^2 + 3x; f'(3)", "f(x) = x**2 + 3*x; f(x)", ("x",), 1, {"x": "3"}),
    ("f(x) = x^3; f''(pi/2)", "f(x) = x**3; f(x)", ("x", "x"), 2, {"x": "pi/2"}),
    ("f(x) = x^2; f'(x)", "f(x) = x**2; f(x)", ("x",), 1, {}),
    ("f(x) = x^2; f(3)", "f(x) = x**2; f(x)", ("x",), 1, {"x": "3"}),
    ("f(x, y) = x*y; f(2, -3)", "f(x, y) = x*y; f(x, y)", ("x", "y"), 1, {"x": "2", "y": "-3"}),
    ("f(x) = x^3; df/dx", "f(x) = x**3; f(x)", ("x",), 1, {}),
    ("f(t) = t**2; f'", "f(t) = t**2; f(t)", ("t",), 1, {}),
    ("d/dx (x^2)", "x**2", ("x",), 1, {}),
    ("d/dx x^2 sin(x)", "x**2*sin(x)", ("x",), 1, {}),
    ("d/dx [x^2]", "x**2", ("x",), 1, {}),
    ("d^2/dx^2 (x^3*y)", "x**3*y", ("x", "x"), 2, {}),
    ("d²/dx² (x^3)", "x**3", ("x", "x"), 2, {}),
    ("∂/∂x (x^2*y)", "x**2*y", ("x",), 1, {}),
    ("∂²/∂x∂y (x*y)", "x*y", ("x", "y"), 2, {}),
    ("y = a*x^2; dy/dx", "y = a*x**2; y", ("x",), 1, {}),
    ("y = a*x^2; ∂²y/∂x∂a", "y = a*x**2; y", ("x", "a"), 2, {}),
    ("y = x^2; y'", "y = x**2; y", (), 1, {}),
]


@pytest.mark.parametrize(("text", "meant", "by", "order", "place"), ASKED)
def test_what_is_asked(text: str, meant: str, by: tuple[str, ...], order: int, place: dict[str, str]) -> None:
    program = parse(text)
    assert program.is_foreign and program.asked is not None and unparse_program(program) == meant
    assert (program.asked.by, program.asked.order) == (by, order)
    assert {name: unparse(value) for name, value in program.asked.point.items()} == place
    assert not parse(meant).is_foreign or meant.endswith(")")


INSIDE = [
    ("x*d/dx (x^2) + 1", "x*diff(x**2, x) + 1"),
    ("f(x) = x^2; f''(y)*2", "f(x) = x**2; diff(f(y), y, 2)*2"),
    ("f(x) = x^2; y*f'(3)", "f(x) = x**2; x0 = 3; y*diff(f(x0), x0)"),
    ("f(x) = x^3; f'(2*y)", "f(x) = x**3; f_prime(x) = diff(f(x), x); f_prime(2*y)"),
    ("y = d/dx (x^2); y*2", "y = diff(x**2, x); y*2"),
]
SUMS = [
    ("Sum(x[i]**2, i)", "Sum(x[i]**2, i)"),
    ("Σ(A[i,j]*x[j], i, j)", "Sum(Sum(A[i, j]*x[j], j), i)"),
    ("Product(x[i], i != 0) + Max(x[i], i) - Min(x[i], i < 2)", "Product(x[i], i != 0) + Max(x[i], i) - Min(x[i], i < 2)"),
    ("Sum(δ(i, j)*x[i]*x[j], i, j)", "Sum(Sum(delta(i, j)*x[i]*x[j], j), i)"),
]  # fmt: skip
EXCEL = [
    ("=A1*EXP(-B1)", "A1*exp(-B1)"),
    ("= $A$1^2 + rate*aa12", "A1**2 + rate*AA12"),
    ("=LOG(A1) + LOG(A1,2) + LN(B1)", "log10(A1) + log_base(A1, 2) + log(B1)"),
    ("=SUM(A1:B2, 2*C1)/COUNT(A1:A3)", "(A1 + B1 + A2 + B2 + 2*C1)/3"),
    ("=AVERAGE(A1:A3)*PI()", "(A1 + A2 + A3)/3*pi"),
    ("=IF(AND(A1>0, B1<>2), POWER(A1,2), -A1)", "where(A1 > 0 and B1 != 2, A1**2, -A1)"),
    ("=IF(NOT(A1>0), MOD(A1,3), INT(A1))", "where(not A1 > 0, A1%3, floor(A1))"),
    ("=SUMPRODUCT(A1:A2,B1:B2) + SUMSQ(A1:A2)", "A1*B1 + A2*B2 + (A1**2 + A2**2)"),
    ("=ATAN2(A1,B1)", "atan2(B1, A1)"),
    ("=NORM.S.DIST(A1,TRUE) + NORM.S.DIST(A1,FALSE)", "ndtr(A1) + npdf(A1)"),
    ("=MAX(A1:A3) - MIN(A1, 2)", "max(A1, A2, A3) - min(A1, 2)"),
    ("=3-A1^2*A1^-2", "3 - A1**2*A1**(-2)"),
    ("=sqrt(a1)", "sqrt(A1)"),
]


@pytest.mark.parametrize(("text", "meant"), [*INSIDE, *SUMS, *EXCEL])
def test_what_is_read(text: str, meant: str) -> None:
    program = parse(text)
    assert program.is_foreign and unparse_program(program) == unparse_program(parse(meant))


def _same(one: Program, other: Program) -> bool:
    pairs = list(zip(one.statements, other.statements))
    return len(one.statements) == len(other.statements) and all(
        type(a) is type(b) and len(parts_of(a)) == len(parts_of(b)) and all(map(same, parts_of(a), parts_of(b)))
        for a, b in pairs
    )


ALL = [
    *(one[0] for one in ASKED), *(one[0] for one in (*INSIDE, *SUMS, *EXCEL)),
    *(one[0] for one in LATEX_READ), *(one[0] for one in PAPER_READ),
]  # fmt: skip


@pytest.mark.parametrize("text", ALL)
def test_whatever_is_read_prints_as_a_program_that_parses_to_the_same_tree(text: str) -> None:
    program = parse(text)
    shown = unparse_program(program)
    assert _same(program, parse(shown)), shown


@pytest.mark.parametrize(
    ("text", "point", "shown"),
    [
        ("Sum(x[i]**2, i)", {"x": [1.0, 2.0]}, "sum(x**2)"),
        ("Sum(A[i,j]*x[j], i, j)", {"A": [[1.0, 2.0], [3.0, 4.0]], "x": [1.0, 2.0]}, "sum(A[0]*x) + sum(A[1]*x)"),
        ("Sum(A[i,0], i)", {"A": [[1.0, 2.0], [3.0, 4.0]]}, "sum(A[:, 0])"),
        ("Product(x[j], j != 1)", {"x": [1.0, 2.0, 3.0]}, "x[0]*x[2]"),
        ("Sum(x[i]*x[i + 1], i < 2)", {"x": [1.0, 2.0, 3.0]}, "x[0]*x[1] + x[1]*x[2]"),
        ("y = A@x; Sum(y[i], i)", {"A": [[1.0, 2.0]], "x": [1.0, 2.0]}, "y = A@x; sum(y)"),
        ("Sum(delta(i, 1)*x[i], i)", {"x": [1.0, 2.0]}, "0*x[0] + 1*x[1]"),
        ("Sum(x**k, k < 3)", {"x": 2.0}, "x**0 + x**1 + x**2"),
    ],
)
def test_sums_are_operations_on_whole_tensors_or_written_out(text: str, point: dict[str, object], shown: str) -> None:
    assert gradcli.differentiate(text, point).notes[0] == f"read as {shown}"


CLAIMS = [
    ("y = x^2", "dy/dx = 2*x", True),
    ("y = x^2", "y' = 2x", True),
    ("y = x^2", "df/dx = 2x", True),
    ("x^2", "dy/dx = 3*x", False),
    ("f(x) = x^2", "f'(x) = 2x", True),
    ("f(x) = x^3", "f''(x) = 6x", True),
    ("x^2*y", "∂²f/∂x∂y = 2*x", True),
    ("x^2*y", "d2f/dx2 = 2*y", True),
    ("x^2*y", "∂f/∂x = 2*x*y", True),
    (r"\frac{x^2}{y}", r"\frac{\partial f}{\partial x} = \frac{2x}{y}", True),
    ("d/dx (x^2*a)", "2*a*x", True),
]


@pytest.mark.parametrize(("program", "claim", "holds"), CLAIMS)
def test_claims(program: str, claim: str, holds: bool) -> None:
    checked = gradcli.check(program, claim)
    assert (checked.findings[0].verdict.value == "false") is not holds


@pytest.mark.parametrize(
    ("program", "claim", "shape"),
    [
        ("sum(x**2)", "∂f/∂x[i] = 2*x[i]", {"x": 3}),
        ("A@x", "∂f[i]/∂A[j,k] = delta(i, j)*x[k]", {"A": (2, 2), "x": 2}),
        ("x@A@x", "∂f/∂x[i] = Sum((A[i,j] + A[j,i])*x[j], j)", {"A": (2, 2), "x": 2}),
        ("prod(x)", "∂f/∂x[i] = Product(x[j], j != i)", {"x": 3}),
        (r"\sum_{i=1}^{n} (x_i - \mu)^2", r"\frac{\partial f}{\partial x_i} = 2(x_i - \mu)", {"x": 3}),
    ],
)
def test_claims_about_entries(program: str, claim: str, shape: dict[str, object]) -> None:
    checked = gradcli.check(program, claim, shape=shape)
    assert checked.findings[0].verdict.value in ("proved", "holds")
    wrong = gradcli.check(program, claim.replace(" = ", " = x[0] + ", 1), shape=shape)
    assert wrong.findings[0].verdict.value == "false"


# Texts that nobody wrote

PIECES = [
    "x", "y", "f", "A", "1", "2.5", "(", ")", "[", "]", "{", "}", "^", "_", "+", "-", "*", "/", "=", ",", ";", "'", "|",
    "\\frac", "\\sqrt", "\\left", "\\right", "\\sin", "\\log", "\\sum", "\\prod", "\\cdot", "\\alpha", "\\begin{cases}",
    "\\end{cases}", "\\begin{pmatrix}", "\\end{pmatrix}", "\\\\", "&", "\\partial", "\\text{if }", "\\operatorname{erf}",
    "\\mathrm{d}", "_{i=1}^{n}", "x_i", "^{2}", "\\top", "$", "!", "d/dx", "∂", "Sum(", "delta(", "f'(", "f(x)=", "i",
    "=A1", "SUM(A1:B2)", "EXP(", "IF(", "%", "<", "\\le", "\\|", "__import__('os')", "canary(1)", "eval(", " ", "\n",
]  # fmt: skip


CHANGES = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 3), st.sampled_from(["", *PIECES])), min_size=1, max_size=3
)


def _changed(text: str, changes: list[tuple[float, int, str]]) -> str:
    for place, count, piece in changes:
        start = int(place * len(text))
        text = text[:start] + piece + text[start + count :]
    return text


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.one_of(
        st.lists(st.sampled_from(PIECES), max_size=14).map("".join),
        st.builds(_changed, st.sampled_from(ALL), CHANGES),
    )
)
def test_any_text_is_read_or_refused(text: str) -> None:
    executed: list[str] = []
    builtins.canary = lambda *_: executed.append(text)  # type: ignore[attr-defined]
    start = time.process_time()
    try:
        program = parse(text)
    except GradcliError as error:
        assert error.stage and error.message
        assert error.span is None or 0 <= error.span.start <= error.span.end <= len(text) + 1
    else:
        assert _same(program, parse(unparse_program(program)))
    finally:
        del builtins.canary  # type: ignore[attr-defined]
    assert time.process_time() - start < 2 and executed == []
