"""Constants that were doubles: what their rounding explains is no counterexample, and anything more is one."""

import math

import pytest

import gradcli


def _pairs():
    """A constant, and the same as other code computes it: one of the two is often a decimal of few digits."""
    yield 0.3, 0.1 * 3
    yield 0.1 + 0.2, 0.3
    yield 1 / 8.5e3, 1.0 / 85 / 100
    yield 0.7 / 10, 0.07
    yield math.sqrt(0.09), 0.3
    yield 1.1 * 1.1, 1.21
    yield math.exp(math.log(0.2)), 0.2
    yield 1e-5 / 3 * 3e5, 1.0000000000000002
    for short in (0.0117647058824, 4.2e-7, 6.02214076e23, 1234.56789):
        yield short, math.nextafter(short, math.inf)
        yield math.nextafter(short, 0), short


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("one", "other"), _pairs())
def test_the_rounding_of_a_constant_is_no_counterexample(one, other):
    found = gradcli.check(lambda x: one * x**2, gradient=lambda x: 2 * other * x, modes=False)
    assert found.verdict.value in ("holds", "proved")
    wrong = gradcli.check(lambda x: one * x**2, gradient=lambda x: 2 * (other * (1 + 1e-13)) * x, modes=False)
    assert wrong.verdict.value == "false"


@pytest.mark.sampled(2)
@pytest.mark.parametrize("digits", range(1, 13))
def test_decimals_of_few_digits_may_be_rounded_too(digits):
    """Neither is written with many digits, and the product of both is not 1, but to a double."""
    short = float(f"{1 / 3:.{digits}g}")
    inverse = 1 / short
    found = gradcli.check(
        lambda x: math.sin(x * short), gradient=lambda x: math.cos(x / inverse) / inverse, modes=False
    )
    assert found.verdict.value in ("holds", "proved")


def test_programs_that_are_typed_mean_their_decimals():
    assert gradcli.check("0.3*x", "0.30000000001", modes=False).verdict.value == "false"
    assert gradcli.check("0.3*x", "3/10", modes=False).verdict.value == "proved"


def test_a_certificate_says_that_its_decimals_were_doubles():
    found = gradcli.check(lambda x: 0.7 / 10 * x, gradient=lambda x: 0.07, modes=False)
    again = gradcli.replay(found.to_json())
    assert found.doubles and not again.differences and again.check.verdict is found.verdict
