"""A tape evaluated in balls: every value with a proven bound of its error, and nothing where there is no number.

A value is a ball; a truth value; None where there certainly is none (1/0, log(-1)); or UNKNOWN where the working
precision does not tell. What is undecided is never rounded to one side: the ball of `where` with an undecided
condition contains both branches, and a comparison of balls that overlap is UNKNOWN.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache, partial
from typing import Any

from gradcli.backends.arb.context import BALLS, UNKNOWN, Enclosed, Uncertain, is_ball
from gradcli.backends.arb.decisions import COMPARED, LOGIC, TWINS, compared, where
from gradcli.backends.arb.flint import IS_FLINT, PROOF, arb
from gradcli.backends.arb.guards import guards, may_be_zero
from gradcli.backends.arb.identities import Identities
from gradcli.backends.arb.steps import BallStep, PreparedTape, step_of
from gradcli.backends.mp.ball import NotElementary
from gradcli.backends.mp.estimate import estimate
from gradcli.functions import table
from gradcli.functions.row import Row
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.emit import SCALE
from gradcli.tape.interpret import CHECK_EVERY, no_rule
from gradcli.tape.rules import definition
from gradcli.tape.tape import ConstantNumber, Primitive, Tape

__all__ = [
    "COMPARED",
    "UNKNOWN",
    "BallEvaluator",
    "Enclosed",
    "call",
    "enclosure",
    "is_ball",
    "is_enclosed",
    "proof_of",
]


class BallEvaluator:
    """A tape prepared for evaluation; equal operations are known to be equal, whatever their balls.

    independent   operations that are moved by themselves: they equal nothing else
    like   one of the same tape, of which the same are independent, that is prepared already
    """

    def __init__(
        self,
        tape: Tape,
        deadline: Deadline | None = None,
        independent: Collection[int] = (),
        like: BallEvaluator | None = None,
    ) -> None:
        self.tape = tape
        self.independent = frozenset(independent)
        self.deadline = deadline
        self._prepared: PreparedTape = PreparedTape() if like is None else like._prepared
        self._identities: Identities = Identities(tape, self.independent) if like is None else like._identities

    @property
    def same(self) -> list[int]:
        """For each operation the first one that equals it."""
        return self._prepared.same

    def run(
        self,
        inputs: Mapping[str, Enclosed],
        end: int | None = None,
        shifts: Mapping[int, Any] | None = None,
        stopped: Mapping[int, Enclosed] | None = None,
    ) -> list[Enclosed]:
        """The value of every operation (up to `end`), at the working precision.

        The operations in `shifts` are moved by that much after they are computed; those in `stopped` have their
        value from outside.
        """
        self._extend()
        prepared = self._prepared
        count = len(self.tape.ops) if end is None else min(end, len(self.tape.ops))
        values = prepared.numbers(BALLS.bits)[:count]
        for index, name in prepared.inputs:
            if index < count:
                values[index] = inputs[name] if name in inputs else no_rule(self.tape.ops[index])
        if not shifts and not stopped:
            self._run(values, prepared.steps, count)
        else:
            self._run_moved(values, shifts or {}, stopped or {})
        return values

    def _run(self, values: list[Enclosed], steps: Sequence[tuple[int, BallStep]], count: int) -> None:
        deadline = self.deadline
        if deadline is not None:
            deadline.check()
        for index, step in steps:
            if index >= count:
                break
            values[index] = step(values)
            if deadline is not None and not index % CHECK_EVERY:
                deadline.check()

    def _run_moved(self, values: list[Enclosed], shifts: Mapping[int, Any], stopped: Mapping[int, Enclosed]) -> None:
        """The same where some operations are moved, or have other values; the moved ones equal no others then."""
        prepared, deadline = self._prepared, self.deadline
        steps = prepared.each if shifts else prepared.step
        for index, step in enumerate(steps[: len(values)]):
            if index in stopped:
                values[index] = stopped[index]
            elif step is not None:
                values[index] = step(values)
            if index in shifts and is_ball(values[index]):
                values[index] = values[index] + shifts[index]
            if deadline is not None and not index % CHECK_EVERY:
                deadline.check()

    def guards(self, index: int, values: Sequence[Enclosed] | Mapping[int, Enclosed]) -> tuple[Enclosed, ...]:
        """The guards of an operation where its arguments have these values."""
        op = self.tape.ops[index]
        assert isinstance(op, Primitive)
        args = [values[arg] for arg in op.args]
        found = guards(op.row, args, [self.same[arg] for arg in op.args])
        if any(map(may_be_zero, found)) and UNKNOWN not in args:
            known = [self._identities.constant(arg) for arg in op.args]
            exact = [arg if one is None else BALLS.number(one) for arg, one in zip(args, known)]
            return guards(op.row, exact, self._equal(op.args) if None in known else ())
        return found

    def _equal(self, args: Sequence[int]) -> list[int]:
        """For each argument the first one that equals it wherever both have a value."""
        return [next(one for one in args if self._identities.are_equal(self.same[one], self.same[arg])) for arg in args]

    def _extend(self) -> None:
        """Prepare the operations, those that were added since, too."""
        prepared, ops = self._prepared, self.tape.ops
        for index in range(len(prepared.same), len(ops)):
            op = ops[index]
            key: Any = index
            if index in self.independent:
                pass
            elif isinstance(op, ConstantNumber):
                key = ("number", op.value, type(op))
            elif isinstance(op, Primitive) and op.row.name not in ("detach", "diff"):
                key = (op.row.name, op.statics, *(prepared.same[arg] for arg in op.args))
            prepared.add(index, op, key, self._step)

    def _step(self, op: Primitive, same: list[int]) -> BallStep:
        row, args, name = op.row, op.args, op.row.name
        is_twice = len(same) == 2 and same[0] == same[1] and name in TWINS
        if name in COMPARED and not is_twice:
            return partial(self._compared, row, args, same)
        if name == "where" or row is SCALE or name in LOGIC or is_twice:
            return lambda values: call(row, [values[arg] for arg in args], same)
        if row.guards and len(args) == 1:
            return partial(self._guarded, args[0], enclosing(row))
        return step_of(args, enclosing(row))

    def _compared(self, row: Row, args: Sequence[int], same: Sequence[int], values: Sequence[Enclosed]) -> Enclosed:
        """A comparison; of balls that overlap where their operations are the same one by algebra."""
        given = [values[arg] for arg in args]
        found = call(row, given, same)
        if found is UNKNOWN and all(map(is_ball, given)) and self._identities.are_equal(*same):
            return TWINS[row.name](given[0])
        return found

    def _guarded(self, arg: int, enclosed: Callable[[Any], Enclosed], values: Sequence[Enclosed]) -> Enclosed:
        """A row that changes its formula, of one argument; of a number, where the ball is no help."""
        x = values[arg]
        found: Any = x if x is None or x is UNKNOWN else enclosed((x,))
        is_open = found is UNKNOWN or (is_ball(found) and not found.is_exact() and found.rel_accuracy_bits() < 1)
        if is_open and is_ball(x) and (known := self._identities.constant(arg)) is not None:
            return enclosed((BALLS.number(known),))
        return found


def call(row: Row, args: Sequence[Enclosed], same: Sequence[int] = ()) -> Enclosed:
    """A row applied to values; `same` tells which of them are the same operation."""
    name = row.name
    if name == "where":
        return args[1] if len(same) > 2 and same[1] == same[2] else where(*args)
    if row is SCALE and is_ball(args[0]) and args[0].is_zero():
        return args[0]
    if name in LOGIC:
        return LOGIC[name](*args)
    for arg in args:  # by identity: to ask a ball whether it equals one of these takes longer than to multiply it
        if arg is None or arg is UNKNOWN:
            return None if any(one is None for one in args) else UNKNOWN
    if len(same) == 2 and same[0] == same[1] and name in TWINS:
        return TWINS[name](args[0])
    if name in COMPARED and args[0] is args[1]:  # one ball is one number: max(x, y) is x itself where x is larger
        return TWINS[name](args[0])
    return compared(name, *args) if name in COMPARED else enclosing(row)(args)


@cache
def enclosing(row: Row) -> Callable[[Sequence[Enclosed]], Enclosed]:
    """What a row's enclosure makes of balls and truth values."""
    function = enclosure(row)

    def enclosed(args: Sequence[Enclosed]) -> Enclosed:
        try:
            result = function(*args)
        except Uncertain:
            return UNKNOWN
        except ZeroDivisionError:
            result = arb("nan")
        except (ValueError, OverflowError, TypeError):
            return UNKNOWN
        if type(result) is arb and not result.is_finite():
            return None if _has_no_value(row, args) else UNKNOWN
        return result

    return enclosed


