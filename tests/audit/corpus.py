"""Audits of FPBench's programs against losses that mpmath samples: `python -m tests.audit.corpus` measures all of them.

The doubles are Python's, the truths mpmath's, the points random: nothing of gradcli's has a part in what is lost. What a
rewriting loses is counted at the same points, from the values that `gradcli.compile` gives.
"""

from __future__ import annotations

import ast
import math
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import mpmath
import torch

import gradcli
from tests.corpus.audits import PROGRAMS, FpProgram

POINTS = 160
BITS = 2_000
MOST = 53 * math.log10(2)
LOSS = 8.0  # digits that have to be found
LEFT = 3.0  # digits that a rewriting may lose

Point = Mapping[str, float]


class _Numbers(ast.NodeTransformer):
    """Every number of a program becomes a call that makes it: so 1/3 is a division of two numbers."""

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return ast.Call(ast.Name("number", ast.Load()), [node], [])


def evaluator(text: str, library: Any, number: Callable[[float], Any]) -> Callable[[Point], Any]:
    """A program of the corpus as a Python function over a library of elementary functions."""
    tree = ast.parse("\n".join(part.strip() for part in text.split(";")))
    last = tree.body[-1]
    assert isinstance(last, ast.Expr)
    tree.body[-1] = ast.Assign([ast.Name("result", ast.Store())], last.value)
    code = compile(ast.fix_missing_locations(_Numbers().visit(tree)), text, "exec")
    names = {name: getattr(library, name) for name in ("sqrt", "exp", "log", "sin", "cos", "tan", "atan")}

    def evaluate(point: Point) -> Any:
        space: dict[str, Any] = {**names, "number": number, **{name: number(x) for name, x in point.items()}}
        exec(code, space)
        return space["result"]

    return evaluate


def points(one: FpProgram, count: int = POINTS) -> list[dict[str, float]]:
    """Random points, by the logarithm of each variable, to both sides of 0 where its range spans that."""
    source = random.Random(one.name)
    found = []
    for _ in range(count):
        point = {}
        for text in one.over:
            name, _, ends = text.partition("=")
            low, high = map(float, ends.split(":"))
            if low > 0 or high < 0:
                size = math.exp(source.uniform(*sorted((math.log(abs(low)), math.log(abs(high))))))
                point[name] = math.copysign(size, low)
            else:
                end = source.choice([one for one in (low, high) if one])
                point[name] = end * 10 ** source.uniform(-12, 0)
        found.append(point)
    return found


def truths(one: FpProgram, where: Sequence[Point]) -> list[Any]:
    """The true values; None where there is none."""
    with mpmath.workprec(BITS):
        evaluate = evaluator(one.text, mpmath, mpmath.mpf)
        found = []
        for point in where:
            try:
                value = evaluate(point)
            except (ValueError, ZeroDivisionError):
                value = None
            found.append(value if isinstance(value, mpmath.mpf) and mpmath.isfinite(value) and value else None)
        return found


def doubles(one: FpProgram, where: Sequence[Point]) -> list[float]:
    """What Python's floats give; NaN where they fail."""
    evaluate = evaluator(one.text, math, float)
    found = []
    for point in where:
        try:
            value = evaluate(point)
        except (ValueError, ZeroDivisionError, OverflowError):
            value = math.nan
        found.append(value if isinstance(value, float) else math.nan)
    return found


def lost(values: Sequence[float], true: Sequence[Any]) -> float:
    """The most digits that any of some values lacks."""
    worst = 0.0
    with mpmath.workprec(BITS):
        for value, exact in zip(values, true):
            if exact is None or not 2.3e-308 < abs(exact) < 1.7e308:
                continue
            if not math.isfinite(value):
                return MOST
            ratio = abs((mpmath.mpf(value) - exact) / exact)
            kept = MOST if not ratio else min(MOST, max(0.0, -float(mpmath.log10(ratio))))
            worst = max(worst, MOST - kept)
    return worst


def values_of(text: str, where: Sequence[Point]) -> list[float]:
    """What gradcli computes for a program at points."""
    plan = gradcli.compile(text)
    found = plan(
        **{name: torch.tensor([point[name] for point in where], dtype=torch.float64) for name in plan.variables}
    )
    return [float(one) for one in torch.as_tensor(found.value).expand(len(where))]


def measured(one: FpProgram) -> dict[str, Any]:
    """What is lost, whether the audit finds it, and what its rewriting loses."""
    where = points(one)
    true = truths(one, where)
    before = lost(doubles(one, where), true)
    started = time.perf_counter()
    found = gradcli.audit(one.text, list(one.over))
    seconds = time.perf_counter() - started
    after = lost(values_of(found.better.program, where), true) if found.better else None
    return {
        "lost": before, "found": any(each.column == found.columns[0].name for each in found.stretches),
        "verdict": found.verdict, "after": after, "better": found.better and found.better.program, "seconds": seconds,
    }  # fmt: skip


def main(names: Sequence[str]) -> None:
    """Measure all programs, or those of these names, and say how many."""
    large = right = mended = 0
    for one in PROGRAMS:
        if names and one.name not in names:
            continue
        told = measured(one)
        is_large = told["lost"] > LOSS
        large += is_large
        right += is_large and told["found"]
        mended += is_large and told["after"] is not None and told["after"] <= LEFT
        after = "" if told["after"] is None else f" -> {told['after']:.1f}"
        print(f"{one.name:34} lost {told['lost']:4.1f}{after:8} {'found' if told['found'] else '-':5} {told['seconds']:5.2f} s"
              f"  {told['verdict']}  {told['better'] or ''}", flush=True)  # fmt: skip
    print(
        f"{large} lose more than {LOSS:g} digits: {right} are found, {mended} have a rewriting that loses at most {LEFT:g}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
