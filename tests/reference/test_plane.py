"""Real programs that pass through the complex plane: values, derivatives, cuts, and what the option says where it is off."""

import cmath
import math
from fractions import Fraction

import mpmath
import pytest
import torch

import gradcli
from gradcli import GradcliError, Verdict
from tests.doors import table
from tests.support import ROOT

WORDS = "sqrt log exp sin cos tan cot csc sec asin acos atan sinh cosh tanh asinh acosh atanh".split()
CORPUS = [
    tuple(part.strip() for part in line.split(";"))
    for line in (ROOT / "tests" / "corpus" / "antiderivatives.txt").read_text().splitlines()
    if not line.startswith("#")
]
IN_PLANE = [row for row in table.ROWS if row.plane is not None]


def by_mpmath(text, **values):
    """A text of the corpus, in mpmath's complex numbers: no code of the package takes part."""
    names = {name: getattr(mpmath, name) for name in WORDS}
    return eval(text.replace("^", "**"), {"__builtins__": {}, **names, **values})


def test_the_corpus_is_large_enough():
    assert len(CORPUS) >= 60


@pytest.mark.parametrize(("x", "integrand", "antiderivative"), CORPUS, ids=[one[2] for one in CORPUS])
def test_an_antiderivative_is_answered(x, integrand, antiderivative):
    with mpmath.workdps(40):
        truth = by_mpmath(integrand, x=mpmath.mpf(x))
        value = by_mpmath(antiderivative, x=mpmath.mpc(x))
    result = gradcli.differentiate(antiderivative, at={"x": float(x)}, complex=True)
    (partial,) = result.partials
    assert (result.verdict, partial.verdict, partial.proof) == (Verdict.AGREE, Verdict.AGREE, "enclosed")
    assert float(partial.reference) == pytest.approx(float(truth.real), rel=1e-9), "decimals are doubles in programs"
    assert partial.symbolic is not None and partial.symbolic_holds is not False
    assert complex(result.value, result.value_imaginary) == pytest.approx(complex(value), rel=1e-7, abs=1e-9)


def test_most_formulas_hold_in_the_plane():
    held = sum(
        gradcli.differentiate(text, at={"x": float(x)}, complex=True).partials[0].symbolic_holds is True
        for x, _, text in CORPUS[:30]
    )
    assert held == 30


@pytest.mark.parametrize(("x", "integrand", "antiderivative"), CORPUS[:6])
def test_without_the_option_it_is_named(x, integrand, antiderivative):
    (partial,) = gradcli.differentiate(antiderivative, at={"x": float(x)}).partials
    assert partial.verdict is Verdict.UNDEFINED and "--complex" in partial.note


REAL = {"sqrt": -2.5, "rsqrt": -2.5, "log": -2.5, "log2": -2.5, "log10": -2.5, "log1p": -2.5, "asin": 2.5, "acos": 2.5,
        "acosh": -0.5, "atanh": 2.5, "asec": 0.4, "acsc": 0.4, "acoth": 0.4, "asech": 2.5}  # fmt: skip


