"""A sample of a large Jacobian on whole tensors: what balls know of the rows of a few outputs, put into a study."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gradcli.backends.arb.flint import PROOF
from gradcli.functions.table import BY_NAME
from gradcli.problem.study import Index, PartialBlock, Study, WholeReference
from gradcli.problem.tensors.sample import spread_out
from gradcli.problem.tensors.whole import NOT_BORNE_OUT, WholeJudge, is_off, point_of, share_of
from gradcli.tape.findings import Finding
from gradcli.tape.tape import Primitive, Tape

OUTPUTS = (24, 8)  # so many, or where that is too much so many
NO_VALUE = "no output has a value"
NOT_ALL = "some entries reach a point where a formula changes, or an output has no value"
ODD = 4  # of them where autograd has an entry that is not finite
MOST_TOLD = 1_000  # entries of one part whose numbers are written out: some 20 microseconds each
TOO_LARGE = "too large for whole tensors, even of a few outputs"


def judge_some_outputs(judge: WholeJudge) -> str | None:
    """Put what is known of the rows of a few outputs into the findings of a study; else the reason why it is not all.

    Where a formula changes on the way to some entry nothing is said of that one.
    """
    from gradcli.backends.arb.tensors.reference import NotEnclosed, TensorReference, TooMuch

    job, study = judge.job, judge.study
    if job.order > 1 or any(part.of is not None for part in study.parts):
        return TOO_LARGE
    truth = None
    for most in OUTPUTS:
        outputs = _outputs(study, most)
        if not outputs:
            return NO_VALUE
        try:
            judge.reference = TensorReference(
                _listed(job.written, outputs), point_of(job), judge.places, job.order, job.digits
            )
            truth = judge.reference.judge()
            break
        except NotEnclosed:
            break
        except TooMuch:
            continue
    if truth is None:
        judge.reference = None
        return TOO_LARGE
    if not truth.is_borne_out:
        judge.is_contradicted = True
        return NOT_BORNE_OUT
    everything = bool(np.isfinite(np.asarray(study.value, dtype=float)).all())
    for part in study.parts:
        known = truth.partials[part.positions]
        everything = everything and bool(known.known.all())
        _file(judge, part, share_of(known, replace(part, of=None)), outputs)
    return None if everything else NOT_ALL


def _outputs(study: Study, most: int) -> list[Index]:
    """Some outputs that have a value, from the first to the last, and some of them where autograd has no number."""
    finite = np.isfinite(np.asarray(study.value, dtype=float)).reshape(-1)
    odd: set[int] = set()
    for part in study.parts:
        numbers = np.isfinite(part.autograd.reshape(len(finite), -1)).all(axis=1)
        odd |= {*_spread(finite & ~numbers, ODD)}
    places = {*sorted(odd)[:ODD], *_spread(finite, most - ODD)}
    return [tuple(map(int, np.unravel_index(place, study.shape))) for place in sorted(places)]


def _spread(mask: Any, count: int) -> list[int]:
    places = np.flatnonzero(mask)
    return spread_out(places, count) if len(places) else []


def _listed(tape: Tape, outputs: Sequence[Index]) -> Tape:
    """The program whose output is a vector of some entries of another one's."""
    listed = tape.copy()
    entries = tuple(listed.append(Primitive(BY_NAME["x[]"], (tape.output,), statics=output)) for output in outputs)
    listed.output = listed.append(Primitive(BY_NAME["[]"], entries, shape=(len(entries),)))
    return listed


def _file(judge: WholeJudge, part: PartialBlock, known: WholeReference, outputs: Sequence[Index]) -> None:
    """Findings of some entries of the rows of some outputs: of those above all where autograd is off."""
    job, rows = judge.job, known.flattened()
    shape = part.shape[len(judge.study.shape) :]
    size = math.prod(shape)
    off = is_off(np.stack([part.autograd[output] for output in outputs]).reshape(-1), rows)
    moved = _moved(judge, part) if off.any() else None
    flat = judge.flat(part)
    picked = [_spread(mask, MOST_TOLD) for mask in (off, rows.known & ~off)]
    for place in dict.fromkeys((*picked[0], *picked[1])):
        text = rows.text((place,), job.digits)
        if text is None:
            continue
        row, entry = divmod(place, size)
        index = tuple(map(int, np.unravel_index(entry, shape)))
        zero = text == "0"
        part.findings[(*outputs[row], *index)] = Finding(
            True,
            text,
            None if job.has_custom_vjps else text,
            repr(float(rows.size[place])) if zero and rows.size is not None else None,
            proof=PROOF,
            rounding=None if moved is None or not off[place] else repr(float(moved[place])),
            flat=repr(float(flat[(*outputs[row], *index)])) if zero and flat is not None else None,
        )


def _moved(judge: WholeJudge, part: PartialBlock) -> Any:
    """What the rounding of the typed numbers moves each entry by; None where that takes too much."""
    if judge.reference is None or not judge.has_time():
        return None
    from gradcli.backends.arb.tensors.rounding import gradient_moved

    return np.asarray(gradient_moved(judge.reference)[part.positions]).reshape(-1)
