"""Where what is not finite comes from: the program run step by step, and the steps to blame."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import torch

from gradcli.diff.diagnose.elements import ProgramSteps
from gradcli.diff.diagnose.first_bad import TakenBranches, first_bad_steps, harmless
from gradcli.diff.diagnose.origins import NanDiagnosis
from gradcli.diff.diagnose.words import headline
from gradcli.problem.job import Job
from gradcli.problem.report import BACKWARD, FORWARD, Origin
from gradcli.tape.findings import Positions
from gradcli.tape.source_map import SourceMap

MOST_BAD = 4  # derivatives that are looked into
MOST_FIRST = 60  # that are looked at; the first ones, of which most are alike
MOST_ORIGINS = 4  # that are told
MOST_HARMLESS = 1

Index = tuple[int, ...]


class Bad(NamedTuple):
    """A derivative that is not finite: by which targets, and which entry of the tensor of them."""

    positions: Positions
    entry: Index
    number: float


def nan_origins(job: Job, bad: Sequence[Bad]) -> list[Origin]:
    """The origins of a value and of derivatives that are not finite, in the order in which they happened.

    Raises LimitError where the program is too long, or its tensors are too large.
    """
    from gradcli.backends.torch import device as devices

    tape = job.typed
    like = devices.like(job.dtype.name, job.device)
    try:
        steps = ProgramSteps(tape, job.full_point, like)
        ends = [steps.places[tape.output]]
        for one in bad[:MOST_BAD]:
            end = derivative(steps, job, one.positions, one.entry)
            if end is not None and same(steps.values[end[0]][end[1]].item(), one.number):
                ends.append(end[0])
    except devices.REFUSALS:
        return []
    found = first_bad_steps(steps, ends)[:MOST_FIRST]
    found += harmless(steps, found)[:MOST_HARMLESS]
    branches = TakenBranches(tape, [steps.values[place] for place in steps.places])
    diagnosis = NanDiagnosis(steps, SourceMap(job.program, tape, job.dtype), job.dtype, branches)
    told = _told([diagnosis.origin(first) for first in found])
    if math.isnan(float(steps.values[ends[0]].min())):  # there is no value: its derivatives are beside the point
        forward = [origin for origin in told if origin.phase == FORWARD]
        told = forward or told
    return [replace(origin, headline=headline(origin)) for origin in told[:MOST_ORIGINS]]


def derivative(steps: ProgramSteps, job: Job, positions: Positions, entry: Index) -> tuple[int, Index] | None:
    """The step that computes a derivative, and the entry of its value; None where nothing depends on the targets."""
    tape = steps.tape
    targets = [steps.places[place] for name in job.targets if (place := tape.find(name)) is not None]
    at, index = steps.places[tape.output], entry
    for position in positions:
        value = steps.values[at]
        seed = torch.zeros_like(value)
        seed[index[: value.dim()]] = 1
        index = index[value.dim() :]
        found = steps.sweep(at, seed, targets)
        if targets[position] not in found:
            return None
        at = found[targets[position]]
    return at, index


def follow(steps: ProgramSteps, path: Sequence[int]) -> int | None:
    """The derivative of the first one of these steps by each of the others in turn; None where one is 0."""
    at = path[0]
    for target in path[1:]:
        found = steps.sweep(at, torch.ones_like(steps.values[at]), [target])
        if target not in found:
            return None
        at = found[target]
    return at


def same(first: float, second: float) -> bool:
    """Whether two numbers are alike as far as being finite goes."""
    if math.isfinite(first) or math.isfinite(second):
        return math.isfinite(first) and math.isfinite(second)
    return math.isnan(first) == math.isnan(second)


def _told(origins: list[Origin]) -> list[Origin]:
    """What is worth telling: each thing once, and nothing that goes without saying."""
    broken = {origin.span: origin.born for origin in origins if origin.phase == FORWARD}
    kept: dict[tuple[object, ...], Origin] = {}
    poisoned: set[object] = set()
    for origin in origins:
        forward = broken.get(origin.span) if origin.phase == BACKWARD and origin.span else None
        if forward is not None and not (forward != "nan" and origin.born == "nan"):
            if origin.untaken and origin.adjoint == 0:
                poisoned.add(origin.span)
            continue
        met = [origin.adjoint, origin.local] if origin.phase == BACKWARD else [one.value for one in origin.operands]
        key = (origin.phase, origin.order, origin.operation, origin.born, repr(met), origin.harmless)
        if key in kept:
            kept[key] = _likewise(kept[key], origin)
        else:
            kept[key] = origin
    return [
        replace(one, reason=f"{one.reason}; in the backward pass 0*nan is nan") if one.span in poisoned else one
        for one in kept.values()
    ]


def _likewise(first: Origin, other: Origin) -> Origin:
    """One origin for two that are alike."""
    if other.text is None or other.text in (first.text, *first.alike):
        return first if first.by == other.by else replace(first, by=None)
    return replace(first, alike=(*first.alike, other.text))
