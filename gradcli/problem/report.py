"""What an autopsy comes to, as plain data that can be sent between processes as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gradcli.errors import Span
from gradcli.tape.codec import JsonLayout

FORWARD, BACKWARD = "forward", "backward"
LOSS = "loss"  # what was born is no NaN and no infinity, but an error


@dataclass(frozen=True)
class OperandValue:
    """An argument of an operation: how it is written, what torch computed, and its true value where that differs."""

    text: str
    value: float
    true: str | None = None


@dataclass(frozen=True)
class Origin:
    """One operation that made what is wrong, from operands that were in order or less wrong.

    phase      "forward" or "backward"
    born       "nan", "inf", "-inf", or "loss" where digits were lost
    operation  the row's name, or "sum" where contributions to one value were added
    text, span how the operation is written, and where; None where it stands nowhere
    operands   of a forward pass the arguments, of a backward pass the forward's
    result     what came out: the value, or the contribution to the argument
    adjoint, local   of a backward pass: what was multiplied; None where the operation works on tensors as wholes
    by         of a backward pass with several arguments: which one
    index      of a tensor: the entry, and `others` more like it
    alike      the texts of further operations of which the same can be said
    order      of the derivative whose computation is the backward pass
    untaken    whether this happened in a branch of `where` that was not taken; `around` is the span of that `where`
    harmless   whether nothing of it reached the answer
    lost       decimal digits that were lost
    true       the true result, in decimals
    headline, reason   the same in words
    """

    phase: str
    born: str
    operation: str
    text: str | None
    span: Span | None
    operands: tuple[OperandValue, ...] = ()
    result: float | None = None
    adjoint: float | None = None
    local: float | None = None
    by: str | None = None
    index: tuple[int, ...] | None = None
    others: int = 0
    alike: tuple[str, ...] = ()
    order: int = 0
    untaken: bool = False
    around: Span | None = None
    harmless: bool = False
    lost: float | None = None
    true: str | None = None
    headline: str = ""
    reason: str = ""

    JSON: ClassVar = JsonLayout(
        "phase born operation text span operands result adjoint local by index others alike order untaken harmless lost"
        " true headline reason",
        named={"phase": "pass"},
    )


@dataclass(frozen=True)
class Suggestion:
    """A program that was verified to be the same function, and to be right at the point.

    replaced, by   the part that changes, where it is one
    extends        whether it has a value here, where the program has none
    right          whether its derivatives exist here and are right; else they are no NaN at least
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
