"""The numbers of a cell: values and gradients, by torch on the tape of the program that gives them."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Union

from gradcli.cells.extract import Extracted, extract
from gradcli.cells.graph import STAGE, CellGraph
from gradcli.cells.limits import MAX_COMPUTED, MAX_HELD
from gradcli.cells.tensors import TensorObject, Vertex
from gradcli.cells.values import CannotFollow
from gradcli.errors import LimitError, Span
from gradcli.language.names import names_of
from gradcli.language.nodes import Call, Name, Node
from gradcli.language.numbers import DTYPES
from gradcli.language.trees import number
from gradcli.tape.arrays import Array
from gradcli.tape.dependence import held_by_diff
from gradcli.tape.lower import lower
from gradcli.tape.tape import Tape

HERE = Span(0, 0)


class CellEngine:
    """Values, shapes and gradients of the vertices of a graph, each computed when it is asked for."""

    def __init__(self, graph: CellGraph) -> None:
        self.graph = graph
        graph.numbers = lambda vertex: self.data(vertex) if self.is_known(vertex) else None
        self.computed = 0  # times that torch was asked

    def data(self, vertex: Vertex) -> Array:
        """The numbers of a vertex.

        Raises CannotFollow where they are not known.
        """
        if vertex.data is None:
            vertex.data = vertex.later() if vertex.later is not None else self._computed(vertex)
            vertex.shape = vertex.data.shape
        return vertex.data

    def shape(self, tensor: TensorObject) -> tuple[int, ...]:
        """The shape of a tensor; of a name without a value that of a number."""
        vertex = tensor.vertex
        if vertex.shape is None:
            if vertex.node is None:
                vertex.shape = self.data(vertex).shape if vertex.later is not None else ()
            else:
                tape, _, _ = self._tape(self._extracted(vertex), vertex.dtype, values=False)
                vertex.shape = tape.ops[tape.output].shape
        return vertex.shape

    def is_known(self, vertex: Vertex) -> bool:
        """Whether a vertex has numbers: no name without a value goes into it."""
        if vertex.node is None:
            return vertex.data is not None or vertex.later is not None
        return not self._extracted(vertex).free

    def gradients(self, extracted: Extracted, dtype: str, order: int = 1) -> list[Array]:
        """The derivatives of a program's value by its names, each of the shape of its name; pure ones of an order."""
        _check_known(extracted)
        from gradcli.backends.torch.gradients import differentiate

        tape, point, _ = self._tape(extracted, dtype)
        targets = [place for name in extracted.wrt if (place := tape.find(name)) is not None]
        found = differentiate(tape, point, targets, order, dtype, "cpu")
        if not all((position,) * order in found.partials for position in range(len(targets))):
            raise CannotFollow("there is nothing to differentiate: a tensor is empty")
        return [plain(found.partials[(position,) * order]) for position in range(len(targets))]

    def with_entries(self, data: Array, index: Any, value: Array | float) -> Array:
        """The numbers of a tensor in which some entries are others; raises what torch raises."""
        import torch

        tensor = torch.tensor(list(data.data), dtype=torch.float64).reshape(data.shape)
        given: Any = value
        if isinstance(value, Array):
            given = torch.tensor(list(value.data), dtype=torch.float64).reshape(value.shape)
        tensor[index] = given
        return plain(tensor)

    def chosen(self, data: Array, index: Any) -> tuple[list[int], tuple[int, ...]]:
        """The whole numbers at some places of a tensor, in a row, and the shape of what is there; raises as torch."""
        import torch

        found = torch.tensor(list(data.data), dtype=torch.float64).reshape(data.shape)[index]
        return [int(one) for one in found.reshape(-1).tolist()], tuple(found.shape)

    def running(self, buffers: dict[str, Array], seen: list[Vertex], momentum: float | None) -> dict[str, Array]:
        """The running mean and variance of a layer of torch after it was trained with these."""
        import torch

        own = torch.nn.BatchNorm1d(len(buffers["running_mean"].data), momentum=momentum)
        for name, one in buffers.items():
            getattr(own, name).copy_(torch.tensor(list(one.data)))
        for vertex in seen:
            data = self.data(vertex)
            rows = torch.tensor(list(data.data), dtype=torch.float32).reshape(*data.shape[:2], -1)
            own(rows if len(data.shape) > 2 else rows.reshape(data.shape))
        return {name: plain(getattr(own, name)) for name in buffers}

    def _extracted(self, vertex: Vertex) -> Extracted:
        name: Node = Name(f"${vertex.index}", HERE)
        if vertex.dtype == "bool":
            name = Call("where", (name, number(1), number(0)), HERE, HERE)
        return extract(self.graph, name, ())

    def _computed(self, vertex: Vertex) -> Array:
        self.computed += 1
        if self.computed > MAX_COMPUTED:
            raise LimitError(STAGE, f"the cell asks for more than {MAX_COMPUTED:,} numbers on its way")
        from gradcli.backends.torch import device
        from gradcli.backends.torch.run import inputs_of, run_all

        extracted = self._extracted(vertex)
        _check_known(extracted)
        tape, point, dtype = self._tape(extracted, vertex.dtype)
        like = device.like(dtype, "cpu")
        leaves = held_by_diff(tape)
        with device.torch_errors("reading the cell", "in its dtype"):
            return plain(run_all(tape, inputs_of(tape, point, like, leaves), like, leaves)[tape.output])

    def _tape(
        self, extracted: Extracted, dtype: str, values: bool = True
    ) -> tuple[Tape, dict[str, Union[Fraction, Array]], str]:
        """A program lowered, with the values of its inputs where they are wanted, and the dtype to compute in."""
        kind = dtype if dtype in DTYPES else "float64"
        point: dict[str, Union[Fraction, Array]] = {}
        shapes: dict[str, tuple[int, ...]] = {}
        if not values:
            shapes |= {name: vertex.shape for name, vertex in extracted.free.items() if vertex.shape}
        for name, vertex in extracted.inputs.items():
            given = self.data(vertex)
            if given.shape:
                shapes[name] = given.shape
                point[name] = given
            elif math.isfinite(given.data[0]):
                point[name] = exact_number(given.data[0])
            else:
                point[name] = given
        names = names_of(extracted.program, point)
        tape = lower(extracted.program, names.variables, DTYPES[kind], True, shapes)
        if values and sum(math.prod(op.shape) for op in tape.ops) > MAX_HELD:
            raise LimitError(STAGE, f"a number of the cell takes more than {MAX_HELD:,} others")
        return tape, point, kind


def _check_known(extracted: Extracted) -> None:
    """Refuse to compute where a name has no value."""
    if extracted.free:
        name = next(iter(extracted.free))
        raise CannotFollow(f"{name} has no value, and what the code does depends on it", hint=f"add --at {name}=...")


def exact_number(value: float) -> Fraction:
    """A double, exactly; CannotFollow for what is not a number."""
    try:
        return Fraction(value)
    except (ValueError, OverflowError):
        raise CannotFollow(f"{value} is not a number to compute with") from None


def plain(tensor: Any) -> Array:
    """The numbers of a tensor of torch."""
    return Array(tuple(tensor.shape), array("d", tensor.detach().double().reshape(-1).tolist()))


def entries(value: Array, change: Callable[..., float], *others: Array) -> Array:
    """An array whose entries are made from those of others of its shape."""
    return Array(value.shape, array("d", map(change, value.data, *(other.data for other in others))))
