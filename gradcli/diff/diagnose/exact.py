"""The steps of a program and its derivatives at high precision, beside torch's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from gradcli.backends.mp.arithmetic import Arithmetic, decimals
from gradcli.diff.diagnose.elements import ProgramStep, ProgramSteps
from gradcli.errors import Source
from gradcli.functions import table
from gradcli.tape.emit import Emitter
from gradcli.tape.sweep import sweep
from gradcli.tape.tape import MAX_WITH_DERIVATIVES, Primitive, Tape


class ExactSteps:
    """The true value of each step, from the program's exact inputs, and what errors become of others.

    A value is None where it does not exist.
    """

    def __init__(self, steps: ProgramSteps, arithmetic: Arithmetic, source: Source) -> None:
        self.steps = steps
        self.arithmetic = arithmetic
        self.m = arithmetic.m
        self.source = source
        self.values: list[Any] = []
        self.templates: dict[tuple[Any, ...], Tape | None] = {}
        for index, step in enumerate(steps.steps):
            self.values.append(self._apply(index, [self.values[arg] for arg in step.args]))

    def value(self, index: int) -> Any:
        """The true value of a step."""
        return self.values[index]

    def torch(self, index: int) -> Any:
        """What torch computed, as an exact number; None where it is not finite."""
        value = self.steps.values[index]
        if not value.is_floating_point():
            return bool(value)
        number = float(value)
        return self.m.mpf(number) if math.isfinite(number) else None

    def text(self, index: int, digits: int) -> str | None:
        """The true value in decimals."""
        value = self.values[index]
        if value is None or isinstance(value, bool):
            return None
        return decimals(value, digits).replace("e+", "e")

    def relative(self, index: int) -> float:
        """The relative error of torch's value; 0 where nothing is known."""
        true, mine = self.values[index], self.torch(index)
        if true is None or isinstance(true, bool):
            return 0.0
        if mine is None:
            return math.inf
        error = abs(mine - true)
        return float(error / abs(true)) if true else (math.inf if error else 0.0)

    def share(self, index: int, position: int) -> float:
        """The error that one argument's error alone makes in a step's result."""
        step = self.steps.steps[index]
        mine = self.torch(step.args[position])
        true = self.values[step.args[position]]
        if mine is None and true is not None:
            return math.inf
        if true is None or mine == true or self.values[index] is None:
            return 0.0
        args = [self.values[arg] for arg in step.args]
        args[position] = mine
        return self._distance(self._apply(index, args), self.values[index])

    def added(self, index: int) -> float:
        """The error that torch makes in a step itself."""
        return self._distance(self._alone(index), self.torch(index))

    def own(self, index: int) -> float:
        """The same, relative to the result."""
        alone = self._alone(index)
        return self.added(index) / float(abs(alone)) if alone and not isinstance(alone, bool) else self.added(index)

    def _alone(self, index: int) -> Any:
        """A step's true result for torch's operands."""
        return self._apply(index, [self.torch(arg) for arg in self.steps.steps[index].args])

    def _distance(self, a: Any, b: Any) -> float:
        if a is None or b is None:
            return 0.0 if a is b else math.inf
        return 0.0 if isinstance(a, bool) else float(abs(a - b))

    # What a step computes

    def _apply(self, index: int, args: Sequence[Any]) -> Any:
        step = self.steps.steps[index]
        if not step.args:
            return self.torch(index)
        if any(arg is None for arg in args) and not self._is_branch(step):
            return None
        template = self._template(index)
        if template is None:
            return None
        inputs = {f"a{position}": arg for position, arg in enumerate(args)}
        return self.arithmetic.run(template, inputs)[template.output]

    def _is_branch(self, step: ProgramStep) -> bool:
        """Whether an argument may be missing: that of a branch, or a local derivative whose adjoint is 0."""
        op = self.steps.tape.ops[step.op]
        return op.called == "where"

    def _key(self, index: int) -> tuple[Any, ...]:
        step = self.steps.steps[index]
        if step.is_sum:
            return ("sum",)
        if step.of is not None:
            return (*self._key(step.of), step.position)
        name = self.steps.tape.ops[step.op].called
        return (name if name and name != "diff" else "pos",)

    def _template(self, index: int) -> Tape | None:
        """A step as a tape of its own, over its arguments; None where there is no rule."""
        key = self._key(index)
        if key not in self.templates:
            self.templates[key] = self._built(index)
        return self.templates[key]

    def _built(self, index: int) -> Tape | None:
        step = self.steps.steps[index]
        tape = Tape(most=MAX_WITH_DERIVATIVES)
        if step.of is None or step.is_sum:
            args = tuple(tape.input(f"a{position}") for position in range(len(step.args)))
            name = self._key(index)[0]
            row = table.BY_NAME["+" if name == "sum" else name]
            tape.output = tape.append(Primitive(row=row, args=args))
            return tape
        inner = self._template(step.of)
        if inner is None:
            return None
        tape = inner.copy()
        emitter = Emitter(tape)
        target = tape.inputs[f"a{step.position}"]
        adjoint = tape.input(f"a{len(step.args) - 1}")
        local = sweep(emitter, tape.output, [target], self.source).get(target)
        if local is None:
            return None
        tape.output = emitter.scale(adjoint, local)
        return tape
