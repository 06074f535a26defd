"""The reverse sweep of a program where all kinks are on one side."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np

from gradcli.backends.arb.tensors.enclosures import NotEnclosed, apply
from gradcli.backends.arb.tensors.fields import BallField
from gradcli.backends.arb.tensors.kinks import WholeKink
from gradcli.tape.tape import Op, Primitive


class Branch(BallField):
    """Adjoints in balls where all kinks are on one side."""

    def __init__(self, balls: BallField, kinks: Mapping[int, WholeKink], side: int) -> None:
        evaluation = copy.copy(balls.evaluation)
        evaluation.values, evaluation.kept = list(evaluation.values), dict(evaluation.kept)
        super().__init__(evaluation)
        self.samples = balls.samples
        self.balls = balls
        self.kinks = kinks
        self.side = side
        decided = set()
        for index, op in enumerate(evaluation.tape.ops):
            if evaluation.values[index] is None or not isinstance(op, Primitive):
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
        assert isinstance(op, Primitive)
        value = apply(op.row, self.evaluation.args(op))
        if op.row.gives_truth:
            self.evaluation.values[index] = value
            decided.add(index)
        elif not np.all(np.frompyfunc(lambda x, y: (x - y).contains(0), 2, 1)(value, self.evaluation.values[index])):
            raise NotEnclosed("a jump")

    def local(self, index: int, op: Op, position: int) -> Any:
        """The derivative of an elementwise operation by one argument, on this side."""
        kink, key = self.kinks.get(index), (index, position)
        if kink is None or (position, self.side) not in kink.local:
            return self.balls.local(index, op, position)
        if key not in self.known:
            values = np.array(np.broadcast_to(self.balls.local(index, op, position), op.shape))
            values[kink.mask] = kink.local[position, self.side]
            self.known[key] = values
        return self.known[key]
