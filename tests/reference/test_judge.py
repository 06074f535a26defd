"""Each verdict, and how many digits of a number are right."""

from __future__ import annotations

import math
from decimal import Decimal, getcontext
from typing import NamedTuple

import pytest

from gradcli.diff.data import Verdict
from tests.doors import DTYPES, Finding
from tests.doors import judge_value as judge

AGREE, INACCURATE, DISAGREE = Verdict.AGREE, Verdict.INACCURATE, Verdict.DISAGREE
ALL = 15.95  # digits of a double


class Case(NamedTuple):
    number: float
    truth: str
    verdict: Verdict
    digits: float | None
    taken: str | None = "same"  # as the truth
    flat: str | None = None
    rounding: str | None = None
    dtype: str = "float64"
    least: float | None = None


CASES = [
    Case(2.0, "2.0000000000000000000", AGREE, ALL),
    Case(-2.0, "-2", AGREE, ALL),
    Case(0.1, "0.10000000000000000555", AGREE, ALL),
    Case(2.0, "-2", INACCURATE, 0.0),
    # Half of the digits do.
    Case(1.0000001, "1", INACCURATE, 7.0),
    Case(1 + 1.07e-8, "1", INACCURATE, 7.97),
    Case(1 + 1.04e-8, "1", AGREE, 7.98),
    Case(1.00000001e200, "1e200", AGREE, 8.0),
    Case(0.9, "1", INACCURATE, 1.0),
    Case(1e3, "1", INACCURATE, 0.0),
    Case(1.001, "1", INACCURATE, 3.0, dtype="float32"),
    Case(1.0002, "1", AGREE, 3.7, dtype="float32"),
    Case(1.0, "1", AGREE, 7.22, dtype="float32"),
    Case(1.125, "1", INACCURATE, 0.9, dtype="bfloat16"),
    Case(1.03125, "1", AGREE, 1.51, dtype="bfloat16"),
    Case(1.0, "1", AGREE, 3.31, dtype="float16"),
    # `least` digits do, where it is said.
    Case(1.01, "1", AGREE, 2.0, least=2),
    Case(1.0101, "1", INACCURATE, 2.0, least=2.01),
    Case(1.0 + 2**-52, "1", INACCURATE, 15.65, least=15.9),
    Case(1.0, "1", AGREE, ALL, least=15.9),
    Case(5.0, "1", AGREE, 0.0, least=0),
    # What is no finite number has no right digit.
    Case(math.nan, "1", INACCURATE, 0.0),
    Case(math.inf, "1", INACCURATE, 0.0),
    Case(math.nan, "0", INACCURATE, 0.0, flat="1"),
    Case(math.nan, "1", INACCURATE, 0.0, taken=None),
    Case(math.nan, "1", DISAGREE, 0.0, taken="0"),
    # Beyond the range of a double.
    Case(math.inf, "2.7e347", INACCURATE, 0.0),
    Case(1.7976931348623157e308, "2.7e347", INACCURATE, 0.0),
    Case(0.0, "1.5e-400", AGREE, 15.95),
    Case(5e-324, "4.9406564584124654418e-324", AGREE, ALL),
    Case(5e-324, "7.4e-324", INACCURATE, 0.48),
    Case(0.0, "3e-99999999999", AGREE, 15.95),
    Case(math.inf, "3e99999999999", INACCURATE, 0.0),
    # A derivative of 0 is held against the rounding of the value, and of what was typed; its digits are not counted.
    Case(0.0, "0", AGREE, ALL),
    Case(-0.0, "0", AGREE, ALL, flat="0"),
    Case(1e-16, "0", AGREE, None, flat="1"),
    Case(8e-16, "0", AGREE, None, flat="1"),
    Case(9e-16, "0", INACCURATE, 0.0, flat="1"),
    Case(-1e-9, "0", INACCURATE, 0.0, flat="1"),
    Case(-4398046511104.0, "0", INACCURATE, 0.0, flat="0"),
    Case(1e-13, "0", AGREE, None, flat="1e3"),
    Case(1e-300, "0", INACCURATE, 0.0, flat="0"),
    Case(1e-300, "0", INACCURATE, 0.0),
    Case(0.5, "0", DISAGREE, 0.0, taken="0.5", flat="1"),
    Case(0.0, "-2.2e-16", AGREE, None, rounding="4"),
    Case(3e-16, "-2.2e-16", AGREE, None, rounding="4"),
    Case(3e-15, "-2.2e-16", INACCURATE, 0.0, rounding="4"),
    Case(0.0, "-2.2e-15", INACCURATE, 0.0, rounding="4"),
    Case(math.nan, "-2.2e-16", INACCURATE, 0.0, rounding="4"),
    Case(1e-4, "-2.2e-5", AGREE, None, rounding="1e4", dtype="float32"),
    # What autograd takes at a kink, or what a hand-written derivative says.
    Case(0.0, "1", DISAGREE, 0.0, taken="0"),
    Case(0.5, "1", DISAGREE, 0.3, taken="0.5"),
    Case(0.0, "1", DISAGREE, 0.0, taken=None),
    Case(1.0, "1", AGREE, ALL, taken="0"),
    Case(1.0, "1", AGREE, ALL, taken=None),
    Case(0.9, "1", INACCURATE, 1.0, taken="1.0000000000001"),
    Case(0.9, "1", DISAGREE, 1.0, taken="1.00000000001"),
    Case(0.9, "1", DISAGREE, 1.0, taken="-1"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(str(part) for part in case if part is not None))
def test_verdict(case: Case) -> None:
    taken = case.truth if case.taken == "same" else case.taken
    finding = Finding(True, case.truth, taken, flat=case.flat, rounding=case.rounding, rounded=("x",))
    judgement = judge(case.number, finding, DTYPES[case.dtype], case.least)
    assert (judgement.verdict, judgement.digits) == (case.verdict, case.digits)
    assert (judgement.note is None) == (case.digits is not None)


@pytest.mark.parametrize("number", [0.0, 1.0, math.nan, math.inf])
@pytest.mark.parametrize(
    ("finding", "verdict"),
    [
        (Finding(None), Verdict.UNDECIDED),
        (Finding(None, "1", "1", note="the time was up"), Verdict.UNDECIDED),
        (Finding(False), Verdict.UNDEFINED),
        (Finding(False, taken="1", kind="corner", left="-1", right="1"), Verdict.UNDEFINED),
        (Finding(True, None), Verdict.UNDEFINED),
    ],
)
def test_without_a_truth_no_digits_are_right(number: float, finding: Finding, verdict: Verdict) -> None:
    assert judge(number, finding, DTYPES["float64"])[:2] == (verdict, None)
    assert judge(number, finding, DTYPES["float64"], 0)[:2] == (verdict, None)


def test_nan_never_agrees() -> None:
    assert judge(math.nan, Finding(True, "1", "1"), DTYPES["float64"], 0).verdict is INACCURATE


def test_the_callers_decimal_context_stays() -> None:
    getcontext().prec = 5
    try:
        assert judge(0.1, Finding(True, "0.1000000000000000055511151231", "0.1"), DTYPES["float64"]).verdict is AGREE
        assert judge(0.1, Finding(True, "0.1000002", "0.1000002"), DTYPES["float64"]).verdict is INACCURATE
        assert Decimal(1) / 3 == Decimal("0.33333")
    finally:
        getcontext().prec = 28
