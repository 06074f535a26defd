"""What an autopsy comes to, as plain data that can be sent between processes as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from gradcli.errors import Span
from gradcli.problem.strict import number

FORWARD, BACKWARD = "forward", "backward"
LOSS = "loss"  # what was born is no NaN and no infinity, but an error


@dataclass(frozen=True)
class OperandValue:
    """An argument of an operation: how it is written, what torch computed, and its true value where that differs."""

    text: str
    value: float
    true: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The fields of the schema."""
        return {"text": self.text, **number("value", self.value), "true": self.true}


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

    def to_dict(self) -> dict[str, Any]:
        """The fields of the schema."""
        return {
            "pass": self.phase, "born": self.born, "operation": self.operation, "text": self.text,
            "span": None if self.span is None else list(self.span),
            "operands": [operand.to_dict() for operand in self.operands],
            **number("result", self.result), **number("adjoint", self.adjoint), **number("local", self.local),
            "by": self.by, "index": None if self.index is None else list(self.index), "others": self.others,
            "alike": list(self.alike), "order": self.order, "untaken": self.untaken, "harmless": self.harmless,
            "lost": self.lost, "true": self.true, "headline": self.headline, "reason": self.reason,
        }  # fmt: skip


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

    def to_dict(self) -> dict[str, Any]:
        """The fields of the schema."""
        return asdict(self)


@dataclass(frozen=True)
class Diagnosis:
    """The origins, in the order in which they happened, and what to write instead.

    `note` says what is not known; `explained`, whether lost digits were looked for, too.
    """

    origins: tuple[Origin, ...] = ()
    suggestion: Suggestion | None = None
    note: str | None = None
    explained: bool = False

    def to_plain(self) -> dict[str, Any]:
        """Data that JSON holds; floats keep their repr, and are NaN or infinite by Python's own spelling."""
        return asdict(self)

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Diagnosis:
        """The same again from such data."""
        suggestion = data["suggestion"]
        return cls(tuple(_origin(one) for one in data["origins"]), suggestion and Suggestion(**suggestion),
                   data["note"], data["explained"])  # fmt: skip


def _origin(data: Mapping[str, Any]) -> Origin:
    return Origin(
        **{
            **data,
            "span": None if data["span"] is None else Span(*data["span"]),
            "around": None if data["around"] is None else Span(*data["around"]),
            "operands": tuple(OperandValue(**operand) for operand in data["operands"]),
            "alike": tuple(data["alike"]),
            "index": None if data["index"] is None else tuple(data["index"]),
        }
    )
