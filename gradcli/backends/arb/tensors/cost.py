"""How much work a program over tensors is in balls, in operations on numbers."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from gradcli.backends.arb.flint import WORK
from gradcli.functions.entries import EntryRule
from gradcli.tape.dependence import entry_rule, is_product
from gradcli.tape.tape import Op, Primitive, Tape

# In simple operations on single balls of the first precision, which take some 0.15 microseconds each. The value, a
# sweep and two quotients of a product with a matrix of a million entries come to 22 million.
MOST_WORK = 25_000_000 * WORK
MOST_WORK_OF_SAMPLES = 100_000_000 * WORK  # where of a matrix only a sample is judged: what it takes is the product
OPERATION = 60.0  # of arrays, however small
SIMPLE = 1.0
DERIVATIVE = 6.0  # an entry of the result, from a ball to doubles
FUNCTION = 12.0  # a function of the table, and its derivative rule
ENTRY = 1.0  # to bring a number into a matrix and out of it again
MULTIPLICATION = 0.1  # inside a matrix product
ELIMINATION = 0.2  # inside a matrix inverse, which is computed with more care
_SIMPLE = ("+", "-", "*", "/", "neg", "pos", "where", "and", "or", "not")


MOVING = 3.0  # times an operation takes where its change along a direction is computed, too


def work_of(
    tape: Tape, used: Sequence[int], outputs: int, targets: Sequence[int], order: int, most: float = math.inf
) -> float:
    """What the value, one sweep for each output and quotients take; of the second order for each entry, too."""
    forward = backward = 0.0
    for index, op in enumerate(tape.ops):
        if not used[index]:
            continue
        own = OPERATION + _work(tape, op)
        forward += own
        backward += 2 * own if op.args else own
    entries = sum(min(math.prod(tape.ops[target].shape), most) for target in targets) * outputs
    if order == 1:
        return 3 * forward + backward * outputs + entries * DERIVATIVE
    each = sum(math.prod(tape.ops[target].shape) for target in targets)
    return 4 * forward + each * (MOVING * (forward + backward * outputs) + entries * DERIVATIVE)


def work_of_sweep(tape: Tape, active: Sequence[int], sampled: Collection[int]) -> float:
    """What one sweep takes; of `sampled` matrices only some entries are differentiated by, which takes nothing."""
    total = 0.0
    for index, op in enumerate(tape.ops):
        flows = any(active[arg] and arg not in sampled for arg in op.args)
        if active[index]:
            total += 2 * _work(tape, op) if flows else OPERATION
    return total


def _work(tape: Tape, op: Op) -> float:
    entries = math.prod(op.shape)
    given = [math.prod(tape.ops[arg].shape) for arg in op.args]
    if not isinstance(op, Primitive) or not op.args:
        return entries * SIMPLE
    if is_product(tape, op):
        return (entries + sum(given)) * ENTRY + entries * tape.ops[op.args[0]].shape[-1] * MULTIPLICATION
    rule = entry_rule(tape, op)
    if isinstance(rule, EntryRule) and len(rule.factors) > 1:
        products = rule.multiplications([tape.ops[arg].shape for arg in op.args])
        return (entries + sum(given)) * ENTRY + products * SIMPLE
    if op.row.eliminates:
        return given[0] * ENTRY + max(tape.ops[op.args[0]].shape) ** 3 * ELIMINATION
    if op.row.shape is not None or op.row.name in _SIMPLE:
        return max(entries, *given) * SIMPLE
    return entries * FUNCTION
