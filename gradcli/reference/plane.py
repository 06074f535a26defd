"""The reference of a real program that passes through the complex plane: inputs and derivatives are real.

The chain rule is done in complex balls. It holds where the program is analytic on an interval of real inputs around
the point, which is proven: no cut and no branch point is met there (on a cut itself the inputs may move along it), and
difference quotients have to bear it out. Elsewhere the two sides of the point are looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from gradcli.backends.arb.context import BALLS, UNKNOWN, precision
from gradcli.backends.arb.flint import IS_FLINT, acb, arb
from gradcli.backends.arb.plane import InPlane, PlaneEvaluator
from gradcli.backends.mp.arithmetic import decimals
from gradcli.reference.classify import Outcome, Side, compare
from gradcli.reference.limits import Course, Trend
from gradcli.reference.samples import mpf
from gradcli.reference.texts import BITS_PER_DIGIT, has_digits, side, text
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.tape.chain import Chain
from gradcli.tape.findings import TIME_UP, Finding, Findings, Positions

START_BITS = 192
MAX_BITS = 1 << 13
AROUND = (12, 50, 150)  # the intervals' radii are 2 to minus these, relative to the inputs
STEPS = (66, 133, 266, 532)  # of quotients: 2 to minus these, relative to the inputs
MANTISSA = 0xC90FDAA2  # of a step, by 2**32: no round number in any base
CLOSE = -50  # a power of two: how close a quotient comes to the chain rule
NOT_REAL = "not real"
BROKEN = ("jump", "oscillating", "pole")  # kinds that are said first, where the other part has a kind, too
ZERO_BITS = 100  # an imaginary part is 0 where it may be, and is smaller than 2 to minus this, relative to the whole


@dataclass
class PlaneFindings:
    """What is known of the derivatives, and of the value: its parts in decimals, None where it has none."""

    findings: Findings
    imaginary: str | None = None


class PlaneReference:
    """Judges the partials of a program at a real point, where it may pass through the complex plane.

    `true` is the program with its exact derivatives, by variables, `taken` with those that autograd's rules give.
    """

    def __init__(
        self, true: Chain, taken: Chain, point: Mapping[str, Fraction], digits: int, deadline: Deadline
    ) -> None:
        self.true, self.taken = true, taken
        self.point = {name: value for name, value in point.items() if name in true.tape.inputs}
        self.digits = digits
        self.deadline = deadline
        self.program = PlaneEvaluator(true.tape)
        self.names = [true.tape.variable(target) for target in true.targets]
        self.wanted = [positions for positions in true.partials if len(positions) == true.order]
        self.found = PlaneFindings(Findings())

    def judge(self) -> PlaneFindings:
        """All findings; what cannot be decided in time, or within the bounds, is left undecided."""
        if not IS_FLINT or self.true.tape.derived:
            why = "complex balls need python-flint" if not IS_FLINT else "a diff inside is not followed in the plane"
            self._leave(why)
            return self.found
        try:
            self.deadline.run(self._judge)
        except OutOfTime:
            self._leave(TIME_UP)
        return self.found

    def _leave(self, note: str) -> None:
        for positions in self.wanted:
            self.found.findings.partials.setdefault(positions, Finding(None, note=note))

    def _judge(self) -> None:
        values, bits = self._values()
        value = values[self.true.output]
        with precision(bits):
            if isinstance(value, acb):
                self.found.findings.value = _part(value.real, value, self.digits)
                self.found.imaginary = _part(value.imag, value, self.digits)
            smooth = isinstance(value, acb) and self._is_analytic()
        for positions in self.wanted:
            found = values[self.true.partials[positions]]
            if smooth and isinstance(found, acb):
                with precision(bits):
                    self.found.findings.partials[positions] = self._finding(positions, found, value)
            else:
                self.found.findings.partials[positions] = self._by_sides(positions)

    # The chain rule

    def _inputs(self, moved: Mapping[str, Any] | None = None) -> dict[str, Any]:
        moved = moved or {}
        return {name: _ball(value) + moved.get(name, 0) for name, value in self.point.items()}

    def _values(self) -> tuple[list[InPlane], int]:
        """All values, with enough bits that the value and the derivatives have their digits."""
        bits = max(START_BITS, int((self.digits + 10) * BITS_PER_DIGIT))
        outputs = [self.true.output, *(self.true.partials[positions] for positions in self.wanted)]
        while True:
            with precision(bits):
                values = self.program.run(self._inputs())
                if all(_is_known(values[index], self.digits) for index in outputs) or 2 * bits > MAX_BITS:
                    return values, bits
            bits *= 2

    def _is_analytic(self) -> bool:
        """Whether no cut is met around the point, as the inputs that are differentiated by move."""
        for exponent in AROUND:
            moved = {name: arb(0, self._scale(name) * 2.0**-exponent) for name in self.names}
            values = self.program.run(self._inputs(moved), self.true.length)
            if isinstance(values[self.true.output], acb) and not self.program.crossed:
                return True
        return False

    def _scale(self, name: str) -> Any:
        value = abs(float(self.point[name])) if name in self.point else 0.0
        return min(max(value, 1e-300), 1e300) if value else 1.0

    def _finding(self, positions: Positions, found: Any, value: Any) -> Finding:
        if not self._bears_out(positions, found):
            return Finding(None, note="its difference quotients do not bear out the chain rule")
        imaginary, real = _part(found.imag, found, self.digits), _part(found.real, found, self.digits)
        if real is None or imaginary is None:
            return Finding(None, note="it cancels to all the digits that were computed")
        if imaginary != "0":
            note = f"it is {_complex(real, imaginary)}"
            return Finding(False, kind=NOT_REAL, note=note)
        flat = None
        if real == "0" and len(positions) == 1:
            flat = decimals(mpf(abs(value).mid()) / self._scale(self.names[positions[0]]), 6)
        return Finding(True, real, self._taken(positions, real), proof="enclosed", flat=flat)

    def _taken(self, positions: Positions, true: str) -> str | None:
        """What autograd's rules give, those that the program has for its functions among them; None: not known."""
        if self.taken is self.true:
            return true
        found = PlaneEvaluator(self.taken.tape).run(self._inputs())[self.taken.partials[positions]]
        return _part(found.real, found, self.digits) if isinstance(found, acb) else None

    def _bears_out(self, positions: Positions, found: Any) -> bool:
        """Whether a quotient of the derivative below says the same."""
        below, name = self.true.partials[positions[:-1]], self.names[positions[-1]]
        for exponent in STEPS[:3]:
            with precision(4 * exponent + START_BITS):
                step = self._step(name, exponent)
                ends = [self.program.run(self._inputs({name: sign * step}))[below] for sign in (1, -1)]
                if all(isinstance(end, acb) for end in ends):
                    quotient = (ends[0] - ends[1]) / (2 * step)
                    size = (abs(found) + abs(ends[0]) * 2.0**-exponent / self._scale(name)) * arb(2) ** CLOSE
                    if abs(quotient - found) <= size:
                        return True
        return False

    def _step(self, name: str, exponent: int) -> Any:
        return arb(self._scale(name)) * arb(MANTISSA) * arb(2) ** (-32 - exponent)

    # Both sides of the point

    def _by_sides(self, positions: Positions) -> Finding:
        """What the derivative below does on both sides, its real and its imaginary part each for itself."""
        below, name = self.true.partials[positions[:-1]], self.names[positions[-1]]
        center = self._at(below, name, arb(0), STEPS[-1])
        sides = [[self._at(below, name, sign * self._step(name, one), one) for one in STEPS] for sign in (-1, 1)]
        if center is UNKNOWN or any(value is UNKNOWN for side in sides for value in side):
            return Finding(None, note="whether a cut is met here is not resolved")
        outcomes = [self._compared(name, center, sides, part) for part in ("real", "imag")]
        wrong = [one for one in outcomes if one.exists is not True]
        if wrong:
            worst = max(wrong, key=lambda one: (one.exists is None, one.kind in BROKEN and 1 + BROKEN.index(one.kind)))
            left, right = side(worst.left, self.digits), side(worst.right, self.digits)
            notes = {0: None, 1: "it is the imaginary part that does so"}
            return Finding(
                worst.exists, kind=worst.kind, left=left, right=right, note=worst.note or notes[outcomes.index(worst)]
            )
        real, imaginary = outcomes
        if abs(imaginary.value) > max(2 * imaginary.error, abs(real.value) * 1e-20):
            return Finding(False, kind=NOT_REAL, note="by its difference quotients")
        if len(positions) > 1:
            return Finding(None, note="a cut, or a branch point, is met at the point itself")
        return Finding(True, side(real.value, 17), None, proof="estimated")

    def _at(self, below: int, name: str, move: Any, exponent: int) -> InPlane:
        for factor in (4, 8):
            with precision(factor * exponent + START_BITS):
                found = self.program.run(self._inputs({name: move}))[below]
                if found is not UNKNOWN:
                    return found
        return UNKNOWN

    def _compared(self, name: str, center: Any, sides: Sequence[Sequence[Any]], part: str) -> Outcome:
        known = [
            Side(
                [mpf(sign * self._step(name, one)) for one in STEPS],
                [None if value is None else mpf(getattr(value, part).mid()) for value in values],
                [0 if value is None else mpf(getattr(value, part).rad()) for value in values],
            )
            for sign, values in zip((-1, 1), sides)
        ]
        middle = None if center is None else mpf(getattr(center, part).mid())
        return compare(middle, known[0], known[1], lambda slopes: Course(Trend.UNCLEAR))


def has_value(true: Chain, point: Mapping[str, Fraction]) -> bool:
    """Whether a program has a value in the complex plane, that is not a real number."""
    if not IS_FLINT:
        return False
    with precision(START_BITS):
        evaluator = PlaneEvaluator(true.tape)
        inputs = {name: _ball(value) for name, value in point.items() if name in true.tape.inputs}
        value = evaluator.run(inputs, true.length)[true.output]
        return isinstance(value, acb)


def _ball(value: Fraction) -> Any:
    return BALLS.number(value)


def _is_known(value: InPlane, digits: int) -> bool:
    if value is UNKNOWN:
        return False
    return not isinstance(value, acb) or any(has_digits(part, digits) for part in (value.real, value.imag))


def _part(part: Any, whole: Any, digits: int) -> str | None:
    """A part of a number in decimals; 0 where it may be, and is far smaller than the whole."""
    if part.contains(0) and part.abs_upper() <= abs(whole).abs_lower() * arb(2) ** -ZERO_BITS:
        return "0"
    return text(part, digits)


def _complex(real: str, imaginary: str) -> str:
    sign, size = ("-", imaginary[1:]) if imaginary.startswith("-") else ("+", imaginary)
    return f"{float(real):.6g} {sign} {float(size):.6g}i"
