"""The reference on whole tensors: what balls know of all entries of a job's derivatives, put into its study."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engines.arrays import Array, every
from gradcli.engines.job import Job
from gradcli.engines.tensors.study import Part, Study, Whole
from gradcli.language.numbers import to_float

if TYPE_CHECKING:
    from gradcli.backends.arb.tensors.reference import Known, TensorTruth

MOST_VALUES = 10_000  # entries of the output that are given in decimals
NOT_BORNE_OUT = "difference quotients of the function do not bear out the chain rule"


def judge_whole(job: Job, study: Study) -> str | None:
    """Put what is known of all entries into the parts of a study; else the reason why nothing is."""
    try:
        from gradcli.backends.arb.tensors.reference import NotEnclosed, TensorReference, TooMuch
    except ImportError:
        return "python-flint is not installed"
    tape = job.written
    places = [place for name in job.targets if (place := tape.find(name)) is not None]
    try:
        truth = TensorReference(tape, _point(job), places, job.order, job.digits).judge()
    except NotEnclosed as reason:
        return f"{reason} has no enclosure on whole tensors"
    except TooMuch:
        return "too large for all entries"
    if not truth.is_borne_out:
        return NOT_BORNE_OUT
    for part in study.parts:
        part.whole = _whole(truth.partials[part.positions], part)
    _value(job, study, truth)
    return None


def _point(job: Job) -> dict[str, Any]:
    return {
        name: np.frombuffer(value.data).reshape(value.shape) if isinstance(value, Array) else np.array(to_float(value))
        for name, value in job.place.items()
        if name in job.written.inputs
    }


def _whole(known: Known, part: Part) -> Whole:
    """One part's share of what is known of all outputs."""
    at: Any = ... if part.of is None else part.of
    size = None if known.size is None else known.size[at]
    return Whole(
        [np.asarray(limb[at]) for limb in known.split.limbs],
        np.asarray(known.known[at]),
        np.asarray(known.drowned[at]),
        np.asarray(known.special[at]),
        None if size is None else np.asarray(size),
        None if known.split.exponents is None else np.asarray(known.split.exponents[at]),
    )


def _value(job: Job, study: Study, truth: TensorTruth) -> None:
    """The output's entries in decimals."""
    from gradcli.backends.arb.context import precision
    from gradcli.engines.balls.decimals import decimal

    if math.prod(study.shape) > MOST_VALUES:
        return
    with precision(truth.bits):
        for index in every(study.shape):
            ball = truth.value[index]
            found = decimal(ball, job.digits) if ball.is_finite() else None
            if found is not None:
                study.references[index] = str(found)
