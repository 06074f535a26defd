"""The plain data of an answer. Views are functions of it; nothing here computes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from gradcli.errors import ExitCode

SCHEMA = "gradcli.diff/1"


class Verdict(Enum):
    """What to believe of autograd's number; see the README for what each one means."""

    DISAGREE = "disagree"
    INACCURATE = "inaccurate"
    UNDECIDED = "undecided"
    UNDEFINED = "undefined"
    AGREE = "agree"

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of an answer whose worst verdict this is."""
        return _EXIT_CODES[self]


_EXIT_CODES = {
    Verdict.DISAGREE: ExitCode.WRONG,
    Verdict.INACCURATE: ExitCode.WRONG,
    Verdict.UNDECIDED: ExitCode.LIMIT,
    Verdict.UNDEFINED: ExitCode.UNDEFINED,
    Verdict.AGREE: ExitCode.AGREE,
}
WORST_FIRST = tuple(Verdict)


def worst(verdicts: Iterator[Verdict | None]) -> Verdict | None:
    """The worst one of several verdicts; None where there is none."""
    there = [verdict for verdict in verdicts if verdict is not None]
    return min(there, key=WORST_FIRST.index) if there else None


@dataclass(frozen=True)
class Partial:
    """One partial derivative, by one name per order.

    autograd        the number that torch computed
    symbolic        the formula, in gradcli's language; None where there is none to show (`note` says why)
    symbolic_value  the formula's value at the point
    reference       the true derivative, in decimals; None where it does not exist or is not known
    digits          how many decimal digits of autograd's number are right
    kind            what sort of point this is, where there is no derivative
    left, right     the one-sided derivatives there, in decimals, perhaps "inf" or "-inf"
    limit           what the derivative tends to at a hole
    """

    wrt: tuple[str, ...]
    autograd: float | None = None
    symbolic: str | None = None
    symbolic_value: float | None = None
    reference: str | None = None
    digits: float | None = None
    verdict: Verdict | None = None
    kind: str | None = None
    left: str | None = None
    right: str | None = None
    limit: str | None = None
    note: str | None = None
    latex: str | None = None
    of: tuple[int, ...] | None = None
    shape: tuple[int, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The fields of the schema."""
        data: dict[str, Any] = {"of": None, "wrt": list(self.wrt), "shape": list(self.shape)}
        if self.verdict is not None or self.autograd is not None:
            data |= number("autograd", self.autograd)
        data["symbolic"] = self.symbolic
        if self.latex is not None:
            data["latex"] = self.latex
        if self.verdict is not None or self.autograd is not None:
            data |= number("symbolic_value", self.symbolic_value)
            data["reference"] = self.reference
            data["digits"] = self.digits
            data["verdict"] = self.verdict.value if self.verdict else None
            data["kind"] = self.kind
            data |= side("left", self.left) | side("right", self.right)
            data["limit"] = self.limit
        data["note"] = self.note
        return data


@dataclass(frozen=True)
class Result:
    """The answer to one question: the value, and every partial derivative; `name` is the output's in ∂f/∂x."""

    program: str
    partials: tuple[Partial, ...]
    name: str = "f"
    at: Mapping[str, float] | None = None
    dtype: str = "float64"
    order: int = 1
    value: float | None = None
    value_reference: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict | None:
        """The worst of the partials' verdicts; None where nothing was judged."""
        return worst(partial.verdict for partial in self.partials)

    @property
    def exit_code(self) -> ExitCode:
        """The exit code that the answer leads to; formulas alone that are past a limit are no answer."""
        if self.verdict:
            return self.verdict.exit_code
        missing = self.at is None and any(partial.symbolic is None for partial in self.partials)
        return ExitCode.LIMIT if missing else ExitCode.AGREE

    def to_dict(self) -> dict[str, Any]:
        """The answer in the shape of the schema gradcli.diff/1; JSON has no NaN, so a status stands beside a null."""
        data: dict[str, Any] = {"schema": SCHEMA, "program": self.program}
        if self.at is not None:
            data["at"] = dict(self.at)
        data |= {"dtype": self.dtype, "order": self.order}
        if self.at is not None:
            data |= number("value", self.value)
            data["value_reference"] = self.value_reference
            data["verdict"] = self.verdict.value if self.verdict else None
        data["partials"] = [partial.to_dict() for partial in self.partials]
        data["versions"] = dict(self.versions)
        return data

    def to_json(self) -> str:
        """The answer as one line of strict JSON."""
        return json.dumps(self.to_dict(), allow_nan=False, ensure_ascii=False)


def number(name: str, value: float | None) -> dict[str, Any]:
    """A field with a number, and beside it the status of one that JSON cannot say."""
    if value is None or math.isfinite(value):
        return {name: value}
    status = "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return {name: None, f"{name}_status": status}


def side(name: str, value: str | None) -> dict[str, Any]:
    """A one-sided derivative; like a number it may be infinite."""
    return {name: None, f"{name}_status": value} if value in ("inf", "-inf") else {name: value}
