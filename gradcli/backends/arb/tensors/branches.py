"""Both sides of nonsmooth points for all entries at once: two sweeps, each with all kinks on one side.

An entry that moves has a derivative from each side. Where all guards that are 0 and that it moves go the same way, these
are the entries of the gradients of the program with all kinks on the side +, and on the side -. Which way they go a
sweep from the guards tells, and where the sum of its paths is the sum of their absolute values, they go the same way.
One-sided quotients of the function along directions that take all such entries to the same side bear both out.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.backends.arb.context import precision
from gradcli.backends.arb.tensors import arrays
from gradcli.backends.arb.tensors.cost import work_of
from gradcli.backends.arb.tensors.enclosures import NotEnclosed, apply
from gradcli.backends.arb.tensors.fields import BallField, ReachField, SizeField
from gradcli.backends.arb.tensors.forward import TensorEvaluation
from gradcli.backends.arb.tensors.kinks import SIDES, Kink, kinks_of
from gradcli.backends.arb.tensors.leaf import multiplied_only
from gradcli.backends.arb.tensors.nonsmooth import Nonsmooth, spread
from gradcli.backends.arb.tensors.quotient import OneSided
from gradcli.backends.arb.tensors.sweep import sweep, unbroadcast
from gradcli.engines.tape import depends

if TYPE_CHECKING:
    from gradcli.backends.arb.tensors.reference import TensorReference

BITS = 256
MOST_WORK = 150_000_000  # in the units of a reference's work
EVALUATIONS = 8  # of the function, and of more bits each than a reference takes
SWEEPS = 5  # for an output
ALIKE = 1e-9  # relative: a sum is that of its absolute values
SEED = 20240229
SAME = 2.0**-100  # 1e-30: sides that differ by no more are the same
APART = 2.0**-40  # and those that differ by no more take a closer look


class BranchSides(NamedTuple):
    """The derivatives of some outputs by some entries of a variable, from below and from above.

    outputs  row-major places in the output, one for each row
    places   row-major places in the variable, one for each column
    settled  which of them are known
    taken    what the chain rule with its conventions says at the point itself
    """

    outputs: Sequence[int]
    places: Any
    settled: Any
    left: Any
    right: Any
    taken: Any


class Branch(BallField):
    """Adjoints in balls where all kinks are on one side."""

    def __init__(self, balls: BallField, kinks: Mapping[int, Kink], side: int) -> None:
        evaluation = copy.copy(balls.evaluation)
        evaluation.values, evaluation.kept = list(evaluation.values), dict(evaluation.kept)
        super().__init__(evaluation)
        self.samples = balls.samples
        self.balls = balls
        self.kinks = kinks
        self.side = side
        decided = set()
        for index, op in enumerate(evaluation.tape.ops):
            if evaluation.values[index] is None or op.row is None:
                continue
            kink = kinks.get(index)
            if kink is not None and kink.truths:
                values = np.array(np.broadcast_to(evaluation.values[index], op.shape))
                values[kink.mask] = kink.truths[side]
                evaluation.values[index] = values
                decided.add(index)
            elif kink is not None and op.row.shape is not None:
                evaluation.kept[index] = np.where(kink.mask, 1.0 if side > 0 else 0.0, evaluation.kept[index])
            elif decided & set(op.args):
                self._follow(index, decided)

    def _follow(self, index: int, decided: set[int]) -> None:
        """What conditions decide; raises NotEnclosed where the value is another one on this side."""
        op = self.evaluation.tape.ops[index]
        assert op.row is not None
        value = apply(op.row, self.evaluation.args(op))
        if op.row.gives_truth:
            self.evaluation.values[index] = value
            decided.add(index)
        elif not np.frompyfunc(lambda x, y: (x - y).contains(0), 2, 1)(value, self.evaluation.values[index]).all():
            raise NotEnclosed("a jump")

    def local(self, index: int, op: Any, position: int) -> Any:
        """The derivative of an elementwise operation by one argument, on this side."""
        kink, key = self.kinks.get(index), (index, position)
        if kink is None or (position, self.side) not in kink.local:
            return self.balls.local(index, op, position)
        if key not in self.known:
            values = np.array(np.broadcast_to(self.balls.local(index, op, position), op.shape))
            values[kink.mask] = kink.local[position, self.side]
            self.known[key] = values
        return self.known[key]


class Branches:
    """The sides of all special entries of a reference's first derivatives."""

    def __init__(self, reference: TensorReference) -> None:
        self.reference = reference
        self.tape = reference.tape
        self.targets: list[int] = []  # those that have such entries
        self.samples: dict[int, list[int]] = {}

    def sides(self) -> dict[int, BranchSides]:
        """By target; what is not told like this is left out, or not settled. Raises NotEnclosed."""
        reference = self.reference
        with precision(BITS):
            evaluation = TensorEvaluation(self.tape, reference.point, reference.used)
            nonsmooth = Nonsmooth(evaluation, reference.moving)
            balls = BallField(evaluation)
            reached = self._reached(nonsmooth, balls, reference.targets)
            self.targets = [target for target, mask in reached.items() if mask.any()]
            outputs = np.flatnonzero(sum(reached[target].any(axis=1) for target in self.targets)).tolist()
            outputs = outputs[: self._affordable()]
            if nonsmooth.is_uncertain or not outputs:
                return {}
            kinks, others = kinks_of(evaluation, nonsmooth, depends(self.tape, self.targets))
            nonsmooth.masks = others
            odd = self._reached(nonsmooth, balls, self.targets)
            alone = multiplied_only(self.tape)
            places = {}
            for target in self.targets:
                places[target] = np.arange(reached[target].shape[1])
                if target in alone:  # only what is special is differentiated by
                    own = reference.samples.get(target, places[target])
                    places[target] = np.asarray(own)[reached[target][outputs][:, own].any(axis=0)]
                    self.samples[target] = places[target].tolist()
            balls.samples = self.samples
            found = _Outputs(self, balls, kinks, outputs)
            settled = [
                (reached[target] & ~odd[target])[outputs][:, places[target]] & one
                for target, one in zip(self.targets, found.settled())
            ]
            found.confirm(settled)
            sides = zip(self.targets, settled, found.left_and_right(), found.taken)
            return {
                target: BranchSides(outputs, places[target], mask, left, right, np.stack(taken))
                for target, mask, (left, right), taken in sides
            }

    def _affordable(self) -> int:
        """How many outputs there is work for."""
        reference = self.reference
        forward = work_of(self.tape, reference.used, 0, [], 1) / 3
        most = min((math.prod(self.tape.ops[target].shape) for target in self.targets), default=0)
        each = work_of(self.tape, depends(self.tape, self.targets), 1, self.targets, 1, most) - 3 * forward
        return max(0, int((MOST_WORK - EVALUATIONS * forward) / (SWEEPS * max(1.0, each))))

    def _reached(self, nonsmooth: Nonsmooth, balls: BallField, targets: Sequence[int]) -> dict[int, Any]:
        outputs = self.reference.outputs
        return {
            target: mask.reshape(outputs, -1)
            for target, mask in zip(targets, nonsmooth.reached(balls, targets, outputs))
        }


