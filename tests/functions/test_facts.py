"""What the rows say beside their rules, held against the libraries and the numbers."""

from __future__ import annotations

import math

import pytest
import sympy

from gradcli.diff.api import prepare, run_autograd
from tests.doors import Arithmetic, Row, construct, table

LARGE = (10**4, -(10**4), sympy.Rational(10**9, 7))
MOST_OPERATIONS = 12  # of a function of one large number: a quotient, a sign, a root of a fraction


def edges(fact: str) -> list[tuple[Row, str]]:
    """The rows of which that is said, and the declared edges of their domains."""
    return [(row, kink.at) for row in table.ROWS if getattr(row, fact) for kink in row.kinks if kink.kind == "edge"]


def call(row: Row) -> str:
    names = [parameter.name for parameter in row.parameters if not parameter.optional]
    return " ** ".join(names) if row.name == "**" else f"{row.name}({', '.join(names)})"


def test_what_is_a_sum_of_its_arguments_says_their_signs() -> None:
    assert {row.name: row.signs for row in table.ROWS if row.signs} == {
        "+": (1, 1), "-": (1, -1), "neg": (-1,), "pos": (1,),
    }  # fmt: skip


def test_steep_and_closed_rows_have_declared_edges() -> None:
    for fact in ("steep", "closed"):
        assert {row.name for row in table.ROWS if getattr(row, fact)} == {row.name for row, _ in edges(fact)}


@pytest.mark.parametrize(("row", "at"), edges("closed"), ids=lambda value: getattr(value, "name", value))
def test_a_closed_row_has_a_value_where_its_domain_ends(row: Row, at: str) -> None:
    job = prepare(call(row), at)
    arithmetic = Arithmetic()
    inputs = {name: arithmetic.number(value) for name, value in job.point.items()}
    value = arithmetic.run(job.typed, inputs)[job.typed.output]
    assert value is not None and math.isfinite(value)


@pytest.mark.parametrize(("row", "at"), edges("steep"), ids=lambda value: getattr(value, "name", value))
def test_the_slope_of_a_steep_row_is_not_finite_at_its_edge(row: Row, at: str) -> None:
    numbers = run_autograd(prepare(call(row), at, wrt=[row.parameters[0].name]))
    assert [math.isfinite(partial) for partial in numbers.partials.values()] == [False]


@pytest.mark.parametrize(
    "row", [row for row in table.ROWS if row.elementary and row.sympy and not row.truths], ids=lambda row: row.name
)
def test_sympy_keeps_an_elementary_function_of_a_large_number_short(row: Row) -> None:
    for number in LARGE:
        built = construct(row, [sympy.sympify(number)] * len(row.parameters[: row.least]))
        assert sympy.count_ops(built) <= MOST_OPERATIONS
