"""The plain data of a descent. Views are functions of it; nothing here computes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

from gradcli.diff.data import Entries, Result, Verdict
from gradcli.errors import ExitCode
from gradcli.tape.codec import JsonLayout, as_fields
from gradcli.tape.kinds import Count, Decimals, DtypeWord, Finite, Names, OneOf
from gradcli.tape.strict import pieces, plain
from gradcli.terminal.page import Displayed

SCHEMA, STEP_SCHEMA = "gradcli.descend/1", "gradcli.descend.step/1"
METHODS = ("sgd", "momentum", "adam", "newton")
MINIMUM, MAXIMUM, SADDLE, FLAT = "minimum", "maximum", "saddle", "flat"

ALL_STEPS, STATIONARY = "all steps", "stationary"
RISING, NOT_FINITE, BACK_AND_FORTH, STUCK, SINGULAR = "rising", "not finite", "back and forth", "stuck", "singular"
STOPS = (ALL_STEPS, STATIONARY, RISING, NOT_FINITE, BACK_AND_FORTH, STUCK, SINGULAR)


@dataclass(frozen=True)
class DescentStep:
    """Where a descent is after some steps.

    step              how many
    loss              the program's value here
    batch_loss        that of the rows the step goes by, with --batch-size
    gradient_norm     of the gradient here; with --batch-size of that of the rows
    accumulated_norm  with --accumulate, of .grad, to which the gradients before it are added
    variables         the values here
    """

    step: Count
    loss: float
    gradient_norm: float
    variables: Mapping[str, Entries]
    batch_loss: float | None = None
    accumulated_norm: float | None = None

    JSON: ClassVar[JsonLayout] = JsonLayout(
        "step loss batch_loss gradient_norm accumulated_norm variables", optional=("batch_loss", "accumulated_norm")
    )

    def fields(self) -> dict[str, Any]:
        """The fields of the schema, with arrays as they are."""
        return as_fields(self, variables=dict(self.variables))

    def json_pieces(self) -> Iterator[str]:
        """The step as one line of strict JSON, some of it at a time."""
        return pieces({"schema": STEP_SCHEMA, **self.fields()})


@dataclass(frozen=True)
class Curvature:
    """How the loss bends where it began to rise, which bounds the rate.

    step     from where on it rises
    along    the second derivative along the gradient, of unit length
    largest  the largest eigenvalue of the Hessian
    bound    the rate from which on a quadratic loss of this curvature diverges; None where it does not bend upwards
    """

    step: Count
    along: Finite
    largest: Finite
    bound: Finite | None


@dataclass(frozen=True)
class EndKind:
    """What sort of stationary point a descent has come to.

    kind         minimum, maximum, saddle; flat where the second derivatives do not tell
    eigenvalues  of the Hessian at the last point, in rising order
    proven       whether balls prove that there is one such point
    at           where it is, in decimals, where that is proven
    """

    kind: Annotated[str, OneOf((MINIMUM, MAXIMUM, SADDLE, FLAT))]
    eigenvalues: tuple[Finite, ...]
    proven: bool = False
    at: Mapping[str, Decimals] | None = None

    JSON: ClassVar[JsonLayout] = JsonLayout("kind eigenvalues proven at", optional=("at",))


@dataclass(frozen=True)
class Descent(Displayed):
    """A descent: its steps, why it ended, and what is to be believed of the last gradient.

    program     as it was given
    name        of the loss
    wrt         the variables that move
    method      what takes the steps
    rate        the learning rate
    momentum    of the method of that name; absent of others
    tolerance   the norm of a gradient that counts as 0
    accumulate  whether gradients are added up, as they are without zero_grad
    data        the file of columns; absent where there is none
    columns     its columns that the program uses; absent where there are none
    rows        how many rows it has; 0 where there is none
    batch_size  rows that a step goes by; absent where it goes by all
    seed        of the order of the rows; absent likewise
    dtype       of all numbers
    path        where it was, in order; with --every not after each step; empty in the last line of jsonl
    steps       how many were made
    stopped     why no more were
    said        that in words, a sentence each, with what went wrong
    with_zero_grad  of accumulated gradients: the loss after as many steps without accumulation; absent elsewhere
    curvature   where the loss began to rise; absent where it does not
    end         what sort of stationary point it came to; absent where it came to none
    verdict     on the value and the gradient at the last point; None where they were not judged
    last        the derivatives at the last point, as gradcli diff has them; absent where none were asked for
    notes       what a reader should know; absent where there is nothing to say
    versions    of gradcli and torch
    """

    program: str
    name: str
    wrt: Names
    method: Annotated[str, OneOf(METHODS)]
    rate: Finite
    tolerance: Finite
    accumulate: bool
    dtype: DtypeWord
    path: tuple[DescentStep, ...]
    steps: Count
    stopped: Annotated[str, OneOf(STOPS)]
    said: tuple[str, ...]
    momentum: Finite | None = None
    data: str | None = None
    columns: tuple[str, ...] = ()
    rows: Count = 0
    batch_size: Count | None = None
    seed: Count | None = None
    with_zero_grad: float | None = None
    curvature: Curvature | None = None
    end: EndKind | None = None
    last: Result | None = None
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    JSON: ClassVar[JsonLayout] = JsonLayout(
        "program name wrt method rate momentum tolerance accumulate data columns rows batch_size seed dtype path steps"
        " stopped said with_zero_grad curvature end verdict last notes versions",
        optional=(
            "momentum", "data", "columns", "batch_size", "seed", "with_zero_grad", "curvature", "end", "last", "notes",
        ),
    )  # fmt: skip

    @property
    def verdict(self) -> Verdict | None:
        """That of the value and the gradient at the last point; None where they were not judged."""
        return None if self.last is None else self.last.verdict

    @property
    def exit_code(self) -> ExitCode:
        """That of the last gradient."""
        return ExitCode.AGREE if self.last is None else self.last.exit_code

    @property
    def point(self) -> Mapping[str, Entries]:
        """Where it ended."""
        return self.path[-1].variables

    def fields(self) -> dict[str, Any]:
        """The fields of the schema, with arrays as they are."""
        given: dict[str, Any] = {"path": [one.fields() for one in self.path]}
        if self.last is not None:
            given["last"] = {name: value for name, value in self.last.fields().items() if name != "schema"}
        return {"schema": SCHEMA, **as_fields(self, (), **given)}

    def to_dict(self) -> dict[str, Any]:
        """The answer in the shape of the schema gradcli.descend/1."""
        found: dict[str, Any] = plain(self.fields())
        return found

    def to_json(self) -> str:
        """The answer as one line of strict JSON."""
        return "".join(self.json_pieces())

    def json_pieces(self, with_path: bool = True) -> Iterator[str]:
        """The same text, some of it at a time; the steps may be left out."""
        return pieces(self.fields() if with_path else {**self.fields(), "path": []})
