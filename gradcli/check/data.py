"""What was found out about claims: plain data. Views are functions of it; nothing here computes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Union

from gradcli.errors import ExitCode
from gradcli.problem.options import MAX_SEED
from gradcli.reference.verdict import ClaimVerdict, worst
from gradcli.tape.codec import JsonAnswer, JsonLayout, as_fields
from gradcli.tape.kinds import Count, Decimals, Finite, Index, Limits, Names, NestedLists, OneOf, PointKind, TextForm
from gradcli.terminal.page import Displayed

SCHEMA = "gradcli.check/2"
DIGITS = 25  # in which a claim has to agree with the truth
MODES_DIGITS = 7.0  # of a double's 16, in which forward and reverse mode agree: with fewer they differ
ROUNDING_DIGITS = 13.0  # in which they agree where nothing but rounding tells them apart

MAX_CLAIMS = 1_000
NOT_AS_ASSUMED = "The point that was given is not as it is assumed, and is not judged."
MAX_ORDER = 8  # each order takes a sweep over what the one before wrote
MAX_POINTS = 1_000
MOST_DIGITS = 30  # in which a claim can be held against the truth
LONGEST = 2_000  # characters of a number at a point; the smallest double has 758, and exponents are no larger either

# A point as it is written down: each name with a number in decimals or as a fraction, nested for tensors.
EXACT = TextForm(
    r"-?[0-9]+(?:\.[0-9]+)?(?:e-?(?:[01]?[0-9]{1,3}|2000))?|-?[0-9]+/0*[1-9][0-9]*",
    'a number as a string: "0.5", "1/3", "2e-9"',
    LONGEST,
)
WRITTEN = NestedLists(
    "exact", Annotated[str, EXACT],
    "A number that is said exactly: decimals, or numerator/denominator; nested lists of them for a tensor.",
)  # fmt: skip
Written = Annotated[Union[str, Sequence[Any]], WRITTEN]
Point = Mapping[str, Written]


@dataclass(frozen=True)
class Counterexample:
    """A point at which a claim is wrong, the one that is the easiest to follow; numbers are decimals.

    at        the value of each variable
    index     of the entry, the output's indices first; empty where the derivative is a number
    claimed   what the claim comes to there; None where it has no value
    true      the derivative; None where there is none
    kind      of the special place, where there is no derivative and it is known why
    """

    at: Point
    claimed: str | None
    true: Decimals | None
    index: Index = ()
    kind: PointKind | None = None

    JSON: ClassVar[JsonLayout] = JsonLayout("at index claimed true kind")


@dataclass(frozen=True)
class Exceptional:
    """A point that does not speak against a claim, though the claim does not say what is there.

    at           the value of each variable
    index        of the entry, the output's indices first; empty where the derivative is a number
    claimed      what the claim comes to there; None where it has no value
    true         the derivative; None where there is none
    kind         of the special place; None where the claim alone has no value
    left, right  the one-sided derivatives, perhaps infinite
    """

    at: Point
    claimed: str | None
    true: Decimals | None = None
    kind: PointKind | None = None
    left: Decimals | None = None
    right: Decimals | None = None
    index: Index = ()

    JSON: ClassVar[JsonLayout] = JsonLayout("at index claimed true kind left right", sides=("left", "right"))


@dataclass(frozen=True)
class LikelyMistake:
    """The one mistake that gives just what is claimed.

    code      what sort of mistake: inner, sign, term, quotient, square, power, constant, transposed, size, ...
    sentence  the same for a reader, with the piece of the program that it is about
    span      of that piece in the program: its first character, and the one after the last
    """

    code: Annotated[str, TextForm("[a-z]+(?: [a-z]+)*", "words in small letters")]
    sentence: str
    span: tuple[Count, Count] | None = None


@dataclass(frozen=True)
class Rate:
    """The order of the Taylor remainder with a claim, measured.

    expected    of a right gradient 2, of a right Hessian 3, one more for each order
    measured    the order; None where the remainder is 0
    directions  how many random ones, at some of the points
    """

    expected: Annotated[int, Limits(2, MAX_ORDER + 1)]
    measured: Finite | None
    directions: Count


@dataclass(frozen=True)
class ClaimFinding:
    """What is to be said of one claim.

    wrt             the names that the claimed derivative is by, one for each order
    claim           the formula or the number as it was written; None: autograd's derivative, and with it every
                    hand-written one
    shape           the output's, then each variable's; empty for a number
    at              of a claimed number, the point; None of a formula
    verdict         what to believe of it
    points          at how many sampled points it held
    span            the smallest and the largest size of a number at these points
    counterexample  where it is wrong; None where it is not
    exceptions      points that do not count, some of them: on a kink, or where one of the two sides has no value
    excepted        how many such points there were
    slip            the mistake that explains a wrong claim; None where there is none
    correct         the right formula, of a claim that is false
    rate            of the Taylor remainder with this claim; None where it was not measured
    digits          of a claimed number, how many are right; of a Python callable's gradient, at the worst point
    note            what else there is to say
    given           what became of it at the point that was given: held, wrong, special (the derivative is not there, or
                    the point is on a kink), undecided; None where none was given
    positive        of a claim that is false only where a variable is not positive: at how many points it held
    computed        whether a claimed number was a number of Python, which rounding on the way may have changed: half
                    its digits have to be right; one that was written down has to be right to its last decimal
    unfinished      what there was no time for ("truth" of a claimed number): a replay leaves it out, so that it does
                    not depend on how fast a machine is
    letters         of a claim about entries, its indices: those of the output, then those of each name
    """

    wrt: Names
    verdict: ClaimVerdict
    claim: str | None = None
    shape: Index = ()
    at: Point | None = None
    points: Count = 0
    span: tuple[Finite, Finite] | None = None
    counterexample: Counterexample | None = None
    exceptions: tuple[Exceptional, ...] = ()
    excepted: Count = 0
    slip: LikelyMistake | None = None
    correct: str | None = None
    rate: Rate | None = None
    digits: Finite | None = None
    note: str | None = None
    computed: bool = False
    unfinished: tuple[Annotated[str, OneOf(("truth", "rate", "proof", "slip"))], ...] = ()
    letters: tuple[tuple[str, ...], ...] = ()
    given: Annotated[str, OneOf(("held", "wrong", "special", "undecided"))] | None = None
    positive: Count = 0

    JSON: ClassVar[JsonLayout] = JsonLayout(
        "wrt claim shape at verdict points span counterexample exceptions excepted slip correct rate digits note"
        " computed unfinished letters given positive",
        brief="wrt claim verdict points counterexample slip correct note given positive",
    )


@dataclass(frozen=True)
class Modes:
    """Forward mode held against reverse mode, in double precision.

    points  at how many both have a finite derivative
    digits  how many agree at the worst of them
    agree   whether that is enough to say that they agree; None where nothing was compared
    at      the worst point
    note    why there is nothing to compare
    """

    points: Count
    digits: Finite | None = None
    at: Point | None = None
    note: str | None = None

    JSON: ClassVar[JsonLayout] = JsonLayout("points digits agree at note", sometimes=("agree",))

    @property
    def agree(self) -> bool | None:
        """Whether the two modes say the same; None where they were not compared."""
        return None if self.digits is None else self.digits >= MODES_DIGITS

    @property
    def is_rounding(self) -> bool:
        """Whether nothing but rounding tells the two apart."""
        return self.digits is not None and self.digits >= ROUNDING_DIGITS


@dataclass(frozen=True)
class Check(JsonAnswer, Displayed, schema=SCHEMA):
    """The answer to one check: a program, or a Python callable, and what there is to say of each claim.

    program   as it was given
    imported  the Python callable that was checked, as it was named; None of a program: a replay runs no Python
    name      what the output is called
    at        the point that was given, one more of those that are judged; None where none was
    held      variables that have one value everywhere
    assumed   what holds at all points: comparisons
    doubles   whether the decimals of program and claims were doubles: each may be off by its rounding
    wrt       the names that the claimed derivatives are by: variables or intermediates
    order     1: gradients; 2: Hessians; and so on
    shapes    of each variable that is a tensor
    verdict   the worst of the claims' verdicts; None where nothing was claimed
    findings  what there is to say of each claim: formulas first, then numbers
    modes     forward mode held against reverse mode; None where that was not done
    points    where formulas were held against the truth: the given point first, then simple ones, then the others; with
              the program, the claims and the seed all that a replay needs
    late      the numbers of those points, from 0, that there was no time for
    seed      of the sampled points
    digits    in how many a formula has to agree with the truth, 14 where it holds the decimals of doubles; fewer where
              numbers of a Python callable do
    notes     what there is to say of the whole check
    versions  of gradcli, and of the libraries that took part
    """

    program: str
    findings: Annotated[tuple[ClaimFinding, ...], Limits(0, MAX_CLAIMS)]
    name: str = "f"
    order: Annotated[int, Limits(1, MAX_ORDER)] = 1
    shapes: Mapping[str, Sequence[Count]] = field(default_factory=dict)
    at: Point | None = None
    held: Point = field(default_factory=dict)
    assumed: tuple[str, ...] = ()
    doubles: bool = False
    wrt: tuple[str, ...] = ()
    points: Annotated[tuple[Point, ...], Limits(0, MAX_POINTS)] = ()
    late: Index = ()
    seed: Annotated[int, Limits(0, MAX_SEED)] = 0
    digits: Annotated[int, Limits(1, MOST_DIGITS)] = DIGITS
    modes: Modes | None = None
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    imported: str | None = None

    JSON: ClassVar[JsonLayout] = JsonLayout(
        "program imported name at held assumed doubles wrt order shapes verdict findings modes points late seed digits"
        " notes versions",
        named={"findings": "claims"},
        brief="verdict findings seed digits",
    )

    @property
    def verdict(self) -> ClaimVerdict | None:
        """The worst of the claims' verdicts; None where there are none."""
        return worst(finding.verdict for finding in self.findings)

    @property
    def exit_code(self) -> ExitCode:
        """The exit code that the answer leads to."""
        return self.verdict.exit_code if self.verdict else ExitCode.AGREE

    def brief(self) -> dict[str, Any]:
        """The verdicts alone, for an answer that has others too."""
        return as_fields(self, brief=True)
