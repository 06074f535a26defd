"""The answer of an error propagation as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, ClassVar

from gradcli.errors import ExitCode
from gradcli.tape.codec import JsonAnswer, JsonLayout
from gradcli.tape.kinds import NUMBERS
from gradcli.terminal.page import Displayed

SCHEMA = "gradcli.propagate/1"
Matrix = tuple[tuple[float, ...], ...]


class Linearity(Enum):
    """Whether the linear propagation may be believed."""

    LINEAR = "linear is right"
    NOT_NORMAL = "not normal: use the Monte Carlo interval"
    NOT_LINEAR = "not linear: use the Monte Carlo interval"
    NO_DERIVATIVE = "no derivative here: use the Monte Carlo interval"
    UNDECIDED = "undecided"

    @property
    def exit_code(self) -> ExitCode:
        """What the process says of it."""
        if self is Linearity.LINEAR:
            return ExitCode.AGREE
        if self is Linearity.NO_DERIVATIVE:
            return ExitCode.UNDEFINED
        return ExitCode.LIMIT if self is Linearity.UNDECIDED else ExitCode.WRONG


@dataclass(frozen=True)
class MeasuredInput:
    """An input with an uncertainty.

    name          the variable
    value         its estimate
    u             its standard uncertainty
    dof           the degrees of freedom of u; None where they are infinite
    distribution  what it is drawn from in the Monte Carlo: normal, t, rectangular, triangular or arcsine
    """

    name: str
    value: float
    u: float
    dof: float | None = None
    distribution: str = "normal"


@dataclass(frozen=True)
class BudgetLine:
    """What an input brings to the uncertainty of an output.

    name         the input
    sensitivity  the partial derivative by it
    formula      the same as a formula, in the program's names; None where there is none
    latex        the formula in LaTeX
    part         |sensitivity| times the input's standard uncertainty
    share        of the variance of the output, in percent; correlations have their own
    """

    name: str
    sensitivity: float
    formula: str | None
    latex: str | None
    part: float
    share: float


@dataclass(frozen=True)
class Spread:
    """What the Monte Carlo found of an output.

    mean        of the samples
    u           their standard deviation
    low, high   the ends of the interval that leaves out as many below as above
    shortest_low, shortest_high  of the shortest interval of the same coverage
    without_value  the part of the samples in which the program has no value
    """

    mean: float
    u: float
    low: float
    high: float
    shortest_low: float
    shortest_high: float
    without_value: float


@dataclass(frozen=True)
class PropagatedOutput:
    """One output with its uncertainty.

    name          what it is called
    value         the program's value at the estimates
    u             its standard uncertainty by linear propagation; None where a derivative is missing
    rounded       both, with two significant digits of u
    budget        by input, the largest first
    correlations_share  what correlations bring, in percent of the variance; negative where they take away
    dof           the effective degrees of freedom (Welch-Satterthwaite); None where they are infinite or unknown
    factor        the coverage factor
    low, high     the ends of the linear interval
    second_u      the standard uncertainty with the terms of the next order (GUM 5.1.2, for normal inputs)
    bias          what the second order adds to the mean
    monte_carlo   what sampling says; None where it was not asked for
    tolerance     how far the ends of both intervals may be apart
    verdict       whether the linear propagation may be believed
    reason        why
    formula, latex  of the standard uncertainty
    """

    name: str
    value: float
    u: float | None
    rounded: str
    budget: tuple[BudgetLine, ...]
    correlations_share: float
    dof: float | None
    factor: float
    low: float | None
    high: float | None
    second_u: float | None
    bias: float | None
    monte_carlo: Spread | None
    tolerance: float | None
    verdict: Linearity
    reason: str
    formula: str | None = None
    latex: str | None = None


@dataclass(frozen=True)
class Propagation(JsonAnswer, Displayed, schema=SCHEMA):
    """The outputs of a program with their uncertainties.

    program      as it was given
    inputs       those with an uncertainty
    exact        the values of the others that are numbers
    correlation  of the inputs, in their order
    outputs      one for each
    covariance, output_correlation  of the outputs, in their order; empty where a derivative is missing
    coverage     of the intervals, in percent
    samples      how many the Monte Carlo drew
    seed         of its generator
    definitions, definitions_latex  of names that the formulas use and the program does not have
    notes        what else is to be said, a sentence each
    versions     of the software that took part
    verdict      the worst of the outputs'
    """

    program: str
    inputs: tuple[MeasuredInput, ...]
    exact: Mapping[str, float]
    correlation: Matrix
    outputs: tuple[PropagatedOutput, ...]
    covariance: Annotated[Matrix, NUMBERS]
    output_correlation: Annotated[Matrix, NUMBERS]
    coverage: float
    samples: int
    seed: int
    definitions: tuple[str, ...] = ()
    definitions_latex: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    JSON: ClassVar[JsonLayout] = JsonLayout(
        "program inputs exact correlation outputs covariance output_correlation coverage samples seed verdict"
        " definitions definitions_latex notes versions",
        numbers=("covariance", "output_correlation"),
    )

    @property
    def verdict(self) -> Linearity:
        """The worst of the outputs' verdicts."""
        order = list(Linearity)
        badness = (
            Linearity.NOT_LINEAR, Linearity.NOT_NORMAL, Linearity.NO_DERIVATIVE, Linearity.UNDECIDED, Linearity.LINEAR,
        )  # fmt: skip
        assert len(badness) == len(order)
        return min((one.verdict for one in self.outputs), key=badness.index)

    @property
    def exit_code(self) -> ExitCode:
        """The exit code that the answer leads to."""
        return self.verdict.exit_code
