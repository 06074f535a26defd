"""What a function is to return, as operations on one tape: the value, and its derivatives by one sweep each."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Union

from gradcli.code.sweep import ArrayEmitter
from gradcli.errors import OPTIONS, GradcliError, LimitError
from gradcli.functions.shapes import Shape
from gradcli.problem.job import Job
from gradcli.tape.dependence import held_by_diff, reaches
from gradcli.tape.interpret import interpret
from gradcli.tape.lower import lower
from gradcli.tape.lower_rows import written_row
from gradcli.tape.tape import Derivative, Input, Primitive, Tape

MAX_SWEEPS = 4_000  # one for each entry of a Jacobian's or a Hessian's rows

Places = Union[int, "tuple[Places, ...]"]  # operations, nested as the function returns them


@dataclass
class Derivatives:
    """A tape, and the operations on it that are returned, by what they are."""

    tape: Tape
    results: dict[str, Places] = field(default_factory=dict)

    @property
    def outputs(self) -> list[int]:
        """The operations that are returned, in order."""
        return [index for part in self.results.values() for index in single(part)]


def single(places: Places) -> list[int]:
    """The operations among nested ones, in order."""
    return [index for one in places for index in single(one)] if isinstance(places, tuple) else [places]


def labelled(what: str, places: Places, by: Sequence[str]) -> list[tuple[str, int]]:
    """What each result is called: gradient x, jacobian 2 x, hessian x y."""
    if not isinstance(places, tuple):
        return [(what, places)]
    found = []
    for position, one in enumerate(places):
        label = by[position] if position < len(by) and what in ("gradient", "hessian") else f"{position + 1}"
        if what == "jacobian" and not isinstance(one, tuple):
            label = by[position]
        if isinstance(one, tuple):
            found += [(f"{what} {label} {by[i]}", inner) for i, inner in enumerate(one) if isinstance(inner, int)]
        else:
            found.append((f"{what} {label}", one))
    return found


def derivatives(job: Job, jacobian: bool, value_only: bool) -> Derivatives:
    """The value of a program, and what is wanted of its derivatives.

    Raises GradcliError for several outputs without a Jacobian, or where there is no rule; LimitError for too many.
    """
    source = job.program.source
    emitter = ArrayEmitter(source)
    typed = lower(job.program, job.names.variables, job.dtype, False, job.shapes, False, job.wrt)
    for name in job.names.variables:
        typed.input(name, job.shapes.get(name, ()))
    wanted = {index for name in job.wrt if (index := typed.find(name)) is not None}
    places, inputs = _replayed(emitter, typed, wanted, job.names.variables)
    emitter.tape.inputs = inputs
    emitter.tape.named = {name: places[index] for name, index in typed.named.items()}
    output = typed.ops[typed.output]
    outputs: Places = places[typed.output]
    is_list = output.called == "[]" and len(output.shape) == 1
    if is_list:
        outputs = tuple(places[arg] for arg in output.args)
    found = Derivatives(emitter.tape, {"value": outputs})
    if value_only:
        return found
    if not job.wrt:
        raise GradcliError(
            OPTIONS, "the program has no variables, and nothing to differentiate by", source=source,
            span=job.program.output.value.span, hint="--value-only",
        )  # fmt: skip
    targets = [places[typed.inputs[name] if name in typed.inputs else typed.named[name]] for name in job.wrt]
    if jacobian:
        found.results["jacobian"] = _jacobian(emitter, outputs, targets)
        return found
    if output.shape:
        count = math.prod(output.shape)
        raise GradcliError(
            OPTIONS, f"the program has {count:,} outputs, and a gradient is that of one", source=source,
            span=job.program.output.value.span, hint="--jacobian, or a sum of the outputs",
        )  # fmt: skip
    gradient = emitter.gradient(places[typed.output], targets)
    found.results["gradient"] = tuple(gradient)
    if job.order == 2:
        found.results["hessian"] = _hessian(emitter, gradient, targets)
    return found


def live(found: Derivatives) -> list[bool]:
    """For each operation, whether something that is returned uses it."""
    return [bool(flag) for flag in reaches(found.tape, found.outputs)]


def _replayed(
    emitter: ArrayEmitter, typed: Tape, wanted: set[int], order: Sequence[str]
) -> tuple[list[int], dict[str, int]]:
    """The program on the emitter's tape: where each operation stands, and each variable."""
    distinct = wanted | held_by_diff(typed)

    def written(op: Primitive, args: list[int]) -> int:
        emitter.span = op.span
        if isinstance(op, Derivative):
            return emitter.derived(args[0], args[1], op.order)
        row, statics = op.row, op.statics
        if row.shape is not None and row.definition is not None and not _has_backward(emitter, op, args):
            given = tuple(map(emitter.shape, args))
            return emitter.template(written_row(row, given, statics), dict(zip(row.tensors(statics), args)))
        return emitter.call(op.row, tuple(args), op.statics)

    def apart(index: int, place: int) -> int:
        return emitter.of_its_own(place) if index in distinct and not isinstance(typed.ops[index], Input) else place

    inputs = {name: emitter.tape.input(name, typed.ops[typed.inputs[name]].shape) for name in order}
    places = interpret(typed, replace(emitter.rules, primitive=written), inputs, after=apart)
    emitter.span = None
    return places, inputs


