"""What one entry of a tensor operation is, said once, in the notation of einsum: "ik,kj->ij".

The tape of numbers, the index form, the sizes of dimensions, the analysis of what varies, and the values and sweeps of
whole tensors in balls all read it from here: a rule is of one of few kinds, and each of them knows these.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Any, Literal, NamedTuple, TypeVar, Union

from gradcli.functions import shapes

T = TypeVar("T")

LETTERS = "abcdefghijkl"  # as many as a tensor may have dimensions
STACKS = "abcdefghlm"  # of the dimensions of a stack of matrices
ONE = "1"  # a dimension with one entry: of the result, or of an argument that is broadcast along it


@dataclass(frozen=True)
class EntryRule:
    """An entry of a result: one entry of each argument, multiplied, and folded over the letters it does not have.

    factors  the letters of each argument's dimensions; a letter that stands twice is a diagonal
    result   the letters of the result's dimensions; where one stands twice, entries beside the diagonal are 0
    fold     the row of two numbers that joins what the folded letters run over; or "median", the one in the middle; or
             "sorted", the one whose place in ascending order a letter of the result says; or what is counted from 0:
             "argsorted", where that one stands, "argmax" and "argmin", where the first extreme one does
    upto     a folded letter, and that of the result up to which it runs, itself included; or which is the place
    """

    factors: tuple[str, ...]
    result: str
    fold: str = "+"
    upto: tuple[str, str] | None = None

    @property
    def folded(self) -> str:
        """The letters that are not in the result, in their order."""
        letters = "".join(self.factors)
        return "".join(dict.fromkeys(letter for letter in letters if letter not in self.result and letter != ONE))

    @property
    def gone(self) -> tuple[int, ...]:
        """The dimensions of the first argument that are folded."""
        return tuple(i for i, letter in enumerate(self.factors[0]) if letter in self.folded)

    @property
    def runs(self) -> bool:
        """Whether a formula of an entry runs over an index."""
        return bool(self.folded) and self.fold != "median"

    @property
    def bends(self) -> bool:
        """Whether a formula of an entry is not linear in its arguments, or runs over an index itself."""
        return not self.adds_up and self.fold != "median"

    @property
    def selects(self) -> bool:
        """Whether an entry of a result is one of those that are folded."""
        return self.fold in ("max", "min", "median")

    @property
    def orders(self) -> bool:
        """Whether the folded entries have to be put in order."""
        return self.fold in ("median", "sorted", "argsorted")

    @property
    def counts(self) -> bool:
        """Whether an entry of a result is the index of one of those that are folded: a whole number."""
        return self.fold in ("argsorted", "argmax", "argmin")

    @property
    def inner(self) -> int | None:
        """Of a product of matrices, how many dimensions are folded: the first one's last, the second one's first."""
        if len(self.factors) != 2 or self.fold != "+" or len(set("".join(self.factors))) < len(self.result):
            return None
        (first, second), count = self.factors, len(self.folded)
        rows = first[: len(first) - count]
        fits = first == rows + self.folded and second[:count] == self.folded and self.result == rows + second[count:]
        return count if fits else None

    @property
    def adds_up(self) -> bool:
        """Whether an entry is a sum of all entries of the argument in a row, column or the like, or one of them."""
        return self.fold == "+" and len(self.factors) == 1 and self.upto is None

    def sizes(self, given: Sequence[Sequence[T]]) -> dict[str, T]:
        """What each letter of the factors runs over, from the sizes of the arguments' dimensions."""
        return {letter: size for letters, sizes in zip(self.factors, given) for letter, size in zip(letters, sizes)}

    def multiplications(self, given: Sequence[shapes.Shape]) -> int:
        """How many numbers are multiplied, of whole tensors: two factors at a time, from the left.

        What no other factor and no result has is summed before.
        """
        sizes, whole = self.sizes(given) | {ONE: 1}, "".join((*map("".join, map(set, self.factors)), self.result))
        factors = [{letter for letter in factor if whole.count(letter) > 1} for factor in self.factors]
        total, letters = 0, factors[0]
        for i, factor in enumerate(factors[1:], 2):
            letters = letters | factor
            total += math.prod(sizes[letter] for letter in letters)
            letters = letters & set(self.result).union(*self.factors[i:])
        return total

    def entries(self, at: Mapping[str, T], zero: T) -> list[tuple[T, ...]]:
        """The entry of each argument where the letters stand for these indices."""
        return [tuple(zero if letter == ONE else at[letter] for letter in letters) for letters in self.factors]

    @property
    def is_general(self) -> bool:
        """Whether an entry is a sum of products, or has letters that stand twice, or is broadcast."""
        repeats = any(len(set(letters)) < len(letters) for letters in (*self.factors, self.result.replace(ONE, "")))
        return self.fold == "+" and self.upto is None and (len(self.factors) > 1 or repeats)


class Table(NamedTuple):
    """Whole numbers in row-major order over a shape: that of some dimensions of a result."""

    values: tuple[int, ...]
    shape: shapes.Shape
    dims: tuple[int, ...]

    def at(self, at: Sequence[Any]) -> Any:
        """The numbers at indices of the result: whole numbers, or arrays of them."""
        return self.of([at[dim] for dim in self.dims])

    def of(self, own: Sequence[Any]) -> Any:
        """The numbers at indices of its own."""
        place: Any = 0
        for i, size in zip(own, self.shape):
            place = place * size + i
        if isinstance(place, int):
            return self.values[place]
        return self.flat[place]

    @property
    def flat(self) -> Any:
        """All numbers one after the other, as an array."""
        import numpy as np

        return np.asarray(self.values)

    def nested(self) -> Any:
        """The numbers as nested tuples."""
        level: tuple[Any, ...] = self.values
        for size in reversed(self.shape[1:]):
            level = tuple(level[start : start + size] for start in range(0, len(level), size))
        return level if self.shape else level[0]


