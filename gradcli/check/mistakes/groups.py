"""The operations that are one in a program, and the mistakes that may be made with each."""

from __future__ import annotations

from collections.abc import Iterator

from gradcli.check.mistakes.case import Case
from gradcli.check.mistakes.flow import Change
from gradcli.check.mistakes.functions import functions
from gradcli.check.mistakes.inverses import inverses
from gradcli.check.mistakes.mistakes import Group, Mistake, Say
from gradcli.check.mistakes.operators import operators
from gradcli.check.mistakes.powers import powers
from gradcli.check.mistakes.sizes import sizes
from gradcli.check.mistakes.tensors import tensors
from gradcli.check.mistakes.uses import uses
from gradcli.functions.entries import EntryRule
from gradcli.tape.dependence import entry_rule
from gradcli.tape.tape import Input, Primitive, Tape

MOST_GROUPS = 400
MOST_TOGETHER = 60  # groups in which the same mistake is made at once
REPEATED = ("inner", "degrees", "base", "rule", "stale", "sign", "term")  # kinds that somebody makes every time


def groups_of(case: Case) -> list[Group]:
    """The operations that the claim depends on, those together that come from one place in the program."""
    places: dict[object, list[int]] = {}
    trace = case.trace
    is_grown = bool(trace.shapes) and not trace.has_tensors  # derivatives of tensors, entry by entry
    alike = _alike(trace.tape) if is_grown else ()
    for index, op in enumerate(trace.tape.ops):
        if not case.used[index] or not op.args or not isinstance(op, Primitive) or not _is_rule(case, index):
            continue
        key: object = alike[index] if is_grown else index
        if op.span is not None:
            key = op.row.name, op.span
            if trace.has_tensors and index in trace.origins:
                key = trace.origins[index][0], op.row.name, op.span
        places.setdefault(key, []).append(index)
    found = {tuple(ops): Group(case, tuple(ops)) for ops in places.values()}
    if not trace.has_tensors and not is_grown:
        for ops in places.values():
            found |= {(index,): Group(case, (index,)) for index in ops}
    else:
        found |= _of_functions(case)
    return list(found.values())[:MOST_GROUPS]


def _alike(tape: Tape) -> list[int]:
    """For each operation a number that those have in common which are the same but for the entries they work on."""
    known: dict[object, int] = {}
    found: list[int] = []
    for op in tape.ops:
        key: object = (str(op.label).partition("[")[0],) if isinstance(op, Input) else getattr(op, "value", None)
        if isinstance(op, Primitive):
            key = op.row.name, op.span or tuple(found[arg] for arg in op.args)
        found.append(known.setdefault(key, len(known)))
    return found


def _of_functions(case: Case) -> dict[tuple[int, ...], Group]:
    """The operations on tensors that the calls of one function of the program have in common."""
    places: dict[object, list[int]] = {}
    for index in case.trace.origins:
        op = case.trace.tape.ops[index]
        if case.used[index] and isinstance(op, Primitive) and op.span is not None and _is_rule(case, index):
            places.setdefault((op.row.name, op.span), []).append(index)
    return {tuple(ops): Group(case, tuple(ops)) for ops in places.values()}


def _is_rule(case: Case, index: int) -> bool:
    """Whether somebody who differentiates applies the rule of an operation, and not that of a whole it belongs to."""
    origin = case.trace.origins.get(index)
    if origin is None:
        return True
    whole, op = case.trace.whole.ops[origin[0]], case.trace.tape.ops[index]
    if not isinstance(whole, Primitive) or whole.row.shape is None:
        return True
    entry = entry_rule(case.trace.whole, whole)  # that of a product is the rule of the products it is made of
    return isinstance(entry, EntryRule) and len(entry.factors) > 1 and op.called == "*"


def mistakes(case: Case) -> Iterator[Mistake]:
    """Every mistake that is looked for, at every place."""
    if case.trace.has_tensors:
        yield from sizes(case)
        yield from tensors(case)
        yield from inverses(case)
    yield from uses(case)
    found = []
    for group in groups_of(case):
        case.deadline.check()
        mine = [*operators(group), *powers(group), *functions(group)]
        yield from mine
        found.append((group, mine))
    yield from _together(found)


def _together(found: list[tuple[Group, list[Mistake]]]) -> Iterator[Mistake]:
    """The same mistake wherever it can be made: in all calls of a function, and with the chain rule everywhere."""
    families: dict[object, list[tuple[int, Mistake]]] = {}
    for group, mine in found:
        for number, mistake in enumerate(mine):
            if mistake.kind not in REPEATED:
                continue
            order = sum(1 for other in mine[:number] if other.kind == mistake.kind)
            key = (mistake.kind, order, "" if mistake.kind in ("inner", "degrees") else group.name)
            families.setdefault(key, []).append((group.first, mistake))
    for members in families.values():
        if 1 < len(members) <= MOST_TOGETHER and len({first for first, _ in members}) > 1:
            changes: dict[int, Change] = {}
            for _, mistake in members:
                changes.update(mistake.changes)
            if all(changes != mistake.changes for _, mistake in members):
                first = members[0][1]
                yield Mistake(first.kind, first.code, changes, _every(first), first.about)


def _every(mistake: Mistake) -> Say:
    return lambda words: f"{mistake.say(words)}, there and elsewhere"
