"""One plain sentence for each thing that is not as it should be."""

from __future__ import annotations

import math

from gradcli.language.numbers import DTYPES
from gradcli.result import Partial, Result, Verdict
from gradcli.views.names import partial_name

SAME = 1e-9  # the formula's value by the reference

_KINDS = {
    "corner": "the function has a corner here",
    "vertical tangent": "its tangent is vertical here",
    "jump": "the function jumps here",
    "pole": "the function has a pole here",
    "hole": "the function has no value here, only around it",
    "edge": "the domain ends here",
    "oscillating": "it oscillates without end as this point is approached",
    "outside the domain": "the function is not defined around this point",
}


def sentences(result: Result, unicode: bool = True) -> list[str]:
    """What to say below the numbers."""
    function = result.name
    said = [] if result.value is None else _value(result, function)
    for partial in result.partials:
        name = partial_name(partial, function, unicode)
        said += [f"{name}: {sentence}" for sentence in _partial(partial, result)]
    return said


def _value(result: Result, function: str) -> list[str]:
    """Whether the function's own value is right."""
    value, reference = result.value, result.value_reference
    if value is None or reference is None:
        return []
    truth = float(reference)
    bound = 10 ** (-DTYPES[result.dtype].digits / 2)
    if math.isfinite(value) and abs(value - truth) <= bound * (abs(truth) or 1.0):
        return []
    return [f"{function} itself is inaccurate in {result.dtype}: its true value is {short(reference)}."]


def _partial(partial: Partial, result: Result) -> list[str]:
    said = []
    if partial.verdict is Verdict.UNDEFINED:
        said.append(_undefined(partial))
    elif partial.verdict is Verdict.UNDECIDED:
        said.append(f"undecided: {partial.note or 'the referee could not tell'}.")
    elif partial.verdict is Verdict.INACCURATE:
        said.append(_inaccurate(partial, result.dtype))
    elif partial.verdict is Verdict.DISAGREE:
        said.append(
            f"autograd says {number(partial.autograd)}, the true derivative is {short(partial.reference)}."
            f" {_why(partial, result)}"
        )
    if partial.note and partial.verdict is not Verdict.UNDECIDED:
        said.append(f"{partial.note}.")
    if partial.reference is not None and partial.symbolic_value is not None:
        truth = float(partial.reference)
        if abs(partial.symbolic_value - truth) > SAME * abs(truth):
            said.append(f"the formula does not hold here; it gives {number(partial.symbolic_value)}.")
    return said


def _why(partial: Partial, result: Result) -> str:
    if "'(" in result.program:
        return "The hand-written derivative is wrong here."
    return "The chain rule with autograd's conventions goes wrong at this point."


def _inaccurate(partial: Partial, dtype: str) -> str:
    truth = short(partial.reference)
    value = partial.autograd
    if value is None or math.isnan(value):
        return f"autograd gives nan, and the true derivative is {truth}: 0 times infinity on the way back."
    if math.isinf(value):
        return f"autograd overflows, and the true derivative is {truth}."
    digits = int(partial.digits or 0)
    count = "no correct digit" if digits == 0 else f"{digits} correct digit{'s' if digits > 1 else ''}"
    return f"rounding in {dtype} leaves autograd {count}; the true derivative is {truth}."


def _undefined(partial: Partial) -> str:
    kind = partial.kind or ""
    text = f"there is no derivative: {_KINDS.get(kind, kind)}"
    sides = [
        f"{short(value)} on the {side}" for side, value in (("left", partial.left), ("right", partial.right)) if value
    ]
    if sides:
        text += f", with slope {' and '.join(sides)}"
    if kind == "hole":
        limit = "has no limit there" if partial.limit is None else f"tends to {short(partial.limit)}"
        text += f"; the derivative {limit}"
    if partial.autograd is not None:
        text += f". Autograd takes {number(partial.autograd)}"
    return text + "."


def number(value: float | None) -> str:
    """A double with all its digits."""
    return "none" if value is None else repr(value)


def short(decimals: str | None) -> str:
    """A decimal number without the zeros at its end."""
    if decimals is None:
        return "unknown"
    mantissa, e, exponent = decimals.partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return mantissa + e + exponent
