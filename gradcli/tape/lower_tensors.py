"""What lowering has to know of tensors: shapes, statics, and what rows are made of."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from gradcli.errors import GradcliError, LimitError, Source, Span, one_line
from gradcli.functions import shapes, table
from gradcli.functions.entries import EntryRule
from gradcli.functions.equations import EquationError
from gradcli.functions.row import Row
from gradcli.functions.shapes import MAX_ELEMENTS, Shape, ShapeError
from gradcli.language.nodes import Call, Name, Node, Output, Program, parts, walk
from gradcli.language.numbers import Dtype
from gradcli.language.parser import parse
from gradcli.language.statics import text_of
from gradcli.tape.arrays import constructed
from gradcli.tape.tape import ConstantTensor, Op

STAGE = "checking shapes"
MOST_WRITTEN = 1_000  # definitions that are remembered as trees: those of other shapes may be other texts
MAX_DIMENSIONS = 12
MAX_OPERATIONS = 20_000  # on tensors
MAX_ENTRIES = 40_000_000  # of all tensors of a program
MAX_WORK = 30_000_000_000  # multiplications of all its matrix operations
MATRIX = 2  # dimensions
LONGEST_QUOTE = 40  # characters of the program in a note


class Static(NamedTuple):
    """What a name stands for inside the definition of a row, where it is not a tensor."""

    value: Any


def shape_of(row: Row, given: Sequence[Shape], statics: Sequence[Any], node: Call, source: Source) -> Shape:
    """The shape of a row's result.

    Raises GradcliError where the shapes do not go together, LimitError where the result would be too large.
    """
    try:
        shape = row.shape(*given, *statics) if row.shape else shapes.broadcast(*given)
    except (ShapeError, TypeError) as error:
        reason = str(error) if isinstance(error, ShapeError) else "these arguments do not go together"
        shown = " and ".join(shapes.text(one) for one in given)
        raise GradcliError(
            STAGE,
            f"{_called(row)} is given {shown}: {reason}" if shown else f"{_called(row)}: {reason}",
            source=source,
            span=_place_of(error, row, node, source),
            hint=_HINTS.get(row.name) if row.shape else "sizes are compared from the last one; a 1 goes with any size",
        ) from None
    if len(shape) > MAX_DIMENSIONS:
        raise LimitError(
            STAGE, f"a tensor would have {len(shape):,} dimensions, and {MAX_DIMENSIONS} is the limit",
            source=source, span=node.span,
        )  # fmt: skip
    if math.prod(shape) > MAX_ELEMENTS:
        raise LimitError(
            STAGE, f"a tensor would have {math.prod(shape):,} entries, and {MAX_ELEMENTS:,} is the limit",
            source=source, span=node.span,
        )  # fmt: skip
    return shape


def _place_of(error: Exception, row: Row, node: Call, source: Source) -> Span:
    """Where a caret points: at the operator, at the call, or at a part of the equation in it."""
    if isinstance(error, EquationError):
        for arg in node.args:
            if (text := text_of(arg)) is not None and source.text[arg.span.start : arg.span.end].count(text) == 1:
                start = source.text.index(text, arg.span.start)  # behind the quote, and the spaces there
                return Span(min(start + error.start, arg.span.end - 1), min(start + error.stop, arg.span.end))
    return node.head if row.shape is None or row.name == "@" else node.span


class Costs:
    """What a program over tensors takes, counted while it is lowered."""

    def __init__(self) -> None:
        self.operations = 0
        self.entries = 0
        self.work = 0

    def add(
        self, row: Row, given: Sequence[Shape], told: Sequence[Any], shape: Shape, node: Call, source: Source
    ) -> None:
        """Count one operation.

        Raises LimitError where all tensors together are too large, or their products take too long.
        """
        self.operations += 1
        self.entries += math.prod(shape)
        self.work += multiplications(row, given, told)
        for count, most, what in (
            (self.operations, MAX_OPERATIONS, "there would be {:,} operations on tensors"),
            (self.entries, MAX_ENTRIES, "all tensors together would have {:,} entries"),
            (self.work, MAX_WORK, "all matrix operations together would take {:,} multiplications"),
        ):
            if count > most:
                raise LimitError(
                    STAGE, f"{what.format(count)}, and {most:,} is the limit", source=source, span=node.span
                )


def multiplications(row: Row, given: Sequence[Shape], told: Sequence[Any]) -> int:
    """About how many numbers an operation on whole tensors multiplies."""
    rule = row.entry(*given, *told) if row.entry is not None and len(given) > 1 and not row.lists else None
    if isinstance(rule, EntryRule):
        return rule.multiplications(given)
    return row.eliminates * max(given[0]) ** 3 if row.eliminates else 0


_HINTS = {
    "@": "for a product entry by entry write *",
    "differences": "differences are those of a tensor's entries; a derivative is diff(f, x)",
}
MAX_NUMBERS = 4_000_000  # of one Jacobian or Hessian


def _called(row: Row) -> str:
    return {"[]": "the list", "x[]": "the index"}.get(row.name, f'"{row.name}"')


def warning_of(row: Row, given: Sequence[Shape], shape: Shape, node: Call, source: Source) -> str | None:
    """What to say of a power that looks like an inverse, and where an operand gets dimensions that it has not."""
    if row.name == "**" and given[0]:
        exponent = node.args[1]
        if (
            len(given[0]) == MATRIX
            and given[0][0] == given[0][1]
            and isinstance(exponent, Call)
            and exponent.function == "neg"
        ):
            return f"{_shown(node, source)} is taken entry by entry; the inverse of a matrix is inv(A)"
        if isinstance(exponent, Name) and exponent.name == "T":
            return f"{_shown(node, source)} is a power with the exponent T; the transpose is written A.T"
    if row.counts:
        return f"{_shown(node, source)} counts from 0, and is a constant: no derivative passes through it"
    ranks = {len(one) for one in given if one}
    if row.shape is not None or len(ranks) <= 1:
        return None
    shown = " and ".join(shapes.text(one) for one in given if one)
    return f"{_shown(node, source)}: {shown} are broadcast to {shapes.text(shape)}"


def _shown(node: Call, source: Source) -> str:
    """A call as it was typed; of a long one its row's name."""
    text = one_line(source.text[node.span.start : node.span.end])
    return text if len(text) <= LONGEST_QUOTE else node.function


