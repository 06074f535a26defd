"""How the pieces of a program, and the formulas of their derivatives, are written in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache, cached_property

from gradcli.check.mistakes.case import Case
from gradcli.errors import GradcliError, Span
from gradcli.functions import table
from gradcli.language.nodes import Name, Node
from gradcli.language.parser import parse
from gradcli.language.printer import unparse_within
from gradcli.runtime.deadlines import OutOfTime
from gradcli.tape.emit import SCALE, Emitter
from gradcli.tape.lower import lower_expression
from gradcli.tape.rules import rule
from gradcli.tape.source_map import SourceMap
from gradcli.tape.sweep import sweep
from gradcli.tape.tape import Input, Op, Primitive, Tape
from gradcli.tape.trees import rule_tree

SECONDS = 1.0  # for the formulas of one sentence
LONGEST = 60  # characters of a formula in a sentence
LONGEST_RULE = 48  # the same of a rule of the table


@cache
def tape_of(text: str) -> Tape:
    """A rule of the table as a tape over its parameters."""
    program = parse(text, "a wrong rule")
    return lower_expression(program.output.value, program, trusted=True)


class Words:
    """Writes the pieces of one case."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.trace = case.trace
        self.source = SourceMap(self.trace.program, self.trace.whole)
        self.target = case.entries[0].target.operation

    # Pieces of the program

    def span(self, index: int) -> Span | None:
        """Where an operation stands in the program."""
        return self._whole(index).span

    def text(self, index: int) -> str:
        """An operation as it is written."""
        op = self._whole(index)
        name = self.source.names.get(self._at(index)) if self._has_origin(index) else None
        found = name or self.source.text(op)
        return found or self.formula(index) or "a part of the program"

    def operand(self, index: int, position: int) -> str:
        """An argument as it is written; a parameter as what it stands for."""
        op, tree = self._whole(index), self.operand_tree(index, position)
        if tree is not None:
            return self.source.slice(tree.span)
        tape = self.trace.whole
        if not self.trace.has_tensors or position >= len(op.args):
            return self.text(self.trace.tape.ops[index].args[position])
        if not self._has_origin(index):  # of a derivative inside the program: its arguments are numbers, too
            return "a part of it"
        arg_index = op.args[position]
        if tape.ops[arg_index].span == op.span and tape.ops[arg_index].called:
            parts = ("its numerator", "its denominator")
            return parts[position] if op.called == "/" else "a part of it"
        return self.source.names.get(arg_index) or self.source.text(tape.ops[arg_index]) or "its argument"

    def operand_tree(self, index: int, position: int) -> Node | None:
        """An argument as a tree; None where it is no part of the program as it stands."""
        op = self._whole(index)
        node = self.source.call(op)
        if node is not None and position < len(node.args) <= len(op.args):
            arg = node.args[position]
            return arg if not isinstance(arg, Name) or self._is_fixed(arg.name) else None
        return None

    def call(self, index: int) -> str:
        """An operation with its arguments, an intermediate as the formula that it has."""
        op = self._whole(index)
        return self.source.text(op) or self.text(index)

    def function(self, index: int) -> str:
        """What the function of an operation is called."""
        op = self.trace.tape.ops[index]
        return op.called or "it"

    def _is_fixed(self, name: str) -> bool:
        """Whether a name means the same everywhere in the program: it is no parameter."""
        return name in self.known or name in table.BY_CONSTANT

    @cached_property
    def known(self) -> frozenset[str]:
        """The names of variables and intermediates."""
        tape = self.trace.whole
        return frozenset((*tape.inputs, *tape.named))

    def _at(self, index: int) -> int:
        origin = self.trace.origins.get(index)
        return index if origin is None else origin[0]

    def _whole(self, index: int) -> Op:
        return self.trace.whole.ops[self._at(index)] if self._has_origin(index) else self.trace.tape.ops[index]

    def _has_origin(self, index: int) -> bool:
        return not self.trace.has_tensors or index in self.trace.origins

    # Formulas; None where there is none that is short

    def formula(self, index: int) -> str | None:
        """The value of an operation."""
        return self._written(lambda emitter: index)

    def derivative(self, index: int) -> str | None:
        """The derivative of an operation."""
        return self._written(lambda emitter: self._derivative(emitter, index))

    def inner(self, index: int, position: int) -> str | None:
        """The derivative of an argument."""
        return self.derivative(self.trace.tape.ops[index].args[position])

    def outer(self, index: int, position: int) -> str | None:
        """The derivative of an operation by its argument alone."""
        return self._written(lambda emitter: self._local(emitter, index, position))

    def term(self, index: int, position: int) -> str | None:
        """What an argument contributes to the derivative of an operation."""

        def emit(emitter: Emitter) -> int:
            inner = self._derivative(emitter, self.trace.tape.ops[index].args[position])
            return emitter.scale(inner, self._local(emitter, index, position))

        return self._written(emit)

    def right(self, index: int, position: int) -> str | None:
        """The same by the rule of the table, with the arguments as they are written."""
        op = self.trace.tape.ops[index]
        row = op.row if position == 0 and isinstance(op, Primitive) else None
        text = row.derivative[0] if row is not None and row.derivative else None
        names = () if row is None else tuple(one.name for one in row.parameters)
        found = None if text is None else self.filled(text, names, index)
        return found or self.outer(index, position)

    def filled(self, text: str, names: Sequence[str], index: int) -> str | None:
        """A rule with an operation's arguments; None where it is long, or they do not stand in the program."""
        trees = {name: self.operand_tree(index, position) for position, name in enumerate(names)}
        known = {name: tree for name, tree in trees.items() if tree is not None}
        rule = tape_of(text)
        return unparse_within(rule_tree(rule, known), LONGEST_RULE) if set(rule.inputs) <= set(known) else None

    def _derivative(self, emitter: Emitter, index: int) -> int:
        found = sweep(emitter, index, [self.target], self.trace.program.source)
        return found[self.target] if self.target in found else emitter.number(Fraction(0))

    def _local(self, emitter: Emitter, index: int, position: int) -> int:
        op = emitter.tape.ops[index]
        assert isinstance(op, Primitive)
        if op.row is SCALE:
            return op.args[1 - position]
        template = rule(op.row.name, position)
        assert template is not None
        return emitter.template(template, dict(zip((one.name for one in op.row.parameters), op.args)))

    def _written(self, emit: Callable[[Emitter], int]) -> str | None:
        if self.trace.has_tensors:
            return None
        from gradcli.backends.symbolic.build import SYMPY_FAILS, NoFormula, SymbolicTape
        from gradcli.backends.symbolic.tidy import tidy
        from gradcli.backends.symbolic.tree import SympyTree
        from gradcli.language.numbers import DTYPES

        tape = self.trace.tape.copy()
        symbols = {} if isinstance(tape.ops[self.target], Input) else {self.target: self.case.name}

        def write() -> str | None:
            index = emit(Emitter(tape, [self.target]))
            tidied = tidy(SymbolicTape(tape).build(index, symbols))
            return unparse_within(SympyTree(DTYPES["float64"], self.known).of(tidied), LONGEST)

        try:
            return self.case.deadline.within(SECONDS).run(write)
        except OutOfTime:
            self.case.deadline.check()
            return None
        except (NoFormula, GradcliError, AssertionError, *SYMPY_FAILS):
            return None
