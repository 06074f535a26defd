"""The leaves of a program on their way to the tape: numbers, names, and the limits of constants."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import Any, NoReturn

from gradcli.errors import GradcliError, LimitError, Span
from gradcli.functions import table
from gradcli.functions.row import Row
from gradcli.functions.shapes import Shape
from gradcli.language.nodes import Assign, Call, Define, DefineDerivative, Name, Node, Number, Program
from gradcli.language.numbers import Dtype, rounded, scientific, to_float
from gradcli.language.printer import usage
from gradcli.tape import lower_tensors, masks, statics
from gradcli.tape.known import known_before, value_at, whole
from gradcli.tape.lower_tensors import Costs, Static
from gradcli.tape.tape import ConstantNumber, CustomVjp, Input, Literal, NamedConstant, Op, Primitive, Tape

STAGE = "checking the program"

MAX_EXPONENT = 1_000_000  # of a power whose exponent is a constant
MAX_DIFF_ORDER = 10
MAX_CONSTANT_DIGITS = 10_000  # of a constant power or factorial

GIVEN = "given"  # the last static of a row with tensors that may be left out: those that are there

Scope = dict[str, Any]  # the operation that a name stands for; a Static inside the definition of a row


class Base:
    """The state of lowering a program, and its leaves."""

    def __init__(self, program: Program, variables: Collection[str], dtype: Dtype | None, custom_vjps: bool) -> None:
        self.program = program
        self.variables = frozenset(variables)
        self.dtype = self.constructing = dtype
        self.custom_vjps = custom_vjps
        self.trusted = False
        self.shapes: Mapping[str, Shape] = {}
        self.written_out = False
        self.own: Collection[str] = ()
        self.owned: set[int] = set()
        self.tape = Tape()
        self.scope: dict[str, int] = {}
        self.functions: dict[str, Define] = {}
        self.written: dict[str, DefineDerivative] = {}
        self.templates: dict[tuple[Any, ...], CustomVjp] = {}
        self.estimates: dict[int, float] = {}  # constants, roughly
        self.entered = 0
        self.costs = Costs()

    # Leaves

    def number(self, node: Number) -> int:
        """The index of a literal."""
        value = node.value
        if self.dtype:
            near = rounded(value, self.dtype)
            if near is None:
                largest = scientific(Fraction(2) ** self.dtype.largest, 5)
                self.fail(
                    f"the number is too large for {self.dtype.name}",
                    node.span,
                    expected=f"less than {largest}",
                )
            if near == 0 and value != 0:
                self.fail(f"the number is too small for {self.dtype.name}: it would become 0", node.span)
            value = near
        index = self.tape.append(Literal(value, node.span, value != node.value))
        self.estimates[index] = to_float(value)
        return index

    def name(self, node: Name, scope: Scope) -> int:
        """The index of what a name stands for."""
        for known in (scope, self.scope, self.tape.inputs):
            if node.name in known:
                found = known[node.name]
                return self.tape.number(Fraction(found.value)) if isinstance(found, Static) else found
        constant = table.constant(node.name)
        if constant and node.name not in self.variables:
            value = (rounded(constant.value, self.dtype) if self.dtype else None) or constant.value
            index = self.tape.append(NamedConstant(value, node.span, self.dtype is not None, label=constant.name))
            self.estimates[index] = float(constant.value)
            return index
        return self.tape.input(node.name, self.shapes.get(node.name, ()))

    def lookup(self, scope: Scope, what: str, node: Node) -> statics.Lookup:
        """What a name stands for, where that is known before anything runs: `what` is the static that it is in.

        Raises KnownBefore for a variable, where a whole number is wanted.
        """
        inexact = what in statics.NUMBERS

        def of_variable(name: str) -> Any:
            if inexact:
                return statics.MISSING
            raise known_before(statics.called(what), name, self.program.source, node.span)

        def find(name: str) -> Any:
            for known in (scope, self.scope):
                if name in known:
                    found = known[name]
                    if isinstance(found, Static):
                        return found.value
                    value = value_at(self.tape, self.tape.ops[found].args[0] if found in self.owned else found)
                    if isinstance(value, Input):
                        return of_variable(value.label)
                    if isinstance(value, tuple) and not inexact:
                        value = whole(value) or value  # one that is not whole is refused as that
                    return statics.MISSING if value is None else value
            constant = table.constant(name)
            if constant and name not in self.variables:
                return constant.value
            return of_variable(name) if name in self.variables else statics.MISSING

        return find

    def known(self, row: Row, args: list[Node], scope: Scope) -> tuple[list[Node], list[tuple[str, Any]]]:
        """The arguments that are computed, and the values of those that have to be known beforehand."""
        if row.name == "diff":
            return args[:2], []
        if not row.statics and not row.by_name:
            return args, []
        tensors, given = statics.split(row, args)
        args = [node for _, node in tensors]
        if row.lists:
            listed = args[0]
            if isinstance(listed, Call) and listed.function == "[]":
                args = list(listed.args)
            elif row.name == "cat":
                self.fail("a list of tensors is expected here", listed.span, "cat([a, b])")
        known = [
            (name, statics.value(name, node, self.lookup(scope, name, node), self.program.source))
            for name, node in given
        ]
        return args, [*known, (GIVEN, tuple(name for name, _ in tensors))] if row.by_name else known

    def labelled(
        self, node: Call, told: tuple[tuple[str, Any], ...], args: tuple[int, ...]
    ) -> tuple[tuple[tuple[str, Any], ...], tuple[int, ...]]:
        """The statics and arguments of a call; of a row that takes classes or probabilities by what it is given."""
        row = table.BY_NAME[node.function]
        if not row.labels:
            return told, args
        known = dict(told)
        position = known[GIVEN].index(row.labels)
        if len(self.tape.ops[args[position]].shape) >= len(self.tape.ops[args[0]].shape):
            return told, args
        known[row.labels] = self.classes(args[position], row.labels, node)
        known[GIVEN] = tuple(name for name in known[GIVEN] if name != row.labels)
        return tuple(known.items()), (*args[:position], *args[position + 1 :])

    def classes(self, index: int, what: str, node: Node) -> Any:
        """The classes that an argument holds: a whole number, or nested tuples of them.

        Raises KnownBefore for a variable, GradcliError for what is computed, or not whole.
        """
        value = value_at(self.tape, index)
        if isinstance(value, Input):
            raise known_before(statics.called(what), value.label, self.program.source, node.span)
        if value is None:
            self.fail(
                f'"{what}" has to be known before anything runs', node.span,
                expected="classes, or as many probabilities as there are scores", hint=f"give {what} as a list",
            )  # fmt: skip
        found = whole(value)
        if found is None:
            self.fail(f'"{what}" holds classes, which are whole numbers from 0', node.span)
        return found

    def of_its_own(self, name: str, index: int) -> int:
        """The index of what a statement names: a number that is differentiated by is no longer a mere literal."""
        op = self.tape.ops[index]
        if name not in self.own or not isinstance(op, ConstantNumber):
            return index
        own = self.tape.call("pos", (index,), op.span)
        self.owned.add(own)
        if index in self.estimates:
            self.estimates[own] = self.estimates[index]
        return own

    # Calls

    def shape(self, row: Row, args: tuple[int, ...], told: tuple[Any, ...], node: Call) -> Shape:
        """The shape of a row's result; refused where the arguments do not go together."""
        given = [self.tape.ops[arg].shape for arg in args]
        if row.shape is None and not any(given):
            return ()
        shape = lower_tensors.shape_of(row, given, told, node, self.program.source)
        self.costs.add(row, given, told, shape, node, self.program.source)
        warning = lower_tensors.warning_of(row, given, shape, node, self.program.source)
        if warning and warning not in self.tape.warnings and not self.written_out:
            self.tape.warnings.append(warning)
        return shape

    def names_truth(self, name: Name, scope: Scope) -> bool:
        """Whether a name stands for a truth value."""
        found = scope.get(name.name, self.scope.get(name.name))
        return isinstance(found, int) and is_truth(self.tape.ops[found])

    def chosen(self, node: Call, tensor: int, condition: int) -> tuple[Node, Scope]:
        """What to visit instead of a reduction of what a condition chooses."""
        wrong = masks.mismatch(self.tape.ops[tensor].shape, self.tape.ops[condition].shape)
        if wrong:
            self.fail(wrong, node.args[0].span, hint=statics.MASK_HINT)
        return masks.tree_of(node), {"x": tensor, "c": condition}

    # Limits

    def guard(self, row: Row, args: tuple[int, ...], node: Call) -> None:
        """Refuse constant powers and factorials that nobody can hold, before anybody builds them."""
        known = [self.estimates.get(arg) for arg in args]
        if row.name == "**" and known[1] is not None and abs(known[1]) > MAX_EXPONENT:
            self.limit(f"the exponent is larger than {MAX_EXPONENT:,}", node.args[1].span)
        if row.shape is not None or any(value is None for value in known):
            return
        digits, estimate = size_of_constant(row.name, [value for value in known if value is not None])
        if digits > MAX_CONSTANT_DIGITS:
            self.limit(f"the number would have more than {MAX_CONSTANT_DIGITS:,} digits", node.span)
        if estimate is not None:
            self.estimates[len(self.tape.ops)] = estimate

    def check_row(self, row: Row, node: Call) -> None:
        """Refuse what has no meaning on its own, and a `diff` by what is not a name or of no order."""
        if row.name in ("[:]", "...", "None"):
            self.fail(row.note, node.span)
        if row.name != "diff":
            return
        by = node.args[1]
        if not isinstance(by, Name):
            self.fail("diff differentiates by a name", by.span, expected=usage("diff"))
        if len(node.args) == 3:
            order = node.args[2]
            whole = isinstance(order, Number) and order.value.denominator == 1
            if not (whole and isinstance(order, Number) and 0 < order.value <= MAX_DIFF_ORDER):
                hint = None
                if isinstance(order, Name):  # as SymPy has it
                    inner = self.program.source.text[node.args[0].span.start : node.args[0].span.end]
                    once = f"diff({inner}, {by.name}"
                    hint = f"write {once}, 2)" if order.name == by.name else f"write diff({once}), {order.name})"
                message = f"the order is a whole number from 1 to {MAX_DIFF_ORDER}"
                self.fail(message, order.span, expected=usage("diff"), hint=hint)

    def limit(self, message: str, span: Span) -> NoReturn:
        """Refuse what costs too much."""
        raise LimitError(STAGE, message, source=self.program.source, span=span)

    def fail(self, message: str, span: Span, expected: str | None = None, hint: str | None = None) -> NoReturn:
        """Refuse the program."""
        raise GradcliError(STAGE, message, source=self.program.source, span=span, expected=expected, hint=hint)


