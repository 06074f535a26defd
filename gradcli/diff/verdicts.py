"""The verdict of a partial in a few words, and the colour that it has."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from gradcli.diff.data import Checked, Partial, Verdict
from gradcli.language.notation import bracket
from gradcli.terminal.arrays import count, shape_of
from gradcli.terminal.console import AMBER

# These are told apart on a dark and on a light background.
STYLES = {
    Verdict.AGREE: "green",
    Verdict.UNDEFINED: AMBER,
    Verdict.UNDECIDED: AMBER,
    Verdict.INACCURATE: "red",
    Verdict.DISAGREE: "bold red",
}

Line = tuple[str, str]  # a text and its style


def label(partial: Partial) -> str:
    """The verdict, and what sort of point this is."""
    assert partial.verdict
    return f"{partial.verdict.value}: {partial.kind}" if partial.kind else partial.verdict.value


def of_tensor(partial: Partial) -> str:
    """The verdict on all entries of a tensor: how many were held against what, and how far they agree."""
    assert partial.verdict
    said = _looked_at(partial)
    if partial.digits is not None:
        said.append(_digits(partial))
    if partial.checked and partial.checked.unusual:
        count = partial.checked.unusual
        said.append(f"{count} {'does' if count == 1 else 'do'} not agree")
    if not said:
        return label(partial)
    return label(partial) + ("; " if partial.kind else ": ") + "; ".join(said)


def _looked_at(partial: Partial) -> list[str]:
    """How many entries were compared, and which need not be: those that are 0 by the operations of the program."""
    checked = partial.checked
    if checked is None:
        return []
    held = 0 if partial.nonzero is None else math.prod(shape_of(partial.nonzero))
    if partial.structure is None or max(checked.formula, checked.reference) > held:
        return [_checked(checked)]
    others = checked.entries - held
    rest = f"the other {others} are 0 by the program's operations" if others > 1 else "the other one is 0"
    return [_checked(replace(checked, entries=held)), rest]


def _digits(partial: Partial) -> str:
    """How far autograd's numbers are right: at every entry, or where they are not, at the worst."""
    assert partial.digits is not None
    place = f"worst at {bracket(partial.worst)}" if partial.worst else ""
    if partial.verdict is Verdict.AGREE:
        return f"at least {digits(partial.digits)}" + (f" ({place})" if place else "")
    return f"{place}: {digits(partial.digits)}" if place else f"as few as {digits(partial.digits)}"


def digits(number: float) -> str:
    """A count of correct digits."""
    return f"{number:.1f} digits"


def _checked(checked: Checked) -> str:
    """How many entries were compared with the formula's value, and how many with the reference's."""
    entries = count(checked.entries, "entry")
    every = "all " if checked.entries > 1 else ""
    done = {"by formula": checked.formula, "by the reference": checked.reference}
    ways = [(way, number) for way, number in done.items() if number]
    if not ways:
        return f"{entries}, none looked at"
    if all(number == checked.entries for _, number in ways):
        return f"{entries}, {every}{' and '.join(way for way, _ in ways)}"
    (way, number), *rest = ways
    first = f"{entries}" if number == checked.entries else f"{number} of {entries}"
    return f"{first} {way}" + "".join(f", {number} {way}" for way, number in rest)


def of_several(partials: Sequence[Partial]) -> str:
    """One line for partials that all agree."""
    least = [partial.digits for partial in partials if partial.digits is not None]
    return f"at least {digits(min(least))}" if least else ""
