"""Autograd Functions for what torch has no derivative of: rows of the table, and hand-written derivatives.

Each is a real `torch.autograd.Function` with `setup_context` and a `jvp`, so that double backward, forward
mode and `torch.func` work. The backward of a row is the row's own rule, run as torch operations.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import torch

from gradcli.errors import LimitError, Source
from gradcli.functions import table
from gradcli.functions.row import Row
from gradcli.runtime.deadlines import OutOfTime, WorkDeadline
from gradcli.tape.rules import rule
from gradcli.tape.sweep import expand
from gradcli.tape.tape import CustomVjp, Tape

MOST_SECONDS = 2.0  # of work, of one call of mpmath

# The derivative by each argument, given the arguments and the incoming gradient (None: 1).
Backward = Callable[[int, "Sequence[torch.Tensor]", "torch.Tensor | None"], "torch.Tensor | None"]

# How the value moves with an argument, given the arguments and how far that one is moved.
Change = Callable[[int, "Sequence[torch.Tensor]", torch.Tensor], "torch.Tensor | None"]

# Runs a tape with tensors for its inputs; numbers take the dtype and the device of the last argument.
Run = Callable[[Tape, "Mapping[str, torch.Tensor]", torch.Tensor], torch.Tensor]


@cache
def row_function(name: str, run: Run) -> type[torch.autograd.Function]:
    """The Function of a row; its rules are tapes, to be run."""
    row = table.BY_NAME[name]
    kernel = _kernel(row)
    names = [parameter.name for parameter in row.parameters]

    def partial(position: int, args: Sequence[torch.Tensor], incoming: torch.Tensor | None) -> torch.Tensor | None:
        template = rule(name, position)
        if template is None:
            return None
        local = run(template, dict(zip(names, args)), args[0])
        return local if incoming is None else incoming * local.conj()

    return _function(name, kernel, partial)


def custom_vjp(vjp: CustomVjp, run: Run) -> type[torch.autograd.Function]:
    """The Function of a derivative that the program gives: it is called with the body's value and the arguments."""
    count = len(vjp.params)
    # A `diff` in it is by a parameter, whatever the arguments of this call have in common: by the table's rules.
    partials = [expand(one, Source(vjp.name)) for one in vjp.partials]

    def partial(position: int, args: Sequence[torch.Tensor], incoming: torch.Tensor | None) -> torch.Tensor | None:
        if not 1 <= position <= count:
            return None
        inputs = dict(zip((*vjp.params, *vjp.captured), args[1:]))
        template = partials[position - 1]
        if vjp.incoming:
            return run(
                template, {**inputs, vjp.incoming: torch.ones_like(args[0]) if incoming is None else incoming}, args[0]
            )
        local = run(template, inputs, args[0])
        return local if incoming is None else incoming * local.conj()

    def change(position: int, args: Sequence[torch.Tensor], move: torch.Tensor) -> torch.Tensor | None:
        if not 1 <= position <= count:
            return None

        def gradient(incoming: torch.Tensor) -> torch.Tensor | None:
            return _fitted(partial(position, args, incoming), args[position])

        # J·v is the derivative of v·(Jᵀ·w) by w: what a backward gives is linear in what comes in.
        found: torch.Tensor = torch.func.vjp(gradient, torch.zeros_like(args[0]))[1](move)[0]
        return found

    return _function(vjp.name, lambda value, *args: value.clone(), partial, change if vjp.incoming else None)


