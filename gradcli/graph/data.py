"""What is recorded of a graph, as plain data: nodes, edges, torch's own nodes, and the order of both passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Annotated, Any, ClassVar, Union

from gradcli.errors import Span
from gradcli.functions.shapes import Shape
from gradcli.tape.codec import JsonLayout, as_fields
from gradcli.tape.kinds import Count, Finite, Index, NestedLists
from gradcli.tape.strict import numbers


class NodeKind(Enum):
    """What a node is."""

    VARIABLE = "variable"
    NUMBER = "number"
    CONSTANT = "constant"  # pi, or a tensor that a constructor makes
    OPERATION = "operation"
    TRUTH = "truth"
    DETACH = "detach"
    CUSTOM_VJP = "hand-written"
    DERIVATIVE = "derivative"  # a `diff` inside the program
    STATEMENT = "statement"  # several operations, folded


ENTRIES = NestedLists("entries", Union[Finite, bool, None], "A number, a truth value, or nested lists of them.")


@dataclass(frozen=True)
class Tensor:
    """The entries of a tensor; where they are too many to carry, what is said of them.

    entries    nested, one number where the shape is (); None where they are too many
    least      the smallest finite entry; None where there is none
    greatest   the greatest finite entry; None where there is none
    unusual    how many entries are NaN or infinite
    """

    shape: Shape
    entries: Annotated[Any, ENTRIES]
    least: Finite | None
    greatest: Finite | None
    unusual: Count = 0

    JSON: ClassVar[JsonLayout] = JsonLayout("least greatest unusual")

    def under(self, name: str) -> dict[str, Any]:
        """The entries as a field of a format; only their bounds where they are too many to carry."""
        if self.entries is not None:
            return numbers(name, self.entries)
        return {name: None, f"{name}_bounds": as_fields(self)}


@dataclass(frozen=True)
class GraphNode:
    """One operation, or one leaf.

    kind           what sort of node it is
    names          of the variable, or of the intermediates that are this value
    text           the source text it came from, shortened where it is very long
    inside         the function of the program whose body that text stands in
    span           where it stands in the source; None for what was not written
    function       what is applied: a name of the language
    operands       what it was computed from: nodes by their ids, and literals that are no tensors
    shape          of the value
    value          as torch computed it
    requires_grad  whether torch differentiates by it, or by what it depends on
    is_leaf        whether it is one of torch's leaves
    grad_fn        as torch names it; None for a leaf
    torch          torch's nodes of this operation, by their ids; the first one is `grad_fn`
    adjoint        what `retain_grad` holds after the backward pass; None where no gradient arrives
    operations     how many operations are folded here
    """

    kind: NodeKind
    names: tuple[str, ...]
    text: str
    inside: str | None
    span: Span | None
    function: str | None
    shape: Index
    value: Tensor
    requires_grad: bool
    is_leaf: bool
    grad_fn: str | None
    torch: Index
    adjoint: Tensor | None
    operands: tuple[Count | str, ...] = ()
    operations: int = 1

    JSON: ClassVar[JsonLayout] = JsonLayout(
        "kind names text inside span function operands shape value requires_grad is_leaf grad_fn torch adjoint"
    )

    @property
    def name(self) -> str | None:
        """The name it goes by, if it has one."""
        return self.names[0] if self.names else None


class Local(Enum):
    """What a local derivative is."""

    ENTRYWISE = "entrywise"  # a number for each entry of the result: the adjoint is multiplied by it
    GRADIENT = "gradient"  # the result is one number: the adjoint times all partial derivatives
    MAP = "map"  # a linear map from the adjoint to the contribution
    RULE = "rule"  # a hand-written backward, whatever it does
    PATHS = "paths"  # summed over the paths through what is folded
    NONE = "none"  # no gradient flows


class Cut(Enum):
    """Why no gradient flows to what requires one."""

    DETACH = "detach"
    COMPARISON = "comparison"
    VALUE = "value only"  # the body of a function whose derivative is hand-written
    CONSTANT = "not a parameter"  # a name around a hand-written derivative
    DIFF = "diff"  # what a `diff` differentiates
    NONE = "no derivative"


@dataclass(frozen=True)
class Edge:
    """That one node uses another; both by their ids.

    parent          the node that uses the other one
    child           the node that is used
    positions       of the argument among the parent's; more than one where torch adds their contributions
    flows           whether torch has an edge here
    cut             why it has none, where the child requires a gradient
    local           what the local derivative is
    text            the local derivative in gradcli's language; `g` in it is the adjoint of the node `from`
    derivative      its value; of a map the Jacobian, where that is small
    derivative_shape  the shape of that value
    contribution    what flowed to the child in the backward pass
    note            what a reader should know of it
    """

    parent: Count
    child: Count
    positions: Index
    flows: bool
    cut: Cut | None = None
    local: Local = Local.NONE
    text: str | None = None
    derivative: Tensor | None = None
    contribution: Tensor | None = None
    note: str | None = None

    JSON: ClassVar[JsonLayout] = JsonLayout(
        "parent child positions flows cut local text derivative_shape derivative contribution note",
        named={"parent": "from", "child": "to", "text": "formula"},
    )

    @property
    def derivative_shape(self) -> Index | None:
        """The shape of the local derivative's value."""
        return None if self.derivative is None else self.derivative.shape


