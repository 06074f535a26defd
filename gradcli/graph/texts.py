"""Each operation's place in the source: its text, the function whose body it stands in, and its tree."""

from __future__ import annotations

from fractions import Fraction

from gradcli.errors import Span
from gradcli.language.nodes import Call, Define, DefineDerivative, Name, Node, Number, Program, parts, walk
from gradcli.language.numbers import to_float
from gradcli.language.printer import unparse
from gradcli.tape.tape import ConstantNumber, Custom, Input, Op, Primitive, Tape, label_of

LONGEST = 400  # characters of a source text; a longer one is shortened in the middle
LONGEST_IN_RULE = 32  # of an argument that is put into a local derivative
NOWHERE = Span(0, 0)


class Texts:
    """The texts of the operations of a tape."""

    def __init__(self, program: Program, tape: Tape) -> None:
        self.source = program.source.text
        self.tape = tape
        self.defined = {statement.name for statement in program.statements if isinstance(statement, Define)}
        self.bodies = [
            (statement.body.span, statement.name) for statement in program.statements if isinstance(statement, Define)
        ]
        self.calls: dict[Span, Call] = {}
        for statement in program.statements:
            for part in parts(statement):
                for node in walk(part):
                    if isinstance(node, Call) and not isinstance(statement, DefineDerivative):
                        self.calls.setdefault(node.span, node)
        self.called = {index: name for name, index in reversed(tape.named.items())}
        self.last = {op.span: index for index, op in enumerate(tape.ops) if op.span is not None}
        self.trees: list[Node] = []
        for index, op in enumerate(tape.ops):
            self.trees.append(self._tree(index, op))

    def of(self, index: int) -> str:
        """The source text of an operation; what nobody wrote is spelled out."""
        op = self.tape.ops[index]
        label = label_of(op)
        if label is not None:
            return label
        tree = self.trees[index]
        if isinstance(op, ConstantNumber) and not self._is_literal(op.span):
            return unparse(tree)
        if op.span is None or (isinstance(tree, Call) and tree.span is NOWHERE and self.last[op.span] != index):
            return _shortened(unparse(tree, self.defined)) if self._is_short(tree) else f"{tree_name(tree)}(...)"
        return _shortened(self.source[op.span.start : op.span.end])

    def inside(self, index: int) -> str | None:
        """The function of the program in whose body an operation stands."""
        span = self.tape.ops[index].span
        if span is None:
            return None
        return next((name for body, name in self.bodies if body.start <= span.start and span.end <= body.end), None)

    def argument(self, index: int) -> str:
        """How an operation is called inside a formula: by its name, by its text, or by dots where that is long."""
        op = self.tape.ops[index]
        if isinstance(op, Input):
            return op.label
        if index in self.called:
            return self.called[index]
        text = unparse(self.trees[index], self.defined) if self._is_short(self.trees[index]) else ""
        return text if text and len(text) <= LONGEST_IN_RULE else "..."

    def leaf(self, index: int) -> Node:
        """An operation as a part of a formula's tree."""
        tree = self.trees[index]
        if index in self.called and not isinstance(tree, Name):
            return Name(self.called[index], NOWHERE)
        return tree if self.argument(index) != "..." else Name("(...)", NOWHERE)

    def _tree(self, index: int, op: Op) -> Node:
        label = label_of(op)
        if label is not None:
            return Name(label, NOWHERE)
        if isinstance(op, ConstantNumber):
            return number(op.value)
        written = self.calls.get(op.span) if op.span is not None else None
        if isinstance(op, Primitive) and op.row.variadic and op.row.shape is None and written and len(written.args) > 2:
            written = None  # one of the calls that a call of many arguments is folded into
        if written is not None:
            return written
        name = op.hand.name if isinstance(op, Custom) else op.called
        return Call(name, tuple(self.trees[arg] for arg in op.args), NOWHERE, NOWHERE, user=isinstance(op, Custom))

    def _is_literal(self, span: Span | None) -> bool:
        """Whether a number was written there: what a function takes by default was not."""
        return span is not None and self.source[span.start : span.start + 1] in tuple("0123456789.")

    def _is_short(self, tree: Node) -> bool:
        """Whether a tree may be written out; it is not looked at further than that takes."""
        return all(count <= LONGEST_IN_RULE for count, _ in enumerate(walk(tree)))


def tree_name(tree: Node) -> str:
    """The function at the root of a tree."""
    return tree.function if isinstance(tree, Call) else "?"


def number(value: Fraction) -> Number:
    """A number as a reader would write it."""
    text = str(value.numerator) if value.denominator == 1 and abs(value) < 10**15 else repr(to_float(value))
    return Number(text, value, NOWHERE)


def _shortened(text: str) -> str:
    """A text on one line, its middle left out where it is long."""
    if len(text) > 2 * LONGEST:
        text = f"{text[:LONGEST]} ... {text[-LONGEST:]}"
    if not text.isprintable():
        text = "".join(character if character.isprintable() else " " for character in text)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2 - 3]} ... {text[-LONGEST // 2 + 3 :]}"