def _function(
    name: str, kernel: Callable[..., torch.Tensor], partial: Backward, change: Change | None = None
) -> type[torch.autograd.Function]:
    """A Function from its forward and its partial derivatives; `change` is given where these are of whole tensors."""

    def forward(*args: torch.Tensor) -> torch.Tensor:
        return kernel(*args)

    def setup_context(ctx: Any, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        ctx.set_materialize_grads(False)  # zeros times an infinite derivative would be nan
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)

    def backward(ctx: Any, incoming: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        args = ctx.saved_tensors
        return tuple(
            _fitted(partial(position, args, incoming), args[position]) if needed and incoming is not None else None
            for position, needed in enumerate(ctx.needs_input_grad)
        )

    def jvp(ctx: Any, *tangents: torch.Tensor | None) -> torch.Tensor:
        args = ctx.saved_tensors
        if change is None:
            total: torch.Tensor = functools.reduce(torch.add, (torch.zeros_like(arg) for arg in args))
        else:
            total = torch.zeros_like(args[0])
        for position, tangent in enumerate(tangents):
            if tangent is None:
                continue
            if change is None:
                local = partial(position, args, None)
                moved = None if local is None else tangent * local
            else:
                moved = change(position, args, tangent)
            total = total if moved is None else total + moved
        return total

    # Not `generate_vmap_rule`: it would hand batched tensors to NumPy.
    def vmap(info: Any, in_dims: tuple[int | None, ...], *args: torch.Tensor) -> tuple[torch.Tensor, int]:
        rank = max(arg.dim() - (dim is not None) for arg, dim in zip(args, in_dims))
        return made.apply(*(arg if dim is None else _batched(arg, dim, rank) for arg, dim in zip(args, in_dims))), 0

    members = {
        "vmap": staticmethod(vmap),
        "forward": staticmethod(forward),
        "setup_context": staticmethod(setup_context),
        "backward": staticmethod(backward),
        "jvp": staticmethod(jvp),
    }
    made: Any = type(name[:1].upper() + name[1:], (torch.autograd.Function,), members)
    return made  # type: ignore[no-any-return]


def _batched(arg: torch.Tensor, dim: int, rank: int) -> torch.Tensor:
    """A batch of tensors, moved in front of as many dimensions as the largest of the arguments has."""
    batch = arg.movedim(dim, 0)
    return batch.reshape(batch.shape[0], *[1] * (rank + 1 - batch.dim()), *batch.shape[1:])


def _fitted(gradient: torch.Tensor | None, arg: torch.Tensor) -> torch.Tensor | None:
    """A gradient in the shape of its argument, which was broadcast if the gradient is larger."""
    if gradient is None or gradient.shape == arg.shape:
        return gradient
    if gradient.dim() < arg.dim() or gradient.numel() < arg.numel():
        return gradient.expand(arg.shape)
    return gradient.sum_to_size(arg.shape)


# Forwards


def _kernel(row: Row) -> Callable[..., torch.Tensor]:
    """How a row's value is computed: by torch operations, by SciPy where it is installed, else by mpmath."""
    if callable(row.forward):
        return row.forward
    from gradcli.backends.mp.arithmetic import double_function

    number = double_function(row.name)
    compiled = _compiled(row)

    def loop(*arrays: Any) -> Any:
        import numpy

        value = compiled(*arrays) if compiled else None
        if value is not None:
            return value
        return WorkDeadline(MOST_SECONDS).run(lambda: numpy.vectorize(number, otypes=[float])(*arrays))

    def forward(*args: torch.Tensor) -> torch.Tensor:
        try:
            return _elementwise(loop, args)
        except OutOfTime:
            raise LimitError(
                "running autograd",
                f"{row.name} takes more than {MOST_SECONDS:g} s here",
                hint="install SciPy: it is faster" if row.scipy is not None and scipy_special() is None else None,
            ) from None

    return forward


def is_by_itself(row: Row) -> bool:
    """Whether SciPy or mpmath computes a row's value, and no operations of torch."""
    return row.torch is None and not callable(row.forward)


def is_number_by_number(row: Row) -> bool:
    """Whether mpmath computes a row's values, one after the other."""
    return is_by_itself(row) and _compiled(row) is None


def _compiled(row: Row) -> Callable[..., Any] | None:
    """SciPy's function of arrays, if there is one."""
    special = scipy_special() if row.scipy is not None else None
    if special is None:
        return None
    return functools.partial(row.scipy, special) if callable(row.scipy) else getattr(special, str(row.scipy))


@cache
def scipy_special() -> Any:
    """scipy.special, or None where SciPy is not installed."""
    try:
        import scipy.special
    except ImportError:
        return None
    return scipy.special


def _elementwise(function: Callable[..., Any], args: Sequence[torch.Tensor]) -> torch.Tensor:
    """A NumPy function of doubles, applied to tensors of any dtype on any device."""
    import numpy

    arrays = [arg.detach().to("cpu", torch.float64).numpy() for arg in args]
    arrays = [numpy.ascontiguousarray(a) if a.ndim else a for a in numpy.broadcast_arrays(*arrays)]
    with numpy.errstate(all="ignore"):
        result = torch.as_tensor(function(*arrays), dtype=torch.float64)
    return result.to(args[0].device, args[0].dtype)
