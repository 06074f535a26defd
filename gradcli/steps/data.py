"""A derivation as plain data: sections of chains of equalities, each line with the rules that lead to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gradcli.problem.strict import Listed, numbers

SCHEMA = "gradcli.steps/1"


@dataclass(frozen=True)
class Written:
    """One piece of mathematics in three spellings.

    text    in gradcli's own language: what can be typed in again, a pending derivative as diff(e, x)
    shown   with mathematical signs: d/dx[x²·sin(x)]; views turn it into ASCII where there is no Unicode
    latex   without dollar signs
    """

    text: str
    shown: str
    latex: str

    def to_dict(self) -> dict[str, Any]:
        """The three spellings."""
        return {"text": self.text, "shown": self.shown, "latex": self.latex}


@dataclass(frozen=True)
class Rule:
    """A rule as it was used.

    key         for programs: "product", "chain", "row:sin", "tidy", "contract"
    reason      what a person writes beside the line: "product rule"; `·`, `²` and the like are welcome
    statement   the rule itself, once: (u·v)' = u'·v + u·v'
    names       what the letters stand for here: u = 2·x + 1
    """

    key: str
    reason: str
    statement: Written | None = None
    names: tuple[tuple[str, Written], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "key": self.key,
            "reason": self.reason,
            "statement": self.statement.to_dict() if self.statement else None,
            "names": {name: value.to_dict() for name, value in self.names},
        }


@dataclass(frozen=True)
class LineCheck:
    """How a line was found equal to the one before it.

    points      where both were evaluated, a pending derivative as a difference quotient: 0 where none could be found
    digits      to which they agreed there
    symbolic    whether SymPy found the difference to be 0; False where it could not tell
    note        why there are no points, or fewer digits than elsewhere
    """

    points: int
    digits: int
    symbolic: bool = False
    note: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"points": self.points, "digits": self.digits, "symbolic": self.symbolic, "note": self.note}


@dataclass(frozen=True)
class DerivationLine:
    """The right side of one equality. The first of a block has no check: there is nothing before it.

    `sign` is "=", or "≈" where digits were cut off.
    """

    formula: Written
    rules: tuple[Rule, ...] = ()
    check: LineCheck | None = None
    sign: str = "="

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "sign": self.sign,
            **self.formula.to_dict(),
            "rules": [rule.to_dict() for rule in self.rules],
            "checked": self.check.to_dict() if self.check else None,
        }


@dataclass(frozen=True)
class Block:
    """A chain of equalities: what stands on the left, and the lines that follow it.

    `given` is said before it: y = 2·x + 1, where dy/dx follows. `note` is a sentence after it.
    """

    left: Written
    lines: tuple[DerivationLine, ...]
    given: Written | None = None
    note: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "given": self.given.to_dict() if self.given else None,
            "left": self.left.to_dict(),
            "lines": [line.to_dict() for line in self.lines],
            "note": self.note,
        }


@dataclass(frozen=True)
class Section:
    """The derivation of one partial derivative.

    title       its sign: ∂f/∂x
    wrt         a name for each order; `of`: the index of the output where there are several
    blocks      the derivation; numbers: the same with the numbers of the point
    formula     what `diff` shows: the last line of the last block, of tensors before further forms of it (with the
                sizes put in, of whole tensors); None where there is none
    value       at the point: a number or nested lists; None without a point, or where there is none
    exists      whether there is a derivative at the point; None without one, or where that is not known
    notes       sentences on what is left out, or on the point
    """

    title: Written
    wrt: tuple[str, ...]
    blocks: tuple[Block, ...]
    numbers: tuple[Block, ...] = ()
    formula: str | None = None
    of: tuple[int, ...] | None = None
    value: Listed = None
    exists: bool | None = None
    notes: tuple[str, ...] = ()

    @property
    def lines(self) -> list[DerivationLine]:
        """All lines of the derivation."""
        return [line for block in self.blocks for line in block.lines]

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "title": self.title.to_dict(),
            "of": None if self.of is None else list(self.of),
            "wrt": list(self.wrt),
            "formula": self.formula,
            "blocks": [block.to_dict() for block in self.blocks],
            "numbers": [block.to_dict() for block in self.numbers],
            **numbers("value", self.value),
            "exists": self.exists,
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class Derivation:
    """The derivations of all partials of a program.

    program     its text; name: what its output is called
    at          the point, if there is one
    notes       sentences on the program: on its hand-written derivatives
    """

    program: str
    name: str
    sections: tuple[Section, ...]
    at: Mapping[str, Listed] | None = None
    dtype: str = "float64"
    order: int = 1
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def checks(self) -> Sequence[LineCheck]:
        """The checks of all lines."""
        return [line.check for section in self.sections for line in section.lines if line.check]

    def to_dict(self) -> dict[str, Any]:
        """The derivation as gradcli.steps/1."""
        checks = self.checks
        return {
            "schema": SCHEMA,
            "program": self.program,
            "name": self.name,
            "at": None if self.at is None else dict(self.at),
            "dtype": self.dtype,
            "order": self.order,
            "checked": {
                "steps": len(checks),
                "points": min((check.points for check in checks), default=0),
                "digits": min((check.digits for check in checks), default=0),
                "symbolic": sum(check.symbolic for check in checks),
            },
            "sections": [section.to_dict() for section in self.sections],
            "notes": list(self.notes),
            "versions": dict(self.versions),
        }
