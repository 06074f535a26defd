"""What a program is differentiated by: names that it has, in counts and combinations that can be computed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gradcli.errors import OPTIONS, GradcliError, LimitError, Source, Span, did_you_mean
from gradcli.language.names import Names
from gradcli.problem import options
from gradcli.problem.job import Job
from gradcli.tape.dependence import depends, nested_order
from gradcli.tape.tape import Tape

MAX_ORDER = 10
MAX_PARTIALS = 20_000


def are_independent(job: Job) -> bool:
    """Whether none of the names that are differentiated by is computed from another."""
    try:
        _check_independent(job.wrt, job.names, job.typed)
    except GradcliError:
        return False
    return True


def check_targets(wrt: Sequence[str], names: Names, order: int, tape: Tape) -> None:
    """Refuse names that are none of the program's, and counts and combinations that cannot be computed.

    Raises GradcliError, or LimitError for too many partials or too high an order.
    """
    known = [*names.variables, *names.intermediates]
    kept, seen = set(known), set()
    for position, name in enumerate(wrt):
        if name not in kept:
            raise GradcliError(
                OPTIONS,
                f'the program has no name "{name}"',
                source=Source(",".join(wrt), "--wrt"),
                span=_span(wrt, position),
                expected=f"one of {', '.join(known)}" if known else None,
                hint=did_you_mean(name, known),
            )
        if name in seen:
            raise GradcliError(
                OPTIONS, f'"{name}" is there twice', source=Source(",".join(wrt), "--wrt"), span=_span(wrt, position)
            )
        seen.add(name)
    options.order(order, MAX_ORDER)
    total = order + nested_order(tape)
    if total > MAX_ORDER + 1:
        raise LimitError(
            OPTIONS, f"with the diff inside diff, the order is {total}", expected=f"{MAX_ORDER + 1} at the most in all"
        )
    count = math.comb(len(wrt) + order - 1, order) if wrt else 0
    if count > MAX_PARTIALS:
        raise LimitError(
            OPTIONS,
            f"there are {count:,} partial derivatives of order {order}, and {MAX_PARTIALS:,} is the limit",
            hint="name fewer variables with --wrt",
        )
    if order > 1:
        _check_independent(wrt, names, tape)


def _check_independent(wrt: Sequence[str], names: Names, tape: Tape) -> None:
    """A mixed partial by a value and by what it is computed from has no one meaning."""
    for position, name in enumerate(wrt):
        if name not in names.intermediates:
            continue
        place = tape.find(name)
        for other in wrt:
            origin = tape.find(other)
            if other == name or place is None or origin is None:
                continue
            if depends(tape, [origin], place + 1)[place]:
                raise GradcliError(
                    OPTIONS,
                    f'"{name}" is computed from "{other}": their mixed derivatives have no one meaning',
                    source=Source(",".join(wrt), "--wrt"),
                    span=_span(wrt, position),
                    hint="differentiate by one of them at a time",
                )


def _span(wrt: Sequence[str], position: int) -> Span:
    start = sum(len(name) + 1 for name in wrt[:position])
    return Span(start, start + len(wrt[position]))
