"""Clarke's generalized gradient on a part of the plane: whether it excludes 0, so that no point there is extreme.

Where operations change their formula on the part, each of the formulas that may hold gives a ball of the gradient. If
one direction has a positive product with all of these, the function rises in it, whatever formula holds where.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations_with_replacement, product
from math import hypot
from typing import Any

from gradcli.backends.arb.context import BALLS
from gradcli.backends.arb.evaluate import BallEvaluator, Enclosed, is_ball
from gradcli.backends.arb.guards import may_be_zero
from gradcli.reference.one_sided import constant_between
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.chain import Chain
from gradcli.tape.dependence import depends, guarded_among, reaches
from gradcli.tape.tape import Primitive

MOST = 4  # operations whose formulas are told apart


class GeneralizedGradient:
    """The gradient of a program by each formula that may hold on a part."""

    def __init__(self, one: Chain, deadline: Deadline) -> None:
        self.chain, self.evaluator = one, BallEvaluator(one.tape, deadline)
        self.partials = [one.partials[(k,)] for k in (0, 1)]
        used = reaches(one.tape, [one.output, *self.partials])
        self.own = reaches(one.tape, [one.output])
        self.guarded = guarded_among(one.tape, used, depends(one.tape, one.targets))

    def excludes_zero(self, inputs: Mapping[str, Any]) -> bool:
        """Whether the function certainly rises in one direction everywhere on a part, which is given in balls."""
        values = self.evaluator.run(inputs)
        special = [i for i in self.guarded if any(map(may_be_zero, self.evaluator.guards(i, values)))]
        if not special or not all(map(self._is_known, special)):
            return False
        constant = constant_between(self.chain.tape, special)
        if any(self.own[i] for i in constant):  # it may jump
            return False
        gradients = []
        for stopped in self._formulas(constant):
            found = self.evaluator.run(inputs, stopped=stopped)
            gradient = [found[place] for place in self.partials]
            if not all(is_ball(one) and one.is_finite() for one in gradient):
                return False
            gradients.append(gradient)
        return any(all(x * a + y * b > 0 for a, b in gradients) for x, y in _directions(gradients))

    def _is_known(self, index: int) -> bool:
        """Whether all formulas of an operation that may change are among those that are told apart."""
        op = self.chain.tape.ops[index]
        if not isinstance(op, Primitive):
            return False
        return op.row.gives_truth or op.row.name == "sign" or {one.kind for one in op.row.kinks} == {"corner"}

    def _formulas(self, constant: Sequence[int]) -> Iterator[dict[int, Enclosed]]:
        """What the operations that are constant between their guards may be."""
        groups: dict[int, list[int]] = {}
        for index in constant:
            groups.setdefault(self.evaluator.same[index], []).append(index)
        if len(groups) > MOST:
            return
        choices = [self._choices(first) for first in groups]
        for chosen in product(*choices):
            yield {index: value for value, group in zip(chosen, groups.values()) for index in group}

    def _choices(self, index: int) -> Sequence[Enclosed]:
        op = self.chain.tape.ops[index]
        assert isinstance(op, Primitive)
        if op.row.gives_truth:
            return (False,) if op.row.name == "==" else (True, False)
        return BALLS.arb(-1), BALLS.arb(1)


def _directions(gradients: Sequence[Sequence[Any]]) -> Iterator[tuple[float, float]]:
    """Directions that may have a positive product with some gradients: between each two of them."""
    units = [(float(a) / size, float(b) / size) for a, b in gradients if (size := hypot(float(a), float(b)))]
    for first, second in combinations_with_replacement(units, 2):
        yield first[0] + second[0], first[1] + second[1]
