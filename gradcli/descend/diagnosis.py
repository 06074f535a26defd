"""What there is to say of how a descent ended: in words, and the curvature that bounds the rate."""

from __future__ import annotations

import math

import torch

from gradcli.backends.torch.descent import TorchLoss, flat, norm
from gradcli.descend.data import (
    ALL_STEPS,
    BACK_AND_FORTH,
    FLAT,
    MAXIMUM,
    NOT_FINITE,
    RISING,
    SADDLE,
    SINGULAR,
    STATIONARY,
    STUCK,
    Curvature,
    Descent,
    EndKind,
)
from gradcli.descend.walk import DescentWalk
from gradcli.diff.data import Result, Verdict
from gradcli.terminal.arrays import flat as entries
from gradcli.terminal.numbers import figure, to_digits

MOST_DENSE = 200  # entries of parameters whose Hessian is made as a whole
AT_THE_BOUND = 1e-3  # of a rate: as close to the bound as one that leads back and forth forever


def curvature(walk: DescentWalk) -> Curvature | None:
    """How the loss bends where it began to rise; None where it did not, or where the rate has no such bound."""
    rules = walk.rules
    if rules.method not in ("sgd", "momentum") or rules.accumulate or walk.stopped not in (
        RISING, NOT_FINITE, BACK_AND_FORTH,
    ):  # fmt: skip
        return None
    step, there = walk.first_up
    grows = walk.overflow or walk.path[-1].loss == math.inf
    if walk.stopped == NOT_FINITE and step >= walk.made - 1 and not grows:
        return None  # the loss did not rise before
    found = _bends(walk.loss, there)
    if found is None:
        return None
    along, largest = found
    if walk.stopped == BACK_AND_FORTH and abs(largest * rules.rate - 2) > AT_THE_BOUND:
        return None  # it is not the curvature that leads back
    factor = 2 * (1 + rules.momentum) if rules.method == "momentum" else 2.0
    return Curvature(step, along, largest, factor / largest if largest > 0 else None)


def _bends(loss: TorchLoss, parameters: list[torch.Tensor]) -> tuple[float, float] | None:
    """The second derivative along the gradient, and the Hessian's largest eigenvalue; None where one is not finite."""
    _, gradient = loss.gradient([one.clone().requires_grad_() for one in parameters])
    size = norm(gradient)
    if not 0 < size < math.inf:
        return None
    unit = [one / size for one in gradient]
    along = float(sum((a * b).sum() for a, b in zip(unit, loss.along(parameters, unit))))
    if flat(parameters).numel() <= MOST_DENSE:
        hessian = loss.hessian(parameters).double()
        largest = float(torch.linalg.eigvalsh(hessian)[-1]) if bool(hessian.isfinite().all()) else math.nan
    else:
        largest = loss.largest_curvature(parameters, unit)
    return (along, largest) if math.isfinite(along) and math.isfinite(largest) else None


def sentences(walk: DescentWalk, bend: Curvature | None, end: EndKind | None) -> tuple[str, ...]:
    """Why it ended, and what went wrong."""
    last, rules = walk.path[-1], walk.rules
    said: list[str] = []
    if walk.stopped == STATIONARY:
        size, least = figure(last.gradient_norm), figure(rules.tolerance)
        said.append(f"the gradient vanishes: its norm is {size}, and --tolerance {least}")
        said += _of_end(end, rules.method)
    elif walk.stopped == RISING:
        said.append(f"the loss rises from step {walk.first_up[0]} on: the rate {figure(rules.rate)} is too large")
    elif walk.stopped == NOT_FINITE:
        said.append(_not_finite(walk))
    elif walk.stopped == BACK_AND_FORTH:
        said.append("the steps go back and forth between two points, and the loss falls no more")
        if bend is None:
            said.append("the loss does not bend that much: between them is a nonsmooth point, such as that of abs(x)"
                        " at 0, and a smaller --rate comes closer to it")  # fmt: skip
    elif walk.stopped == STUCK:
        said.append("a step changes nothing: it is below the rounding of the variables")
    elif walk.stopped == SINGULAR:
        said.append("the Hessian is singular here, and Newton's method has no step; another --method has")
    elif walk.stopped == ALL_STEPS and not rules.accumulate and walk.batches is None:
        said.append(f"all {walk.made} steps are made, and the norm of the gradient is {figure(last.gradient_norm)}")
    if bend is not None:
        said.append(_of_curvature(walk, bend))
    elif walk.stopped == RISING and rules.method == "adam":
        said.append("adam's steps are about as long as the rate, whatever the gradient: try a smaller --rate")
    return tuple(said)


