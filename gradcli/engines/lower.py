"""Tree to tape: one pass over the statements, without recursion."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from typing import NamedTuple, NoReturn, Union

from gradcli.engines.constants import size_of_constant
from gradcli.engines.tape import HandWritten, Op, Tape
from gradcli.errors import GradcliError, LimitError, Span
from gradcli.functions import table
from gradcli.functions.row import Row
from gradcli.language import calls
from gradcli.language.nodes import Assign, Call, Define, DefineDerivative, Name, Node, Number, Program
from gradcli.language.numbers import Dtype, rounded, scientific, to_float
from gradcli.language.unparse import usage

STAGE = "checking the program"

MAX_EXPONENT = 1_000_000  # of a power whose exponent is a constant
MAX_CONSTANT_DIGITS = 10_000  # of a constant power or factorial
MAX_DIFF_ORDER = 10
MAX_CALLS = 50_000  # of functions of the program


class _Visit(NamedTuple):
    node: Node
    scope: dict[str, int]


class _Build(NamedTuple):
    node: Call
    arity: int
    scope: dict[str, int]


class _Wrap(NamedTuple):
    """Put a hand-written derivative around the value of the body that was just computed."""

    node: Call
    hand: HandWritten
    args: tuple[int, ...]


_Task = Union[_Visit, _Build, _Wrap]


def lower(program: Program, variables: Collection[str], dtype: Dtype | None, hand_written: bool) -> Tape:
    """The tape of a program, its literals rounded to the dtype (exact without one).

    With `hand_written`, the derivatives that the program gives to its functions are kept; else only the bodies
    count. Raises GradcliError where a truth value stands for a number or the other way round, where a row
    has no meaning for numbers, and for literals outside the dtype; LimitError for sizes.
    """
    return _Lowering(program, variables, dtype, hand_written).run()


def lower_expression(node: Node, program: Program, trusted: bool = False) -> Tape:
    """The tape of one expression, exact, its names the inputs; a trusted one may name truth values."""
    lowering = _Lowering(program, (), None, hand_written=False)
    lowering.trusted = trusted
    lowering.tape.output = lowering.expression(node, {})
    return lowering.tape


class _Lowering:
    def __init__(self, program: Program, variables: Collection[str], dtype: Dtype | None, hand_written: bool) -> None:
        self.program = program
        self.variables = frozenset(variables)
        self.dtype = dtype
        self.hand_written = hand_written
        self.trusted = False
        self.tape = Tape()
        self.scope: dict[str, int] = {}
        self.functions: dict[str, Define] = {}
        self.derivatives: dict[str, HandWritten] = {}
        self.estimates: dict[int, float] = {}  # constants, roughly
        self.entered = 0

    def run(self) -> Tape:
        """Lower the statements; the last one is the output."""
        index = -1
        for statement in self.program.statements:
            if isinstance(statement, Define):
                self.functions[statement.name] = statement
            elif isinstance(statement, DefineDerivative):
                if self.hand_written:
                    self.derivatives[statement.name] = self._templates(statement)
            else:
                index = self.expression(statement.value, {})
                if isinstance(statement, Assign):
                    self.scope[statement.name] = self.tape.named[statement.name] = index
        self.tape.output = index
        if _is_truth(self.tape.ops[index]):
            self._fail(
                "the output is true or false, which has no derivative",
                self.program.output.value.span,
                hint="give each case a value: where(condition, a, b)",
            )
        return self.tape

    def _templates(self, statement: DefineDerivative) -> HandWritten:
        """The hand-written derivatives as tapes of their own, over the parameters and the names around them."""
        tapes = []
        for partial in statement.partials:
            inner = _Lowering(self.program, (*self.variables, *self.scope), self.dtype, self.hand_written)
            inner.functions, inner.derivatives = self.functions, self.derivatives
            inner.tape.output = inner.expression(partial, {})
            tapes.append(inner.tape)
        return HandWritten(statement.name, statement.params, statement.incoming, tuple(tapes))

    def expression(self, node: Node, scope: dict[str, int]) -> int:
        """Append an expression; the index of its value."""
        tasks: list[_Task] = [_Visit(node, scope)]
        values: list[int] = []
        while tasks:
            task = tasks.pop()
            if isinstance(task, _Visit):
                self._visit(task, tasks, values)
            elif isinstance(task, _Wrap):
                body = values.pop()
                values.append(self._hand_written(task, body))
            else:
                args = tuple(values[len(values) - task.arity :])
                del values[len(values) - task.arity :]
                if task.node.user:
                    self._enter(task, args, tasks)
                else:
                    values.append(self._call(task.node, args))
        return values[0]

    def _visit(self, task: _Visit, tasks: list[_Task], values: list[int]) -> None:
        node, scope = task
        if isinstance(node, Number):
            values.append(self._number(node))
        elif isinstance(node, Name):
            values.append(self._name(node, scope))
        else:
            args = list(node.args)
            if not node.user:
                row = table.BY_NAME[node.function]
                self._check_row(row, node)
                args += calls.defaults(row, len(args), node.span) if not row.variadic and row.name != "diff" else []
                if row.name == "diff":
                    args = args[:2]
            tasks.append(_Build(node, len(args), scope))
            tasks.extend(_Visit(arg, scope) for arg in reversed(args))

    # Leaves

    def _number(self, node: Number) -> int:
        value = node.value
        if self.dtype:
            near = rounded(value, self.dtype)
            if near is None:
                largest = scientific(Fraction(2) ** self.dtype.largest, 5)
                self._fail(
                    f"the number is too large for {self.dtype.name}",
                    node.span,
                    expected=f"less than {largest}",
                )
            if near == 0 and value != 0:
                self._fail(f"the number is too small for {self.dtype.name}: it would become 0", node.span)
            value = near
        index = self.tape.number(value, node.span)
        self.estimates[index] = to_float(value)
        return index

    def _name(self, node: Name, scope: dict[str, int]) -> int:
        for known in (scope, self.scope, self.tape.inputs):
            if node.name in known:
                return known[node.name]
        constant = table.constant(node.name)
        if constant and node.name not in self.variables:
            value = rounded(constant.value, self.dtype) if self.dtype else constant.value
            index = self.tape.append(Op(value=value, label=constant.name, span=node.span))
            self.estimates[index] = float(constant.value)
            return index
        return self.tape.input(node.name)

    # Calls

    def _check_row(self, row: Row, node: Call) -> None:
        if row.name in ("@", "[]"):
            self._fail(row.note, node.head if row.name == "@" else node.span)
        if row.name != "diff":
            return
        by = node.args[1]
        if not isinstance(by, Name):
            self._fail("diff differentiates by a name", by.span, expected=usage("diff"))
        if len(node.args) == 3:
            order = node.args[2]
            whole = isinstance(order, Number) and order.value.denominator == 1
            if not (whole and isinstance(order, Number) and 0 < order.value <= MAX_DIFF_ORDER):
                self._fail(
                    f"the order is a whole number from 1 to {MAX_DIFF_ORDER}", order.span, expected=usage("diff")
                )

    def _call(self, node: Call, args: tuple[int, ...]) -> int:
        row = table.BY_NAME[node.function]
        if row.name == "diff":
            return self._diff(node, args)
        args = tuple(self._checked(row, position, arg, node) for position, arg in enumerate(args))
        self._guard(row, args, node)
        if row.variadic:
            index = args[0]
            for arg in args[1:]:
                index = self.tape.append(Op(row=row, args=(index, arg), span=node.span))
            return index
        return self.tape.append(Op(row=row, args=args, span=node.span))

    def _checked(self, row: Row, position: int, arg: int, node: Call) -> int:
        """The argument as a number or as a truth value, whichever the row takes."""
        is_truth = _is_truth(self.tape.ops[arg])
        if is_truth == (position in row.truths) or self.trusted:
            return arg
        shown = node.args[min(position, len(node.args) - 1)].span
        if not is_truth:
            self._fail("a condition is expected here, and this is a number", shown, "a comparison, such as x > 0")
        if row.name in ("+", "-", "*", "/"):
            one, zero = self.tape.number(Fraction(1)), self.tape.number(Fraction(0))
            return self.tape.call("where", (arg, one, zero), shown)
        self._fail("a number is expected here, and this is true or false", shown, hint="write where(condition, 1, 0)")

    def _diff(self, node: Call, args: tuple[int, int] | tuple[int, ...]) -> int:
        value, by = args
        order = node.args[2] if len(node.args) == 3 else None
        times = int(order.value) if isinstance(order, Number) else 1
        if self.tape.ops[by].value is not None:
            self._fail("diff differentiates by a variable, and this is a constant", node.args[1].span)
        row = table.BY_NAME["diff"]
        return self.tape.append(Op(row=row, args=(value, by), span=node.span, order=times))

    def _enter(self, task: _Build, args: tuple[int, ...], tasks: list[_Task]) -> None:
        """Go on with the body of a function of the program."""
        node = task.node
        self.entered += 1
        if self.entered > MAX_CALLS:
            self._limit(f"functions of the program are called more than {MAX_CALLS:,} times", node.span)
        function = self.functions[node.function]
        for arg, shown in zip(args, node.args):
            if _is_truth(self.tape.ops[arg]):
                self._fail("a number is expected here, and this is true or false", shown.span)
        scope = dict(zip(function.params, args))
        if written := self.derivatives.get(node.function):
            tasks.append(_Wrap(node, written, args))
        tasks.append(_Visit(function.body, scope))

    def _hand_written(self, task: _Wrap, body: int) -> int:
        """The body's value with its hand-written derivative; `around` are the other names that this one uses."""
        names = {name for tape in task.hand.partials for name in tape.inputs} - {*task.hand.params, task.hand.incoming}
        around = {name: self._outer(name) for name in sorted(names)}
        args = (body, *task.args, *around.values())
        hand = task.hand._replace(around=tuple(around))
        return self.tape.append(Op(args=args, span=task.node.span, hand=hand))

    def _outer(self, name: str) -> int:
        return self.scope[name] if name in self.scope else self.tape.input(name)

    # Limits

    def _guard(self, row: Row, args: tuple[int, ...], node: Call) -> None:
        """Refuse constant powers and factorials that nobody can hold, before anybody builds them."""
        known = [self.estimates.get(arg) for arg in args]
        if row.name == "**" and known[1] is not None and abs(known[1]) > MAX_EXPONENT:
            self._limit(f"the exponent is larger than {MAX_EXPONENT:,}", node.args[1].span)
        if any(value is None for value in known):
            return
        digits, estimate = size_of_constant(row.name, [value for value in known if value is not None])
        if digits > MAX_CONSTANT_DIGITS:
            self._limit(f"the number would have more than {MAX_CONSTANT_DIGITS:,} digits", node.span)
        if estimate is not None:
            self.estimates[len(self.tape.ops)] = estimate

    def _limit(self, message: str, span: Span) -> NoReturn:
        raise LimitError(STAGE, message, source=self.program.source, span=span)

    def _fail(self, message: str, span: Span, expected: str | None = None, hint: str | None = None) -> NoReturn:
        raise GradcliError(STAGE, message, source=self.program.source, span=span, expected=expected, hint=hint)


def _is_truth(op: Op) -> bool:
    return op.row is not None and op.row.gives_truth