def constant(
    row: Row, statics: Sequence[Any], shape: Shape, dtype: Dtype | None, node: Call, source: Source
) -> Op | None:
    """The operation of a constructor: its entries are known."""
    if row.makes is None:
        return None
    try:
        data = constructed(row, statics, shape, dtype)
    except ShapeError as error:
        raise GradcliError(STAGE, f"{_called(row)}: {error}", source=source, span=node.span) from None
    return ConstantTensor(data, shape, node.span, row=row, statics=tuple(statics))


def definition(row: Row, given: Sequence[Shape], statics: Sequence[Any]) -> Node | None:
    """What a row for tensors is in terms of others, as a tree over its parameters."""
    text = row.defined(given, statics) if row.shape is not None else None
    return None if text is None else written(text, row.name)


@lru_cache(maxsize=MOST_WRITTEN)
def written(text: str, name: str) -> Node:
    """A text of a row's as a tree."""
    statement = parse(text, f"the row of {name}").statements[0]
    assert isinstance(statement, Output)
    return statement.value


def has_definitions(program: Program) -> bool:
    """Whether a program calls a row that is written out as others."""
    nodes = (node for statement in program.statements for part in parts(statement) for node in walk(part))
    called = {node.function for node in nodes if isinstance(node, Call) and not node.user}
    return any(row.definition is not None and row.shape is not None for row in map(table.BY_NAME.__getitem__, called))


def standing_at(tree: Node, span: Span) -> Node:
    """A definition with the place of the call that it stands for: what is computed for it points there."""
    if isinstance(tree, Call):  # the recursion is as deep as a definition of the table
        return Call(tree.function, tuple(standing_at(arg, span) for arg in tree.args), span, span, tree.user)
    return replace(tree, span=span)


def scope_of(args: Mapping[str, int], statics: Mapping[str, Any]) -> dict[str, Any]:
    """What the parameters of a row stand for in its definition."""
    return {name: Static(value) for name, value in statics.items()} | dict(args)
