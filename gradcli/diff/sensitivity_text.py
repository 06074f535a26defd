"""Sensitivities as words: the columns beside a derivative, and a sentence for what one percent changes."""

from __future__ import annotations

import math
from typing import Any

from gradcli.diff.data import Partial, Result, Verdict
from gradcli.diff.names import PartialNames
from gradcli.language.notation import bracket
from gradcli.language.numbers import DTYPES
from gradcli.terminal.arrays import flat, indices, is_tensor, shape_of
from gradcli.terminal.numbers import brief, figure
from gradcli.terminal.readable import readable

FEW = 3  # digits of a percentage
MOST_LINES = 12  # sentences on percentages
MUCH = 50.0  # percent, from which on a change is no small one
TELLING = 1e3  # condition numbers from this on are spoken of: three digits
ITSELF = 1.0  # digits that more than the condition number may be lost, and it still is the reason


def headers(result: Result) -> list[str]:
    """The columns that were asked for."""
    relative = ["elasticity", "condition"] if _has_numbers(result) else []
    return [*relative, *(["scaled"] if result.scale else [])]


def cells(partial: Partial, result: Result, precision: int | None) -> list[str]:
    """What stands in them."""
    found: list[str] = []
    if _has_numbers(result):
        number: Any = partial.elasticity
        found.append(_short_reason(partial) if number is None else brief(number))
        found.append("" if partial.condition is None else figure(partial.condition, FEW))
    if result.scale:
        found.append("" if partial.scaled is None else readable(partial.scaled, precision))
    return found


def _has_numbers(result: Result) -> bool:
    """Whether a number has an elasticity, or a reason why it has none."""
    return any(not one.is_tensor and (one.elasticity is not None or one.no_elasticity) for one in result.partials)


def _short_reason(partial: Partial) -> str:
    reason = partial.no_elasticity or ""
    return reason if reason.endswith(" is 0") else "none"


def tensor_lines(partial: Partial) -> list[tuple[str, Any]]:
    """The arrays beside a tensor of derivatives, each with its label."""
    pairs = (("elasticity: ", partial.elasticity), ("scaled: ", partial.scaled))
    return [(label, array) for label, array in pairs if is_tensor(array)]


def sentences(result: Result, names: PartialNames) -> list[str]:
    """What there is to say of them: a line for each, and one for the condition number of the value."""
    said = [one for partial in result.partials if (one := _percent(partial, result, names))]
    more = len(said) - MOST_LINES
    said = said[:MOST_LINES] + ([f"and so on for {more} more"] if more > 0 else [])
    said += _conditions(result, names)
    if result.scale:
        sizes = ", ".join(f"{name} by {figure(size)}" for name, size in result.scale.items())
        others = any(name not in result.scale for partial in result.partials for name in partial.wrt)
        said.append(f"scaled: the derivative for a change of {sizes}{', and of any other by 1' * others}.")
    return said


def _percent(partial: Partial, result: Result, names: PartialNames) -> str | None:
    """By how much one percent of a variable changes the value."""
    name, output = partial.wrt[0], names.output(partial.of or ())
    if partial.elasticity is None:
        if partial.no_elasticity is None:
            return None
        return f"no elasticity by {name}{'' if partial.of is None else f' of {output}'}: {_reason(partial, output)}."
    if not partial.is_tensor:
        return _sentence(name, output, _number(partial.elasticity))
    entries = enumerate(flat(partial.elasticity, partial.shape))
    known = [(abs(one), place, one) for place, one in entries if not math.isnan(one)]
    if not known:
        return None
    _, place, one = max(known, key=lambda entry: (entry[0], -entry[1]))
    index = list(indices(partial.shape))[place]
    of, by = names.split(partial, index)
    nan = " nan: there is none, as where an entry is 0." if len(known) < math.prod(partial.shape) else ""
    return f"the most of {name}: {_sentence(name + bracket(by[0]), names.output(of), one)}{nan}"


def _sentence(name: str, output: str, elasticity: float) -> str:
    step = _step(abs(elasticity))
    return f"{figure(step, FEW)} % of {name} changes {output} by {figure(step * elasticity, FEW)} %."


def _reason(partial: Partial, output: str) -> str:
    reason = partial.no_elasticity or ""
    if reason == f"{output} is 0":
        return f"{output} is 0, and no change of it is a percentage"
    if reason == f"{partial.wrt[0]} is 0":
        return f"{reason}, and so is each percentage of it"
    return reason


def _step(size: float) -> float:
    """How many percent a sentence speaks of: fewer where one percent is no small change."""
    return 1.0 if size <= MUCH else 10.0 ** -math.ceil(math.log10(size / MUCH))


def _number(value: Any) -> float:
    return float(value)


def _conditions(result: Result, names: PartialNames) -> list[str]:
    """The condition number of the value, and what those that are large, or of lost digits, mean."""
    is_relative = any(one.elasticity is not None or one.no_elasticity for one in result.partials)
    said = _of_value(result, names) if is_relative else []
    told: list[tuple[str, float, float | None, Verdict | None, Any]] = []
    if result.condition is not None and not is_tensor(result.condition):
        size = _number(result.condition)
        told.append((names.output(()), size, result.value_digits, result.value_verdict, result.value))
    for one in result.partials:
        if one.condition is not None:
            told.append((names.of(one), one.condition, one.digits, one.verdict, one.autograd))
    for who, size, digits, verdict, number in told:
        is_finite = isinstance(number, float) and math.isfinite(number)  # else it did not lose digits one by one
        if is_finite and (is_relative or verdict is Verdict.INACCURATE):
            said += _explained(who, size, digits, verdict, result.dtype)
    return said


def _of_value(result: Result, names: PartialNames) -> list[str]:
    """The condition number of the value, of a tensor the largest one."""
    if not is_tensor(result.condition):
        if result.condition is None:
            return []
        size = _number(result.condition)
        step = _step(size)
        much = f"{figure(step, FEW)} % in every variable changes it by up to {figure(step * size, FEW)} %"
        return [f"condition number of {names.output(())}: {figure(size, FEW)} ({much})."]
    shape = shape_of(result.condition)
    entries = ((one, index) for index, one in enumerate(flat(result.condition, shape)) if one is not None)
    known = [(one, place) for one, place in entries if not math.isnan(one)]
    if not known:
        return []
    size, place = max(known, key=lambda entry: (entry[0], -entry[1]))
    return [f"condition number: at the most {figure(size, FEW)}, of {names.output(list(indices(shape))[place])}."]


def _explained(who: str, size: float, digits: float | None, verdict: Verdict | None, dtype: str) -> list[str]:
    """What a condition number says of lost digits."""
    most = DTYPES[dtype].digits
    own = min(math.log10(size), most) if size > 1 else 0.0
    said = f"{who}: its condition number is {figure(size, FEW)}"
    if verdict is Verdict.INACCURATE and digits is not None:
        lost = most - digits
        if size < TELLING:
            return [f"{said}: the question is a good one, and the operations lose the digits."]
        if own + ITSELF < lost:
            return [f"{said}: that is {own:.0f} of the {lost:.0f} lost digits, and the operations lose the others."]
        return [f"{said}: rounding the variables to {dtype} alone costs {own:.0f} of {most:.0f} digits."]
    if size >= TELLING:
        return [f"{said}: the last {own:.0f} of {most:.0f} digits hang on the rounding of the variables."]
    return []
