"""Derivatives as books write them, beside gradcli's: how long each reads, and what each comes to by mpmath.

`textbook.jsonl` has 150 of one formula each, `practice.jsonl` 61 of programs with intermediates. A line has the
program, the variable, the published form (in which intermediates are names), its source, and SymPy's `simplify` of
the derivative or the length of gradcli's own form. `python -m tests.corpus.formulas` writes these two anew.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import mpmath

import gradcli

TEXTBOOK = Path(__file__).parent / "textbook.jsonl"
PRACTICE = Path(__file__).parent / "practice.jsonl"

DIGITS = 40
POINTS = 3  # at which forms are compared
TRIED = 200  # points, for so many where there is a derivative
SAME = mpmath.mpf(10) ** -15

_TOKEN = re.compile(r"\*\*|[A-Za-z_]\w*|\d+\.?\d*(?:e-?\d+)?|\S")
_NAME = re.compile(r"[A-Za-z_]\w*")
_MPMATH = (
    "sin", "cos", "tan", "sec", "csc", "cot", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh",
    "atanh", "exp", "log", "sqrt", "sign", "erf", "pi",
)  # fmt: skip

Line = Mapping[str, Any]


def lines(path: Path) -> list[Line]:
    """The lines of a corpus."""
    return [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]


def length(formula: str) -> int:
    """How many tokens a reader reads: names, numbers, signs, brackets."""
    return len(_TOKEN.findall(formula))


def own(line: Line) -> str:
    """Gradcli's form of a line's derivative."""
    (partial,) = gradcli.differentiate(line["program"], wrt=[line["by"]]).partials
    assert partial.symbolic is not None, line["program"]
    return partial.symbolic


def points(line: Line) -> Iterator[dict[str, Any]]:
    """Points where the program has a real derivative; always the same ones."""
    *definitions, _ = line["program"].split(";")
    defined = {text.partition("=")[0].strip() for text in definitions}
    names = sorted(set(_NAME.findall(line["program"])) - defined - _functions().keys())
    chosen = random.Random(line["program"])
    found = 0
    for _ in range(TRIED):
        point = {name: mpmath.mpf(chosen.uniform(0.15, 2.5)) for name in names}
        if _is_real(derivative(line, point)):
            found += 1
            yield point
        if found == POINTS:
            return


def derivative(line: Line, point: Mapping[str, Any]) -> Any:
    """The derivative by mpmath's difference quotients, None where there is none."""
    by = line["by"]
    try:
        return mpmath.diff(lambda value: evaluated(line, {**point, by: value}), point[by])
    except (ArithmeticError, ValueError):
        return None


def evaluated(line: Line, point: Mapping[str, Any], formula: str | None = None) -> Any:
    """The value of the program, or of a formula in its names, at mpmath's precision."""
    *definitions, output = line["program"].split(";")
    names = {**_functions(), **point}
    for text in definitions:
        name, _, value = text.partition("=")
        names[name.strip()] = eval(value.strip(), names)
    return eval((formula or output).strip(), names)


def is_same(value: Any, truth: Any) -> bool:
    """Whether a value is a derivative, to the digits that a difference quotient has."""
    return bool(abs(value - truth) <= SAME * max(1, abs(truth)))


def _is_real(value: Any) -> bool:
    return value is not None and bool(mpmath.isfinite(value)) and abs(mpmath.im(value)) < SAME


def _functions() -> dict[str, Any]:
    found = {name: getattr(mpmath, name) for name in _MPMATH}
    found |= {"ndtr": mpmath.ncdf, "npdf": mpmath.npdf, "abs": abs, "e": mpmath.e}
    return found | {
        "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
        "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
    }


def main() -> None:
    """Write SymPy's forms, and the lengths of gradcli's own, anew."""
    textbook = [{**line, "simplified": _simplified(line)} for line in lines(TEXTBOOK)]
    practice = [{**line, "published": length(line["book"]), "length": length(own(line))} for line in lines(PRACTICE)]
    for path, written in ((TEXTBOOK, textbook), (PRACTICE, practice)):
        path.write_text("".join(json.dumps(line) + "\n" for line in written), encoding="utf-8")


def _simplified(line: Line) -> str:
    """SymPy's derivative of a program, simplified by SymPy."""
    import sympy

    names = {name: sympy.Symbol(name, real=True) for name in _NAME.findall(line["program"])}
    names |= {name: getattr(sympy, name) for name in _MPMATH if name in names}
    names |= {
        "sigmoid": lambda x: 1 / (1 + sympy.exp(-x)),
        "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
        "ndtr": lambda x: (1 + sympy.erf(x / sympy.sqrt(2))) / 2,
        "abs": sympy.Abs,
    }
    return str(sympy.simplify(sympy.sympify(line["program"], locals=names).diff(names[line["by"]])))


if __name__ == "__main__":
    main()
