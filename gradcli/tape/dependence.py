"""Which operations of a tape depend on which, and what else is asked of a tape as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gradcli.functions.entries import Entry, EntryRule, MatrixRule
from gradcli.tape.tape import Custom, Derivative, Op, Primitive, Tape


def entry_rule(tape: Tape, op: Op) -> Entry | None:
    """What the row of an operation says that an entry of it is; None where it says nothing."""
    if not isinstance(op, Primitive) or op.row.entry is None:
        return None
    return op.row.entry(*(tape.ops[arg].shape for arg in op.args), *op.statics)


def is_product(tape: Tape, op: Op) -> bool:
    """Whether an operation is a product of matrices or vectors."""
    rule = entry_rule(tape, op)
    return isinstance(rule, EntryRule) and rule.inner == 1


def is_by_numbers(tape: Tape, op: Op) -> bool:
    """Whether an operation is one of numbers, as many as it takes: all are but for some functions of whole matrices."""
    rule = entry_rule(tape, op)
    return not isinstance(rule, MatrixRule) or rule.is_by_numbers


def held_by_diff(tape: Tape) -> set[int]:
    """The operations that a `diff` inside the program differentiates by."""
    return {op.args[1] for op in tape.ops if isinstance(op, Derivative)}


def nested_order(tape: Tape) -> int:
    """The order that derivatives inside the program come to, one around the other."""
    orders: list[int] = []
    for op in tape.ops:
        own = op.order if isinstance(op, Derivative) else 0
        if isinstance(op, Custom):
            own = max((nested_order(partial) for partial in op.vjp.partials), default=0)
        orders.append(own + max((orders[arg] for arg in op.args), default=0))
    return max(orders, default=0)


def depends(tape: Tape, on: Iterable[int], end: int | None = None, derivatives: bool = False) -> bytearray:
    """For each operation, whether its value depends on one of these; `detach` cuts.

    With `derivatives`, whether a derivative flows: comparisons cut too.
    """
    ops = tape.ops if end is None else tape.ops[:end]
    flags = bytearray(len(ops))
    for index in on:
        if index < len(flags):
            flags[index] = 1
    for index, op in enumerate(ops):
        if flags[index] or not op.args:
            continue
        if op.called == "detach" or (derivatives and isinstance(op, Primitive) and op.row.gives_truth):
            continue
        for arg in op.args:
            if flags[arg]:
                flags[index] = 1
                break
    return flags


def reaches(tape: Tape, outputs: Iterable[int]) -> bytearray:
    """For each operation, whether one of these outputs uses it."""
    flags = bytearray(len(tape.ops))
    for index in outputs:
        flags[index] = 1
    for index in range(len(flags) - 1, -1, -1):
        if flags[index]:
            for arg in tape.ops[index].args:
                flags[arg] = 1
    return flags


def guarded_among(tape: Tape, *flags: Sequence[int]) -> list[int]:
    """The operations that change their formula somewhere, of those for which each of the flags is set."""
    count = min(map(len, flags))
    guarded = (i for i, op in enumerate(tape.ops[:count]) if isinstance(op, Primitive) and op.row.guards)
    return [i for i in guarded if all(flag[i] for flag in flags)]
