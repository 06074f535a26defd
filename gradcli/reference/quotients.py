"""The second leg of the truth: difference quotients of the function itself, which use no rule of differentiation.

Those of a program along one direction bear out the chain rule; of a callable that is followed they are all the truth.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from gradcli.backends.arb.context import precision
from gradcli.backends.arb.evaluate import UNKNOWN, Enclosed, is_ball
from gradcli.backends.arb.flint import arb
from gradcli.reference.classify import Outcome, two_slopes
from gradcli.reference.limits import ENOUGH, course
from gradcli.reference.nonsmooth import Sides
from gradcli.reference.rounding import largest
from gradcli.reference.samples import EXPONENTS, RESOLVED, mpf, narrow
from gradcli.tape.chain import Chain
from gradcli.tape.dependence import depends
from gradcli.tape.findings import Positions
from gradcli.tape.tape import Primitive

STEPS = (133, 266, 532, 1064, 2128)  # the steps are 2 to minus these, relative to the point
MANTISSA = 0xC90FDAA2  # of the step, by 2**32: no round number in any base
CONFIRMED = 1e-15  # how close a quotient has to come to the chain rule, relative to the sum of its terms
SHARE = 8  # of that, its own radius may have one
CONVERGING = 1e-10  # else, how much closer with each smaller step
MAX_SPREAD = 1e40  # between the largest and the smallest term of one direction: it would not show beside the other
SPREAD_BITS = 32  # of the weights that make the direction a generic one
NOTHING = -1_200  # bits: 2 to this is far below the smallest double, 2**-1074
FLAT = 1e-30  # of the largest value on the way, where the derivative is 0: what a relative step of 1 changes
MAX_BITS = 40_000
ENOUGH_BITS = 60  # of a quotient that is not known as absolutely as is allowed


class HasDifferences(Protocol):
    """What difference quotients are taken of: a program on a tape, or a callable that is followed."""

    def differences(self, direction: Sequence[Any], size: Any, order: int, bits: int) -> list[Enclosed] | None:
        """The forward differences of every output at points `size` apart along a direction, at so many bits.

        UNKNOWN for one that these bits do not tell; None where there is no value at one of the points.
        """


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

    def is_known(quotient: Any) -> bool:
        # its distance to what is expected is bounded with its radius, which must not take up what is allowed
        return bool(
            quotient.rad() * SHARE <= allowed or quotient.rel_accuracy_bits() > ENOUGH_BITS or quotient.is_exact()
        )

    errors: list[Any] = []
    for step in STEPS:
        pair = [quotients(_Program(sides), direction, (sign, step), order, is_known) for sign in (1, -1)]
        if pair[0] is None or pair[1] is None:
            continue
        with precision(256):
            gaps = [(one - expected).abs_upper() for one in (*pair[0], *pair[1])]
            error = gaps[0] if gaps[0] > gaps[1] else gaps[1]
            if error <= allowed or (errors and error <= CONVERGING * errors[-1]):
                return True
        errors.append(error)
    return False


def _is_nothing(term: Any) -> bool:
    """Whether a term is 0, or so small that no quotient shows it: smaller than what any dtype holds."""
    return bool(term.contains(0)) or bool(abs(term) < arb(2) ** NOTHING)


class _Program:
    """A program on a tape, as quotients are taken of it."""

    def __init__(self, sides: Sides) -> None:
        self.sides = sides

    def differences(self, direction: Sequence[Any], size: Any, order: int, bits: int) -> list[Enclosed] | None:
        """The forward difference of the output."""
        nodes = [self.sides.program(tuple(part * size * count for part in direction)) for count in range(order + 1)]
        outputs = [values[self.sides.chain.output] for values in nodes]
        if None in outputs:
            return None
        if not all(is_ball(value) for value in outputs):
            return [UNKNOWN]
        active = [position for position, part in enumerate(direction) if not part.is_zero()]
        return [_difference(self.sides.chain, active, nodes, order)]


def quotients(
    function: HasDifferences, direction: Sequence[Any], step: tuple[int, int], order: int,
    resolved: Callable[[Any], bool], most: int = MAX_BITS,
) -> list[Any] | None:  # fmt: skip
    """The difference quotients of an order, of every output; `step` is the side's sign and the exponent.

    None where one has no value, or is not resolved with at most so many bits.
    """
    sign, exponent = step
    bits = exponent * order + 200
    while bits <= most:
        with precision(bits):
            size = arb(sign * MANTISSA) * arb(2) ** -(exponent + 32)
            differences = function.differences(direction, size, order, bits)
            if differences is None:
                return None
            if all(map(is_ball, differences)):
                found = [one / size**order for one in differences]
                if all(map(resolved, found)):
                    return found
        bits *= 2
    return None


def by_quotients(function: HasDifferences, direction: Sequence[Any], order: int, most: int) -> list[Outcome] | None:
    """The derivatives along a direction of every output, where the quotients of both sides go to one number each.

    None where there is no value near the point, or too few bits for one; the point is no special one, for whoever
    asks. So steps of one kind are enough.
    """
    sides = []
    for sign in (-1, 1):
        rows = []
        for exponent in EXPONENTS[:ENOUGH]:
            row = quotients(function, direction, (sign, exponent), order, _is_known, most)
            if row is None:
                return None
            rows.append([mpf(one) * 0 if one.contains(0) else mpf(one) for one in row])
        with narrow():
            sides.append([course(values) for values in zip(*rows)])
    with narrow():
        return [two_slopes(left, right) for left, right in zip(*sides)]


def _is_known(quotient: Any) -> bool:
    """Whether a quotient is known to enough bits, or to be less than what any dtype tells from 0."""
    return bool(quotient.rel_accuracy_bits() >= RESOLVED or quotient.abs_upper() < arb(2) ** NOTHING)


def forward_difference(values: Sequence[Any], order: int) -> Any:
    """The forward difference of values at equidistant points; UNKNOWN where one of them is."""
    if not all(map(is_ball, values)):
        return UNKNOWN
    return sum(
        ((-1) ** (order - count) * math.comb(order, count) * value for count, value in enumerate(values)), arb(0)
    )


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
        if index not in chain.targets and isinstance(op, Primitive) and op.row.signs:
            for arg, factor in zip(op.args, op.row.signs):
                weights[arg] = weights.get(arg, arb(0)) + weight * factor
        else:
            total += weight * forward_difference([values[index] for values in nodes], order)
    return total


def terms_along(direction: Sequence[Any], parts: Mapping[Positions, Any]) -> list[Any]:
    """The terms of the derivative along a direction, from the partials."""
    terms = []
    for positions, part in parts.items():
        repeats = [positions.count(position) for position in set(positions)]
        ways = math.factorial(len(positions)) // math.prod(math.factorial(count) for count in repeats)
        terms.append(math.prod((direction[position] for position in positions), start=part * ways))
    return terms
