"""Code that does something else where a number is tiny, `if abs(x) < 1e-8: return 1`: the formula beside is meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from gradcli.backends.arb.context import precision
from gradcli.backends.arb.evaluate import Enclosed, is_ball
from gradcli.backends.arb.flint import arb
from gradcli.check.evaluate import START_BITS, ClaimValues, PointTruth
from gradcli.check.problem import Problem
from gradcli.check.rebuilding import nodes_of, with_trees
from gradcli.check.worth import JUDGING_DIGITS, WeighedNumber, Worth
from gradcli.language.nodes import Assign, Call, Name, Node, Number, walk
from gradcli.language.trees import rebuilt
from gradcli.runtime.deadlines import Deadline

LARGEST = Fraction(1, 1_000)  # a number that is no larger is tiny
DIGITS = 6  # to which what is done where a number is tiny has to be right, of the derivative's size beside it
VALUE_DIGITS = 3  # to which the function's value there has to be that of the formula beside: else it is another one
DECADES = (LARGEST, Fraction(1, 100), Fraction(1, 10), Fraction(1))  # how far away that size is looked for, if it is
STEADY = 2  # a number that is at most so many times larger in the first decade has its size where it is looked at
GROWTH = 1_000  # from one decade to the next, as x**3 grows: what grows faster says nothing of the size before it
MOVE = Fraction(1, 2**60)  # from where the formula beside has no value
SIZES = frozenset(("abs", "norm", "linalg_norm", "sqrt", "hypot"))  # what is never negative
BOTH, EITHER = frozenset(("and", "all")), frozenset(("or", "any"))
TINY, OTHERWISE = True, False


class TinySides:
    """A problem without what is done where a number is tiny."""

    def __init__(self, problem: Problem, deadline: Deadline) -> None:
        self.problem, self.deadline = problem, deadline
        self._beside: tuple[Problem, ClaimValues] | None = None
        self._is_known = not problem.doubles or not any(
            isinstance(one, Call) and one.function == "where" for node in nodes_of(problem) for one in walk(node)
        )

    def excused(
        self, number: int, place: Mapping[str, Fraction], truths: Sequence[PointTruth], values: ClaimValues,
        weighed: Sequence[WeighedNumber],
    ) -> list[WeighedNumber]:  # fmt: skip
        """What the numbers of a claim are worth: where a number is tiny, they are held to the derivative beside."""
        found = list(weighed)
        claim = self.problem.claims[number]
        if claim.tape is None or not any(one.outcome is Worth.WRONG for one in weighed):
            return found
        beside = self._without()
        if beside is None:
            return found
        problem, own = beside
        said = values.run(claim, place, START_BITS)
        others = own.run(problem.claims[number], place, START_BITS)
        near = _Beside(problem, number, _moved(place, MOVE), self.deadline)
        far = [[_Beside(problem, number, _moved(place, by), self.deadline) for by in (step, -step)] for step in DECADES]
        here = [truths[one.output].by_rule(one.positions, START_BITS) for one in claim.entries]
        plain = _Beside(problem, number, place, self.deadline)
        with precision(START_BITS):
            for i, one in enumerate(weighed):
                if one.outcome is not Worth.WRONG or (_same(said[i], others[i]) and _same(here[i], plain.slopes[i])):
                    continue
                value = truths[one.entry.output].value(START_BITS)
                values_beside = [[one.values[i] for one in decade] for decade in far]
                slopes_beside = [[one.slopes[i] for one in decade] for decade in far]
                stays = _is_close(value, near.values[i], [], VALUE_DIGITS)
                stays = stays or _is_close(value, near.values[i], values_beside, DIGITS)
                if stays and _is_close(said[i], near.slopes[i], slopes_beside, DIGITS):
                    found[i] = one._replace(outcome=Worth.HELD)
        return found

    def _without(self) -> tuple[Problem, ClaimValues] | None:
        if not self._is_known:
            self._is_known = True
            problem = without_tiny_sides(self.problem)
            self._beside = None if problem is None else (problem, ClaimValues(problem, self.deadline))
        return self._beside


class _Beside:
    """The derivatives that a claim is about, and what they are of, at a point, for each number of the claim."""

    def __init__(self, problem: Problem, number: int, place: Mapping[str, Fraction], deadline: Deadline) -> None:
        pairs = zip(problem.chains, problem.taken)
        truths = [PointTruth(true, taken, place, JUDGING_DIGITS, deadline) for true, taken in pairs]
        entries = problem.claims[number].entries
        self.slopes = [truths[one.output].by_rule(one.positions, START_BITS) for one in entries]
        self.values = [truths[one.output].value(START_BITS) for one in entries]


def without_tiny_sides(problem: Problem) -> Problem | None:
    """A problem in which the formula beside stands in place of what is done where a number is tiny; None without."""
    named = {one.name: one.value for one in problem.program.statements if isinstance(one, Assign)}
    named |= {each.name: each.value for one in problem.claims if one.said for each in one.said.definitions}
    is_changed = False

    def tree(node: Node) -> Node:
        return rebuilt(node, change, simplify=False)

    def change(one: Node) -> Node | None:
        nonlocal is_changed
        if not (isinstance(one, Call) and one.function == "where" and not one.user):
            return None
        side = _tiny_side(one.args[0], named)
        if side is None:
            return None
        is_changed = True
        return tree(one.args[2] if side else one.args[1])

    found = with_trees(problem, tree)
    return found if is_changed else None


def _tiny_side(condition: Node, named: Mapping[str, Node]) -> bool | None:
    """Whether a condition is one that holds (True), or does not hold (False), only where a number is tiny."""
    while isinstance(condition, Name) and condition.name in named:
        condition = named[condition.name]
    if not isinstance(condition, Call):
        return None
    sides = [_tiny_side(one, named) for one in condition.args] if condition.function in (*BOTH, *EITHER, "not") else []
    if condition.function == "not":
        return None if sides[0] is None else not sides[0]
    if condition.function in BOTH:
        return TINY if TINY in sides else OTHERWISE if all(one is OTHERWISE for one in sides) else None
    if condition.function in EITHER:
        return OTHERWISE if OTHERWISE in sides else TINY if all(one is TINY for one in sides) else None
    if condition.function in ("==", "!="):
        return condition.function == "=="
    if condition.function not in ("<", "<=", ">", ">="):
        return None
    less, more = condition.args if condition.function in ("<", "<=") else condition.args[::-1]
    if _is_tiny(more) and _is_size(less, named):
        return condition.function in ("<", "<=")
    if _is_tiny(less) and _is_size(more, named):
        return condition.function not in ("<", "<=")
    return None


def _is_tiny(node: Node) -> bool:
    return isinstance(node, Number) and 0 < node.value <= LARGEST


def _is_size(node: Node, named: Mapping[str, Node]) -> bool:
    """Whether a number is never negative."""
    while isinstance(node, Name) and node.name in named:
        node = named[node.name]
    if not isinstance(node, Call):
        return False
    args = node.args
    if node.function in ("**", "pow"):
        return (isinstance(args[1], Number) and args[1].value % 2 == 0) or _is_size(args[0], named)
    if node.function == "*":
        return args[0] == args[1] or all(_is_size(one, named) for one in args)
    if node.function in ("+", "sum"):
        return all(_is_size(one, named) for one in args)
    return node.function in SIZES


def _moved(place: Mapping[str, Fraction], by: Fraction) -> Mapping[str, Fraction]:
    return {name: value + by * (1 + Fraction(i, len(place))) for i, (name, value) in enumerate(place.items())}


def _same(one: Enclosed, other: Enclosed) -> bool:
    return is_ball(one) and is_ball(other) and bool((one - other).contains(0))


def _is_close(claimed: Any, near: Any, far: Sequence[Sequence[Any]], digits: int) -> bool:
    """Whether a number is another one, to so many digits of that one's size: of those farther off where it vanishes."""
    if not is_ball(claimed) or not is_ball(near):
        return False
    return bool(abs(claimed - near) < _size(near, far) * arb(10) ** -digits)


def _size(near: Any, far: Sequence[Sequence[Any]]) -> Any:
    """The size of a number that may vanish at a point: from decade to decade away from it, as far as a power grows."""
    size = abs(near)
    for number, decade in enumerate(far):
        largest = max((abs(one) for one in decade if is_ball(one) and one.is_finite()), default=arb(0))
        if number == 0 and largest < STEADY * size:
            return size
        if number and not largest < GROWTH * size:
            return size
        size = size.max(largest)
    return size
