"""Programs over arrays entry by entry, for languages without operations on arrays: loops over what has a name."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradcli.code.affine import Affine, box_of
from gradcli.code.data import CodeArgument, CodeLoop, CodeOut, Straight, Tree
from gradcli.code.derivatives import Places, labelled
from gradcli.code.emitter import PUT, STAGE
from gradcli.code.entries import EntryWriter
from gradcli.code.straight import MAX_PARTS
from gradcli.errors import LimitError
from gradcli.functions import table
from gradcli.functions.entries import ONE, EntryRule, PlaceRule
from gradcli.functions.shapes import Shape
from gradcli.language import trees
from gradcli.language.nodes import Name, Node
from gradcli.language.trees import HERE
from gradcli.tape.tape import ConstantTensor, Input, Op, Primitive

MAX_STORED = 200_000  # entries of all arrays of a function together


class LoopWriter(EntryWriter):
    """Writes the live operations of a tape of arrays as statements and loops."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.outs: dict[int, CodeOut] = {}  # arrays that are results, by the operation
        self.again = self._read_again()

    def write(self, name: str, by: tuple[str, ...], shapes: Mapping[str, Any]) -> Straight:
        """The whole program."""
        self._count()
        outs = self._outs(by)
        for index, op in enumerate(self.tape.ops):
            if self.live[index]:
                self._one(index, op)
        if self.stored > MAX_STORED:
            raise LimitError(STAGE, f"the function would keep {self.stored:,} numbers, and {MAX_STORED:,} is the limit")
        arguments = tuple(CodeArgument(self.names.given[one], one, shapes.get(one, ())) for one in self.tape.inputs)
        results = {what: self._loop_result(places) for what, places in self.found.results.items()}
        return Straight(
            name, arguments, tuple(self.statements), results, by, frozenset(self.rows), self.operations,
            constants=tuple(self.constants.values()), has_arrays=self._has_arrays,
            outs=tuple(self._filled(*one) for one in outs),
        )  # fmt: skip

    # Results

    @property
    def _has_arrays(self) -> bool:
        places = (*self.tape.inputs.values(), *self.found.outputs)
        return any(self.tape.ops[place].shape for place in places)

    def _outs(self, by: Sequence[str]) -> list[tuple[str, int]]:
        """The parameters that are filled, with the operation of each; an array is computed there if it can be."""
        if not self.loops.fills:
            return []
        found = [(label, place) for what, one in self.found.results.items() for label, place in labelled(what, one, by)]
        if found[0][0] == "value" and not self.tape.ops[found[0][1]].shape:
            found = found[1:]
        if not any(self.tape.ops[place].shape for _, place in found):
            return []
        outs = [(label if label == "value" else self.names.own(self._named_by(label)), place) for label, place in found]
        for label, place in outs:
            op = self.tape.ops[place]
            if op.shape and place not in self.arrays and place not in self.own and place not in self.outs:
                self.outs[place] = CodeOut(label, op.shape)
        return outs

    def _named_by(self, label: str) -> str:
        return "_".join(self.names.given.get(part, part) for part in label.split(" "))

    def _filled(self, label: str, place: int) -> CodeOut:
        op = self.tape.ops[place]
        if not op.shape:
            return CodeOut(label, (), self.nodes[place])
        made = self.outs.get(place)
        return CodeOut(label, op.shape) if made is not None and made.name == label else self._copied(label, place)

    def _copied(self, label: str, place: int) -> CodeOut:
        return CodeOut(label, self.tape.ops[place].shape, Name(self.arrays[place], HERE))

    def _loop_result(self, places: Places) -> Tree:
        if isinstance(places, tuple):
            return tuple(self._loop_result(one) for one in places)
        return Name(self.arrays[places], HERE) if places in self.arrays else self.nodes[places]

    # Operations

    def _one(self, index: int, op: Op) -> None:
        if isinstance(op, Input) and op.shape:
            return
        if not op.shape and not (isinstance(op, Primitive) and any(self.tape.ops[arg].shape for arg in op.args)):
            self._write(index, op)
            return
        rule = self._rule(op)
        folds = isinstance(rule, EntryRule) and (bool(rule.folded) or rule.upto is not None)
        if not op.shape and not folds:
            self._named(index, self._entry(index, ()))
        elif self._is_kept(index, op, rule, folds):
            self._keep(index, op, rule)
        else:
            self.sizes[index] = 1 + sum(self.sizes.get(arg, 1) for arg in op.args)
            if index in self.found.outputs or index in self.own:
                self._elementwise(index, op)

    def _named(self, index: int, node: Node) -> None:
        """A number that comes of arrays, and stands where it is used."""
        self.nodes[index], self.sizes[index] = node, 2

    def _is_kept(self, index: int, op: Op, rule: Any, folds: bool) -> bool:
        """Whether an array is computed once, entry by entry, and has a name."""
        if isinstance(op, ConstantTensor):
            return False
        assert isinstance(op, Primitive)
        if folds or op.row is PUT:
            return True
        if isinstance(rule, PlaceRule):
            return rule.along is not None or rule.inside is not None or self._affine(op, rule) is None
        if isinstance(rule, EntryRule):
            return len(set(rule.result) - {ONE}) < len(rule.result.replace(ONE, "")) or len(op.args) > 1
        if op.row.gives_truth:
            return False
        size = 1 + sum(self.sizes.get(arg, 1) for arg in op.args)
        return self.uses[index] > 1 or index in self.again or size > MAX_PARTS

    def _read_again(self) -> set[int]:
        """Operations whose entries are read several times each: by a product of matrices, or as they are repeated."""
        found: set[int] = set()
        for op in self.tape.ops:
            if isinstance(op, Primitive) and op.row is not PUT:
                for arg in op.args:
                    shape = self.tape.ops[arg].shape
                    is_repeated = bool(shape) and op.row.shape is None and shape != op.shape
                    if is_repeated or (op.row.shape is not None and len(op.args) > 1):
                        found.add(arg)
        return found

    def _keep(self, index: int, op: Op, rule: Any) -> None:
        assert isinstance(op, Primitive)
        if op.row is PUT:
            self._put(index, op)
        elif isinstance(rule, EntryRule):
            if rule.upto is not None:
                self._running(index, op, rule)
            else:
                self._folded(index, op, rule)
        elif isinstance(rule, PlaceRule):
            self._placed(index, op, rule)
        else:
            self._elementwise(index, op)

    def _begin(self, index: int) -> str:
        """The name of what is computed now."""
        shape = self.tape.ops[index].shape
        self.stored += math.prod(shape)
        if index in self.outs:
            name = self.outs[index].name
        else:
            name = self.names.given[self.own[index]] if index in self.own else self.names.fresh()
        self.sizes[index] = 1
        if shape:
            self.arrays[index] = name
        else:
            self.nodes[index] = Name(name, HERE)
        return name

    def _loop(
        self, name: str, index: int, loops: Sequence[tuple[str, int]], target: Sequence[Affine], value: Node, *more: Any
    ) -> None:
        """A loop; the first one of an array declares it, where it is no parameter."""
        shape = self.tape.ops[index].shape
        is_first = not any(isinstance(one, CodeLoop) and one.name == name for one in self.statements)
        declares = is_first and index not in self.outs
        padded = bool(shape) and is_first and math.prod(n for _, n in loops) < math.prod(shape)
        indices = self._indices(target, shape)
        folded, fold = more or ((), "")
        self.statements.append(CodeLoop(name, shape, tuple(loops), indices, value, folded, fold, declares, padded))

    def _elementwise(self, index: int, op: Op) -> None:
        letters = self.letters[: len(op.shape)]
        at = [Affine(0, ((letter, 1),)) for letter in letters]
        value = self._entry(index, at)
        name = self._begin(index)
        self._loop(name, index, list(zip(letters, op.shape)), at, value)

    def _folded(self, index: int, op: Primitive, rule: EntryRule) -> None:
        sizes = rule.sizes([self.tape.ops[arg].shape for arg in op.args])
        own = [letter for letter in dict.fromkeys(rule.result) if letter != ONE]
        letters = dict(zip([*own, *rule.folded], self.letters))
        at = {letter: Affine(0, ((letters[letter], 1),)) for letter in letters}
        found = rule.entries(at, Affine(0))
        factors = [self._entry(arg, one) for arg, one in zip(op.args, found)]
        value = factors[0]
        for factor in factors[1:]:
            value = trees.call("*", value, factor)
        name = self._begin(index)
        target = [at[letter] if letter != ONE else Affine(0) for letter in rule.result]
        folded = tuple((letters[letter], sizes[letter]) for letter in rule.folded)
        fold = (folded, rule.fold) if folded else ()
        self._loop(name, index, [(letters[letter], sizes[letter]) for letter in own], target, value, *fold)

    def _running(self, index: int, op: Primitive, rule: EntryRule) -> None:
        """Each entry from the one before it."""
        assert rule.upto is not None
        dim = rule.result.index(rule.upto[1])
        letters = self.letters[: len(op.shape)]
        at = [Affine(0, ((letter, 1),)) for letter in letters]
        first = [*at[:dim], Affine(0), *at[dim + 1 :]]
        after = [*at[:dim], Affine(1, ((letters[dim], 1),)), *at[dim + 1 :]]
        loops = list(zip(letters, op.shape))
        start, later = self._entry(op.args[0], first), self._entry(op.args[0], after)
        name = self._begin(index)
        before = self._access(name, at, op.shape)
        value = trees.call(rule.fold, before, later)
        self._loop(name, index, [*loops[:dim], *loops[dim + 1 :]], first, start)
        self._loop(name, index, [*loops[:dim], (letters[dim], op.shape[dim] - 1), *loops[dim + 1 :]], after, value)

    def _placed(self, index: int, op: Primitive, rule: PlaceRule) -> None:
        """Part by part, where there are parts; 0 where no entry is."""
        given = [self.tape.ops[arg].shape for arg in op.args]
        starts = rule.starts(given)
        parts = []
        for part in range(len(op.args) if rule.along is not None else 1):
            offsets = [0] * len(op.shape)
            sizes = list(op.shape)
            if rule.along is not None:
                offsets[rule.along] = starts[part]
                sizes[rule.along] = starts[part + 1] - starts[part]
            if 0 not in sizes:
                parts.append((part, self._part(op, rule, part, offsets, sizes)))
        name = self._begin(index)
        for _, (target, loops, value) in parts:
            self._loop(name, index, loops, target, value)

    def _part(
        self, op: Primitive, rule: PlaceRule, part: int, offsets: list[int], sizes: list[int]
    ) -> tuple[list[Affine], list[tuple[str, int]], Node]:
        """Where one part is put, the loops, and the entry."""
        given = [self.tape.ops[arg].shape for arg in op.args]
        start = rule.starts(given)[part]
        condition: Node | None = None
        inside = True
        if rule.inside is not None:
            mask = self._mask(rule, op.shape, given, self._grid(offsets, sizes))
            box = box_of(mask)
            if box is None:
                inside = mask
                condition = trees.call("!=", self._table(mask, sizes, False), Name("0", HERE))
            else:
                offsets, sizes = [o + low for o, (low, _) in zip(offsets, box)], [high - low for low, high in box]
        grid = self._grid(offsets, sizes)
        letters = self.letters[: len(sizes)]
        places = [np.where(inside, one, 0) for one in rule.inner(grid, start, op.shape, given)]
        value = self._entry(op.args[part], [self._fit(one, sizes, letters) for one in places])
        if condition is not None:
            value = trees.call("where", condition, value, trees.number(0))
        target = [Affine(offset, ((letter, 1),)) for offset, letter in zip(offsets, letters)]
        return target, list(zip(letters, sizes)), value

    def _mask(self, rule: PlaceRule, shape: Shape, given: Sequence[Shape], grid: Sequence[Any]) -> Any:
        assert rule.inside is not None
        mask = np.ones(np.broadcast_shapes(*(one.shape for one in grid)), dtype=bool)
        for one in rule.inside(grid, shape, given):
            mask = mask & np.asarray(one, dtype=bool)
        return mask

    def _put(self, index: int, op: Primitive) -> None:
        """Zeros with a part put in its place."""
        shape, *subs = op.statics
        row = table.BY_NAME["x[]"]
        assert row.entry is not None and row.shape is not None
        rule, part = row.entry(shape, *subs), tuple(row.shape(shape, *subs))
        assert isinstance(rule, PlaceRule)
        places = rule.inner(self._grid([0] * len(part), list(part)), 0, part, (shape,))
        letters = self.letters[: len(part)]
        at = [Affine(0, ((letter, 1),)) for letter in letters]
        target = [self._fit(one, part, letters) for one in places]
        value = self._broadcast(op.args[0], at)
        name = self._begin(index)
        self._loop(name, index, list(zip(letters, part)), target, value)