@dataclass(frozen=True)
class TorchNode:
    """A node of torch's graph.

    name   as torch calls it
    node   the node of ours that it belongs to
    edges  where its edges lead: next_functions
    """

    name: str
    node: Count
    edges: tuple[Count | None, ...]

    JSON: ClassVar[JsonLayout] = JsonLayout("name node edges", named={"edges": "next"})


@dataclass(frozen=True)
class AdjointSum:
    """An adjoint to which several nodes contribute: torch adds what arrives.

    node   whose adjoint it is
    edges  the places among the edges of those that contribute, in the order of the backward pass
    """

    node: Count
    edges: Index

    JSON: ClassVar[JsonLayout] = JsonLayout("node edges")


@dataclass(frozen=True)
class Walked:
    """A graph. Nodes stand in the order of the forward pass; `backward` is the order in which torch went back.

    output    the node of the program's value
    seed      the gradient that the backward pass began with; None where there was none
    nodes     in the order of the forward pass
    edges     of ours, with their local derivatives
    torch     the nodes of torch's own graph
    forward   the nodes in the order in which they were computed
    backward  the nodes in the order in which torch went back
    sums      of the nodes with several uses: whose contributions their adjoints are the sums of
    unused    names that the output does not depend on
    """

    nodes: tuple[GraphNode, ...]
    edges: tuple[Edge, ...]
    torch: tuple[TorchNode, ...]
    output: Count
    backward: Index
    seed: Tensor | None
    unused: tuple[str, ...]
    version: str

    JSON: ClassVar[JsonLayout] = JsonLayout(
        "output seed nodes edges torch forward backward sums unused", numbered=("nodes", "torch")
    )

    @property
    def forward(self) -> Index:
        """The nodes in the order in which they were computed."""
        return tuple(range(len(self.nodes)))

    @property
    def sums(self) -> tuple[AdjointSum, ...]:
        """The nodes with several uses, in the order of the forward pass."""
        return self._sums

    @cached_property
    def _sums(self) -> tuple[AdjointSum, ...]:
        leaving: dict[int, list[int]] = {}
        for index, edge in enumerate(self.edges):
            if edge.flows and edge.contribution is not None:
                leaving.setdefault(edge.parent, []).append(index)
        arriving: dict[int, list[int]] = {}
        for parent in self.backward:
            for index in leaving.get(parent, ()):
                arriving.setdefault(self.edges[index].child, []).append(index)
        return tuple(AdjointSum(node, tuple(found)) for node, found in sorted(arriving.items()) if len(found) > 1)

    @cached_property
    def summands(self) -> Mapping[int, Sequence[Tensor]]:
        """What is added, by the node."""
        parts = {one.node: [self.edges[index].contribution for index in one.edges] for one in self.sums}
        return {node: [one for one in found if one is not None] for node, found in parts.items()}
