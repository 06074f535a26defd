"""A program's graph at a point: the forward pass run, torch's graph walked, the backward pass recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from gradcli.backends.torch import device as devices
from gradcli.backends.torch.run import inputs_of, run_all, tensor_of
from gradcli.errors import OPTIONS, GradcliError, LimitError
from gradcli.functions import shapes
from gradcli.graph.data import GraphNode, TorchNode, Walked
from gradcli.graph.edges import Edges, node_kind
from gradcli.graph.passes import PassRecord, backward
from gradcli.graph.plain import Carrier
from gradcli.graph.texts import Texts
from gradcli.graph.walk import Walk, resolve
from gradcli.language.nodes import Program
from gradcli.language.numbers import DTYPES
from gradcli.problem.values import Value
from gradcli.tape.arrays import Array
from gradcli.tape.dependence import held_by_diff, reaches
from gradcli.tape.tape import Custom, Tape

STAGE = "drawing the graph"
MAX_OPERATIONS = 5_000  # of a program whose graph is recorded


@dataclass(frozen=True)
class GraphQuestion:
    """What is to be walked: a program's tape at a point, by which names, and from which gradient."""

    program: Program
    tape: Tape
    point: Mapping[str, Value]
    wrt: tuple[str, ...]
    dtype: str
    device: str
    seed: Array | None = None


def build(question: GraphQuestion) -> Walked:
    """The graph of a program at a point.

    Raises GradcliError where the device is not there, torch lacks an operation in this dtype, or the given gradient
    has not the shape of the output; LimitError for too many operations.
    """
    tape = question.tape
    if len(tape.ops) > MAX_OPERATIONS:
        raise LimitError(STAGE, f"there are {len(tape.ops):,} operations, and {MAX_OPERATIONS:,} is the limit")
    like = devices.like(question.dtype, question.device)
    leaves = {index for name in question.wrt if (index := tape.find(name)) is not None}
    leaves |= held_by_diff(tape)
    seed = None
    with devices.torch_errors(STAGE, f"in {question.dtype} on {question.device}"):
        values = run_all(tape, inputs_of(tape, question.point, like, leaves), like, leaves)
        resolved = resolve(values)
        walk = Walk(values, resolved)
        output = values[tape.output]
        if output.requires_grad:
            seed = _seed(question, output, like)
        record = PassRecord() if seed is None else backward(output, seed, values, walk, question.seed is not None)
    return _Builder(question, values, resolved, walk, record, leaves).built(seed)


def _seed(question: GraphQuestion, output: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """The gradient that the backward pass begins with."""
    given = question.seed
    if given is None:
        return torch.ones_like(output)
    if given.shape != tuple(output.shape):
        wanted = shapes.text(tuple(output.shape))
        raise GradcliError(
            OPTIONS, f"--vjp gives {shapes.text(given.shape)}, and the output is {wanted}",
            expected=f"the same shape: {wanted}",
        )  # fmt: skip
    return tensor_of(given, like)


def _exponents(tape: Tape) -> set[int]:
    """Literal exponents: torch is given them as Python's numbers, and there is no tensor."""
    return {op.args[1] for op in tape.ops if tape.literal_exponent(op) is not None}


class _Builder:
    """Turns what was recorded into plain data."""

    def __init__(
        self,
        question: GraphQuestion,
        values: Sequence[torch.Tensor],
        resolved: Sequence[int],
        walk: Walk,
        record: PassRecord,
        leaves: set[int],
    ) -> None:
        self.tape, self.values, self.resolved, self.walk, self.record = question.tape, values, resolved, walk, record
        self.leaves = leaves
        self.texts = Texts(question.program, self.tape, DTYPES[question.dtype])
        self.carrier = Carrier()
        used = reaches(self.tape, [self.tape.output])
        for index, target in enumerate(resolved):
            used[target] |= used[index]
        literal = _exponents(self.tape)
        self.shown = [
            index for index, target in enumerate(resolved) if target == index and used[index] and index not in literal
        ]
        self.places = {index: position for position, index in enumerate(self.shown)}
        self.torch: dict[int, int] = {}
        for index in self.shown:
            for node in walk.own[index]:
                self.torch[node] = len(self.torch)
        self.names: dict[int, list[str]] = {}
        for name, index in (*self.tape.inputs.items(), *self.tape.named.items()):
            self.names.setdefault(resolved[index], []).append(name)

    def built(self, seed: torch.Tensor | None) -> Walked:
        """Everything together."""
        edges = Edges(self.tape, self.values, self.resolved, self.walk, self.record, self.texts, self.carrier)
        return Walked(
            nodes=tuple(self._node(index) for index in self.shown),
            edges=tuple(edge for index in self.shown for edge in edges.of(index, self.places)),
            torch=tuple(self._torch(node) for node in self.torch),
            output=self.places[self.resolved[self.tape.output]],
            backward=self._order(),
            seed=None if seed is None else self.carrier.tensor(seed),
            unused=tuple(name for index, names in self.names.items() if index not in self.places for name in names),
            version=torch.__version__,
        )

    def _node(self, index: int) -> GraphNode:
        op, value = self.tape.ops[index], self.values[index]
        root = self.walk.roots[index]
        own = self.walk.own[index]
        leaf = bool(value.is_leaf)
        grad = value.grad if leaf or value.retains_grad else None
        return GraphNode(
            kind=node_kind(op),
            names=tuple(self.names.get(index, ())),
            text=self.texts.of(index),
            inside=self.texts.inside(index),
            span=op.span,
            function=op.vjp.name if isinstance(op, Custom) else op.called or None,
            shape=tuple(value.shape),
            value=self.carrier.tensor(value),
            requires_grad=bool(value.requires_grad),
            is_leaf=leaf,
            grad_fn=None if leaf or root is None else self.walk.found[root[0]].name,
            torch=tuple(self.torch[node] for node in own),
            adjoint=None if grad is None else self.carrier.tensor(grad),
            operands=tuple(self._operand(arg) for arg in op.args),
        )

    def _operand(self, arg: int) -> int | str:
        place = self.places.get(self.resolved[arg])
        return self.texts.argument(arg) if place is None else place

    def _torch(self, index: int) -> TorchNode:
        found = self.walk.found[index]
        edges = tuple(None if edge is None else self.torch.get(edge[0]) for edge in found.edges)
        return TorchNode(found.name, self.places[found.owner], edges)

    def _order(self) -> tuple[int, ...]:
        """The operations in the order in which torch came to them."""
        order: dict[int, None] = {}
        for node in self.record.order:
            owner = self.walk.found[node].owner
            if owner in self.places:
                order.setdefault(self.places[owner])
        return tuple(order)
