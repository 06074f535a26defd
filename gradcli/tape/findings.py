"""What the witnesses say, as plain data that can be sent between processes as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

TIME_UP = "the time was up (--patience)"

Positions = tuple[int, ...]  # which partial: the positions of its variables among the names it is by


@dataclass(frozen=True)
class Numbers:
    """What autograd says: the value, and each partial; `odd`: whether anything on the way to it is not finite."""

    value: float
    partials: dict[Positions, float]
    version: str
    odd: bool = False

    def to_plain(self) -> dict[str, Any]:
        """Data that JSON holds; floats keep their repr, and are NaN or infinite by Python's own spelling."""
        return {"value": self.value, "partials": _by_text(self.partials), "version": self.version, "odd": self.odd}

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Numbers:
        """The same again from such data."""
        return cls(data["value"], _by_positions(data["partials"]), data["version"], data["odd"])


class Near(NamedTuple):
    """A nonsmooth point within the rounding of the point, and the operation that has it.

    variable  whose move alone, of all that reach it, changes its number the least, relative to that number
    distance  how far it moves; both are None where no variable alone reaches it
    """

    kind: str
    operation: str
    variable: str | None = None
    distance: float | None = None


@dataclass(frozen=True)
class Finding:
    """What the reference knows of one partial; numbers are decimal strings.

    exists    None where it cannot tell
    taken     the chain rule with autograd's conventions
    size      what an entry of a tensor is compared with where it is 0
    proof     "enclosed": every digit is proven; "estimated": a function, or a limit, is not
    rounding  where the derivative is small beside its terms, the sum of |c * derivative by c| over the typed numbers c
    rounded   the typed numbers that this mostly comes from
    flat      where the derivative is 0, |f|/|x|: a slope of the order of the rounding of f is a multiple of it
    near      nonsmooth points within the rounding of the point
    """

    exists: bool | None
    value: str | None = None
    taken: str | None = None
    size: str | None = None
    kind: str | None = None
    left: str | None = None
    right: str | None = None
    limit: str | None = None
    note: str | None = None
    proof: str | None = None
    rounding: str | None = None
    rounded: tuple[str, ...] = ()
    flat: str | None = None
    near: tuple[Near, ...] = ()

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Finding:
        """The same again from data that JSON holds."""
        near = tuple(Near(*one) for one in data["near"])
        return cls(**{**data, "near": near, "rounded": tuple(data["rounded"])})


@dataclass
class Findings:
    """What the referee knows of the value of a program and of all its partials."""

    value: str | None = None
    value_rounding: str | None = None  # the sum of |c * derivative by c| over the typed numbers, where it is small
    partials: dict[Positions, Finding] = field(default_factory=dict)


@dataclass(frozen=True)
class Formula:
    """A partial's formula: in the language, in LaTeX where it was asked for, and its value at the point.

    Without a `text`, `note` says why there is none.
    """

    text: str | None
    latex: str | None = None
    value: str | None = None
    note: str | None = None


@dataclass
class Evidence:
    """The true value of the program, and the finding and the formula for each partial."""

    version: str
    value: str | None = None
    findings: dict[Positions, Finding] = field(default_factory=dict)
    formulas: dict[Positions, Formula] = field(default_factory=dict)
    value_rounding: str | None = None

    def to_plain(self) -> dict[str, Any]:
        """Data that JSON holds."""
        return {
            "version": self.version,
            "value": self.value,
            "value_rounding": self.value_rounding,
            "findings": _by_text({key: asdict(finding) for key, finding in self.findings.items()}),
            "formulas": _by_text({key: asdict(formula) for key, formula in self.formulas.items()}),
        }

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Evidence:
        """The same again from such data."""
        findings = {key: Finding.from_plain(finding) for key, finding in _by_positions(data["findings"]).items()}
        formulas = {key: Formula(**formula) for key, formula in _by_positions(data["formulas"]).items()}
        return cls(data["version"], data["value"], findings, formulas, data["value_rounding"])


def _by_text(values: Mapping[Positions, Any]) -> dict[str, Any]:
    return {",".join(map(str, positions)): value for positions, value in values.items()}


def _by_positions(values: Mapping[str, Any]) -> dict[Positions, Any]:
    return {tuple(int(part) for part in key.split(",") if part): value for key, value in values.items()}
