"""The extreme points over a rectangle: stationary ones inside, proven by Krawczyk's operator; then its border."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

from gradcli.backends.arb.context import BALLS, precision
from gradcli.backends.arb.evaluate import BallEvaluator, Enclosed, is_ball
from gradcli.backends.arb.guards import may_be_zero
from gradcli.extrema.blow_up import BlowUp, numbers_in
from gradcli.extrema.cusps import NonsmoothPlane
from gradcli.extrema.data import (
    BORDER,
    CORNER,
    END,
    MAXIMUM,
    MINIMUM,
    NEITHER,
    NONSMOOTH,
    SADDLE,
    STATIONARY,
    UNDECIDED,
    ExtremePoint,
)
from gradcli.extrema.generalized import GeneralizedGradient
from gradcli.extrema.greatest import ExtremeCandidate, decimal_text
from gradcli.extrema.line import LineExtrema
from gradcli.language.numbers import fraction_of
from gradcli.problem.job import Job
from gradcli.reference.newton import approached, krawczyk, proven
from gradcli.reference.stationary import Segment, hull, joined, sign_of_ball
from gradcli.reference.texts import text
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.chain import chain
from gradcli.tape.dependence import depends, guarded_among, reaches

BITS = 96
FINE = 300
MAX_PARTS = 12_000  # that are looked at
NARROW = Fraction(1, 2**18)  # of the rectangle: parts are halved no further
WIDER = Fraction(1, 16)  # of a part, around it: a root on its border is in the middle of that
DIGITS = 20
KINKED = "a nonsmooth point, or a hole: what is there is not told"
FEW = NARROW * 8  # of the rectangle: what may hold one nonsmooth point,
MOST_KINKS = 20  # of as many
MOST_VALUES = 2_000  # parts on which the values are looked at

Rectangle = tuple[Segment, Segment]


class PlaneExtrema:
    """Finds the extreme points of a program over ranges of two variables, the others being fixed."""

    def __init__(
        self, job: Job, names: Sequence[str], whole: Rectangle, fixed: Mapping[str, Fraction], deadline: Deadline
    ) -> None:
        self.job, self.names, self.whole = job, names, whole
        self.chain = chain(job.exact, names, 2, job.program.source)
        tape = self.chain.tape
        self.fixed = {name: value for name, value in fixed.items() if name in tape.inputs}
        self.evaluator = BallEvaluator(tape, deadline)
        self.generalized = GeneralizedGradient(chain(job.exact, names, 1, job.program.source), deadline)
        self.guarded = guarded_among(tape, reaches(tape, [tape.output]), depends(tape, self.chain.targets))
        self.points: list[ExtremePoint] = []
        self.candidates: list[ExtremeCandidate] = []
        self.open: list[tuple[Rectangle, str]] = []
        self.flat: list[Rectangle] = []
        self.skipped: list[Rectangle] = []
        self.found: list[list[Any]] = []
        self.parts = 0
        self._search()
        self._blow_up(fixed, deadline)
        self._nonsmooth(fixed, deadline)
        self._border(job, fixed, deadline)

    def values(self, box: Sequence[Any]) -> list[Enclosed]:
        """The gradient on a box."""
        found = self._run(box)
        return [found[self.chain.partials[(k,)]] for k in (0, 1)]

    def jacobian(self, box: Sequence[Any]) -> list[list[Enclosed]]:
        """The Hessian on a box."""
        found = self._run(box)
        mixed = found[self.chain.partials[(0, 1)]]
        return [[found[self.chain.partials[(0, 0)]], mixed], [mixed, found[self.chain.partials[(1, 1)]]]]

    def _run(self, box: Sequence[Any]) -> list[Enclosed]:
        return self.evaluator.run(self._inputs(box))

    def _inputs(self, box: Sequence[Any]) -> dict[str, Any]:
        return {name: BALLS.number(value) for name, value in self.fixed.items()} | dict(zip(self.names, box))

    def _search(self) -> None:
        waiting = [self.whole]
        while waiting:
            part = waiting.pop()
            self.parts += 1
            with precision(BITS):
                why = self._undecided(part)
            if why is None:
                continue
            small = all(one.width <= all_.width * NARROW for one, all_ in zip(part, self.whole))
            if small or self.parts + len(waiting) > MAX_PARTS:
                self.open.append((part, why))
                continue
            wide = max((0, 1), key=lambda k: part[k].width / self.whole[k].width)
            middle = (part[wide].low + part[wide].high) / 2
            for half in (Segment(part[wide].low, middle), Segment(middle, part[wide].high)):
                waiting.append((half, part[1]) if wide == 0 else (part[0], half))

    def _undecided(self, part: Rectangle) -> str | None:
        """Why a part is not done with; None where it has no stationary point, or its one is found."""
        box = [hull(one) for one in part]
        found = self._run(box)
        if found[self.chain.output] is None:
            return None
        gradient = [found[self.chain.partials[(k,)]] for k in (0, 1)]
        signs = [sign_of_ball(one) for one in gradient]
        if any(sign not in (None, 0) for sign in signs):
            return None
        if self._is_nonsmooth(found):
            return None if self.generalized.excludes_zero(self._inputs(box)) else KINKED
        if signs == [0, 0]:
            self.flat.append(part)
            return None
        wide = [Segment(one.low - one.width * WIDER, one.high + one.width * WIDER) for one in part]
        around = [hull(one) for one in wide]
        middle = [BALLS.number((one.low + one.high) / 2) for one in part]
        inner = krawczyk(self, middle, around)
        if inner is None:
            return "the gradient may be zero"
        if not all(a.overlaps(b) for a, b in zip(inner, box)):
            return None
        if all(a.contains_interior(b) for a, b in zip(around, inner)):
            self._at_root(inner)
            return None
        return "the gradient may be zero"

    def _blow_up(self, fixed: Mapping[str, Fraction], deadline: Deadline) -> None:
        """Points at which the gradient does not exist, or is 0 with a Hessian that tells nothing: all around each."""
        around = [part for part, _ in clusters([(part, "") for part, _ in self.open])]
        small = [part for part in around if all(s.width <= all_.width * FEW for s, all_ in zip(part, self.whole))]
        if not small or len(small) > MOST_KINKS:
            return
        blow_up = BlowUp(self.job, self.names, fixed, deadline)
        for part in small:
            if any(self._is_told(blow_up, part, point) for point in product(*map(numbers_in, part))):
                self.open = [(one, why) for one, why in self.open if not _is_in(one, part)]

    def _is_told(self, blow_up: BlowUp, part: Rectangle, point: tuple[Fraction, ...]) -> bool:
        """Whether a number in a rectangle is its only point, which is kept."""
        x, y = point
        off = [max(at - one.low, one.high - at) for at, one in zip(point, part)]
        with precision(FINE):
            kind = blow_up.kind((x, y), (off[0], off[1])) if all(off) else None
            if kind is None:
                return False
            box = [BALLS.number(one) for one in point]
            found = self._run(box)
            is_flat = not self._is_nonsmooth(found) and all(sign_of_ball(one) == 0 for one in self.values(box))
            value = found[self.chain.output]
            at = {name: decimal_text(one) for name, one in zip(self.names, point)}
            self.candidates.append(ExtremeCandidate(value, at))
            if is_flat or kind != NEITHER:
                place, said = (STATIONARY, None) if is_flat else (NONSMOOTH, "corner")
                self.points.append(ExtremePoint(at, text(value, DIGITS), kind, place, True, said))
        return True

    def _nonsmooth(self, fixed: Mapping[str, Fraction], deadline: Deadline) -> None:
        """What is extreme among nonsmooth points: in small rectangles that are left, one each."""
        left = [one for one in clusters(self.open) if one[1] == KINKED]
        small = [part for part, _ in left if all(s.width <= all_.width * FEW for s, all_ in zip(part, self.whole))]
        if not small or len(small) > MOST_KINKS:
            return
        plane = NonsmoothPlane(self.job, self.names, fixed, deadline)
        for part in small:
            with precision(FINE):
                found = plane.point_in(part)
                if found is None:
                    continue
                point, value, kind, known = found
                at = {name: decimal_text(x) for name, x in zip(self.names, point)}
                if kind != NEITHER:
                    self.points.append(ExtremePoint(at, text(value, DIGITS), kind, NONSMOOTH, known, "corner"))
                self.candidates.append(ExtremeCandidate(value, at))
            if known:
                self.open = [(one, why) for one, why in self.open if why != KINKED or not _is_in(one, part)]

    def _is_nonsmooth(self, values: Sequence[Enclosed]) -> bool:
        return any(any(map(may_be_zero, self.evaluator.guards(index, values))) for index in self.guarded)

    def _at_root(self, box: list[Any]) -> None:
        """Keep the one root that a box holds."""
        with precision(FINE):
            arrived = approached(self, box)
            root = None if arrived is None else proven(self, arrived)
            if root is None or not all(a.overlaps(b) for a, b in zip(root.box, box)):
                root_box, known = box, False
            else:
                root_box, known = root.box, True
                near = [BALLS.number(0 if one.contains(0) else Fraction(float(one))) for one in root_box]
                if all(is_ball(one) and one.is_zero() for one in self.values(near)):
                    root_box = near
                root_box = self._on_axes(root_box)
            if any(all(a.overlaps(b) for a, b in zip(root_box, other)) for other in self.found):
                return
            self.found.append(root_box)
            if not all(self._is_inside(one, all_) for one, all_ in zip(root_box, self.whole)):
                return
            found = self._run(root_box)
            (xx, xy), (_, yy) = self.jacobian(root_box)
            determinant = xx * yy - xy * xy
            sign, bend = sign_of_ball(determinant), sign_of_ball(xx)
            kind = SADDLE if sign == -1 else UNDECIDED
            if sign == 1:
                kind = MINIMUM if bend == 1 else MAXIMUM
            at = {name: decimal_text(fraction_of(BALLS.midpoint(one)), None if one.is_exact() else DIGITS)
                  for name, one in zip(self.names, root_box)}  # fmt: skip
            value = found[self.chain.output]
            self.points.append(
                ExtremePoint(at, text(value, DIGITS), kind, STATIONARY, known, None, text(determinant, DIGITS))
            )
            self.candidates.append(ExtremeCandidate(value, at))

    def _on_axes(self, box: list[Any]) -> list[Any]:
        """The box of the one root in it, a coordinate 0 where the root is proven to be there.

        Where a partial derivative is 0 all along an axis, and the other one changes its sign on it within the box, the
        root is on the axis.
        """
        for k in (0, 1):
            if box[k].is_exact() or not box[k].contains(0):
                continue
            axis = [BALLS.number(0) if i == k else one for i, one in enumerate(box)]
            ends = []
            for end in (box[1 - k].lower(), box[1 - k].upper()):
                values = self.values([BALLS.number(0) if i == k else end for i in (0, 1)])
                ends.append(sign_of_ball(values[1 - k]))
            if sign_of_ball(self.values(axis)[k]) == 0 and sorted(map(str, ends)) == ["-1", "1"]:
                return axis
        return box

    @staticmethod
    def _is_inside(one: Any, whole: Segment) -> bool:
        return bool(BALLS.number(whole.low) <= one.mid() <= BALLS.number(whole.high))

    def _border(self, job: Job, fixed: Mapping[str, Fraction], deadline: Deadline) -> None:
        """What may be least or greatest on the four sides."""
        corners: list[ExtremePoint] = []
        for k in (0, 1):
            for x in self.whole[k]:
                held = {**fixed, self.names[k]: x}
                side = LineExtrema(job, self.names[1 - k], self.whole[1 - k], held, False, deadline)
                here = {self.names[k]: decimal_text(x)}
                self.candidates += [
                    one._replace(at={**dict.fromkeys(self.names, ""), **one.at, **here}) for one in side.candidates
                ]
                for one in side.skipped():
                    self.skipped.append((Segment(x, x), one) if k == 0 else (one, Segment(x, x)))
                for one in side.open:
                    part = (Segment(x, x), one) if k == 0 else (one, Segment(x, x))
                    self.open.append((part, "on the border, the slope may be zero"))
                for point in side.points:
                    at = {**dict.fromkeys(self.names, ""), **point.at, **here}
                    place = CORNER if point.place == END else BORDER
                    one_more = ExtremePoint(at, point.value, point.kind, place, point.proven, point.slopes)
                    corners.append(one_more) if place == CORNER else self.points.append(one_more)
        for one_corner in corners:  # which is extreme where it is along both sides
            if corners.count(one_corner) > 1 and one_corner not in self.points:
                self.points.append(one_corner)

    def values_on(self, parts: Sequence[Rectangle]) -> list[Any]:
        """Balls of the values on some parts; None where there is none, and at the end where there are too many."""
        with precision(BITS):
            found = [self._run([hull(one) for one in part])[self.chain.output] for part in parts[:MOST_VALUES]]
        return [one if is_ball(one) else None for one in found] + [None] * (len(parts) > MOST_VALUES)


def _is_in(one: Rectangle, part: Rectangle) -> bool:
    return all(b.low <= a.low and a.high <= b.high for a, b in zip(one, part))


def clusters(parts: Sequence[tuple[Rectangle, str]]) -> list[tuple[Rectangle, str]]:
    """Parts that lie side by side, as the rectangles around them, for each reason."""
    found: list[tuple[Rectangle, str]] = []
    for why in dict.fromkeys(why for _, why in parts):
        own = [part for part, reason in parts if reason == why]
        for column in joined([part[0] for part in own]):
            inside = [part for part in own if column.low <= part[0].low and part[0].high <= column.high]
            for row in joined([part[1] for part in inside]):
                within = [p for p in inside if row.low <= p[1].low and p[1].high <= row.high]
                low, high = min(p[0].low for p in within), max(p[0].high for p in within)
                found.append(((Segment(low, high), row), why))
    return found
