"""Which operations lost the digits of an inaccurate number: torch's steps beside the same ones at high precision."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import torch

from gradcli.backends.mp.arithmetic import Arithmetic, GivenUp
from gradcli.diff.diagnose import words
from gradcli.diff.diagnose.elements import ProgramStep, ProgramSteps
from gradcli.diff.diagnose.exact import ExactSteps
from gradcli.diff.diagnose.nan import Bad, follow
from gradcli.errors import GradcliError
from gradcli.problem.job import Job
from gradcli.problem.report import BACKWARD, FORWARD, LOSS, OperandValue, Origin
from gradcli.problem.values import Value
from gradcli.reference.digits import agreeing
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.tape.arrays import Array, every
from gradcli.tape.source_map import SourceMap
from gradcli.tape.tape import Op, Tape
from gradcli.terminal.numbers import DOUBLE, figure

BITS = 400
MOST_STEPS = 4_000  # that are computed at high precision
MOST_PATH = 200
MOST_TOLD = 3
LEAST = 1.0  # digits lost in one operation that are worth telling
OWN = 1e3  # rounding errors that torch makes in one operation by itself, to be told
ALIKE = 100.0  # how far the error that is explained may be from the one that torch's own run made


@dataclass(frozen=True)
class Loss:
    """A step that lost digits; `own` where its operands were right."""

    step: int
    digits: float
    own: bool


def losses(job: Job, wanted: Sequence[Bad], deadline: Deadline) -> list[Origin]:
    """The origins of the errors of these numbers, the first ones first; no positions mean the value."""
    from gradcli.backends.torch import device as devices

    if job.has_custom_vjps:
        return []
    like = devices.like(job.dtype.name, job.device)
    found: dict[tuple[object, ...], Origin] = {}
    for one in wanted:
        try:
            for origin in deadline.run(lambda one=one: _of_number(job, one, like, deadline)):  # type: ignore[misc]
                found.setdefault((origin.phase, origin.text, origin.operation, origin.result), origin)
        except (GradcliError, GivenUp, OutOfTime, RuntimeError, ValueError, TypeError):
            continue
    return list(found.values())


def _of_number(job: Job, one: Bad, like: torch.Tensor, deadline: Deadline) -> list[Origin]:
    """The origins of the error of one number."""
    tape, point, path = _numbers(job, one)
    steps = ProgramSteps(tape, point, like, MOST_STEPS)
    end = follow(steps, [steps.places[place] for place in path])
    if end is None:
        return []
    arithmetic = Arithmetic(deadline)
    arithmetic.bits = BITS
    exact = ExactSteps(steps, arithmetic, job.program.source)
    if not _is_alike(exact, end, one.number):
        return []
    teller = _LossTeller(job, steps, exact)
    told = _path(steps, exact, end, 2.0**-job.dtype.bits)
    largest = sorted(told, key=lambda loss: -loss.digits)[:MOST_TOLD]
    return [teller.origin(loss) for loss in sorted(largest, key=lambda loss: loss.step)]


def _numbers(job: Job, one: Bad) -> tuple[Tape, Mapping[str, Value], list[int]]:
    """The program as a tape of numbers, the point, and the operations to differentiate, the output first."""
    if not job.has_tensors:
        tape = job.typed
        names = [job.targets[position] for position in one.positions]
        return tape, job.full_point, [tape.output, *(place for name in names if (place := tape.find(name)) is not None)]
    from gradcli.tape.entry_rules import Entries
    from gradcli.tape.scalarize import entry_name

    tape = job.written
    free = [name for name in job.targets if tape.find(name) is not None]
    unroller = Entries(tape, job.full_point, free, job.program.source)
    rank = len(tape.ops[tape.output].shape)
    at, rest = one.entry[:rank], one.entry[rank:]
    path = []
    for position in one.positions:
        place = tape.find(job.targets[position]) or 0
        count = len(tape.ops[place].shape)
        path.append(unroller.entry(place, rest[:count]))
        rest = rest[count:]
    output = unroller.entry(tape.output, at)
    unroller.numbers.output = output
    point = {entry_name(name, index): Fraction(value[index]) if isinstance(value, Array) else value
             for name, value in job.full_point.items() for index in every(getattr(value, "shape", ()))}  # fmt: skip
    return unroller.numbers, point, [output, *path]


def _is_alike(exact: ExactSteps, end: int, number: float) -> bool:
    """Whether the steps come to an error like the one that there is to explain."""
    true, mine = exact.value(end), exact.torch(end)
    if true is None or mine is None or not math.isfinite(number):
        return False
    error, explained = abs(exact.m.mpf(number) - true), abs(mine - true)
    return bool(explained <= ALIKE * error and error <= ALIKE * explained)


def _path(steps: ProgramSteps, exact: ExactSteps, end: int, unit: float) -> list[Loss]:
    """The steps that lost digits, back from a result along what contributes most to its error."""
    found: list[Loss] = []
    current: int | None = end
    for _ in range(MOST_PATH):
        if current is None:
            break
        step = steps.steps[current]
        error = exact.relative(current)
        before = max([unit, *(exact.relative(arg) for arg in step.args)])
        cause, shares, own = _cause(exact, step, current)
        lost = agreeing(before, error)
        if not math.isfinite(lost) or own > shares:
            if not math.isfinite(error) or exact.own(current) > OWN * unit:
                found.append(Loss(current, lost, own=True))
            break
        if lost >= LEAST:
            found.append(Loss(current, lost, own=False))
        current = cause
    return found


def _cause(exact: ExactSteps, step: ProgramStep, index: int) -> tuple[int | None, float, float]:
    """The argument whose error makes most of a result's, how much that is, and what the step adds by itself."""
    shares = {arg: exact.share(index, position) for position, arg in enumerate(step.args)}
    worst = max(shares, key=lambda arg: shares[arg], default=None)
    largest = 0.0 if worst is None else shares[worst]
    return (worst if largest > 0 else None), largest, exact.added(index)


