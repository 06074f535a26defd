"""What is to be computed: a program, a point, and the derivatives that are wanted. Nothing heavy is imported."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TypeVar

from gradcli.errors import LimitError
from gradcli.functions.shapes import Shape
from gradcli.language.names import Names
from gradcli.language.nodes import Define, DefineDerivative, Program
from gradcli.language.notes import notes_of
from gradcli.language.numbers import Dtype
from gradcli.problem.settled import Settled
from gradcli.problem.values import Value, is_finite
from gradcli.runtime.deadlines import WALL, Deadline, OutOfTime
from gradcli.tape.direction import Direction
from gradcli.tape.lower import lower
from gradcli.tape.lower_tensors import has_definitions
from gradcli.tape.sweep import expand
from gradcli.tape.tape import ConstantNumber, Tape

MAX_ORDER = 10  # of derivatives that are written out: with each, there are some times as many operations
MAX_SERIES_ORDER = 100  # of derivatives of numbers that are taken from Taylor series
MAX_NODES = 5_000  # of the graphs that autograd takes such an order of: with each order they grow by some times
SECONDS_A_PARTIAL = 0.005
SECONDS_AN_OPERATION = 1e-4
SECONDS_OF_TENSORS = 60.0  # for the reference on whole tensors, whose operations are counted: a last resort
SECONDS_OF_SERIES = 20.0  # for the reference at high orders: a last resort
SECONDS_OF_AUTOGRAD = 10.0  # torch imports its compiler when some second derivatives are first asked for
NO_FORMULAS = f"beyond order {MAX_ORDER} there are no formulas: the derivatives are from Taylor series"
SET = "differentiated by the names that the program sets to numbers: {}"


T = TypeVar("T")


@dataclass(frozen=True)
class Job:
    """One computation.

    point       the value of each variable, a number of the dtype; None for formulas alone
    wrt         the names to differentiate by: variables, or intermediates where they stand
    digits      of the reference
    min_digits  correct ones that make a number right; None: half of the dtype's
    shapes      of the variables that are tensors
    direction   for the product of the Jacobian with a vector
    hessian     whether the second derivatives are shown as one matrix
    patience    seconds for the formulas and the reference, beyond what the mere length of the program takes
    formulas    whether they are wanted: of a program over tensors the numbers may do
    diagnose    whether to look for where what is not finite comes from
    explain     whether to look for where digits were lost, too
    complex     whether it may pass through the complex plane: roots, logarithms and powers on their principal branches
    settled     the variables whose values went into the program, with these
    by_default  whether `wrt` are the names that the program sets to numbers: it has no variables
    signs       of variables that are assumed to be positive (1) or negative (-1): formulas are shorter then
    remarks     what there is to say of code that was pasted for a program
    relative    whether elasticities and condition numbers are wanted
    scale       of variables: the change of each that derivatives are wanted for, too
    sort        whether the largest derivatives stand first
    quotients   whether difference quotients are wanted beside the derivatives
    """

    program: Program
    names: Names
    point: Mapping[str, Value] | None
    wrt: tuple[str, ...]
    order: int
    dtype: Dtype
    device: str = "cpu"
    digits: int = 20
    min_digits: float | None = None
    patience: float = 2.0
    latex: bool = False
    reference: bool = True
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    direction: Direction | None = None
    hessian: bool = False
    formulas: bool = True
    diagnose: bool = False
    explain: bool = False
    by_default: bool = False
    complex: bool = False
    settled: Settled | None = None
    remarks: tuple[str, ...] = ()
    signs: Mapping[str, int] = field(default_factory=dict)
    relative: bool = False
    scale: Mapping[str, Fraction] | None = None
    sort: bool = False
    quotients: bool = False

    @cached_property
    def typed(self) -> Tape:
        """The tape that torch runs."""
        return self._lower(custom_vjps=True)

    @cached_property
    def written(self) -> Tape:
        """The tape with its rows for tensors written out, and without hand-written derivatives."""
        if not self.has_custom_vjps and not has_definitions(self.program):
            return self.typed
        return self._lower(custom_vjps=False, written_out=True)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of how the program was read, a sentence each."""
        own = [SET.format(", ".join(self.wrt))] if self.by_default else []
        if self.is_by_series:
            own.append(NO_FORMULAS)
        settled = self.settled.notes if self.settled else ()
        said = notes_of(self.program, self.names, self.point or ())
        return (*own, *said, *settled, *self.remarks, *self.typed.warnings)

    @property
    def has_tensors(self) -> bool:
        """Whether the program works on tensors."""
        return self.typed.has_tensors

    @property
    def is_by_series(self) -> bool:
        """Whether the order is too high for derivatives that are written out."""
        return self.order > MAX_ORDER

    @property
    def most_nodes(self) -> int | None:
        """Of the graphs that autograd differentiates; None where there is no such limit."""
        return MAX_NODES if self.is_by_series else None

    @property
    def is_plain(self) -> bool:
        """Whether it asks for no more than the derivatives of numbers at a point."""
        more = self.explain or self.relative or self.scale or self.sort or self.quotients or self.direction
        return self.point is not None and not (self.has_tensors or self.not_finite or more)

    @cached_property
    def not_finite(self) -> tuple[str, ...]:
        """The variables with a value that is not finite, or an entry that is not."""
        return tuple(name for name, value in (self.point or {}).items() if not is_finite(value))

    @property
    def numbers(self) -> Mapping[str, Fraction] | None:
        """The point of a program without tensors, as far as it is finite."""
        if self.point is None:
            return None
        return {name: value for name, value in self.point.items() if isinstance(value, Fraction)}

    @cached_property
    def full_point(self) -> Mapping[str, Value]:
        """The value of every variable, the one that a direction brings too."""
        assert self.point is not None
        moves = self.direction is not None and self.direction.is_jvp
        return {**self.point, self.step: Fraction(0)} if moves else self.point

    @property
    def step(self) -> str:
        """The variable along a direction: how far the point moves."""
        return next(name for name in ("t", "s", "h", "step") if name not in self.names.known)

    @property
    def targets(self) -> tuple[str, ...]:
        """The names that the tape is differentiated by."""
        return (self.step,) if self.direction is not None and self.direction.is_jvp else self.wrt

    @cached_property
    def convention(self) -> Tape:
        """The tape of autograd's chain rule: with the hand-written derivatives."""
        return expand(self.typed, self.program.source)

    @cached_property
    def exact(self) -> Tape:
        """The tape of the mathematics: a function's body alone says what its derivative is."""
        if not self.has_custom_vjps:
            return self.convention
        return expand(self._lower(custom_vjps=False), self.program.source)

    @cached_property
    def named(self) -> Tape:
        """The tape of the formulas: the mathematics, where names that the program sets to numbers are operations."""
        tape = self.exact
        numbers = [name for name in self.names.intermediates if isinstance(tape.ops[tape.named[name]], ConstantNumber)]
        if not numbers:
            return tape
        return expand(self._lower(custom_vjps=False, own=numbers), self.program.source)

    @property
    def own_names(self) -> frozenset[str]:
        """All names of the program, those of its functions and their parameters included."""
        functions = [one for one in self.program.statements if isinstance(one, Define)]
        return self.names.known | {name for one in functions for name in (one.name, *one.params)}

    @property
    def has_custom_vjps(self) -> bool:
        """Whether the program gives a derivative to a function of its own."""
        return any(isinstance(statement, DefineDerivative) for statement in self.program.statements)

    @property
    def conditions(self) -> bool:
        """Whether condition numbers are wanted: they tell where digits went."""
        explains = self.explain and self.order == 1 and self.direction is None and not self.complex
        return self.relative or (explains and self.point is not None and not self.not_finite)

    @property
    def whole_allowance(self) -> float:
        """Seconds on the wall for the reference and the formulas, a machine that is busy included: a last resort."""
        return (1 + WALL) * self.allowance

    @property
    def allowance(self) -> float:
        """Seconds for the reference and the formulas: a long program, and many partials, are given more."""
        partials = math.comb(len(self.wrt) + self.order - 1, self.order) if self.wrt else 0
        if self.is_by_series:
            return self.patience + SECONDS_OF_SERIES
        return self.patience + SECONDS_A_PARTIAL * partials + SECONDS_AN_OPERATION * len(self.typed.ops)

    @property
    def autograd_allowance(self) -> float:
        """Seconds for autograd. Its operations are counted already; this is for a machine that does not answer."""
        return self.allowance + SECONDS_OF_AUTOGRAD

    @property
    def tensor_allowance(self) -> float:
        """Seconds for the reference on whole tensors."""
        return SECONDS_OF_TENSORS + self.patience

    def in_time(self, work: Callable[[], T]) -> T:
        """What autograd comes to, within its allowance.

        Raises LimitError where it takes longer.
        """
        try:
            return Deadline(self.autograd_allowance).run(work)
        except OutOfTime:
            raise LimitError(
                "running autograd",
                f"it took more than {self.autograd_allowance:.1f} s",
                hint="allow more with --patience SECONDS",
            ) from None

    def _lower(self, custom_vjps: bool, written_out: bool = False, own: Sequence[str] = ()) -> Tape:
        own = (*self.wrt, *own)
        tape = lower(self.program, self.names.variables, self.dtype, custom_vjps, self.shapes, written_out, own)
        if self.direction is not None:
            tape = self.direction.applied(tape, self.step)
        for name in self.wrt:  # a variable that only an unused function mentions is none of the tape's inputs yet
            if tape.find(name) is None:
                tape.input(name, self.shapes.get(name, ()))
        return tape