@pytest.mark.parametrize("row", IN_PLANE, ids=lambda row: row.name)
@pytest.mark.parametrize("place", [0, 1])
def test_a_row_takes_the_same_branch_everywhere(row, place):
    """Values and slopes of the real part by torch and by the reference, on cuts and off them, against mpmath."""
    arguments = [parameter.name for parameter in row.parameters if not parameter.optional]
    if not table.is_function_name(row.name) or len(arguments) != 1 or row.name in ("neg", "pos"):
        pytest.skip("an operator")
    x = REAL.get(row.name, -0.7)
    inner = "x" if place == 0 else "(x - 0.3 + 0.6*sqrt(-1 - x**2))"
    result = gradcli.differentiate(f"{row.name}({inner})", at={"x": x}, complex=True)
    own = {"rsqrt": lambda z: 1 / mpmath.sqrt(z), "square": lambda z: z**2, "reciprocal": lambda z: 1 / z,
           "exp2": lambda z: 2**z, "exp10": lambda z: 10**z, "log2": lambda z: mpmath.log(z) / mpmath.log(2),
           "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z))}  # fmt: skip
    function = own.get(row.name) or getattr(mpmath, row.name)
    with mpmath.workdps(30):

        def f(t):
            return function(t if place == 0 else t - mpmath.mpf(0.3) + mpmath.mpf(0.6) * mpmath.sqrt(-1 - t**2))

        value, slope = f(mpmath.mpc(x)), mpmath.diff(f, mpmath.mpf(x))
    assert complex(result.value, result.value_imaginary) == pytest.approx(complex(value), rel=1e-9, abs=1e-12)
    assert result.value_verdict is Verdict.AGREE
    (partial,) = result.partials
    assert partial.autograd == pytest.approx(float(slope.real), rel=1e-7, abs=1e-12)
    if abs(slope.imag) > 1e-12 * abs(slope):
        assert (partial.verdict, partial.kind) == (Verdict.UNDEFINED, "not real")
    else:
        assert partial.verdict is Verdict.AGREE


@pytest.mark.parametrize(
    ("program", "at", "value", "slope"),
    [
        ("sqrt(x - 2)**2", {"x": 1}, -1, 1),
        ("log(-x)", {"x": 2}, complex(math.log(2), math.pi), 0.5),
        ("atanh(sqrt(1 + x))", {"x": 3}, cmath.atanh(complex(2, -0.0)), -1 / 12),
        ("acosh(x)**2", {"x": 0.5}, cmath.acosh(0.5) ** 2, 2 * cmath.acosh(0.5).imag / math.sqrt(0.75)),
        ("((x - 2)**(1/2))**6", {"x": 1}, -1, 3),
        ("abs(x)*sqrt(-x)**2", {"x": 3}, -9, -6),
        ("where(x > 0, log(-x), x)", {"x": 2}, complex(math.log(2), math.pi), 0.5),
        ("s(t) = sqrt(t); s(-x)*s(-x)", {"x": 2}, -2, -1),
        ("exp(log(-x)/2)**2", {"x": 2}, -2, -1),
    ],
)
def test_values_and_slopes(program, at, value, slope):
    result = gradcli.differentiate(program, at=at, complex=True)
    assert complex(result.value, result.value_imaginary) == pytest.approx(value, abs=1e-12)
    assert result.verdict is Verdict.AGREE and float(result.partials[0].reference) == pytest.approx(slope)


@pytest.mark.parametrize(
    ("program", "x", "kind"),
    [
        ("sqrt(x)", -1, "not real"),
        ("log(sqrt(-1)*x - 2)", 0, "jump"),  # across the cut
        ("sqrt(sqrt(-1)*x - 4)", 0, "jump"),
        ("log(x)", 0, "pole"),
        ("x**0.5", 0, "corner"),
        ("abs(x)*sqrt(-1)**2", 0, "corner"),
        ("atan(x*sqrt(-1))", 1, "pole"),
    ],
)
def test_no_derivative(program, x, kind):
    (partial,) = gradcli.differentiate(program, at={"x": x}, complex=True).partials
    assert (partial.verdict, partial.kind) == (Verdict.UNDEFINED, kind)


def test_a_branch_point_may_be_smooth():
    """i*x**(3/2) right of 0, and |x|**(3/2) left of it."""
    (partial,) = gradcli.differentiate("sqrt(x)**3*sqrt(-1)", at={"x": 0}, complex=True).partials
    assert partial.reference == "0" and partial.verdict is Verdict.INACCURATE, "autograd has 0*inf"


@pytest.mark.parametrize("order", [2, 3])
def test_higher_orders(order):
    result = gradcli.differentiate("log(-x)", at={"x": 2}, order=order, complex=True)
    assert result.verdict is Verdict.AGREE
    assert float(result.partials[0].reference) == pytest.approx({2: -0.25, 3: 0.25}[order])


def test_float32_runs_in_complex64():
    result = gradcli.differentiate("log(x - 2)", at={"x": 0.5}, dtype="float32", complex=True)
    assert result.verdict is Verdict.AGREE and result.value_imaginary == float(torch.tensor(math.pi))


@pytest.mark.parametrize(
    ("program", "options", "says"),
    [
        ("sum(x)", {"at": {"x": [1.0, -2.0]}}, "tensors"),
        ("y = sqrt(x); y**2", {"at": {"x": -1.0}, "wrt": "y"}, "variables"),
        ("sqrt(x)", {"at": {"x": -1.0}, "dtype": "float16"}, "float16"),
        ("abs(sqrt(x) + 1)", {"at": {"x": -1.0}}, "real numbers"),
        ("max(sqrt(x), 0)", {"at": {"x": -1.0}}, "real numbers"),
        ("sqrt(x)", {"at": {"x": 1j}}, "not a number"),
    ],
)
def test_what_is_refused(program, options, says):
    with pytest.raises(GradcliError, match=says):
        gradcli.differentiate(program, complex=True, **options)


@pytest.mark.parametrize("program", ["x**3 - sin(x)", "exp(x)/x", "log(x)*sqrt(x)", "atan(x) + tanh(x)", "relu(x)*x"])
def test_real_programs_have_the_same_answers(program):
    plain = gradcli.differentiate(program, at={"x": Fraction(5, 4)})
    other = gradcli.differentiate(program, at={"x": Fraction(5, 4)}, complex=True)
    assert other.value_imaginary == 0 and other.value == pytest.approx(plain.value, rel=1e-14)
    assert other.partials[0].reference[:19] == plain.partials[0].reference[:19]
    assert other.verdict is plain.verdict is Verdict.AGREE
