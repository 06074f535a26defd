"""The values of claims, and of derivatives by the chain rule, at a point, in balls of any precision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from gradcli.backends.arb.context import BALLS, precision
from gradcli.backends.arb.evaluate import UNKNOWN, BallEvaluator, Enclosed, is_ball
from gradcli.backends.arb.guards import may_be_zero
from gradcli.check.patience import Patience
from gradcli.check.problem import Claim, Problem
from gradcli.reference.nonsmooth import Sides
from gradcli.reference.pieces import Pieces, Point, Sampled
from gradcli.reference.point import Reference
from gradcli.reference.sample import Sampler
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.chain import Chain
from gradcli.tape.findings import Finding, Positions
from gradcli.tape.tape import Tape

START_BITS = 192
MAX_BITS = 1 << 14  # what cancels by more than 4,900 digits stays undecided
MAX_WORK = 40_000_000  # bits times operations of one evaluation


class ClaimValues:
    """Runs the tapes of a problem's claims."""

    def __init__(self, problem: Problem, deadline: Deadline) -> None:
        self.problem = problem
        self.deadline = deadline
        self._evaluators: dict[int, BallEvaluator] = {}
        # Of a point, by its identity: claims are many, and so are the variables of each point.
        self._spans: dict[int, tuple[Point, Sequence[Fraction]]] = {}
        self._numbers: tuple[Point | None, int, Mapping[str, Enclosed]] = (None, 0, {})

    def span(self, point: Point) -> Sequence[Fraction]:
        """The smallest and the largest magnitude of a point's numbers that are not 0, if there is one."""
        if id(point) not in self._spans:
            sizes = sorted(abs(value) for value in point.values() if value)
            self._spans[id(point)] = point, (sizes[:1] + sizes[-1:])
        return self._spans[id(point)][1]

    def pieces(self) -> Pieces:
        """What tells where the program and the claims have values, and on which pieces of their formulas they are."""
        programs = [Sampled(one.tape, [one.output], one.length) for one in self.problem.chains]
        claims = [_sampled(claim, claim.tape) for claim in self.problem.claims if claim.tape is not None]
        counted = claims if len(claims) == len(self.problem.claims) else []
        return Pieces(programs, counted, self.deadline, sampled_conditions(self.problem))

    def run(self, claim: Claim, point: Point, bits: int) -> list[Enclosed]:
        """The claimed number of each entry at a point."""
        tape = claim.tape
        assert tape is not None
        with precision(bits):
            if tape.derived:
                chain = Chain(tape, (), 0, len(tape.ops), {(): tape.output})
                sides = Sides(chain, point, self.deadline)
                values = sides.everything(sides.nowhere)
            else:
                values = self._run(tape, point)
        return [UNKNOWN if entry.operation is None else values[entry.operation] for entry in claim.entries]

    def _run(self, tape: Tape, point: Point) -> list[Enclosed]:
        if id(tape) not in self._evaluators:
            self._evaluators[id(tape)] = BallEvaluator(tape, self.deadline)
        at, bits, numbers = self._numbers
        if at is not point or bits != BALLS.bits:
            numbers = {name: BALLS.number(value) for name, value in point.items()}
            self._numbers = point, BALLS.bits, numbers
        return self._evaluators[id(tape)].run(numbers)


def sampled_conditions(problem: Problem) -> list[Sampled]:
    """What is assumed, as tapes that are asked at points."""
    return [_sampled(one, one.tape) for one in problem.assumed if one.tape is not None]


def _sampled(claim: Claim, tape: Tape) -> Sampled:
    return Sampled(tape, [entry.operation for entry in claim.entries if entry.operation is not None])


class PointTruth:
    """What is known of the derivatives of an output at a point: by the chain rule, and by the reference if asked.

    `like` is what is known at another point: what does not depend on the point is taken from there.
    """

    def __init__(
        self, true: Chain, taken: Chain, point: Point, digits: int, deadline: Deadline, like: PointTruth | None = None
    ) -> None:
        self.true = true
        shared, other = (None, None) if like is None else (like.sides.forms, like._taken.forms)
        self.reference = Reference(true, taken, point, digits, deadline, weighs=False, like=shared)
        self.sides: Sides = self.reference.sides
        self._taken: Sides = self.sides if taken is true else Sides(taken, self.reference.point, deadline, like=other)
        self._partials: dict[Positions, Finding] | None = None
        self._values: dict[int, list[Enclosed]] = {}
        self._smooth: dict[int, bool] = {}
        self._conventions: dict[int, list[Enclosed]] = {}

    def finding(self, positions: Positions) -> Finding:
        """What the reference says of a partial."""
        return self.ask().get(positions, Finding(None))

    def ask(self) -> Mapping[Positions, Finding]:
        """What the reference says of all partials."""
        if self._partials is None:
            try:
                self._partials = self.reference.judge().partials
            except OverflowError:  # the exponent of a number is itself beyond a double
                self._partials = {}
        return self._partials

    def is_nonsmooth(self, positions: Positions) -> bool:
        """Whether a partial had to be judged from its sides."""
        self.finding(positions)
        return positions in self.reference.special

    def is_affordable(self, bits: int) -> bool:
        """Whether there may be one more evaluation with so many bits."""
        return bits <= MAX_BITS and bits * len(self.true.tape.ops) <= MAX_WORK

    def by_convention(self, positions: Positions, bits: int) -> Enclosed:
        """A partial by the chain rule with autograd's conventions."""
        if bits not in self._conventions:
            with precision(bits):
                self._conventions[bits] = self._taken.forms.whole.run(self._taken.inputs())
        return self._conventions[bits][self._taken.chain.partials[positions]]

    def is_plainly_smooth(self, bits: int) -> bool:
        """Whether the program has a value, and nothing of it is near where it changes its formula, or has no rule."""
        if bits not in self._smooth:
            self._smooth[bits] = self._is_smooth(bits)
        return self._smooth[bits]

    def _is_smooth(self, bits: int) -> bool:
        values = self._everything(bits)
        if not is_ball(values[self.true.output]) or self.true.tape.derived:
            return False
        whole = self.sides.forms.whole
        with precision(bits):
            return not any(any(map(may_be_zero, whole.guards(i, values))) for i in self.reference.guarded)

    def value(self, bits: int) -> Enclosed:
        """The output."""
        return self._everything(bits)[self.true.output]

    def by_rule(self, positions: Positions, bits: int) -> Enclosed:
        """A partial by the chain rule, on the program as it is around the point where that alone has a value."""
        if self.is_plainly_smooth(bits):
            return self._everything(bits)[self.true.partials[positions]]
        sides = self.sides
        with precision(bits):
            radius = sides.radius(sides.scale(positions[-1], sides.nowhere))
            form, values, (certain, unknown) = sides.local(positions, sides.nowhere, radius)
            if sides.is_special(form, certain, positions, sides.nowhere) or sides.moves(form, unknown, positions):
                return UNKNOWN
            return values[form.chain.partials[positions]]

    def _everything(self, bits: int) -> Sequence[Enclosed]:
        if bits not in self._values:
            with precision(bits):
                self._values[bits] = self.sides.everything(self.sides.nowhere)
        return self._values[bits]


def points_of(
    problem: Problem, seed: int, given: Sequence[Mapping[str, Fraction]], deadline: Patience
) -> list[Mapping[str, Fraction]]:
    """Points at which all outputs of the program and at least one claim have a value; `given` come first."""
    pieces = ClaimValues(problem, deadline).pieces()
    sampler = Sampler(pieces, problem.variables, problem.size, seed, problem.held, problem.bounds)
    return sampler.points(given, deadline)
