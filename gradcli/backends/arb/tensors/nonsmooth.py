"""Points where a formula changes, found on whole tensors, and the entries of the variables that reach them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradcli.backends.arb.tensors.enclosures import guards_of
from gradcli.backends.arb.tensors.fields import BallField, ReachField
from gradcli.backends.arb.tensors.forward import TensorEvaluation
from gradcli.backends.arb.tensors.programs import MATRIX
from gradcli.backends.arb.tensors.sweep import sweep, unbroadcast
from gradcli.tape.dependence import depends
from gradcli.tape.tape import Primitive


class Nonsmooth:
    """The entries of operations that are on such a point; where balls are too wide to tell, they count as being on it.

    masks          by operation: of its own shape, or for a reduction of its argument's
    is_uncertain   whether balls were too wide somewhere
    """

    def __init__(self, evaluation: TensorEvaluation, moving: Sequence[int]) -> None:
        self.evaluation = evaluation
        self.moving = moving
        self.masks: dict[int, Any] = {}
        self.is_uncertain = evaluation.is_uncertain
        for index, op in enumerate(evaluation.tape.ops):
            if evaluation.values[index] is None or not moving[index] or not isinstance(op, Primitive):
                continue
            if index in evaluation.inner:
                inner = evaluation.inner[index]
                within = Nonsmooth(inner, [1] * len(inner.tape.ops))
                self.is_uncertain |= within.is_uncertain
                if within.masks:
                    self.masks[index] = np.ones(inner.tape.ops[inner.tape.inputs[MATRIX]].shape, dtype=bool)
            if index in evaluation.special:
                self.masks[index] = evaluation.special[index]
            elif op.row.shape is None and not self._is_polynomial(index):
                found = guards_of(op.row, evaluation.args(op))
                if found is not None:
                    on, maybe = found
                    self.is_uncertain |= bool(maybe.any())
                    if (on | maybe).any():
                        self.masks[index] = np.broadcast_to(on | maybe, op.shape)

    def _is_polynomial(self, index: int) -> bool:
        """Whether an operation is a power with a whole exponent from 0, which is smooth everywhere."""
        op = self.evaluation.tape.ops[index]
        if op.called != "**":
            return False
        exponent = self.evaluation.tape.constant(op.args[1])
        return exponent is not None and exponent.denominator == 1 and exponent >= 0

    def reached(self, balls: BallField, targets: Sequence[int], outputs: int) -> list[Any]:
        """For each target, by outputs and its entries, which derivatives such a point may decide."""
        return [self._reached(balls, target, outputs) for target in targets]

    def _reached(self, balls: BallField, target: int, outputs: int) -> Any:
        tape = self.evaluation.tape
        nothing = np.zeros((outputs, *tape.ops[target].shape), dtype=bool)
        if not self.masks:
            return nothing
        moving = depends(tape, [target])
        masks = {index: mask for index, mask in self.masks.items() if moving[index]}
        field = ReachField(balls, moving)
        for output in range(outputs) if masks else ():
            seed = np.zeros(tape.ops[tape.output].shape)
            seed.reshape(-1)[output] = 1.0
            used = sweep(field, tape, {tape.output: seed}, moving, masks)
            found = sweep(field, tape, self._seeds(masks, used, moving), moving, [target])
            if target in found:
                nothing[output] = found[target] > 0
        return nothing

    def _seeds(self, masks: Mapping[int, Any], used: Mapping[int, Any], moving: Sequence[int]) -> dict[int, Any]:
        """What the points that matter to an output depend on."""
        tape = self.evaluation.tape
        seeds: dict[int, Any] = {}
        for index, mask in masks.items():
            if index not in used:
                continue
            op = tape.ops[index]
            if isinstance(op, Primitive) and op.row.shape is not None:
                marked = np.where(mask, 1.0, 0.0) * self.evaluation.spread(index, used[index] > 0)
            else:
                marked = np.where(mask & (used[index] > 0), 1.0, 0.0)
            for arg in op.args:
                if moving[arg]:
                    part = unbroadcast(marked, tape.ops[arg].shape)
                    seeds[arg] = seeds[arg] + part if arg in seeds else part
        return seeds
