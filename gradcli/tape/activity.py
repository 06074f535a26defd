"""Which entries of which operations depend on some chosen entries of the variables."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from gradcli.functions import shapes
from gradcli.functions.entries import ONE, EntryRule, MatrixRule, PlaceRule, SignRule, SizeRule
from gradcli.tape.dependence import held_by_diff
from gradcli.tape.interpret import Rules, interpret
from gradcli.tape.tape import Custom, Op, Primitive, Tape

Mask = Any  # an array of truth values


class ActiveEntries:
    """For each operation of a tape, a mask of the entries that depend on the chosen ones.

    What a `diff` inside the program differentiates by varies as a whole: its value depends on how.
    """

    def __init__(self, tape: Tape, chosen: Mapping[int, Collection[tuple[int, ...]]]) -> None:
        self.masks: list[Mask] = []
        self.chosen = {index: frozenset(entries) for index, entries in chosen.items()}
        inner = held_by_diff(tape)

        def marked(index: int, mask: Mask) -> Mask:
            if index in inner:
                return ~np.zeros_like(mask)
            for entry in chosen.get(index, ()):
                mask = mask.copy()
                mask[entry] = True
            return mask

        interpret(tape, Rules(_nothing, _mask, _nothing, _mask, _nothing), values=self.masks, after=marked)

    def is_chosen(self, index: int, at: tuple[int, ...]) -> bool:
        """Whether an entry is one of the chosen ones."""
        return at in self.chosen.get(index, ())

    def has(self, index: int, at: tuple[int, ...]) -> bool:
        """Whether an entry depends on the chosen ones."""
        return bool(self.masks[index][at])

    def among(self, index: int, at: Sequence[int | None]) -> Iterator[tuple[int, ...]]:
        """The entries that depend on the chosen ones, in order; of an axis one place, or all of them (None)."""
        free = np.argwhere(self.masks[index][tuple(slice(None) if place is None else place for place in at)])
        for places in free.tolist():
            inner = iter(places)
            yield tuple([next(inner) if place is None else place for place in at])


def greatest_reaching(tape: Tape, marks: Mapping[int, Mask]) -> Mask:
    """For each entry of the output, the greatest mark among the entries of operations that it depends on; 0 for none.

    marks  by operation: whole numbers from 1 on, of its shape
    """

    def marked(index: int, found: Mask) -> Mask:
        return np.maximum(found, marks[index]) if index in marks else found

    rules = Rules(_unmarked, _mask, _unmarked, _mask, _unmarked)
    return interpret(tape, rules, end=tape.output + 1, after=marked)[tape.output]


def _nothing(op: Op) -> Mask:
    return np.zeros(op.shape, dtype=bool)


def _unmarked(op: Op) -> Mask:
    return np.zeros(op.shape, dtype=np.int64)


def _mask(op: Primitive | Custom, masks: Sequence[Mask]) -> Mask:
    """What the greatest of the arguments' marks is that reaches each entry; truth values are marks, too."""
    found = np.zeros(op.shape, dtype=np.result_type(*masks) if masks else bool)
    if not any(mask.any() for mask in masks) or op.called == "detach":
        return found
    everywhere = max(mask.max(initial=0) for mask in masks)
    if isinstance(op, Primitive) and op.row.entry is not None:
        entry = op.row.entry(*(mask.shape for mask in masks), *op.statics)
        if isinstance(entry, (SizeRule, SignRule)):
            return found
        if isinstance(entry, MatrixRule):
            return np.full_like(found, everywhere)
        if isinstance(entry, PlaceRule):
            return _placed(entry, found, masks)
        masks = [_spread(entry, letters, mask) for letters, mask in zip(entry.factors, masks)]
    elif isinstance(op, Primitive) and (op.row.shape is not None or op.row.name == "diff"):
        return np.full_like(found, everywhere)
    for mask in masks:
        np.maximum(found, mask, out=found)
    return found


def _placed(entry: PlaceRule, found: Mask, masks: Sequence[Mask]) -> Mask:
    """The entries of the arguments, each in its place."""
    for mask, (part, place, there) in zip(masks, placed(entry, found.shape, [mask.shape for mask in masks])):
        found[part] = mask[place] if there is None else mask[place] * there
    return found


def placed(
    entry: PlaceRule, shape: shapes.Shape, given: Sequence[shapes.Shape]
) -> Iterator[tuple[tuple[slice, ...], tuple[Any, ...], Mask | None]]:
    """For each argument the part of the result that it is, and which of its entries are there: indices for NumPy.

    The last one says where they are there at all; None for everywhere.
    """
    starts = entry.starts(given)
    for start, stop in pairwise(starts[: len(given) + 1]):
        part = tuple(slice(start, stop) if i == entry.along else slice(0, size) for i, size in enumerate(shape))
        at, there = np.ogrid[part], None
        place = entry.inner(at, start, shape, given)
        if entry.inside is not None:
            there = np.broadcast_to(True, [one.stop - one.start for one in part])
            for condition in entry.inside(at, shape, given):
                there = there & condition
            place = tuple(np.clip(i, 0, size - 1) for i, size in zip(place, given[0]))
        yield part, place, there


def _spread(entry: EntryRule, letters: str, mask: Mask) -> Mask:
    """Which entries of a result depend on one argument, as a mask that broadcasts to its shape."""
    letters, mask = unrepeated(letters, mask)
    if entry.upto is not None and entry.orders:  # any entry may be any of them
        axis = letters.index(entry.upto[0])
        mask = np.broadcast_to(mask.max(axis=axis, keepdims=True, initial=0), mask.shape)
        letters = letters.replace(*entry.upto)
    elif entry.upto is not None:
        mask = np.maximum.accumulate(mask, axis=letters.index(entry.upto[0]))
        letters = letters.replace(*entry.upto)
    mask = mask.max(axis=tuple(i for i, letter in enumerate(letters) if letter not in entry.result), initial=0)
    left = [letter for letter in letters if letter in entry.result]
    own = [letter for letter in dict.fromkeys(entry.result) if letter in left]
    mask = mask.transpose([left.index(letter) for letter in own])
    if any(entry.result.count(letter) > 1 for letter in own):  # entries beside a diagonal are none
        sizes = dict(zip(own, mask.shape))
        found = np.zeros([sizes.get(letter, 1) for letter in entry.result], dtype=mask.dtype)
        found[diagonal(entry.result, sizes)] = mask.reshape([sizes[letter] for letter in own])
        return found
    return mask[tuple(slice(None) if letter in own else None for letter in entry.result)]


def unrepeated(letters: str, x: Any) -> tuple[str, Any]:
    """An argument of a rule without its dimensions of one entry, and of those with one letter the diagonal."""
    if ONE in letters:
        x = x.reshape([size for letter, size in zip(letters, x.shape) if letter != ONE])
        letters = letters.replace(ONE, "")
    own = "".join(dict.fromkeys(letters))
    if len(own) < len(letters):
        sizes: dict[str, int] = {}
        for letter, size in zip(letters, x.shape):
            sizes[letter] = min(size, sizes.get(letter, size))
        x = x[diagonal(letters, sizes)]
    return own, x


def diagonal(letters: str, sizes: Mapping[str, int]) -> tuple[Any, ...]:
    """Indices for NumPy at which equal letters are equal, an array over the letters in their order."""
    own = [letter for letter in dict.fromkeys(letters) if letter in sizes]
    grid = dict(zip(own, np.ogrid[tuple(slice(0, sizes[letter]) for letter in own)]))
    return tuple(grid.get(letter, 0) for letter in letters)
