"""How the operations of a graph are written: their texts, and what stands for them in a local derivative."""

from __future__ import annotations

from gradcli.errors import Span, one_line
from gradcli.language.nodes import Call, Define, Name, Node, Program
from gradcli.language.numbers import Dtype
from gradcli.language.printer import unparse, unparse_within
from gradcli.language.trees import HERE
from gradcli.tape.source_map import SourceMap
from gradcli.tape.tape import ConstantNumber, Tape, label_of

LONGEST = 400  # characters of a source text; a longer one is shortened in the middle
LONGEST_SPELLED = 128  # of what nobody wrote; of a longer one only the function is said
LONGEST_IN_RULE = 32  # of an argument that is put into a local derivative


class Texts(SourceMap):
    """The texts of the operations of a tape."""

    def __init__(self, program: Program, tape: Tape, dtype: Dtype) -> None:
        super().__init__(program, tape, dtype)
        self.bodies = [(one.body.span, one.name) for one in program.statements if isinstance(one, Define)]

    def of(self, index: int) -> str:
        """The source text of an operation; what nobody wrote is spelled out."""
        op = self.tape.ops[index]
        label = label_of(op)
        if label is not None:
            return label
        tree = self.trees.of(index)
        if isinstance(op, ConstantNumber) and not self._is_literal(op.span):
            return unparse(tree)
        if op.span is None or (isinstance(tree, Call) and tree.span is HERE and self.last.get(op.span) != index):
            text = unparse_within(tree, LONGEST_SPELLED, self.defined)
            return text or f"{tree.function if isinstance(tree, Call) else '?'}(...)"
        return _shortened(self.program.source.text[op.span.start : op.span.end])

    def inside(self, index: int) -> str | None:
        """The function of the program in whose body an operation stands."""
        span = self.tape.ops[index].span
        if span is None:
            return None
        return next((name for body, name in self.bodies if body.start <= span.start and span.end <= body.end), None)

    def argument(self, index: int) -> str:
        """How an operation is called inside a formula: by its name, by its text, or by dots where that is long."""
        tree = self.leaf(index)
        return "..." if tree is _LONG else unparse(tree, self.defined)

    def leaf(self, index: int) -> Node:
        """An operation as a part of a formula's tree."""
        if index in self.names:
            return Name(self.names[index], HERE)
        tree = self.trees.of(index)
        return _LONG if unparse_within(tree, LONGEST_IN_RULE, self.defined) is None else tree

    def _is_literal(self, span: Span | None) -> bool:
        """Whether a number was written there: what a function takes by default was not."""
        return span is not None and self.program.source.text[span.start : span.start + 1] in tuple("0123456789.")


_LONG = Name("(...)", HERE)


def _shortened(text: str) -> str:
    """A text on one line, its middle left out where it is long."""
    if len(text) > 2 * LONGEST:
        text = f"{text[:LONGEST]} ... {text[-LONGEST:]}"
    text = one_line(text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2 - 3]} ... {text[-LONGEST // 2 + 3 :]}"