def _not_finite(walk: DescentWalk) -> str:
    if walk.overflow:
        return f"the step after step {walk.made} makes {', '.join(walk.overflow)} infinite, and is taken back"
    last = walk.path[-1]
    if last.loss == -math.inf:
        return f"the loss is -inf at step {last.step}: it falls, and nothing bounds it in this dtype"
    what = f"the loss is {last.loss}" if not math.isfinite(last.loss) else "the gradient is not finite"
    on = ": a smaller --rate may stay where it has a value" if math.isnan(last.loss) and last.step else ""
    return f"{what} at step {last.step}, and no step leads on from there{on}"


def _of_end(end: EndKind | None, method: str) -> list[str]:
    if end is None:
        return []
    if end.kind == FLAT:
        return ["the second derivatives do not tell whether this is a minimum: one of them vanishes, too"]
    values = ", ".join(figure(one) for one in end.eigenvalues[:6]) + (", ..." if len(end.eigenvalues) > 6 else "")
    many = "s of the Hessian are" if len(end.eigenvalues) > 1 else " of the Hessian is"
    where = f" at {', '.join(f'{name} = {to_digits(one)}' for name, one in end.at.items())}" if end.at else ""
    proven = f", and balls prove that there is one{where}" if end.proven else ""
    said = [f"it is {'' if end.proven else 'likely '}a {end.kind}: the eigenvalue{many} {values}{proven}"]
    if end.kind in (MAXIMUM, SADDLE):
        why = "Newton's method goes to stationary points of any kind" if method == "newton" else (
            f"a descent ends at a {end.kind} where it begins there, or exactly on the way to it"
        )  # fmt: skip
        said.append(f"{why}: begin elsewhere")
    return said


def _of_curvature(walk: DescentWalk, bend: Curvature) -> str:
    where = f"at step {bend.step} the second derivative is {figure(bend.along)} along the gradient"
    if bend.bound is None:
        return f"{where}, and nowhere positive: the loss does not bend upwards there, and may have no minimum"
    sign = "2/λmax" if walk.rules.method == "sgd" else "2(1 + momentum)/λmax"
    most = f"{where}, and {figure(bend.largest)} = λmax in the direction where it is largest"
    if abs(bend.largest - bend.along) <= AT_THE_BOUND * abs(bend.largest):
        most = f"{where}, where it is largest (λmax)"
    if walk.rules.rate < bend.bound * (1 - AT_THE_BOUND):
        return f"{most}: there a rate below {sign} = {figure(bend.bound)} would do, but the loss bends more farther on"
    word = "is" if walk.stopped == BACK_AND_FORTH else "would be"
    return f"{most}: the largest rate that does not diverge {word} {sign} = {figure(bend.bound)}"


def of_accumulation(walk: DescentWalk, beside: float | None) -> tuple[str, ...]:
    """What accumulated gradients do: the bug of a forgotten zero_grad."""
    said = [
        "the gradients accumulate: without zero_grad, backward adds each to those before it, and .grad is their sum"
    ]
    if walk.summands is not None:
        step, before, new, total = walk.summands
        said.append(f"at step {step} the gradient by {walk.job.wrt[0]} is {figure(new)}, and .grad holds"
                    f" {figure(before)} + {figure(new)} = {figure(total)}: the step goes by that")  # fmt: skip
    said.append(f"after {walk.made} such steps the loss is {figure(walk.path[-1].loss)}; with zero_grad, after as many"
                f" or fewer, it is {figure(beside)}")  # fmt: skip
    return tuple(said)


def of_lost_digits(found: Descent, last: Result) -> list[str]:
    """Near a stationary point the terms of a gradient cancel, and with them its digits: whether that matters."""
    if found.stopped != STATIONARY or last.verdict is not Verdict.INACCURATE:
        return []
    truths = [x for one in last.partials for x in entries(one.reference, one.shape)]
    if any(x is None for x in truths):
        return []
    size = math.hypot(*map(float, truths))
    within = "is within the tolerance, too" if size <= found.tolerance else "is not within the tolerance"
    return [f"the terms of the gradient cancel here, and its digits with them; the true one has the norm"
            f" {figure(size)}, which {within}"]  # fmt: skip
