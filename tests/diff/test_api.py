"""The one door: what `at` and `wrt` may be, and what is refused."""

from __future__ import annotations

import threading
from fractions import Fraction

import numpy
import pytest
import torch

import gradcli
from gradcli import GradcliError, LimitError
from gradcli.diff.data import Verdict

SEEDS = [
    ("y = m*x + c", {"x": 3, "m": 4, "c": 5}, ["x"], 17, {"x": 4}),
    ("2*x**5 + 4*x**4 + 8*x**3 + 16*x**2 + 32*x + 64", {"x": 2}, None, 384, {"x": 480}),
    ("y = x**4 + 3*x**3 + 3*x**2 + 5*x + 1", {"x": 1}, None, 13, {"x": 24}),
    ("detach(x**2)*x", {"x": 3}, None, 27, {"x": 9}),
    ("x**2", {"x": 5}, None, 25, {"x": 10}),
    ("y = x**2", {"x": 2}, None, 4, {"x": 4}),
    ("x**2 + 2*x + 1", {"x": 2}, None, 9, {"x": 6}),
    ("2*x**3 + x", {"x": 1}, None, 3, {"x": 7}),
    ("sq(i) = i**2; sq'(i) = 2*i; sq(x)", {"x": 2}, None, 4, {"x": 4}),
    ("f = u*v + u**2", {"u": 1, "v": 2}, None, 3, {"u": 4, "v": 1}),
    ("f = u*v + (u*v)**2", {"u": 2, "v": 1}, ["u"], 6, {"u": 5}),
]


@pytest.mark.parametrize(("program", "at", "wrt", "value", "gradients"), SEEDS)
def test_tutorials(
    program: str, at: dict[str, float], wrt: list[str] | None, value: float, gradients: dict[str, float]
) -> None:
    result = gradcli.differentiate(program, at, wrt=wrt)
    assert result.value == value
    assert {partial.wrt[0]: partial.autograd for partial in result.partials} == gradients
    assert {partial.wrt[0]: partial.symbolic_value for partial in result.partials} == gradients
    assert result.verdict is Verdict.AGREE


@pytest.mark.parametrize(
    "value",
    [
        2,
        2.0,
        "2",
        "4/2",
        "1 + 1",
        "sqrt(4)",
        Fraction(2),
        numpy.float32(2),
        numpy.int64(2),
        torch.tensor(2.0),
        "2e0",
        True + 1,
    ],
    ids=repr,
)
def test_values(value: object) -> None:
    assert gradcli.differentiate("x**3", {"x": value}).partials[0].autograd == 12.0


@pytest.mark.parametrize("value", [None, "two", [1, [2]], [], 1j, "x", "1/0", object(), {}])
def test_values_that_are_none(value: object) -> None:
    with pytest.raises(GradcliError):
        gradcli.differentiate("x**3", {"x": value})


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("pi/4", "0.785398163397448309615660845819875721"),
        ("sqrt(2)", "1.41421356237309504880168872420969807857"),
        ("exp(1)", "2.71828182845904523536028747135266249776"),
        ("1/3", "0.333333333333333333333333333333333333"),
        ("-1/2", "-0.5"),
        ("1e-3", "0.001"),
        ("2**-52 + 1", "1.0000000000000002220446049250313080847263336181640625"),
        ("0.1 + 0.2", "0.3"),
        ("π", "3.14159265358979323846264338327950288"),
    ],
)
def test_values_are_rounded_once(text: str, exact: str) -> None:
    assert gradcli.differentiate("x", {"x": text}).at == {"x": float(exact)}
    low = gradcli.differentiate("x", {"x": text}, dtype="float32").at
    assert low == {"x": float(numpy.float32(float(exact)))}


def test_at_as_text() -> None:
    result = gradcli.differentiate("u*v", "u=1, v=max(2, 3)")
    assert result.at == {"u": 1.0, "v": 3.0}


def test_order_of_partials() -> None:
    assert [p.wrt for p in gradcli.differentiate("b*a + c").partials] == [("b",), ("a",), ("c",)]
    assert [p.wrt for p in gradcli.differentiate("b*a + c", wrt="c,a").partials] == [("c",), ("a",)]
    assert [p.wrt for p in gradcli.differentiate("a*b", order=2).partials] == [("a", "a"), ("a", "b"), ("b", "b")]


def test_intermediates() -> None:
    result = gradcli.differentiate("y = x**2; z = y + 5; l = 3*z", {"x": 2}, wrt=["x", "y", "z"])
    assert {p.wrt[0]: (p.autograd, p.symbolic) for p in result.partials} == {
        "x": (12.0, "6*x"),
        "y": (3.0, "3"),
        "z": (3.0, "3"),
    }
    result = gradcli.differentiate("y = x**2; y*x + y**2", {"x": 2}, wrt=["y", "x"])
    assert [(p.autograd, p.symbolic, p.verdict) for p in result.partials] == [
        (10.0, "x + 2*y", Verdict.AGREE),
        (44.0, "y*(4*x + 3)", Verdict.AGREE),
    ]


def test_an_intermediate_that_no_variable_reaches() -> None:
    (partial,) = gradcli.differentiate("y = 3*2; y**2*x", {"x": 1}, wrt="y").partials
    assert (partial.autograd, partial.symbolic) == (12.0, "2*x*y")


