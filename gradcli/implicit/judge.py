"""What is true of the derivatives at a root: in balls where all is smooth, from both sides at a nonsmooth point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from gradcli.backends.arb.context import BALLS, precision
from gradcli.backends.arb.evaluate import is_ball, proof_of
from gradcli.backends.arb.flint import arb
from gradcli.implicit.data import FOLD, SINGULAR, TANGENT
from gradcli.implicit.root import MAX_BITS, FoundRoot, ImplicitSystem, RootState, refined
from gradcli.implicit.tape import ImplicitTape, Places
from gradcli.problem.job import Job
from gradcli.reference.newton import approached
from gradcli.reference.point import Reference
from gradcli.reference.texts import has_digits, text, upper
from gradcli.reference.verdict import ARITHMETIC
from gradcli.runtime.deadlines import WorkDeadline
from gradcli.tape.chain import chain
from gradcli.tape.dependence import reaches
from gradcli.tape.emit import Emitter
from gradcli.tape.findings import Finding
from gradcli.tape.sweep import sweep
from gradcli.tape.tape import Primitive

DIGITS = 25  # of the truth: a verdict counts more than a double has
STEPS = (40, 80, 120)  # bits by which a variable is moved for a difference quotient, relative to it
BORNE_OUT = 1e-6  # of a derivative, that a quotient of two proven roots may be off by
QUOTIENT_BITS = 512
WIDE_KINK = "an operation changes its formula within what is known of the root"
TURNS = "the solutions turn back: there are two {} on one side, and none on the other"
NOT_BORNE_OUT = "difference quotients of the root do not bear it out"


class ImplicitReference:
    """Judges the derivatives of the unknowns at a root."""

    def __init__(self, job: Job, system: ImplicitSystem, root: FoundRoot, digits: int) -> None:
        self.job = job
        self.system = system
        self.made: ImplicitTape = system.made
        self.root = root
        self.digits = max(digits, DIGITS)
        self.names = [*job.names.variables]
        self.proof = self._proof()

    def judge(self) -> dict[Places, Finding]:
        """The finding of each derivative."""
        if self.root.state not in (RootState.PROVEN, RootState.NONSMOOTH):
            return {places: self._singular(places) for places in self.made.partials}
        with precision(self.root.bits):
            values = self.system.run(self.root.box)
            if self.system.is_nonsmooth(values):
                return {places: self._at_kink(places) for places in self.made.partials}
        return self._smooth()

    # Where all is smooth

    def _smooth(self) -> dict[Places, Finding]:
        root, found = self.root, {}
        while True:
            with precision(root.bits):
                values = self.system.run(root.box)
                done = all(has_digits(values[index], self.digits) for index in self.made.partials.values())
            if done or 2 * root.bits > MAX_BITS:
                break
            finer = refined(self.system, root, 2 * root.bits)
            if finer.bits == root.bits:
                break
            root = finer
        with precision(root.bits):
            for places, index in self.made.partials.items():
                said = text(values[index], self.digits)
                if said is None:
                    found[places] = Finding(None, note="it cancels to all the digits that were computed")
                elif len(places) == 2 and not self._is_borne_out(places, values[index]):
                    found[places] = Finding(None, note=NOT_BORNE_OUT)
                else:
                    taken = None if self.job.has_custom_vjps else said
                    found[places] = Finding(True, said, taken, proof=self.proof)
        self.root = root
        return found

    def _is_borne_out(self, places: Places, slope: Any) -> bool:
        """Whether the root moves as the derivative says, which uses no rule."""
        unknown, by = places
        name = self.made.tape.variable(self.made.wrt[by])
        at = self.system.fixed[name]
        with precision(QUOTIENT_BITS):
            for bits in STEPS:
                step = (abs(at) or Fraction(1)) / 2**bits
                ends = [self._moved(name, at + way * step) for way in (1, -1)]
                if None in ends:
                    continue
                quotient = (ends[0][unknown] - ends[1][unknown]) / BALLS.number(2 * step)
                size = abs(slope).mid() + arb(2) ** -(bits // 2)
                if abs(quotient - slope).mid() <= size * BORNE_OUT:
                    return True
        return False

    def _moved(self, name: str, value: Fraction) -> Any:
        """The root where one of the variables is moved."""
        point = {**self.system.point, name: value}
        other = ImplicitSystem(self.made, point, self.system.solve)
        return approached(other, self.root.box)

    def rounding(self, places: Places, finding: Finding) -> Finding:
        """A finding that knows what its number may be off by, from the rounding of the point and of the root."""
        tape = self.made.tape
        emitter = Emitter(tape, (*self.made.unknowns, *self.made.wrt))
        inputs = list(tape.inputs.values())
        slopes = sweep(emitter, self.made.partials[places], inputs, self.job.program.source)
        with precision(self.root.bits):
            values = self.system.run(self.root.box)
            total = arb(0)
            for index, slope in slopes.items():
                if is_ball(values[slope]) and is_ball(values[index]):
                    total += abs(values[slope] * values[index])
            known = total.is_finite()
        return replace(finding, rounding=upper(total), rounded=("the point",)) if known else finding

    # Where something is special

    def _at_kink(self, places: Places) -> Finding:
        """One equation at a nonsmooth point that is known exactly: from what its own derivatives are there."""
        if not self.root.is_exact:
            return Finding(None, note=WIDE_KINK)
        if len(self.made.unknowns) > 1 or len(places) > 2:
            return Finding(None, note="an operation sits on a nonsmooth point, which is judged of one equation alone")
        name = self.made.tape.variable(self.made.wrt[places[1]])
        by = [name, self.system.solve[0]]
        point = {**self.system.fixed, self.system.solve[0]: self.root.fractions()[0]}
        one = chain(self.job.exact, by, 1, self.job.program.source)
        findings = Reference(
            one, one, point, self.digits, WorkDeadline(self.job.allowance), self.job.dtype.bits
        ).judge()
        of_x, of_y = findings.partials[(0,)], findings.partials[(1,)]
        return _of_two(of_x, of_y)

    def _singular(self, places: Places) -> Finding:
        """Where the equations do not determine the unknowns: what sort of point it is."""
        made, nearly = self.made, self.root.state is RootState.NEARLY
        wide = arb(2) ** (1 - self.job.dtype.bits) if nearly else None
        with precision(self.root.bits):
            values = self.system.run(self.root.box, None, wide)
            flat = {
                key for key, index in made.numerators.items() if is_ball(values[index]) and values[index].contains(0)
            }
            names = ", ".join(self.system.solve)
            end = "; up to the rounding of what was typed" if nearly else ""
            if any(a != b for a, b in zip(self.root.box, self.system.start)):
                end += "; at " + ", ".join(
                    f"{n} = {float(one):.6g}" for n, one in zip(self.system.solve, self.root.box)
                )
            if len(made.unknowns) > 1:
                kind = SINGULAR if places[:2] in flat else TANGENT
                return Finding(False, kind=kind, note=f"the Jacobian of the equations by {names} is singular{end}")
            if len(flat) < len(made.numerators):
                second = self._second(values, made.unknowns[0], made.unknowns[0])
                turns = is_ball(second) and not second.contains(0)
                what = TURNS.format(names) if turns else f"the slope of {names} is infinite"
                return Finding(False, kind=FOLD if turns else TANGENT,
                               note=f"the equation's derivative by {names} is 0: {what}{end}")  # fmt: skip
            return Finding(False, kind=SINGULAR, note=self._crossing(places, values) + end)

    def _crossing(self, places: Places, values: Sequence[Any]) -> str:
        """What curves do at a point where both derivatives of the equation are 0: by its second ones."""
        x, y = self.made.wrt[places[1]], self.made.unknowns[0]
        a, b, c = (self._second(values, *pair) for pair in ((x, x), (x, y), (y, y)))
        begin = "all derivatives of the equation are 0"
        if not all(map(is_ball, (a, b, c))) or len(self.made.wrt) > 1:
            return begin
        inner = b * b - a * c
        if inner > 0 and not c.contains(0):
            slopes = sorted(float((-b + sign * inner.sqrt()) / c) for sign in (-1, 1))
            return f"{begin}: two branches cross, with slopes {slopes[0]:.6g} and {slopes[1]:.6g}"
        if inner > 0:
            return f"{begin}: two branches cross"
        if inner < 0:
            return f"{begin}: the point is isolated"
        return f"{begin}: a cusp, or branches that touch"

    def _second(self, values: Sequence[Any], first: int, second: int) -> Any:
        """A second derivative of the one equation."""
        tape = self.made.tape.copy()
        emitter = Emitter(tape, (*self.made.unknowns, *self.made.wrt))
        source = self.job.program.source
        slope = sweep(emitter, self.made.equations[0], [first], source).get(first)
        bend = None if slope is None else sweep(emitter, slope, [second], source).get(second)
        if bend is None:
            return arb(0)
        inputs: Mapping[str, Any] = {name: values[index] for name, index in tape.inputs.items()}
        return type(self.system.evaluator)(tape, None, (*self.made.unknowns, *self.made.wrt)).run(inputs)[bend]

    def _proof(self) -> str:
        tape = self.made.tape
        used = reaches(tape, [*self.made.equations, *self.made.partials.values()])
        rows = {op.row for index, op in enumerate(tape.ops) if used[index] and isinstance(op, Primitive)}
        return proof_of(rows)


def _of_two(of_x: Finding, of_y: Finding) -> Finding:
    """The derivative -F_x/F_y, from what is known of both, one of which may have two sides."""
    with localcontext(ARITHMETIC):
        if of_x.value is not None and of_y.value is not None and Decimal(of_y.value) != 0:
            value = _said(-Decimal(of_x.value) / Decimal(of_y.value))
            return Finding(True, value, value, proof="estimated")
        if of_y.value is not None and Decimal(of_y.value) != 0 and of_x.kind == "corner" and of_x.left and of_x.right:
            left, right = (-Decimal(one) / Decimal(of_y.value) for one in (of_x.left, of_x.right))
            if left.is_finite() and right.is_finite():
                return Finding(False, kind="corner", left=_said(left), right=_said(right))
        if of_x.value is not None and of_y.kind == "corner" and of_y.left and of_y.right:
            slopes = [Decimal(of_y.left), Decimal(of_y.right)]
            if all(one.is_finite() for one in slopes) and slopes[0] * slopes[1] > 0:
                below, above = (-Decimal(of_x.value) / one for one in slopes)
                left, right = (below, above) if above > 0 else (above, below)
                return Finding(False, kind="corner", left=_said(left), right=_said(right))
        if of_y.value is not None and Decimal(of_y.value) == 0:
            return Finding(None, note="a nonsmooth point of the equation, whose derivative by the unknown is 0")
    return Finding(None, note="a nonsmooth point of the equation in both of its variables, or with no finite slope")


def _said(value: Decimal) -> str:
    return "0" if not value else str(+value).lower()
