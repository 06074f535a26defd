"""What the sources say, as plain data that can be sent between processes as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from gradcli.tape.kinds import Limits, PointKind

TIME_UP = "the time was up (--patience)"

Positions = tuple[int, ...]  # which partial: the positions of its variables among the names it is by


@dataclass(frozen=True)
class StepQuotients:
    """The difference quotients of a step `h`, of each output; `stuck`: the variable is the same with h added."""

    h: float
    forward: tuple[float, ...]
    backward: tuple[float, ...]
    central: tuple[float, ...]
    stuck: bool


@dataclass(frozen=True)
class Numbers:
    """What autograd says: the value, and each partial; `odd`: whether anything on the way to it is not finite.

    `quotients` are beside them, by the variable that moves, where they were asked for.
    """

    value: float
    partials: dict[Positions, float]
    version: str
    odd: bool = False
    imaginary: float | None = None  # part of the value, where the program may pass through the complex plane
    quotients: dict[str, list[StepQuotients]] = field(default_factory=dict)
    is_left_out: bool = False  # whether the derivatives are of an order that takes a graph of too many operations


@dataclass(frozen=True)
class Near:
    """A nonsmooth point within the rounding of the point, and the operation that has it.

    kind      of the nonsmooth point
    operation the function or operator
    variable  whose move alone, of all that reach it, changes its number the least, relative to that number
    distance  how far it moves; both are None where no variable alone reaches it
    """

    kind: PointKind
    operation: str
    variable: str | None = None
    distance: Annotated[float, Limits(0)] | None = None


@dataclass(frozen=True)
class Finding:
    """What the reference knows of one partial; numbers are decimal strings.

    exists    None where it cannot tell
    taken     the chain rule with autograd's conventions
    size      what an entry of a tensor is compared with where it is 0
    proof     "enclosed": every digit is proven; "estimated": a function, or a limit, is not
    rounding  where the derivative is small beside its terms, the sum of |c * derivative by c| over the typed numbers c
    rounded   the typed numbers that this mostly comes from
    flat      where the derivative is 0, |f|/|x|: a slope of the order of the rounding of f is a multiple of it
    near      nonsmooth points within the rounding of the point
    """

    exists: bool | None
    value: str | None = None
    taken: str | None = None
    size: str | None = None
    kind: str | None = None
    left: str | None = None
    right: str | None = None
    limit: str | None = None
    note: str | None = None
    proof: str | None = None
    rounding: str | None = None
    rounded: tuple[str, ...] = ()
    flat: str | None = None
    near: tuple[Near, ...] = ()


@dataclass
class Findings:
    """What the reference knows of the value of a program and of all its partials."""

    value: str | None = None
    value_rounding: str | None = None  # the sum of |c * derivative by c| over the typed numbers, where it is small
    partials: dict[Positions, Finding] = field(default_factory=dict)


@dataclass(frozen=True)
class Formula:
    """A partial's formula: in the language, in LaTeX where it was asked for, and its value at the point.

    text      in the names of the program, and of definitions; of a tensor that of the entry at `indices`
    value     of a number: in decimals, from arithmetic that knows its error
    expanded  in the variables alone; None where it would be too long
    is_program  whether it uses definitions
    here      of a tensor: with the sizes put in, where that is another text
    sizes     of a tensor: the letters for sizes, and their values
    matrix, matrix_latex  the formula of the whole tensor, where there is a short one
    Without a `text`, `note` says why there is none; with one, where it does not hold.
    """

    text: str | None = None
    latex: str | None = None
    value: str | None = None
    note: str | None = None
    expanded: str | None = None
    is_program: bool = False
    here: str | None = None
    indices: tuple[str, ...] = ()
    sizes: Mapping[str, int] = field(default_factory=dict, hash=False)
    matrix: str | None = None
    matrix_latex: str | None = None


@dataclass(frozen=True)
class Definition:
    """What a name stands for that formulas use, and the program does not have."""

    name: str
    text: str
    latex: str | None = None


@dataclass
class Evidence:
    """The true value of the program, and the finding and the formula for each partial."""

    version: str
    value: str | None = None
    findings: dict[Positions, Finding] = field(default_factory=dict)
    formulas: dict[Positions, Formula] = field(default_factory=dict)
    value_rounding: str | None = None
    definitions: tuple[Definition, ...] = ()  # each in terms of the ones before it
    imaginary: str | None = None  # part of the value
    higher: dict[Positions, str] = field(default_factory=dict)  # derivatives of orders 2 and 3 that were asked for
    places: dict[str, str] = field(default_factory=dict)  # values of what the program computes and is differentiated by
