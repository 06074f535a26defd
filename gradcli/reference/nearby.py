"""The nonsmooth points within the rounding of the point: what sort each is, and how far away."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gradcli.backends.arb.evaluate import BallEvaluator, Enclosed, is_ball
from gradcli.backends.arb.flint import arb
from gradcli.functions.row import Row
from gradcli.reference.rounding import CLOSE_TO, largest
from gradcli.tape.chain import Chain
from gradcli.tape.dependence import reaches
from gradcli.tape.findings import Near
from gradcli.tape.tape import Primitive

REACH = 64  # roundings of one variable: several together reach what each alone takes more for
SECANTS = 120  # a zero of order 2 takes 60 of them, one of order 3 a hundred; a simple one some 6
SETTLED = 1e-12  # relative
ROUGH = 1e-3  # likewise, where these were not enough: two digits are told
WORK = 400_000  # operations of all searches for one point


def nearby(chain: Chain, evaluator: BallEvaluator, inputs: Mapping[str, Any], unit: Any, guarded: Sequence[int],
           here: Sequence[Enclosed]) -> list[Near]:  # fmt: skip
    """The nonsmooth points that lie within the rounding of the point, without being it."""
    wide = {name: value + arb(0, (abs(value) * unit).abs_upper()) for name, value in inputs.items()}
    around = evaluator.run(wide, chain.length)
    found = []
    for index in guarded:
        op = chain.tape.ops[index]
        assert isinstance(op, Primitive)
        at_point, over = (evaluator.guards(index, values) for values in (here, around))
        if len(at_point) != len(over):
            continue
        for which, (guard, reached) in enumerate(zip(at_point, over)):
            if is_ball(guard) and not guard.contains(0) and is_ball(reached) and reached.contains(0):
                kind = _kind(chain, evaluator, inputs, unit, op.row, here)
                found.append(Near(kind, op.row.name, *_nearest(chain, evaluator, inputs, unit, index, which, guard)))
                break
    return found


def _kind(chain: Chain, evaluator: BallEvaluator, inputs: Mapping[str, Any], unit: Any, row: Row, here: Any) -> str:
    """What sort of nonsmooth point a row has; of a condition, by what the program does across it."""
    if not row.gives_truth:
        return row.kinks[0].kind if row.kinks else "pole"  # what declares none has poles only
    value = here[chain.output]
    beyond = [
        evaluator.run({name: one * (1 + sign * 2 * unit) for name, one in inputs.items()}, chain.length)[chain.output]
        for sign in (-1, 1)
    ]
    if not is_ball(value) or not all(is_ball(one) for one in beyond):
        return "edge"
    scale = abs(value) + largest(here[: chain.length])
    return "jump" if any(abs(one - value) > scale * unit * CLOSE_TO for one in beyond) else "corner"


def _nearest(chain: Chain, evaluator: BallEvaluator, inputs: Mapping[str, Any], unit: Any, index: int, which: int,
             guard: Any) -> tuple[str | None, float | None]:  # fmt: skip
    """The variable that a guard's zero takes the smallest relative move of, and that move."""
    op = chain.tape.ops[index]
    end = max(op.args) + 1
    active = reaches(chain.tape, op.args)
    names = [name for name, value in inputs.items() if active[chain.tape.inputs[name]] and not value.is_zero()]
    largest_first = sorted(names, key=lambda name: float(abs(inputs[name])), reverse=True)
    best: tuple[float, str | None, float | None] = (REACH, None, None)
    for name in largest_first[: 1 + WORK // (SECANTS * end)]:
        value = inputs[name]

        def height(move: Any, name: str = name, value: Any = value) -> Any:
            there = evaluator.guards(index, evaluator.run({**inputs, name: value + move}, end))
            return there[which] if which < len(there) else None

        step = abs(value) * unit
        move = _zero(height, guard, step)
        if move is not None and abs(move) < step * best[0]:
            best = float(abs(move) / step), name, math.fabs(float(move))
    return best[1:]


def _zero(height: Callable[[Any], Any], at_zero: Any, step: Any) -> Any:
    """How far from 0 a function is 0, by secants that begin with one step; None where they do not settle."""
    moves, heights = [arb(0), step.mid()], [at_zero, height(step.mid())]
    for _ in range(SECANTS):
        if not is_ball(heights[1]):
            return None
        if heights[1].contains(0):
            return moves[1]
        slope = heights[1] - heights[0]
        if slope.contains(0):
            return None
        following = (moves[1] - heights[1] * (moves[1] - moves[0]) / slope).mid()
        if abs(following - moves[1]) <= abs(following) * SETTLED:
            return following
        moves, heights = [moves[1], following], [heights[1], height(following)]
    return moves[1] if abs(moves[1] - moves[0]) <= abs(moves[1]) * ROUGH else None
