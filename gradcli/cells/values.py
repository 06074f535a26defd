"""What stands for the values of a cell: tensors whose making is recorded, and Python's own where they are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Union

from gradcli.cells.scopes import NameScope
from gradcli.cells.tensors import TensorObject
from gradcli.errors import GradcliError, Span
from gradcli.language.nodes import Node

if TYPE_CHECKING:
    import ast

    from gradcli.cells.positions import SourceLines


class CannotFollow(Exception):
    """Something in a cell that is not followed: why, where, what to do, and the error that says more."""

    def __init__(
        self, reason: str, span: Span | None = None, error: GradcliError | None = None, hint: str | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.span = span
        self.error = error
        self.hint = hint


class PythonRaises(Exception):
    """The cell fails here, in Python, too: the name of the exception and its message."""

    def __init__(self, kind: str, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.hint = hint
        self.span: Span | None = None


class WrittenFloat(float):
    """A number of Python that was computed from others, and how that is written."""

    node: Node


class WrittenInt(int):
    """The same, of a whole number."""

    node: Node


Known = Union[int, float]


@dataclass(frozen=True)
class LibraryPath:
    """A module, or something in it: torch.nn.functional."""

    path: str


@dataclass(eq=False, repr=False)
class PythonFunction:
    """A function or lambda of the cell, with the names around it; whether autograd `follows` what it computes.

    lines  the text that it stands in, where it is called from another cell
    """

    name: str
    arguments: ast.arguments
    body: list[ast.stmt] | ast.expr
    scope: NameScope
    defaults: dict[str, Any]
    lines: SourceLines
    owner: PythonClass | None = None
    follows: bool = True
    binds: str = "object"  # what is its first argument, where it is a method: nothing, class
    once: bool = False  # as a backward: what it gives is not differentiated again


@dataclass(eq=False, repr=False)
class PythonClass:
    """A class of the cell."""

    name: str
    members: dict[str, Any]
    bases: list[Any]
    annotated: list[str] = field(default_factory=list)  # names with a type
    fields: tuple[str, ...] | None = None  # of a dataclass: what it is made of, in order

    def find(self, name: str) -> Any:
        """A member, of this class or of one that it is made from; None where there is none."""
        if name in self.members:
            return self.members[name]
        for base in self.bases:
            if isinstance(base, PythonClass) and (found := base.find(name)) is not None:
                return found
        return None

    def is_from(self, path: str) -> bool:
        """Whether it is made from a class of a library, such as torch.autograd.Function."""
        return any(
            one.path == path if isinstance(one, LibraryPath) else isinstance(one, PythonClass) and one.is_from(path)
            for one in self.bases
        )


@dataclass(eq=False, repr=False)
class Instance:
    """An object of a class of the cell."""

    cls: PythonClass
    attributes: dict[str, Any] = field(default_factory=dict)
    buffers: dict[str, bool] = field(default_factory=dict)  # of a module: by name, whether they are of its state
    hooks: list[Any] = field(default_factory=list)


@dataclass(eq=False, repr=False)
class Bound:
    """A method, and what it is a method of."""

    function: Any
    owner: Any
    name: str = ""


@dataclass(eq=False, repr=False)
class ReaderFunction:
    """Something that the reader does itself when it is called: a name of it, and what it is about.

    places  of a gradient: which arguments it is by
    """

    name: str
    call: Callable[..., Any]
    function: Any = None
    places: Any = None


@dataclass(frozen=True)
class PlacesObject:
    """x.at of JAX, and x.at[index]: entries of an array of which a copy with others is made."""

    tensor: TensorObject
    index: Any = None


@dataclass(eq=False, repr=False)
class Ignored:
    """What something that is left out gives: a plot, a print. Whatever is done with it is left out, too."""

    reason: str


class NamedItems(tuple[Any, ...]):
    """The values of a function of several: a tuple whose items have names, too."""

    names: tuple[str, ...] = ()


@dataclass(eq=False, repr=False)
class LeftOutName:
    """A name whose statement was left out; `among` are the names that this mentions."""

    reason: str
    error: CannotFollow | None = None
    among: frozenset[str] = frozenset()


@dataclass(eq=False, repr=False)
class TextValue:
    """A text with gradients in it."""

    text: str
    gradients: list[TensorObject]


def exact(value: Known) -> Fraction:
    """The number that the text of a number of Python says."""
    return Fraction(value) if isinstance(value, int) else Fraction(repr(float(value)))
