"""The plain data of an audit. Views are functions of it; nothing here computes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from gradcli.errors import ExitCode
from gradcli.tape.codec import JsonAnswer, JsonLayout
from gradcli.tape.kinds import POINT_KINDS, Count, Decimals, Digits, DtypeWord, Finite, OneOf
from gradcli.tape.strict import Listed
from gradcli.terminal.page import Displayed

SCHEMA = "gradcli.audit/1"
TRUSTED, SENSITIVE, LOSES, UNDECIDED, NO_VALUE = "trusted", "sensitive", "loses digits", "undecided", "no value"
AuditVerdict = Annotated[str, OneOf((TRUSTED, SENSITIVE, LOSES, UNDECIDED, NO_VALUE))]
FUNCTION, AUTOGRAD, FORMULA = "value", "autograd", "formula"
Source = Annotated[str, OneOf((FUNCTION, AUTOGRAD, FORMULA))]
OVERFLOW, UNDERFLOW = "overflow", "underflow"
PlaceKind = Annotated[str, OneOf((*POINT_KINDS, "undecided", OVERFLOW, UNDERFLOW))]
Scale = Annotated[str, OneOf(("log", "symlog", "linear"))]
CODES = {TRUSTED: ExitCode.AGREE, SENSITIVE: ExitCode.AGREE, LOSES: ExitCode.WRONG, UNDECIDED: ExitCode.LIMIT,
         NO_VALUE: ExitCode.UNDEFINED}  # fmt: skip


@dataclass(frozen=True)
class AuditAxis:
    """A variable that varies.

    name   of the variable
    start  its first value
    stop   its last value
    scale  log, linear, or symlog: logarithmic to both sides of 0
    """

    name: str
    start: Finite
    stop: Finite
    scale: Scale


@dataclass(frozen=True)
class AuditColumn:
    """What is counted: the value, or a derivative by one of its two sources.

    name    f, df_dx, df_dx_formula
    source  value (f itself), autograd, or formula
    wrt     what the derivative is by; None of the value
    text    the formula, of one; None where it is several statements
    worst   the fewest digits anywhere; None where none were counted
    mean    digits on average over the samples
    counted at how many samples
    """

    name: str
    source: Source
    wrt: str | None = None
    text: str | None = None
    worst: Digits | None = None
    mean: Digits | None = None
    counted: Count = 0

    JSON: ClassVar[JsonLayout] = JsonLayout("name source wrt text worst mean counted", optional=("text",))


@dataclass(frozen=True)
class AuditSample:
    """A point, and how many digits of each column are right there.

    at      the variables that vary
    value   what is true of the function, as a double; None where it has no value, or none is known
    digits  by column; None where there is nothing to count: no value, or none that the dtype holds
    """

    at: tuple[Finite, ...]
    value: float | None
    digits: tuple[float | None, ...]


@dataclass(frozen=True)
class LossStretch:
    """A part of the range on which a column keeps too few digits.

    column     its name
    start      of each variable, from where
    stop       and to where: of several variables, a box around the points that were found
    digits     the fewest that are kept
    at         where
    computed   what was computed there; None where that is not finite
    true       what is true there, in decimals
    operation  the part of the program that loses them, as it is written; None where that was not found
    reason     how, in words
    sensitive  whether the last digit of an input makes as much of a difference: no worse than the inputs
    share      of the samples, of several variables
    """

    column: str
    start: Mapping[str, Finite]
    stop: Mapping[str, Finite]
    digits: Digits
    at: Mapping[str, Finite]
    computed: float | None = None
    true: Decimals | None = None
    operation: str | None = None
    reason: str | None = None
    sensitive: bool = False
    share: Finite | None = None

    JSON: ClassVar[JsonLayout] = JsonLayout(
        "column start stop digits at computed true operation reason sensitive share",
        optional=("operation", "reason", "share"),
    )


@dataclass(frozen=True)
class AuditPlace:
    """A place that is special: where the function or its derivative breaks, or leaves the numbers of the dtype.

    x     where; of overflow and underflow the first or the last number that is one
    kind  as in a verdict; or overflow, underflow
    what  what it is that breaks: the value, or a derivative
    side  of overflow and underflow: on which side of the place it is so
    value  of the function there, or its limit from both sides, in decimals
    slope  likewise of the derivative
    note  what else there is to say
    along  of a box: the variable that `x` is a value of
    at     of a box: the others, somewhere in their ranges
    """

    x: Finite
    kind: PlaceKind
    what: str
    side: Annotated[str, OneOf(("left", "right"))] | None = None
    value: Decimals | None = None
    slope: Decimals | None = None
    note: str | None = None
    along: str | None = None
    at: Mapping[str, Finite] | None = None

    JSON: ClassVar[JsonLayout] = JsonLayout(
        "x kind what side value slope note along at", optional=("side", "note", "along", "at")
    )


@dataclass(frozen=True)
class BetterColumn:
    """The digits of a column before and after, but for points at which the last digit of an input makes as much of a
    difference as is lost after.

    name          of the column
    worst_before  the fewest anywhere
    worst_after   with the other program
    mean_before   on average over the samples
    mean_after    with the other program
    """

    name: str
    worst_before: Digits
    worst_after: Digits
    mean_before: Digits
    mean_after: Digits


@dataclass(frozen=True)
class BetterProgram:
    """A program to write instead: verified to be the same function, and to keep more digits.

    program   the whole of it
    steps     what was rewritten, and to what
    columns   the digits before and after
    verified  how it was held against the function
    extends   whether it has a value where the program has none (a hole)
    """

    program: str
    steps: tuple[tuple[str, str], ...]
    columns: tuple[BetterColumn, ...]
    verified: str
    extends: bool = False


@dataclass(frozen=True)
class Audit(JsonAnswer, Displayed, schema=SCHEMA):
    """How many digits a program keeps over a range.

    program     as it was given
    name        of its value
    axes        what varies
    at          the other variables
    dtype       that is computed in
    min_digits  so many are enough
    columns     what was counted
    stretches   where too few digits are kept, the worst first
    places      what is special, from left to right; of one variable
    better      what to write instead; None where nothing better was found, or nothing is needed
    samples     in order
    undecided   at how many samples the reference could not tell
    verdict     of f and of autograd: trusted, sensitive (no worse than the inputs' own rounding), loses digits,
                undecided, no value
    notes       what a reader should know
    versions    of gradcli and torch
    """

    program: str
    name: str
    axes: tuple[AuditAxis, ...]
    at: Mapping[str, Listed]
    dtype: DtypeWord
    min_digits: Digits
    columns: tuple[AuditColumn, ...]
    stretches: tuple[LossStretch, ...]
    places: tuple[AuditPlace, ...]
    better: BetterProgram | None
    samples: tuple[AuditSample, ...]
    undecided: Count
    verdict: AuditVerdict
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    JSON: ClassVar[JsonLayout] = JsonLayout(
        "program name axes at dtype min_digits verdict columns stretches places better undecided samples notes"
        " versions",
        optional=("notes",),
    )

    @property
    def exit_code(self) -> ExitCode:
        """The exit code that the answer leads to."""
        return CODES[self.verdict]
