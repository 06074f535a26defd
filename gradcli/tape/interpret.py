"""The one walk over a tape: a backend says what each kind of operation comes to, in numbers of its own type."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from gradcli.runtime.deadlines import Deadline
from gradcli.tape.tape import ConstantTensor, Custom, Input, Literal, NamedConstant, Op, Primitive, Tape, moved

CHECK_EVERY = 64  # operations between two looks at the clock

V = TypeVar("V")


class NoRule(Exception):
    """A tape has a kind of operation that a backend does not know."""


def _body(op: Custom, args: list[V]) -> V:
    """A function's value is its body's, whatever derivative it has."""
    return args[0]


def no_rule(op: Op, *args: Any) -> Any:
    """In the place of a rule: a backend does not know this kind of operation."""
    raise NoRule(op.called or type(op).__name__)


@dataclass(frozen=True)
class Rules(Generic[V]):
    """A number type: what a number is in it, and what each other kind of operation makes of its arguments' values."""

    number: Callable[[Literal | NamedConstant], V]
    primitive: Callable[[Primitive, list[V]], V]
    tensor: Callable[[ConstantTensor], V] = no_rule
    custom: Callable[[Custom, list[V]], V] = _body
    input: Callable[[Input], V] = no_rule  # of a variable that is not given


def interpret(
    tape: Tape,
    rules: Rules[V],
    inputs: Mapping[str, V] = MappingProxyType({}),
    end: int | None = None,
    *,
    values: list[V] | None = None,
    used: Sequence[int] | None = None,
    same: Sequence[int] | None = None,
    stopped: Mapping[int, V] | None = None,
    after: Callable[[int, V], V] | None = None,
    deadline: Deadline | None = None,
) -> list[V]:
    """The value of every operation (up to `end`), in order.

    values   the list that they are added to, for rules that look at earlier ones
    used     by operation, whether it is computed; in the place of another one stands None
    same     by operation, the first one that equals it: that one's value is taken
    stopped  values from outside, by operation
    after    what becomes of each value, by its operation
    """
    found: list[Any] = [] if values is None else values
    number, primitive = rules.number, rules.primitive
    for index, op in enumerate(tape.ops if end is None else tape.ops[:end]):
        value: Any
        if stopped and index in stopped:
            value = stopped[index]
        elif used is not None and not used[index]:
            value = None
        elif same is not None and same[index] != index:
            value = found[same[index]]
        elif isinstance(op, Primitive):
            value = primitive(op, [found[arg] for arg in op.args])
        elif isinstance(op, (Literal, NamedConstant)):
            value = number(op)
        elif isinstance(op, Input):
            value = inputs[op.label] if op.label in inputs else rules.input(op)
        elif isinstance(op, ConstantTensor):
            value = rules.tensor(op)
        else:
            value = rules.custom(op, [found[arg] for arg in op.args])
        found.append(value if after is None else after(index, value))
        if deadline is not None and index % CHECK_EVERY == 0:
            deadline.check()
    return found


def copied(into: Tape) -> Rules[int]:
    """Operations written onto another tape: the value of each is where it stands there."""

    def call(op: Primitive | Custom, args: list[int]) -> int:
        return into.append(moved(op, tuple(args)))

    return Rules(into.append, call, into.append, call, into.append)