def is_truth(op: Op) -> bool:
    """Whether an operation gives a truth value."""
    return isinstance(op, Primitive) and op.row.gives_truth


class SetToNumber(Exception):
    """A `diff` is by a name that the program has set to a number, and that has been taken for a literal."""


def with_aliases(program: Program, own: Collection[str]) -> Collection[str]:
    """These names, and those that statements like `y = x` give to the same."""
    found = set(own)
    for statement in reversed(program.statements if own else ()):
        if isinstance(statement, Assign) and statement.name in found and isinstance(statement.value, Name):
            found.add(statement.value.name)
    return found


def size_of_constant(name: str, values: list[float]) -> tuple[float, float | None]:
    """The digits that a constant operation gives its result, and the result roughly where it is known."""
    x = values[0]
    try:
        if name == "**":
            digits = values[1] * math.log10(abs(x)) if x else 0.0
            return digits, float(x ** values[1]) if not isinstance(x ** values[1], complex) else None
        if name == "factorial":
            return (x * math.log10(x / math.e) if x > 3 else 1.0), math.gamma(x + 1)
        simple = {"+": lambda: x + values[1], "-": lambda: x - values[1], "*": lambda: x * values[1]}
        simple |= {"/": lambda: x / values[1], "neg": lambda: -x, "pos": lambda: x}
        return 0.0, simple[name]() if name in simple else None
    except OverflowError:
        return digits if name == "**" else x * math.log10(x), math.inf
    except (ValueError, ZeroDivisionError):
        return 0.0, None
