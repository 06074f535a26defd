"""What a style of writing is: signs, how tightly things hold together, and forms for what has one of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol, Union

from gradcli.language.nodes import Call, Name, Node, Number

ATOM, POSTFIX, POWER, NEGATIVE, PRODUCT = 20, 9, 8, 7, 6  # how tightly a part holds together, as in PRECEDENCE

# What is still to be written: a text, or a part and how tightly it has to hold together.
Todo = Union[str, "tuple[Node, int]"]


class Setting(NamedTuple):
    """What names mean: the program's own functions, all its names, and its variables."""

    defined: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()


class Writer(Protocol):
    """Who writes a tree."""

    setting: Setting

    def of(self, node: Node) -> str: ...  # noqa: D102
    def index(self, node: Node) -> str: ...  # noqa: D102


Form = Callable[[Call, Writer], Sequence[Todo]]


class Style(NamedTuple):
    """A way of writing.

    signs     what stands between two operands
    levels    how tightly a call holds together, where PRECEDENCE does not say it
    forms     what is neither an operator nor a name in front of its arguments
    minus     how tightly what follows a minus has to hold together
    guarded   the operators after which an operand that begins with a minus stands in brackets
    narrow    whether an index of an entry has no spaces around its operators
    """

    signs: Mapping[str, str]
    levels: Mapping[str, int]
    forms: Mapping[str, Form]
    minus: int
    guarded: frozenset[str]
    number: Callable[[Number], str]
    name: Callable[[Name, Setting], str]
    function: Callable[[Call, Setting], str]
    negation: str = "not "
    brackets: tuple[str, str] = ("(", ")")
    narrow: bool = False
