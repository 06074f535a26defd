"""What no engine here runs: LaTeX is parsed by a library, and Excel's formula is read by a small evaluator of LET."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import pytest
from latex2mathml.converter import convert

import gradcli
from tests.code.programs import FORMULAS, Formula
from tests.code.running import flat, python_function

EXCEL = {
    "POWER": lambda x, y: x**y, "IF": lambda c, a, b: a if c else b, "AND": lambda *all_: all(all_), "NOT": lambda x: not x,
    "LN": math.log, "PI": lambda: math.pi, "ATAN2": lambda x, y: math.atan2(y, x), "INT": math.floor,
    "SIGN": lambda x: (x > 0) - (x < 0), "ERF.PRECISE": math.erf, "ERFC.PRECISE": math.erfc,
    "NORM.S.DIST": lambda x, cumulative: math.erfc(-x / math.sqrt(2)) / 2, "HSTACK": lambda *all_: list(all_),
    **{name.upper(): getattr(math, name) for name in ("exp", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh")},
    "ABS": abs, "MAX": max, "MIN": min,
}  # fmt: skip


def arguments(text: str) -> list[str]:
    """What stands between the commas that are in no brackets."""
    pieces, depth = [""], 0
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        if sign == "," and not depth:
            pieces.append("")
        else:
            pieces[-1] += sign
    return [piece.strip() for piece in pieces]


def excel(formula: str, cells: Mapping[str, float]) -> Any:
    """What a formula with LET comes to; a minus binds tighter than all else in Excel, so none may stand before a power."""
    assert "^" not in formula
    *bound, shown = arguments(formula.removeprefix("=LET(").removesuffix(")"))
    names: dict[str, Any] = {**cells, **{name.replace(".", "_"): one for name, one in EXCEL.items()}, "TRUE": True}
    for name, value in zip(bound[::2], bound[1::2]):
        names[name] = _value(value, names)
    return _value(shown, names)


def _value(text: str, names: dict[str, Any]) -> Any:
    python = re.sub(r"(?<![<>=!])=(?!=)", "==", text.replace("<>", "!="))
    python = re.sub(r"\b(ERF|ERFC)\.PRECISE|NORM\.S\.DIST", lambda found: found[0].replace(".", "_"), python)
    return eval(python, {"__builtins__": {}}, names)


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda one: one.name)
def test_excel_gives_the_numbers_of_numpy(formula: Formula) -> None:
    code = gradcli.code(formula.program, "excel", formula.point, order=2)
    twin = gradcli.code(formula.program, "numpy", formula.point, order=2)
    cells = {f"{chr(ord('A') + place)}2": formula.point[one.variable] for place, one in enumerate(code.arguments)}
    found = excel(code.text.splitlines()[-1], cells)
    wanted = flat(python_function(twin)(*(formula.point[one.variable] for one in twin.arguments)))
    assert found == pytest.approx(wanted, rel=1e-10, abs=1e-12 * max(map(abs, wanted)))


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda one: one.name)
def test_latex_is_parsed(formula: Formula) -> None:
    text = gradcli.code(formula.program, "latex", formula.point, order=2).text
    body = text[text.index(r"\begin{aligned}") :]
    assert body.count("{") == body.count("}")
    assert convert(body).startswith("<math")
