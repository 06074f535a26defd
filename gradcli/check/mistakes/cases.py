"""Claims as numbers: of first derivatives, and of second ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from gradcli.backends.mp.arithmetic import Arithmetic, GivenUp, Value
from gradcli.check.compare import digits_of
from gradcli.check.mistakes.case import DIGITS, Case, Pair, Values, WantedClaim
from gradcli.check.mistakes.flow import Change, Flow, FlowTarget
from gradcli.check.mistakes.traced import Trace, trace
from gradcli.check.problem import Claim, Problem
from gradcli.errors import GradcliError, LimitError
from gradcli.reference.pieces import Point
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.chain import Chain
from gradcli.tape.dependence import reaches
from gradcli.tape.emit import Emitter
from gradcli.tape.sweep import sweep

MOST_OPERATIONS = 8_000  # of a program that is looked into
MOST_PLACES = 12
LOST = 2  # digits of doubles that a claim was summed from, beside those that a comparison leaves out
STEP = Fraction(1, 2**60)  # of a difference quotient
MOST_GROWN = 600  # operations of a program whose second derivative is looked at, too


SECOND = 2  # the highest order whose flow is taken apart


def cases_of(
    problem: Problem, claim: Claim, points: Sequence[Point], deadline: Deadline, arithmetic: Arithmetic
) -> Iterator[Case]:
    """A claim as numbers; a mixed second derivative in both of its orders."""
    traced = trace(problem.program, problem.names, problem.shapes, problem.wrt)
    if len(traced.tape.ops) > MOST_OPERATIONS:
        raise LimitError("naming the slip", f"the program comes to more than {MOST_OPERATIONS:,} operations")
    chosen, claimed = _claimed(problem, claim, points, arithmetic, deadline)
    if not chosen:
        return
    first = claim.wrt[0]
    digits = digits_of(problem, claim, DIGITS)
    digits -= 0 if digits == DIGITS else LOST
    if len(claim.wrt) == 1:
        targets = _wanted(traced, claim, first)
        grown, others = with_second(traced, targets[0])
        case = Case(grown, first, claim.shape, targets, chosen, claimed, deadline, arithmetic, digits, others=others)
        case.moved = _moved(case, claim)
        yield case
        return
    if traced.has_tensors and len(claim.wrt) == SECOND:
        grown_case = _second_by_tensors(traced, claim, chosen, claimed, deadline, arithmetic, digits)
        if grown_case is not None:
            yield grown_case
    if traced.has_tensors or len(claim.wrt) > SECOND:
        entries = [WantedClaim(traced.outputs[entry.output], FlowTarget(-1), entry.index) for entry in claim.entries]
        truths = [_by_chains(problem.chains, claim, point, arithmetic) for point in chosen]
        yield Plain(
            traced, first, claim.shape, entries, chosen, claimed, deadline, arithmetic, digits, has_parts=False,
            truths=truths,
        )  # fmt: skip
        return
    for inner, outer in dict.fromkeys((claim.wrt, claim.wrt[::-1])):
        if not traced.has_tensors:
            case = Case(traced, outer, claim.shape, (), chosen, claimed, deadline, arithmetic, digits)
            yield _second(traced, inner, outer, problem, claim, case)
    for inner, outer in dict.fromkeys((claim.wrt, claim.wrt[::-1])):
        if not traced.has_tensors and outer in traced.tape.inputs:
            yield _earlier(traced, inner, outer, claim, chosen, claimed, deadline, arithmetic)


def _moved(case: Case, claim: Claim) -> list[list[Value]] | None:
    """What a claim about a function of one variable comes to where the function's value is that variable."""
    if claim.tape is None:
        return None
    used = reaches(claim.tape, [entry.operation for entry in claim.entries if entry.operation is not None])
    names = [name for name, index in claim.tape.inputs.items() if used[index]]
    if case.trace.has_tensors or names != [case.name] or not case.trace.tape.variable(case.entries[0].target.operation):
        return None
    found: list[list[Value]] = []
    for flow in case.flows:
        value = flow.values[case.entries[0].output]
        try:
            values = case.arithmetic.run(claim.tape, dict.fromkeys(claim.tape.inputs, value))
        except (GivenUp, TypeError):
            return None
        found.append([None if entry.operation is None else values[entry.operation] for entry in claim.entries])
    return found


