"""Mistakes with the derivative as a whole: another one is claimed, or all of it is off in one way."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from gradcli.backends.mp.arithmetic import GivenUp
from gradcli.check.mistakes.case import Case, Pair, exactly
from gradcli.check.mistakes.factors import off
from gradcli.check.mistakes.flow import Flow, FlowTarget, flow_at
from gradcli.check.mistakes.mistakes import Other
from gradcli.check.mistakes.sentences import said
from gradcli.reference.digits import agreeing
from gradcli.tape.scalarize import entry_name
from gradcli.tape.tape import Primitive

FEWEST_POINTS = 3  # at which the same factor is seen
FEWEST_SIDE = 2  # points at which a claim is right that is right on one side
MOST_OUTPUTS = 12  # that are taken for each other
FEWEST_DIGITS = 3  # that a claim with rounded decimals has


def wholes(case: Case) -> Iterator[Other]:
    """The explanations of a claim as a whole that hold at all points."""
    digits = _rounded(case)
    if digits is not None:
        yield Other("rounded", "rounded", said("rounded", digits=digits))
    yield from off(case)
    if not case.has_parts:
        return
    yield from _by_part(case)
    yield from _transposed(case)
    yield from _by_another(case)
    yield from _of_another(case)
    yield from _value(case)
    yield from _moved(case)
    yield from _at_value(case)
    yield from _one_side(case)
    yield from _some_entries(case)


def _rounded(case: Case) -> int | None:
    """How many digits of a claim are right everywhere, where that is more than chance."""
    fewest = math.inf
    for pair in case.pairs:
        if pair.true:
            fewest = min(fewest, agreeing(abs(pair.claimed - pair.true), abs(pair.true)))
        elif pair.claimed:
            return None
    return int(fewest) if FEWEST_DIGITS <= fewest < math.inf else None


def _matches(case: Case, right: Callable[[Pair], Any]) -> bool:
    """Whether the claim is this at all points."""
    some = False
    for pair in case.pairs:
        case.deadline.check()
        value = right(pair)
        if value is None or not case.agree(pair.claimed, value):
            return False
        some = some or bool(pair.claimed)
    return some


def _by_part(case: Case) -> Iterator[Other]:
    """The derivative times or over a number that the program computes, with either sign."""
    pairs = [pair for pair in case.pairs if pair.true and pair.claimed]
    if len(pairs) < FEWEST_POINTS or len(pairs) < len(case.pairs) // 2 or len({pair.flow for pair in pairs}) < 2:
        return
    ratios = [pair.claimed / pair.true for pair in pairs]
    if all(pair in pairs or pair.claimed == pair.true for pair in case.pairs):
        for index in range(case.entries[0].output):
            values = [case.flows[pair.flow].values[index] for pair in pairs]
            if not case.varying[index] or any(value is None or isinstance(value, bool) for value in values):
                continue
            for sign, which in ((1, ""), (-1, "minus ")):
                for power, how in ((1, "times"), (-1, "divided by")):
                    if all(value and case.agree(sign * value**power, one) for value, one in zip(values, ratios)):
                        yield Other("part", "factor", f"factor: it is {which}the derivative {how} {{call}}", index)
                        return


def _transposed(case: Case) -> Iterator[Other]:
    """The claimed matrix is the transposed one."""
    if len(case.shape) != 2 or case.shape[0] != case.shape[1]:
        return
    places = {wanted.at: wanted for wanted in case.entries}

    def right(pair: Pair) -> Any:
        wanted = places[case.entries[pair.entry].at[::-1]]
        return case.flows[pair.flow].derivatives(wanted.target)[wanted.output]

    if _matches(case, right):
        yield Other("transpose", "transposed", said("transposed"))


def _by_another(case: Case) -> Iterator[Other]:
    """The derivative by another name."""
    whole = case.trace.whole
    for name in (*whole.inputs, *whole.named):
        places = dict(case.by(name))
        if name != case.name and len(places) == len(case.entries) and _matches(case, _derivative_at(case, places)):
            yield Other("variable", "variable", said("variable", other=name, by="{by}"))


def _of_another(case: Case) -> Iterator[Other]:
    """The derivative of another output, where there are several."""
    outputs = list(dict.fromkeys(wanted.output for wanted in case.entries))
    if not 1 < len(outputs) <= MOST_OUTPUTS:
        return
    found: dict[int, int] = {}
    for number, output in enumerate(outputs):
        pairs = [pair for pair in case.pairs if case.entries[pair.entry].output == output]
        same = next((k for k, other in enumerate(outputs) if all(_is_of(case, pair, other) for pair in pairs)), None)
        if same is None or not pairs:
            return
        found[number] = same
    moved = [(number, other) for number, other in found.items() if number != other]
    if moved:
        number, other = moved[0]
        yield Other("variable", "output", said("output", number=number, other=other))


def _is_of(case: Case, pair: Pair, output: int) -> bool:
    value = case.flows[pair.flow].derivatives(case.entries[pair.entry].target)[output]
    return case.agree(pair.claimed, value) or pair.claimed == value


def _derivative_at(case: Case, places: dict[int, int]) -> Callable[[Pair], Any]:
    """The derivatives by other operations."""

    def right(pair: Pair) -> Any:
        wanted = case.entries[pair.entry]
        target = FlowTarget(places[pair.entry], wanted.target.at)
        return case.flows[pair.flow].derivatives(target)[wanted.output]

    return right


def _value(case: Case) -> Iterator[Other]:
    """The function itself, or a derivative of it."""
    code, text = case.same
    if _matches(case, lambda pair: case.flows[pair.flow].values[case.entries[pair.entry].output]):
        yield Other("value", code, text)
    for number, other, told in case.others:
        if _matches(case, _value_at(case, number)):
            yield Other("order", other, told)


def _value_at(case: Case, index: int) -> Callable[[Pair], Any]:
    return lambda pair: case.flows[pair.flow].values[index]


def _moved(case: Case) -> Iterator[Other]:
    """The claim would be right with the function's value in the place of its argument."""
    moved = case.moved
    if moved is not None and all(case.agree(moved[pair.flow][pair.entry], pair.true) for pair in case.pairs):
        text = "stale: the argument {by} stands where the value {call} belongs"
        yield Other("stale", "stale", text, case.entries[0].output)


