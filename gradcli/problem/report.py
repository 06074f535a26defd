"""What a diagnosis comes to, as plain data that can be sent between processes as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from gradcli.errors import Span
from gradcli.tape.codec import JsonLayout
from gradcli.tape.kinds import Count, Finite, Index, OneOf

FORWARD, BACKWARD = "forward", "backward"
LOSS = "loss"  # what was born is no NaN and no infinity, but an error


@dataclass(frozen=True)
class OperandValue:
    """An argument of an operation.

    text   how it is written
    value  what torch computed
    true   its true value, where that was computed
    """

    text: str
    value: float
    true: str | None = None


@dataclass(frozen=True)
class Origin:
    """One operation that made what is wrong, from operands that were in order or less wrong.

    phase      the pass in which it happened
    born       what was; loss: digits were lost
    operation  the function or operator; sum where contributions to one value were added
    text       how the operation is written in the program; None where it stands nowhere
    span       where: the first character, and the one after the last
    operands   of a forward pass the arguments, of a backward pass the forward's
    result     what came out: the value, or the contribution to the argument
    adjoint    of a backward pass: what flowed in; None where the operation works on tensors as wholes
    local      the local derivative that it was multiplied by
    by         of a backward pass with several arguments: which one the local derivative is by
    index      of a tensor: the entry
    others     how many more entries are like it
    alike      further operations of which the same can be said
    order      of the derivative whose computation is the backward pass; 0 is the forward pass
    untaken    whether it is in a branch of `where` that was not taken
    around     the span of that `where`
    harmless   whether nothing of it reached the answer
    lost       decimal digits that were lost
    true       the true result, in decimals
    headline   the same in words
    reason     why, in words
    """

    phase: Annotated[str, OneOf((FORWARD, BACKWARD))]
    born: Annotated[str, OneOf(("nan", "inf", "-inf", LOSS))]
    operation: str
    text: str | None
    span: Span | None
    operands: tuple[OperandValue, ...] = ()
    result: float | None = None
    adjoint: float | None = None
    local: float | None = None
    by: str | None = None
    index: Index | None = None
    others: Count = 0
    alike: tuple[str, ...] = ()
    order: Count = 0
    untaken: bool = False
    around: Span | None = None
    harmless: bool = False
    lost: Finite | None = None
    true: str | None = None
    headline: str = ""
    reason: str = ""

    JSON: ClassVar[JsonLayout] = JsonLayout(
        "phase born operation text span operands result adjoint local by index others alike order untaken harmless lost"
        " true headline reason",
        named={"phase": "pass"},
    )


@dataclass(frozen=True)
class Suggestion:
    """A program that was verified to be the same function, and to be right at the point.

    program   the whole of it
    replaced  the part of the program that changes, where it is one
    by        what it changes to
    extends   whether it has a value here, where the program has none
    right     whether its derivatives exist here and are right; else they are no NaN at least
    """

    program: str
    replaced: str | None = None
    by: str | None = None
    extends: bool = False
    right: bool = True


@dataclass(frozen=True)
class Diagnosis:
    """The origins, in the order in which they happened, and what to write instead.

    `note` says what is not known; `explained`, whether lost digits were looked for, too.
    """

    origins: tuple[Origin, ...] = ()
    suggestion: Suggestion | None = None
    note: str | None = None
    explained: bool = False
