"""The second leg of the truth: difference quotients of the function itself, along one direction, bear out the rule."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from gradcli.backends.arb.context import precision
from gradcli.backends.arb.evaluate import is_ball
from gradcli.backends.arb.flint import arb
from gradcli.engines.along import terms_along
from gradcli.engines.chain import Chain
from gradcli.engines.findings import Positions
from gradcli.engines.tape import depends
from gradcli.reference.nonsmooth import Sides
from gradcli.reference.rounding import largest

STEPS = (133, 266, 532, 1064, 2128)  # the steps are 2 to minus these, relative to the point
MANTISSA = 0xC90FDAA2  # of the step, by 2**32: no round number in any base
CONFIRMED = 1e-15  # how close a quotient has to come to the chain rule, relative to the sum of its terms
CONVERGING = 1e-10  # else, how much closer with each smaller step
MAX_SPREAD = 1e40  # between the largest and the smallest term of one direction: it would not show beside the other
SPREAD_BITS = 32  # of the weights that make the direction a generic one
NOTHING = -1_200  # bits: 2 to this is far below the smallest double, 2**-1074
FLAT = 1e-30  # of the largest value on the way, where the derivative is 0: what a relative step of 1 changes
MAX_BITS = 40_000
ENOUGH_BITS = 60  # of a quotient that is not known as absolutely as is allowed


def confirmed(sides: Sides, parts: Mapping[Positions, Any], order: int) -> set[Positions]:
    """Those of the partials (balls) that quotients of the function bear out.

    All together along one direction, unless their sizes are too far apart for one to show beside another.
    """
    with precision(64):
        scales = [_scale(sides, position) for position in range(len(sides.chain.targets))]
        sizes = [_weight(positions, scales) * abs(part) for positions, part in parts.items() if not part.contains(0)]
        targets = sorted({position for positions in parts for position in positions})
        spread = [arb_log2(size) for size in sizes]
    together = bool(targets) and (len(targets) == 1 or not spread or max(spread) - min(spread) <= math.log2(MAX_SPREAD))
    if together and _along(sides, targets, scales, parts, order):
        return set(parts)
    found: set[Positions] = set()
    for group in sorted({tuple(sorted(set(positions))) for positions in parts}):
        within = {positions: part for positions, part in parts.items() if set(positions) <= set(group)}
        if not (together and len(group) == len(targets)) and _along(sides, group, scales, within, order):
            found |= {positions for positions in within if set(positions) == set(group)}
    return found


def weight(position: int) -> float:
    """How far a variable moves along the direction, relative to its size (Knuth's multiplicative hashing)."""
    return 1.0 + ((position + 1) * 2654435761 % (1 << SPREAD_BITS)) / (1 << SPREAD_BITS)


def arb_log2(size: Any) -> int:
    """The exponent of a positive ball, roughly."""
    _, significand, exponent, bits = size.mid()._mpf_
    return int(exponent + bits) if significand else 0


def _scale(sides: Sides, position: int) -> Any:
    return sides.scale(position, sides.nowhere)


def _weight(positions: Positions, scales: Sequence[Any]) -> Any:
    return math.prod((scales[position] for position in positions), start=arb(1))


def _along(
    sides: Sides, targets: Sequence[int], scales: Sequence[Any], parts: Mapping[Positions, Any], order: int
) -> bool:
    """Compare the derivative along one direction with quotients to both sides."""
    direction = [arb(0)] * len(scales)
    for position in targets:
        direction[position] = arb(weight(position)) * scales[position]
    with precision(256):
        terms = terms_along(direction, parts)
        expected = sum(terms, arb(0))
        allowed = sum((term.abs_upper() for term in terms if not _is_nothing(term)), arb(0)) * CONFIRMED
        if allowed.is_zero():
            allowed = largest(sides.program(sides.nowhere)) * FLAT
    errors: list[Any] = []
    for step in STEPS:
        found = [_quotient(sides, direction, sign, step, order, allowed) for sign in (1, -1)]
        if any(one is None for one in found):
            continue
        with precision(256):
            gaps = [(one - expected).abs_upper() for one in found]
            error = gaps[0] if gaps[0] > gaps[1] else gaps[1]
            if error <= allowed or (errors and error <= CONVERGING * errors[-1]):
                return True
        errors.append(error)
    return False


def _is_nothing(term: Any) -> bool:
    """Whether a term is 0, or so small that no quotient shows it: smaller than what any dtype holds."""
    return bool(term.contains(0)) or bool(abs(term) < arb(2) ** NOTHING)


def _quotient(sides: Sides, direction: Sequence[Any], sign: int, step: int, order: int, allowed: Any) -> Any:
    """The one-sided difference quotient of an order; None where the function has no value, or it is not resolved."""
    bits = step * order + 200
    while bits <= MAX_BITS:
        with precision(bits):
            size = arb(sign * MANTISSA) * arb(2) ** -(step + 32)
            nodes = [sides.program(tuple(part * size * count for part in direction)) for count in range(order + 1)]
            outputs = [values[sides.chain.output] for values in nodes]
            if None in outputs:
                return None
            if all(is_ball(value) for value in outputs):
                active = [position for position, part in enumerate(direction) if not part.is_zero()]
                quotient = _difference(sides.chain, active, nodes, order) / size**order
                if quotient.rad() <= allowed or quotient.rel_accuracy_bits() > ENOUGH_BITS or quotient.is_exact():
                    return quotient
        bits *= 2
    return None


def _difference(chain: Chain, active: Sequence[int], nodes: Sequence[Sequence[Any]], order: int) -> Any:
    """The forward difference of the output, by the values of all operations at equidistant points.

    A sum's is the sum of its terms', so that a term that does not move brings no error, however large it is.
    """
    moving = depends(chain.tape, [chain.targets[position] for position in active], chain.length)
    weights = {chain.output: arb(1)}
    total = arb(0)
    for index in range(chain.output, -1, -1):
        weight = weights.pop(index, None)
        if weight is None or not moving[index]:
            continue
        op = chain.tape.ops[index]
        name = op.row.name if op.row is not None else ""
        if index not in chain.targets and name in _LINEAR:
            for arg, factor in zip(op.args, _LINEAR[name]):
                weights[arg] = weights.get(arg, arb(0)) + weight * factor
        else:
            total += weight * sum(
                (
                    (-1) ** (order - count) * math.comb(order, count) * values[index]
                    for count, values in enumerate(nodes)
                ),
                arb(0),
            )
    return total


_LINEAR: Mapping[str, tuple[int, ...]] = {"+": (1, 1), "-": (1, -1), "neg": (-1,), "pos": (1,)}
