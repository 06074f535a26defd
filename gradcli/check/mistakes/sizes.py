"""The number of entries as a factor: the gradient of a sum for that of a mean, and the other way round."""

from __future__ import annotations

import math
from collections.abc import Iterator

from gradcli.check.mistakes.case import Case
from gradcli.check.mistakes.mistakes import Group, Mistake, MistakenRule, times
from gradcli.tape.tape import Op


def sizes(case: Case) -> Iterator[Mistake]:
    """A factor of the size in the gradient of each sum and mean."""
    for index, op in enumerate(case.trace.whole.ops):
        case.deadline.check()
        name = op.called
        if name == "/" and _is_count(case, op.args[1]):
            yield from _mean(case, index, op)
        elif name == "sum":
            yield from _sum(case, index, op)


def _is_count(case: Case, index: int) -> bool:
    """Whether an operation is a number of entries, perhaps less a correction."""
    op = case.trace.whole.ops[index]
    if op.called == "-":
        op = case.trace.whole.ops[op.args[0]]
    return op.called == "count"


def _reduced(case: Case, op: Op) -> int:
    """How many entries become one."""
    return math.prod(case.trace.whole.ops[op.args[0]].shape) // max(1, math.prod(op.shape))


def _axes(case: Case) -> list[int]:
    """The sizes of the program's tensors, along each of their axes and in all."""
    shapes = {op.shape for op in case.trace.whole.ops if op.shape}
    return sorted({size for shape in shapes for size in (*shape, math.prod(shape))})


def _mean(case: Case, index: int, op: Op) -> Iterator[Mistake]:
    below = case.trace.known.get((op.args[1], ()))
    value = None if below is None else case.flows[0].values[below]
    if value is None or value <= 1:
        return
    count = int(value)
    yield from _sized(
        case, index, count, 1,
        f"size: it is the sum's gradient, not the mean's: in {{call}} a factor of 1/{count}, for {count} entries, "
        "is missing",
    )  # fmt: skip
    yield from _sized(
        case, index, 1, count, f"size: in {{call}} the factor of 1/{count}, for {count} entries, is there twice"
    )
    for other in dict.fromkeys((*_axes(case), count + 1, count - 1)):
        if other > 1 and other != count:
            text = f"size: in {{call}} it is divided by {other}, and by {count} would be right"
            yield from _sized(case, index, count, other, text)


def _sum(case: Case, index: int, op: Op) -> Iterator[Mistake]:
    count = _reduced(case, op)
    if count > 1:
        yield from _sized(
            case, index, 1, count,
            f"size: it is the mean's gradient, not the sum's: in {{call}} a factor of 1/{count}, for {count} entries, "
            "does not belong",
        )  # fmt: skip


def _sized(case: Case, index: int, above: int, below: int, text: str) -> Iterator[Mistake]:
    """The derivatives of all entries of an operation, times a fraction."""
    places = list(case.trace.last(index))
    if places:
        rule = MistakenRule("size", "size", times(lambda spot: spot.m.mpf(above) / below), text)
        yield from Group(case, tuple(places)).mistakes(rule)
