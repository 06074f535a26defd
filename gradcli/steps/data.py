"""A derivation as plain data: sections of chains of equalities, each line with the rules that lead to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from gradcli.tape.codec import JsonLayout, as_fields
from gradcli.tape.strict import Listed, line

SCHEMA = "gradcli.steps/1"


@dataclass(frozen=True)
class Written:
    """One piece of mathematics in four spellings.

    text    in gradcli's own language: what can be typed in again, a pending derivative as diff(e, x)
    shown   with mathematical signs: ∂/∂x[x²·sin(x)]
    latex   without dollar signs
    ascii   for a screen that has no such signs: d/dx[x**2*sin(x)]
    """

    text: str
    shown: str
    latex: str
    ascii: str

    JSON: ClassVar = JsonLayout("text shown latex")

    def on(self, unicode: bool) -> str:
        """As a screen shows it."""
        return self.shown if unicode else self.ascii


@dataclass(frozen=True)
class Rule:
    """A rule as it was used.

    key         for programs: "product", "chain", "row:sin", "tidy", "contract"
    reason      what a person writes beside the line: "product rule"
    statement   the rule itself, once: (u·v)' = u'·v + u·v'
    names       what the letters stand for here: u = 2·x + 1
    """

    key: str
    reason: str
    statement: Written | None = None
    names: tuple[tuple[Written, Written], ...] = ()

    JSON: ClassVar = JsonLayout("key reason statement letters", named={"letters": "names"})

    @property
    def letters(self) -> dict[str, Written]:
        """What the letters stand for, by what is shown of them."""
        return {name.shown: value for name, value in self.names}


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


@dataclass(frozen=True)
class DerivationLine:
    """The right side of one equality. The first of a block has no check: there is nothing before it.

    `sign` is "=", or "≈" where digits were cut off.
    """

    formula: Written
    rules: tuple[Rule, ...] = ()
    check: LineCheck | None = None
    sign: str = "="

    JSON: ClassVar = JsonLayout("sign formula rules check", spread=("formula",), named={"check": "checked"})


@dataclass(frozen=True)
class Block:
    """A chain of equalities: what stands on the left, and the lines that follow it.

    `given` is said before it: y = 2·x + 1, where dy/dx follows. `note` is a sentence after it.
    """

    left: Written
    lines: tuple[DerivationLine, ...]
    given: Written | None = None
    note: str | None = None

    JSON: ClassVar = JsonLayout("given left lines note")


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

    JSON: ClassVar = JsonLayout("title of wrt formula blocks numbers value exists notes", numbers=("value",))

    @property
    def lines(self) -> list[DerivationLine]:
        """All lines of the derivation."""
        return [line for block in self.blocks for line in block.lines]


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

    JSON: ClassVar = JsonLayout("program name at dtype order checked sections notes versions")

    @property
    def checks(self) -> Sequence[LineCheck]:
        """The checks of all lines."""
        return [line.check for section in self.sections for line in section.lines if line.check]

    @property
    def checked(self) -> dict[str, int]:
        """How many lines were checked, and at how many points, to how many digits and by SymPy how many of them."""
        checks = self.checks
        return {
            "steps": len(checks),
            "points": min((check.points for check in checks), default=0),
            "digits": min((check.digits for check in checks), default=0),
            "symbolic": sum(check.symbolic for check in checks),
        }

    def to_dict(self) -> dict[str, Any]:
        """The derivation as gradcli.steps/1."""
        return {"schema": SCHEMA, **as_fields(self)}

    def to_json(self) -> str:
        """The derivation as one line of strict JSON."""
        return line(self.to_dict())
