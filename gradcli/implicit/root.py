"""The root of the equations next to a start: found by Newton's method, proven, or said to be none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from fractions import Fraction
from typing import Any, NamedTuple

from gradcli.backends.arb.context import BALLS, precision
from gradcli.backends.arb.evaluate import BallEvaluator, Enclosed, is_ball
from gradcli.backends.arb.flint import arb
from gradcli.backends.arb.guards import may_be_zero
from gradcli.implicit.tape import ImplicitTape
from gradcli.language.numbers import fraction_of
from gradcli.reference.newton import Box, ProvenRoot, approached, proven
from gradcli.tape.dependence import depends, guarded_among, reaches

BITS = 256  # of a first proof,
MAX_BITS = 4_096  # and at most
ROUNDINGS = 2  # units of rounding that a typed number may be off by
MAX_CELLS = 400  # that are looked at for another root between a start and the root
NEARER = Fraction(999, 1000)  # of the way to the root, within which another one is nearer


class ImplicitSystem:
    """The equations as functions of their unknowns, the other variables being fixed."""

    def __init__(self, made: ImplicitTape, point: Mapping[str, Fraction], solve: Sequence[str]) -> None:
        self.made = made
        self.solve = solve
        self.point = {name: value for name, value in point.items() if name in made.tape.inputs}
        self.fixed = {name: value for name, value in self.point.items() if name not in solve}
        self.evaluator = BallEvaluator(made.tape, None, (*made.unknowns, *made.wrt))

    def run(self, box: Sequence[Any], end: int | None = None, wide: Any = None) -> list[Enclosed]:
        """All values up to an operation where the unknowns are these balls; `wide`: what all numbers are off by."""
        inputs = {name: BALLS.number(value) for name, value in self.fixed.items()}
        inputs |= dict(zip(self.solve, box))
        if wide is not None:
            inputs = {name: value + value * (arb(0, 1) * wide) for name, value in inputs.items()}
        return self.evaluator.run(inputs, end)

    def values(self, box: Sequence[Any]) -> list[Enclosed]:
        """The equations' values."""
        found = self.run(box, self.made.length)
        return [found[place] for place in self.made.equations]

    def jacobian(self, box: Sequence[Any]) -> list[list[Enclosed]]:
        """Their derivatives by the unknowns."""
        found = self.run(box, self.made.jacobian_end)
        return [[found[place] for place in row] for row in self.made.by_unknowns]

    def is_nonsmooth(self, values: Sequence[Enclosed]) -> bool:
        """Whether an operation that the equations use may sit on a nonsmooth point, where it has these values."""
        tape = self.made.tape
        used = reaches(tape, self.made.equations)
        active = depends(tape, (*self.made.unknowns, *self.made.wrt))
        return any(
            any(map(may_be_zero, self.evaluator.guards(index, values))) for index in guarded_among(tape, used, active)
        )

    @property
    def start(self) -> Box:
        """Where the search begins."""
        return [BALLS.number(self.point[name]) for name in self.solve]


class RootState(Enum):
    """What is known of the root next to a start."""

    PROVEN = "there is one, and the equations determine it"
    SINGULAR = "the equations hold, and do not determine the unknowns"
    NONSMOOTH = "the equations hold at a nonsmooth point of theirs"
    NEARLY = "the same, up to the rounding of what was typed"
    NONE = "none is proven"


class FoundRoot(NamedTuple):
    """A root, or what is there instead; `box` are balls around it, exact where it is known exactly."""

    state: RootState
    box: Box
    bits: int = BITS

    @property
    def is_exact(self) -> bool:
        """Whether it is known exactly."""
        return all(one.is_exact() for one in self.box)

    def fractions(self) -> list[Fraction]:
        """The middle of it."""
        return [fraction_of(BALLS.midpoint(one)) for one in self.box]


