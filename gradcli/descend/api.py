"""The API of descents: a program, a start and a rate in; the steps, and a verdict on the last gradient, out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gradcli.descend.data import METHODS, STATIONARY, Descent
from gradcli.errors import OPTIONS, GradcliError, LimitError, did_you_mean
from gradcli.problem import bindings as given
from gradcli.problem import options
from gradcli.problem.job import Job
from gradcli.problem.of_numbers import in_time, refuse_computed
from gradcli.problem.prepare import prepare
from gradcli.problem.shown import output_name
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.arrays import Array
from gradcli.terminal.arrays import count
from gradcli.version import __version__

STAGE = "descending"
RATE, NEWTON_RATE = 0.1, 1.0
STEPS, MAX_STEPS = 50, 1_000_000
MAX_KEPT = 5_000_000  # numbers of all steps that are kept
TOLERANCE = 1e-8
MOMENTUM = 0.9
SECONDS = 60.0  # a last resort: steps are counted


def descend(
    program: str,
    at: Mapping[str, object] | str | Sequence[str] | None = None,
    *,
    wrt: Sequence[str] | str | None = None,
    data: str | None = None,
    rate: float | None = None,
    steps: int = STEPS,
    method: str = "sgd",
    momentum: float | None = None,
    every: int = 1,
    tolerance: float = TOLERANCE,
    accumulate: bool = False,
    batch_size: int | None = None,
    seed: int = 0,
    dtype: str | None = None,
    device: str = "cpu",
    patience: float = 2.0,
    reference: bool = True,
    explain: bool = False,
) -> Descent:
    """Minimize a program by steps along its gradient, which torch.optim makes, and judge the last gradient.

    `at` is the start, and has the value of every variable that `data`, a file of columns, has not; `wrt` names those
    that move, by default all but the columns. `method` is sgd, momentum, adam or newton; `rate` is 0.1, of newton 1.
    It ends where the norm of the gradient is within `tolerance`, where the loss rises, or where something is not
    finite, and says why. With `accumulate` gradients add up, as where zero_grad is forgotten. With a `batch_size` each
    step goes by so many rows of the data, in an order that `seed` gives. `every` is how many steps there are from one
    that is kept to the next. Without the `reference` nothing is judged; `explain` looks for where digits of the last
    gradient were lost.

    Raises GradcliError for anything that is wrong with the input, LimitError where it costs too much.
    """
    rate = (NEWTON_RATE if method == "newton" else RATE) if rate is None else rate
    _check_numbers(method, rate, momentum, steps, every, tolerance)
    options.seed(seed)
    said = given.said(at)
    columns: dict[str, Array] = {}
    gone = 0
    if data is not None:
        columns, gone = _columns(program, data, said, options.names(wrt))
    elif batch_size is not None:
        raise GradcliError(OPTIONS, "there is a --batch-size, and no data", expected="--data FILE.csv beside it")
    job = _job(program, {**said, **columns}, wrt, list(columns), dtype, device, patience)
    rows = len(next(iter(columns.values()))) if columns else 0
    if batch_size is not None and not 1 <= batch_size <= rows:
        raise GradcliError(OPTIONS, f"--batch-size {batch_size}", expected=f"1 to {rows:,}, as many as there are rows")
    _check(job, steps // every + 2)
    from gradcli.descend.walk import DescentRules

    rules = DescentRules(method, rate, MOMENTUM if momentum is None else momentum, steps, every, tolerance, accumulate)

    def batch_job(values: Mapping[str, object]) -> Job:
        return _job(program, {**said, **values}, job.wrt, list(columns), dtype, device, patience)

    deadline = Deadline(SECONDS + patience)
    found = in_time(
        deadline, lambda: _walked(job, rules, columns, batch_size, seed, batch_job, deadline), STAGE,
        "fewer --steps, or more --patience",
    )  # fmt: skip
    notes = [f"{count(gone, 'row')} without a value in each column: left out"] if gone else []
    found = replace(found, data=data, columns=tuple(columns), rows=rows, notes=(*notes, *found.notes))
    return _judged(replace(job, explain=explain), found) if reference else found


def _check_numbers(
    method: str, rate: float, momentum: float | None, steps: int, every: int, tolerance: float
) -> None:  # fmt: skip
    if method not in METHODS:
        raise GradcliError(OPTIONS, f'there is no method "{method}"', expected=f"one of {', '.join(METHODS)}",
                           hint=did_you_mean(method, METHODS))  # fmt: skip
    if not 0 < rate < math.inf:
        raise GradcliError(OPTIONS, f"the rate is {rate:g}", expected="a number above 0",
                           hint="an ascent is the descent of -(...)" if rate < 0 else None)  # fmt: skip
    if momentum is not None and method != "momentum":
        raise GradcliError(OPTIONS, f"there is a momentum, and the method is {method}", hint="--method momentum")
    if momentum is not None and not 0 <= momentum < 1:
        raise GradcliError(OPTIONS, f"the momentum is {momentum:g}", expected="0 or more, and less than 1")
    options.bounded(steps, 1, MAX_STEPS, f"--steps {steps:,}", f"1 to {MAX_STEPS:,}")
    if every < 1:
        raise GradcliError(OPTIONS, f"--every {every}", expected="a whole number from 1")
    if not 0 <= tolerance < math.inf:
        raise GradcliError(OPTIONS, f"the tolerance is {tolerance:g}", expected="0 or more")


def _columns(
    program: str, path: str, said: Mapping[str, object], wrt: Sequence[str] | None
) -> tuple[dict[str, Array], int]:
    """The variables that the file has, but for those that are given a value or move."""
    from gradcli.descend.batches import columns_of, names_in
    from gradcli.language.names import names_of
    from gradcli.language.parser import parse

    known = names_of(parse(program), {**said, **dict.fromkeys(wrt or (), None)}).variables
    there = names_in(path)
    if there is None:
        there = [name for name in known if name not in said]
    both = next((name for name in known if name in said and name in there), None)
    if both is not None and both not in (wrt or ()):
        raise GradcliError(OPTIONS, f'"{both}" is a column of {path}, and --at has a value of it',
                           hint=f"leave out one of them, or say --wrt {both} if it moves from there")  # fmt: skip
    wanted = [name for name in known if name in there and name not in said]
    if not wanted:
        free = [name for name in known if name not in said] or list(known)
        raise GradcliError(
            OPTIONS, f"the program has no column of {path}",
            expected=f"one of {', '.join(there[:20])} in it" if there else "columns with names",
            hint=did_you_mean(free[0], there) if free else None,
        )  # fmt: skip
    return columns_of(path, wanted)


def _job(
    program: str, values: Mapping[str, object], wrt: Any, columns: Sequence[str], dtype: str | None, device: str,
    patience: float,
) -> Job:  # fmt: skip
    job = prepare(program, values, wrt=wrt, dtype=dtype, device=device, patience=patience, most=1, diagnose=True)
    if wrt is None and columns:
        job = replace(job, wrt=tuple(name for name in job.wrt if name not in columns))
    return job


def _check(job: Job, kept: int) -> None:
    """Refuse what is no loss, and variables that do not move."""
    source, span = job.program.source, job.program.output.value.span
    if shape := job.typed.ops[job.typed.output].shape:
        raise GradcliError(
            OPTIONS, f"the value is a tensor of shape {list(shape)}, and a loss is one number",
            source=source, span=span, hint="a sum, or a mean, as mean((y - w*x)**2)",
        )  # fmt: skip
    if not job.wrt or job.by_default:
        raise GradcliError(OPTIONS, "the program has no variable that moves", source=source, span=span,
                           hint="leave out what sets one to a number, and give that as --at NAME=...")  # fmt: skip
    refuse_computed(job)
    if job.direction is not None:
        raise GradcliError(OPTIONS, "a descent goes by the gradient of one number, and not by a product with a vector")
    sizes = (value.size if isinstance(value, Array) else 1 for name, value in (job.point or {}).items()
             if name in job.wrt)  # fmt: skip
    if kept * sum(sizes) > MAX_KEPT:
        raise LimitError(STAGE, f"all steps have more than {MAX_KEPT:,} numbers", hint="keep fewer: --every 100")


def _walked(
    job: Job, rules: Any, columns: Mapping[str, Array], batch_size: int | None, seed: int, make: Any, deadline: Deadline
) -> Descent:
    """The descent without what is judged of its last gradient."""
    import torch

    from gradcli.backends.torch.descent import TorchLoss
    from gradcli.backends.torch.device import like, torch_errors
    from gradcli.descend.batches import RowBatches
    from gradcli.descend.diagnosis import curvature, of_accumulation, sentences
    from gradcli.descend.ends import end_kind
    from gradcli.descend.walk import DescentWalk

    one = like(job.dtype.name, job.device)

    def loss_of(count: int) -> TorchLoss:
        part = make({name: whole[:count] for name, whole in columns.items()})
        return TorchLoss(part.typed, part.point or {}, part.wrt, one)

    with torch_errors(STAGE, f"in {job.dtype.name} on {job.device}"):
        batches = None if batch_size is None else RowBatches(columns, batch_size, seed, one, loss_of)
        walk = DescentWalk(job, rules, batches, one)
        walk.run(deadline)
        bend = curvature(walk)
        end = end_kind(job, walk.loss, walk.parameters, deadline) if walk.stopped == STATIONARY else None
        beside = None
        if rules.accumulate:
            again = DescentWalk(job, replace(rules, accumulate=False, steps=max(walk.made, 1)), batches, one)
            again.run(deadline)
            beside = again.path[-1].loss
    said = sentences(walk, bend, end)
    if rules.accumulate:
        said = (*of_accumulation(walk, beside), *said)
    return Descent(
        job.program.source.text.strip(), output_name(job), job.wrt, rules.method, rules.rate, rules.tolerance,
        rules.accumulate, job.dtype.name, tuple(walk.path), walk.made, walk.stopped, said,
        momentum=rules.momentum if rules.method == "momentum" else None, batch_size=batch_size,
        seed=None if batch_size is None else seed, with_zero_grad=beside, curvature=bend, end=end, notes=job.notes,
        versions={"gradcli": __version__, "torch": torch.__version__},
    )  # fmt: skip


def _judged(job: Job, found: Descent) -> Descent:
    """The descent with the derivatives at its last point, as `diff` has them."""
    from gradcli.descend.diagnosis import of_lost_digits
    from gradcli.descend.walk import values_of
    from gradcli.diff.api import answer

    last = answer(replace(job, point={**(job.point or {}), **values_of(found.point)}))
    return replace(found, last=last, said=(*found.said, *of_lost_digits(found, last)))
