"""What is recorded of a graph, as plain data: nodes, edges, torch's own nodes, and the order of both passes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar

from gradcli.errors import Span
from gradcli.functions.shapes import Shape
from gradcli.tape.codec import JsonLayout, as_fields
from gradcli.tape.strict import numbers


class NodeKind(Enum):
    """What a node is."""

    VARIABLE = "variable"
    NUMBER = "number"
    CONSTANT = "constant"  # pi, or a tensor that a constructor makes
    OPERATION = "operation"
    TRUTH = "truth"
    DETACH = "detach"
    HAND_WRITTEN = "hand-written"
    DERIVATIVE = "derivative"  # a `diff` inside the program
    STATEMENT = "statement"  # several operations, folded


@dataclass(frozen=True)
class Tensor:
    """The entries of a tensor, nested; one number where the shape is ().

    entries    None where they are too many to carry
    least      the smallest finite entry, and the greatest; None where there is none
    unusual    how many entries are NaN or infinite
    """

    shape: Shape
    entries: Any
    least: float | None
    greatest: float | None
    unusual: int = 0

    def under(self, name: str) -> dict[str, Any]:
        """The entries as a field of a format; only their bounds where they are too many to carry."""
        if self.entries is not None:
            return numbers(name, self.entries)
        return {name: None, f"{name}_bounds": as_fields(self, ("shape", "entries"))}


@dataclass(frozen=True)
class GraphNode:
    """One operation, or one leaf.

    names          of the variable, or of the intermediates that are this value
    text           the source text it came from, shortened where it is very long
    inside         the function of the program whose body that text stands in
    span           where it stands in the source; None for what was not written
    function       the row's name
    grad_fn        as torch names it; None for a leaf
    torch          torch's nodes of this operation, by position among the graph's; the first one is `grad_fn`
    operands       what it was computed from: other nodes by position, and literals that are no tensors
    adjoint        what `retain_grad` holds after the backward pass; None where no gradient arrives
    operations     how many operations are folded here
    """

    kind: NodeKind
    names: tuple[str, ...]
    text: str
    inside: str | None
    span: Span | None
    function: str | None
    shape: Shape
    value: Tensor
    requires_grad: bool
    is_leaf: bool
    grad_fn: str | None
    torch: tuple[int, ...]
    adjoint: Tensor | None
    operands: tuple[int | str, ...] = ()
    operations: int = 1

    JSON: ClassVar = JsonLayout(
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
    """That one node uses another; both by position among the graph's nodes.

    positions       of the argument among the parent's; more than one where torch adds their contributions
    flows           whether torch has an edge here
    cut             why it has none, where the child requires a gradient
    local           what the local derivative is
    text            the local derivative as a formula; `g` in it is the adjoint of the parent
    derivative      its value; of a map the Jacobian, where that is small
    contribution    what flowed to the child in the backward pass
    note            what a reader should know of it
    """

    parent: int
    child: int
    positions: tuple[int, ...]
    flows: bool
    cut: Cut | None = None
    local: Local = Local.NONE
    text: str | None = None
    derivative: Tensor | None = None
    contribution: Tensor | None = None
    note: str | None = None

    JSON: ClassVar = JsonLayout(
        "parent child positions flows cut local text derivative_shape derivative contribution note",
        named={"parent": "from", "child": "to", "text": "formula"},
    )

    @property
    def derivative_shape(self) -> Shape | None:
        """The shape of the local derivative's value."""
        return None if self.derivative is None else self.derivative.shape


@dataclass(frozen=True)
class TorchNode:
    """A node of torch's graph: its name, the node of ours it belongs to, and where its edges lead."""

    name: str
    node: int
    edges: tuple[int | None, ...]

    JSON: ClassVar = JsonLayout("name node edges", named={"edges": "next"})


@dataclass(frozen=True)
class Walked:
    """A graph. Nodes stand in the order of the forward pass; `backward` is the order in which torch went back.

    seed      the gradient that the backward pass began with; None where there was none
    unused    names that the output does not depend on
    """

    nodes: tuple[GraphNode, ...]
    edges: tuple[Edge, ...]
    torch: tuple[TorchNode, ...]
    output: int
    backward: tuple[int, ...]
    seed: Tensor | None
    unused: tuple[str, ...]
    version: str