def find_root(system: ImplicitSystem, unit: int) -> FoundRoot:
    """The root next to the start of a system, whose numbers were rounded to so many bits."""
    start = system.start
    with precision(BITS):
        wide = arb(ROUNDINGS) * arb(2) ** -unit
        if _is_on_kink(system, start):
            found = proven(system, start)
            return FoundRoot(RootState.NONSMOOTH if found is None else RootState.PROVEN, start)
        if _is_singular(system, start, wide):
            exact = _is_singular(system, start, None)
            return FoundRoot(RootState.SINGULAR if exact else RootState.NEARLY, start)
        arrived = approached(system, start)
        if arrived is not None:
            for candidate in (_as_doubles(arrived), arrived):
                found = proven(system, candidate)
                if found is not None and (found.is_exact or candidate is arrived):
                    return FoundRoot(RootState.PROVEN, found.box)
            for candidate in (_as_doubles(arrived), _rounded(arrived)):
                if _is_on_kink(system, candidate):
                    return FoundRoot(RootState.NONSMOOTH, candidate)
                if _is_singular(system, candidate, None):
                    return FoundRoot(RootState.SINGULAR, candidate)
                if _is_singular(system, candidate, wide):
                    return FoundRoot(RootState.NEARLY, candidate)
    return FoundRoot(RootState.NONE, arrived or [])


def refined(system: ImplicitSystem, root: FoundRoot, bits: int) -> FoundRoot:
    """The same root to more bits: a proof within the box that holds it alone."""
    if root.is_exact:
        return root._replace(bits=bits)
    with precision(bits):
        arrived = approached(system, root.box)
        found: ProvenRoot | None = proven(system, arrived) if arrived is not None else None
        if found is None or not all(a.overlaps(b) for a, b in zip(found.box, root.box)):
            return root
        return FoundRoot(RootState.PROVEN, found.box, bits)


def nearer_root(system: ImplicitSystem, root: FoundRoot) -> tuple[bool | None, float | None]:
    """Whether the root of one equation is the nearest to the start: proven or not; and where a nearer one is."""
    (start,), (middle,) = [fraction_of(one) for one in system.start], root.fractions()
    away = abs(middle - start) * NEARER
    if not away:
        return True, None
    cells = [(start - away, start), (start, start + away)]
    with precision(BITS):
        for _ in range(MAX_CELLS):
            if not cells:
                return True, None
            low, high = cells.pop(0)
            hull = BALLS.number(low).union(BALLS.number(high))
            (value,) = system.values([hull])
            if value is None or (is_ball(value) and not value.contains(0)):
                continue
            signs = [_sign(system, end) for end in (low, high)]
            if None not in signs and signs[0] != signs[1]:
                ((slope,),) = system.jacobian([hull])
                if is_ball(slope) and slope.is_finite():
                    return False, float((low + high) / 2)
            ((slope,),) = system.jacobian([hull])
            if is_ball(slope) and slope.is_finite() and not slope.contains(0) and None not in signs:
                continue
            middle = (low + high) / 2
            cells += [(low, middle), (middle, high)]
    return None, None


def _sign(system: ImplicitSystem, at: Fraction) -> int | None:
    (value,) = system.values([BALLS.number(at)])
    if not is_ball(value) or value.contains(0):
        return None
    return 1 if value > 0 else -1


def _is_singular(system: ImplicitSystem, box: Box, wide: Any) -> bool:
    """Whether the equations hold there and their Jacobian is singular: exactly, or as far as rounding tells."""
    found = system.run(box, None, wide)
    values = [found[place] for place in (*system.made.equations, system.made.determinant)]
    if not all(is_ball(value) and value.is_finite() for value in values) or system.is_nonsmooth(found):
        return False
    return all(value.is_zero() if wide is None else value.contains(0) for value in values)


def _is_on_kink(system: ImplicitSystem, box: Box) -> bool:
    """Whether the equations hold exactly there, at a nonsmooth point of theirs."""
    found = system.run(box, system.made.jacobian_end)
    values = [found[place] for place in system.made.equations]
    return all(is_ball(value) and value.is_zero() for value in values) and system.is_nonsmooth(found)


def _as_doubles(box: Box) -> Box:
    return [BALLS.number(Fraction(float(one))) for one in box]


def _rounded(box: Box) -> Box:
    """The numbers of few digits next to some: a search for a double root comes near it, and not to it."""
    return [BALLS.number(Fraction(round(float(one), 9))) for one in box]
