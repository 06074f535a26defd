"""Values near a point, at steps of two kinds that shrink by ever more orders of magnitude."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import mpmath

from gradcli.backends.arb.context import BALLS
from gradcli.backends.arb.evaluate import UNKNOWN, Enclosed, is_ball
from gradcli.backends.arb.flint import arb
from gradcli.functions.guards import GuardKind
from gradcli.reference.classify import UNDECIDED, Outcome, Side, compare
from gradcli.reference.limits import ENOUGH, Course, Trend, course, extrapolated, joined
from gradcli.tape.tape import Primitive, Tape

# The steps are 2 to minus these times mantissas that are no round numbers in any base: what oscillates faster and
# faster has no zeros in step with them. Those of the second kind lie between those of the first. From one to the next
# the exponent doubles, so that a power of the step, its logarithm, and what settles faster than either are told apart.
EXPONENTS = (66, 133, 266, 531, 1063, 2126)
MANTISSAS = ((0xB504F333, 0xDB3A90A5, 0x9E3779B9, 0xC2B2AE35, 0x85EBCA6B, 0xA2F9836E),
             (0x6A09E667, 0x5A827999, 0x3C6EF372, 0x4D2C6DFC, 0x2B992DDF, 0x510E527F))  # fmt: skip
MANTISSA_BITS = 32
LIMIT_BITS = 1_200  # of quotients: an extrapolation gains up to a thousand
RESOLVED = 100  # bits of a quotient that are wanted
LOOKS = 4  # steps of each kind, where only values are looked at
MAX_BITS = 40_000  # of any evaluation
ORDINARY = 50  # bits of the size of a program's largest number; of a larger one, steps are as many bits finer,
MAX_FINER = 5_000  # below so many
PIECES = (GuardKind.WHOLE, GuardKind.HALF)  # of guards that count pieces of a formula


class NearbySample(NamedTuple):
    """A value near the point; the form that the program has there."""

    step: Any
    value: Any  # an mpf, or None where there is none
    form: int
    error: Any


@dataclass(frozen=True)
class Looked:
    """The samples to both sides, by kind of steps, and the value at the point."""

    left: tuple[list[NearbySample], list[NearbySample]]
    right: tuple[list[NearbySample], list[NearbySample]]
    center: Any

    def judged(self, slope_near: Callable[[BothKinds], Course]) -> Outcome:
        """What both sides say, and the value at the point; `slope_near` is where the derivative goes on a side."""
        pairs = (self.left, self.right)
        if min(len(samples) for pair in pairs for samples in pair) < ENOUGH:
            return UNDECIDED
        left, right = map(BothKinds.of, pairs)
        with wide():
            return compare(self.center, left, right, slope_near)


def finer(size: Any) -> int:
    """The bits by which steps have to be finer than ordinary ones, by a program's largest number; MAX_FINER at most.

    A step becomes larger by as much as the numbers are large that it is multiplied by: sin(1e60*x) has many periods
    within an ordinary one.
    """
    return min(MAX_FINER, max(0, exponent(size) - ORDINARY)) if size > 1 else 0


def most_pieces(tape: Tape, values: Sequence[Enclosed]) -> Any:
    """The most pieces that an operation's formula has between 0 and its arguments: x/y of `x % y`, by its guards.

    A bound, as a ball; 0 where there is none. A step within which there are many is as coarse as beside a large number.
    """
    found = arb(0)
    for op in tape.ops[: len(values)]:
        for guard in op.row.guards if isinstance(op, Primitive) else ():
            args = [values[arg] for arg in op.args]
            if guard.kind in PIECES and all(map(is_ball, args)) and (count := guard.of(*args)).is_finite():
                found = found.max(count.abs_upper())
    return found


def move_to(scale: Any, sign: int, kind: int, step: int) -> Any:
    """How far from the point a step leads, exactly, at the working precision."""
    return scale * arb(sign * MANTISSAS[kind][step]) * arb(2) ** -(EXPONENTS[step] + MANTISSA_BITS)


def sample_of(move: Any, value: Any, center: Any, step: int, form: int) -> NearbySample | None:
    """The sample of a value near the point (balls); None where it takes more bits.

    As many as its distance to the value at the point takes, where there is one.
    """
    if value is None:
        return NearbySample(mpf(move), None, form, 0)
    if not is_ball(value):
        return None
    gap = value if center is None else value - center
    if not is_resolved(gap, abs(move), EXPONENTS[step], center is not None):
        return None
    return NearbySample(mpf(move), mpf(value), form, mpf(gap.rad()))


def one_piece(samples: list[NearbySample]) -> list[NearbySample]:
    """The samples on the piece that touches the point: those whose form is that of the nearest one."""
    return samples[piece_at_the_end([sample.form for sample in samples]) :]


class BothKinds(Side):
    """A side with steps of both kinds: its limits are those that both agree on."""

    pair: tuple[list[NearbySample], list[NearbySample]]

    @classmethod
    def of(cls, pair: tuple[list[NearbySample], list[NearbySample]]) -> BothKinds:
        """A side from samples at the steps of both kinds."""
        samples = [sample for two in zip(*pair) for sample in two]
        made = cls([s.step for s in samples], [s.value for s in samples], [s.error for s in samples])
        object.__setattr__(made, "pair", pair)
        return made

    def slopes(self, center: Any) -> Course:
        """Where the difference quotients go."""
        gaps = [gaps_of(one, center) for one in self.pair]
        with narrow():
            return course_of([[gap / s.step for gap, s in zip(*two)] for two in zip(gaps, self.pair)])

    def gap(self, center: Any) -> Course:
        """Where the distance to the value at the point goes."""
        return course_of([gaps_of(one, center) for one in self.pair])

    def but_the_last(self) -> Side:
        """This side without its smallest steps: what the others tend to, where those gave the limit."""
        return BothKinds.of((self.pair[0][:-1], self.pair[1][:-1]))


def piece_at_the_end(forms: Sequence[Any]) -> int:
    """Where the last values begin that lie on one piece: whose forms are all that of the last one."""
    first = len(forms)
    while first > 0 and forms[first - 1] == forms[-1]:
        first -= 1
    return first


def gaps_of(samples: list[NearbySample], center: Any) -> list[Any]:
    """How far the values are from the one at the point; 0 where that is not told from it."""
    with wide():
        gaps = [sample.value - center for sample in samples]
        return [gap if abs(gap) > sample.error else gap * 0 for gap, sample in zip(gaps, samples)]


def course_of(kinds: list[list[Any]]) -> Course:
    """Where the values at the steps of both kinds go."""
    with narrow():
        first, second = (course(values) for values in kinds)
        return joined(first, second, [value for two in zip(*kinds) for value in two])


def to_zero(looked: Looked, outcome: Outcome) -> tuple[Any, Any]:
    """The limit of the quotients at step 0 by extrapolation, where that settles better than the last of them."""
    with narrow():
        best = outcome.value, outcome.error
        ends = []
        for pair in (looked.left, looked.right):
            gaps = gaps_of(pair[0], looked.center)
            ends.append(extrapolated([s.step for s in pair[0]], [g / s.step for g, s in zip(gaps, pair[0])]))
        (left, left_error), (right, right_error) = ends
        error = max(left_error, right_error, abs(left - right))
        if error < best[1] and outcome.value:
            return (left + right) / 2, error
        return best


def is_resolved(gap: Any, distance: Any, exponent: int, is_gap: bool) -> bool:
    """Whether a difference is known to enough bits, or so small that the quotient goes to 0 as far as it is known."""
    if gap.is_exact() or gap.rel_accuracy_bits() >= RESOLVED:
        return True
    scale = distance if is_gap else arb(1)
    return bool(gap.abs_upper() < scale * arb(2) ** -(exponent // 2 + RESOLVED))


_M = mpmath.MPContext()


def mpf(ball: Any) -> Any:
    """The midpoint of a ball, exactly."""
    return _M.make_mpf(ball.mid()._mpf_) if is_ball(ball) else ball


def wide() -> Any:
    """mpmath with as many bits as the samples have."""
    return _M.workprec(MAX_BITS)


def narrow() -> Any:
    """mpmath with as many bits as limits are told to: divisions with more would be most of the work."""
    return _M.workprec(LIMIT_BITS)


def exponent(ball: Any) -> int:
    """Of the leading bit of a ball's midpoint."""
    _, _, exponent, bits = ball.mid()._mpf_
    return int(exponent + bits)


