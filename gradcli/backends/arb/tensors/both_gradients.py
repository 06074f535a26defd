"""The gradients of some outputs with all kinks on either side, and which way each entry takes them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.backends.arb.tensors import arrays
from gradcli.backends.arb.tensors.branch import Branch
from gradcli.backends.arb.tensors.fields import BallField, ReachField, SizeField
from gradcli.backends.arb.tensors.kinks import SIDES
from gradcli.backends.arb.tensors.quotient import OneSided
from gradcli.backends.arb.tensors.rows_of import groups
from gradcli.backends.arb.tensors.sweep import sweep, unbroadcast
from gradcli.tape.dependence import depends
from gradcli.tape.tape import Primitive

if TYPE_CHECKING:
    from gradcli.backends.arb.tensors.question import TensorQuestion

ALIKE = 1e-9  # relative: a sum is that of its absolute values
SEED = 20240229
MOST_RIVALS = 6  # entries of one tie that are looked at
SAME = 2.0**-100  # 1e-30: sides that differ by no more are the same
APART = 2.0**-40  # and those that differ by no more take a closer look


class BothGradients:
    """The two gradients of some outputs, and which way each entry takes their kinks."""

    def __init__(
        self,
        reference: TensorQuestion,
        balls: BallField,
        fields: Mapping[int, Branch],
        outputs: Sequence[int],
        targets: Sequence[int],
        samples: Mapping[int, list[int]],
    ) -> None:
        kinks = self.kinks = fields[1].kinks
        self.reference, self.tape = reference, reference.tape
        self.outputs, self.targets, self.samples = list(outputs), list(targets), samples
        self.balls, self.evaluation = balls, balls.evaluation
        self.active = depends(self.tape, targets, derivatives=True)
        self.shapes = [
            (len(self.samples[target]),) if target in self.samples else self.tape.ops[target].shape
            for target in targets
        ]
        self.generator = np.random.Generator(np.random.PCG64(SEED))
        self.rivals = {
            index: self.generator.uniform(1, 2, kink.mask.shape)
            for index, kink in kinks.items()
            if isinstance(op := self.tape.ops[index], Primitive) and op.row.shape is not None
        }
        # By side and target: rows of outputs, columns of entries.
        self.gradients: dict[tuple[int, int], list[Any]] = {}
        self.ways: dict[tuple[int, int], list[Any]] = {}
        self.left: list[Any] = []  # by target, the derivatives from below, of outputs and entries
        self.right: list[Any] = []
        self.adjoints: list[Mapping[int, Any]] = []  # by output, of the operations with kinks on the side -
        self.upward: list[Any] = []  # whether the entry, when it grows, takes the kinks to the side +
        self.taken: list[list[Any]] = [[] for _ in targets]
        self.owners: list[list[Any]] = [[] for _ in targets]
        for output in self.outputs:
            seed = np.zeros(self.tape.ops[self.tape.output].shape)
            seed.reshape(-1)[output] = 1.0
            used = self._used(fields, seed)
            for position, gradient in enumerate(self._swept(balls, {self.tape.output: arrays.from_doubles(seed)})):
                self.taken[position].append(gradient)
            down = {self.tape.output: arrays.from_doubles(seed)}
            self.adjoints.append(sweep(fields[-1], self.tape, down, self.reference.moving, kinks))
            seeds = self._seeds(used)
            single: list[Any] = [True for _ in targets]
            for side, one in fields.items():
                gradients = self._swept(one, {self.tape.output: arrays.from_doubles(seed)})
                way = self._swept(one, {index: arrays.from_doubles(value) for index, value in seeds.items()})
                size = self._swept(SizeField(one), {index: np.abs(value) for index, value in seeds.items()})
                owner = self._owners(one, used)
                for position in range(len(targets)):
                    self.gradients.setdefault((side, position), []).append(gradients[position])
                    self.ways.setdefault((side, position), []).append(_way(way[position], size[position]))
                    is_one, whose = owner[position]
                    single[position] = single[position] & is_one
                    if side > 0:
                        self.owners[position].append(whose)
            for position, is_single in enumerate(single):
                self.owners[position][-1] = np.where(is_single, self.owners[position][-1], np.nan)

    def _used(self, fields: Mapping[int, Branch], seed: Any) -> dict[int, Any]:
        """Which entries of the operations with kinks matter to an output, on either side."""
        used: dict[int, Any] = {}
        for field in fields.values():
            reach = ReachField(field, self.reference.moving)
            found = sweep(reach, self.tape, {self.tape.output: seed}, self.reference.moving, self.kinks)
            for index, mask in found.items():
                used[index] = np.maximum(used.get(index, 0.0), mask)
        return used

    def _swept(self, field: BallField, seeds: Mapping[int, Any]) -> list[Any]:
        """The adjoints of all targets, flat."""
        found = sweep(field, self.tape, seeds, self.active, self.targets)
        return [
            arrays.as_array(found.get(target, field.zeros(shape))).reshape(-1)
            for target, shape in zip(self.targets, self.shapes)
        ]

    def _seeds(self, used: Mapping[int, Any], factors: Mapping[int, Any] | None = None) -> dict[int, Any]:
        """What moves the guards that matter; with factors, of what is selected alone."""
        seeds: dict[int, Any] = {}
        for index, kink in self.kinks.items():
            if index not in used or (factors is not None and index not in factors):
                continue
            op = self.tape.ops[index]
            assert isinstance(op, Primitive)
            selects = op.row.shape is not None
            there = self.evaluation.spread(index, used[index] > 0) if selects else used[index] > 0
            for position, slope in kink.slopes.items():
                arg = op.args[position]
                part = slope * there if factors is None else np.abs(slope) * there * factors[index]
                part = unbroadcast(part, self.tape.ops[arg].shape)
                seeds[arg] = seeds[arg] + part if arg in seeds else part
        return seeds

    def _owners(self, field: BallField, used: Mapping[int, Any]) -> list[tuple[Any, Any]]:
        """Of each entry, whether it moves at most one of those that tie, and the weight of that one; 0 of none."""
        if not self.rivals:
            return [(np.ones(math.prod(shape), dtype=bool), np.zeros(math.prod(shape))) for shape in self.shapes]
        powers = [
            self._swept(SizeField(field), self._seeds(used, {index: w**power for index, w in self.rivals.items()}))
            for power in (0, 1, 2)
        ]
        found = []
        for zeroth, first, second in zip(*powers):
            with np.errstate(all="ignore"):
                owner, squares = (np.where(zeroth > 0, one / zeroth, 0.0) for one in (first, second))
            found.append((owner**2 >= squares * (1 - ALIKE), owner))  # products of the sums themselves may overflow
        return found

    def known(self) -> list[Any]:
        """By target, for which outputs and entries the sides are known, as far as the sweeps say."""
        found = []
        for position in range(len(self.targets)):
            plus, minus = (np.stack(self.ways[side, position]) for side in SIDES)
            up = (plus == 1) & (minus == 1)
            down = (plus == -1) & (minus == -1)
            still = (plus == 0) & (minus == 0)
            self.upward.append(np.where(down, -1.0, 1.0))
            found.append((up | down | still) & ~np.isnan(np.stack(self.owners[position])))
        for position, upward in enumerate(self.upward):
            plus, minus = (np.stack(self.gradients[side, position]) for side in SIDES)
            self.left.append(np.where(upward > 0, minus, plus))
            self.right.append(np.where(upward > 0, plus, minus))
        return [mask & is_told(left, right) for mask, left, right in zip(found, self.left, self.right)]

    def confirm(self, known: list[Any], special: list[Any]) -> None:
        """Take out of what is known what quotients of the function do not confirm.

        Outputs are looked at together as far as no entry has to move one way for the one, and another for the other.
        """
        choices = self._choices()
        for rows, ways in self._groups(known, special):
            moved = [np.zeros(way.shape, dtype=bool) for way in ways]
            right = all(self._is_confirmed(rows, ways, side, chosen, moved) for chosen in choices for side in SIDES)
            for mask, own in zip(known, moved):
                mask[rows] &= own & right

    def _groups(self, known: list[Any], special: list[Any]) -> list[tuple[list[int], list[Any]]]:
        """Rows of outputs, and for each target which way its entries move; 0 of those that are stopped."""
        parted: list[tuple[list[int], Any, Any]] = []
        for row in range(len(self.outputs)):
            way = np.concatenate([np.where(m[row], u[row], 0.0) for m, u in zip(known, self.upward)])
            stopped = np.concatenate([s[row] & ~m[row] for s, m in zip(special, known)])
            for rows, ways, others in parted:
                moved = ways != 0
                differs = (way != 0) & (way != ways)
                if not (moved & (stopped | differs)).any() and not (others & (way != 0)).any():
                    rows.append(row)
                    np.copyto(ways, way, where=~moved)
                    np.logical_or(others, stopped, out=others)
                    break
            else:
                parted.append(([row], way, stopped))
        ends = np.cumsum([mask.shape[1] for mask in known])[:-1]
        return [(rows, list(np.split(ways, ends))) for rows, ways, _ in parted]

    def _is_confirmed(self, rows: list[int], ways: list[Any], side: int, chosen: Any, moved: list[Any]) -> bool:
        """Whether a quotient says the same along a direction to one side; what moves is noted in `moved`."""
        signs = []
        for position, way in enumerate(ways):
            owners = np.stack([self.owners[position][row] for row in rows])
            free = ((owners == 0) | np.isin(_key(owners), chosen)).all(axis=0)
            moved[position] |= free & (way != 0)
            signs.append(np.where(free, way * side, 0.0).reshape(self.shapes[position]))
        if not any(sign.any() for sign in signs):
            return True
        direction = OneSided(self.tape, self.reference.point, self.targets, signs, self.samples)
        own, others = (
            [np.stack([self.gradients[one, position][row] for row in rows]) for position in range(len(signs))]
            for one in (side, -side)
        )
        outputs = [self.outputs[row] for row in rows]
        return direction.bears_out(self.evaluation, self.reference.used, outputs, own, others)

    def _choices(self) -> list[Any]:
        """Of entries that tie with one another, one that moves at a time: of two, the larger one alone would matter."""
        found: list[list[float]] = [[] for _ in range(MOST_RIVALS if self.rivals else 1)]
        most = 1
        for index, weights in self.rivals.items():
            gone = self.evaluation.rule(index).gone
            for rivals, own in zip(groups(self.kinks[index].mask, gone), groups(weights, gone)):
                tied = own[rivals].tolist()
                most = max(most, min(len(tied), MOST_RIVALS))
                for count in range(MOST_RIVALS if tied else 0):
                    found[count].append(tied[count % len(tied)])
        return [_key(np.asarray(one)) for one in found[:most]]


def _key(weights: Any) -> Any:
    """Weights as they are told from one another after a sweep."""
    return np.round(weights / ALIKE)


def _way(way: Any, size: Any) -> Any:
    """1 or -1 where all guards go up or down with an entry, 0 where none moves to first order, else NaN."""
    middle = arrays.nearest(way)
    alike = np.abs(middle) >= size * (1 - ALIKE)
    return np.where(size == 0, 0.0, np.where(alike & np.isfinite(size), np.sign(middle), np.nan))


def is_told(left: Any, right: Any) -> Any:
    """Which sides are certainly the same, or certainly apart."""

    def told(x: Any, y: Any) -> bool:
        if not (x.is_finite() and y.is_finite()):
            return False
        gap, size = abs(x - y), abs(x) + abs(y)
        return bool(gap <= size * SAME or gap > size * APART)

    return np.frompyfunc(told, 2, 1)(left, right).astype(bool)


def merged(left: Any, right: Any) -> Any:
    """The left sides; where they are the same as the right ones up to the steps taken, those."""
    same = np.frompyfunc(lambda x, y: bool(abs(x - y) <= (abs(x) + abs(y)) * SAME), 2, 1)(left, right).astype(bool)
    return np.where(same, right, left)
