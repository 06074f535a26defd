"""What a field of a format may be, beyond its type in Python: what reads it and its schema both go by this.

It stands in the annotation of the field: `Annotated[int, Limits(1, 2)]`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Union

from gradcli.language.numbers import DTYPES

MAX_WHOLE = 2**53  # whole numbers up to this are doubles


@dataclass(frozen=True)
class Limits:
    """How large a number is, which is finite; or how many entries a list has."""

    least: int | None = None
    most: int | None = None


@dataclass(frozen=True)
class OneOf:
    """One of some texts."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class TextForm:
    """A text that a regular expression matches as a whole; `expected` says what it is, in words."""

    regex: str
    expected: str
    longest: int | None = None


@dataclass(frozen=True)
class NestedLists:
    """One thing of a kind, or nested lists of them: the entries of a tensor; and what a schema calls that."""

    name: str
    kind: Any
    description: str


Count = Annotated[int, Limits(0)]
Index = tuple[Count, ...]
Names = Annotated[tuple[str, ...], Limits(1)]
Digits = Annotated[float, Limits(0)]
Order = Annotated[int, Limits(1)]
DtypeWord = Annotated[str, OneOf(tuple(DTYPES))]
Finite = Annotated[float, Limits()]

DECIMAL = TextForm(r"-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?", "a number in decimals, as a string")
Decimals = Annotated[str, DECIMAL]
POINT_KINDS = (
    "corner", "vertical tangent", "jump", "pole", "hole", "edge", "oscillating", "outside the domain", "not finite",
    "not real",
)  # fmt: skip
PointKind = Annotated[str, OneOf(POINT_KINDS)]  # of a point without a derivative

NUMBERS = NestedLists("numbers", Union[Finite, None], "A number, or nested lists of the shape of a tensor.")
STATUS_OF_LISTS = NestedLists(
    "status", Union[Annotated[str, OneOf(("nan", "inf", "-inf"))], None],
    "What a null beside it stands for, nested alike; null for what JSON can say.",
)  # fmt: skip
GIVEN = NestedLists("given", Finite, "A number, or nested lists of them.")
DECIMALS = NestedLists(
    "decimals", Union[Decimals, None],
    "A decimal number, or nested lists; None where an entry was not looked at, or has none.",
)  # fmt: skip
