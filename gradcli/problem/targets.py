"""What is differentiated by, how often, and whether that can be computed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gradcli.errors import OPTIONS, GradcliError, LimitError, Source, Span, did_you_mean
from gradcli.language.names import Names
from gradcli.problem import options
from gradcli.problem.job import MAX_ORDER, Job
from gradcli.tape.dependence import depends, nested_order
from gradcli.tape.tape import Tape

MAX_PARTIALS = 20_000
MAX_SERIES_PARTIALS = 500  # of an order past those that are written out: each takes a series along a line of its own


def check_targets(wrt: Sequence[str], names: Names, order: int, tape: Tape, most: int = MAX_ORDER) -> None:
    """Refuse names that are none of the program's, and counts and combinations that cannot be computed.

    `most` is the highest order.

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
                hint=did_you_mean(name, known) if name.isidentifier() else "names stand with commas between: --wrt x,y",
            )
        if name in seen:
            raise GradcliError(
                OPTIONS, f'"{name}" is there twice', source=Source(",".join(wrt), "--wrt"), span=_span(wrt, position)
            )
        seen.add(name)
    options.order(order, most)
    nested = nested_order(tape)
    if nested and order + nested > MAX_ORDER + 1:
        raise LimitError(
            OPTIONS,
            f"with the diff inside diff, the order is {order + nested}",
            expected=f"{MAX_ORDER + 1} at the most in all",
        )
    count = math.comb(len(wrt) + order - 1, order) if wrt else 0
    limit = MAX_PARTIALS if order <= MAX_ORDER else MAX_SERIES_PARTIALS
    if count > limit:
        raise LimitError(
            OPTIONS,
            f"there are {count:,} partial derivatives of order {order}, and {limit:,} is the limit",
            hint="name fewer variables with --wrt",
        )
    if order > 1:
        _check_independent(wrt, names, tape)


def are_independent(job: Job) -> bool:
    """Whether none of the names that are differentiated by is computed from another."""
    try:
        _check_independent(job.wrt, job.names, job.typed)
    except GradcliError:
        return False
    return True


def _check_independent(wrt: Sequence[str], names: Names, tape: Tape) -> None:
    """A mixed partial by a value and by what it is computed from has no one meaning."""
    for position, name in enumerate(wrt):
        if name not in names.intermediates:
            continue
        index = tape.find(name)
        for other in wrt:
            origin = tape.find(other)
            if other == name or index is None or origin is None:
                continue
            if depends(tape, [origin], index + 1)[index]:
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
