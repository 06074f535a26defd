"""Which values of a program over tensors need not be kept when all that follows from them is computed."""

from __future__ import annotations

import math
from collections.abc import Collection

from gradcli.functions.entries import EntryRule
from gradcli.tape.dependence import depends, entry_rule, held_by_diff
from gradcli.tape.tape import Primitive, Tape

LARGE = 1 << 20  # entries: eight megabytes


def passing(tape: Tape, targets: Collection[int], for_formulas: bool = True) -> set[int]:
    """The operations of many entries whose values nobody looks at afterwards.

    What has a name, what is differentiated by, and what a formula changes at is looked at. With `for_formulas` what an
    operation on whole tensors chooses by, or is constant, is looked at, too.
    """
    kept = {*targets, *held_by_diff(tape), *tape.inputs.values(), *tape.named.values(), tape.output}
    active = depends(tape, targets)
    for index, op in enumerate(tape.ops):
        if isinstance(op, Primitive):
            if _changes(tape, op) or (for_formulas and not _adds_up(tape, op)):
                kept.update(op.args)
            if for_formulas and (not active[index] or not _is_by_entries(op)):
                kept.add(index)
        else:
            kept.update((index, *op.args))
    return {index for index, op in enumerate(tape.ops) if index not in kept and math.prod(op.shape) >= LARGE}


def _changes(tape: Tape, op: Primitive) -> bool:
    """Whether an operation changes its formula somewhere: other than a power does that is a polynomial."""
    rule, exponent = entry_rule(tape, op), tape.literal_exponent(op)
    if isinstance(rule, EntryRule) and rule.selects:
        return True
    return bool(op.row.guards) and not (exponent is not None and exponent.denominator == 1 and exponent >= 0)


def _is_by_entries(op: Primitive) -> bool:
    return op.row.entry is None and op.row.shape is None


def _adds_up(tape: Tape, op: Primitive) -> bool:
    rule = entry_rule(tape, op)
    return _is_by_entries(op) or (isinstance(rule, EntryRule) and rule.adds_up)
