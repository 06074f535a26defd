"""The plain data of implicit derivatives. Views are functions of it; nothing here computes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from gradcli.errors import ExitCode
from gradcli.reference.verdict import Verdict, worst
from gradcli.tape.codec import JsonAnswer, JsonLayout
from gradcli.tape.kinds import POINT_KINDS, Decimals, Digits, DtypeWord, Finite, Names, OneOf, Order
from gradcli.terminal.page import Displayed

SCHEMA = "gradcli.implicit/1"
FOLD, TANGENT, SINGULAR = "fold", "vertical tangent", "singular point"
ImplicitKind = Annotated[str, OneOf((*POINT_KINDS, FOLD, SINGULAR))]


@dataclass(frozen=True)
class SolvedVariable:
    """An unknown at the root.

    name   what it is called
    start  where the search began
    value  the root, in decimals
    moved  how far that is from the start
    """

    name: str
    start: Finite
    value: Decimals
    moved: Finite


@dataclass(frozen=True)
class ImplicitPartial:
    """One derivative of what the equations determine.

    of              the unknown
    wrt             one name per order
    autograd        from torch's derivatives of the equations, solved in the dtype at the root's nearest number
    symbolic        the formula, in the names of the equations and of `definitions`
    latex           the same in LaTeX, where that was asked for
    symbolic_value  the formula's value at the root
    reference       the true derivative, in decimals; None where it does not exist or is not known
    symbolic_holds  whether the formula's value is the true derivative
    digits          how many decimal digits of autograd's number are right
    verdict         what to believe of it
    proof           whether every digit of the reference is proven, or something was estimated
    kind            what sort of point this is, where there is no derivative
    left, right     the one-sided derivatives at a corner
    note            what else there is to say
    """

    of: str
    wrt: Names
    autograd: float | None = None
    symbolic: str | None = None
    latex: str | None = None
    symbolic_value: float | None = None
    reference: Decimals | None = None
    symbolic_holds: bool | None = None
    digits: Digits | None = None
    verdict: Verdict | None = None
    proof: Annotated[str, OneOf(("enclosed", "estimated"))] | None = None
    kind: ImplicitKind | None = None
    left: Decimals | None = None
    right: Decimals | None = None
    note: str | None = None

    JSON: ClassVar[JsonLayout] = JsonLayout(
        "of wrt autograd symbolic latex symbolic_value reference symbolic_holds digits verdict proof kind left right"
        " note",
        optional=("latex",),
        sides=("left", "right"),
    )


@dataclass(frozen=True)
class Implicit(JsonAnswer, Displayed, schema=SCHEMA):
    """The derivatives of what equations determine, at a point that is proven to solve them.

    equations    as they were given
    solve        the unknowns
    at           the point: each variable's value after rounding to the dtype, the unknowns' starts among them; absent
                 where only formulas were asked for
    dtype        of autograd's numbers
    order        of the derivatives
    roots        the unknowns at the root; none where no root is proven
    proof        whether the root is proven, or an estimate took part
    is_nearest   whether no other root lies nearer to the start: proven or not; None where it was not looked at
    triple       the product of the three derivatives, of which each variable is solved for in turn; absent elsewhere
    definitions, definitions_latex  of names that the equations do not have: `name = formula`
    partials     one for each unknown and name
    notes        how the equations were read; absent where there is nothing to say
    verdict      the worst of the partials'
    versions     of gradcli, and of the libraries that took part
    """

    equations: tuple[str, ...]
    solve: Names
    partials: tuple[ImplicitPartial, ...]
    at: Mapping[str, Finite] | None = None
    dtype: DtypeWord = "float64"
    order: Order = 1
    roots: tuple[SolvedVariable, ...] = ()
    proof: Annotated[str, OneOf(("enclosed", "estimated"))] | None = None
    is_nearest: bool | None = None
    triple: float | None = None
    definitions: tuple[str, ...] = ()
    definitions_latex: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    JSON: ClassVar[JsonLayout] = JsonLayout(
        "equations solve at dtype order roots proof is_nearest triple definitions definitions_latex partials notes"
        " verdict versions",
        optional=("at", "triple", "definitions_latex", "notes"),
    )

    @property
    def verdict(self) -> Verdict | None:
        """The worst of the partials' verdicts."""
        return worst(partial.verdict for partial in self.partials)

    @property
    def exit_code(self) -> ExitCode:
        """The exit code that the answer leads to."""
        if self.verdict:
            return self.verdict.exit_code
        return ExitCode.LIMIT if any(partial.symbolic is None for partial in self.partials) else ExitCode.AGREE
