"""SymPy: a function that makes expressions of expressions."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.code.data import Straight
from gradcli.code.languages.language import Language, style
from gradcli.code.languages.python import WORDS, frame
from gradcli.functions import table
from gradcli.language.nodes import Call, Number
from gradcli.language.style import PRODUCT, Todo, Writer

WORDS_OF_SYMPY = {
    **{
        row.name: f"sympy.{row.sympy}"
        for row in table.ROWS
        if row.shape is None and isinstance(row.sympy, str) and not row.gives_truth
    },
    "where": "sympy.Piecewise(({1}, {0}), ({2}, True))", "and": "sympy.And({0}, {1})", "or": "sympy.Or({0}, {1})",
    "not": "sympy.Not({0})", "==": "sympy.Eq({0}, {1})", "!=": "sympy.Ne({0}, {1})", "**": "{0}**{1}",
    "%": "sympy.Mod({0}, {1})", "max": "sympy.Max", "min": "sympy.Min", "abs": "sympy.Abs", "sign": "sympy.sign",
    "floor": "sympy.floor", "ceil": "sympy.ceiling", "atan2": "sympy.atan2", "lgamma": "sympy.loggamma",
    "digamma": "sympy.digamma", "trigamma": "sympy.trigamma", "harmonic": "sympy.harmonic",
    "E1": "sympy.expint(1, {0})", "expint": "sympy.expint", "lambertw": "sympy.LambertW",
    **{f"{kind}{n}": f"sympy.bessel{kind}({n}, {{0}})" for kind in "jyik" for n in (0, 1)},
}  # fmt: skip


def _quotient(node: Call, _: Writer) -> Sequence[Todo]:
    """A quotient; of two whole numbers one that stays exact."""
    above, below = node.args
    if isinstance(above, Number) and isinstance(below, Number) and above.text.isdigit() and below.text.isdigit():
        return [f"sympy.Rational({above.text}, {below.text})"]
    return [(above, PRODUCT), "/", (below, PRODUCT + 1)]


def _imports(program: Straight) -> Sequence[str]:
    return ["import sympy"]


LANGUAGE = Language(
    name="sympy",
    words=WORDS_OF_SYMPY,
    style=style(
        WORDS_OF_SYMPY, {"math.pi": "sympy.pi", "math.e": "sympy.E", "math.tau": "2*sympy.pi"}, forms={"/": _quotient}
    ),
    frame=frame(_imports, ""),
    reserved=WORDS | {"sympy"},
)
