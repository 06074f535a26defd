"""Mistakes in the derivatives that a program gives to its own functions: each function is looked at alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from gradcli.backends.mp.arithmetic import Arithmetic, GivenUp, Value
from gradcli.check.data import LikelyMistake
from gradcli.check.mistakes.case import Case, WantedClaim, exactly
from gradcli.check.mistakes.cases import with_second
from gradcli.check.mistakes.flow import FlowTarget
from gradcli.check.mistakes.traced import Trace, trace
from gradcli.check.problem import Claim, Problem
from gradcli.errors import one_line
from gradcli.language.names import names_of
from gradcli.language.nodes import Define, DefineDerivative, Name, Output, Program, walk
from gradcli.reference.pieces import Point
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.arrays import every
from gradcli.tape.dependence import depends, reaches
from gradcli.tape.tape import Custom, CustomVjp, Op, Tape

MOST_PLACES = 12
INCOMING = (1, 2)  # gradients that are tried

Explain = Callable[[Case], "LikelyMistake | None"]


@dataclass(frozen=True)
class _Calls:
    """The calls of one function with a derivative of its own, at some points.

    each  the values of its parameters, and of the other names that it uses
    op    one of its calls
    active  the parameters through which the claimed derivative goes
    """

    vjp: CustomVjp
    op: Op
    each: list[dict[str, Value]]
    active: set[int]


def by_hand(
    problem: Problem, claim: Claim, points: Sequence[Point], deadline: Deadline, arithmetic: Arithmetic,
    explain: Explain,
) -> LikelyMistake | None:  # fmt: skip
    """The first mistake in the hand-written derivatives that a claim uses; None where none is found."""
    called = _called(problem, claim, points, arithmetic, deadline)
    for name, calls in called.items():
        deadline.check()
        for mistake in _wrong(problem, name, calls, arithmetic, deadline, explain):
            return mistake
    for name, calls in called.items():
        define, statement = _statements(problem, name)
        own = {node.name for node in walk(define.body) if isinstance(node, Name)} - set(define.params)
        if not calls.active and claim.wrt[0] in own:
            by = claim.wrt[0]
            sentence = f"{_told(calls.vjp)} has no derivative by {by}, which {name} uses: no gradient flows to it"
            return LikelyMistake("detached", sentence, (statement.span.start, statement.span.end))
    return None


def _statements(problem: Problem, name: str) -> tuple[Define, DefineDerivative]:
    """Where a function is defined, and where its derivative is."""
    mine = [
        one for one in problem.program.statements if isinstance(one, (Define, DefineDerivative)) and one.name == name
    ]
    define = next(one for one in mine if isinstance(one, Define))
    return define, next(one for one in mine if isinstance(one, DefineDerivative))


def _told(vjp: CustomVjp) -> str:
    """A derivative by hand as it is defined: sq'(i, g)."""
    names = list(dict.fromkeys(_base(vjp, param) for param in vjp.params))
    return f"{vjp.name}'({', '.join((*names, *((vjp.incoming,) if vjp.incoming else ())))})"


def _base(vjp: CustomVjp, param: str) -> str:
    """The parameter of the function that one of these is, or is an entry of."""
    return param.partition("[")[0] if vjp.whole else param


def _called(
    problem: Problem, claim: Claim, points: Sequence[Point], arithmetic: Arithmetic, deadline: Deadline
) -> dict[str, _Calls]:
    """The calls of functions with a hand-written derivative, by the function."""
    found: dict[str, _Calls] = {}
    for number, chain in enumerate(problem.taken):
        tape, end = chain.tape, chain.length
        entries = [entry for entry in claim.entries if entry.output == number]
        targets = {chain.targets[position] for entry in entries for position in entry.positions}
        active = depends(tape, targets, end)
        calls = [op for op in tape.ops[:end] if isinstance(op, Custom)]
        for point in points[:MOST_PLACES]:
            deadline.check()
            inputs = {name: arithmetic.number(point[name]) for name in tape.inputs}
            try:
                values = arithmetic.run(tape, inputs, end)
            except GivenUp:
                continue
            for op in calls:
                assert isinstance(op, Custom)
                names = {name: values[index] for name, index in {**tape.inputs, **tape.named}.items()}
                names |= zip((*op.vjp.params, *op.vjp.captured), (values[arg] for arg in op.args[1:]))
                mine = found.setdefault(op.vjp.name, _Calls(op.vjp, op, [], set()))
                mine.active.update(p for p in range(len(op.vjp.params)) if active[op.args[1 + p]])
                if len(mine.each) < MOST_PLACES and all(value is not None for value in names.values()):
                    mine.each.append(names)
    return found


