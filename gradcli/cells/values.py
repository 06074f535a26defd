"""What stands for the values of a cell: tensors whose making is recorded, and Python's own where they are known."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Union

from gradcli.cells.scopes import NameScope
from gradcli.errors import GradcliError, Span
from gradcli.language.nodes import Node
from gradcli.tape.arrays import Array

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


@dataclass(eq=False, repr=False)
class Vertex:
    """A value that the graph holds: an input, or an operation on others.

    node     what it is computed by, over names $0, $1, ... of other vertices; None: an input
    dtype    float32, float64, int64 or bool
    tracks   the ones, of those that it is computed from, that autograd follows
    data     the numbers, where they are known; `later` computes them when they are asked for
    name     what the cell calls it
    owner    the tensor that collects the derivatives by it
    """

    index: int
    node: Node | None
    dtype: str
    tracks: frozenset[int] = frozenset()
    data: Array | None = None
    later: Callable[[], Array] | None = None
    name: str | None = None
    owner: TensorObject | None = None
    freed: bool = False
    shape: tuple[int, ...] | None = None


@dataclass(eq=False, repr=False)
class TensorObject:
    """A tensor or an array as Python has it: a thing that changes in place.

    library   torch, np, tf
    grad      what backward has left there; None as in torch
    source    of a gradient: where it came from
    base      the tensor that it shares its numbers with: a row, a view, what is detached; `views` are the other way
    is_stale  whether such numbers were changed there, in place
    retained  whether derivatives by it are kept although it is computed
    is_parameter  of torch.nn: modules learn it, and hold it also where it is not followed
    is_learned   a variable of TensorFlow, which tapes watch of themselves
    is_variable  a name without a value, or one that a class of the cell holds: differentiated by unless said otherwise
    """

    vertex: Vertex
    requires_grad: bool = False
    library: str = "torch"
    grad: Gradient | None = None
    source: Gradient | None = None
    holder: TensorObject | None = None
    retained: bool = False
    is_variable: bool = False
    base: TensorObject | None = None
    views: list[TensorObject] = field(default_factory=list)
    is_stale: bool = False
    is_parameter: bool = False
    is_learned: bool = False
    hooks: list[Any] = field(default_factory=list)

    def as_view_of(self, base: TensorObject) -> TensorObject:
        """This tensor, sharing its numbers with another one."""
        self.base = base
        base.views.append(self)
        return self

    def outdate(self) -> None:
        """What shares its numbers has others now."""
        stack = list(self.views)
        while stack:
            one = stack.pop()
            one.is_stale = True
            stack += one.views

    @property
    def is_leaf(self) -> bool:
        """As torch says it."""
        return not self.requires_grad or self.vertex.node is None


@dataclass(eq=False, repr=False)
class Gradient:
    """What has come together in `x.grad`: parts of derivations, each with the position of x in it.

    factors  of the first parts, where they are others than 1
    start    numbers that are there besides, and no derivation's: the cell has set or changed them
    tensor   what the cell has of it
    """

    parts: list[tuple[Any, int]] = field(default_factory=list)
    factors: list[float] = field(default_factory=list)
    start: Array | None = None
    tensor: TensorObject | None = None

    def times(self, factor: float) -> Gradient:
        """The gradient times a number, for itself."""
        before = [*self.factors, *[1.0] * (len(self.parts) - len(self.factors))]
        start = self.start
        if start is not None and factor != 1.0:
            start = Array(start.shape, array("d", [one * factor for one in start.data]))
        return Gradient(list(self.parts), [one * factor for one in before], start)


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
    """A name whose statement was left out."""

    reason: str
    error: CannotFollow | None = None


@dataclass(eq=False, repr=False)
class TextValue:
    """A text with gradients in it."""

    text: str
    gradients: list[TensorObject]


def exact(value: Known) -> Fraction:
    """The number that the text of a number of Python says."""
    return Fraction(value) if isinstance(value, int) else Fraction(repr(float(value)))
