"""What a function has to return at a point: the reference's numbers, in the order in which the function gives them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from gradcli.backends.arb.program import Unenclosed
from gradcli.errors import LimitError
from gradcli.functions.shapes import Shape
from gradcli.language.numbers import to_float
from gradcli.problem.job import Job
from gradcli.problem.values import Value
from gradcli.reference.ordinary import OrdinaryPoints, OrdinaryTruth
from gradcli.reference.point import Reference
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.arrays import Array
from gradcli.tape.chain import Chain, differentiated
from gradcli.tape.entry_rules import Entries
from gradcli.tape.findings import Positions
from gradcli.tape.scalarize import entry_name
from gradcli.tape.tape import Tape

MAX_OUTPUTS = 8  # of a Jacobian that are held against the reference
MAX_NUMBERS = 6_000  # operations on numbers that the reference is asked about; beyond, autograd is asked
DIGITS = 25
TIMES = 4  # the time for one point that all of them may take

Point = Mapping[str, Value]


class Truth(NamedTuple):
    """The true numbers, None for one that is not known; `missing` says why a derivative does not exist."""

    numbers: list[Decimal | None]
    unknown: int  # how many of them should be known
    missing: str | None
    against: str

    @property
    def is_known(self) -> bool:
        """Whether what was judged of the function is known: everything, or of many outputs some rows."""
        return bool(self.numbers) and self.numbers[0] is not None and self.unknown == 0


class EntryProgram(NamedTuple):
    """A program over the entries of its variables: outputs and targets as operations of one tape."""

    tape: Tape
    outputs: list[int]
    targets: list[list[int]]
    shape: Shape
    point: dict[str, Fraction]


def truth(
    job: Job, point: Point, kinds: Sequence[str], is_list: bool, deadline: Deadline, from_sides: bool = False
) -> Truth:
    """The true value, and what is wanted of the derivatives: gradient, jacobian or hessian.

    No output takes longer than the job's allowance, and none goes on beyond the deadline. With `from_sides`, nonsmooth
    points are judged, which takes longer; else what they touch is unknown.
    """
    try:
        numbers = _numbers(job, point)
        if len(numbers.tape.ops) > MAX_NUMBERS:
            return _by_autograd(job, point, kinds, is_list)
    except LimitError:
        return _by_matrices(job, point, kinds, is_list) or _by_autograd(job, point, kinds, is_list)
    orders = [1] if kinds != ["value"] else []
    orders += [2] if "hessian" in kinds else []
    found, missing = [], None
    for output in numbers.outputs[:MAX_OUTPUTS]:
        known, why = _judged(job, numbers, output, orders, deadline.within(job.allowance), from_sides)
        found.append(known)
        missing = missing or why
    sizes = [len(one) for one in numbers.targets]
    unknown = _ordered(found, sizes, kinds, is_list).count(None)
    found += [{} for _ in numbers.outputs[MAX_OUTPUTS:]]
    return Truth(_ordered(found, sizes, kinds, is_list), unknown, missing, "gradcli's reference")


def _numbers(job: Job, point: Point) -> EntryProgram:
    """The program as one of numbers.

    Raises LimitError where it has too many entries.
    """
    if not job.has_tensors:
        tape = job.exact.copy()
        for name in job.wrt:
            if tape.find(name) is None:
                tape.input(name)
        targets = [[index] for name in job.wrt if (index := tape.find(name)) is not None]
        return EntryProgram(
            tape, [tape.output], targets, (), {n: v for n, v in point.items() if isinstance(v, Fraction)}
        )
    written = job.written
    unroller = Entries(written, point, (*job.names.variables, *job.wrt), job.program.source)
    shape = written.ops[written.output].shape
    outputs = [unroller.entry(written.output, at) for at in itertools.product(*map(range, shape))]
    targets = []
    for name in job.wrt:
        index = written.find(name)
        assert index is not None
        every = itertools.product(*map(range, written.ops[index].shape))
        targets.append([unroller.entry(index, at) for at in every])
    flat = {entry_name(name, at): one for name, value in point.items() for at, one in _entries(value)}
    return EntryProgram(
        unroller.numbers, outputs, targets, shape, {n: v for n, v in flat.items() if n in unroller.numbers.inputs}
    )


def _entries(value: Value) -> Iterator[tuple[tuple[int, ...], Fraction]]:
    if not isinstance(value, Array):
        yield (), value
        return
    for at in itertools.product(*map(range, value.shape)):
        yield at, Fraction(value[at])


def _judged(
    job: Job, numbers: EntryProgram, output: int, orders: Sequence[int], deadline: Deadline, from_sides: bool
) -> tuple[dict[Positions, Decimal], str | None]:
    """What the reference finds of one output."""
    targets = tuple(index for one in numbers.targets for index in one)
    found: dict[Positions, Decimal] = {}
    missing = None
    for order in orders or (1,):
        grown = numbers.tape.copy()
        grown.output = output
        chain = differentiated(grown, targets if orders else targets[:1], order, job.program.source)
        ordinary = _ordinary(chain, numbers.point)
        if ordinary is not None:
            found |= {(): ordinary.value, **ordinary.partials}
            continue
        findings = Reference(chain, chain, numbers.point, DIGITS, deadline, from_sides=from_sides).judge()
        if findings.value is not None:
            found[()] = Decimal(findings.value)
        for positions, one in findings.partials.items() if orders else ():
            if one.exists and one.value is not None:
                found[positions] = Decimal(one.value)
            elif one.exists is False:
                missing = missing or (one.kind or "no derivative")
    return found, missing


def _ordinary(chain: Chain, point: Mapping[str, Fraction]) -> OrdinaryTruth | None:
    """The answer of the reference for ordinary points, which is quick; None where it takes the other one."""
    try:
        return OrdinaryPoints(chain, DIGITS).judge({name: to_float(value) for name, value in point.items()})
    except Unenclosed:
        return None


def _ordered(
    found: Sequence[Mapping[Positions, Decimal]], sizes: Sequence[int], kinds: Sequence[str], is_list: bool
) -> list[Decimal | None]:
    """The numbers as the function returns them: values, then derivatives, each array entry by entry."""
    starts = list(itertools.accumulate(sizes, initial=0))
    blocks = [range(start, start + size) for start, size in zip(starts, sizes)]
    ordered: list[Decimal | None] = [one.get(()) for one in found]
    if "gradient" in kinds:
        ordered += [found[0].get((i,)) for block in blocks for i in block]
    if "jacobian" in kinds and is_list:
        ordered += [one.get((i,)) for one in found for block in blocks for i in block]
    elif "jacobian" in kinds:
        ordered += [one.get((i,)) for block in blocks for one in found for i in block]
    if "hessian" in kinds:
        ordered += [
            found[0].get((min(i, j), max(i, j))) for first in blocks for second in blocks for i in first for j in second
        ]
    return ordered


def _by_matrices(job: Job, point: Point, kinds: Sequence[str], is_list: bool) -> Truth | None:
    """The numbers of whole tensors in balls; None where these are none, or the program has no value there."""
    from gradcli.backends.arb.context import precision
    from gradcli.backends.arb.decimals import decimal
    from gradcli.problem.tensors.enclosed import BITS, NotEnclosed, TooMuch, derivatives
    from gradcli.problem.tensors.whole import doubles_of

    tape = job.written
    targets = [index for name in job.wrt if (index := tape.find(name)) is not None]
    if "hessian" in kinds:
        return None
    try:
        known = derivatives(tape, doubles_of(tape, point), targets, 1, DIGITS)
    except (NotEnclosed, TooMuch):
        return None
    if known is None:
        return None
    found: list[dict[Positions, Decimal]] = []
    parts = [known.partials[(i,)].reshape(len(known.value), -1) for i in range(len(targets))]
    with precision(BITS):
        for output, value in enumerate(known.value):
            row = [ball for part in parts for ball in part[output]]
            told = {(): value} | {(i,): ball for i, ball in enumerate(row) if ball is not None}
            numbers = {positions: decimal(ball, DIGITS) for positions, ball in told.items()}
            found.append({positions: one for positions, one in numbers.items() if one is not None})
    ordered = _ordered(found, [part.shape[1] for part in parts], kinds, is_list)
    return Truth(ordered, ordered.count(None), None, "gradcli's reference")


def _by_autograd(job: Job, point: Point, kinds: Sequence[str], is_list: bool) -> Truth:
    """Autograd's numbers, of a program that is too large for the reference."""
    from gradcli.backends.torch.gradients import differentiate

    tape = job.typed
    targets = [index for name in job.wrt if (index := tape.find(name)) is not None]
    flat: list[Any] = []
    for kind in kinds:
        if kind == "value":
            result = differentiate(tape, point, [], 1, "float64", "cpu")
            flat += result.value.reshape(-1).tolist()
            continue
        order = 2 if kind == "hessian" else 1
        partials = differentiate(tape, point, targets, order, "float64", "cpu").partials
        if kind == "hessian":
            flat += [
                number for i in range(len(targets)) for j in range(len(targets)) for number in _block(partials, i, j)
            ]
        elif kind == "jacobian" and is_list:
            rows = len(partials[(0,)]) if targets else 0
            flat += [
                number for row in range(rows) for i in range(len(targets)) for number in _flat(partials[(i,)][row])
            ]
        else:
            flat += [number for i in range(len(targets)) for number in _flat(partials[(i,)])]
    known = [Decimal(one) if math.isfinite(one) else None for one in flat]
    return Truth(known, known.count(None), None, "autograd")


def _block(partials: Mapping[Positions, Any], i: int, j: int) -> list[float]:
    """The second derivatives by two targets, the rows by the first of them."""
    if i <= j:
        return _flat(partials[(i, j)])
    upper = partials[(j, i)]
    rank = upper.dim() // 2 if upper.dim() % 2 == 0 else None
    if rank is None:  # a number and an array: the same entries either way
        return _flat(upper)
    return _flat(upper.permute(*range(rank, upper.dim()), *range(rank)))


def _flat(tensor: Any) -> list[float]:
    found: list[float] = tensor.reshape(-1).tolist()
    return found