class _Outputs:
    """The two gradients of some outputs, and which way each entry takes their kinks."""

    def __init__(
        self, branches: Branches, balls: BallField, kinks: Mapping[int, Kink], outputs: Sequence[int]
    ) -> None:
        self.branches, self.kinks, self.outputs = branches, kinks, list(outputs)
        self.reference, self.tape = branches.reference, branches.tape
        self.evaluation = balls.evaluation
        self.active = depends(self.tape, branches.targets, derivatives=True)
        self.samples = branches.samples
        self.shapes = [
            (len(self.samples[target]),) if target in self.samples else self.tape.ops[target].shape
            for target in branches.targets
        ]
        fields = {side: Branch(balls, kinks, side) for side in SIDES}
        reach = ReachField(balls, self.reference.moving)
        self.generator = np.random.Generator(np.random.PCG64(SEED))
        self.rivals = {
            index: self.generator.uniform(1, 2, kink.mask.shape)
            for index, kink in kinks.items()
            if self.tape.ops[index].row.shape is not None  # type: ignore[union-attr]
        }
        # By side and target: rows of outputs, columns of entries.
        self.gradients: dict[tuple[int, int], list[Any]] = {}
        self.ways: dict[tuple[int, int], list[Any]] = {}
        self.taken: list[list[Any]] = [[] for _ in branches.targets]
        self.owners: list[list[Any]] = [[] for _ in branches.targets]
        for output in self.outputs:
            seed = np.zeros(self.tape.ops[self.tape.output].shape)
            seed.reshape(-1)[output] = 1.0
            used = sweep(reach, self.tape, {self.tape.output: seed}, self.reference.moving, kinks)
            for position, gradient in enumerate(self._swept(balls, {self.tape.output: arrays.from_doubles(seed)})):
                self.taken[position].append(gradient)
            seeds = self._seeds(used)
            single: list[Any] = [True for _ in branches.targets]
            for side, one in fields.items():
                gradients = self._swept(one, {self.tape.output: arrays.from_doubles(seed)})
                way = self._swept(one, {index: arrays.from_doubles(value) for index, value in seeds.items()})
                size = self._swept(SizeField(one), {index: np.abs(value) for index, value in seeds.items()})
                owner = self._owners(one, used)
                for position in range(len(branches.targets)):
                    self.gradients.setdefault((side, position), []).append(gradients[position])
                    self.ways.setdefault((side, position), []).append(_way(way[position], size[position]))
                    is_one, whose = owner[position]
                    single[position] = single[position] & is_one
                    if side > 0:
                        self.owners[position].append(whose)
            for position, is_single in enumerate(single):
                self.owners[position][-1] = np.where(is_single, self.owners[position][-1], np.nan)

    def _swept(self, field: BallField, seeds: Mapping[int, Any]) -> list[Any]:
        """The adjoints of all targets, flat."""
        found = sweep(field, self.tape, seeds, self.active, self.branches.targets)
        return [
            arrays.as_array(found.get(target, field.zeros(shape))).reshape(-1)
            for target, shape in zip(self.branches.targets, self.shapes)
        ]

    def _seeds(self, used: Mapping[int, Any], factors: Mapping[int, Any] | None = None) -> dict[int, Any]:
        """What moves the guards that matter; with factors, of what is selected alone."""
        seeds: dict[int, Any] = {}
        for index, kink in self.kinks.items():
            if index not in used or (factors is not None and index not in factors):
                continue
            op = self.tape.ops[index]
            assert op.row is not None
            selects = op.row.shape is not None
            there = spread(used[index] > 0, op, kink.mask.shape) if selects else used[index] > 0
            for position, slope in kink.slopes.items():
                arg = op.args[position]
                part = slope * there if factors is None else np.abs(slope) * there * factors[index]
                part = unbroadcast(part, self.tape.ops[arg].shape)
                seeds[arg] = seeds[arg] + part if arg in seeds else part
        return seeds

    def _owners(self, field: BallField, used: Mapping[int, Any]) -> list[tuple[Any, Any]]:
        """Of each entry, whether it moves at most one of the entries that tie, and the weight of that one; 0 of none."""
        if not self.rivals:
            return [(np.ones(math.prod(shape), dtype=bool), np.zeros(math.prod(shape))) for shape in self.shapes]
        powers = [
            self._swept(SizeField(field), self._seeds(used, {index: w**power for index, w in self.rivals.items()}))
            for power in (0, 1, 2)
        ]
        found = []
        for zeroth, first, second in zip(*powers):
            with np.errstate(all="ignore"):
                owner = np.where(zeroth > 0, first / zeroth, 0.0)
            found.append((first**2 >= zeroth * second * (1 - ALIKE), owner))
        return found

    def settled(self) -> list[Any]:
        """By target, for which outputs and entries the sides are known, as far as the sweeps say."""
        self.upward = []  # whether the entry, when it grows, takes the kinks to the side +
        found = []
        for position in range(len(self.branches.targets)):
            plus, minus = (np.stack(self.ways[side, position]) for side in SIDES)
            up = (plus == 1) & (minus == 1)
            down = (plus == -1) & (minus == -1)
            still = (plus == 0) & (minus == 0)
            self.upward.append(np.where(down, -1.0, 1.0))
            found.append((up | down | still) & ~np.isnan(np.stack(self.owners[position])))
        sides = self.left_and_right()
        return [mask & _is_told(left, right) for mask, (left, right) in zip(found, sides)]

    def left_and_right(self) -> list[tuple[Any, Any]]:
        """By target, the derivatives from below and from above, of outputs and entries."""
        found = []
        for position, upward in enumerate(self.upward):
            plus, minus = (np.stack(self.gradients[side, position]) for side in SIDES)
            found.append((np.where(upward > 0, minus, plus), np.where(upward > 0, plus, minus)))
        return found

    def confirm(self, settled: list[Any]) -> None:
        """Take out of what is settled what quotients of the function do not bear out.

        Outputs for which the entries take their kinks the same ways are looked at together.
        """
        groups: dict[bytes, list[int]] = {}
        for row in range(len(self.outputs)):
            own = b"".join(m[row].tobytes() + u[row].tobytes() for m, u in zip(settled, self.upward))
            groups.setdefault(own, []).append(row)
        for rows in groups.values():
            if not all(self._is_borne_out(rows, settled, side) for side in SIDES):
                for mask in settled:
                    mask[rows] = False

    def _is_borne_out(self, rows: list[int], settled: list[Any], side: int) -> bool:
        """Whether a quotient says the same along a direction that takes all kinks to one side."""
        signs = []
        chosen = self._chosen()
        for position, (mask, upward) in enumerate(zip(settled, self.upward)):
            owner = self.owners[position][rows[0]]
            moves = mask[rows[0]] & ((owner == 0) | np.isin(_key(owner), chosen))
            signs.append(np.where(moves, upward[rows[0]] * side, 0.0).reshape(self.shapes[position]))
        if not any(sign.any() for sign in signs):
            return True
        direction = OneSided(self.tape, self.reference.point, self.branches.targets, signs, self.samples)
        gradients = {
            one: [np.stack([self.gradients[one, position][row] for row in rows]) for position in range(len(signs))]
            for one in SIDES
        }
        others = gradients[-side]
        return direction.bears_out(
            self.evaluation, self.reference.used, [self.outputs[row] for row in rows], gradients[side], others
        )

    def _chosen(self) -> Any:
        """Of the entries that tie with one another, one that moves: with two, the largest alone would matter."""
        found = []
        for index, weights in self.rivals.items():
            op, mask = self.tape.ops[index], self.kinks[index].mask
            rank = np.where(mask, self.generator.uniform(0, 1, mask.shape), -1.0)
            first = rank.max(axis=_gone(op, mask.shape), keepdims=True)
            found += weights[mask & (rank == first)].tolist()
        return _key(np.asarray(found))


def _gone(op: Any, shape: Sequence[int]) -> tuple[int, ...]:
    from gradcli.functions import shapes

    return tuple(shapes.dims(tuple(shape), op.statics[0]))


def _key(weights: Any) -> Any:
    """Weights as they are told from one another after a sweep."""
    return np.round(weights / ALIKE)


def _way(way: Any, size: Any) -> Any:
    """1 or -1 where all guards go up or down with an entry, 0 where none moves to first order, else NaN."""
    middle = arrays.nearest(way)
    alike = np.abs(middle) >= size * (1 - ALIKE)
    return np.where(size == 0, 0.0, np.where(alike & np.isfinite(size), np.sign(middle), np.nan))


def _is_told(left: Any, right: Any) -> Any:
    """Which sides are certainly the same, or certainly apart."""

    def told(x: Any, y: Any) -> bool:
        if not (x.is_finite() and y.is_finite()):
            return False
        gap, size = abs(x - y), abs(x) + abs(y)
        return bool(gap <= size * SAME or gap > size * APART)

    return np.frompyfunc(told, 2, 1)(left, right).astype(bool)