def test_variables_that_do_not_matter() -> None:
    result = gradcli.differentiate("unused = y*2; x", {"x": 1, "y": 2})
    assert {p.wrt[0]: p.autograd for p in result.partials} == {"y": 0.0, "x": 1.0}
    result = gradcli.differentiate("x", {"x": 1}, wrt=[])
    assert result.partials == ()


def test_constants_may_be_variables() -> None:
    result = gradcli.differentiate("e*x + E", {"e": 2, "E": 5, "x": 3})
    assert result.value == 11.0
    assert {p.wrt[0]: p.autograd for p in result.partials} == {"e": 3.0, "x": 2.0, "E": 1.0}
    assert gradcli.differentiate("e**x", {"x": 1}).value == pytest.approx(2.718281828459045)
    assert gradcli.differentiate("e = 2; e*x", {"x": 3}).value == 6.0


def test_names_of_functions_may_be_variables() -> None:
    at = {"gamma": 1, "beta": 2, "I": 3, "S": 4, "N": 5, "lambda": 6, "sin": 0.5}
    result = gradcli.differentiate("gamma*beta + I*S*N + lambda + sin(sin)", at)
    assert result.verdict is Verdict.AGREE
    assert [p.wrt[0] for p in result.partials] == list(at)


@pytest.mark.parametrize("order", range(1, 7))
def test_orders(order: int) -> None:
    (partial,) = gradcli.differentiate("x**6 + exp(2*x)", {"x": 0.5}, order=order, patience=20).partials
    assert partial.verdict is Verdict.AGREE
    falling = 1.0
    for k in range(order):
        falling *= 6 - k
    assert partial.autograd == pytest.approx(falling * 0.5 ** (6 - order) + 2**order * 2.718281828459045, rel=1e-10)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_dtypes(dtype: str) -> None:
    result = gradcli.differentiate("0.1*x**2", {"x": 0.3}, dtype=dtype)
    (partial,) = result.partials
    assert partial.verdict is Verdict.AGREE
    assert partial.symbolic == "0.2*x"
    assert partial.digits is not None
    assert partial.digits <= {"float32": 7.22, "bfloat16": 2.41, "float16": 3.31}[dtype]
    kind = getattr(torch, dtype)
    assert result.at == {"x": torch.tensor(0.3, dtype=torch.float64).to(kind).item()}


@pytest.mark.parametrize(
    "options",
    [
        {"dtype": "double"}, {"order": 0}, {"order": -1}, {"digits": 0}, {"digits": 10**6}, {"patience": 0}, {"patience": -1.0},
        {"patience": float("nan")}, {"wrt": "z"}, {"wrt": ["x", "x"]}, {"device": "tpu"}, {"device": ""}, {"min_digits": float("nan")},
        {"jvp": {}},
    ],
    ids=str,
)  # fmt: skip
def test_options_that_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(GradcliError):
        gradcli.differentiate("x**2", {"x": 1}, **options)  # type: ignore[arg-type]


def test_limits() -> None:
    with pytest.raises(LimitError):
        gradcli.differentiate("x**2", {"x": 1}, order=101)
    with pytest.raises(LimitError):
        gradcli.differentiate("*".join(f"x{i}" for i in range(300)), order=2)
    with pytest.raises(LimitError):
        gradcli.differentiate(
            "f0(x) = x + x" + "".join(f"; f{i + 1}(x) = f{i}(f{i}(x))" for i in range(20)) + "; f20(y)"
        )


def test_a_derivative_that_nobody_knows() -> None:
    with pytest.raises(GradcliError, match="negative_slope"):
        gradcli.differentiate("leaky_relu(x, a)", {"x": 1, "a": 0.1})
    result = gradcli.differentiate("leaky_relu(x, a)", {"x": -1, "a": 0.1}, wrt="x")
    assert result.partials[0].autograd == 0.1


def test_threads_do_not_disturb_each_other() -> None:
    found: dict[int, str | None] = {}

    def work(n: int) -> None:
        found[n] = gradcli.differentiate(f"sin(x)**{n}", {"x": 1}, digits=10 * n).partials[0].reference

    threads = [threading.Thread(target=work, args=(n,)) for n in range(2, 8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for n, reference in found.items():
        assert reference == gradcli.differentiate(f"sin(x)**{n}", {"x": 1}, digits=10 * n).partials[0].reference


def test_the_callers_settings_stay() -> None:
    import mpmath

    with mpmath.mp.workprec(77):
        torch.set_default_dtype(torch.float32)
        gradcli.differentiate("relu(x)**2 + abs(x)", {"x": 0})
        assert mpmath.mp.prec == 77
    assert torch.get_default_dtype() is torch.float32


@pytest.mark.parametrize(
    ("program", "name"),
    [
        ("x**2", "f"),
        ("y = x**2", "y"),
        ("f*x", "g"),
        ("f(i) = i**2; f(x)", "g"),
        ("f(g) = g**2; f(x)", "g"),
        ("f(i) = i**2; g(i) = 2*f(i); g(x)", "h"),
        ("f(i) = i**2; g = f(x); g*h", "output"),
    ],
)
def test_the_output_has_a_name_that_nothing_else_has(program: str, name: str) -> None:
    assert gradcli.differentiate(program).name == name
    assert gradcli.compile(program).columns[0] == name
