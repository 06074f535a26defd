"""What was found out about claims: plain data. Views are functions of it; nothing here computes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Union

from gradcli.errors import ExitCode
from gradcli.reference.verdict import ClaimVerdict, worst
from gradcli.tape.codec import JsonLayout, as_fields
from gradcli.tape.strict import line

SCHEMA = "gradcli.check/1"
DIGITS = 25  # in which a claim has to agree with the truth
MODES_DIGITS = 7.0  # of a double's 16, in which forward and reverse mode agree: with fewer they differ
ROUNDING_DIGITS = 13.0  # in which they agree where nothing but rounding tells them apart

# A point as it is written down: each name with a number in decimals or as a fraction, nested for tensors.
Written = Union[str, Sequence[Any]]
Point = Mapping[str, Written]


@dataclass(frozen=True)
class Counterexample:
    """A point at which a claim is wrong; numbers are decimals.

    index     of the entry, the output's indices first, where the claim is a tensor
    claimed   what the claim comes to there; None where it has no value
    true      the derivative's true value
    """

    at: Point
    claimed: str | None
    true: str
    index: tuple[int, ...] = ()

    JSON: ClassVar = JsonLayout("at index claimed true")


@dataclass(frozen=True)
class Exceptional:
    """A point that does not speak against a claim, though the claim does not say what is there.

    kind      of the special place: corner, jump, ...; None where the claim alone has no value
    true      the derivative, where it exists; left, right: the one-sided ones, perhaps "inf" or "-inf"
    """

    at: Point
    claimed: str | None
    true: str | None = None
    kind: str | None = None
    left: str | None = None
    right: str | None = None
    index: tuple[int, ...] = ()

    JSON: ClassVar = JsonLayout("at index claimed true kind left right", sides=("left", "right"))


@dataclass(frozen=True)
class Slip:
    """A mistake that explains a wrong claim: with it, the claim is what comes out.

    code      what sort of mistake, one of `SLIPS`
    sentence  the same for a reader, with the piece of the program that it is about
    span      of that piece in the program
    """

    code: str
    sentence: str
    span: tuple[int, int] | None = None


@dataclass(frozen=True)
class Rate:
    """The order of the Taylor remainder along random directions, measured.

    measured  the order, None where the remainder is 0; expected: of a right claim
    """

    expected: int
    measured: float | None
    directions: int


@dataclass(frozen=True)
class ClaimFinding:
    """What is to be said of one claim.

    wrt             the names that the claimed derivative is by, one for each order
    claim           the claimed formula as it was written, or the claimed number; None: autograd's derivative
    at              of a claimed number, the point
    points          at how many sampled points it held
    span            the smallest and the largest magnitude of a variable at these points
    proved          whether SymPy found the claim identical with the derivative
    counterexample  where the claim is wrong
    exceptions      points that do not count, with the reason; `excepted` is how many there are in all
    slip            the mistake that explains a wrong claim
    correct         the right formula
    rate            of the Taylor remainder with this claim
    digits          of a claimed number, those that are right; of autograd's numbers, those at the worst point
    computed        whether a claimed number was a number of Python, which rounding on the way may have changed
    unfinished      what there was no time for: "truth" of a claimed number, "rate", "proof", "slip"
    """

    wrt: tuple[str, ...]
    verdict: ClaimVerdict
    claim: str | None = None
    shape: tuple[int, ...] = ()
    at: Point | None = None
    points: int = 0
    span: tuple[str, str] | None = None
    counterexample: Counterexample | None = None
    exceptions: tuple[Exceptional, ...] = ()
    excepted: int = 0
    slip: Slip | None = None
    correct: str | None = None
    rate: Rate | None = None
    digits: float | None = None
    note: str | None = None
    computed: bool = False
    unfinished: tuple[str, ...] = ()

    JSON: ClassVar = JsonLayout(
        "wrt claim shape at verdict points span counterexample exceptions excepted slip correct rate digits note"
        " computed unfinished"
    )
    BRIEF: ClassVar = ("wrt", "claim", "verdict", "points", "counterexample", "slip", "correct", "note")

    def brief(self) -> dict[str, Any]:
        """What matters of it where it stands within another answer."""
        whole = as_fields(self)
        return {name: whole[name] for name in self.BRIEF}


@dataclass(frozen=True)
class Modes:
    """Forward mode held against reverse mode, in double precision: at how many points, and how many digits agree."""

    points: int
    digits: float | None = None
    at: Point | None = None  # the worst one
    note: str | None = None  # why there is nothing to compare

    JSON: ClassVar = JsonLayout("points digits agree at note")

    @property
    def agree(self) -> bool | None:
        """Whether the two modes say the same; None where they were not compared."""
        return None if self.digits is None else self.digits >= MODES_DIGITS

    @property
    def is_rounding(self) -> bool:
        """Whether nothing but rounding tells the two apart."""
        return self.digits is not None and self.digits >= ROUNDING_DIGITS


@dataclass(frozen=True)
class Check:
    """The answer to one check: a program, or a Python callable, and what there is to say of each claim.

    at        the point that was given: what no claim is by is held there
    wrt       the names that the claimed derivatives are by
    points    where the claims were held against the truth: with the program, the claims and the seed, all that a
              replay needs
    late      the numbers of those points, from 0, that there was no time for
    imported  the Python callable that was checked, as it was named; None of a program
    """

    program: str
    findings: tuple[ClaimFinding, ...]
    name: str = "f"
    order: int = 1
    shapes: Mapping[str, Sequence[int]] = field(default_factory=dict)
    at: Point | None = None
    wrt: tuple[str, ...] = ()
    points: tuple[Point, ...] = ()
    late: tuple[int, ...] = ()
    seed: int = 0
    digits: int = DIGITS
    modes: Modes | None = None
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    imported: str | None = None

    JSON: ClassVar = JsonLayout(
        "program imported name at wrt order shapes verdict findings modes points late seed digits notes versions",
        named={"findings": "claims"},
    )

    @property
    def verdict(self) -> ClaimVerdict | None:
        """The worst of the claims' verdicts; None where there are none."""
        return worst(finding.verdict for finding in self.findings)

    @property
    def exit_code(self) -> ExitCode:
        """The exit code that the answer leads to."""
        return self.verdict.exit_code if self.verdict else ExitCode.AGREE

    def to_dict(self) -> dict[str, Any]:
        """The answer in the shape of the schema gradcli.check/1: a certificate, which `--replay` reads."""
        return {"schema": SCHEMA, **as_fields(self)}

    def brief(self) -> dict[str, Any]:
        """The verdicts alone, for an answer that has others too."""
        return {
            "verdict": self.verdict.value if self.verdict else None,
            "claims": [finding.brief() for finding in self.findings], "seed": self.seed, "digits": self.digits,
        }  # fmt: skip

    def to_json(self) -> str:
        """The answer as one line of strict JSON."""
        return line(self.to_dict())
