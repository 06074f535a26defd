"""Where the points of a plot are: evenly spaced, then closer together where a curve bends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from gradcli.plot.curves import Window

FIRST = 201  # points, evenly spaced
MAX_POINTS = 4_000
ROUNDS = 9  # of cutting segments in two
BEND = 1 / 300  # how far a curve may leave the straight line between two points, by the height of its window
MARGIN = 0.6  # heights above and below the window within which a curve is still followed
GOLDEN = 0.6180339887498949  # cuts are uneven, so that no period hides between them

LOW, HIGH = 0.15, 0.85  # of the values in order: what a curve with poles is shown of,
BEYOND = 0.5  # and so much more of its spread on both sides
LARGEST = 1e290  # larger values are as good as infinite

Evaluate = Callable[[Any], Any]  # from points to a row of values for each curve


def window(values: Sequence[float], has_pole: bool) -> Window:
    """What is worth showing of a curve, from its values at evenly spaced points."""
    numbers = np.array([value for value in values if value is not None and abs(value) < LARGEST])
    if not numbers.size:
        return Window(-1.0, 1.0)
    low, high = float(numbers.min()), float(numbers.max())
    q_low, q_high = (float(q) for q in np.quantile(numbers, (LOW, HIGH)))
    spread = q_high - q_low
    clipped = False
    if has_pole and spread > 0:
        cut_low, cut_high = q_low - BEYOND * spread, q_high + BEYOND * spread
        clipped = cut_low > low or cut_high < high
        low, high = max(low, cut_low), min(high, cut_high)
    if not high > low:
        pad = abs(low) / 2 or 1.0
        return Window(low - pad, high + pad, clipped)
    return Window(low, high, clipped)


def refine(
    xs: Any, rows: Any, cuts: Sequence[float], windows: Sequence[Window], rounded: Evaluate, evaluate: Evaluate
) -> Any:
    """More points where a curve bends, all of them `rounded` to the dtype; in order.

    Where `evaluate` gives nothing, the time is up. No line is drawn across a cut, so nothing has to be straight there;
    but curves are followed up to it.
    """
    kept = list(zip(xs, rows.T))
    segments = list(pairwise(kept))
    segments = [piece for segment in segments for piece in _cut(segment, cuts)]
    heights = np.array([one.high - one.low for one in windows])
    middles = np.array([(one.high + one.low) / 2 for one in windows])
    reach = np.array([(0.5 + MARGIN) * (one.high - one.low) if one.clipped else np.inf for one in windows])
    for number in range(ROUNDS):
        room = MAX_POINTS - len(kept)
        if len(segments) > room:  # the widest ones first
            segments = sorted(segments, key=lambda ends: ends[0][0] - ends[1][0])[: max(room, 0)]
        if not segments:
            break
        places = rounded([_inside(a[0], b[0], i + number) for i, (a, b) in enumerate(segments)])
        values = evaluate(places)
        if values is None:
            break
        following = []
        for (a, b), x, y in zip(segments, places, values.T):
            if not a[0] < x < b[0]:
                continue
            kept.append((x, y))
            if _bends(a, b, x, y, heights, middles, reach):
                following += [(a, (x, y)), ((x, y), b)]
            else:
                kept.pop()
        segments = following
    return np.unique([x for x, _ in kept])


def _inside(a: float, b: float, number: int) -> float:
    """A place between two others, at no fixed fraction of the way."""
    return float(a + (b - a) * (0.35 + 0.3 * ((number * GOLDEN) % 1)))


def _cut(segment: Any, cuts: Sequence[float]) -> list[Any]:
    """A segment, or its two halves where a cut is inside; the curve's value at the cut is not known."""
    (a, row), (b, last) = segment
    inside = [cut for cut in cuts if a < cut < b]
    unknown = np.full(len(row), np.nan)
    ends = [(a, row), *((cut, unknown) for cut in inside), (b, last)]
    return list(pairwise(ends))


def _bends(a: Any, b: Any, x: float, y: Any, heights: Any, middles: Any, reach: Any) -> bool:
    """Whether a curve leaves the straight line between two points, where that can be seen."""
    part = (x - a[0]) / (b[0] - a[0])
    ends = np.stack([a[1], y, b[1]])
    with np.errstate(all="ignore"):
        off = np.abs(y - (a[1] + part * (b[1] - a[1]))) > BEND * heights
        seen = (np.abs(ends - middles) <= reach).any(axis=0)
    known = np.isfinite(ends)
    partly = known.any(axis=0) & ~known.all(axis=0)  # a curve begins or ends here
    return bool(((off | partly) & seen).any())
