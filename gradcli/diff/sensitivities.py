"""What a derivative says of a change: elasticities, condition numbers, derivatives by the size of a change.

They are of the true derivative where that is known, and else of autograd's number.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from gradcli.diff.data import Entries, Partial, Result, Verdict
from gradcli.diff.names import PartialNames
from gradcli.problem.job import Job
from gradcli.problem.targets import are_independent
from gradcli.reference.verdict import ARITHMETIC
from gradcli.tape.arrays import Array, nested
from gradcli.tape.findings import Evidence
from gradcli.terminal.arrays import entry_of, flat

Index = tuple[int, ...]

NO_DERIVATIVE = "there is no derivative"
UNKNOWN_PLACE = "the value of {} is not known"


def with_sensitivities(
    job: Job, result: Result, evidence: Mapping[Index, Evidence], places: Mapping[str, Any]
) -> Result:
    """The result with what was asked for of its sensitivities.

    The `evidence` on each output has second derivatives; `places` are values of what the program computes.
    """
    if job.scale is not None:
        scale = {name: float(size) for name, size in job.scale.items()}
        partials = tuple(replace(one, scaled=_scaled(one, job.scale)) for one in result.partials)
        result = replace(result, partials=partials, scale=scale)
    if job.conditions:
        result = _relative(job, result, evidence, places)
        if not are_independent(job):  # a condition number counts what comes through one name twice
            result = replace(result, condition=None)
        if not job.relative:
            bare = (replace(one, elasticity=None, no_elasticity=None) for one in result.partials)
            result = replace(result, partials=tuple(bare))
    if job.sort:
        result = replace(result, partials=tuple(sorted(result.partials, key=_largest_first)))
    return result


def _largest_first(partial: Partial) -> tuple[Any, ...]:
    """By what was asked for last: the size of a change, percent, or the derivative itself; what has none is last."""
    number = partial.scaled
    if number is None:
        number = partial.autograd if partial.elasticity is None and not partial.no_elasticity else partial.elasticity
    sizes = [abs(one) for one in flat(number, partial.shape) if one is not None and not math.isnan(one)]
    return partial.of or (), -max(sizes, default=-1.0)


def _scaled(partial: Partial, scale: Mapping[str, Fraction]) -> Entries:
    factor = math.prod((scale.get(name, Fraction(1)) for name in partial.wrt), start=Fraction(1))
    if not partial.is_tensor:
        number = _derivative(partial)
        return None if number is None else _double(number, factor)
    return _array(_derivatives(partial) * float(factor))


def _relative(job: Job, result: Result, evidence: Mapping[Index, Evidence], own: Mapping[str, Any]) -> Result:
    places: dict[str, Any] = {**(job.point or {})}
    for name, value in own.items():
        places[name] = Fraction(value) if isinstance(value, str) else value if value.shape else Fraction(float(value))
    if any(partial.is_tensor for partial in result.partials):
        return _of_tensors(result, places)
    with localcontext(ARITHMETIC):
        partials = [_of_number(one, result, places) for one in result.partials]
        for of, seconds in evidence.items():
            own_partials = [one for one in partials if (one.of or ()) == of]
            partials = [
                replace(one, condition=_condition(one, own_partials, seconds, places)) if one in own_partials else one
                for one in partials
            ]
    outputs = list(dict.fromkeys(partial.of for partial in partials))
    conditions = [_summed([one for one in partials if one.of == of]) for of in outputs]
    condition: Any = conditions[0] if len(conditions) == 1 and not result.shape else None
    if result.shape and math.prod(result.shape) == len(outputs):
        condition = nested(result.shape, conditions)
    return replace(result, partials=tuple(partials), condition=condition)


def _value(result: Result, of: Sequence[int]) -> Decimal | None:
    """The true value of the program, or of one of its outputs; torch's where that is not known."""
    truth = entry_of(result.value_reference, of) if result.value_reference is not None else None
    value = entry_of(result.value, of) if truth is None and result.value is not None else None
    if truth is None and (value is None or not math.isfinite(value)):
        return None
    return Decimal(str(truth)) if value is None else Decimal(value)


def _derivative(partial: Partial) -> Decimal | None:
    """The true derivative; autograd's number where nothing is known of it, and none where there is none."""
    if partial.reference is not None:
        return Decimal(str(partial.reference))
    number = partial.autograd
    if partial.verdict not in (None, Verdict.AGREE) or not isinstance(number, float) or not math.isfinite(number):
        return None
    return Decimal(number)


