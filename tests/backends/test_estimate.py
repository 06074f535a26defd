"""What has no enclosure is estimated by mpmath, and says so; no row of the table is left to that."""

from __future__ import annotations

from dataclasses import replace

import mpmath
import pytest
from flint import arb

from tests.doors import MAX_ESTIMATE_BITS as MAX_BITS
from tests.doors import (
    BallEvaluator,
    Primitive,
    Row,
    Tape,
    Uncertain,
    enclosure,
    estimate,
    is_enclosed,
    precision,
    table,
)
from tests.doors import ball_call as call

MP = mpmath.MPContext()
MP.dps = 200


def without(name: str) -> Row:
    return replace(table.BY_NAME[name], arb=None, definition=None)


def test_every_row_is_enclosed() -> None:
    evaluated = [row for row in table.ROWS if row.shape is None and row.reads is None and not row.unpacks]
    rows = [row for row in evaluated if row.name not in ("[:]", "...", "None")]
    assert [row.name for row in rows if not is_enclosed(row)] == []


@pytest.mark.parametrize(("name", "x"), [("erf", 0.3), ("gamma", 4.5), ("airyai", -3.25), ("log", 7.0), ("Ei", 2.0)])
def test_an_estimate_contains_the_value(name: str, x: float) -> None:
    row = without(name)
    assert not is_enclosed(row)
    with precision(128):
        ball = enclosure(row)(arb(x))
        assert ball.contains(arb(getattr(MP, row.mp if isinstance(row.mp, str) else name)(MP.mpf(x))))
        assert ball.rel_accuracy_bits() > 100


def test_an_estimate_is_as_wide_as_its_argument() -> None:
    with precision(128):
        ball = estimate(without("exp"), [arb(1, 1e-6)])
        assert ball.contains(arb(1 + 9e-7).exp())
        assert ball.contains(arb(1 - 9e-7).exp())


def test_an_estimate_knows_where_there_is_no_value() -> None:
    with precision(128):
        assert estimate(without("log"), [arb(-1)]) is None
        with pytest.raises(Uncertain):
            estimate(without("log"), [arb(0, 1e-3)])


def test_no_estimate_takes_longer_than_its_bits_allow() -> None:
    with precision(2 * MAX_BITS), pytest.raises(Uncertain):
        estimate(without("erf"), [arb(1)])


def test_an_estimated_operation_stays_one_among_others() -> None:
    tape = Tape()
    x = tape.input("x")
    tape.output = tape.append(Primitive(row=without("erf"), args=(x,)))
    with precision(128):
        (_, value) = BallEvaluator(tape).run({"x": arb(0.5)})
        assert value.contains(arb(MP.erf(MP.mpf("0.5"))))
        assert call(without("log"), [arb(-2)]) is None


def test_a_value_that_has_drowned_is_not_exact() -> None:
    drowned = replace(without("erf"), mp=lambda m, x: 1 - m.erf(x))
    with precision(128):
        near_one = estimate(without("erf"), [arb(100)])
        assert near_one.contains(1) and not near_one.is_exact()
        with pytest.raises(Uncertain):
            estimate(drowned, [arb(100)])
        with pytest.raises(Uncertain):
            estimate(drowned, [arb(100, 1e-9)])


def test_a_short_value_that_moves_with_its_arguments_is_exact() -> None:
    with precision(128):
        assert estimate(without("gamma"), [arb(5)]) == 24
        assert estimate(without("besselj"), [arb(1), arb(0)]) == 0
        assert not estimate(without("gamma"), [arb(5, 2.0**-1000)]).is_exact()  # what is exact is held to be constant


def test_nothing_is_said_of_a_function_that_turns_within_the_ball() -> None:
    with precision(128):
        bent = estimate(without("cos"), [arb(0, 0.5)])
        assert all(bent.contains(arb(x).cos()) for x in (0, 0.1, 0.25, 0.49))
        for middle, radius in ((0.3, 40), (1.1, 11), (100, 7)):
            with pytest.raises(Uncertain):
                estimate(without("sin"), [arb(middle, radius)])
