"""A layered layout, after Sugiyama: no box overlaps another one, and few arrows cross.

Every arrow has a place of its own on each layer that it passes, and its label one between its ends. Layers are
ordered by the averages of their neighbours; positions are the closest ones to these averages that keep the order
and the distances, by pooling adjacent violators.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from gradcli.errors import LimitError

STAGE = "drawing the graph"
MOST_PASSAGES = 12_000  # of all arrows through layers
SWEEPS = 12  # over all layers, for the order and for the positions
GAP = 28.0  # between boxes side by side
NARROW_GAP = 14.0  # beside an arrow that passes
STRAIGHT = 6.0  # how much more a passing arrow wants to be straight


@dataclass
class BoxPosition:
    """A box, a label, or the passage of an arrow: where its middle is, its width, and what it is joined to."""

    layer: int
    width: float
    is_box: bool = False
    x: float = 0.0
    above: list[int] = field(default_factory=list)
    below: list[int] = field(default_factory=list)


@dataclass
class Layout:
    """The places; the passages of each arrow, from its upper end to its lower one."""

    places: list[BoxPosition]
    boxes: dict[int, int]
    arrows: list[list[int]]
    labels: list[int]  # of each arrow: the place of its label
    layers: list[list[int]]


def layout(order: Sequence[int], widths: Mapping[int, float], arrows: Sequence[tuple[int, int, float]]) -> Layout:
    """Places for boxes, given in an order in which each stands before those that its arrows lead to.

    An arrow is its two ends and the width of its label. Boxes stand on even layers, labels on odd ones.

    Raises LimitError where the arrows pass too many layers.
    """
    depth = _depths(order, arrows)
    passages = sum(2 * (depth[child] - depth[parent]) - 1 for parent, child, _ in arrows)
    if passages > MOST_PASSAGES:
        raise LimitError(
            STAGE, f"the arrows would pass {passages:,} layers, and {MOST_PASSAGES:,} is the limit",
            hint="give parts of the program names: a statement is one node then; or take --format dot",
        )  # fmt: skip
    places = [BoxPosition(2 * depth[one], widths[one], True) for one in order]
    boxes = {one: index for index, one in enumerate(order)}
    chains, labels = [], []
    for parent, child, width in arrows:
        chain = [boxes[parent]]
        for layer in range(2 * depth[parent] + 1, 2 * depth[child]):
            places.append(BoxPosition(layer, width if len(chain) == 1 else 0.0))
            chain.append(len(places) - 1)
        chain.append(boxes[child])
        for upper, lower in pairwise(chain):
            places[upper].below.append(lower)
            places[lower].above.append(upper)
        chains.append(chain)
        labels.append(chain[1])
    layers = _layers(places)
    _order(places, layers)
    _spread(places, layers)
    return Layout(places, boxes, chains, labels, layers)


def _depths(order: Sequence[int], arrows: Sequence[tuple[int, int, float]]) -> dict[int, int]:
    """How far each box is from the top, by its longest way."""
    leads: dict[int, list[int]] = {}
    for parent, child, _ in arrows:
        leads.setdefault(parent, []).append(child)
    depth = dict.fromkeys(order, 0)
    for parent in order:
        for child in leads.get(parent, []):
            depth[child] = max(depth[child], depth[parent] + 1)
    return depth


def _layers(places: Sequence[BoxPosition]) -> list[list[int]]:
    """The places of each layer, at first in the order of a walk from the top."""
    layers: list[list[int]] = [[] for _ in range(max(place.layer for place in places) + 1)]
    seen: set[int] = set()
    waiting = [index for index, place in enumerate(places) if not place.above][::-1]
    while waiting:
        index = waiting.pop()
        if index not in seen:
            seen.add(index)
            layers[places[index].layer].append(index)
            waiting.extend(reversed(places[index].below))
    return layers


def _order(places: Sequence[BoxPosition], layers: list[list[int]]) -> None:
    """Reorder the layers, so that fewer arrows cross."""
    best, fewest = [list(layer) for layer in layers], _crossings(places, layers)
    for sweep in range(SWEEPS):
        down, turned = sweep % 2 == 0, sweep % 4 > 1
        for layer in layers if down else reversed(layers):
            positions = {index: at for one in layers for at, index in enumerate(one)}
            keys = {}
            for at, index in enumerate(layer):
                near = places[index].above if down else places[index].below
                mean = sum(positions[other] for other in near) / len(near) if near else float(at)
                keys[index] = (mean, -at if turned else at)
            layer.sort(key=keys.__getitem__)
        crossings = _crossings(places, layers)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in layers], crossings
    for layer, found in zip(layers, best):
        layer[:] = found


def _crossings(places: Sequence[BoxPosition], layers: Sequence[Sequence[int]]) -> int:
    """How many arrows cross, by counting inversions in a tree of counts."""
    total = 0
    for upper, lower in pairwise(layers):
        at = {index: position for position, index in enumerate(lower)}
        ends = [position for index in upper for position in sorted(at[other] for other in places[index].below)]
        counts = [0] * (len(lower) + 1)
        for seen, end in enumerate(ends):
            place, before = end + 1, 0
            while place > 0:
                before += counts[place]
                place -= place & -place
            total += seen - before
            place = end + 1
            while place < len(counts):
                counts[place] += 1
                place += place & -place
    return total


def _spread(places: Sequence[BoxPosition], layers: Sequence[Sequence[int]]) -> None:
    """Give every place its x."""
    for layer in layers:
        x = 0.0
        for before, index in zip([None, *layer], layer):
            x += 0.0 if before is None else _distance(places[before], places[index])
            places[index].x = x
    for sweep in range(2 * SWEEPS):
        down = sweep % 2 == 0
        for layer in layers if down else reversed(layers):
            _settle(places, layer, both=sweep >= SWEEPS, down=down)
    left = min(place.x - place.width / 2 for place in places)
    for place in places:
        place.x -= left


def _settle(places: Sequence[BoxPosition], layer: Sequence[int], both: bool, down: bool) -> None:
    """Move a layer as close to its neighbours as its order and its distances allow."""
    offsets, wishes, weights = [], [], []
    offset = 0.0
    for before, index in zip([None, *layer], layer):
        offset += 0.0 if before is None else _distance(places[before], places[index])
        place = places[index]
        near = [*place.above, *place.below] if both else place.above if down else place.below
        near = near or [*place.above, *place.below]
        wish = sum(places[other].x for other in near) / len(near) if near else place.x
        offsets.append(offset)
        wishes.append(wish - offset)
        weights.append(1.0 if place.is_box else STRAIGHT)
    for index, start, moved in zip(layer, offsets, _increasing(wishes, weights)):
        places[index].x = start + moved


def _increasing(wishes: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The numbers closest to these, by weighted squares, that never fall."""
    blocks: list[tuple[float, float, int]] = []  # mean, weight, how many
    for wish, weight in zip(wishes, weights):
        mean, total, count = wish, weight, 1
        while blocks and blocks[-1][0] > mean:
            before, heavy, many = blocks.pop()
            mean = (mean * total + before * heavy) / (total + heavy)
            total, count = total + heavy, count + many
        blocks.append((mean, total, count))
    return [mean for mean, _, count in blocks for _ in range(count)]


def _distance(left: BoxPosition, right: BoxPosition) -> float:
    """How far apart the middles of two neighbours are at the least."""
    gap = GAP if left.is_box and right.is_box else NARROW_GAP
    return (left.width + right.width) / 2 + gap
