"""One plain sentence for each thing that is not as it should be."""

from __future__ import annotations

import math
from typing import Union

from gradcli.diff.data import CUSTOM_VJP, Entry, Partial, Result, Verdict
from gradcli.diff.names import PartialNames
from gradcli.language.notation import bracket
from gradcli.reference.kinds import kind_words
from gradcli.terminal.arrays import count, entry_of
from gradcli.terminal.numbers import with_digits
from gradcli.terminal.readable import readable

MOST_LINES = 10  # on the entries of a tensor; those of which the same is said share one
MOST_PLACES = 6  # named in such a line

One = Union[Partial, Entry]  # one number with its verdict


def sentences(result: Result, unicode: bool = True, tensors: bool = True, precision: int | None = None) -> list[str]:
    """What to say below the numbers, with so many digits; without `tensors` only of what is one number."""
    names = PartialNames(result, unicode)
    said = _value(result, names, precision)
    noted: dict[str, list[str]] = {}  # what is said of several partials is said once
    for partial in result.partials:
        if partial.note and not partial.is_tensor and partial.verdict is not Verdict.UNDECIDED:
            noted.setdefault(partial.note, []).append(names.of(partial))
    for partial in result.partials:
        if partial.is_tensor and not tensors:
            continue
        about = (entries if partial.is_tensor else _partial)(partial, result, precision)
        said += [f"{names.of(partial)}: {sentence}" for sentence in about]
        if not partial.is_tensor and (whose := noted.pop(partial.note or "", None)):
            said.append(f"{_places(whose)}: {partial.note}.")
    return said


def _value(result: Result, names: PartialNames, precision: int | None) -> list[str]:
    """Whether the function's own value is right."""
    if result.value_verdict in (None, Verdict.AGREE, Verdict.UNDECIDED):
        return []
    index = result.value_worst or ()
    truth = with_digits(entry_of(result.value_reference, index), precision)
    more = f" {count(result.value_unusual - 1, 'other entry')} too." if result.value_unusual > 1 else ""
    return [f"{names.output(index)} itself is inaccurate in {result.dtype}: its true value is {truth}.{more}"]


def _partial(partial: Partial, result: Result, precision: int | None) -> list[str]:
    said = []
    if partial.verdict is Verdict.UNDEFINED:
        said.append(_undefined(partial, precision))
    elif partial.verdict is Verdict.UNDECIDED:
        said.append(f"undecided: {partial.note or 'the reference could not tell'}.")
    elif partial.verdict is Verdict.INACCURATE:
        said.append(f"{_inaccurate(partial, result, precision)}.")
    elif partial.verdict is Verdict.DISAGREE:
        said.append(f"{_disagree(partial, precision)}. {_why(partial)}")
    if partial.symbolic_holds is False:
        said.append(f"the formula does not hold here; it gives {readable(partial.symbolic_value, precision)}.")
    return said


def entries(partial: Partial, result: Result, precision: int | None = None) -> list[str]:
    """What to say of the entries of a tensor that are not in order, and of the tensor as a whole."""
    alike: dict[str, list[str]] = {}
    for entry in partial.entries:
        alike.setdefault(_entry(entry, result, precision), []).append(bracket(entry.index))
    shown = list(alike.items())[:MOST_LINES]
    said = [f"{_places(places)}: {text}" for text, places in shown]
    unusual = max(partial.checked.unusual if partial.checked else 0, len(partial.entries))
    more = unusual - sum(len(places) for _, places in shown)
    if said and more:
        said.append(f"and {more} more")
    if partial.verdict is Verdict.DISAGREE:
        said.append(_why(partial))
    if partial.note:
        said.append(f"{partial.note}.")
    return said


def _places(places: list[str]) -> str:
    more = len(places) - MOST_PLACES
    if more <= 1:
        return ", ".join(places)
    return f"{', '.join(places[:MOST_PLACES])} and {more} others"


def _entry(entry: Entry, result: Result, precision: int | None) -> str:
    if entry.verdict is Verdict.UNDEFINED:
        text = ", ".join([f"no derivative: {entry.kind or 'for no known reason'}", *_sides(entry, precision)])
        text += f"; it tends to {with_digits(entry.limit, precision)}" if entry.limit is not None else ""
        text += f"; autograd takes {readable(entry.autograd, precision)}"
    elif entry.verdict is Verdict.UNDECIDED:
        return f"undecided: {entry.note or 'the reference could not tell'}"
    elif entry.verdict is Verdict.INACCURATE:
        text = _inaccurate(entry, result, precision)
    elif entry.verdict is Verdict.DISAGREE:
        text = _disagree(entry, precision)
    else:
        text = f"autograd says {readable(entry.autograd, precision)}"
    return f"{text}; {entry.note}" if entry.note else text


def _why(partial: Partial) -> str:
    if partial.cause == CUSTOM_VJP:
        return "The hand-written derivative is wrong here."
    return "The chain rule with autograd's conventions goes wrong at this point."


def _disagree(one: One, precision: int | None) -> str:
    truth = with_digits(one.reference, precision)
    return f"autograd says {readable(one.autograd, precision)}, the true derivative is {truth}"


def _inaccurate(one: One, result: Result, precision: int | None) -> str:
    truth = with_digits(one.reference, precision)
    value = one.autograd
    if not isinstance(value, float) or math.isnan(value):
        return f"autograd gives nan, and the true derivative is {truth}"
    if math.isinf(value):
        return f"autograd overflows, and the true derivative is {truth}"
    digits = int(one.digits or 0)
    left = "no correct digit" if digits == 0 else f"{digits} correct digit{'s' if digits > 1 else ''}"
    return f"rounding in {result.dtype} leaves autograd {left}; the true derivative is {truth}"


def _undefined(partial: Partial, precision: int | None) -> str:
    kind = partial.kind or ""
    text = ", with ".join([f"there is no derivative: {kind_words(kind).here}", *_sides(partial, precision)])
    if kind == "hole":
        limit = "has no limit there" if partial.limit is None else f"tends to {with_digits(partial.limit, precision)}"
        text += f"; the derivative {limit}"
    elif partial.limit is not None:
        text += f"; the derivative tends to {with_digits(partial.limit, precision)}"
    if partial.autograd is not None:
        text += f". Autograd takes {readable(partial.autograd, precision)}"
    return text + "."


def _sides(one: One, precision: int | None) -> list[str]:
    """The one-sided slopes, if there are any."""
    sides = [
        f"{with_digits(value, precision)} on the {side}"
        for side, value in (("left", one.left), ("right", one.right))
        if value
    ]
    return [f"slope {' and '.join(sides)}"] if sides else []