def _has_no_value(row: Row, args: Sequence[Any]) -> bool:
    """Whether the arguments are certainly outside of what a row takes, or exactly on a pole or an end of it."""
    if any(is_ball(guard) and guard.is_zero() for guard in guards(row, args)):
        return True
    condition = None if row is SCALE else _domain(row.name)
    if condition is None or row.name == "**":
        return False
    names = [parameter.name for parameter in row.parameters]
    return BallEvaluator(condition).run(dict(zip(names, args)))[condition.output] is False


@cache
def enclosure(row: Row) -> Callable[..., Any]:
    """What encloses a row's value: its own function of balls, its definition, or mpmath's estimate."""
    if row is SCALE:
        return operator.mul
    if row.name == "detach":
        return lambda x: x
    found = _own(row)
    if found is None:
        return _defined(row) or partial(_estimated, row)
    return found if IS_FLINT else partial(_where_it_reaches, row, found)


def _own(row: Row) -> Callable[..., Any] | None:
    if isinstance(row.arb, str):
        name = row.arb
        return operator.methodcaller(name) if len(row.parameters) == 1 else lambda x, *args: getattr(x, name)(*args)
    function = row.arb
    return None if function is None else partial(function, BALLS)


def _defined(row: Row) -> Callable[..., Any] | None:
    """A row by its definition; None where it has none."""
    template = definition(row.name)
    if template is None:
        return None
    evaluator = BallEvaluator(template)
    names = [parameter.name for parameter in row.parameters]
    return lambda *args: evaluator.run(dict(zip(names, args)))[template.output]


