"""Arrays between processes: large ones in memory that both have, others in bytes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from mmap import mmap
from typing import Any

import numpy as np

from gradcli.tape.codec import Convert

LARGE = 1 << 23  # bytes: an array of a million doubles
ALIGNED = 64  # bytes
DOUBLE = 8


class Packer:
    """Names arrays. Each is sent once: a large one in the shared memory, as long as that has room, others in bytes."""

    def __init__(self, shared: mmap | None = None) -> None:
        self.shared = shared
        self.taken = 0  # bytes of the shared memory
        self.sent = 0  # arrays in bytes
        self.known: dict[int, tuple[Any, list[Any]]] = {}
        self.fresh: list[memoryview] = []

    def __call__(self, array: Any) -> Any:
        """The type and the shape of an array, which one of those in bytes it is, and where in the shared memory."""
        if array is None:
            return None
        if id(array) not in self.known:
            plain = np.asarray(array)
            if not self._fits(plain.nbytes):
                self.known[id(array)] = array, [plain.dtype.str, list(plain.shape), self.sent, None]
                self.sent += 1
                self.fresh.append(np.ascontiguousarray(plain).reshape(-1).data.cast("B"))
            else:
                name = self._name(plain.dtype.str, plain.shape)
                np.copyto(self._view(name), plain)
                self.known[id(array)] = array, name
        return self.known[id(array)][1]

    def room(self, shape: Sequence[int]) -> Any:
        """An array of doubles to be written: in the shared memory, where that has room for it."""
        if not self._fits(DOUBLE * math.prod(shape)):
            return np.empty(shape)
        name = self._name("<f8", shape)
        view = self._view(name)
        self.known[id(view)] = view, name
        return view

    def held(self, array: Any) -> Any:
        """The array itself, or the same in the shared memory if it was sent there: the other one need not be kept."""
        if id(array) not in self.known:
            return array
        name = self.known[id(array)][1]
        if name[3] is None:
            return array
        view = self._view(name)
        del self.known[id(array)]
        self.known[id(view)] = view, name
        return view

    def _fits(self, size: int) -> bool:
        return self.shared is not None and LARGE <= size <= len(self.shared) - self.taken

    def _name(self, dtype: str, shape: Sequence[int]) -> list[Any]:
        """The name of a new array in the shared memory."""
        name = [dtype, list(shape), None, self.taken]
        size = np.dtype(dtype).itemsize * math.prod(shape)
        self.taken += -(-size // ALIGNED) * ALIGNED
        return name

    def _view(self, name: Sequence[Any]) -> Any:
        dtype, shape, _, place = name
        return np.frombuffer(self.shared or b"", dtype, math.prod(shape), place).reshape(shape)


def unpacked(buffers: Sequence[bytes], shared: mmap | None = None) -> Convert:
    """Gives the arrays that bytes and shared memory are, by their names."""

    def unpack(name: Any) -> Any:
        if name is None:
            return None
        dtype, shape, which, place = name
        if place is not None:
            return np.frombuffer(shared or b"", dtype, math.prod(shape), place).reshape(shape)
        return np.frombuffer(buffers[which], dtype=dtype).reshape(shape)

    return unpack