def _has_backward(emitter: ArrayEmitter, op: Primitive, args: Sequence[int]) -> bool:
    """Whether the row has a text for the way back to each argument; else it is written out as others."""
    texts = op.row.backward([emitter.shape(arg) for arg in args], op.statics)
    return len(texts) >= len(args) and None not in texts


def _jacobian(emitter: ArrayEmitter, outputs: Places, targets: Sequence[int]) -> Places:
    """A row for each output, by each target."""
    if isinstance(outputs, tuple):
        return tuple(tuple(emitter.gradient(one, targets)) for one in single(outputs))
    shape = emitter.shape(outputs)
    rows = _rows(emitter, outputs, targets)
    if not shape:
        return (tuple(rows[0]),)
    return tuple(_stacked(emitter, column, shape, target) for column, target in zip(zip(*rows), targets))


def _rows(emitter: ArrayEmitter, output: int, targets: Sequence[int]) -> list[list[int]]:
    """The derivatives of every entry of an operation."""
    shape = emitter.shape(output)
    if math.prod(shape) > MAX_SWEEPS:
        raise LimitError(
            OPTIONS, f"there are {math.prod(shape):,} rows of derivatives, and {MAX_SWEEPS:,} is the limit"
        )
    rows = []
    for at in itertools.product(*map(range, shape)):
        entry = emitter.named("x[]", output, statics=at) if at else output
        rows.append(emitter.gradient(entry, targets))
    return rows


def _stacked(emitter: ArrayEmitter, rows: Sequence[int], shape: Shape, target: int) -> int:
    """Rows of derivatives as one array: of the output's shape, then the target's."""
    whole = (*shape, *emitter.shape(target))
    stacked = emitter.named("[]", *rows)
    return stacked if emitter.shape(stacked) == whole else emitter.named("reshape", stacked, statics=(whole,))


def _hessian(emitter: ArrayEmitter, gradient: Sequence[int], targets: Sequence[int]) -> Places:
    """The second derivatives: of numbers a symmetric matrix, each entry once; else a block for each pair."""
    shapes = [emitter.shape(target) for target in targets]
    if any(shapes):
        rows = []
        for part, shape in zip(gradient, shapes):
            found = list(zip(*_rows(emitter, part, targets)))
            blocks = [
                _stacked(emitter, column, shape, target) if shape else column[0]
                for column, target in zip(found, targets)
            ]
            rows.append(tuple(blocks))
        return tuple(rows)
    upper = [emitter.gradient(part, targets[i:]) for i, part in enumerate(gradient)]
    size = range(len(targets))
    return tuple(tuple(upper[min(i, j)][abs(i - j)] for j in size) for i in size)
