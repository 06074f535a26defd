"""The plain data of an answer. Views are functions of it; nothing here computes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Union

from gradcli.errors import ExitCode
from gradcli.problem.report import Diagnosis, Origin, Suggestion
from gradcli.reference.verdict import Verdict, worst
from gradcli.tape.arrays import Array, TextArray
from gradcli.tape.codec import JsonLayout, as_fields
from gradcli.tape.findings import Near
from gradcli.tape.strict import Entries, pieces, plain

__all__ = ["SCHEMA", "Array", "Checked", "Entries", "Entry", "Partial", "Result", "Verdict", "worst"]

SCHEMA = "gradcli.diff/2"
HAND_WRITTEN, CONVENTION = "hand-written", "convention"


@dataclass(frozen=True)
class Entry:
    """One entry of a tensor of derivatives that the reference judged, and did not find in order."""

    index: tuple[int, ...]
    autograd: float | None
    verdict: Verdict
    reference: str | None = None
    digits: float | None = None
    kind: str | None = None
    left: str | None = None
    right: str | None = None
    limit: str | None = None
    note: str | None = None

    JSON: ClassVar = JsonLayout(
        "index autograd verdict reference digits kind left right limit note", sides=("left", "right")
    )


@dataclass(frozen=True)
class Checked:
    """How many entries of a tensor of derivatives were held against what.

    entries   all there are
    formula   those whose formula's value was compared with autograd's number, in double precision
    reference   those whose true value the reference looked for
    unusual   those, of the ones that the reference looked at, that are not in order; `Partial.entries` has some of them
    """

    entries: int
    formula: int = 0
    reference: int = 0
    unusual: int = 0


@dataclass(frozen=True)
class Partial:
    """One partial derivative, by one name per order; of a tensor, or by one, a tensor of them.

    autograd        the number that torch computed; of tensors an `Array`, of the shape of the output and then of each
                    variable: read like nested lists, which `tolist()` makes
    symbolic        the formula, in gradcli's language, in the names of the program and of the result's definitions; of
                    a tensor that of the entry at `indices`; None where there is none to show (`note` says why)
    symbolic_value  the formula's value at the point, of tensors of every entry
    symbolic_holds  whether these are the derivative's values; None where they, or the true ones, are not known
    reference       the true derivative, in decimals; None where it does not exist, is not known or was not looked for;
                    of many entries an array that makes each one when it is read
    digits          how many decimal digits of autograd's number are right; of a tensor at the worst entry
    cause           of a disagreement: HAND_WRITTEN, or CONVENTION where autograd's chain rule goes wrong
    kind            what sort of point this is, where there is no derivative
    left, right     the one-sided derivatives there, in decimals, perhaps "inf" or "-inf"
    limit           what the derivative tends to at a hole
    proof           "enclosed" where every digit of the reference is proven, "estimated" where one is not
    near            nonsmooth points within the rounding of the point
    of              the output's index, where a list of outputs has a formula for each
    indices         the names of the indices in the formula: the output's, then each variable's
    sizes           the letters for sizes in the formula, and their values here
    symbolic_expanded  the formula in the variables alone, of a number; None where it would have more than 4,000
                    operations, or 60 levels
    symbolic_here   the formula with those values put in
    matrix          the formula for the whole tensor, in gradcli's language, where there is a short one
    worst           the index of the worst entry, where the reference looked at several
    entries         entries that are not in order: kinks above all
    """

    wrt: tuple[str, ...]
    autograd: Entries = None
    symbolic: str | None = None
    symbolic_value: Entries = None
    reference: Union[str, list[Any], TextArray, None] = None
    digits: float | None = None
    verdict: Verdict | None = None
    kind: str | None = None
    left: str | None = None
    right: str | None = None
    limit: str | None = None
    note: str | None = None
    latex: str | None = None
    proof: str | None = None
    near: tuple[Near, ...] = ()
    of: tuple[int, ...] | None = None
    shape: tuple[int, ...] = ()
    indices: tuple[str, ...] = ()
    sizes: Mapping[str, int] = field(default_factory=dict, hash=False)
    symbolic_here: str | None = None
    matrix: str | None = None
    matrix_latex: str | None = None
    worst: tuple[int, ...] | None = None
    checked: Checked | None = None
    entries: tuple[Entry, ...] = ()
    symbolic_holds: bool | None = None
    symbolic_expanded: str | None = None
    cause: str | None = None

    JSON: ClassVar = JsonLayout(
        "of wrt shape autograd symbolic symbolic_expanded symbolic_here matrix latex matrix_latex indices sizes"
        " symbolic_value reference symbolic_holds digits verdict cause proof kind left right limit worst checked"
        " entries near note",
        optional=("symbolic_here", "matrix", "latex", "matrix_latex", "cause", "checked", "near"),
        sides=("left", "right"),
        numbers=("autograd", "symbolic_value"),
        kept=("reference",),
    )

    @property
    def is_tensor(self) -> bool:
        """Whether this is a tensor of derivatives, and not one number."""
        return bool(self.shape)

    def verdict_of(self, entry: Entry | None, known: bool) -> Verdict | None:
        """The verdict on one entry of a tensor, where it is certain: what stands in `entries` of it, if anything does.

        `known`: whether its true value is.
        """
        if entry is not None:
            return entry.verdict
        all_listed = self.checked is not None and self.checked.unusual == len(self.entries) > 0
        return Verdict.AGREE if self.verdict is Verdict.AGREE or (known and all_listed) else None

    def to_dict(self, summary: bool = False) -> dict[str, Any]:
        """The fields of the schema, with tensors as nested lists; a summary leaves out their entries."""
        data: dict[str, Any] = plain(self.fields(summary))
        return data

    def fields(self, summary: bool = False) -> dict[str, Any]:
        """The fields of the schema, with arrays as they are; a summary leaves out the entries of tensors."""
        without: set[str] = {"symbolic_expanded"} if self.shape else {"indices", "sizes"}
        if self.verdict is None and self.autograd is None:
            without |= _COMPUTED
        if summary and self.shape:
            without |= {"autograd", "symbolic_value", "reference"}
        if self.checked is None:
            without |= {"worst", "entries"}
        return as_fields(self, without)


_COMPUTED = frozenset(
    "autograd symbolic_value reference symbolic_holds digits verdict cause proof kind left right limit".split()
)

_OF_VALUE = frozenset("value value_reference value_digits value_verdict value_worst value_unusual".split())


@dataclass(frozen=True)
class Result:
    """The answer to one question: the value, and every partial derivative; `name` is the output's in ∂f/∂x.

    shape      of the value; () is a number
    value_digits, value_verdict  the same of the value: whether the program itself is right in this dtype
    value_worst, value_unusual   of a tensor: the index of the entry that is to be believed least, where one is wrong,
               and how many are
    product    "jvp" or "vjp" where the Jacobian's product with a vector was asked for, which stands in `direction`
    hessian    whether the second derivatives are to be shown as one matrix
    warnings   what a reader should know of the program, such as a broadcast that changes a rank
    definitions  of the names in formulas that the program does not have: `name = formula`, each in terms of those
               before it; they can be typed in after the program
    autopsy    where what is not finite was born, or digits were lost, and what to write instead; None: no need
    """

    program: str
    partials: tuple[Partial, ...]
    name: str = "f"
    at: Mapping[str, Entries] | None = None
    dtype: str = "float64"
    order: int = 1
    value: Entries = None
    value_reference: Union[str, list[Any], None] = None
    value_digits: float | None = None
    value_verdict: Verdict | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    shape: tuple[int, ...] = ()
    product: str | None = None
    direction: Union[Mapping[str, Entries], Entries] = None
    hessian: bool = False
    warnings: tuple[str, ...] = ()
    autopsy: Diagnosis | None = None
    value_worst: tuple[int, ...] | None = None
    value_unusual: int = 0
    definitions: tuple[str, ...] = ()
    definitions_latex: tuple[str, ...] = ()

    JSON: ClassVar = JsonLayout(
        "program at dtype order product direction shape value value_reference value_digits value_verdict value_worst"
        " value_unusual verdict definitions definitions_latex partials origins suggestion versions",
        optional=("at", "product", "definitions_latex"),
        numbers=("value",),
        kept=("value_reference", "direction"),
    )

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Where what is not finite was born, or digits were lost."""
        return self.autopsy.origins if self.autopsy else ()

    @property
    def suggestion(self) -> Suggestion | None:
        """What to write instead."""
        return self.autopsy.suggestion if self.autopsy else None

    @property
    def verdict(self) -> Verdict | None:
        """The worst of the value's and the partials' verdicts; None where nothing was judged."""
        return worst([self.value_verdict, *(partial.verdict for partial in self.partials)])

    @property
    def exit_code(self) -> ExitCode:
        """The exit code that the answer leads to; formulas alone that are past a limit are no answer."""
        if self.verdict:
            return self.verdict.exit_code
        missing = self.at is None and any(partial.symbolic is None for partial in self.partials)
        return ExitCode.LIMIT if missing else ExitCode.AGREE

    def to_dict(self, summary: bool = False) -> dict[str, Any]:
        """The answer in the shape of the schema gradcli.diff/2; JSON has no NaN, so a status stands beside a null.

        Tensors are nested lists here; a summary leaves out their entries.
        """
        data: dict[str, Any] = plain(self.fields(summary))
        return data

    def fields(self, summary: bool = False) -> dict[str, Any]:
        """The same with arrays as they are, and their numbers that JSON cannot say in them."""
        without = set() if self.shape else {"value_worst", "value_unusual"}
        if self.at is None:
            without |= {"at", "shape", *_OF_VALUE, "verdict"}
        if summary and self.shape:
            without |= {"value", "value_reference"}
        if not self.product:
            without |= {"direction"}
        if self.autopsy is None:
            without |= {"origins", "suggestion"}
        at = {name: value for name, value in (self.at or {}).items() if isinstance(value, float) or not summary}
        partials = [partial.fields(summary) for partial in self.partials]
        return {"schema": SCHEMA, **as_fields(self, without, at=at, partials=partials)}

    def to_json(self, summary: bool = False) -> str:
        """The answer as one line of strict JSON."""
        return "".join(self.json_pieces(summary))

    def json_pieces(self, summary: bool = False) -> Iterator[str]:
        """The same text, some of it at a time."""
        return pieces(self.fields(summary))
