"""Mistakes with matrices, and with the gradients of reductions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from gradcli.check.mistakes.case import Case
from gradcli.check.mistakes.flow import Change, Flow, Nothing, Spot
from gradcli.check.mistakes.mistakes import Group, Mistake, MistakenRule, sentence, times, without
from gradcli.tape.scalarize import Index
from gradcli.tape.source_map import SourceMap
from gradcli.tape.tape import Op

MATRIX = 2  # dimensions


def tensors(case: Case) -> Iterator[Mistake]:
    """The mistakes that the matrices and the reductions of a program invite."""
    for index, op in enumerate(case.trace.whole.ops):
        case.deadline.check()
        name = op.called
        if name == "@":
            yield from _matmul(case, index, op)
        elif name == "det":
            yield from _det(case, index)
    yield from _cross_entropy(case)
    yield from _reductions(case)
    yield from _softmaxes(case)


# Matrix products


def _matmul(case: Case, index: int, op: Op) -> Iterator[Mistake]:
    trace = case.trace
    yield from _elementwise(case, op, index)
    products = [place for place in trace.swapped if trace.origins[place][0] == index]
    for side in (0, 1):
        swaps = {}
        for place in products:
            key = trace.swapped[place][side]
            if key is not None and key in trace.known:
                swaps[place] = trace.known[key]
        if not swaps or len(swaps) < len(products):
            continue
        yield from _transposed(case, op, index, swaps, side)


def _elementwise(case: Case, op: Op, index: int) -> Iterator[Mistake]:
    """Of square matrices, one multiplied by the gradient entry by entry."""
    known, places = case.trace.known, case.trace.last(index)
    if any(case.trace.whole.ops[arg].shape != op.shape for arg in op.args) or len(op.shape) != MATRIX:
        return
    if any((arg, at) not in known for arg in op.args for at in places.values()):
        return
    text = "rule: {call} is a product of matrices: its gradient is one, too, and no product entry by entry"
    for side in (0, 1):
        mine, other = ({at: known[op.args[one], at] for at in places.values()} for one in (side, 1 - side))
        if not any(case.active[place] for place in other.values()):
            for turned in (1, -1):
                change = _by_entry(places, mine, other, turned)
                yield from Group(case, tuple(places)).mistakes(MistakenRule("rule", "rule", change, text))


def _by_entry(
    places: Mapping[int, Index], mine: Mapping[Index, int], other: Mapping[Index, int], turned: int
) -> Change:
    """The derivative of one matrix at each entry, times the other's entry there or across the diagonal."""

    def change(spot: Spot) -> Any:
        at = places[spot.index]
        part = spot.known[mine[at]]
        if part is None:
            raise Nothing
        return part * spot.value_of(other[at[::turned]])

    return change


def _transposed(case: Case, op: Op, index: int, swaps: dict[int, int], side: int) -> Iterator[Mistake]:
    """One matrix of a product is transposed: where the other's derivative is multiplied by it, or in the value."""

    def change(spot: Spot) -> Any:
        part = spot.part(1 - side)
        mine = spot.value_of(swaps[spot.index]) * part if part else spot.m.zero
        return mine + spot.term(side)

    first = next(iter(swaps))
    text = "transposed: in the derivative of {call} stands {arg} where its transpose belongs, or the other way round"
    rule = MistakenRule("transposed", "transposed", change, text)
    yield from Group(case, tuple(swaps)).mistakes(rule, position=side)
    values = {place: _product(case, op, at, side) for place, at in case.trace.last(index).items()}
    text = "transposed: {arg} stands in {call} where its transpose belongs, or the other way round"
    yield Mistake("transposed", "transposed", {}, sentence(first, text, side), first, values)


def _product(case: Case, op: Op, at: Index, side: int) -> Callable[[Flow], Any]:
    """An entry of a matrix product, one of its matrices transposed."""
    known, shapes = case.trace.known, [case.trace.whole.ops[arg].shape for arg in op.args]
    row, column = at[: len(shapes[0]) - 1], at[len(at) - len(shapes[1]) + 1 :] if len(shapes[1]) > 1 else ()
    pairs = []
    for k in range(shapes[1][0]):
        left, right = (*row, k), (k, *column)
        left, right = (left[::-1], right) if side == 0 else (left, right[::-1])
        pairs.append((known.get((op.args[0], left)), known.get((op.args[1], right))))

    def value(flow: Flow) -> Any:
        total = flow.arithmetic.m.zero
        for a, b in pairs:
            x, y = (None if place is None else flow.values[place] for place in (a, b))
            if x is None or y is None:
                return None
            total = total + x * y
        return total

    return value


# Reductions whose gradient people remember wrongly


def _cross_entropy(case: Case) -> Iterator[Mistake]:
    """The score of the target is forgotten."""
    trace = case.trace
    for name, span in SourceMap(trace.program, trace.whole).calls:
        places = [place for place in trace.origins if trace.tape.ops[place].span == span]
        places = [place for place in places if _is_minus(trace.tape.ops[place])] if name == "cross_entropy" else []
        if places:
            yield from Group(case, tuple(places)).mistakes(_NO_TARGET)


