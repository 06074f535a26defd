"""Forward mode held against reverse mode and against the truth."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from gradcli.check.callables.findings import shortened, written
from gradcli.check.callables.point import CallablePoint, Looker
from gradcli.check.callables.weigh import MOST_DIGITS
from gradcli.check.data import ClaimFinding, Counterexample, LikelyMistake, Modes
from gradcli.reference.digits import agreeing
from gradcli.reference.verdict import ClaimVerdict

POINTS = 4
WRONG_DIGITS = 5.0  # a jvp with fewer is wrong,
RIGHT_DIGITS = 9.0  # where backward has more than these


def compared(looker: Looker, places: Sequence[CallablePoint]) -> tuple[Modes, ClaimFinding | None]:
    """In how many digits both modes agree at the worst point; a finding where forward mode alone is wrong."""
    chance = random.Random(looker.seed)  # noqa: S311
    count, worst, where, wrong = 0, math.inf, None, None
    own = looker.followed or looker.target.function is not None  # a jvp of torch's own is not judged
    for place in places[:POINTS]:
        known = {(one.output, one.position): one for one in place.entries if one.outcome.exists}
        positions = sorted({one.position for one in place.entries})
        outputs = [one for one in {one.output for one in place.entries} if one is not None]
        if len(known) != len(place.entries) or not outputs:
            continue
        direction = [0.0] * place.inputs.size
        for position in positions:
            direction[position] = chance.uniform(-1, 1)
        direction = looker.along(place.inputs, direction)
        found = looker.real.forward(place.inputs, direction)
        if isinstance(found, str):
            return Modes(count, note=_short(found)), None
        for output in outputs:
            entries = [known[output, position] for position in positions]
            true = sum(one.outcome.value * direction[one.position] for one in entries)
            reverse = sum(one.torch * direction[one.position] for one in entries)
            size = max(sum(abs(one.outcome.value * direction[one.position]) for one in entries), 1e-300)
            digits = agreeing(abs(found[output] - reverse), float(size), MOST_DIGITS)
            if digits < worst:
                worst, where = digits, written(place.inputs)
            if own and not looker.narrow and wrong is None:
                forward, backward = (agreeing(abs(one - float(true)), float(size)) for one in (found[output], reverse))
                if forward < WRONG_DIGITS < RIGHT_DIGITS < backward:
                    wrong = Counterexample(written(place.inputs), repr(found[output]), shortened(+true))
        count += 1
    if not count:
        return Modes(0, note="no point at which both have a finite derivative"), None
    modes = Modes(count, round(worst, 2), where)
    if wrong is None:
        return modes, None
    names = tuple(places[0].inputs.tensors)
    slip = LikelyMistake(
        "forward", "forward mode is wrong: jvp and backward are two formulas, and only one of them is right"
    )
    return modes, ClaimFinding(
        names, ClaimVerdict.FALSE, "jvp, along a random direction", counterexample=wrong, slip=slip
    )


def _short(text: str) -> str:
    """A long message of torch's: its first sentence, without the exception's type."""
    said = text.partition(": ")[2] or text
    if "jvp" in said.lower() or "forward" in said.lower():
        return "its autograd Function has no jvp" if "jvp" in said.lower() else said.partition(". ")[0][:120]
    return said.partition(". ")[0][:120]