def _wrong(
    problem: Problem, name: str, calls: _Calls, arithmetic: Arithmetic, deadline: Deadline, explain: Explain
) -> Iterator[LikelyMistake]:
    """What is wrong with the derivative that one function has."""
    vjp = calls.vjp
    statement = _statements(problem, name)[1]
    span = statement.span.start, statement.span.end
    params = list(dict.fromkeys(_base(vjp, one) for one in vjp.params))
    first: dict[str, int] = {}
    for position in sorted(calls.active):  # the entries of a tensor together
        first.setdefault(_base(vjp, vjp.params[position]), position)
    for param, position in first.items():
        case = _case(problem, name, calls, position, arithmetic, deadline)
        if case is None:
            continue
        is_right = all(case.agree(pair.claimed, pair.true) or pair.claimed == pair.true for pair in case.pairs)
        told = _told(vjp)
        if is_right and vjp.incoming:
            power = _power(vjp.partials[position], vjp, calls.each, case, arithmetic)
            if power is not None:
                yield LikelyMistake("incoming", _incoming(problem, told, vjp.incoming, param, power, calls), span)
        elif not is_right:
            mistake = explain(case)
            if mistake is not None:
                by = f", by {param}" if len(params) > 1 else ""
                number = params.index(param)
                part = statement.partials[number].span if number < len(statement.partials) else statement.span
                yield replace(mistake, sentence=f"{told}{by}: {mistake.sentence}", span=(part.start, part.end))


def _power(
    partial: Tape, vjp: CustomVjp, each: Sequence[Mapping[str, Value]], case: Case, arithmetic: Arithmetic
) -> int | None:
    """How often the incoming gradient is multiplied by, where it is not once."""
    assert vjp.incoming is not None
    powers = set()
    for names in each:
        one, two = (_run(partial, {**names, vjp.incoming: arithmetic.m.mpf(g)}, arithmetic) for g in INCOMING)
        if one and two is not None:
            powers.add(next((n for n in (0, 1, 2, 3) if case.agree(two, one * 2**n)), None))
    return powers.pop() if len(powers) == 1 and powers != {1} else None


def _incoming(problem: Problem, told: str, incoming: str, param: str, power: int, calls: _Calls) -> str:
    if power:
        return f"{told} multiplies by the incoming gradient {incoming} {power} times, and not once"
    where = _around(problem, calls)
    several = f", by {param}," if len({_base(calls.vjp, one) for one in calls.vjp.params}) > 1 else ""
    alone = "right alone, wrong " + (f"inside {where}" if where else "inside anything else")
    return f"{told}{several} ignores the incoming gradient {incoming}: {alone}"


def _around(problem: Problem, calls: _Calls) -> str | None:
    """The operation that a call stands in, as it is written."""
    ops = problem.taken[0].tape.ops[: problem.taken[0].length]
    mine = next((index for index, op in enumerate(ops) if op is calls.op), None)
    outer = [op for op in ops if mine in op.args and op.span is not None]
    for op in sorted(outer, key=lambda op: not isinstance(op, Custom)):  # within another call of a function, first
        assert op.span is not None
        return one_line(problem.source.text[op.span.start : op.span.end])
    return None


def _run(tape: Tape, inputs: Mapping[str, Value], arithmetic: Arithmetic) -> Value:
    try:
        return arithmetic.run(tape, inputs)[tape.output]
    except GivenUp:
        return None


def _case(
    problem: Problem, name: str, calls: _Calls, position: int, arithmetic: Arithmetic, deadline: Deadline
) -> Case | None:
    """One partial of a function alone: its body is the program, and the derivative by hand the claim.

    Of a tensor, the partials by all its entries.
    """
    vjp = calls.vjp
    traced = _alone(problem, name, vjp)
    if traced is None:
        return None
    param = _base(vjp, vjp.params[position])
    positions = [number for number, one in enumerate(vjp.params) if _base(vjp, one) == param]
    one = arithmetic.m.one
    used = reaches(traced.tape, traced.outputs)
    points, claimed, moved = [], [], []
    for names in calls.each:
        point = {key: exactly(value) for key, value in names.items()}
        if any(key not in point and used[index] for key, index in traced.tape.inputs.items()):
            return None
        point |= {key: Fraction(1) for key in traced.tape.inputs if key not in point}
        inputs = {**names, **({vjp.incoming: one} if vjp.incoming else {})}
        points.append(point)
        claimed.append([_run(vjp.partials[number], inputs, arithmetic) for number in positions])
        if vjp.whole:
            continue
        value = arithmetic.run(traced.tape, {key: arithmetic.number(point[key]) for key in traced.tape.inputs})
        inputs[param] = value[traced.outputs[0]]
        moved.append([None if inputs[param] is None else _run(vjp.partials[position], inputs, arithmetic)])
    shape = dict(vjp.whole).get(param, ())
    targets = [(traced.operation(param, index), index) for index in every(shape)]
    entries = [WantedClaim(traced.outputs[0], FlowTarget(at, index), index) for at, index in targets if at is not None]
    if len(entries) < len(positions) or not points:
        return None
    several = len(vjp.params) > 1
    grown, others = with_second(traced, entries[0])
    return Case(
        grown, param, shape, entries, points, claimed, deadline, arithmetic, others=others,
        moved=None if several else moved,
    )  # fmt: skip


def _alone(problem: Problem, name: str, vjp: CustomVjp) -> Trace | None:
    """A function's body as a program over its parameters; None where that has no one meaning."""
    define, _ = _statements(problem, name)
    before = [one for one in problem.program.statements if isinstance(one, Define)]
    program = Program((*before, Output(define.body, define.span)), problem.program.source)
    params = list(dict.fromkeys(_base(vjp, param) for param in vjp.params))
    names = names_of(program, set(params))
    traced = trace(program, names, dict(vjp.whole), params)
    return None if traced.has_tensors and not vjp.whole else traced