_NO_TARGET = MistakenRule(
    "term", "term", without(1), "term: the gradient of {call} is the softmax less 1 at the target: the 1 is missing"
)


def _is_minus(op: Op) -> bool:
    return op.called == "-"


def _det(case: Case, index: int) -> Iterator[Mistake]:
    """The derivative of a determinant's logarithm, and the other way round."""
    place = case.trace.known.get((index, ()))
    if place is not None:
        text = "rule: the gradient of {call} is the determinant times the transposed inverse"
        for change in (times(lambda s: 1 / s.value), times(lambda s: s.value)):
            yield from Group(case, (place,)).mistakes(MistakenRule("rule", "rule", change, text))


class _Wrong(NamedTuple):
    """A gradient that is none: a function of an entry and of all of them, and what it should be."""

    code: str
    gradient: Callable[[Spot, Any, list[Any]], Any]
    right: str


def _sign_of(value: Any) -> int:
    return int(value > 0) - int(value < 0)


_WRONG: dict[str, tuple[_Wrong, ...]] = {
    "norm": (
        _Wrong("rule", lambda s, x, xs: _sign_of(x), "the tensor over its norm, not its signs"),
        _Wrong("rule", lambda s, x, xs: x, "the tensor over its norm, not the tensor"),
        _Wrong("rule", lambda s, x, xs: 2 * x, "the tensor over its norm: it is not a sum of squares"),
        _Wrong("square", lambda s, x, xs: x / s.value**2, "the tensor over its norm, which is not squared"),
    ),
    "logsumexp": (
        _Wrong("rule", lambda s, x, xs: x - s.value, "the softmax, not its logarithm"),
        _Wrong("rule", lambda s, x, xs: s.m.exp(x), "the softmax: the sum of exponentials below is missing"),
        _Wrong("stale", lambda s, x, xs: x / sum(xs), "the softmax: the entries stand where their exponentials belong"),
    ),
}


def _reductions(case: Case) -> Iterator[Mistake]:
    """Calls that make one number of a tensor."""
    trace = case.trace
    for name, span in SourceMap(trace.program, trace.whole).calls:
        if name not in _WRONG:
            continue
        mine = [index for index, op in enumerate(trace.whole.ops) if op.span == span and op.args]
        place = trace.known.get((mine[-1], ())) if mine else None
        entries = list(trace.last(trace.whole.ops[mine[0]].args[0])) if mine else []
        if place is None or not entries:
            continue
        for wrong in _WRONG[name]:
            kind = "stale" if wrong.code == "stale" else "rule"
            text = f"{wrong.code}: the gradient of {{call}} is {wrong.right}"
            rule = MistakenRule(kind, wrong.code, _by_gradient(entries, wrong), text)
            yield from Group(case, (place,)).mistakes(rule)


def _by_gradient(entries: list[int], wrong: _Wrong) -> Change:
    """The derivative of a reduction by another gradient than its own."""

    def change(spot: Spot) -> Any:
        values = [spot.value_of(entry) for entry in entries]
        total = spot.m.zero
        for entry, value in zip(entries, values):
            part = spot.known[entry]
            if part:
                total = total + wrong.gradient(spot, value, values) * part
        return total

    return change


# What is made of the derivative of each argument, where each entry of a softmax depends on all: by the entry's value.
_DIAGONAL = "each entry depends on all: s*(1 - s) is the diagonal alone"
_NO_SUM = "the term with the sum of the products is missing: s*(g - sum(g*s))"
_LOG_SUM = "the gradient is g - s*sum(g), with s the softmax: "
_SOFTMAX: Mapping[str, tuple[tuple[str, Callable[[Any, Any], Any]], ...]] = {
    "softmax": ((_DIAGONAL, lambda m, s: s * (1 - s)), (_NO_SUM, lambda m, s: s)),
    "log_softmax": (
        (_LOG_SUM + "g*(1 - s) is the diagonal alone", lambda m, y: 1 - m.exp(y)),
        (_LOG_SUM + "g/s is that of the logarithm alone", lambda m, y: m.exp(-y)),
        (_LOG_SUM + "the term with the sum is missing", lambda m, y: m.one),
    ),
}


def _softmax(case: Case, name: str, places: Mapping[int, Index], arg: int) -> Iterator[Mistake]:
    """Each entry of a softmax depends on all of them."""
    known = case.trace.known
    if not places or any((arg, at) not in known for at in places.values()):
        return
    for text, factor in _SOFTMAX[name]:

        def change(spot: Spot, factor: Callable[[Any, Any], Any] = factor) -> Any:
            part = spot.known[known[arg, places[spot.index]]]
            if part is None:
                raise Nothing
            return factor(spot.m, spot.value) * part

        yield from Group(case, tuple(places)).mistakes(
            MistakenRule("term", "term", change, f"term: of {{call}} {text}")
        )


def _softmaxes(case: Case) -> Iterator[Mistake]:
    trace = case.trace
    for name, span in SourceMap(trace.program, trace.whole).calls:
        mine = [index for index, op in enumerate(trace.whole.ops) if op.span == span and op.args]
        if mine and name in _SOFTMAX:
            case.deadline.check()
            yield from _softmax(case, name, trace.last(mine[-1]), trace.whole.ops[mine[0]].args[0])