def _at_value(case: Case) -> Iterator[Other]:
    """The derivative, but at the function's value and not at its argument."""
    trace, output = case.trace, case.entries[0].output
    names = [entry_name(case.name, index) for index, _ in trace.entries(case.name)]
    if len({wanted.output for wanted in case.entries}) > 1 or not set(names) <= set(trace.tape.inputs):
        return
    flows: dict[int, Flow | None] = {}

    def right(pair: Pair) -> Any:
        if pair.flow not in flows:
            flow = case.flows[pair.flow]
            value = flow.values[output]
            if value is None:
                return None
            try:
                moved = flow_at(trace, case.arithmetic, {**flow.point, **dict.fromkeys(names, exactly(value))})
            except GivenUp:
                moved = None
            flows[pair.flow] = moved
        moved, wanted = flows[pair.flow], case.entries[pair.entry]
        return None if moved is None else moved.derivatives(wanted.target)[wanted.output]

    if _matches(case, right):
        yield Other("stale", "stale", "stale: the value {call} stands where the argument {by} belongs", output)


def _one_side(case: Case) -> Iterator[Other]:
    """The claim is right, but only on one side of a kink."""
    right = {pair.flow for pair in case.pairs if case.agree(pair.claimed, pair.true) or pair.claimed == pair.true}
    wrong = {pair.flow for pair in case.pairs} - right
    if len(right) < FEWEST_SIDE or not wrong or len(case.entries) > 1:
        return
    for index, op in enumerate(case.trace.tape.ops[: case.entries[0].output + 1]):
        if not isinstance(op, Primitive) or not op.row.guards or not case.used[index]:
            continue
        bad = {_side(case, index, flow) for flow in wrong}
        if sum(_side(case, index, flow) not in bad for flow in right) >= FEWEST_SIDE:
            yield Other(
                "one side", "rule", "rule: a case is forgotten: the claim holds on one side of {call} only", index
            )
            return


def _side(case: Case, index: int, flow: int) -> tuple[int, ...]:
    """On which sides of its guards an operation is."""
    op, values = case.trace.tape.ops[index], case.flows[flow].values
    assert isinstance(op, Primitive)
    return tuple(case.arithmetic.signs(op.row, [values[arg] for arg in op.args]))


def _some_entries(case: Case) -> Iterator[Other]:
    """The claim is right for some of its entries, and wrong for others."""
    wrong = {case.entries[pair.entry].at for pair in case.pairs if not _is_right(case, pair)}
    right = {case.entries[pair.entry].at for pair in case.pairs} - wrong
    if not right or not wrong:
        return
    where = _where(wrong, right)
    if where is not None:
        yield Other("entries", "entries", said("some entries", where=where))


def _is_right(case: Case, pair: Pair) -> bool:
    return case.agree(pair.claimed, pair.true) or bool(pair.claimed == pair.true)


def _side_of(row: int, column: int) -> int:
    """1 below the diagonal, -1 above it, 0 on it."""
    return (row > column) - (row < column)


def _where(wrong: set[tuple[int, ...]], right: set[tuple[int, ...]]) -> str | None:
    """Which entries are wrong, in words; None where there is no short way to say it."""
    if {len(at) for at in wrong | right} == {2}:
        for words, sides in (
            ("on the diagonal", {0}), ("off the diagonal", {-1, 1}), ("below the diagonal", {1}),
            ("above the diagonal", {-1}),
        ):  # fmt: skip
            if {_side_of(*at) for at in wrong} <= sides and sides.isdisjoint(_side_of(*at) for at in right):
                return words
        for axis, words in enumerate(("in row {}", "in column {}")):
            lines = {at[axis] for at in wrong}
            if len(lines) == 1 and lines.isdisjoint(at[axis] for at in right):
                return words.format(*lines)
    if len(wrong) == 1 and len(right) > 1:
        (at,) = wrong
        return f"at [{','.join(map(str, at))}]"
    return None
