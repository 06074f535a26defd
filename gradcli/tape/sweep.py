"""Reverse-mode differentiation, as a transformation of the tape: derivatives are further operations.

One sweep gives the derivatives of one operation by any number of others. Swept again, the derivative
operations give the next order. What comes out is read twice: by SymPy as a formula, and by the reference as
the chain rule done exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple, Union

from gradcli.errors import GradcliError, Source
from gradcli.language.printer import usage
from gradcli.tape.dependence import depends, guarded_among, held_by_diff, reaches
from gradcli.tape.emit import SCALE, Emitter
from gradcli.tape.findings import Positions
from gradcli.tape.interpret import copied, interpret
from gradcli.tape.rules import applied, rule
from gradcli.tape.tape import MAX_WITH_DERIVATIVES, Custom, Derivative, Derived, Op, Primitive, Tape

STAGE = "differentiating"

_ONE, _ZERO = Fraction(1), Fraction(0)

# The derivative of a product by one factor is the other: a position instead of a template.
SCALE_RULES: tuple[int, int] = (1, 0)


class LocalPartial(NamedTuple):
    """A step of the chain rule: the operation, its argument, and the derivative of the one by the other."""

    parent: int
    child: int
    local: int


# What flows from an operation, by its index, to the argument at a position, of its adjoint.
Flow = Callable[[Op, int, int, int], Union[int, None]]


def sweep(
    emitter: Emitter,
    output: int,
    targets: Sequence[int],
    source: Source,
    edges: list[LocalPartial] | None = None,
    flow: Flow | None = None,
) -> dict[int, int]:
    """The derivatives of an operation by these others, as operations; one that is missing is 0.

    `flow` is the rule of a step where it is not that of numbers. Raises GradcliError where a row has no rule for an
    argument that depends on a target.
    """
    tape = emitter.tape
    active = depends(tape, targets, output + 1, derivatives=True)
    used = reaches(tape, [output])
    wanted = set(targets)
    found: dict[int, int] = {}
    contributions: dict[int, list[int]] = {output: [emitter.number(_ONE)]}
    for index in range(output, -1, -1):
        if not (active[index] and used[index]) or index not in contributions:
            continue
        adjoint = _total(emitter, contributions.pop(index))
        if index in wanted:
            found[index] = adjoint
        op = tape.ops[index]
        for position, arg in enumerate(op.args):
            if not active[arg] or op.called == "detach":
                continue
            if flow is None:
                part = _contribution(emitter, op, index, position, adjoint, source, edges)
            else:
                part = flow(op, index, position, adjoint)
            if part is not None and emitter.value(part) != 0:
                contributions.setdefault(arg, []).append(part)
    return found


def next_order(
    emitter: Emitter,
    level: Mapping[Positions, int],
    targets: Sequence[int],
    source: Source,
    edges: dict[Positions, list[LocalPartial]] | None = None,
) -> dict[Positions, int]:
    """All distinct derivatives of one order more; the keys are positions among the targets, none descending.

    With `edges`, the steps of each sweep are added there, under the key of what was differentiated.
    """
    following: dict[Positions, int] = {}
    for chosen, index in level.items():
        first = chosen[-1] if chosen else 0
        kept: list[LocalPartial] | None = None if edges is None else edges.setdefault(chosen, [])
        found = sweep(emitter, index, targets[first:], source, kept)
        for position in range(first, len(targets)):
            target = targets[position]
            following[(*chosen, position)] = found[target] if target in found else emitter.number(_ZERO)
    return following


def derivative(emitter: Emitter, value: int, by: int, order: int, source: Source) -> int:
    """The derivative of one operation by another, as a further operation."""
    for _ in range(order):
        value = sweep(emitter, value, [by], source).get(by, -1)
        value = emitter.number(_ZERO) if value < 0 else value
    return value


def expand(tape: Tape, source: Source) -> Tape:
    """The tape with every `diff` written out by the table's rules, those in hand-written derivatives, too."""
    if not _has_diff(tape):
        return tape
    result = Tape(most=MAX_WITH_DERIVATIVES)
    places: list[int] = []
    held = {*held_by_diff(tape), *tape.named.values()}
    rules = copied(result)

    def written(op: Primitive, args: list[int]) -> int:
        if not isinstance(op, Derivative):
            return rules.primitive(op, args)
        emitter = Emitter(result, {places[index] for index in held if index < len(places)})
        below, by = args
        value = derivative(emitter, below, by, op.order, source)
        if _has_guards(result, by):
            value = result.call("pos", (value,))  # an operation of its own, whose value may be another one
            result.derived.append(Derived(value, below, by, op.order))
        return value

    def by_hand(op: Custom, args: list[int]) -> int:
        partials = tuple(expand(one, source) for one in op.vjp.partials)
        return rules.custom(replace(op, vjp=op.vjp._replace(partials=partials)), args)

    interpret(tape, replace(rules, primitive=written, custom=by_hand), values=places)
    result.inputs = {name: places[index] for name, index in tape.inputs.items()}
    result.named = {name: places[index] for name, index in tape.named.items()}
    result.output = places[tape.output]
    return result


def _has_diff(tape: Tape) -> bool:
    return any(
        isinstance(op, Derivative) or (isinstance(op, Custom) and any(map(_has_diff, op.vjp.partials)))
        for op in tape.ops
    )  # fmt: skip


def _has_guards(tape: Tape, by: int) -> bool:
    """Whether something that is differentiated, or what comes of it, changes its formula somewhere."""
    return bool(guarded_among(tape, depends(tape, [by])))


def _total(emitter: Emitter, parts: list[int]) -> int:
    total = parts[0]
    for part in parts[1:]:
        total = emitter.add(total, part)
    return total


def _contribution(
    emitter: Emitter, op: Op, index: int, position: int, adjoint: int, source: Source, edges: list[LocalPartial] | None
) -> int | None:
    """What flows from an operation's adjoint to one of its arguments."""
    if isinstance(op, Custom):
        return _from_hand(emitter, op, position, adjoint)
    assert isinstance(op, Primitive)
    template = SCALE_RULES[position] if op.row is SCALE else rule(op.row.name, position)
    if template is None:
        raise no_rule(op, position, source)
    if isinstance(template, int):
        local = op.args[template]
    else:
        local = applied(template, op.row, emitter.rules, op.args)
    if edges is not None:
        edges.append(LocalPartial(index, op.args[position], local))
    return emitter.scale(adjoint, local)


def no_rule(op: Primitive, position: int, source: Source) -> GradcliError:
    """The error for an argument by which a row has no derivative."""
    parameter = op.row.parameters[min(position, len(op.row.parameters) - 1)].name
    return GradcliError(
        STAGE,
        f'{op.row.name} has no derivative by its parameter "{parameter}" that gradcli knows',
        source=source if op.span else None,
        span=op.span,
        expected=f'a "{parameter}" that is a constant, in {usage(op.row.name)}',
        hint="name the other variables with --wrt",
    )


def _from_hand(emitter: Emitter, op: Custom, position: int, adjoint: int) -> int | None:
    """The contribution that a hand-written derivative gives; nothing flows through the body itself."""
    vjp = op.vjp
    count = len(vjp.params)
    if not 1 <= position <= count:
        return None
    inputs = dict(zip((*vjp.params, *vjp.captured), op.args[1:]))
    if vjp.incoming:
        return emitter.template(vjp.partials[position - 1], {**inputs, vjp.incoming: adjoint})
    return emitter.scale(adjoint, emitter.template(vjp.partials[position - 1], inputs))