def _of_number(partial: Partial, result: Result, places: Mapping[str, Any]) -> Partial:
    name = partial.wrt[0]
    value, derivative = _value(result, partial.of or ()), _derivative(partial)
    if derivative is None:
        return replace(partial, no_elasticity=NO_DERIVATIVE)
    if name not in places:
        return replace(partial, no_elasticity=UNKNOWN_PLACE.format(name))
    if not isinstance(places[name], Fraction) or value is None:
        return replace(partial, no_elasticity="it is not finite here")
    if not places[name]:
        return replace(partial, no_elasticity=f"{name} is 0")
    if not value:
        return replace(partial, no_elasticity=f"{PartialNames(result).output(partial.of or ())} is 0")
    return replace(partial, elasticity=_double(derivative / value, places[name]))


def _condition(
    partial: Partial, partials: Sequence[Partial], evidence: Evidence, places: Mapping[str, Any]
) -> float | None:
    """The sum over the variables of |x * derivative by x|, by the size of the partial; None where that is not known."""
    derivative = _derivative(partial)
    if not derivative:
        return None
    total = Decimal(0)
    index = [one.wrt for one in partials].index(partial.wrt)
    for other, one in enumerate(partials):
        found = evidence.higher.get((min(index, other), max(index, other)))
        at = places.get(one.wrt[0])
        if found is None or not isinstance(at, Fraction):
            return None
        total += abs(Decimal(found) * _decimal(at))
    size = float(total / abs(derivative))
    return size if math.isfinite(size) else None


def _summed(partials: Sequence[Partial]) -> float | None:
    """The condition number of a value: the sum of the elasticities' sizes; a variable that is 0 adds nothing."""
    total = 0.0
    for one in partials:
        if one.elasticity is None and one.no_elasticity != f"{one.wrt[0]} is 0":
            return None
        total += abs(one.elasticity or 0.0)  # type: ignore[arg-type]
    return total if partials and math.isfinite(total) else None


def _double(number: Decimal, factor: Fraction) -> float:
    """The double nearest to a number times a factor; infinite where it is too large."""
    with localcontext(ARITHMETIC):
        return float(number * _decimal(factor))


def _decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)


# Tensors


def _of_tensors(result: Result, places: Mapping[str, Any]) -> Result:
    """Elasticities by entry, and the condition numbers of the values; NaN where an entry has none."""
    import numpy as np

    names = PartialNames(result)
    value = np.asarray(flat(result.value, result.shape), dtype=float).reshape(result.shape)
    if result.value_reference is not None:
        truths = flat(result.value_reference, result.shape)
        value = np.array([own if one is None else float(one) for own, one in zip(value.reshape(-1), truths)])
        value = value.reshape(result.shape)
    moves = np.zeros(result.shape)
    partials = []
    for partial in result.partials:
        name = partial.wrt[0]
        if name not in places:
            partials.append(replace(partial, no_elasticity=UNKNOWN_PLACE.format(name)))
            moves = moves * np.nan
            continue
        whole = value if partial.of is None else value[partial.of]
        at = np.asarray(places[name], dtype=float)
        each = _derivatives(partial) * at
        rank = names.output_rank(partial)
        axes = tuple(range(rank, each.ndim))
        size = np.abs(each).sum(axis=axes)
        if partial.of is None:
            moves = moves + size
        else:
            moves[partial.of] += size
        with np.errstate(all="ignore"):
            found = each / whole.reshape(whole.shape + (1,) * len(axes))
        found = np.where(np.isfinite(found) & (at != 0), found, np.nan)
        why = None
        if not np.isfinite(found).any():
            why = f"{name} is 0" if not at.any() else f"{result.name} is 0" if not whole.any() else NO_DERIVATIVE
        partials.append(replace(partial, elasticity=None if why else _array(found), no_elasticity=why))
    with np.errstate(all="ignore"):
        condition = moves / np.abs(value)
    condition = np.where(np.isfinite(condition), condition, np.nan)
    told = None if not np.isfinite(condition).any() else _array(condition)
    return replace(result, partials=tuple(partials), condition=told)


def _derivatives(partial: Partial) -> Any:
    """The derivatives by entry: autograd's, and where these are not right, the true ones; NaN where there is none."""
    import numpy as np

    found = np.array(flat(partial.autograd, partial.shape), dtype=float)
    if partial.verdict not in (None, Verdict.AGREE):
        for index, truth in enumerate(flat(partial.reference, partial.shape)):
            if truth is not None:
                found[index] = float(truth)
        found = found.reshape(partial.shape)
        for entry in partial.entries:
            if entry.verdict in (Verdict.UNDEFINED, Verdict.UNDECIDED):
                found[entry.index] = math.nan
        if not partial.shape and partial.reference is None:
            found[...] = math.nan
    return found.reshape(partial.shape)


def _array(found: Any) -> Entries:
    import numpy as np

    if not found.shape:
        return float(found)
    return Array(found.shape, np.ascontiguousarray(found, np.float64).reshape(-1).data)
