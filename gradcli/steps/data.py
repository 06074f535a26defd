"""A derivation as plain data: sections of chains of equalities, each line with the rules that lead to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from gradcli.tape.codec import JsonAnswer, JsonLayout
from gradcli.tape.kinds import Count, DtypeWord, Index, Limits, Names, OneOf, Order
from gradcli.tape.strict import Listed, PointValue
from gradcli.terminal.page import Displayed, view

SCHEMA = "gradcli.steps/1"


@dataclass(frozen=True)
class Written:
    """One piece of mathematics: in the language, in signs, and in LaTeX.

    text    in gradcli's own language: what can be typed in again, a pending derivative as diff(e, x)
    shown   with mathematical signs: ∂/∂x[x²·sin(x)]
    latex   without dollar signs
    ascii   for a screen that has no such signs: d/dx[x**2*sin(x)]
    """

    text: str
    shown: str
    latex: str
    ascii: str

    JSON: ClassVar[JsonLayout] = JsonLayout("text shown latex")

    def on(self, unicode: bool) -> str:
        """As a screen shows it."""
        return self.shown if unicode else self.ascii


@dataclass(frozen=True)
class Rule:
    """A rule as it was used.

    key         for programs: product, chain, row:sin, tidy, contract, ...
    reason      what a person writes beside the line: "product rule"
    statement   the rule itself, once: (u·v)' = u'·v + u·v'
    letters     what its letters stand for here: u = 2·x + 1; `names` are the same in order
    """

    key: str
    reason: str
    statement: Written | None = None
    names: tuple[tuple[Written, Written], ...] = ()

    JSON: ClassVar[JsonLayout] = JsonLayout("key reason statement letters", named={"letters": "names"})

    @property
    def letters(self) -> dict[str, Written]:
        """What the letters stand for, by what is shown of them."""
        return {name.shown: value for name, value in self.names}


@dataclass(frozen=True)
class LineCheck:
    """How a line was found equal to the one before it.

    points      at how many both were evaluated, a pending derivative as a difference quotient: 0 where none was found
    digits      to which they agreed there
    symbolic    whether SymPy found the difference to be 0; False where it could not tell
    note        why there are no points, or fewer digits than elsewhere
    """

    points: Count
    digits: Count
    symbolic: bool = False
    note: str | None = None


@dataclass(frozen=True)
class DerivationLine:
    """The right side of one equality.

    sign    ≈ where digits were cut off
    rules   those that lead to it
    check   how it was found equal to the line before it; None for the first line of a block
    """

    formula: Written
    rules: tuple[Rule, ...] = ()
    check: LineCheck | None = None
    sign: Annotated[str, OneOf(("=", "≈"))] = "="

    JSON: ClassVar[JsonLayout] = JsonLayout("sign formula rules check", spread=("formula",), named={"check": "checked"})


@dataclass(frozen=True)
class Block:
    """A chain of equalities.

    given   what is said before it: y = 2·x + 1, where dy/dx follows
    left    what stands on the left
    lines   those that follow it
    note    a sentence after it
    """

    left: Written
    lines: Annotated[tuple[DerivationLine, ...], Limits(1)]
    given: Written | None = None
    note: str | None = None

    JSON: ClassVar[JsonLayout] = JsonLayout("given left lines note")


@dataclass(frozen=True)
class Section:
    """The derivation of one partial derivative.

    title       its sign: ∂f/∂x
    of          the index of the output, where there are several
    wrt         a name for each order
    blocks      the derivation
    numbers     the same with the numbers of the point
    formula     what `diff` shows: the last line of the last block, of tensors before further forms of it (with the
                sizes put in, of whole tensors); None where there is none
    value       at the point: a number or nested lists; None without a point, or where there is none
    exists      whether there is a derivative at the point; None without one, or where that is not known
    notes       sentences on what is left out, or on the point
    """

    title: Written
    wrt: Names
    blocks: tuple[Block, ...]
    numbers: tuple[Block, ...] = ()
    formula: str | None = None
    of: Index | None = None
    value: Listed = None
    exists: bool | None = None
    notes: tuple[str, ...] = ()

    JSON: ClassVar[JsonLayout] = JsonLayout(
        "title of wrt formula blocks numbers value exists notes", numbers=("value",)
    )

    @property
    def lines(self) -> list[DerivationLine]:
        """All lines of the derivation."""
        return [line for block in self.blocks for line in block.lines]


@dataclass(frozen=True)
class AllChecks:
    """The checks of all lines together.

    steps       how many were checked
    points      the fewest of one
    digits      the fewest of one
    symbolic    how many SymPy confirms
    """

    steps: Count
    points: Count
    digits: Count
    symbolic: Count


@dataclass(frozen=True)
class Derivation(JsonAnswer, Displayed, schema=SCHEMA):
    """The derivations of all partials of a program.

    program     as it was given
    name        what the output is called
    at          the point: each variable's value after rounding to the dtype; None where there is none
    dtype       of the point
    order       of the derivatives
    checked     all checks together
    sections    one for each partial derivative
    notes       sentences on the program: on its hand-written derivatives
    versions    of gradcli, and of the libraries that took part
    """

    program: str
    name: str
    sections: tuple[Section, ...]
    at: Mapping[str, PointValue] | None = None
    dtype: DtypeWord = "float64"
    order: Order = 1
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    JSON: ClassVar[JsonLayout] = JsonLayout("program name at dtype order checked sections notes versions")

    @property
    def checks(self) -> Sequence[LineCheck]:
        """The checks of all lines."""
        return [line.check for section in self.sections for line in section.lines if line.check]

    @property
    def checked(self) -> AllChecks:
        """How many lines were checked, and at how many points, to how many digits and by SymPy how many of them."""
        checks = self.checks
        return AllChecks(
            len(checks),
            min((check.points for check in checks), default=0),
            min((check.digits for check in checks), default=0),
            sum(check.symbolic for check in checks),
        )

    def _repr_html_(self) -> str:
        """What notebooks show."""
        return str(view(self, "html", "body")(self))
