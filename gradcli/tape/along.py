"""The derivative of any order along a direction, as a sum over partials."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from gradcli.tape.findings import Positions


def terms_along(direction: Sequence[Any], parts: Mapping[Positions, Any]) -> list[Any]:
    """The terms of the derivative along a direction, from the partials."""
    terms = []
    for positions, part in parts.items():
        repeats = [positions.count(position) for position in set(positions)]
        ways = math.factorial(len(positions)) // math.prod(math.factorial(count) for count in repeats)
        terms.append(math.prod((direction[position] for position in positions), start=part * ways))
    return terms
