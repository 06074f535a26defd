"""The plain data of an answer. Views are functions of it; nothing here computes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Union

from gradcli.diff.entry_data import Checked, Entry
from gradcli.diff.partial_data import CONVENTION, CUSTOM_VJP, Partial
from gradcli.diff.quotient_data import QuotientTable
from gradcli.errors import ExitCode
from gradcli.problem.job import MAX_ORDER
from gradcli.problem.report import Diagnosis, Origin, Suggestion
from gradcli.reference.verdict import Verdict, worst
from gradcli.tape.arrays import Array
from gradcli.tape.codec import JsonLayout, as_fields
from gradcli.tape.kinds import GIVEN, Count, Decimals, Digits, DtypeWord, Index, OneOf, Order
from gradcli.tape.strict import Entries, ListedTruths, Statuses, finite, pieces, plain, statuses_of
from gradcli.terminal.page import Displayed, view

__all__ = [
    "CONVENTION", "CUSTOM_VJP", "SCHEMA", "Array", "Checked", "Entries", "Entry", "Partial", "Result", "Verdict",
    "worst",
]  # fmt: skip

SCHEMA = "gradcli.diff/2"
_OF_VALUE = frozenset("value value_reference value_digits value_verdict value_worst value_unusual".split())


@dataclass(frozen=True)
class Result(Displayed):
    """The answer to one question: the value, and every partial derivative; `name` is the output's in ∂f/∂x.

    program          as it was given
    at               the point: each variable's value after rounding to the dtype; absent where only formulas were asked
                     for; a summary leaves out tensors
    at_status        what those values of the point are that are not finite
    dtype            of all numbers
    order            of the derivatives
    product          present where the Jacobian's product with a vector was asked for: J v or v J
    direction        that vector: for jvp by variable, for vjp of the output's shape
    shape            of the value; empty for a number
    value            the program's, as torch computes it; a summary leaves out tensors
    value_reference  its true value, in decimals; None where it is not known or does not exist
    value_digits     correct decimal digits of the value; None where it is 0 up to rounding, or was not judged
    value_verdict    whether the value itself is right; None where it was not judged, or does not exist
    value_imaginary, value_imaginary_reference  its imaginary part, with --complex; `value` is the real one
    value_worst      of a tensor: the index of the entry that is to be believed least, where one is wrong
    value_unusual    of a tensor: how many of its entries are wrong, among those that the reference knows
    definitions, definitions_latex  of names that the program does not have: `name = formula`, in order
    partials         one for each name, or each combination of names
    notes            how the program was read, and such as a broadcast that changes a rank; absent where there are none
    verdict          the worst of the value's and the partials' verdicts; None where nothing was judged
    origins          where what is not finite was born, or digits were lost, in order; absent where all is well
    suggestion       a program that was verified to be the same function, and to do better at the point
    versions         of gradcli, and of the libraries that took part
    hessian          whether the second derivatives are to be shown as one matrix
    autopsy          origins and suggestion together; None: no need
    condition        of the value: how many times a relative error of the variables is in it, at the most; of a tensor
                     by entry; absent unless sensitivities were asked for
    scale            the change of each variable that `scaled` is for; absent where none was asked for
    quotients        tables of difference quotients; absent where none were asked for
    """

    program: str
    partials: tuple[Partial, ...]
    name: str = "f"
    at: Mapping[str, Entries] | None = None
    dtype: DtypeWord = "float64"
    order: Order = 1
    value: Entries = None
    value_reference: ListedTruths = None
    value_digits: Digits | None = None
    value_verdict: Verdict | None = None
    value_imaginary: float | None = None
    value_imaginary_reference: Decimals | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    shape: Index = ()
    product: Annotated[str, OneOf(("jvp", "vjp"))] | None = None
    direction: Union[Mapping[str, Annotated[Entries, GIVEN]], Annotated[Entries, GIVEN], None] = None
    hessian: bool = False
    notes: tuple[str, ...] = ()
    autopsy: Diagnosis | None = None
    value_worst: Index | None = None
    value_unusual: Count = 0
    definitions: tuple[str, ...] = ()
    definitions_latex: tuple[str, ...] = ()
    condition: Entries = None
    scale: Mapping[str, float] | None = None
    quotients: tuple[QuotientTable, ...] = ()

    JSON: ClassVar[JsonLayout] = JsonLayout(
        "program at at_status dtype order product direction shape value value_imaginary value_reference"
        " value_imaginary_reference value_digits value_verdict value_worst value_unusual verdict definitions"
        " definitions_latex partials notes origins suggestion versions condition scale quotients",
        optional=(
            *(
                "at",
                "at_status",
                "product",
                "value_imaginary",
                "value_imaginary_reference",
                "definitions_latex",
                "notes",
            ),
            *("condition", "scale", "quotients"),
        ),
        numbers=("value", "condition"),
        kept=("value_reference", "direction"),
        sometimes=("direction", "shape", *_OF_VALUE, "verdict", "origins", "suggestion"),
    )

    @property
    def at_status(self) -> Mapping[str, Statuses] | None:
        """What the values of the point are that are not finite, nested as they are."""
        return statuses_of(self.at or {})

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Where what is not finite was born, or digits were lost."""
        return self.autopsy.origins if self.autopsy else ()

    @property
    def suggestion(self) -> Suggestion | None:
        """What to write instead."""
        return self.autopsy.suggestion if self.autopsy else None

    @property
    def without_formulas(self) -> bool:
        """Whether the order is one of which there are numbers alone."""
        return self.order > MAX_ORDER

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

    def _repr_html_(self) -> str:
        """What notebooks show."""
        return str(view(self, "html", "html")(self))

    def _repr_latex_(self) -> str | None:
        """What notebooks make a document of; None where nobody asked for LaTeX."""
        return str(view(self, "latex", "display")(self)) if any(one.latex for one in self.partials) else None

    def to_dict(self, summary: bool = False) -> dict[str, Any]:
        """The answer in the shape of the schema gradcli.diff/2; JSON has no NaN, so a status stands beside a null.

        Tensors are nested lists here; a summary leaves out their entries.
        """
        return plain(self.fields(summary))  # type: ignore[no-any-return]

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
        at = {name: finite(one) for name, one in (self.at or {}).items() if isinstance(one, float) or not summary}
        partials = [partial.fields(summary) for partial in self.partials]
        return {"schema": SCHEMA, **as_fields(self, without, at=at, partials=partials)}

    def to_json(self, summary: bool = False) -> str:
        """The answer as one line of strict JSON."""
        return "".join(self.json_pieces(summary))

    def json_pieces(self, summary: bool = False) -> Iterator[str]:
        """The same text, some of it at a time."""
        return pieces(self.fields(summary))
