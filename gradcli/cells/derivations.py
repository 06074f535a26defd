"""What a cell differentiates: an output, what it is differentiated by, and where that stands."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from gradcli.cells.engine import CellEngine, entries
from gradcli.cells.extract import Extracted, extract
from gradcli.cells.graph import FLOATS, CellGraph
from gradcli.cells.kept import check_kept, is_kept_nothing_of
from gradcli.cells.tensors import Gradient, TensorObject, Vertex
from gradcli.cells.values import PythonRaises
from gradcli.cells.views import held
from gradcli.errors import Span
from gradcli.language.nodes import Call, Name, Node
from gradcli.language.trees import is_call
from gradcli.tape.arrays import Array


@dataclass(eq=False, repr=False)
class CellDerivation:
    """One derivation that a cell asks for.

    output   what is differentiated
    by       the tensors it is differentiated by, and the vertices that they were then
    weights  of the outputs: backward(gradient)
    earlier  derivations whose results were in `.grad` already, at the same place: the sum is what is there now
    notes    what else a reader should know
    """

    graph: CellGraph
    engine: CellEngine
    cell: int
    line: str
    span: Span
    output: TensorObject
    by: list[tuple[TensorObject, Vertex]]
    weights: TensorObject | None = None
    order: int = 1
    hessian: bool = False
    earlier: tuple[CellDerivation, ...] = ()
    notes: list[str] = field(default_factory=list)

    @property
    def dtype(self) -> str:
        """Of the computation."""
        return self.output.vertex.dtype if self.output.vertex.dtype in FLOATS else "float32"

    @cached_property
    def extracted(self) -> Extracted:
        """The program, of all that is added up in `.grad`."""
        vertices = [vertex for _, vertex in self.by]
        if not self.earlier:
            if self.needs_sum:
                return extract(self.graph, self.total(), vertices)
            return extract(self.graph, self.name, vertices, self.output.vertex)
        total: Node | None = None
        for one in (*self.earlier, self):
            term = one.total()
            total = term if total is None else Call("+", (total, term), one.span, one.span)
        assert total is not None
        return extract(self.graph, total, vertices)

    @property
    def name(self) -> Name:
        """The output in the graph."""
        return self.graph.name(self.output, self.span)

    @property
    def needs_sum(self) -> bool:
        """Whether the output is one number in brackets."""
        shape = self.engine.shape(self.output)
        return self.weights is None and bool(shape) and self.order == 1 and set(shape) == {1} and not self.is_jacobian

    is_jacobian: bool = False

    def total(self) -> Node:
        """The number that this differentiates: of several outputs the sum, each times its weight."""
        node: Node = self.name
        if self.weights is not None:
            node = Call("*", (self.graph.name(self.weights, self.span), node), self.span, self.span)
        if self.engine.shape(self.output):
            node = Call("sum", (node,), self.span, self.span)
        return node

    @cached_property
    def numbers(self) -> list[Array]:
        """The derivatives, without what was there before, as torch computes them."""
        vertices = [vertex for _, vertex in self.by]
        output = self.name if self.is_jacobian else self.total()
        return self.engine.gradients(extract(self.graph, output, vertices), self.dtype, 2 if self.hessian else 1)

    @property
    def weight_data(self) -> Array | None:
        """The weights of the outputs, where there are some and the program does not hold them."""
        return None if self.weights is None or self.earlier else self.engine.data(self.weights.vertex)


def total_of(gradient: Gradient, shape: tuple[int, ...]) -> Array:
    """The numbers that have come together in `.grad`."""
    found = gradient.start
    for index, (derivation, position) in enumerate(gradient.parts):
        own = derivation.numbers[position]
        if index < len(gradient.factors) and gradient.factors[index] != 1.0:
            own = entries(own, lambda a, k=gradient.factors[index]: a * k)
        found = own if found is None else entries(found, lambda a, b: a + b, own)
    return Array(shape, array("d", [0.0]) * math.prod(shape)) if found is None else found


def leaves(graph: CellGraph, output: TensorObject) -> list[tuple[TensorObject, Vertex]]:
    """The tensors that backward gives derivatives to: followed all the way from the output."""
    found: dict[int, tuple[TensorObject, Vertex]] = {}
    for vertex in followed(graph, output.vertex):
        owner = vertex.owner
        if owner is not None and (owner.retained or (vertex.node is None and owner.requires_grad)):
            found[vertex.index] = (owner, vertex)
    return [found[index] for index in sorted(found)]


def followed(graph: CellGraph, vertex: Vertex) -> Iterator[Vertex]:
    """A vertex and all that autograd follows from it."""
    seen: set[int] = set()
    stack = [vertex.index]
    while stack:
        index = stack.pop()
        if index in seen:
            continue
        seen.add(index)
        one = graph.vertices[index]
        yield one
        if one.node is not None:
            stack.extend(inner for inner in held(one.node) if inner in one.tracks)


def free(graph: CellGraph, output: TensorObject, by: Iterable[Vertex], retain: bool) -> None:
    """Give up what operations have kept for their backward, as torch does; `by` are the ends of the way back.

    Raises PythonRaises where that was done before, or what was kept was changed in place; CannotFollow.
    """
    vertices = list(followed(graph, output.vertex))
    keeping = [one for one in vertices if one.node is not None and not is_kept_nothing_of(one)]
    if any(one.freed for one in keeping):
        raise PythonRaises(
            "RuntimeError",
            "Trying to backward through the graph a second time",
            "backward(retain_graph=True) keeps it",
        )
    if output.library == "torch" and any(one.node is not None and is_call(one.node, "//") for one in keeping):
        raise PythonRaises("RuntimeError", "derivative for aten::floor_divide is not implemented")
    check_kept(graph, vertices, by)
    if not retain:
        for one in keeping:
            one.freed = True