def _estimated(row: Row, *args: Any) -> Any:
    return estimate(row, args)


def _where_it_reaches(row: Row, function: Callable[..., Any], *args: Any) -> Any:
    """An enclosure, where the balls have the functions that it takes; else mpmath's estimate, or the definition."""
    try:
        return function(*args)
    except NotElementary:
        return estimate(row, args) if row.mp is not None else (_defined(row) or partial(_estimated, row))(*args)


@cache
def is_enclosed(row: Row) -> bool:
    """Whether a row's values are enclosed, and not only estimated."""
    if not IS_FLINT:
        return False
    if (
        row is SCALE
        or row.arb is not None
        or row.name in LOGIC
        or row.name in COMPARED
        or row.name in ("where", "detach", "diff")
    ):
        return True
    template = definition(row.name)
    return template is not None and all(not isinstance(op, Primitive) or is_enclosed(op.row) for op in template.ops)


def proof_of(rows: Collection[Row]) -> str:
    """What an answer says of itself that rests on these rows."""
    return PROOF if all(is_enclosed(row) for row in rows) else "estimated"


@cache
def _domain(name: str) -> Tape | None:
    from gradcli.tape.rules import template_of

    row = table.BY_NAME[name]
    return None if row.domain is None else template_of(row.domain, row)