def _claimed(
    problem: Problem, claim: Claim, points: Sequence[Point], arithmetic: Arithmetic, deadline: Deadline
) -> tuple[list[Point], list[list[Value]]]:
    """The claimed numbers at the places where they can be computed."""
    chosen, found = [], []
    for point in points[:MOST_PLACES]:
        deadline.check()
        try:
            found.append(_numbers(problem, claim, point, arithmetic))
        except GivenUp:
            continue
        chosen.append(point)
    return chosen, found


def _numbers(problem: Problem, claim: Claim, point: Point, arithmetic: Arithmetic) -> list[Value]:
    """The claimed numbers at a place: by the claim's formula, or by the chain rule with derivatives by hand."""
    if claim.tape is not None:
        values = arithmetic.run(claim.tape, {name: arithmetic.number(point[name]) for name in claim.tape.inputs})
        return [None if entry.operation is None else values[entry.operation] for entry in claim.entries]
    runs: dict[int, list[Value]] = {}
    found = []
    for entry in claim.entries:
        chain = problem.taken[entry.output]
        if entry.output not in runs:
            runs[entry.output] = chain.values(arithmetic, {name: point[name] for name in chain.tape.inputs})
        found.append(runs[entry.output][chain.partials[entry.positions]])
    return found


def _wanted(traced: Trace, claim: Claim, name: str) -> list[WantedClaim]:
    """What each entry of a claim is a derivative of, and by what."""
    rank = len(traced.shape_of(name))
    found = []
    for entry in claim.entries:
        index = entry.index[len(entry.index) - rank :] if rank else ()
        place = traced.operation(name, index)
        assert place is not None
        found.append(WantedClaim(traced.outputs[entry.output], FlowTarget(place, index), entry.index))
    return found


def with_second(traced: Trace, wanted: WantedClaim) -> tuple[Trace, list[tuple[int, str, str]]]:
    """A trace with the second derivative on it, for a claim that is one."""
    if traced.has_tensors or len(traced.tape.ops) > MOST_GROWN:
        return traced, []
    tape = traced.tape.copy()
    place, index = wanted.target.operation, wanted.output
    emitter = Emitter(tape, [place])
    try:
        for _ in range(2):
            found = sweep(emitter, index, [place], traced.program.source)
            if place not in found:
                return traced, []
            index = found[place]
    except GradcliError:
        return traced, []
    other = replace(traced, tape=tape, whole=tape)
    return other, [(index, "order", "order: it is the second derivative, not the first")]


def _second(traced: Trace, inner: str, outer: str, problem: Problem, claim: Claim, case: Case) -> Case:
    """The case of a second derivative: the first one is what is differentiated."""
    tape = traced.tape.copy()
    first, then = traced.operation(inner), traced.operation(outer)
    assert first is not None and then is not None
    emitter = Emitter(tape, [first, then])
    found = sweep(emitter, traced.outputs[0], [first], problem.source)
    index = found[first] if first in found else emitter.number(Fraction(0))
    grown = Trace(traced.program, tape, [index], tape, traced.shapes)
    by = f" by {inner}" if inner != outer else ""
    return replace(
        case, trace=grown, entries=[WantedClaim(index, FlowTarget(then), claim.entries[0].index)],
        same=("order", f"order: it is the first derivative{by}, not the second"),
        others=[(traced.outputs[0], "value", "value: it is the function itself, not a derivative of it")],
    )  # fmt: skip