@dataclass(frozen=True)
class PlaceRule:
    """An entry of a result: one entry of one argument, a part of it.

    place  callable of the result's indices, where the part begins, the result's sizes and those of the arguments'
           dimensions: the indices into the part. All are numbers, arrays of them or symbols
    along  the dimension of the result that the parts stand along; None for one part
    new    whether each part is one place along that dimension, which the part itself does not have
    sizes  of one part: callable of the sizes of the argument's dimensions, numbers or symbols: the result's; None where
           they are numbers whatever those are
    tables  of one part: whole numbers that are known, which `place` is given last, at the result's indices
    fixed  of one part: the dimensions of the argument whose size the tables are for
    repeats  whether an entry of an argument may be several of the result
    inside  of one part: callable of the result's indices, its sizes and those of the argument's dimensions: the
            conditions without which an entry is 0, whatever `place` says then
    """

    place: Callable[..., tuple[Any, ...]]
    along: int | None = None
    new: bool = False
    sizes: Callable[[Sequence[Any]], Sequence[Any] | None] = lambda given: None
    tables: tuple[Table, ...] = ()
    fixed: tuple[int, ...] = ()
    repeats: bool = False
    inside: Callable[[Any, Any, Any], Sequence[Any]] | None = None

    def inner(self, at: Any, start: Any, sizes: Any, given: Any) -> tuple[Any, ...]:
        """The indices into a part, at numbers or arrays of them."""
        return self.place(at, start, sizes, given, *(table.at(at) for table in self.tables))

    def starts(self, given: Sequence[Any]) -> Sequence[Any]:
        """Where each part begins, and where the last one ends."""
        if self.new or self.along is None:
            return range(len(given) + 1)
        return [0, *accumulate(sizes[self.along] for sizes in given)]


MatrixKind = Literal[
    "inverse", "determinant", "factor", "eigenvalues", "eigenvectors", "singular values", "left vectors",
    "right vectors", "exponential",
]  # fmt: skip


@dataclass(frozen=True)
class MatrixRule:
    """The result is a function of a whole matrix: each entry is made of all of them.

    near      the result by a library, callable of an array of doubles: signs that are open are taken from there
    program   what the function is in terms of others, in the language, of matrices of these sizes
    """

    kind: MatrixKind
    near: Callable[[Any], Any] | None = None
    program: str | None = None

    @property
    def is_by_numbers(self) -> bool:
        """Whether a finite number of operations on numbers computes it."""
        return self.kind in ("inverse", "determinant", "factor")

    @property
    def takes_any(self) -> bool:
        """Whether the matrix need not be square."""
        return self.kind in ("singular values", "left vectors", "right vectors")


@dataclass(frozen=True)
class SizeRule:
    """The result is a number: how many entries the argument has along some dimensions."""

    dims: tuple[int, ...]


@dataclass(frozen=True)
class SignRule:
    """The result is signs, 1 or -1, that the mathematics leaves open: a library chooses them, and they are constant.

    near  the signs, callable of the argument in doubles
    """

    near: Callable[[Any], Any]


Entry = Union[EntryRule, PlaceRule, MatrixRule, SizeRule, SignRule]


@cache
def einsum(text: str, fold: str = "+", upto: tuple[str, str] | None = None) -> EntryRule:
    """The rule of a text like "ik,kj->ij"."""
    factors, _, result = text.partition("->")
    return EntryRule(tuple(factors.split(",")), result, fold, upto)


def counted(x: shapes.Shape, dim: Any) -> SizeRule:
    """That of how many entries there are, or would be reduced."""
    return SizeRule(shapes.dims(x, dim))


def reduced(fold: str) -> Callable[..., EntryRule]:
    """That of a reduction by a row of two numbers."""

    def rule(x: shapes.Shape, dim: Any, keepdim: bool) -> EntryRule:
        gone, letters = shapes.dims(x, dim), LETTERS[: len(x)]
        kept = "".join(letter if i not in gone else ONE * bool(keepdim) for i, letter in enumerate(letters))
        return einsum(f"{letters}->{kept}", fold)

    return rule


def running(fold: str) -> Callable[..., EntryRule]:
    """That of the sums, or another fold, of the first entries along a dimension."""

    def rule(x: shapes.Shape, dim: int) -> EntryRule:
        letters = LETTERS[: len(x)]
        if not letters:
            return einsum("->")
        (place,) = shapes.dims(x, dim)
        return einsum(f"{letters}->{letters[:place]}z{letters[place + 1 :]}", fold, (letters[place], "z"))

    return rule


def product(x: shapes.Shape, y: shapes.Shape) -> EntryRule:
    """That of a product of matrices and vectors, and of stacks of matrices, which are broadcast."""
    left, right = "ik"[2 - min(len(x), 2) :], "kj"[: min(len(y), 2)]
    stacks = shapes.broadcast(x[:-2], y[:-2])
    rank = len(stacks)

    def named(sizes: shapes.Shape) -> str:
        there = range(rank - len(sizes), rank)
        return "".join(STACKS[i] if size == stacks[i] else ONE for i, size in zip(there, sizes))

    return einsum(f"{named(x[:-2])}{left},{named(y[:-2])}{right}->{STACKS[:rank]}{left[:-1]}{right[1:]}")


def transposed(x: shapes.Shape) -> EntryRule:
    """That of a transpose."""
    return einsum(f"{LETTERS[: len(x)]}->{LETTERS[: len(x)][::-1]}")


def diagonal(x: shapes.Shape) -> EntryRule:
    """That of a diagonal, or of the matrix of one."""
    return einsum("i->ii" if len(x) == 1 else "ii->i")
