"""Difference quotients beside the derivative: what anybody computes by hand, and what is said of it."""

from __future__ import annotations

import csv
import io
import json
import math

import numpy
import pytest

import gradcli
from gradcli.diff.data import Result
from tests.doors import QUOTIENT_SIDES as SIDES
from tests.doors import QuotientTable
from tests.support import run


def table_of(program: str, at: str, **options: object) -> QuotientTable:
    (table,) = quotients(program, at, **options).quotients
    return table


def quotients(program: str, at: str, **options: object) -> Result:
    return gradcli.differentiate(program, at, quotients=True, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(("dtype", "steps"), [("float64", 16), ("float32", 8)])
def test_they_are_what_numpy_computes(dtype: str, steps: int) -> None:
    table = table_of("x*x*x - 2*x", "x=1.5", dtype=dtype)
    number = getattr(numpy, dtype)
    x, two = number(1.5), number(2)

    def f(x: numpy.floating) -> numpy.floating:
        return x * x * x - two * x  # type: ignore[no-any-return]

    assert [row.h for row in table.rows] == [float(f"1e-{n}") for n in range(1, steps + 1)]
    for row in table.rows:
        h = number(row.h)
        assert row.forward == (f(x + h) - f(x)) / h
        assert row.backward == (f(x) - f(x - h)) / h
        assert row.central == (f(x + h) - f(x - h)) / (two * h)
        assert row.stuck == (x + h == x and x - h == x)


@pytest.mark.parametrize(
    ("program", "at", "second", "third", "value", "derivative"),
    [  # by hand
        ("x**3", 1.5, 9, 6, 3.375, 6.75),
        ("1/x", 0.25, 128, -1536, 4, -16),
        ("exp(x)", 2.0, math.exp(2), math.exp(2), math.exp(2), math.exp(2)),
        ("sin(x)", 1.0, -math.sin(1), -math.cos(1), math.sin(1), math.cos(1)),
    ],
)
def test_the_best_steps_are_near_those_of_theory(
    program: str, at: float, second: float, third: float, value: float, derivative: float
) -> None:
    table = table_of(program, f"x={at}")
    assert float(table.derivative or "nan") == pytest.approx(derivative)
    assert [float(table.second or "nan"), float(table.third or "nan")] == pytest.approx([second, third], rel=1e-5)
    best = {one.side: one for one in table.best}
    u = 2.0**-53
    forward, central = 2 * math.sqrt(u * abs(value / second)), (3 * u * abs(value / third)) ** (1 / 3)
    assert best["forward"].expected == best["backward"].expected == pytest.approx(forward)
    assert best["central"].expected == pytest.approx(central)
    for side in SIDES:
        row = next(row for row in table.rows if row.h == best[side].h)
        errors = [abs(getattr(one, side) - derivative) for one in table.rows]
        assert abs(getattr(row, side) - derivative) == pytest.approx(min(errors), rel=1e-3)
        assert getattr(row, f"{side}_digits") == best[side].digits
    # digits appear one a step, central ones two, and vanish again one a step
    digits = [row.forward_digits for row in table.rows]
    assert digits[4] - digits[0] == pytest.approx(4, abs=0.5)  # type: ignore[operator]
    assert table.rows[2].central_digits - table.rows[0].central_digits == pytest.approx(4, abs=0.5)  # type: ignore[operator]
    assert max(digits[-3:]) < 4  # type: ignore[type-var]


@pytest.mark.parametrize(
    ("program", "at", "left", "right"),
    [("relu(x)", "x=0", 0, 1), ("abs(x - 1)", "x=1", -1, 1), ("max(x, 3*x)", "x=0", 1, 3)],
)
def test_at_a_corner_each_side_has_its_own(program: str, at: str, left: float, right: float) -> None:
    result = quotients(program, at)
    (table,) = result.quotients
    assert (table.derivative, float(table.left or "nan"), float(table.right or "nan")) == (None, left, right)
    row = table.rows[0]
    assert [row.backward, row.forward] == pytest.approx([left, right])
    assert (row.central_digits, [one.side for one in table.best]) == (None, ["forward", "backward"])
    text = run("diff", program, "--at", at, "--quotients").out
    assert f"Forward quotients go to {right}, backward ones to {left}; central ones show the mean of both" in text


def test_there_is_no_best_step_where_there_is_no_derivative() -> None:
    for program, kind in (("1/x", "pole"), ("sqrt(x)", "edge"), ("sign(x)", "jump")):
        result = quotients(program, "x=0")
        assert (result.partials[0].kind, result.quotients[0].derivative, result.quotients[0].best) == (kind, None, ())


def test_they_are_held_against_the_true_derivative() -> None:
    table = table_of("(1 - cos(x))/x**2", "x=1e-3")
    assert float(table.derivative or "nan") == pytest.approx(-1e-3 / 12, rel=1e-6)  # of 1/2 - x**2/24
    assert all((row.forward_digits or 0) < 5 for row in table.rows)


def test_of_several_variables_and_outputs() -> None:
    result = quotients("[u*v, u + v**2]", "u=2,v=1")
    assert [(table.of, table.wrt, table.derivative) for table in result.quotients] == [
        ((0,), "u", "1"), ((0,), "v", "2"), ((1,), "u", "1"), ((1,), "v", "2"),
    ]  # fmt: skip
    assert [float(table.second or "nan") for table in result.quotients] == [0, 0, 0, 2]
    assert result.quotients[3].rows[0].central == pytest.approx(2)
    fixed = quotients("sum(w)**c", "w=[1,2],c=2", wrt="c")
    assert float(fixed.quotients[0].second or "nan") == pytest.approx(9 * math.log(3) ** 2, rel=1e-5)


def test_every_format_has_them() -> None:
    given = ("diff", "x*x", "--at", "x=1", "--quotients")
    rows = list(csv.DictReader(io.StringIO(run(*given, "--format", "csv").out)))
    table = table_of("x*x", "x=1")
    assert [float(row["central"]) for row in rows] == [row.central for row in table.rows]
    assert [row["derivative"] for row in rows[:1]] == [table.derivative]
    plain = [line.split() for line in run(*given, "--format", "plain").out.splitlines()]
    assert [(name, float(h), float(c)) for name, h, _, _, c in plain] == [
        ("x", one.h, one.central) for one in table.rows
    ]
    data = json.loads(run(*given, "--json").out)
    assert [row["forward"] for row in data["quotients"][0]["rows"]] == [row.forward for row in table.rows]
    latex = run(*given, "--format", "latex").out
    assert latex.count(r" \\") == len(rows) + 2
    record = json.loads(run("batch", "-", stdin='{"program": "x*x", "at": {"x": 1}, "quotients": true}').out)
    assert record["quotients"] == data["quotients"]


def test_in_a_terminal_they_fit_and_the_right_digits_are_coloured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    text = run("diff", "x*x*x", "--at", "x=1.5", "--quotients", tty=True).out
    assert "\x1b[32m6.74999\x1b[0m" in text
    plain = text.replace("\x1b[", "\0").split("\0")
    lines = "".join(piece.partition("m")[2] if place else piece for place, piece in enumerate(plain)).splitlines()
    assert max(map(len, lines)) <= 80
    assert not any("…" in line for line in lines)
