"""Tensors as Python has them, which change in place, and the vertices of the graph that they are computed by."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakSet

from gradcli.language.nodes import Node
from gradcli.tape.arrays import Array


@dataclass(eq=False, repr=False)
class TensorStorage:
    """Numbers in memory, which a tensor and its views share: how often they were changed in place.

    version  as torch counts, which asks at backward whether what it kept is still there
    writes   those by .data, too, which torch does not count
    """

    version: int = 0
    writes: int = 0


@dataclass(eq=False, repr=False)
class Vertex:
    """A value that the graph holds: an input, or an operation on others.

    node     what it is computed by, over names $0, $1, ... of other vertices; None: an input
    dtype    float32, float64, int64 or bool
    tracks   the ones, of those that it is computed from, that autograd follows
    data     the numbers, where they are known; `later` computes them when they are asked for
    name     what the cell calls it
    owner    the tensor that collects the derivatives by it
    storage  where its numbers stood, and at which version and after how many writes
    keeps     what torch has kept of what it is computed from, besides what shows in how it is written
    is_blank  whether some of its entries have no number yet: torch.empty
    replaces  of what an operation in place gives: what stood there before, of which torch has kept a copy
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
    storage: TensorStorage | None = None
    replaces: int | None = None
    is_blank: bool = False
    keeps: frozenset[int] = frozenset()
    version: int = 0
    writes: int = 0


@dataclass(eq=False, repr=False)
class TensorObject:
    """A tensor or an array as Python has it: a thing that changes in place.

    library   torch, np, tf
    grad      what backward has left there; None as in torch
    source    of a gradient: where it came from
    current   what it is computed by, as far as it is known: `vertex` asks whether the numbers were changed elsewhere
    base      the tensor that it shares its numbers with: a row, a view, what is detached; `views` are the other way
    again     of a view: what it is computed by now; None where it cannot be told
    is_cut    of a view: whether autograd does not follow it, as after detach()
    is_outdated  whether the numbers were changed by way of another tensor, so that it is computed again when asked for
    is_stale  whether its numbers are not known: they were changed by what is not followed
    is_grad_unknown  whether what stands in .grad is not known, for the same reason
    is_open   whether nothing says which library's it is, as of a name without a value
    retained  whether derivatives by it are kept although it is computed
    is_parameter  of torch.nn: modules learn it, and hold it also where it is not followed
    several      of one of several views that a function gives at once: what torch calls it
    is_broken    of such a view: whether what it is of has changed since, after which torch refuses to go on with it
    is_read_only a view of NumPy that cannot be written to
    is_learned   a variable of TensorFlow, which tapes watch of themselves
    is_variable  a name without a value, or one that a class of the cell holds: differentiated by unless said otherwise
    """

    current: Vertex
    requires_grad: bool = False
    library: str = "torch"
    grad: Gradient | None = None
    source: Gradient | None = None
    holder: TensorObject | None = None
    retained: bool = False
    is_variable: bool = False
    base: TensorObject | None = None
    views: WeakSet[TensorObject] = field(default_factory=WeakSet)
    again: Callable[[TensorObject], Vertex] | None = None
    is_cut: bool = False
    is_outdated: bool = False
    is_stale: bool = False
    is_grad_unknown: bool = False
    is_open: bool = False
    storage: TensorStorage | None = None
    is_parameter: bool = False
    is_learned: bool = False
    several: str = ""
    is_broken: bool = False
    is_read_only: bool = False
    hooks: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.storage is None:
            self.storage = self.current.storage or TensorStorage()
        if self.current.storage is None:
            self._stand(self.current)

    @property
    def vertex(self) -> Vertex:
        """What it is computed by."""
        if self.is_outdated:
            self.is_outdated = False
            if self.again is not None:
                self.vertex = self.again(self)
        return self.current

    @vertex.setter
    def vertex(self, vertex: Vertex) -> None:
        self.current = vertex
        if vertex.storage is not self.storage:
            self._stand(vertex)

    def _stand(self, vertex: Vertex) -> None:
        assert self.storage is not None
        vertex.storage, vertex.version, vertex.writes = self.storage, self.storage.version, self.storage.writes

    def write(self, is_counted: bool = True) -> None:
        """Its numbers are others now, and those of what shares them."""
        assert self.storage is not None
        self.storage.version += is_counted
        self.storage.writes += 1
        self.outdate()

    def outdate(self) -> None:
        """What shares its numbers has others now."""
        stack, seen = list(self.views), {id(self)}
        while stack:
            one = stack.pop()
            if one.is_outdated or id(one) in seen:
                continue
            seen.add(id(one))
            one.is_outdated, one.is_stale = one.again is not None, one.is_stale or one.again is None
            stack += one.views

    def forget(self) -> None:
        """Its numbers are not known any more, nor those of what shares them."""
        root = self
        while root.base is not None:
            root.is_stale = True
            root = root.base
        root.is_stale = True
        root.outdate()

    def link(self, other: TensorObject) -> None:
        """Let it have the memory of another one, as x.data = y: what changes one makes the other unknown."""
        for one in [one for one in self.views if self in one.views]:
            self.views.discard(one)
            one.views.discard(self)
        if other is not self:
            self.views.add(other)
            other.views.add(self)

    def part(self) -> None:
        """Let it have its numbers for itself."""
        if self.base is not None:
            self.base.views.discard(self)
        self.base = self.again = None
        self.storage = TensorStorage()

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
