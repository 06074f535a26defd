"""What may be hidden behind the last digits: a sum that has vanished may only begin later, and pi has but so many.

1 - sigmoid(3285) is 0 to a thousand digits and not 0, and cos(pi/2) is 4e-81: numbers that rest on these are known
only as far as they stay the same when what is hidden is brought in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from gradcli.clock import Deadline
from gradcli.engines.arithmetic import Arithmetic, GivenUp, Value
from gradcli.engines.chain import Chain, vanished
from gradcli.engines.findings import Finding, Positions
from gradcli.engines.tape import Tape

BITS_PER_DIGIT = 3.33
DEEP = 1_000
QUICK_BITS = 400
GUARD_BITS = 40  # of the working precision, above the largest number that a vanished sum may begin with
CONSTANT_DIGITS = 78  # of pi and e, which the table has to 80
EXPLAINS = 1_000  # a difference of this many times what is hidden is one


def hidden(tape: Tape, values: Sequence[Value], arithmetic: Arithmetic) -> dict[int, Any]:
    """What may be hidden in each operation: vanished sums, and the constants; nothing where there are neither."""
    m, found = arithmetic.m, {}
    for index in vanished(tape, values, arithmetic.bits):
        largest = max(abs(values[arg]) for arg in tape.ops[index].args)
        found[index] = m.ldexp(largest, GUARD_BITS - arithmetic.bits)
    for index, op in enumerate(tape.ops):
        if op.label is not None and op.value is not None:
            found[index] = m.mpf(10) ** -CONSTANT_DIGITS
    return found


def shaken(
    tape: Tape, inputs: Mapping[str, Value], values: Sequence[Value], arithmetic: Arithmetic, wanted: Sequence[int]
) -> dict[int, Any]:
    """How much each wanted value moves when what is hidden is brought in; None where it then is no number."""
    amounts = hidden(tape, values, arithmetic)
    moves: dict[int, Any] = dict.fromkeys(wanted, arithmetic.m.zero)
    for sign in (1, -1) if amounts else ():
        shifts = {index: sign * amount for index, amount in amounts.items()}
        moved = arithmetic.run(tape, inputs, shifts=shifts)
        for index in wanted:
            if moves[index] is not None and values[index] is not None:
                there = moved[index]
                moves[index] = None if there is None else max(moves[index], abs(there - values[index]))
    return moves


def is_certain(
    chain: Chain,
    positions: Positions,
    place: Mapping[str, Fraction],
    claimed: Any,
    finding: Finding,
    deadline: Deadline,
) -> bool:
    """Whether nothing that may be hidden explains that a derivative is not the claimed number.

    A few digits are enough where the derivative is known with them and the claim is far off: most claims are.
    """
    arithmetic = Arithmetic(deadline)
    bits = arithmetic.bits
    try:
        arithmetic.bits = QUICK_BITS
        far = abs(claimed - arithmetic.m.mpf(finding.value or 0)) / EXPLAINS
        value, move = _shaken(chain, positions, place, arithmetic)
        if value is not None and move is not None:
            if abs(value - arithmetic.m.mpf(finding.value or 0)) < far and EXPLAINS * move < far:
                return True
        arithmetic.bits = int(DEEP * BITS_PER_DIGIT)
        value, move = _shaken(chain, positions, place, arithmetic)
        return value is None or (move is not None and bool(abs(claimed - value) > EXPLAINS * move))
    except GivenUp:
        return False
    finally:
        arithmetic.bits = bits


def _shaken(chain: Chain, positions: Positions, place: Mapping[str, Fraction], arithmetic: Arithmetic) -> Any:
    """A derivative, and how much it moves when what is hidden is brought in."""
    inputs = {name: arithmetic.number(place[name]) for name in chain.tape.inputs}
    values = arithmetic.run(chain.tape, inputs)
    index = chain.partials[positions]
    if values[index] is None:
        return None, None
    return values[index], shaken(chain.tape, inputs, values, arithmetic, [index])[index]
