"""Excel: one formula with LET; its variables are the cells of a row, and its results spill into the cells beside it."""

from __future__ import annotations

import re

from gradcli.code.data import Straight
from gradcli.code.languages.language import Language, leaves, style
from gradcli.code.naming import words
from gradcli.errors import LimitError
from gradcli.language.nodes import Node, Number
from gradcli.language.printer import Printer
from gradcli.language.stack import INFIX
from gradcli.language.style import ATOM

MAX_LENGTH = 8_192  # characters of a formula
MAX_NAMES = 126  # of LET, which takes 253 arguments at the most
ROW = 2  # of the cells with the variables: there is room for their names above
LETTERS = 26

_SAME = "sqrt exp ln sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh abs sign trunc gamma max min log10"
WORDS_OF_EXCEL = {
    **{name: name.upper() for name in _SAME.split() if name != "ln"},
    "log": "LN", "cot": "COT", "sec": "SEC", "csc": "CSC", "sech": "SECH", "csch": "CSCH", "coth": "COTH",
    "acot": "ATAN(1/{0})", "acoth": "ACOTH", "floor": "INT", "atan2": "ATAN2({1}, {0})", "%": "MOD({0}, {1})",
    "erf": "ERF.PRECISE", "erfc": "ERFC.PRECISE", "lgamma": "GAMMALN.PRECISE", "ndtr": "NORM.S.DIST({0}, TRUE)",
    "ndtri": "NORM.S.INV", "rad2deg": "DEGREES", "deg2rad": "RADIANS",
    "**": "POWER({0}, {1})", "where": "IF({0}, {1}, {2})", "and": "AND({0}, {1})", "or": "OR({0}, {1})",
    "not": "NOT({0})",
}  # fmt: skip


def _column(place: int) -> str:
    """The letters of a column, counted from 0: A, ..., Z, AA, ..."""
    name = ""
    place += 1
    while place:
        place, letter = divmod(place - 1, LETTERS)
        name = chr(ord("A") + letter) + name
    return name


def _number(node: Number) -> str:
    return node.text.upper()


def frame(program: Straight, printer: Printer) -> str:
    """A formula of the cells A2, B2, ...; remarks are cells of text.

    Raises LimitError where Excel takes no formula as long.
    """
    bound = [f"{one.name}, {_column(place)}{ROW}" for place, one in enumerate(program.arguments)]
    bound += [f"{one.name}, {printer.of(one.value)}" for one in program.statements]
    results = [_text(node, printer) for tree in program.results.values() for node in leaves(tree)]
    shown = results[0] if len(results) == 1 else f"HSTACK({', '.join(results)})"
    formula = f"=LET({', '.join([*bound, shown])})" if bound else f"={shown}"
    if len(formula) > MAX_LENGTH or len(bound) > MAX_NAMES:
        raise LimitError(
            "writing the code",
            f"the formula would have {len(formula):,} characters and {len(bound):,} names; Excel takes {MAX_LENGTH:,}"
            f" and {MAX_NAMES}",
        )
    return "\n".join([*(f"'{line}".rstrip() for line in program.remarks), formula]) + "\n"


def _text(node: object, printer: Printer) -> str:
    one: Node = node  # type: ignore[assignment]
    return printer.of(one)


LANGUAGE = Language(
    name="excel",
    words=WORDS_OF_EXCEL,
    style=style(
        WORDS_OF_EXCEL,
        {"math.pi": "PI()", "math.e": "EXP(1)", "math.tau": "2*PI()"},
        number=_number,
        signs={**{name: name for name in INFIX}, "==": "=", "!=": "<>", "+": " + ", "-": " - "},
        guarded=INFIX,
        minus=ATOM,  # a minus binds tighter than anything else in Excel
    ),
    frame=frame,
    reserved=words("true false let lambda hstack r c") | {word.partition("(")[0] for word in WORDS_OF_EXCEL.values()},
    legal=re.compile(r"(?![A-Za-z]{1,3}[0-9]+\Z)[A-Za-z][A-Za-z0-9_]*", re.ASCII),
    any_case=False,
    fresh="{}_{}",
)
