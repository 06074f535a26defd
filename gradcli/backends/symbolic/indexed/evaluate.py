"""The value of an index formula at every entry at once, with torch: an axis for each free index.

Sums of products go to `einsum`, so that a matrix product is one.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import sympy
import torch
from sympy.logic.boolalg import BooleanAtom

from gradcli.backends.symbolic.build import NoFormula
from gradcli.backends.symbolic.indexed import notation
from gradcli.backends.symbolic.indexed.operations import applied, extreme_place

MAX_ELEMENTS = 40_000_000  # of anything on the way
BLOCK = 1 << 18  # entries of a formula at a time: two megabytes for anything on the way that has all of its indices
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

_REDUCED: Mapping[Any, Any] = {
    notation.Multiple: torch.prod,
    notation.Largest: torch.amax,
    notation.Smallest: torch.amin,
}


class Axed(NamedTuple):
    """A tensor whose dimensions belong to indices."""

    tensor: Any
    axes: tuple[Any, ...]


class IndexedEvaluator:
    """Evaluates formulas at one point.

    tensors   the value of each tensor, by the symbol of its base, in double precision
    numbers   the value of each symbol that is a number
    sizes     the value of each letter for a size
    places    where each entry of a median or an order stands in the argument, by the symbol of its base: the indices
    """

    def __init__(
        self,
        tensors: Mapping[Any, Any],
        numbers: Mapping[Any, float],
        sizes: Mapping[Any, int],
        places: Mapping[Any, Sequence[Any]],
    ) -> None:
        self.tensors = tensors
        self.numbers = {**numbers, **{letter: float(value) for letter, value in sizes.items()}}
        self.sizes = {letter: sympy.Integer(value) for letter, value in sizes.items()}
        self.places = places
        self.known: dict[Any, Axed] = {}
        self.extremes: dict[Any, Axed] = {}  # the index at which each largest or smallest value stands
        self.ranges: dict[Any, int] = {}
        self.opened: dict[Any, tuple[Any, Any]] = {}
        self.has_ties = False  # whether an equality in a formula holds for an entry that it is not meant for
        self.split: Any = None  # the index that takes some of its values at a time,
        self.whole = 0  # of so many
        self.first = 0  # from this one on

    def entries(
        self, formula: Any, indices: Sequence[Any], shape: Sequence[int], room: Callable[[Sequence[int]], Any]
    ) -> Any:
        """The values of a formula for all values of its free indices, an array of doubles of the shape.

        Many are computed block by block, into the array that `room` gives. Raises NoFormula where something on the way
        would be too large, or has no value by torch.
        """
        self.ranges |= dict(zip(indices, shape))
        size = math.prod(shape)
        longest = max(range(len(shape)), key=lambda axis: shape[axis], default=0)
        if size <= BLOCK or not size:
            return self._entries(formula, indices, shape).to(torch.float64).numpy()
        rows = max(1, BLOCK * shape[longest] // size)
        self.split, self.whole = indices[longest], shape[longest]
        result = None
        for self.first in range(0, shape[longest], rows):
            count = min(rows, shape[longest] - self.first)
            self.ranges[self.split] = count
            self.known = {node: part for node, part in self.known.items() if self.split not in part.axes}
            block = [count if axis == longest else length for axis, length in enumerate(shape)]
            found = self._entries(formula, indices, block)
            result = room(shape) if result is None else result
            at = (*[slice(None)] * longest, slice(self.first, self.first + count))
            np.copyto(result[at], found.numpy())
        return result

    def _entries(self, formula: Any, indices: Sequence[Any], shape: Sequence[int]) -> Any:
        found = self._value(formula)
        if not indices:
            return found.tensor
        missing = [index for index in indices if index not in found.axes]
        tensor = found.tensor.reshape(*found.tensor.shape, *[1] * len(missing))
        axes = (*found.axes, *missing)
        return tensor.permute(*(axes.index(index) for index in indices)).expand(*shape)

    def _value(self, formula: Any) -> Axed:
        """The value of a formula, its parts first, without recursion but for sums in sums."""
        stack = [formula]
        while stack:
            node = stack[-1]
            if node in self.known:
                stack.pop()
                continue
            missing = [arg for arg in self._parts(node) if arg not in self.known]
            if missing:
                stack += missing
                continue
            stack.pop()
            self.known[node] = self._node(node)
        return self.known[formula]

    def _parts(self, node: Any) -> Sequence[Any]:
        if node.is_Symbol or node.is_Number or node.is_NumberSymbol or isinstance(node, BooleanAtom):
            return ()
        if isinstance(node, notation.Over):
            body = self._opened(node)[0]
            return list(sympy.Mul.make_args(body)) if isinstance(node, notation.Total) else [body]
        if node.is_Indexed or isinstance(node, notation.ListedIndex):
            return list(node.indices if node.is_Indexed else node.args[1:])
        if notation.is_quotient(node):
            return [node.args[0].as_numer_denom()[0]]
        if node.is_Piecewise:
            return [part for pair in node.args for part in pair.args]
        if isinstance(node, notation.Selects):
            return [*node.args[node.is_by_places : 2], *node.places]
        return list(node.args)

    def _opened(self, node: Any) -> tuple[Any, Any]:
        """The body of a sum, its index called by its range too: equal indices of different ranges are two axes."""
        if node not in self.opened:
            body, index, size = node.args
            count = int(size.xreplace(self.sizes))
            named = notation.index_symbol(f"{index.name}_{count}")
            self.ranges[named] = count
            self.opened[node] = body.xreplace({index: named}), named
        return self.opened[node]

    def _node(self, node: Any) -> Axed:
        """The value of a node whose parts have one."""
        if node.is_Symbol:
            return self._symbol(node)
        if node.is_Number or node.is_NumberSymbol:
            return Axed(torch.tensor(float(node), dtype=torch.float64), ())
        if isinstance(node, BooleanAtom):
            return Axed(torch.tensor(bool(node)), ())
        if isinstance(node, notation.Over):
            return self._over(node)
        if node.is_Indexed:
            return self._indexed(node, self.tensors[node.base.label])
        if isinstance(node, notation.Selects):
            return self._selects(node)
        parts = [self.known[arg] for arg in self._parts(node)]
        return self._joined(lambda *tensors: applied(node, tensors), parts)

    def _symbol(self, node: Any) -> Axed:
        if node in self.ranges:
            first = self.first if node == self.split else 0
            return Axed(torch.arange(first, first + self.ranges[node], dtype=torch.float64), (node,))
        if node in self.tensors:
            return Axed(self.tensors[node], ())
        return Axed(torch.tensor(self.numbers[node], dtype=torch.float64), ())

    # Axes

    def _joined(self, function: Callable[..., Any], parts: Sequence[Axed]) -> Axed:
        """A function applied entry by entry, its arguments spread over all of their axes."""
        axes = tuple(dict.fromkeys(axis for part in parts for axis in part.axes))
        self._check(axes)
        spread = [self._spread(part, axes) for part in parts]
        tensor = function(*spread)
        if tensor.dim() < len(axes):
            tensor = tensor.expand([self.ranges[axis] for axis in axes])
        return Axed(tensor, axes)

    def _spread(self, part: Axed, axes: Sequence[Any]) -> Any:
        if not part.axes:
            return part.tensor
        order = [part.axes.index(axis) for axis in axes if axis in part.axes]
        tensor = part.tensor.permute(*order)
        return tensor.reshape([self.ranges[axis] if axis in part.axes else 1 for axis in axes])

    def _length(self, index: Any) -> int:
        return self.whole if index == self.split else self.ranges[index]

    def _check(self, axes: Sequence[Any]) -> None:
        if math.prod(map(self._length, axes)) > MAX_ELEMENTS:
            raise NoFormula(f"evaluating it at every entry would take more than {MAX_ELEMENTS:,} numbers at a time")

    def _selects(self, node: Any) -> Axed:
        """Whether the indices of an entry are those of the one that was taken."""
        chosen, places = node.args[1], node.places
        if chosen.is_Indexed and chosen.base.label not in self.places:
            raise NoFormula("which entry was taken of a value with a name is not kept")
        if chosen.is_Indexed:
            taken = [self._indexed(chosen, at) for at in self.places[chosen.base.label]]
        elif isinstance(chosen, notation.Over):
            taken = [self.extremes[chosen]]
        else:
            taken = [Axed(at, ()) for at in self.places[chosen]]
        same = [self._joined(torch.eq, [self.known[place], at]) for place, at in zip(places, taken)]
        found = Axed(torch.tensor(True), ())  # a number is its only entry
        if same:
            found = self._joined(lambda *parts: functools.reduce(torch.logical_and, parts), same)
        if not node.is_by_places and not self.has_ties:
            equal = self._joined(torch.eq, [self.known[arg] for arg in node.args[:2]])
            self.has_ties = bool(self._joined(lambda a, b: a & ~b, [equal, found]).tensor.any())
        return found

    def _indexed(self, node: Any, tensor: Any) -> Axed:
        """The entries of a tensor at the indices of a node."""
        if all(index.is_Symbol and index in self.ranges for index in node.indices):
            if len(set(node.indices)) == len(node.indices):
                if list(tensor.shape) == list(map(self._length, node.indices)):
                    if self.split in node.indices:
                        tensor = tensor.narrow(node.indices.index(self.split), self.first, self.ranges[self.split])
                    return Axed(tensor, tuple(node.indices))
        at = [self.known[index] for index in node.indices]

        def pick(*places: Any) -> Any:
            return tensor[tuple(place.long().clamp(0, size - 1) for place, size in zip(places, tensor.shape))]

        return self._joined(pick, at)

    # Sums and what else runs over an index

    def _over(self, node: Any) -> Axed:
        body, index = self._opened(node)
        if isinstance(node, notation.Total):
            return self._total([self.known[part] for part in sympy.Mul.make_args(body)], index)
        part = self.known[body]
        if isinstance(node, (notation.Largest, notation.Smallest)):
            self.extremes[node] = self._extreme(node, part, index)
        if index not in part.axes:
            times = self.ranges[index] if isinstance(node, notation.Multiple) else 1
            return Axed(part.tensor**times, part.axes)
        reduce: Any = _REDUCED[type(node)]
        left = tuple(one for one in part.axes if one != index)
        return Axed(reduce(part.tensor, dim=part.axes.index(index)), left)

    def _extreme(self, node: Any, part: Axed, index: Any) -> Axed:
        """The index at which a largest or smallest value stands."""
        if index not in part.axes:
            part = Axed(part.tensor[..., None].expand(*part.tensor.shape, self.ranges[index]), (*part.axes, index))
        largest = isinstance(node, notation.Largest)
        last = largest != notation.falls(node.args[0])
        at = extreme_place(part.tensor, part.axes.index(index), last, largest)
        return Axed(at, tuple(one for one in part.axes if one != index))

    def _total(self, parts: Sequence[Axed], index: Any) -> Axed:
        axes = tuple(dict.fromkeys(axis for part in parts for axis in part.axes if axis != index))
        if not any(index in part.axes for part in parts):
            found = self._joined(lambda *tensors: functools.reduce(operator.mul, tensors), parts)
            return Axed(found.tensor * self.ranges[index], found.axes)
        parts = self._absorbed(parts, operator.eq)
        if len(parts) > 2:
            parts = self._absorbed(parts, operator.le)
        inner = [part for part in parts if index in part.axes]
        if len(inner) > 2:  # einsum takes two at a time, and keeps the index until the last one
            self._check(tuple(dict.fromkeys(axis for part in inner for axis in part.axes)))
        self._check(axes)
        letters = {axis: LETTERS[i] for i, axis in enumerate((*axes, index))}
        text = ",".join("".join(letters[axis] for axis in part.axes) for part in parts)
        result = "".join(letters[axis] for axis in axes)
        tensors = [part.tensor.to(torch.float64) for part in parts]
        return Axed(torch.einsum(f"{text}->{result}", *tensors), axes)

    def _absorbed(self, parts: Sequence[Axed], fits: Callable[[Any, Any], bool]) -> list[Axed]:
        """The factors of a product, those multiplied into another one whose axes fit theirs, as sets."""
        left: list[Axed] = []
        products: set[int] = set()  # those of `left` that nobody else has
        for part in sorted(parts, key=lambda part: -len(part.axes)):
            for i, other in enumerate(left):
                if fits(set(part.axes), set(other.axes)):
                    if i in products and other.tensor.dtype == torch.float64:
                        other.tensor.mul_(self._spread(part, other.axes))
                    else:
                        left[i] = self._joined(operator.mul, [other, part])
                        products.add(i)
                    break
            else:
                left.append(part)
        return left