# Values as a place is approached, where the function's own value there is not known.


def steps_beside(scale: Fraction, sign: int) -> list[tuple[Fraction, int]]:
    """How far from a place it is looked at to one side, by both kinds of steps in turn; and the bits that it takes."""
    return [
        (sign * scale * Fraction(kind[step], 2 ** (EXPONENTS[step] + MANTISSA_BITS)), 2 * (EXPONENTS[step] + RESOLVED))
        for step in range(LOOKS)
        for kind in MANTISSAS
    ]


def approached(moves: Sequence[Fraction], values: Sequence[Enclosed]) -> BothKinds:
    """A side from its values; those from the first unknown one on are left out."""
    pairs = list(zip(zip(moves[::2], values[::2]), zip(moves[1::2], values[1::2])))
    while any(value is UNKNOWN for pair in pairs for _, value in pair):
        pairs.pop()
    kinds = [[_sample(*pair[kind]) for pair in pairs] for kind in range(len(MANTISSAS))]
    return BothKinds.of((kinds[0], kinds[1]))


def _sample(move: Fraction, value: Enclosed) -> NearbySample:
    step = mpf(BALLS.number(move))
    return NearbySample(step, mpf(value), 0, mpf(value.rad())) if is_ball(value) else NearbySample(step, None, 0, 0)


def course_of_side(side: BothKinds) -> Course | None:
    """Where the values go; None where there are none."""
    if not side.steps or side.defined is None:
        return Course(Trend.UNCLEAR)
    return side.gap(mpf(arb(0))) if side.defined else None


def judged_by_sides(left: BothKinds, right: BothKinds) -> Outcome:
    """What a place is at which the function's own value is not known: a hole, where nothing else is special."""
    return Looked(left.pair, right.pair, None).judged(lambda side: Course(Trend.UNCLEAR))
