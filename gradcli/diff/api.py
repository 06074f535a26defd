"""The API of derivatives: a program and a point in, a Result out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gradcli.diff.build import combine
from gradcli.diff.data import Result
from gradcli.diff.diagnose import api as diagnosis
from gradcli.problem.ask import gather, run_autograd
from gradcli.problem.job import MAX_SERIES_ORDER, Job
from gradcli.problem.prepare import prepare

if TYPE_CHECKING:
    from gradcli.problem.sources import Kept


def differentiate(
    program: object,
    at: Mapping[str, object] | str | None = None,
    *,
    wrt: Sequence[str] | str | None = None,
    order: int = 1,
    dtype: str | None = None,
    device: str = "cpu",
    digits: int = 20,
    min_digits: float | None = None,
    patience: float = 2.0,
    reference: bool = True,
    latex: bool = False,
    shape: Mapping[str, Sequence[int] | int] | Sequence[str] | str | None = None,
    jvp: Mapping[str, object] | Sequence[str] | str | None = None,
    vjp: object = None,
    hessian: bool = False,
    explain: bool = False,
    complex: bool = False,
    relative: bool = False,
    scale: Mapping[str, object] | str | None = None,
    sort: bool = False,
    quotients: bool = False,
) -> Result:
    """Every partial derivative of a program, from three sources, with a verdict.

    The program is a text, a Python function that computes with torch, NumPy or math (its source is read, it is not
    run, and its parameters are the variables), or an expression of SymPy, or a list or matrix of these.
    `at` gives each variable a number, nested lists, an array or a tensor, or an expression of constants as a string;
    without it there are formulas alone, and `shape` says which variables are tensors. `jvp` is a direction for the
    product J·v, `vjp` weights of the outputs for vᵀ·J; a `hessian` is the second order as one matrix. `wrt` names
    what to differentiate by (every variable unless given). `patience` bounds the seconds of the reference and the
    formulas; without the `reference` no verdict is given. Where a number is not finite, the result's `autopsy` says
    where that began; with `explain`, where digits were lost, too. `complex` lets roots, logarithms, powers and inverse
    functions pass through the complex plane, while inputs and derivatives are real. With `relative` there are
    elasticities and condition numbers; `scale` gives variables the change that derivatives are wanted for, too; `sort`
    puts the largest first, by the last of these. With `quotients` there are tables of difference quotients.

    Raises GradcliError for anything that is wrong with the input, LimitError where it costs too much.
    """
    job = prepare(program, at, wrt=wrt, order=order, dtype=dtype, device=device, digits=digits, min_digits=min_digits,
                  patience=patience, reference=reference, latex=latex, shape=shape, jvp=jvp, vjp=vjp,
                  hessian=hessian, diagnose=True, explain=explain, finite=False, complex=complex,
                  relative=relative, scale=scale, sort=sort, quotients=quotients, most=MAX_SERIES_ORDER)  # fmt: skip
    return answer(job)


def answer(job: Job, kept: Kept | None = None) -> Result:
    """What all sources say of a job, in this process; of a program over numbers, with what is `kept` of it."""
    study = gather(job, kept)
    return diagnosed(job, combine(job, study), study.odd)


def diagnosed(job: Job, result: Result, odd: bool) -> Result:
    """The result, with its diagnosis where that is wanted and there is a need for it."""
    if not diagnosis.is_needed(job, diagnosis.autograd_of(result), odd):
        return result

    def evaluate(other: Job) -> Result:
        other = replace(other, explain=False, relative=False, scale=None, sort=False, quotients=False)
        if other.has_tensors:
            return combine(other, gather(other))
        return diagnosis.evaluated(other, run_autograd)

    return diagnosis.perform(job, result, evaluate)
