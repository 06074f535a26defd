"""Indices of entries as sums of letters: where an entry of an array comes from, found from all of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from gradcli.functions.shapes import Shape
from gradcli.language import trees
from gradcli.language.nodes import Name, Node
from gradcli.language.trees import HERE


class Affine(NamedTuple):
    """A whole number and multiples of letters, or of entries of an array of indices, which have keys of their own."""

    start: int
    parts: tuple[tuple[str, int], ...] = ()

    def then(self, given: Sequence[Affine], letters: Sequence[str]) -> Affine:
        """The same with other indices in the place of its letters."""
        found = dict[str, int]()
        start, own = self.start, dict(zip(letters, given))
        for letter, times in self.parts:
            start += times * own[letter].start
            for key, count in own[letter].parts:
                found[key] = found.get(key, 0) + times * count
        return Affine(start, tuple((key, count) for key, count in found.items() if count))

    def node(self, first: int, atoms: Mapping[str, Node]) -> Node:
        """As a tree, where letters and indices count from `first`, and what `atoms` has for a key, too."""
        start = self.start + first - sum(count * first for _, count in self.parts)
        terms: list[tuple[int, Node]] = []
        for key, count in self.parts:
            one = atoms.get(key) or Name(key, HERE)
            terms.append((count, one if abs(count) == 1 else trees.call("*", _whole(abs(count)), one)))
        terms.sort(key=lambda term: term[0] < 0)
        if not terms:
            return _whole(start)
        if terms[0][0] < 0:
            return reduce(_plus, terms, _whole(start))
        node = reduce(_plus, terms[1:], terms[0][1])
        return node if not start else _plus(node, (start, _whole(abs(start))))


def _whole(value: int) -> Node:
    """A whole number, which no style writes as a decimal one."""
    return Name(str(value), HERE)


def _plus(node: Node, term: tuple[int, Node]) -> Node:
    return trees.call("+" if term[0] > 0 else "-", node, term[1])


def fitted(places: Any, shape: Shape, letters: Sequence[str]) -> Affine | None:
    """Places that are known at every index of a shape as a sum of its letters; None where they are no such sum."""
    values = np.broadcast_to(np.asarray(places), shape) if shape else np.asarray(places)
    if values.size == 0:
        return Affine(0)
    zero = (0,) * len(shape)
    start = int(values[zero])
    parts = []
    whole = np.full(shape, start)
    for dim, (letter, size) in enumerate(zip(letters, shape)):
        step = int(values[(*zero[:dim], 1, *zero[dim + 1 :])]) - start if size > 1 else 0
        if step:
            parts.append((letter, step))
            whole = whole + step * np.arange(size).reshape((-1,) + (1,) * (len(shape) - dim - 1))
    return Affine(start, tuple(parts)) if np.array_equal(whole, values) else None


def box_of(mask: Any) -> list[tuple[int, int]] | None:
    """The ranges of a box where a mask is true, and false elsewhere; None where it is no box."""
    if not mask.any():
        return None
    box = []
    for dim in range(mask.ndim):
        other = tuple(one for one in range(mask.ndim) if one != dim)
        found = np.flatnonzero(mask.any(axis=other))
        box.append((int(found[0]), int(found[-1]) + 1))
    return box if math.prod(high - low for low, high in box) == int(mask.sum()) else None
