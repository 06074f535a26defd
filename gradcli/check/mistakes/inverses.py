"""Mistakes with inverses, and with tensors that are repeated to fit another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from gradcli.check.mistakes.case import Case
from gradcli.check.mistakes.flow import Change, Nothing, Spot
from gradcli.check.mistakes.mistakes import Group, Mistake, MistakenRule, sentence, without
from gradcli.tape.scalarize import Index, aligned
from gradcli.tape.tape import Primitive

Matrix = list[list[Any]]
INVERSE = "the gradient by a matrix A of inv(A) is -inv(A).T @ G @ inv(A).T"

Wrong = Callable[[Matrix, Matrix], Matrix]  # of a value and of its argument's derivative: its own derivative


def inverses(case: Case) -> Iterator[Mistake]:
    """The mistakes that inverses and broadcasting invite."""
    trace = case.trace
    for index, op in enumerate(trace.whole.ops):
        if op.called == "inv":
            case.deadline.check()
            yield from _inverse(case, list(trace.last(index).items()), op.args[0])
    yield from _repeated(case)


def _inverse(case: Case, places: Sequence[tuple[int, Index]], arg: int) -> Iterator[Mistake]:
    """Of Y = inv(A): the differential of Y is -Y dA Y, and the gradient by A is -Y.T G Y.T."""
    known = case.trace.known
    size = 1 + max((at[0] for _, at in places), default=-1)
    at_place = {at: place for place, at in places}
    if not size or len(at_place) != size * size or any((arg, at) not in known for at in at_place):
        return

    def table(read: Callable[[int], Any], of: Callable[[int, int], int]) -> Matrix:
        return [[read(of(i, j)) for j in range(size)] for i in range(size)]

    def change(at: Index, wrong: Wrong) -> Change:
        def changed(spot: Spot) -> Any:
            value = table(spot.value_of, lambda i, j: at_place[i, j])
            part = table(lambda place: spot.known[place], lambda i, j: known[arg, (i, j)])
            if any(one is None for row in part for one in row):
                raise Nothing
            return wrong(value, part)[at[0]][at[1]]

        return changed

    kinds: tuple[tuple[str, str, Wrong], ...] = (
        ("transposed", "the transposes are missing", lambda y, d: _negated(_around(d, _turned(y), _turned(y)))),
        ("transposed", "the first transpose is missing", lambda y, d: _negated(_around(d, _turned(y), y))),
        ("transposed", "the last transpose is missing", lambda y, d: _negated(_around(d, y, _turned(y)))),
        ("sign", "the minus is missing", lambda y, d: _around(d, y, y)),
        ("term", "the first inverse is missing", lambda y, d: _negated(_product(d, y))),
        ("term", "the last inverse is missing", lambda y, d: _negated(_product(y, d))),
    )
    for code, text, wrong in kinds:
        changes = {place: change(at, wrong) for place, at in places}
        kind = {"sign": "minus"}.get(code, code)
        yield Mistake(kind, code, changes, sentence(places[0][0], f"{code}: {INVERSE}: {text}"), places[0][0])


def _repeated(case: Case) -> Iterator[Mistake]:
    """A tensor is repeated to fit another one: its gradient is the sum over the repetitions."""
    trace = case.trace
    for index, op in enumerate(trace.whole.ops):
        if not isinstance(op, Primitive) or op.row.shape is not None or not op.shape:
            continue
        for position, arg in enumerate(op.args):
            shape = trace.whole.ops[arg].shape
            if shape == op.shape or len(op.args) < 2:
                continue
            places = list(trace.last(index).items())
            first = {place: at for place, at in places if _is_first(at, shape)}
            if not first or len(first) == len(places):
                continue
            case.deadline.check()
            count = len(places) // len(first)
            text = f"size: {{arg}} is repeated {count} times in {{call}}: its gradient is the sum over all of them, "
            others = [place for place, _ in places if place not in first]
            for mine, change, wrong in (
                (others, without(position), "that of one"),
                ([place for place, _ in places], _part(position, count), "their mean"),
            ):
                rule = MistakenRule("size", "size", change, f"{text}and not {wrong}")
                yield from Group(case, tuple(mine)).mistakes(rule, position=position)


def _is_first(at: Index, shape: Index) -> bool:
    """Whether an entry is of the first repetition."""
    mine = aligned(at, shape)
    rest = at[: len(at) - len(shape)]
    tail = at[len(at) - len(shape) :]
    return not any(rest) and all(one == other or not one for one, other in zip(tail, mine))


def _part(position: int, count: int) -> Change:
    return lambda spot: spot.usual() - spot.term(position) * (count - 1) / count


def _product(a: Matrix, b: Matrix) -> Matrix:
    return [[sum((x * y for x, y in zip(row, column)), row[0] * 0) for column in zip(*b)] for row in a]


def _around(inner: Matrix, left: Matrix, right: Matrix) -> Matrix:
    return _product(_product(left, inner), right)


def _turned(a: Matrix) -> Matrix:
    return [list(row) for row in zip(*a)]


def _negated(a: Matrix) -> Matrix:
    return [[-one for one in row] for row in a]
