"""Births as origins: what stood there, which numbers met, and why that went wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import torch

from gradcli.diff.diagnose import words
from gradcli.diff.diagnose.elements import ProgramStep, ProgramSteps
from gradcli.diff.diagnose.first_bad import FirstBadStep, Index, TakenBranches, is_elementwise
from gradcli.functions.row import Row
from gradcli.language.numbers import Dtype
from gradcli.problem.report import BACKWARD, FORWARD, OperandValue, Origin
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.tape.source_map import SourceMap
from gradcli.tape.strict import status
from gradcli.tape.tape import Op, Primitive
from gradcli.terminal.arrays import in_brackets
from gradcli.terminal.numbers import figure

BITS = 200
DIGITS = 6
SECONDS = 0.3
UNKNOWN = "unknown"
FEW = 6  # entries of a tensor that are shown
MATRIX = 2  # dimensions of one


class NanDiagnosis:
    """Tells the origin of what is not finite."""

    def __init__(self, steps: ProgramSteps, source: SourceMap, dtype: Dtype, branches: TakenBranches) -> None:
        self.steps = steps
        self.source = source
        self.dtype = dtype
        self.branches = branches

    def origin(self, first: FirstBadStep) -> Origin:
        """What is known of a step whose result is the first that is not finite."""
        step = self.steps.steps[first.step]
        op = self.steps.tape.ops[step.op]
        value = self.steps.values[first.step][first.index]
        untaken = self._is_untaken(step, first)
        common = Origin(
            phase=BACKWARD if step.order else FORWARD,
            born=status(float(value)),
            operation="sum" if step.is_sum else self.source.called(op),
            text=self.source.names.get(step.op) or self.source.text(op) if step.is_sum else self.source.text(op),
            span=op.span,
            result=float(value),
            index=first.index or None,
            others=first.others,
            order=step.order,
            untaken=untaken,
            around=self.steps.tape.ops[self.branches.around[step.op]].span if untaken else None,
            harmless=first.harmless,
        )
        return self._backward(common, first, op) if step.order else self._forward(common, first, op)

    def _is_untaken(self, step: ProgramStep, first: FirstBadStep) -> bool:
        """Whether an operation was in vain at the entry of such a step, or all of it."""
        live = self.branches.live[step.op]
        if live.shape == self.steps.values[first.step].shape:
            return self.branches.is_untaken(step.op, first.index)
        return step.op in self.branches.around and not bool(live.any())

    # Forward

    def _forward(self, origin: Origin, first: FirstBadStep, op: Op) -> Origin:
        operands = self._operands(first, op)
        values = [operand.value for operand in operands]
        said = ", ".join(f"{one.text} is {figure(one.value)}" for one in operands if not _is_literal(one))
        reason, true = self._why(origin, op, values, said)
        return replace(origin, operands=tuple(operands), reason=reason or f"{said}", true=true)

    def _why(self, origin: Origin, op: Op, values: list[float], said: str) -> tuple[str, str | None]:
        """Why an operation has no finite value, and its true value if it has one."""
        infinite = origin.born != "nan"
        if not isinstance(op, Primitive) or op.row.shape is not None:
            said = ", ".join(self._few(op))
            finite = all(bool(self.steps.values[self.steps.places[arg]].isfinite().all()) for arg in op.args)
            return words.overflow(self.dtype, said, None) if infinite and finite else said, None
        form = words.indeterminate(op.row.name, values)
        if form:
            return f"{said}, and {form} is nan" if said else f"{form} is nan", None
        true = true_value(op.row, values)
        if true == UNKNOWN:
            return said, None
        if true is not None:
            if infinite:
                return words.overflow(self.dtype, said, true), true
            return "; ".join(filter(None, (said, f"its true value is {true}, and torch does not find it"))), true
        if infinite:
            return ", where ".join(filter(None, (said, f"{origin.text or origin.operation} grows without bound"))), None
        domain = self.source.domain(op)
        needs = f"{origin.text or origin.operation} needs {domain}" if domain else ""
        return ", and ".join(filter(None, (said, needs))), None

    def _operands(self, first: FirstBadStep, op: Op) -> list[OperandValue]:
        """The operands at the entry of such a step; of a tensor as a whole, where it is small, none else."""
        step = self.steps.steps[first.step]
        shape = self.steps.values[first.step].shape
        elementwise = is_elementwise(self.steps, first.step) and len(first.index) == len(shape)
        found = []
        for position, arg in enumerate(step.args):
            value = self.steps.values[arg]
            text = self.source.operand(op, position) or f"argument {position + 1}"
            if not value.is_floating_point():
                continue
            if value.dim() == 0:
                found.append(OperandValue(text, float(value)))
            elif elementwise:
                at = _aligned(first.index, value)
                found.append(OperandValue(f"{_bracketed(text)}[{','.join(map(str, at))}]", float(value[at])))
        return found

    def _few(self, op: Op) -> list[str]:
        """The arguments of an operation that are numbers, or a few of them."""
        said = []
        for position, arg in enumerate(op.args):
            value = self.steps.values[self.steps.places[arg]]
            text = self.source.operand(op, position)
            if text and 0 < value.numel() <= FEW and value.dim() <= MATRIX and value.is_floating_point():
                said.append(f"{text} is {_listed(value)}")
        return said

    # Backward

    def _backward(self, origin: Origin, first: FirstBadStep, op: Op) -> Origin:
        step = self.steps.steps[first.step]
        if step.is_sum:
            parts = [float(self.steps.values[arg][first.index]) for arg in step.args]
            form = words.indeterminate("+", parts) or " + ".join(map(figure, parts))
            verb = "is nan" if origin.born == "nan" else "overflows"
            return replace(origin, reason=f"the contributions come to {form}, which {verb}")
        assert step.of is not None
        inner = self.steps.steps[step.of]
        by = self.source.operand(op, step.position) if inner.order == 0 and self.source.free(op) > 1 else None
        alike = self.steps.values[step.of].shape == self.steps.values[first.step].shape
        operands: tuple[OperandValue, ...] = ()
        if inner.order == 0:
            operands = tuple(self._operands(FirstBadStep(step.of, first.index if alike else (), 0), op))
        origin = replace(origin, by=by, operands=operands)
        adjoints = self.steps.values[step.args[-1]]
        local = self.steps.local(first.step)
        if local is None or not (is_elementwise(self.steps, first.step) and is_elementwise(self.steps, step.of)):
            return replace(origin, reason=self._whole(op, adjoints, operands))
        adjoint = float(adjoints[_aligned(first.index, adjoints)])
        factor = float(local.detach()[first.index])
        rule = self.source.local(op, step.position) if inner.order == 0 else None
        reason = words.product(adjoint, factor, rule, origin.born)
        if inner.order:
            reason = reason.replace("its local derivative", "the derivative of its derivative")
        return replace(origin, adjoint=adjoint, local=factor, reason=reason)

    def _whole(self, op: Op, adjoints: torch.Tensor, operands: tuple[OperandValue, ...]) -> str:
        """What to say of an operation on tensors as wholes."""
        said = [f"its adjoint is {_listed(adjoints)}"] if 0 < adjoints.numel() <= FEW and adjoints.dim() < 2 else []
        said += self._few(op)
        result = self.steps.values[self.steps.places[self.steps.tape.ops.index(op)]]
        if result.dim() == 0:
            said.append(f"its value is {figure(float(result))}")
        return ", ".join(said)


def _aligned(index: Index, operand: torch.Tensor) -> Index:
    """The entry of a broadcast operand that meets an entry of the result."""
    at = index[len(index) - operand.dim() :]
    return tuple(0 if size == 1 else i for i, size in zip(at, operand.shape))


def _listed(value: torch.Tensor) -> str:
    """A number, or a few of them."""
    return in_brackets(value.tolist(), lambda one: figure(float(one)))


def _bracketed(text: str) -> str:
    """A text that an index can follow."""
    is_call = text.endswith(")") and "(" in text and " " not in text
    return text if text.replace("_", "").isalnum() or is_call else f"({text})"


def _is_literal(operand: OperandValue) -> bool:
    """Whether an operand is a number, which says itself what it is."""
    try:
        float(operand.text)
    except ValueError:
        return False
    return True


def true_value(row: Row, values: Sequence[float | bool]) -> str | None:
    """A row's value in decimals; None where it has none, "unknown" where that cannot be told."""
    from gradcli.backends.mp.arithmetic import Arithmetic, GivenUp, decimals

    if row.shape is not None or not all(math.isfinite(value) for value in values):
        return UNKNOWN
    arithmetic = Arithmetic(Deadline(SECONDS))
    arithmetic.bits = BITS
    exact = [value if isinstance(value, bool) else arithmetic.m.mpf(value) for value in values]
    try:
        found = Deadline(SECONDS).run(lambda: arithmetic.call(row, exact))
    except (GivenUp, OutOfTime):
        return UNKNOWN
    if found is None:
        return None
    return decimals(found, DIGITS).replace("e+", "e").replace(".0e", "e").removesuffix(".0")
