"""Tensors whose entries are balls, beneath torch's own autograd: what it does with them is computed in balls.

A tensor of balls stands below the autograd engine (`__torch_dispatch__`): the engine records and runs backward as it
does for any tensor, and each operation that it, torch's own formulas or the user's code come to arrives here. Beside
the balls lie torch's doubles, for shapes, dtypes and errors, and the place of each entry in the storage that views
share. An operation is one of: a view, run on the places; a move of entries, run by torch's kernel on labels; a
handler on arrays of balls; or torch's decomposition into others. What is none of these ends the run with Unsupported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from gradcli.check.callables.world import Array, Unsupported, array, world

Handler = Callable[..., Any]
Own = TypeVar("Own", bound=Handler)

HANDLERS: dict[str, Handler] = {}  # by the operation's name in aten; they take tensors, and give arrays of balls
COMPOSED: dict[str, Handler] = {}  # likewise, in terms of other operations: they give tensors
DISPATCH: list[Handler] = []  # what sends an operation to these: operations.py puts it here
LINEAR: set[str] = set()  # operations that are linear in their first argument
MOVES: set[str] = set()  # operations that only put entries in other places, or zeros

NARROW = {torch.float32: "float32", torch.float16: "float16", torch.bfloat16: "bfloat16"}


class BallTensor(torch.Tensor):
    """A tensor of balls.

    doubles   torch's own tensor, with the same shape and dtype
    storage   the balls, of all views of one storage
    places    where in it each entry is: a tensor of whole numbers with the sizes and strides of this one
    """

    doubles: torch.Tensor
    storage: Array
    places: torch.Tensor

    @staticmethod
    def __new__(cls, doubles: torch.Tensor, storage: Array, places: torch.Tensor) -> BallTensor:
        """A tensor of these balls, with the sizes and strides of the places."""
        made: BallTensor = torch.Tensor._make_wrapper_subclass(
            cls, places.shape, strides=places.stride(), storage_offset=places.storage_offset(), dtype=doubles.dtype
        )
        made.doubles, made.storage, made.places = doubles, storage, places
        return made

    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]
        cls, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        return DISPATCH[0](func, tuple(args), dict(kwargs or {}))

    def __repr__(self, **_: Any) -> str:  # type: ignore[override]
        return f"tensor({[str(value) for value in self.entries.flat]})"

    @property
    def entries(self) -> Array:
        """The balls, in the shape of the tensor."""
        places = self.places.numpy()
        return self.storage[places.reshape(-1)].reshape(places.shape)

    def write(self, entries: Array) -> None:
        """Put balls in the place of those that are there, for all views."""
        places = self.places.numpy()
        self.storage[places.reshape(-1)] = np.broadcast_to(entries, places.shape).reshape(-1)


class OperationsMode(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Sends every operation here, those that only make tensors too."""

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        return DISPATCH[0](func, tuple(args), dict(kwargs or {}))


def is_balls(value: Any) -> bool:
    """Whether this is a tensor of balls."""
    return type(value) is BallTensor


def balls(entries: Array, doubles: torch.Tensor) -> BallTensor:
    """A new tensor of these balls; `doubles` has its shape and its dtype."""
    if not _is_dense(doubles):
        doubles = doubles.contiguous()
    storage = np.empty(entries.size, dtype=object)
    places = torch.arange(entries.size).as_strided(doubles.shape, doubles.stride())
    storage[places.numpy().reshape(-1)] = entries.reshape(-1)
    return BallTensor(doubles, storage, places)


def _is_dense(doubles: torch.Tensor) -> bool:
    """Whether each place of the storage is one entry, from the first on."""
    extent = 1 + sum((size - 1) * stride for size, stride in zip(doubles.shape, doubles.stride()))
    return doubles.storage_offset() == 0 and doubles.numel() in (0, extent) and 0 not in doubles.stride()


def lifted(value: Any) -> BallTensor:
    """A tensor of real numbers, or a number of Python's, as a tensor of balls."""
    if type(value) is BallTensor:
        return value
    if not isinstance(value, torch.Tensor):
        value = torch.tensor(value, dtype=torch.float64 if isinstance(value, float) else None)
    known = world().lifted.get(id(value))
    if known is not None and known[1] == value._version:
        return known[2]  # type: ignore[no-any-return]
    plain = value.detach()
    if plain.is_complex() or plain.layout != torch.strided or plain.device.type != "cpu":
        raise Unsupported("a tensor that is complex, sparse, or on a device")
    numbers = plain.double() if plain.is_floating_point() else plain.long() if plain.dtype is torch.bool else plain
    made = balls(world().numbers(numbers.numpy()), plain)
    world().lifted[id(value)] = value, value._version, made
    return made


def is_real(value: Any) -> bool:
    """Whether this is a tensor of real numbers."""
    return isinstance(value, torch.Tensor) and value.is_floating_point()


def entries_of(value: Any) -> Array:
    """The balls of a tensor or of a number of Python's; truth values are 0 and 1."""
    if type(value) is BallTensor:
        return value.entries
    if isinstance(value, torch.Tensor):
        return lifted(value).entries
    return array([world().number(int(value) if isinstance(value, bool) else value)], ())


def handler(*names: str) -> Callable[[Own], Own]:
    """Make a function the handler of these operations."""

    def register(function: Own) -> Own:
        for name in names:
            HANDLERS[name] = function
        return function

    return register


def composed(*names: str) -> Callable[[Own], Own]:
    """Make a function of tensors what these operations are made of."""

    def register(function: Own) -> Own:
        for name in names:
            COMPOSED[name] = function
        return function

    return register


MOVES.update(
    """
    clone contiguous cat stack flip roll repeat index_select gather take masked_select tril triu index _unsafe_index
    where masked_fill masked_scatter scatter index_copy index_fill select_scatter slice_scatter diagonal_scatter
    constant_pad_nd rot90 diag_embed _reshape_copy embedding unfold_copy _unsafe_view pixel_shuffle pixel_unshuffle
    channel_shuffle repeat_interleave block_diag diagonal_copy put permute_copy unsqueeze_copy squeeze_copy view_copy
    expand_copy slice_backward select_backward diagonal_backward
    """.split()
)
