"""hyper, and elliptic integrals by the number of their arguments: against mpmath and published values."""

import mpmath
import pytest

import gradcli
from gradcli import GradcliError, Verdict

CASES = [
    ([], [], 0.75), ([0.5], [], 0.4), ([], [1.5], -2.0), ([], [1.5, 2.0], 3.0), ([], [1.5, 2.0, 0.75], -3.0),
    ([0.5], [1.25], 2.0), ([0.5], [1.25, 2.0], -4.0), ([0.5], [1.25, 2.0, 3.0], 5.0), ([0.5, 1.0], [1.5], -0.75),
    ([0.5, 1.0], [1.5, 2.5], -3.0), ([0.5, 1.0], [1.5, 2.5, 0.5], 4.0), ([0.5, 1.0, 1.25], [1.5, 2.5], 0.6),
    ([0.5, 1.0, 1.25], [1.5, 2.5, 0.75], -2.0), ([0.5, 1.0, 1.25, 2.0], [1.5, 2.5, 0.75], -0.5),
]  # fmt: skip


@pytest.mark.parametrize(("above", "below", "x"), CASES)
def test_value_and_slopes(above, below, x):
    text = f"hyper({above}, {below}, x)"
    with mpmath.workdps(40):
        value = mpmath.hyper(above, below, mpmath.mpf(x))
        slopes = [mpmath.diff(lambda t: mpmath.hyper(above, below, t), mpmath.mpf(x), n) for n in (1, 2)]
    for order, slope in enumerate(slopes, 1):
        result = gradcli.differentiate(text, at={"x": x}, order=order)
        assert result.verdict is Verdict.AGREE
        assert result.value == pytest.approx(float(value), rel=1e-12)
        assert float(result.partials[0].reference) == pytest.approx(float(slope), rel=1e-12)


def test_published_values():
    """3F2(1/2, 1/2, 1/2; 1, 3/2; x) and Catalan's constant: 3F2(1/2, 1/2, 1; 3/2, 3/2; 1/4)... by 2F1 and by series."""
    apery = gradcli.differentiate("x*hyper([1, 1, 1], [2, 2], x)", at={"x": 0.5}).value
    assert apery == pytest.approx(0.5822405264650125), "the dilogarithm of 1/2: pi**2/12 - log(2)**2/2 (DLMF 25.12.6)"
    bessel = gradcli.differentiate("hyper([], [1], -x**2/4)", at={"x": 2.4048255576957728})
    assert abs(bessel.value) < 1e-15, "the first zero of J0 (DLMF 10.21)"


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("elliptic_e(a, b)", "ellipeinc(a, b)"), ("ellipe(a, b)", "ellipeinc(a, b)"), ("elliptic_e(b)", "ellipe(b)"),
        ("elliptic_f(a, b)", "ellipf(a, b)"), ("elliptic_pi(b, c)", "ellippi(b, c)"),
        ("elliptic_pi(b, a, c)", "ellippiinc(b, a, c)"), ("ellippi(b, a, c)", "ellippiinc(b, a, c)"),
    ],
)  # fmt: skip
def test_elliptic_integrals_by_their_arguments(text, same):
    at = {"a": 1.1, "b": 0.3, "c": 0.6}
    names = [name for name in at if f"{name}" in text.partition("(")[2]]
    here = {name: at[name] for name in names}
    one, other = (gradcli.differentiate(program, at=here) for program in (text, same))
    assert one.verdict is Verdict.AGREE and one.value == other.value
    assert [p.reference for p in one.partials] == [p.reference for p in other.partials]
    name, _, rest = text.partition("(")
    function = {"elliptic_e": mpmath.ellipe, "ellipe": mpmath.ellipe, "elliptic_f": mpmath.ellipf}.get(
        name, mpmath.ellippi
    )
    values = [at[letter] for letter in rest.rstrip(")").split(", ")]
    assert one.value == pytest.approx(float(function(*values)), rel=1e-13)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hyper(x, [1], 2)", "takes a list"),
        ("hyper([1], x, 2)", "takes a list"),
        ("hyper([1, 1, 1], [1], x)", "3F1"),
        ("hyper([1], [2])", 'needs "x"'),
        ("meijerg([[1], []], [[2], []], x)", "no function"),
        ("elliptic_e(1, 2, x)", "3 arguments"),
    ],
)
def test_refusals(text, says):
    with pytest.raises(GradcliError, match=says):
        gradcli.differentiate(text, at={"x": 0.5})
