"""How an operation and its operands are written in the program."""

from __future__ import annotations

from functools import cached_property

from gradcli.errors import Span
from gradcli.language.nodes import Call, Node, Number, Program, parts, walk
from gradcli.language.numbers import DTYPES, short
from gradcli.language.parser import parse
from gradcli.language.printer import unparse
from gradcli.language.trees import substituted
from gradcli.tape.tape import Custom, Input, Op, Primitive, Tape, label_of

LONGEST = 60  # characters of a text that is quoted within a sentence
LONGEST_RULE = 48


class Places:
    """The texts of a program's operations."""

    def __init__(self, program: Program, tape: Tape) -> None:
        self.program = program
        self.tape = tape
        self.names = {index: name for name, index in {**tape.inputs, **tape.named}.items()}

    @cached_property
    def nodes(self) -> dict[tuple[str, Span], Call]:
        """Every call of the program, by its row and its span."""
        found: dict[tuple[str, Span], Call] = {}
        for statement in self.program.statements:
            for part in parts(statement):
                for node in walk(part):
                    if isinstance(node, Call):
                        found.setdefault((node.function, node.span), node)
        return found

    def node(self, op: Op) -> Call | None:
        """The call that an operation comes from; None where there is none, or it was made of several."""
        return None if op.span is None else self.nodes.get((op.called, op.span))

    def text(self, op: Op) -> str | None:
        """How an operation is written; None where it stands nowhere."""
        if op.span is None:
            return op.label if isinstance(op, Input) else None
        return self.slice(op.span)

    def slice(self, span: Span) -> str:
        """A piece of the source on one line, shortened where it is long."""
        text = " ".join(self.program.source.text[span.start : span.end].split())
        return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."

    def operand(self, op: Op, position: int) -> str | None:
        """How an argument is written."""
        node = self._listed(op)
        if node is not None and position < len(node):
            return self.slice(node[position].span)
        index = op.args[position]
        return self.names.get(index) or self.text(self.tape.ops[index])

    def _listed(self, op: Op) -> tuple[Node, ...] | None:
        """The arguments of a call as they are written, where they are the operation's."""
        node = self.node(op)
        if node is None or not isinstance(op, Primitive) or (op.row.variadic and len(node.args) != 2):
            return None
        return node.args

    def local(self, op: Op, position: int) -> str | None:
        """The rule for the derivative by an argument, with the arguments as they are written; None where it is long."""
        args = self._listed(op)
        if (
            not isinstance(op, Primitive)
            or args is None
            or op.row.shape is not None
            or position >= len(op.row.derivative)
        ):
            return None
        row = op.row
        rule = row.derivative[position]
        if rule is None:
            return None
        if row.name == "**" and position == 0:
            rule = _power_rule(args[1]) or rule
        names = dict(zip((parameter.name for parameter in row.parameters), args))
        text = unparse(substituted(_parsed(rule), names, simplify=False))
        return text if len(text) <= LONGEST_RULE else None

    def domain(self, op: Op) -> str | None:
        """The condition under which an operation has a value, with its arguments as they are written."""
        args = self._listed(op)
        if not isinstance(op, Primitive) or args is None or op.row.domain is None:
            return None
        row, condition = op.row, _parsed(op.row.domain)
        names = dict(zip((parameter.name for parameter in row.parameters), args))
        text = unparse(substituted(condition, names, simplify=False))
        if row.closed:
            text = text.replace(" < ", " <= ").replace(" > ", " >= ")
        return text if len(text) <= LONGEST_RULE else None

    def free(self, op: Op) -> int:
        """How many arguments of an operation are no numbers."""
        if isinstance(op, Custom):
            return len(op.hand.params)
        return sum(self.tape.constant(arg) is None for arg in op.args)

    def called(self, op: Op) -> str:
        """What to call an operation."""
        if isinstance(op, Custom):
            return op.hand.name
        return op.called or label_of(op) or "a number"


def _power_rule(exponent: Node) -> str | None:
    """The derivative of a power whose exponent is a number."""
    sign = 1
    if isinstance(exponent, Call) and exponent.function == "neg":
        exponent, sign = exponent.args[0], -1
    if not isinstance(exponent, Number):
        return None
    count = sign * exponent.value
    factor, left = short(count, DTYPES["float64"]), short(abs(count - 1), DTYPES["float64"])
    power = "x" if left == "1" else f"x**{left}"
    return f"{factor}*{power}" if count > 1 else f"{factor}/{power}"


def _parsed(text: str) -> Node:
    return parse(text).output.value
