"""A program and measured inputs in, its outputs with their uncertainties out, and whether to believe them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from gradcli.errors import OPTIONS, GradcliError
from gradcli.language.names import names_of
from gradcli.language.nodes import Call, Name, Program
from gradcli.problem import options
from gradcli.problem.prepare import prepare
from gradcli.propagate.inputs import measured, named_numbers, named_words, read_inputs, refuse_unknown

if TYPE_CHECKING:
    from gradcli.diff.data import Result
    from gradcli.problem.job import Job
    from gradcli.propagate.data import Propagation

STAGE = "propagating the uncertainties"
LEAST_SAMPLES, MOST_SAMPLES = 10_000, 20_000_000
COVERAGE = 95.0


def propagate(
    program: str,
    at: Mapping[str, object] | str | Sequence[str] | None = None,
    *,
    correlation: Mapping[Any, float] | Sequence[str] | str | None = None,
    readings: str | None = None,
    dof: Mapping[str, float] | Sequence[str] | str | None = None,
    distribution: Mapping[str, str] | Sequence[str] | str | None = None,
    coverage: float = COVERAGE,
    samples: int | None = None,
    seed: int = 0,
    patience: float = 2.0,
) -> Propagation:
    """The uncertainty of a program's value, or of each of several outputs, from those of its inputs.

    `at` gives values with standard uncertainties: texts such as "1.000±0.002", "2.001(6)", "5.0 1 %", pairs of numbers,
    or what `uncertainties` makes; without one a value is exact. `readings` is a CSV of repeated readings, whose means,
    uncertainties and correlations are taken. `dof` are degrees of freedom, `coverage` that of the intervals in percent.
    The linear propagation is held against a Monte Carlo of so many `samples`: 1,000,000 unless they are given, 10,000
    where a function is computed number by number; 0 leaves that out, and the verdict to the terms of the next order.

    Raises GradcliError for anything that is wrong with the input, LimitError where it costs too much.
    """
    options.seed(seed)
    if not 0 < coverage < 100:
        raise GradcliError(OPTIONS, f"the coverage is {coverage:g}", expected="percent, such as 95")
    if samples:
        options.bounded(samples, LEAST_SAMPLES, MOST_SAMPLES, f"there are {samples:,} samples",
                        f"{LEAST_SAMPLES:,} to {MOST_SAMPLES:,}, or 0 for none")  # fmt: skip
    values, sizes = read_inputs(at)
    dofs = named_numbers(dof, "--dof")
    kinds = named_words(distribution, "--distribution")
    read = None
    if readings is not None:
        from gradcli.propagate.correlations import read_readings

        read = read_readings(readings)
        for name, mean, size in zip(read.names, read.means, read.sizes):
            if name in values:
                raise GradcliError(
                    OPTIONS, f'"{name}" is in --at, and in the readings too', hint="leave one of them out"
                )
            values[name] = mean
            if size > 0:
                sizes[name] = size
                dofs.setdefault(name, read.number - 1.0)
    values = _used(program, values, read.names if read else ())
    sizes = {name: size for name, size in sizes.items() if name in values}
    if not sizes:
        raise GradcliError(
            OPTIONS, "no input has an uncertainty", expected="a value such as L=1.000±0.002, or L=1.000(2)",
            hint='gradcli propagate PROGRAM --at "L=1.000±0.002, T=2.001(6)"',
        )  # fmt: skip
    job = prepare(program, values, wrt=list(sizes), order=1, dtype="float64", patience=patience, latex=True, most=1)
    known = [name for name in job.names.variables if name in sizes]
    for option, names in (("--dof", dofs if dof is not None else ()), ("--distribution", kinds)):
        refuse_unknown([name for name in names if read is None or name not in read.names], known, option)
    job = replace(job, wrt=tuple(known))
    inputs = measured(values, sizes, {**dofs}, kinds, known)
    from gradcli.diff.api import answer
    from gradcli.propagate.build import Propagator
    from gradcli.propagate.correlations import correlation_of

    matrix = correlation_of(correlation, known, read)
    _refuse_correlated(inputs, matrix)
    _check_output(job)
    result = answer(job)
    joint = [i for i, one in enumerate(inputs) if read and one.name in read.names]

    def kind_of(name: str, x: float) -> str | None:
        return _kind_there(job, name, x)

    asked = Propagator(job, result, inputs, matrix, joint, coverage / 100, samples, seed, output_names(job), kind_of)
    return asked.propagation()


def _used(program: str, values: Mapping[str, object], optional: Sequence[str]) -> dict[str, object]:
    """The values without columns of readings that the program does not have."""
    if not optional:
        return dict(values)
    from gradcli.language.parser import parse

    try:
        known = names_of(parse(program), ()).variables
    except GradcliError:
        return dict(values)
    return {name: value for name, value in values.items() if name in known or name not in optional}


def _refuse_correlated(inputs: Sequence[Any], matrix: Any) -> None:
    for i, one in enumerate(inputs):
        if one.distribution not in ("normal", "t") and any(matrix[i, j] for j in range(len(inputs)) if j != i):
            raise GradcliError(
                OPTIONS, f'"{one.name}" is {one.distribution}, and correlates with another input',
                expected="normal distributions of inputs that correlate",
            )  # fmt: skip


def _check_output(job: Job) -> None:
    """Refuse what is neither a number nor a list of numbers."""
    shape = job.typed.ops[job.typed.output].shape
    if len(shape) > 1 or (shape and not isinstance(_items(job.program), tuple)):
        raise GradcliError(
            STAGE, f"the value is a tensor of shape {list(shape)}",
            source=job.program.source, span=job.program.output.value.span,
            expected="a number, or a list of numbers such as [R, X]", hint="name its entries: y = ...; [y[0], y[1]]",
        )  # fmt: skip


def _items(program: Program) -> tuple[Any, ...] | None:
    """The outputs of a program that ends with a list."""
    value = program.output.value
    if isinstance(value, Call) and not value.user and value.function == "[]":
        return tuple(value.args)
    return None


def output_names(job: Job) -> list[str]:
    """What to call each output."""
    from gradcli.problem.shown import output_name

    name = output_name(job)
    shape = job.typed.ops[job.typed.output].shape
    if not shape:
        return [name]
    items = _items(job.program) or ()
    said = [item.name if isinstance(item, Name) else f"{name}[{i}]" for i, item in enumerate(items)]
    return said if len(set(said)) == shape[0] else [f"{name}[{i}]" for i in range(shape[0])]


def _kind_there(job: Job, name: str, x: float) -> str | None:
    """What sort of point it is where one input has another value; None where it is an ordinary one."""
    from gradcli.diff.api import answer

    there = replace(job, point={**(job.point or {}), name: Fraction(x)}, wrt=(name,), latex=False)
    try:
        found: Result = answer(there)
    except GradcliError:
        return None
    return next((partial.kind for partial in found.partials if partial.kind), None)
