"""Derivatives from the innermost operation outwards, at one point, with the rule of some operations changed.

This is how a person differentiates: each operation has a derivative that is made of its arguments and of their
derivatives. A mistake is another formula for that of one operation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, Union

from gradcli.backends.mp.arithmetic import Arithmetic, GivenUp, Value
from gradcli.check.mistakes.traced import Trace
from gradcli.functions import table
from gradcli.functions.row import Row
from gradcli.tape.emit import SCALE
from gradcli.tape.rules import local
from gradcli.tape.scalarize import Index, aligned
from gradcli.tape.tape import Op, Primitive

Change = Callable[["Spot"], Value]  # the derivative of an operation, as somebody may have got it


class FlowTarget(NamedTuple):
    """What is differentiated by: where it stands, and which entry of its name it is."""

    operation: int
    at: Index = ()


class Flow:
    """The values of a program at one point, and derivatives of its operations."""

    def __init__(
        self,
        trace: Trace,
        arithmetic: Arithmetic,
        point: Mapping[str, Fraction],
        frozen: Mapping[int, Value] | None = None,
    ) -> None:
        self.trace = trace
        self.arithmetic = arithmetic
        self.point = point
        inputs = {name: arithmetic.number(point[name]) for name in trace.tape.inputs}
        self.values = arithmetic.run(trace.tape, inputs, stopped=frozen)
        self.locals: dict[tuple[int, int], Value] = {}
        self.found: dict[FlowTarget, list[Value]] = {}
        self.reverse: dict[int, dict[int, Value]] = {}

    def with_values(self, changes: Mapping[int, Callable[[Flow], Value]]) -> Flow | None:
        """The same where some operations have another value; None where that is beyond computing."""
        frozen = {index: change(self) for index, change in changes.items()}
        return flow_at(self.trace, self.arithmetic, self.point, frozen)

    def local(self, index: int, position: int) -> Value:
        """The derivative of an operation by one of its arguments."""
        key = index, position
        if key not in self.locals:
            op = self.trace.tape.ops[index]
            try:
                self.locals[key] = self.rule(op, position, [self.values[arg] for arg in op.args])
            except GivenUp:
                self.locals[key] = None
        return self.locals[key]

    def rule(self, op: Op, position: int, args: Sequence[Value]) -> Value:
        """The same where the operation had other arguments."""
        if not isinstance(op, Primitive):
            return self.arithmetic.m.one if position == 0 else self.arithmetic.m.zero
        name = op.row.name
        if op.row.signs:
            return self.arithmetic.m.one * op.row.signs[position]
        if name == "*" or op.row is SCALE:
            return args[1 - position]
        if name == "detach" or op.row.gives_truth or position in op.row.truths:
            return self.arithmetic.m.zero
        return self.table_rule(op.row, position, args)

    def table_rule(self, row: Row, position: int, args: Sequence[Value]) -> Value:
        """The rule of a row, with these values for its parameters."""
        return None if any(arg is None for arg in args) else local(row, position, self.arithmetic.rules, args)

    def call(self, name: str, *args: Value) -> Value:
        """A row of the table applied to values."""
        return self.arithmetic.call(table.BY_NAME[name], args)

    def derivatives(self, target: FlowTarget) -> list[Value]:
        """The derivative of every operation by one number."""
        if target not in self.found:
            zero, one = self.arithmetic.m.zero, self.arithmetic.m.one
            here: list[Value] = []
            for index, op in enumerate(self.trace.tape.ops[: max(self.trace.outputs) + 1]):
                here.append(one if index == target.operation else self._usual(index, op, here) if op.args else zero)
            self.found[target] = here
        return self.found[target]

    def adjoints(self, output: int) -> dict[int, Value]:
        """The derivative of an output by every operation that it uses; None where one on the way does not exist."""
        if output not in self.reverse:
            here: dict[int, Value] = {output: self.arithmetic.m.one}
            for index in range(output, -1, -1):
                adjoint = here.get(index)
                if index not in here or (adjoint is not None and not adjoint):
                    continue
                for position, arg in enumerate(self.trace.tape.ops[index].args):
                    local = None if adjoint is None else self.local(index, position)
                    before = here.get(arg, self.arithmetic.m.zero)
                    here[arg] = None if local is None or before is None else before + adjoint * local
            self.reverse[output] = here
        return self.reverse[output]

    def nearly(self, target: FlowTarget, output: int, changes: Mapping[int, Change]) -> Value:
        """What `changed` comes to where no changed operation depends on another; None where that is not known."""
        before, adjoints = self.derivatives(target), self.adjoints(output)
        total = before[output]
        seen = Overlay(before, {})
        for index, change in changes.items():
            if index == target.operation or index not in adjoints:
                continue
            adjoint, old = adjoints[index], before[index]
            new = _guarded(change, Spot(self, index, target, seen))
            if adjoint is None or old is None or new is None or total is None:
                return None
            total = total + adjoint * (new - old)
        return total

    def changed(self, target: FlowTarget, output: int, changes: Mapping[int, Change], after: Sequence[int]) -> Value:
        """The derivative of an output, where some operations have another one than they should.

        `after` are those operations and all that depend on them, in order.
        """
        before = self.derivatives(target)
        now: dict[int, Value] = {}
        seen = Overlay(before, now)
        for index in after:
            if index == target.operation or index > output:
                continue
            change = changes.get(index)
            if change is not None:
                now[index] = _guarded(change, Spot(self, index, target, seen))
            else:
                now[index] = self._usual(index, self.trace.tape.ops[index], seen)
        return seen[output]

    def _usual(self, index: int, op: Op, known: Union[Sequence[Value], Overlay]) -> Value:
        """The derivative of an operation by the chain rule."""
        total = self.arithmetic.m.zero
        for position, arg in enumerate(op.args):
            part = known[arg]
            if part is None:
                if isinstance(op, Primitive) and (op.row.name == "detach" or op.row.gives_truth):
                    continue
                return None
            if part:
                local = self.local(index, position)
                if local is None:
                    return None
                total = total + local * part
        return total


def flow_at(
    trace: Trace,
    arithmetic: Arithmetic,
    point: Mapping[str, Fraction],
    frozen: Mapping[int, Value] | None = None,
) -> Flow | None:
    """The values of a program at a point; None where they are beyond computing."""
    try:
        return Flow(trace, arithmetic, point, frozen)
    except GivenUp:
        return None


class Overlay:
    """Derivatives of which some are new."""

    def __init__(self, before: Sequence[Value], now: Mapping[int, Value]) -> None:
        self.before = before
        self.now = now

    def __getitem__(self, index: int) -> Value:
        return self.now[index] if index in self.now else self.before[index]


class Nothing(Exception):
    """A number that a mistaken rule needs does not exist."""


def _guarded(change: Change, spot: Spot) -> Value:
    try:
        return change(spot)
    except (Nothing, GivenUp, ZeroDivisionError, ValueError, OverflowError):
        return None


class Spot:
    """One operation at one point, as a mistaken rule sees it. What does not exist ends the rule."""

    def __init__(self, flow: Flow, index: int, target: FlowTarget, known: Overlay) -> None:
        self.flow = flow
        self.index = index
        self.target = target
        self.known = known
        self.op = flow.trace.tape.ops[index]

    @property
    def m(self) -> Any:
        """The mpmath context."""
        return self.flow.arithmetic.m

    @property
    def value(self) -> Any:
        """The operation's value."""
        return _exists(self.flow.values[self.index])

    def arg(self, position: int) -> Any:
        """The value of an argument."""
        return _exists(self.flow.values[self.op.args[position]])

    def part(self, position: int) -> Any:
        """The derivative of an argument."""
        args = self.op.args  # an entry may be made of fewer
        return _exists(self.known[args[position]] if position < len(args) else None)

    def local(self, position: int) -> Any:
        """The derivative by an argument."""
        return _exists(self.flow.local(self.index, position))

    def at(self, position: int, *args: Any) -> Any:
        """The derivative by an argument, where the arguments are others."""
        return _exists(self.flow.rule(self.op, position, args))

    def call(self, name: str, *args: Any) -> Any:
        """A row of the table applied to values."""
        return _exists(self.flow.call(name, *args))

    def value_of(self, index: int) -> Any:
        """The value of any operation."""
        return _exists(self.flow.values[index])

    def term(self, position: int) -> Any:
        """What an argument contributes to the derivative."""
        part = self.part(position)
        return self.local(position) * part if part else self.m.zero

    def usual(self) -> Any:
        """The derivative as it should be."""
        total = self.m.zero
        for position in range(len(self.op.args)):
            if not (isinstance(self.op, Primitive) and position in self.op.row.truths):
                total = total + self.term(position)
        return total

    def unit(self, position: int) -> Any:
        """The derivative of an argument, if it were the variable itself."""
        trace = self.flow.trace
        origin = trace.origins.get(self.index)
        if origin is None:
            return self.m.one
        index, at = origin
        op = trace.whole.ops[index]
        shape = trace.whole.ops[op.args[position]].shape if position < len(op.args) else ()
        return self._met(aligned(at, shape) if isinstance(op, Primitive) and op.row.shape is None else ())

    def one(self) -> Any:
        """The derivative of a constant in the operation, if it were the variable itself."""
        origin = self.flow.trace.origins.get(self.index)
        return self.m.one if origin is None else self._met(origin[1])

    def _met(self, mine: Index) -> Any:
        """1 where an entry is the one that is differentiated by, both counted from the last axis; else 0."""
        short = min(len(mine), len(self.target.at))
        same = mine[len(mine) - short :] == self.target.at[len(self.target.at) - short :]
        return self.m.one if same else self.m.zero


def _exists(value: Value) -> Any:
    if value is None or isinstance(value, bool):
        raise Nothing
    return value
