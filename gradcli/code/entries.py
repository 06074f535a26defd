"""Entries of arrays as trees: where each comes from, through whatever only moves, repeats or combines entries."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from gradcli.code.affine import Affine, fitted
from gradcli.code.data import CodeConstant
from gradcli.code.emitter import PUT, STAGE
from gradcli.code.straight import StraightWriter
from gradcli.errors import GradcliError
from gradcli.functions.entries import ONE, EntryRule, PlaceRule
from gradcli.functions.shapes import Shape
from gradcli.language import trees
from gradcli.language.nodes import Name, Node
from gradcli.language.trees import HERE
from gradcli.tape.dependence import entry_rule
from gradcli.tape.tape import ConstantTensor, Op, Primitive

LETTERS = "ijklmnopqrst"
FOLDS = ("+", "*", "max", "min")


class EntryWriter(StraightWriter):
    """Writes entries of the operations of a tape of arrays; what has a name is read, the rest is put in."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        assert self.language.loops is not None
        self.loops = self.language.loops
        self.arrays = {index: name for index, name in self.variables.items() if self.tape.ops[index].shape}
        self.atoms: dict[str, Node] = {}
        self.constants: dict[Any, CodeConstant] = {}
        self.letters = self._free_letters()
        self.stored = 0

    def _rule(self, op: Op) -> Any:
        """What an entry is; None where each is that of the arguments.

        Raises GradcliError for what is no entry by entry.
        """
        if not isinstance(op, Primitive) or op.row is PUT or op.row.shape is None:
            return None
        rule = entry_rule(self.tape, op)
        is_plain = (
            isinstance(rule, EntryRule) and rule.fold in FOLDS and (rule.upto is None or self.language.has(rule.fold))
        )
        if not is_plain and not isinstance(rule, PlaceRule):
            raise GradcliError(
                STAGE, f'{self.language.name} has no "{op.row.name}"', source=self.source if op.span else None,
                span=op.span, expected="a function of entries", hint="--to numpy, torch or jax has those of matrices",
            )  # fmt: skip
        return rule

    def _entry(self, index: int, at: Sequence[Affine]) -> Node:
        """An entry of an operation as a tree."""
        op = self.tape.ops[index]
        if not op.shape and index in self.nodes:
            return self.nodes[index]
        if index in self.arrays:
            return self._access(self.arrays[index], at, op.shape)
        if isinstance(op, ConstantTensor):
            return self._known_entry(op, at)
        assert isinstance(op, Primitive)
        rule = self._rule(op)
        if isinstance(rule, PlaceRule):
            found = self._affine(op, rule)
            assert found is not None
            letters = [f"{place}" for place in range(len(op.shape))]
            return self._entry(op.args[0], [one.then(at, letters) for one in found])
        if isinstance(rule, EntryRule):
            own = {letter: one for letter, one in zip(rule.result, at) if letter != ONE}
            (entry,) = rule.entries(own, Affine(0))
            return self._entry(op.args[0], entry)
        return self._node(op, [self._broadcast(arg, at) for arg in op.args])

    def _broadcast(self, index: int, at: Sequence[Affine]) -> Node:
        """An entry of an operation that may be repeated."""
        shape = self.tape.ops[index].shape
        own = at[len(at) - len(shape) :]
        return self._entry(index, [Affine(0) if size == 1 else one for size, one in zip(shape, own)])

    def _affine(self, op: Primitive, rule: PlaceRule) -> list[Affine] | None:
        """Where an entry of a single part comes from, over the dimensions; None where that is not a sum of these."""
        if rule.along is not None or rule.inside is not None:
            return None
        given = [self.tape.ops[arg].shape for arg in op.args]
        letters = [f"{place}" for place in range(len(op.shape))]
        places = rule.inner(self._grid([0] * len(op.shape), list(op.shape)), 0, op.shape, given)
        found = [fitted(one, op.shape, letters) for one in places]
        return None if None in found else found  # type: ignore[return-value]

    def _fit(self, places: Any, sizes: Sequence[int], letters: Sequence[str]) -> Affine:
        """Places as a sum of the letters, or by a table."""
        found = fitted(places, tuple(sizes), letters)
        if found is not None:
            return found
        whole = np.broadcast_to(np.asarray(places), tuple(sizes))
        node = self._table(whole, sizes)
        key = f"[{len(self.atoms)}]"
        self.atoms[key] = node
        return Affine(0, ((key, 1),))

    def _table(self, values: Any, sizes: Sequence[int], is_index: bool = True) -> Node:
        """The entry of an array of whole numbers at the letters."""
        flat = tuple(int(one) for one in np.broadcast_to(values, tuple(sizes)).ravel())
        name = self._constant_name(flat, tuple(sizes), is_index)
        at = [Affine(0, ((letter, 1),)) for letter in self.letters[: len(sizes)]]
        return self._access(name, at, tuple(sizes))

    def _known_entry(self, op: ConstantTensor, at: Sequence[Affine]) -> Node:
        values = tuple(float(one) for one in op.data.data)
        if len(set(values)) == 1:
            return self._decimal(values[0])
        return self._access(self._constant_name(values, op.shape, False), at, op.shape)

    def _decimal(self, value: float) -> Node:
        return self._number(Fraction(value))

    def _constant_name(self, values: tuple[float, ...], shape: Shape, is_index: bool) -> str:
        key = (values, shape, is_index)
        if key not in self.constants:
            self.stored += len(values)
            self.constants[key] = CodeConstant(self.names.fresh(), shape, values, is_index)
        return self.constants[key].name

    def _access(self, name: str, at: Sequence[Affine], shape: Shape) -> Node:
        return trees.call("entry", Name(name, HERE), *self._indices(at, shape))

    def _indices(self, at: Sequence[Affine], shape: Shape) -> tuple[Node, ...]:
        if self.loops.is_flat and shape:
            strides = [math.prod(shape[dim + 1 :]) for dim in range(len(shape))]
            letters = [f"{dim}" for dim in range(len(shape))]
            at = [Affine(0, tuple((f"{dim}", stride) for dim, stride in enumerate(strides))).then(at, letters)]
        return tuple(one.node(self.loops.first, self.atoms) for one in at)

    def _grid(self, offsets: Sequence[int], sizes: Sequence[int]) -> tuple[Any, ...]:
        """The indices of all entries, as arrays that are broadcast."""
        count = len(sizes)
        return tuple(
            (np.arange(size) + offset).reshape((1,) * dim + (size,) + (1,) * (count - dim - 1))
            for dim, (offset, size) in enumerate(zip(offsets, sizes))
        )

    def _free_letters(self) -> list[str]:
        """Letters for indices that no name of the program is."""
        free = [one for one in LETTERS if self.names.is_free(one)]
        more = (f"i{count}" for count in range(1, 2 * len(LETTERS)))
        return [*free, *(one for one in more if self.names.is_free(one))][: len(LETTERS)]
