"""Every row of the table at numbers, thin balls and wide ones, a line of JSON each: `python -m tests.backends.plain_rows ONE_IN`."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any, NamedTuple

from tests.doors import BALLS, Row, Uncertain, is_ball, precision, table
from tests.doors import ball_call as call

BITS = 128
TRIES = 6
RADII = (0.0, 0.0, 2.0**-60, 2.0**-30, 2.0**-10, 0.125)


SPELLINGS = ("diff", "[:]", "...", "None")  # rows that are not evaluated by themselves
ORDINARY = (-2.0, 2.0)  # where a row does not say from where its arguments are


class Case(NamedTuple):
    """A row and its arguments: middles and radii."""

    row: Row
    args: list[tuple[float, float]]


def cases() -> Iterator[Case]:
    """The same ones each time."""
    for row in table.ROWS:
        if (
            row.shape is not None
            or row.truths
            or row.gives_truth
            or row.variadic
            or row.name in SPELLINGS
            or row.reads
            or row.unpacks
            or not row.parameters
        ):
            continue
        chance = random.Random(row.name)
        for count in range(TRIES):
            args = []
            for parameter in row.parameters:
                if parameter.optional and parameter.default is None:
                    continue
                values = row.samples.get(parameter.name, ORDINARY)
                if isinstance(values, list):
                    args.append((float(chance.choice(values)), 0.0))
                else:
                    args.append((round(chance.uniform(*values), 3), RADII[count]))
            yield Case(row, args)


def value(case: Case) -> dict[str, Any]:
    """What is known of a row there: a middle and a radius as significand and exponent, or nothing."""
    found: Any = None
    with precision(BITS), suppress(Uncertain):
        found = call(case.row, [BALLS.arb(middle, radius) for middle, radius in case.args])
    kind = "number" if is_ball(found) and found.is_finite() else "none" if found is None else "unknown"
    data: dict[str, Any] = {"row": case.row.name, "args": case.args, "kind": kind}
    if kind == "number":
        data["middle"], data["radius"] = ([int(part) for part in ball.man_exp()] for ball in (found.mid(), found.rad()))
    return data


def main(one_in: int) -> None:
    """Evaluate every so many of them."""
    for case in islice(cases(), 0, None, one_in):
        print(json.dumps(value(case)), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
