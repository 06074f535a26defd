"""What stands in `.grad` of a tensor: one thing that backward adds to, and that a cell may change itself."""

from __future__ import annotations

from gradcli.cells.base import CellReader
from gradcli.cells.derivations import CellDerivation, total_of
from gradcli.cells.engine import entries
from gradcli.cells.tensors import Gradient, TensorObject, Vertex
from gradcli.cells.values import CannotFollow
from gradcli.language.nodes import Call, Name
from gradcli.tape.arrays import Array


def gradient_of(reader: CellReader, tensor: TensorObject) -> TensorObject | None:
    """x.grad: the same tensor each time, until there is another one."""
    check_known(tensor)
    gradient = tensor.grad
    if gradient is None:
        return None
    if gradient.tensor is None:
        vertex, now = _standing(reader, tensor, gradient)
        gradient.tensor = TensorObject(vertex, False, tensor.library, source=now, holder=tensor)
    return gradient.tensor


def check_known(tensor: TensorObject) -> None:
    """Refuse to ask for a gradient that what is left out may have changed."""
    if tensor.is_grad_unknown:
        raise CannotFollow("what stands in .grad is not known: it may have been changed by what is left out")


def _standing(reader: CellReader, owner: TensorObject, gradient: Gradient) -> tuple[Vertex, Gradient]:
    """The numbers that stand there now, and what they come from."""
    now = gradient.times(1.0)
    vertex = reader.graph.input(
        None, owner.vertex.dtype, owner.library, later=lambda: total_of(now, reader.engine.shape(owner))
    ).vertex
    vertex.name = f"{owner.vertex.name}_grad" if owner.vertex.name else None
    if now.parts:
        vertex.shape = reader.engine.shape(owner)
    return vertex, now


def is_standing(tensor: TensorObject) -> bool:
    """Whether a tensor is what stands in `.grad` of another one."""
    holder = tensor.holder
    return holder is not None and holder.grad is not None and holder.grad.tensor is tensor


def _renewed(reader: CellReader, owner: TensorObject) -> None:
    """Whoever has the gradient has its new numbers."""
    assert owner.grad is not None
    tensor = owner.grad.tensor
    if tensor is not None:
        tensor.vertex, tensor.source = _standing(reader, owner, owner.grad)
        tensor.requires_grad = False
        tensor.outdate()


def put(reader: CellReader, owner: TensorObject, numbers: Array | None) -> None:
    """Let other numbers stand in a gradient that there is, or zeros (None)."""
    gradient = owner.grad = owner.grad or Gradient()
    gradient.parts, gradient.factors = [], []
    gradient.start = numbers if numbers is not None and any(numbers.data) else None
    _renewed(reader, owner)


def cleared(reader: CellReader, owner: TensorObject, to_none: bool) -> None:
    """zero_grad(): no gradient, or zeros where there is one."""
    if to_none:
        owner.grad, owner.is_grad_unknown = None, False
    elif owner.grad is not None:
        put(reader, owner, None)


def given(reader: CellReader, owner: TensorObject, value: TensorObject | None) -> None:
    """x.grad = value"""
    owner.is_grad_unknown = False
    if value is None:
        owner.grad = None
        return
    if value is (owner.grad.tensor if owner.grad else None):
        return
    if value.holder is not None and is_standing(value):  # from there on both would have the same numbers
        raise CannotFollow("two tensors that share one .grad are not followed: .clone() gives each its own")
    source = value.source
    numbers = reader.array(value)
    owner.grad = Gradient(start=numbers if any(numbers.data) else None) if source is None else source.times(1.0)
    if value.holder is None and value.base is None and not value.requires_grad:
        value.holder, value.source, owner.grad.tensor = owner, owner.grad.times(1.0), value


def scaled(reader: CellReader, owner: TensorObject, factor: float) -> None:
    """Multiply a gradient by a number, in place."""
    assert owner.grad is not None
    changed = owner.grad.times(factor)
    owner.grad.factors, owner.grad.start = changed.factors, changed.start
    _renewed(reader, owner)


def collect(
    reader: CellReader, made: CellDerivation, by: list[tuple[TensorObject, Vertex]], hooked: dict[int, TensorObject]
) -> None:
    """Add what comes out to `.grad`, as backward does; `hooked` are the ones that hooks have changed, by vertex."""
    before = [tuple(one for one, _ in owner.grad.parts) if owner.grad else () for owner, _ in by]
    is_set = any(owner.grad is not None and owner.grad.start is not None for owner, _ in by)
    same = not is_set and all(
        earlier == before[0] and all((owner, vertex) in one.by for one in earlier)
        for earlier, (owner, vertex) in zip(before, by)
    )
    if any(before) and same:
        made.earlier = before[0]
        times = len(made.earlier) + 1
        made.notes.append(f"backward() adds to .grad: the sum of {times} derivatives is there now")
    elif any(before) or is_set:
        names = [
            vertex.name or "a tensor"
            for earlier, (owner, vertex) in zip(before, by)
            if earlier or (owner.grad is not None and owner.grad.start is not None)
        ]
        made.notes.append(
            f"{' and '.join(names)}.grad was not set to zero: this derivative is added to what was there before"
        )
    for position, (owner, vertex) in enumerate(by):
        owner.grad = owner.grad or Gradient()
        if vertex.index in hooked:
            own, there = reader.array(hooked[vertex.index]), owner.grad.start
            owner.grad.start = own if there is None else entries(there, lambda a, b: a + b, own)
        else:
            owner.grad.parts.append((made, position))
        _renewed(reader, owner)


def followed_on(reader: CellReader, made: CellDerivation, output: TensorObject) -> None:
    """backward(create_graph=True): what comes out, and what was there, as operations to be differentiated again."""
    total = output if not reader.engine.shape(output) else reader.graph.made(made.total(), [output])
    for position, (owner, vertex) in enumerate(made.by):
        names = reader.graph.name(total, made.span), Name(f"${vertex.index}", made.span)
        tensor = reader.graph.made(Call("diff", names, made.span, made.span), [total, owner])
        tensor.vertex.shape = reader.engine.shape(owner)
        old = gradient_of(reader, owner)
        gradient = owner.grad.times(1.0) if owner.grad is not None else Gradient()
        if old is not None:
            tensor = reader.graph.operation("+", [old, tensor], made.span, made.span)
        gradient.parts.append((made, position))
        tensor.source, tensor.holder, gradient.tensor = gradient.times(1.0), owner, tensor
        owner.grad = gradient
