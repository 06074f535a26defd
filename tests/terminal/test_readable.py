"""What is shown of numbers: few digits, none that is not right, and what differs is told apart."""

from __future__ import annotations

import math

import pytest

from gradcli.diff.data import Partial, Verdict
from tests.doors import both_readable as both
from tests.doors import judged, readable
from tests.support import run


@pytest.mark.parametrize(
    ("value", "precision", "right", "text"),
    [
        (0.6123724356957946, None, 15.9, "0.6123724357"),
        (0.6123724, None, 7.2, "0.6123724"),
        (0.6123724834, None, 7.2, "0.6123725"),
        (2.703125, None, 2.4, "2.7"),
        (0.5, None, 0.3, "0.5"),
        (3.0, None, 15.9, "3.0"),
        (1307674368000.0, None, 15.9, "1307674368000.0"),
        (1307674368000.5, None, 15.9, "1.307674368e+12"),
        (1307674368000.0, 3, 15.9, "1.31e+12"),
        (12345.678, 3, None, "1.23e+04"),
        (999.9999, 3, None, "1e+03"),
        (1 / 3, 17, 7.0, "0.3333333333333333"),
        (1 / 3, 40, None, "0.3333333333333333"),
        (1.7e-300 / 3, None, None, "5.666666667e-301"),
        (-0.0, None, None, "-0.0"),
        (math.inf, 3, None, "inf"),
        (math.nan, None, 0.0, "nan"),
        (None, None, None, "none"),
    ],
)
def test_digits(value: float | None, precision: int | None, right: float | None, text: str) -> None:
    assert readable(value, precision, right) == text


@pytest.mark.parametrize(
    ("value", "verdict", "digits", "text"),
    [
        (1.2345678901, Verdict.AGREE, 15.9, "1.23456789"),
        (1.2345678901, Verdict.AGREE, 8.9, "1.2345679"),
        (1.2345678901, Verdict.INACCURATE, 3.2, "1.2346"),
        (2000128.0, Verdict.INACCURATE, 3.1, "2000128.0"),
        (6.123233995736766e-17, Verdict.AGREE, None, "6.12e-17"),
        (0.0, Verdict.AGREE, None, "0.0"),
        (0.3535533905932738, Verdict.DISAGREE, 0.0, "0.3535533906"),
    ],
)
def test_what_is_believed_of_a_number_is_shown_of_it(
    value: float, verdict: Verdict, digits: float | None, text: str
) -> None:
    assert judged(value, verdict, digits) == text


@pytest.mark.parametrize("verdict", [Verdict.INACCURATE, Verdict.DISAGREE])
def test_two_numbers_of_which_one_is_wrong_are_told_apart(verdict: Verdict) -> None:
    first, second = both(Partial(("x",), 1.2345678901234, symbolic_value=1.2345678901299, digits=11.3, verdict=verdict))
    assert first != second
    first, second = both(
        Partial(("x",), 1.2345678901234, symbolic_value=1.2345678901299, digits=11.3, verdict=verdict), 3
    )
    assert first != second


def test_the_option() -> None:
    shown = run("diff", "sqrt(x)", "--at", "x=1/3", "--precision", "3").out
    assert "f = 0.577   at x = 0.333" in shown
    assert "0.866  " in shown
    assert (
        "slope 0 on the left and 0.333 on the right" in run("diff", "relu(x)/3", "--at", "x=0", "--precision", "3").out
    )
    refused = run("diff", "sqrt(x)", "--at", "x=1/3", "--precision", "0")
    assert (refused.code, refused.out) == (2, "")
    assert "expected: a whole number of digits, at least 1" in refused.err


def test_what_programs_read_keeps_all_digits() -> None:
    for form in ("json", "plain", "csv"):
        assert "0.8660254037844387" in run("diff", "sqrt(x)", "--at", "x=1/3", "--precision", "3", "--format", form).out
