"""What is said below a plot: one plain sentence for each thing that the curves alone do not tell."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gradcli.plot.beside import seen
from gradcli.plot.curves import KINK, OUTSIDE, Curve, ExtremeMark, Special
from gradcli.plot.data import Plot
from gradcli.plot.panels import curve_name
from gradcli.reference.kinds import kind_words
from gradcli.terminal.arrays import count
from gradcli.terminal.numbers import figure

MOST_PLACES = 6  # of one kind, named one by one
FEW = 2  # so many places of one kind are described in full


def sentences(plot: Plot, unicode: bool = True) -> list[str]:
    """All that is to be said."""
    said = []
    by_kind: dict[tuple[str, int], list[Special]] = {}
    for special in plot.specials:
        by_kind.setdefault((special.kind, special.order), []).append(special)
    for specials in by_kind.values():
        said += _of_kind(plot, specials, unicode)
    said += _outside(plot)
    said += [line for index in range(len(plot.curves)) for line in _wrong(plot, index, unicode)]
    said += _clipped(plot, unicode)
    said += _extremes(plot) + _descent(plot)
    for one in plot.also:
        said += [
            sentence[:-1] if sentence.startswith(f"{one.name} ") else f"{one.name}: {sentence[:-1]}"
            for sentence in sentences(one, unicode)
        ]
    said += [_capital(note) for note in plot.notes]
    if plot.checked:
        all_of_them = "all" if plot.right == plot.checked else f"{plot.right:,} of"
        said.append(f"Autograd is right at {all_of_them} {plot.checked:,} points, as the reference says")
    return [f"{sentence}." for sentence in said]


def place(plot: Plot, x: float) -> str:
    """A place as it is typed; irrational ones to six digits."""
    return f"{plot.axes[0].name} = {figure(x)}"


def _of_kind(plot: Plot, specials: Sequence[Special], unicode: bool) -> list[str]:
    first = specials[0]
    words = kind_words(first.kind)
    whose = "" if first.order < 2 else f" of {_below(plot, first, unicode)}"
    if len(specials) <= FEW:
        return [
            f"{_capital(words.noun)}{whose} at {place(plot, special.x)}{_detail(plot, special)}" for special in specials
        ]
    shown = ", ".join(figure(special.x) for special in specials[:MOST_PLACES])
    more = f", ... ({len(specials)} in all)" if len(specials) > MOST_PLACES else ""
    return [f"{_capital(words.plural)}{whose} at {plot.axes[0].name} = {shown}{more}"]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _below(plot: Plot, special: Special, unicode: bool) -> str:
    """The derivative that has a corner where the next one does not exist."""
    return curve_name(plot, Curve(plot.axes[0].name, special.order - 1), unicode)


def _detail(plot: Plot, special: Special) -> str:
    """What is left and right of a place, and what autograd makes of it."""
    text = ""
    own = [j for j, curve in enumerate(plot.curves) if curve.order == special.order and curve.wrt in _own(plot)]
    if special.kind == "hole" and not plot.curves[0].order and special.left[0] is not None:
        return f": {plot.name} tends to {_value(special.left[0])}"
    if special.kind in ("corner", "jump") and own:
        left, right = special.left[own[0]], special.right[own[0]]
        if left is not None and right is not None:
            what = "slope " if special.kind == "corner" else ""
            text = f": {what}{_value(left)} on the left and {_value(right)} on the right"
    slopes = [j for j, curve in enumerate(plot.curves) if curve.order == max(1, special.order) and curve.wrt]
    if special.autograd is not None and slopes and special.value[slopes[0]] is None:
        taken = special.autograd[slopes[0]]
        if math.isfinite(taken):
            text += f"{';' if text else ':'} there is no derivative, autograd takes {taken!r}"
    return text


def _own(plot: Plot) -> tuple[str | None, ...]:
    return (None, plot.axes[0].name)


def _value(x: float) -> str:
    return "unbounded" if math.isinf(x) else figure(x)


def _outside(plot: Plot) -> list[str]:
    """The stretches where the function has no value."""
    if len(plot.axes) > 1:
        count = sum(sample.status == OUTSIDE for sample in plot.samples)
        said = [f"{plot.name} has no value at {count:,} of {len(plot.samples):,} points"] if count else []
        kinks = sum(sample.status == KINK for sample in plot.samples)
        return said + ([f"No gradient is claimed at {kinks:,} points that are on a kink"] if kinks else [])
    stretches = plot.outside()
    if not stretches:
        return []
    texts = [f"{figure(start)} to {figure(end)}" for start, end in stretches[:MOST_PLACES]]
    shown = ", ".join(texts) + (", ..." if len(stretches) > MOST_PLACES else "")
    return [f"{plot.name} has no value for {plot.axes[0].name} from {shown}"]


def _wrong(plot: Plot, index: int, unicode: bool) -> list[str]:
    """Where autograd is not right about a curve."""
    wrong = plot.wrong(index)
    if not wrong:
        return []
    curve = plot.curves[index]
    name = curve_name(plot, curve, unicode)
    who = "Autograd" if curve.order else "Torch"
    example = plot.furthest(index)
    where = ", ".join(f"{axis.name} = {figure(x)}" for axis, x in zip(plot.axes, example.at))
    says = "NaN" if math.isnan(example.autograd[index]) else repr(example.autograd[index])
    many = "one point" if len(wrong) == 1 else f"{len(wrong):,} of {len(plot.samples):,} points"
    return [f"{who} is wrong about {name} at {many}: at {where} it says {says}, and the truth is"
            f" {figure(example.values[index] or 0.0)}"]  # fmt: skip


def _clipped(plot: Plot, unicode: bool) -> list[str]:
    names = [curve_name(plot, curve, unicode) for curve, window in zip(plot.curves, plot.windows) if window.clipped]
    if not names:
        return []
    return [f"{' and '.join(names)} {'go' if len(names) > 1 else 'goes'} beyond what is shown"]


def _extremes(plot: Plot) -> list[str]:
    """The extreme points, those of a kind together."""
    said = []
    for kind in dict.fromkeys(one.kind for one in plot.extrema or ()):
        found = [one for one in plot.extrema or () if one.kind == kind]
        shown = [f"{_at(plot, one.at)} ({', '.join(_of_extreme(one))})" for one in found]
        more = f" and {len(found) - MOST_PLACES} more" if len(found) > MOST_PLACES else ""
        said.append(f"{_capital(kind)} at {'; '.join(shown[:MOST_PLACES])}{more}")
    if plot.extrema == ():
        said.append("No extreme points are found over this range")
    return said


def _of_extreme(one: ExtremeMark) -> list[str]:
    said = [figure(one.value)]
    if one.place not in ("stationary", "nonsmooth"):
        said.append(
            f"at {'an' if one.place == 'end' else 'a'} {one.place}" if one.place != "border" else "on the border"
        )
    return said + ([] if one.proven else ["likely"])


def _descent(plot: Plot) -> list[str]:
    """Where a descent ended, and why."""
    found = plot.descent
    if found is None:
        return []
    value = found.values[-1]
    end = f"the descent ends at {_at(plot, found.points[-1])}" + ("" if value is None else f" ({figure(value)})")
    out = len(found.points) - seen(found, plot)
    beyond = [f"{count(out, 'point')} of it {'is' if out == 1 else 'are'} beyond what is shown"] if out else []
    return [_capital(end), *map(_capital, found.said), *map(_capital, beyond)]


def _at(plot: Plot, at: Sequence[float]) -> str:
    return ", ".join(f"{axis.name} = {figure(x)}" for axis, x in zip(plot.axes, at))
