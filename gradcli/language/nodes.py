"""The tree of what the user typed: three kinds of nodes, each one occurrence with its span.

Nodes compare by identity: two equal subtrees are two places in the source, and a name, a caret
or an adjoint belongs to one of them. Walks are iterative, since a sum of 20,000 terms is a tree
20,000 deep.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Union

from gradcli.errors import Source, Span


@dataclass(frozen=True, eq=False, slots=True)
class Number:
    """A literal, as it was written; `value` is its exact value."""

    text: str
    value: Fraction
    span: Span


@dataclass(frozen=True, eq=False, slots=True)
class Name:
    """A variable, a constant, an intermediate or a parameter: which of them is a later question."""

    name: str
    span: Span


@dataclass(frozen=True, eq=False, slots=True)
class Call:
    """A function or an operator of the table, or a function of the program, applied to arguments.

    `head` is where the function's name or the operator's sign stands; `user` tells a function that the
    program defines from one of the table with the same name.
    """

    function: str
    args: tuple[Node, ...]
    span: Span
    head: Span
    user: bool = False


Node = Union[Number, Name, Call]


@dataclass(frozen=True, eq=False, slots=True)
class Assign:
    """`name = value`"""

    name: str
    value: Node
    span: Span


@dataclass(frozen=True, eq=False, slots=True)
class Define:
    """`name(params) = body`"""

    name: str
    params: tuple[str, ...]
    body: Node
    span: Span


@dataclass(frozen=True, eq=False, slots=True)
class DefineDerivative:
    """`name'(params) = [by each parameter]`; with `incoming`, a backward that is given the gradient so far."""

    name: str
    params: tuple[str, ...]
    incoming: str | None
    partials: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, eq=False, slots=True)
class Output:
    """A bare expression."""

    value: Node
    span: Span


Statement = Union[Assign, Define, DefineDerivative, Output]


@dataclass(frozen=True, eq=False, slots=True)
class Asked:
    """The derivative that a program says itself is wanted: by which names in turn, how often, at which values."""

    by: tuple[str, ...]  # empty: by what it depends on
    order: int
    point: Mapping[str, Node]
    span: Span


@dataclass(frozen=True, eq=False, slots=True)
class Program:
    """The statements in order; the last one is the output."""

    statements: tuple[Statement, ...]
    source: Source
    is_foreign: bool = False  # whether something is not spelled as programs are, and was read
    asked: Asked | None = None

    @property
    def output(self) -> Assign | Output:
        """The statement that gives the program's value."""
        last = self.statements[-1]
        assert isinstance(last, (Assign, Output))  # the parser refuses any other end
        return last


def walk(node: Node) -> Iterator[Node]:
    """Every node below and including this one, parents before children, in source order."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        if isinstance(current, Call):
            stack.extend(reversed(current.args))


def bottom_up(node: Node) -> list[Node]:
    """Every node below and including this one, children before parents, in evaluation order."""
    order: list[Node] = []
    stack = [node]
    while stack:
        current = stack.pop()
        order.append(current)
        if isinstance(current, Call):
            stack.extend(current.args)
    order.reverse()
    return order


def same(first: Node, second: Node) -> bool:
    """Whether two trees say the same, wherever they stand."""
    pairs = [(first, second)]
    while pairs:
        a, b = pairs.pop()
        if isinstance(a, Number) and isinstance(b, Number):
            if a.value != b.value:
                return False
        elif isinstance(a, Name) and isinstance(b, Name):
            if a.name != b.name:
                return False
        elif isinstance(a, Call) and isinstance(b, Call):
            if (a.function, a.user, len(a.args)) != (b.function, b.user, len(b.args)):
                return False
            pairs.extend(zip(a.args, b.args))
        else:
            return False
    return True


def parts(statement: Statement) -> tuple[Node, ...]:
    """The expressions of a statement."""
    if isinstance(statement, DefineDerivative):
        return statement.partials
    if isinstance(statement, Define):
        return (statement.body,)
    return (statement.value,)
