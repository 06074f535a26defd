"""What was asked for beside the derivatives: elasticities, derivatives for a change of a size, the largest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Union

from gradcli.errors import OPTIONS, GradcliError, LimitError, did_you_mean
from gradcli.language.numbers import DTYPES
from gradcli.problem import bindings
from gradcli.problem.job import Job

Scale = Union[Mapping[str, object], Sequence[str], str, None]
MAX_TABLES = 30  # of difference quotients
EXAMPLE = '--scale "theta=1/365, vol=0.01"'


def with_sensitivities(job: Job, relative: bool, scale: Scale, sort: bool, quotients: bool = False) -> Job:
    """The job with what is wanted of sensitivities, and of difference quotients.

    Raises GradcliError where there is none of it.
    """
    said = bindings.said(scale, "--scale")
    option = "--relative" if relative else "--scale" if said else "--sort" if sort else None
    option = "--quotients" if quotients else option
    if option is None:
        return job
    if job.point is None:
        raise GradcliError(OPTIONS, f"{option} is about numbers, and there is no point", hint="give one with --at")
    if quotients:
        _check_quotients(job)
    if relative:
        _check_relative(job)
    if said and job.direction is not None and job.direction.is_jvp:
        raise GradcliError(OPTIONS, "--jvp says how far each variable moves, and so does --scale", hint="leave out one")
    if sort and job.hessian:
        raise GradcliError(OPTIONS, "a --hessian has the order of the variables", hint="--order 2 has a row for each")
    sizes = {name: _size(name, one, job) for name, one in said.items()}
    return replace(job, relative=relative, scale=sizes or None, sort=sort, quotients=quotients)


def _check_quotients(job: Job) -> None:
    """Refuse quotients that are none of one number by one variable."""
    wrong, hint = None, "leave out --quotients"
    if job.order > 1:
        wrong = f"--quotients is for first derivatives, and these are of order {job.order}"
    elif job.direction is not None:
        wrong = "a product with the Jacobian has no difference quotients here"
    elif job.complex:
        wrong = "--quotients is for real values, and --complex is there"
    elif job.not_finite:
        wrong = f'the value of "{job.not_finite[0]}" is not finite: no step leads away from it'
    else:
        for name in job.wrt:
            if name not in job.names.variables:
                wrong = f'a difference quotient moves a variable, and the program computes "{name}"'
            elif name in job.shapes:
                wrong = f'"{name}" is a tensor, and a difference quotient moves one number'
        hint = "name variables that are numbers with --wrt"
    if wrong:
        raise GradcliError(OPTIONS, wrong, hint=hint)
    if len(job.wrt) > MAX_TABLES:
        raise LimitError(
            OPTIONS, f"--quotients has a table for each of {len(job.wrt)} variables, and {MAX_TABLES} is the limit",
            hint="name fewer with --wrt",
        )  # fmt: skip


def _check_relative(job: Job) -> None:
    wrong = None
    if job.order > 1:
        wrong = f"--relative is for first derivatives, and these are of order {job.order}"
    elif job.direction is not None:
        wrong = "a product with the Jacobian has no elasticity"
    elif job.complex:
        wrong = "--relative is for real values, and --complex is there"
    if wrong:
        raise GradcliError(OPTIONS, wrong, hint="leave out --relative")


def _size(name: str, one: Any, job: Job) -> Fraction:
    """The change of a variable."""
    source, span = getattr(one, "source", None), getattr(one, "name_span", None)
    if name not in job.wrt:
        what = "differentiated by" if name in job.names.known else "in the program"
        raise GradcliError(
            OPTIONS, f'"{name}" is in --scale, and not {what}', source=source, span=span,
            expected=f"one of {', '.join(job.wrt)}", hint=did_you_mean(name, list(job.wrt)),
        )  # fmt: skip
    value = bindings.value(name, one, DTYPES["float64"])
    if not isinstance(value, Fraction) or not value:
        what = "0" if value == 0 else "a list"
        raise GradcliError(
            OPTIONS, f'the scale of "{name}" is {what}', source=source, span=span,
            expected="a number: the change that is meant", hint=EXAMPLE,
        )  # fmt: skip
    return value
