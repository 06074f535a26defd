"""A program as it is around a point: decided branches taken, and what is locally constant held.

The program is evaluated on intervals around the point. What does not change on them is constant there, however
singular what uses it (`sqrt(relu(x))` left of 0); a condition that is decided on them has one branch, and the other
one is not looked at. Both are proven, since balls contain every value on the intervals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gradcli.backends.arb.evaluate import UNKNOWN, BallEvaluator, Enclosed, is_ball
from gradcli.backends.arb.flint import arb
from gradcli.backends.arb.guards import may_be_zero
from gradcli.errors import Source
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.chain import Chain, differentiated
from gradcli.tape.dependence import depends, guarded_among
from gradcli.tape.interpret import copied, interpret
from gradcli.tape.tape import Tape

SELECTING = {"max": 1, "min": -1}  # which argument is taken, by the sign of their difference


@dataclass
class LocalForm:
    """The program around a point, with its derivatives; `origin` says which operation each of its own was."""

    chain: Chain
    evaluator: BallEvaluator
    origin: dict[int, int] = field(default_factory=dict)  # of the program's operations, by those of this one
    _guarded: dict[int, list[int]] = field(default_factory=dict)

    def guarded(self, order: int) -> list[int]:
        """The operations that change their formula somewhere, and are used for derivatives below an order.

        Those of the derivatives below it count, too: a rule may have a branch where its function has none.
        """
        if order not in self._guarded:
            self._guarded[order] = guarded(self.chain, order)
        return self._guarded[order]


def guarded(chain: Chain, order: int) -> list[int]:
    """The operations that change their formula somewhere, that move, and are used for derivatives below an order."""
    below = [index for positions, index in chain.partials.items() if len(positions) < order]
    used, active = _reached(chain.tape, [chain.output, *below]), depends(chain.tape, chain.targets)
    return guarded_among(chain.tape, used, active)


def _reached(tape: Tape, outputs: Sequence[int]) -> bytearray:
    """For each operation, whether these outputs move with it: what `detach` holds does not."""
    flags = bytearray(len(tape.ops))
    for index in outputs:
        flags[index] = 1
    for index in range(len(flags) - 1, -1, -1):
        op = tape.ops[index]
        if flags[index] and op.called != "detach":
            for arg in op.args:
                flags[arg] = 1
    return flags


class Neighborhoods:
    """The forms that one program has around points; each is differentiated once.

    `like` are those of the same program around another point: what does not depend on the point is theirs.
    """

    def __init__(self, chain: Chain, deadline: Deadline | None, like: Neighborhoods | None = None) -> None:
        self.chain = chain
        self.deadline = deadline
        self.known: dict[tuple[Any, ...], LocalForm] = {}
        self.whole: BallEvaluator = BallEvaluator(
            chain.tape, deadline, chain.targets, None if like is None else like.whole
        )
        self._guarded: dict[int, list[int]] = {} if like is None else like._guarded

    def guarded(self, order: int) -> list[int]:
        """The operations that change their formula somewhere, and are used for derivatives below an order."""
        if order not in self._guarded:
            self._guarded[order] = guarded(self.chain, order)
        return self._guarded[order]

    def at(
        self,
        inputs: Mapping[str, Any],
        around: Mapping[int, Any],
        stopped: Mapping[int, Enclosed],
    ) -> tuple[LocalForm, list[Enclosed]]:
        """The form of the program where the targets are moved by the intervals in `around`, and the values there."""
        wide = self.whole.run(inputs, self.chain.length, around, stopped)
        instead = tuple(sorted(self._decisions(wide, around, stopped).items()))
        if instead not in self.known:
            self.known[instead] = self._form(dict(instead))
        return self.known[instead], wide

    def _decisions(
        self, wide: Sequence[Enclosed], around: Mapping[int, Any], stopped: Mapping[int, Any]
    ) -> dict[int, int]:
        """For each operation that another one stands for, that one; itself if it is locally constant."""
        active = bytearray(len(wide))
        instead: dict[int, int] = {}
        for index, value in enumerate(wide):
            op = self.chain.tape.ops[index]
            if index in around:
                active[index] = 1
                continue
            if index in stopped or not any(active[arg] for arg in op.args):
                continue
            active[index] = 1
            name = op.called
            if is_ball(value) and value.is_exact():
                instead[index], active[index] = index, 0
            elif name == "where" and wide[op.args[0]] in (True, False):
                instead[index] = op.args[1] if wide[op.args[0]] is True else op.args[2]
                active[index] = active[instead[index]]
            elif name in SELECTING and is_ball(wide[op.args[0]]) and is_ball(wide[op.args[1]]):
                difference = (wide[op.args[0]] - wide[op.args[1]]) * SELECTING[name]
                if difference > 0 or difference < 0:
                    instead[index] = op.args[0] if difference > 0 else op.args[1]
                    active[index] = active[instead[index]]
        return instead

    def _form(self, instead: Mapping[int, int]) -> LocalForm:
        if not instead:  # nothing is another operation there: the program as it is, differentiated already
            return LocalForm(self.chain, self.whole, {index: index for index in range(self.chain.length)})
        source = self.chain.tape
        made = Tape(most=source.most)
        origin: dict[int, int] = {}
        same = [instead.get(index, index) for index in range(self.chain.length)]

        def written(index: int, position: int) -> int:
            if same[index] != index:
                return position
            origin[position] = index
            return made.call("detach", (position,)) if index in instead else position

        places = interpret(source, copied(made), end=self.chain.length, same=same, after=written)
        made.inputs = {name: places[index] for name, index in source.inputs.items()}
        made.output = places[self.chain.output]
        targets = tuple(places[target] for target in self.chain.targets)
        chain = differentiated(made, targets, self.chain.order, Source(""))
        return LocalForm(chain, BallEvaluator(chain.tape, self.deadline, targets), origin)


def nonsmooth(
    local: LocalForm, order: int, point: Sequence[Enclosed], wide: Sequence[Enclosed]
) -> tuple[list[int], list[int]]:
    """The operations (of the local form) that sit on a nonsmooth point, and those of which that is not known.

    `point` are the values of the local form at the point, `wide` those of the program around it.
    """
    certain, unknown = [], []
    for index in local.guarded(order):
        here = local.evaluator.guards(index, point)
        args = local.chain.tape.ops[index].args
        around = local.evaluator.guards(index, {arg: _wide(local, arg, wide) for arg in args})
        states = {_state(guard, around[i] if len(around) == len(here) else UNKNOWN) for i, guard in enumerate(here)}
        if "zero" in states:
            certain.append(index)
        elif "unknown" in states:
            unknown.append(index)
    return certain, unknown


def is_smooth(local: LocalForm, order: int, values: Sequence[Enclosed]) -> bool:
    """Whether no operation of a form changes its formula at these values."""
    return not any(any(map(may_be_zero, local.evaluator.guards(index, values))) for index in local.guarded(order))


def _wide(local: LocalForm, index: int, wide: Sequence[Enclosed]) -> Enclosed:
    op = local.chain.tape.ops[index]
    if index not in local.origin and op.called == "detach":
        index = op.args[0]
    return wide[local.origin[index]] if index in local.origin else UNKNOWN  # of a derivative nothing is known around


def _state(guard: Enclosed, around: Enclosed) -> str:
    """Whether a guard is 0 at the point and moves around it."""
    if guard is UNKNOWN:
        return "unknown"
    if not may_be_zero(guard):
        return "clear"
    if is_ball(around) and around.is_exact() and around.is_zero():
        return "clear"  # it is 0 all around: nothing changes
    return "zero" if guard.is_zero() else "unknown"


def interval(radius: Any) -> Any:
    """The ball of this radius around 0."""
    return arb(0, radius)