class _LossTeller:
    """Writes the origin of a loss."""

    def __init__(self, job: Job, steps: ProgramSteps, exact: ExactSteps) -> None:
        self.job = job
        self.steps = steps
        self.exact = exact
        self.source = SourceMap(job.program, steps.tape, job.dtype)

    def origin(self, loss: Loss) -> Origin:
        """What is known of a loss."""
        step = self.steps.steps[loss.step]
        op = self.steps.tape.ops[step.op]
        operands = self._operands(step, op)
        cancelled = self._cancelled(step, op, loss)
        lost = round(loss.digits if cancelled is None else cancelled, 1)
        text = (self.source.names.get(step.op) if step.is_sum else None) or self.source.text(op)
        origin = Origin(
            phase=BACKWARD if step.order else FORWARD,
            born=LOSS,
            operation="sum" if step.is_sum else self.source.called(op),
            text=text,
            span=op.span,
            operands=operands,
            result=float(self.steps.values[loss.step]),
            by=self._by(step, op),
            order=step.order,
            lost=lost if math.isfinite(lost) else None,
            true=self.exact.text(loss.step, DOUBLE),
        )
        where = words.where(origin)
        most = int(10 * self.job.dtype.digits) / 10
        if math.isfinite(lost) and lost < most:
            verb = "cancel" if cancelled is not None else "are lost"
            headline = f"{lost:.1f} of {most} digits {verb} in {where}"
        else:
            headline = f"all digits are lost in {where}"
        return replace(origin, headline=headline, reason=self._reason(step, op, origin))

    def _by(self, step: ProgramStep, op: Op) -> str | None:
        if step.order == 0 or step.is_sum or self.source.free(op) < 2:
            return None
        return self.source.operand(op, step.position)

    def _operands(self, step: ProgramStep, op: Op) -> tuple[OperandValue, ...]:
        found = []
        for position, arg in enumerate(step.args):
            value = self.steps.values[arg]
            if not value.is_floating_point():
                continue
            is_adjoint = step.of is not None and not step.is_sum and position == len(step.args) - 1
            text = "adjoint" if is_adjoint else f"contribution {position + 1}" if step.order else None
            text = text or self.source.operand(op, position) or f"argument {position + 1}"
            found.append(OperandValue(text, float(value), self.exact.text(arg, DOUBLE)))
        return tuple(found)

    def _cancelled(self, step: ProgramStep, op: Op, loss: Loss) -> float | None:
        """The digits that cancel in a sum or a difference."""
        name = op.called if step.order == 0 else ""
        if not (step.is_sum or name in ("+", "-")) or loss.own:
            return None
        sizes = [abs(self.exact.value(arg)) for arg in step.args if self.exact.value(arg) is not None]
        result = self.exact.value(loss.step)
        return agreeing(abs(result), max(sizes)) if sizes and result is not None else math.inf

    def _reason(self, step: ProgramStep, op: Op, origin: Origin) -> str:
        result, true = figure(origin.result, DOUBLE), origin.true
        values = [figure(one.value, DOUBLE) for one in origin.operands]
        sign = "+" if step.is_sum else op.called if step.order == 0 else ""
        if sign in ("+", "-") and len(values) == 2:
            second = f"({values[1]})" if values[1].startswith("-") else values[1]
            return f"{values[0]} {sign} {second} is {result}; exactly it would be {true}"
        if step.order:
            said = [f"its adjoint is {figure(origin.operands[-1].value)}"] if origin.operands else []
            inner = self.steps.steps[step.of] if step.of is not None else step
            rule = self.source.local(op, step.position) if inner.order == 0 else None
            said.append(f"torch makes {result} of it" + (f" with the local derivative {rule}" if rule else ""))
            return f"{', '.join(said)}; exactly it would be {true}"
        said = [f"{one.text} is {figure(one.value, DOUBLE)}" for one in origin.operands]
        return f"{', '.join(said)}, and the result is {result}; exactly it would be {true}"
