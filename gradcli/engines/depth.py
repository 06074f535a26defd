"""How many digits a program needs before anything else can be said: what has vanished may only begin later.

1 - erf(30) is 0 to a hundred digits and to two hundred, and yet it is 2.6e-393: two precisions that agree prove
nothing where all digits have cancelled.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from gradcli.clock import Deadline, OutOfTime
from gradcli.engines.arithmetic import Arithmetic, GivenUp, Value
from gradcli.engines.chain import Chain, vanished

DEEP = 1_000  # digits for what has vanished
MOST_OPERATIONS = 3_000  # of a program, its derivatives among them, that is evaluated with so many
SHARE = 0.25  # of the time that is left


def deep_enough(
    chain: Chain, arithmetic: Arithmetic, evaluate: Callable[[int], list[Value]], deadline: Deadline, digits: int
) -> tuple[list[Value], int]:
    """All values and their working digits: as many as given, or very many where a sum that was 0 then is not."""
    values = evaluate(digits)
    bits = arithmetic.bits
    gone = vanished(chain.tape, values, bits)
    if gone and len(chain.tape.ops) <= MOST_OPERATIONS:
        with contextlib.suppress(OutOfTime, GivenUp):
            deep = deadline.within(SHARE * deadline.left).run(lambda: evaluate(DEEP))
            if any(deep[index] for index in gone):
                return deep, DEEP
        arithmetic.bits = bits
    return values, digits
