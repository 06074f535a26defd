"""The plain data of one partial derivative."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

from gradcli.diff.entry_data import Checked, Entry
from gradcli.reference.verdict import Verdict
from gradcli.tape.codec import JsonLayout, as_fields
from gradcli.tape.findings import Near
from gradcli.tape.kinds import Decimals, Digits, Index, Names, OneOf, PointKind
from gradcli.tape.lower_tensors import MAX_NUMBERS
from gradcli.tape.strict import Entries, Truths, plain

CUSTOM_VJP, CONVENTION = "hand-written", "convention"

_COMPUTED = frozenset(
    "autograd symbolic_value reference symbolic_holds digits verdict cause proof kind left right limit".split()
)


@dataclass(frozen=True)
class Partial:
    """One partial derivative; of a tensor, or by one, a tensor of them.

    of              the output's index, where a list of outputs has a formula for each
    wrt             one name per order
    shape           the output's, then each variable's; empty for a number
    autograd        what torch's autograd computes; a summary leaves out tensors
    symbolic        the formula, in gradcli's language, in the names of the program and of `definitions`; of a tensor
                    that of the entry at `indices`; None where there is none to show, and the note says why
    symbolic_expanded  of a number: the formula in the variables alone; None past 4,000 operations or 60 levels
    symbolic_here   the formula with the sizes put in, where that is another text
    matrix          the formula for the whole tensor, in gradcli's language, where there is a short one
    latex, matrix_latex  the formula in LaTeX, where that was asked for
    indices         of a tensor: the names of the indices in the formula, the output's first
    sizes           of a tensor: the letters for sizes in the formula, and their values here
    symbolic_value  the formula's value at the point, of tensors of every entry; None where it has none
    reference       the true derivative, in decimals; None where it does not exist, is not known or was not looked for
    symbolic_holds  whether the formula's value is the true derivative, of a tensor everywhere; None if it is not known
    digits          how many decimal digits of autograd's number are right; of a tensor at the worst entry
    verdict         what to believe of autograd's number
    cause           of a disagreement: a derivative that the program gives is wrong, or the chain rule with autograd's
                    conventions goes wrong at this point; absent elsewhere
    proof           whether every digit of the reference is proven, or one of its functions or limits was estimated
    kind            what sort of point this is, where there is no derivative
    left, right     the one-sided derivative there, perhaps infinite
    limit           at a hole, or where a variable is infinite: the limit of the derivative
    worst           the index of the worst entry, where the reference looked at several
    checked         how many entries were held against what
    entries         entries that are not in order, kinks above all; of many, some
    near            nonsmooth points within the rounding of the point; absent where there is none
    note            what else there is to say
    elasticity      (x/f)*∂f/∂x, of the true derivative where that is known: by how many percent one of x changes f; of
                    a tensor by entry, NaN where there is none; absent unless it was asked for
    no_elasticity   why there is none
    condition       of a number: how many times a relative error of the variables is in it, at the most
    scaled          the derivative for a change of each variable by its scale
    structure       of a Jacobian of which the program's operations prove that each entry of the variable reaches one
                    output at most: "diagonal", that at its own place; "one-hot", one somewhere
    nonzero         by the entries of the variable what may be anything but 0 there: autograd's numbers; in a summary,
                    and in place of tensors that would be too large
    outputs         of one that is no diagonal: by those entries, the places of the outputs in row-major order; -1: none
    """

    wrt: Names
    autograd: Entries = None
    symbolic: str | None = None
    symbolic_value: Entries = None
    reference: Truths = None
    digits: Digits | None = None
    verdict: Verdict | None = None
    kind: PointKind | None = None
    left: Decimals | None = None
    right: Decimals | None = None
    limit: Decimals | None = None
    note: str | None = None
    latex: str | None = None
    proof: Annotated[str, OneOf(("enclosed", "estimated"))] | None = None
    near: tuple[Near, ...] = ()
    of: Index | None = None
    shape: Index = ()
    indices: tuple[str, ...] = ()
    sizes: Mapping[str, int] = field(default_factory=dict, hash=False)
    symbolic_here: str | None = None
    matrix: str | None = None
    matrix_latex: str | None = None
    worst: Index | None = None
    checked: Checked | None = None
    entries: tuple[Entry, ...] = ()
    symbolic_holds: bool | None = None
    symbolic_expanded: str | None = None
    cause: Annotated[str, OneOf((CUSTOM_VJP, CONVENTION))] | None = None
    elasticity: Entries = None
    no_elasticity: str | None = None
    condition: Digits | None = None
    scaled: Entries = None
    structure: Annotated[str, OneOf(("diagonal", "one-hot"))] | None = None
    nonzero: Entries = None
    outputs: tuple[int, ...] = ()

    JSON: ClassVar[JsonLayout] = JsonLayout(
        "of wrt shape structure nonzero outputs"
        " autograd symbolic symbolic_expanded symbolic_here matrix latex matrix_latex indices sizes"
        " symbolic_value reference symbolic_holds digits verdict cause proof kind left right limit"
        " worst checked entries near note elasticity no_elasticity condition scaled",
        optional=(
            *("symbolic_here", "matrix", "latex", "matrix_latex", "cause", "checked", "near"),
            *("elasticity", "no_elasticity", "condition", "scaled", "structure", "nonzero", "outputs"),
        ),
        sides=("left", "right"),
        numbers=("autograd", "symbolic_value", "elasticity", "scaled", "nonzero"),
        kept=("reference",),
        sometimes=("symbolic_expanded", "indices", "sizes", *_COMPUTED, "worst", "entries"),
    )

    @property
    def is_tensor(self) -> bool:
        """Whether this is a tensor of derivatives, and not one number."""
        return bool(self.shape)

    @property
    def is_mostly_zero(self) -> bool:
        """Whether it is so large that what is shown of it, and written, are the entries that may be anything but 0."""
        return self.structure is not None and math.prod(self.shape) > MAX_NUMBERS

    def verdict_of(self, entry: Entry | None, known: bool) -> Verdict | None:
        """The verdict on one entry of a tensor, where it is certain; `known`: whether its true value is."""
        if entry is not None:
            return entry.verdict
        all_listed = self.checked is not None and self.checked.unusual == len(self.entries) > 0
        return Verdict.AGREE if self.verdict is Verdict.AGREE or (known and all_listed) else None

    def to_dict(self, summary: bool = False) -> dict[str, Any]:
        """The fields of the schema, with tensors as nested lists; a summary leaves out their entries."""
        return plain(self.fields(summary))  # type: ignore[no-any-return]

    def fields(self, summary: bool = False) -> dict[str, Any]:
        """The fields of the schema, with arrays as they are; a summary leaves out the entries of tensors."""
        without: set[str] = {"symbolic_expanded"} if self.shape else {"indices", "sizes"}
        if self.verdict is None and self.autograd is None:
            without |= _COMPUTED
        summary = summary or self.is_mostly_zero
        without |= (
            {"autograd", "symbolic_value", "reference", "elasticity", "scaled"} if summary and self.shape else set()
        )
        without |= set() if summary else {"nonzero", "outputs"}
        if self.checked is None:
            without |= {"worst", "entries"}
        return as_fields(self, without)
