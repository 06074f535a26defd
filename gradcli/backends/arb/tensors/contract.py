"""Sums of products over letters on whole tensors, by products of matrices: what a rule like "bik,bkj->bij" says."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradcli.functions.entries import ONE
from gradcli.tape.activity import diagonal, unrepeated

Multiply = Callable[[Any, Any], Any]  # of two matrices, or of two stacks of as many
Zeros = Callable[[Sequence[int]], Any]


def contracted(
    factors: Sequence[tuple[str, Any]], result: str, shape: Sequence[int], multiply: Multiply, zeros: Zeros
) -> Any:
    """The entries that the letters of the result choose of the product of all factors, summed over all other letters.

    `shape` is that of the result; along a letter that no factor has it is repeated, and beside the diagonal of
    one that stands twice it is 0. Two factors at a time are multiplied, from the left.
    """
    wanted = "".join(dict.fromkeys(result.replace(ONE, "")))
    parts = [unrepeated(letters, x) for letters, x in factors]
    while len(parts) > 1:
        (first, x), (second, y), *rest = parts
        kept = set(wanted).union(*(letters for letters, _ in rest))
        parts = [
            _pair(_summed(first, x, kept | set(second)), _summed(second, y, kept | set(first)), kept, multiply),
            *rest,
        ]
    letters, x = _summed(*parts[0], set(wanted))
    own = "".join(letter for letter in wanted if letter in letters)
    x = _turned(x, [letters.index(letter) for letter in own])
    sizes: dict[str, int] = {}
    for letter, size in zip(result, shape):
        sizes[letter] = min(size, sizes.get(letter, size))
    if len(own) < len(wanted):
        lengths = [sizes[letter] if letter in own else 1 for letter in wanted]
        x = np.broadcast_to(x.reshape(lengths), [sizes[letter] for letter in wanted])
    if len(wanted) < len(result.replace(ONE, "")):
        found = zeros(tuple(shape))
        found[diagonal(result, {letter: sizes[letter] for letter in wanted})] = x
        return found
    return x.reshape(tuple(shape))


def _turned(x: Any, order: Sequence[int]) -> Any:
    return x if list(order) == list(range(len(order))) else x.transpose(order)


def _summed(letters: str, x: Any, kept: set[str]) -> tuple[str, Any]:
    """Without the letters that nobody else has, and that are not kept."""
    gone = tuple(i for i, letter in enumerate(letters) if letter not in kept)
    if not gone:
        return letters, x
    shape = [size for i, size in enumerate(x.shape) if i not in gone]
    found = np.add.reduce(x, axis=gone, keepdims=True).reshape(shape)
    return "".join(letter for letter in letters if letter in kept), found


def _pair(first: tuple[str, Any], second: tuple[str, Any], kept: set[str], multiply: Multiply) -> tuple[str, Any]:
    """The product of two factors, summed over the letters that both have and that are not kept."""
    (a, x), (b, y) = first, second
    both = [letter for letter in a if letter in b]
    batch, inner = [letter for letter in both if letter in kept], [letter for letter in both if letter not in kept]
    left, right = [letter for letter in a if letter not in b], [letter for letter in b if letter not in a]
    sizes = dict(zip(a, x.shape)) | dict(zip(b, y.shape))
    count, rows, middle, columns = (math.prod(sizes[letter] for letter in some) for some in (batch, left, inner, right))
    x = _turned(x, [a.index(letter) for letter in (*batch, *left, *inner)]).reshape((count, rows, middle))
    y = _turned(y, [b.index(letter) for letter in (*batch, *inner, *right)]).reshape((count, middle, columns))
    if count == 1:
        found = multiply(x.reshape((rows, middle)), y.reshape((middle, columns)))
    else:
        found = multiply(x, y)
    letters = "".join((*batch, *left, *right))
    return letters, found.reshape([sizes[letter] for letter in letters])
