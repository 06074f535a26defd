"""What the operations of a tape are in the program: where each stands, its text, its tree, and its rules as trees."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from gradcli.errors import Span, one_line
from gradcli.language.nodes import Call, Define, Node, Program, parts, walk
from gradcli.language.numbers import DTYPES, Dtype
from gradcli.language.parser import parse_expression
from gradcli.language.printer import unparse_within
from gradcli.language.trees import is_call, rebuilt, substituted
from gradcli.tape.rules import rule
from gradcli.tape.tape import Custom, Input, Op, Primitive, Tape, label_of
from gradcli.tape.trees import TapeTrees, rule_tree

LONGEST = 60  # characters of a text that is quoted within a sentence
LONGEST_RULE = 48


class SourceMap:
    """The way back from the operations of a tape to the program that it was made of."""

    def __init__(self, program: Program, tape: Tape, dtype: Dtype = DTYPES["float64"]) -> None:
        self.program = program
        self.tape = tape
        self.defined = {one.name for one in program.statements if isinstance(one, Define)}
        self.names = {index: name for name, index in reversed({**tape.inputs, **tape.named}.items())}
        self.last = {op.span: index for index, op in enumerate(tape.ops) if op.span is not None and op.args}
        self.trees = TapeTrees(tape, self._typed, dtype)

    @cached_property
    def calls(self) -> dict[tuple[str, Span], Call]:
        """Every call of the program, by what is called and its span."""
        found: dict[tuple[str, Span], Call] = {}
        for statement in self.program.statements:
            for part in parts(statement):
                for node in walk(part):
                    if isinstance(node, Call):
                        found.setdefault((node.function, node.span), node)
        return found

    def call(self, op: Op) -> Call | None:
        """The call that an operation comes from; None where there is none, or it is one of several for one call."""
        name = op.vjp.name if isinstance(op, Custom) else op.called
        node = None if op.span is None or not name else self.calls.get((name, op.span))
        folded = node is not None and isinstance(op, Primitive) and op.row.variadic and op.row.shape is None
        return None if node is not None and folded and len(node.args) > 2 else node

    @cached_property
    def _whole(self) -> dict[Span, Call]:
        """The outermost call at a span."""
        return {call.span: call for call in reversed(self.calls.values())}

    def _typed(self, index: int) -> Call | None:
        """The call that has an operation's value."""
        op = self.tape.ops[index]
        call = self.call(op)
        return self._whole.get(op.span) if call is None and op.span and self.last.get(op.span) == index else call

    def text(self, op: Op) -> str | None:
        """How an operation is written; None where it stands nowhere."""
        if op.span is None:
            return op.label if isinstance(op, Input) else None
        return self.slice(op.span)

    def slice(self, span: Span) -> str:
        """A piece of the source on one line, shortened where it is long."""
        return one_line(self.program.source.text[span.start : span.end], LONGEST)

    def operand(self, op: Op, position: int) -> str | None:
        """How an argument is written."""
        args = self._arguments(op)
        if args is not None and position < len(args):
            return self.slice(args[position].span)
        index = op.args[position]
        return self.names.get(index) or self.text(self.tape.ops[index])

    def _arguments(self, op: Op) -> tuple[Node, ...] | None:
        """The arguments of a call of a row as they are written, where they are the operation's."""
        node = self.call(op)
        if node is None or not isinstance(op, Primitive) or op.row.lists or (op.row.variadic and len(node.args) != 2):
            return None
        return None if op.row.variadic and len(node.args) != 2 else node.args

    def local(self, op: Op, position: int) -> str | None:
        """The rule for the derivative by an argument, with the arguments as they are written; None where it is long."""
        args = self._by_parameter(op)
        template = rule(op.row.name, position) if isinstance(op, Primitive) and op.row.shape is None else None
        if args is None or template is None:
            return None
        return unparse_within(rule_tree(template, args, self.trees.dtype), LONGEST_RULE)

    def domain(self, op: Op) -> str | None:
        """The condition under which an operation has a value, with its arguments as they are written."""
        args = self._by_parameter(op)
        if not isinstance(op, Primitive) or args is None or op.row.domain is None:
            return None
        condition = parse_expression(op.row.domain, f"the row of {op.row.name}")
        condition = substituted(_closed(condition) if op.row.closed else condition, args, simplify=False)
        return unparse_within(condition, LONGEST_RULE)

    def _by_parameter(self, op: Op) -> Mapping[str, Node] | None:
        args = self._arguments(op)
        return (
            None
            if args is None or not isinstance(op, Primitive)
            else dict(zip((one.name for one in op.row.parameters), args))
        )

    def free(self, op: Op) -> int:
        """How many arguments of an operation are no numbers."""
        if isinstance(op, Custom):
            return len(op.vjp.params)
        return sum(self.tape.constant(arg) is None for arg in op.args)

    def called(self, op: Op) -> str:
        """What to call an operation."""
        if isinstance(op, Custom):
            return op.vjp.name
        return op.called or label_of(op) or "a number"


def _closed(condition: Node) -> Node:
    """A condition with its boundary."""

    def change(node: Node) -> Node | None:
        if isinstance(node, Call) and is_call(node, "<", ">"):
            return Call(f"{node.function}=", node.args, node.span, node.head)
        return None

    return rebuilt(condition, change)
