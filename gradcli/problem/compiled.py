"""A program compiled for rows: the columns that come out, and what computes them for given columns."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

import torch

from gradcli.backends.columns.evaluate import ColumnEvaluator
from gradcli.backends.columns.kernels import fold
from gradcli.backends.columns.recipe import Recipe, grow, write
from gradcli.backends.torch.device import like
from gradcli.backends.torch.run import run_all
from gradcli.errors import GradcliError, LimitError
from gradcli.functions.row import Row
from gradcli.language.numbers import to_float
from gradcli.problem.job import Job
from gradcli.problem.values import Value
from gradcli.tape.arrays import every
from gradcli.tape.dependence import reaches
from gradcli.tape.tape import Primitive, Tape

STAGE = "compiling the program"
MAX_OUTPUTS = 2_000  # columns that come out
MAX_OPERATIONS = 10_000  # of the program
MAX_COMPILED = 50_000  # derivatives among them


class Compiled:
    """The value of a program and its partials, for as many rows as are given.

    `constants` are the variables that have the same value in every row; tensors among them are written out. Each
    other variable is a number in each row. Raises GradcliError where the program cannot be run row by row.
    """

    def __init__(self, job: Job, constants: Mapping[str, Value], name: str) -> None:
        self.job = job
        self.like = like(job.dtype.name, job.device)
        if len(job.typed.ops) > MAX_OPERATIONS:
            raise LimitError(STAGE, f"it comes to more than {MAX_OPERATIONS:,} operations")
        tape, values, entries = as_numbers(job, constants)
        self.grown = grow(tape, values, job.wrt, job.program.source)
        if len(self.grown.tape.ops) > MAX_COMPILED:
            raise LimitError(STAGE, f"with its derivatives, it comes to more than {MAX_COMPILED:,} operations")
        self.values = [name + "".join(f"_{i}" for i in entry) for entry in entries]
        self.partials = [f"d{value}_d{by}" for value in self.values for by in job.wrt]
        if len(self.names) > MAX_OUTPUTS:
            raise LimitError(STAGE, f"{len(self.names):,} columns would come out, and {MAX_OUTPUTS:,} is the limit")
        self.constants = {one: to_float(value) for one, value in constants.items() if isinstance(value, Fraction)}
        self._evaluators: dict[frozenset[str], ColumnEvaluator] = {}
        self._lock = threading.Lock()

    @property
    def names(self) -> list[str]:
        """The columns that come out: the values, then the partials of each."""
        return [*self.values, *self.partials]

    @property
    def used(self) -> list[str]:
        """The variables that have a part in the values."""
        used = reaches(self.grown.tape, (*self.grown.values, *self.grown.partials))
        return [name for name, index in self.grown.tape.inputs.items() if used[index] and name not in self.constants]

    def in_values(self, which: Callable[[Row], bool]) -> list[str]:
        """The functions in the values that are such ones."""
        used = reaches(self.grown.tape, self.grown.values)
        ops = (op for op, is_used in zip(self.grown.tape.ops, used) if is_used)
        return sorted({op.called for op in ops if isinstance(op, Primitive) and which(op.row)})

    def recipe(self, columns: Sequence[str], guarded: bool = False) -> Recipe:
        """The recipe, where these variables are columns and the others numbers."""
        return write(self.grown, columns, self.constants, partial(fold, dtype=self.like.dtype), guarded)

    def autograd(
        self, columns: Mapping[str, torch.Tensor], constants: Mapping[str, float]
    ) -> list[torch.Tensor] | None:
        """The values and the partials by torch's own gradient; None where torch cannot run that on columns."""
        tape = self.grown.tape
        program = Tape(tape.ops[: self.grown.length], tape.inputs, tape.named, tape.output)
        given = {
            name: columns[name].detach().requires_grad_()
            if name in columns
            else torch.tensor(value, dtype=self.like.dtype, device=self.like.device, requires_grad=True)
            for name, value in {**dict.fromkeys(columns, 0.0), **self.constants, **constants}.items()
            if name in tape.inputs
        }
        shape = next(iter(columns.values())).shape if columns else ()
        found: list[torch.Tensor] = []
        try:
            with torch.enable_grad():
                values = run_all(program, given, self.like)
                for place in self.grown.values:
                    found += self._gradient(values, place, shape)
        except (RuntimeError, ValueError, TypeError, KeyError):
            return None
        count = len(self.grown.targets)
        return [*found[:: count + 1], *(one for i, one in enumerate(found) if i % (count + 1))]

    def _gradient(self, values: list[torch.Tensor], index: int, shape: Any) -> list[torch.Tensor]:
        output = values[index].expand(shape)
        by = [values[target] for target in self.grown.targets]
        parts: Any = [None] * len(by)
        if output.requires_grad:
            parts = torch.autograd.grad(output.sum(), by, allow_unused=True, retain_graph=True)
        zero = torch.zeros((), dtype=self.like.dtype, device=self.like.device)
        return [output.detach(), *((zero if part is None else part).expand(shape) for part in parts)]

    def evaluator(self, columns: Sequence[str]) -> ColumnEvaluator:
        """What runs the program over these columns."""
        key = frozenset(columns)
        with self._lock:
            if key not in self._evaluators:
                again = partial(self.recipe, columns, guarded=True)
                self._evaluators[key] = ColumnEvaluator(
                    self.recipe(columns), again, self.autograd, self.like, len(self.values)
                )
            return self._evaluators[key]


def as_numbers(job: Job, constants: Mapping[str, Value]) -> tuple[Tape, list[int], list[tuple[int, ...]]]:
    """The program as a tape of numbers, where its values stand there, and which entry of the output each is.

    Raises GradcliError where it cannot be run so, LimitError where it has too many outputs.
    """
    if not job.has_tensors:
        return job.convention, [job.convention.output], [()]
    if job.has_custom_vjps:
        raise GradcliError(
            STAGE,
            "a derivative that is written by hand cannot be run row by row where there are tensors",
            hint="leave out the derivative, or write the program without tensors",
        )
    from gradcli.tape.entry_rules import Entries

    tape = job.written
    shape = tape.ops[tape.output].shape
    free = [name for name in job.names.variables if name not in constants]
    point: dict[str, Value] = {**dict.fromkeys(free, Fraction(1)), **constants}
    entries = list(every(shape))
    if len(entries) * (1 + len(job.wrt)) > MAX_OUTPUTS:
        raise LimitError(STAGE, f"the output has {len(entries):,} entries, and each would be a column")
    unroller = Entries(tape, point, {*free, *job.wrt}, job.program.source)
    for name in (*free, *job.wrt):
        if name in job.names.variables:
            unroller.numbers.input(name)
    values = [unroller.entry(tape.output, entry) for entry in entries]
    for name in job.wrt:
        if unroller.numbers.find(name) is None:
            raise GradcliError(
                STAGE, f'"{name}" is a tensor: rows are differentiated by numbers', hint="name others with --wrt"
            )
    return unroller.numbers, values, entries
