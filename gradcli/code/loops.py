"""Programs over arrays entry by entry, for languages without operations on arrays: loops over what has a name."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradcli.code.affine import Affine, fitted
from gradcli.code.data import CodeArgument, CodeConstant, CodeLoop, CodeOut, Straight, Tree
from gradcli.code.derivatives import Places
from gradcli.code.emitter import PUT, STAGE
from gradcli.code.straight import MAX_PARTS, StraightWriter
from gradcli.errors import GradcliError, LimitError
from gradcli.functions import table
from gradcli.functions.entries import ONE, EntryRule, PlaceRule
from gradcli.functions.shapes import Shape
from gradcli.language import trees
from gradcli.language.nodes import Name, Node
from gradcli.language.trees import HERE
from gradcli.tape.dependence import entry_rule
from gradcli.tape.tape import ConstantTensor, Input, Op, Primitive

MAX_STORED = 200_000  # entries of all arrays of a function together
LETTERS = "ijklmnopqrst"
FOLDS = ("+", "*", "max", "min")


class LoopWriter(StraightWriter):
    """Writes the live operations of a tape of arrays as statements and loops."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        assert self.language.loops is not None
        self.loops = self.language.loops
        self.arrays = {index: name for index, name in self.variables.items() if self.tape.ops[index].shape}
        self.atoms: dict[str, Node] = {}
        self.constants: dict[Any, CodeConstant] = {}
        self.outs: dict[int, CodeOut] = {}  # arrays that are results, by the operation
        self.letters = self._free_letters()
        self.again = self._read_again()
        self.stored = 0

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
        found = [
            (label, place) for what, one in self.found.results.items() for label, place in _labelled(what, one, by)
        ]
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
            box = _box(mask)
            if box is None:
                inside = mask
                condition = trees.call("!=", self._table(mask, sizes, False), Name("0", HERE))
            else:
                offsets, sizes = [o + low for o, (low, _) in zip(offsets, box)], [high - low for low, high in box]
        grid = self._grid(offsets, sizes)
        letters = self.letters[: len(sizes)]
        at = [Affine(0, ((letter, 1),)) for letter in letters]
        places = [np.where(inside, one, 0) for one in rule.inner(grid, start, op.shape, given)]
        value = self._entry(op.args[part], [self._fit(one, sizes, at, letters) for one in places])
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
        target = [self._fit(one, part, at, letters) for one in places]
        value = self._broadcast(op.args[0], at)
        name = self._begin(index)
        self._loop(name, index, list(zip(letters, part)), target, value)

    # Entries

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
        """Where an entry of a single part comes from, over the dimensions; None where that is no sum of these."""
        if rule.along is not None or rule.inside is not None:
            return None
        given = [self.tape.ops[arg].shape for arg in op.args]
        letters = [f"{place}" for place in range(len(op.shape))]
        places = rule.inner(self._grid([0] * len(op.shape), list(op.shape)), 0, op.shape, given)
        found = [fitted(one, op.shape, letters) for one in places]
        return None if None in found else found  # type: ignore[return-value]

    def _fit(self, places: Any, sizes: Sequence[int], at: Sequence[Affine], letters: Sequence[str]) -> Affine:
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
        from fractions import Fraction

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


def _labelled(what: str, places: Places, by: Sequence[str]) -> list[tuple[str, int]]:
    """What each result is called: gradient x, jacobian 2 x, hessian x y."""
    if not isinstance(places, tuple):
        return [(what, places)]
    found = []
    for position, one in enumerate(places):
        label = by[position] if position < len(by) and what in ("gradient", "hessian") else f"{position + 1}"
        if what == "jacobian" and not isinstance(one, tuple):
            label = by[position]
        if isinstance(one, tuple):
            found += [(f"{what} {label} {by[i]}", inner) for i, inner in enumerate(one) if isinstance(inner, int)]
        else:
            found.append((f"{what} {label}", one))
    return found


def _box(mask: Any) -> list[tuple[int, int]] | None:
    """The ranges of a box where a mask is true, and false elsewhere; None where it is no box."""
    if not mask.any():
        return None
    box = []
    for dim in range(mask.ndim):
        other = tuple(one for one in range(mask.ndim) if one != dim)
        found = np.flatnonzero(mask.any(axis=other))
        box.append((int(found[0]), int(found[-1]) + 1))
    return box if math.prod(high - low for low, high in box) == int(mask.sum()) else None