def _second_by_tensors(
    traced: Trace, claim: Claim, chosen: Sequence[Point], claimed: Sequence[Sequence[Value]], deadline: Deadline,
    arithmetic: Arithmetic, digits: int,
) -> Case | None:  # fmt: skip
    """The case of second derivatives by tensors: each first derivative is an output; None where that is too much."""
    inner, outer = claim.wrt
    shapes = traced.shape_of(inner), traced.shape_of(outer)
    firsts = dict(traced.entries(inner))
    tape = traced.tape.copy()
    emitter = Emitter(tape, [*firsts.values(), *(place for _, place in traced.entries(outer))])
    found: dict[int, dict[int, int]] = {}
    for output in dict.fromkeys(entry.output for entry in claim.entries):
        found[output] = sweep(emitter, traced.outputs[output], list(firsts.values()), traced.program.source)
        if len(tape.ops) > MOST_OPERATIONS:
            return None
    zero = emitter.number(Fraction(0))
    entries = []
    for entry in claim.entries:
        end = len(entry.index) - len(shapes[1])
        by, then = entry.index[end - len(shapes[0]) : end], entry.index[end:]
        place = traced.operation(outer, then)
        assert place is not None
        entries.append(WantedClaim(found[entry.output].get(firsts[by], zero), FlowTarget(place, then), entry.index))
    grown = Trace(traced.program, tape, list(dict.fromkeys(one.output for one in entries)), tape, traced.shapes)
    by_inner = f" by {inner}" if inner != outer else ""
    same = ("order", f"order: it is the first derivative{by_inner}, not the second")
    return Case(grown, outer, claim.shape, entries, chosen, claimed, deadline, arithmetic, digits, same)


def _by_chains(chains: Sequence[Chain], claim: Claim, point: Point, arithmetic: Arithmetic) -> list[Value]:
    """The numbers of a claim at a place, by the chain rule."""
    runs: dict[int, list[Value]] = {}
    found = []
    for entry in claim.entries:
        chain = chains[entry.output]
        if entry.output not in runs:
            runs[entry.output] = chain.values(arithmetic, {name: point[name] for name in chain.tape.inputs})
        found.append(runs[entry.output][chain.partials[entry.positions]])
    return found


@dataclass
class Plain(Case):
    """A second derivative by tensors: only what can be said of the numbers."""

    truths: Sequence[Sequence[Value]] = ()

    def keep(self, known: Sequence[int]) -> None:
        """Keep what belongs to these points."""
        super().keep(known)
        self.truths = [self.truths[number] for number in known]

    def true(self, number: int, wanted: WantedClaim) -> Value:
        """The right number at one point."""
        return self.truths[number][self.entries.index(wanted)]


class Differenced(Case):
    """A second derivative, as a difference of first ones: what becomes of a mistake in the first one.

    Each point is there twice, moved by `STEP` to either side.
    """

    def keep(self, known: Sequence[int]) -> None:
        """Keep the points of which both sides can be computed."""
        pairs = [number // 2 for number in known if number % 2 and number - 1 in known]
        self.flows = [flow for number, flow in zip(known, self.flows) if number // 2 in pairs]
        self.claimed = [self.claimed[number] for number in pairs]

    def true(self, number: int, wanted: WantedClaim) -> Value:
        """The right number at one point."""
        return self._quotient([flow.derivatives(wanted.target)[wanted.output] for flow in self._sides(number)])

    def outcome(self, pair: Pair, changes: Mapping[int, Change], after: Sequence[int], values: Values | None) -> Value:
        """What comes out at one point where the first derivative has the mistake."""
        wanted = self.entries[pair.entry]
        return self._quotient(
            [flow.changed(wanted.target, wanted.output, changes, after) for flow in self._sides(pair.flow)]
        )

    def nearly(self, pair: Pair, changes: Mapping[int, Change]) -> Value:
        """The same for one changed operation, without what comes after it; None where that is not possible."""
        wanted = self.entries[pair.entry]
        return self._quotient([flow.nearly(wanted.target, wanted.output, changes) for flow in self._sides(pair.flow)])

    def _sides(self, number: int) -> list[Flow]:
        return self.flows[2 * number : 2 * number + 2]

    def _quotient(self, values: Sequence[Value]) -> Value:
        left, right = values
        return None if left is None or right is None else (right - left) / (2 * self.arithmetic.number(STEP))


def _earlier(
    traced: Trace, inner: str, outer: str, claim: Claim, chosen: Sequence[Point], claimed: Sequence[Sequence[Value]],
    deadline: Deadline, arithmetic: Arithmetic,
) -> Case:  # fmt: skip
    """The case of a second derivative of which the first one is wrong, and is rightly differentiated."""
    place = traced.operation(inner)
    assert place is not None
    entries = [WantedClaim(traced.outputs[0], FlowTarget(place), claim.entries[0].index)]
    sides = [{**point, outer: point[outer] + step} for point in chosen for step in (-STEP, STEP)]
    return Differenced(traced, inner, claim.shape, entries, sides, claimed, deadline, arithmetic, is_whole=False)
