"""Random numbers as torch and NumPy draw them from a seed."""

from __future__ import annotations

import random
from array import array
from collections.abc import Iterator
from typing import Any

from gradcli.cells.values import PythonRaises
from gradcli.errors import LimitError
from gradcli.tape.arrays import Array

MAX_DRAWN = 1_000_000  # numbers of one tensor
UNSEEDED = 0  # what stands for the seed of a cell that gives none


class RandomStreams:
    """One stream for each library; `unseeded` are those that a cell draws from without a seed.

    uncertain  those that were drawn from after something was left out that may have drawn from them, too
    """

    def __init__(self) -> None:
        self.streams: dict[str, Any] = {}
        self.unseeded: set[str] = set()
        self.doubted: set[str] = set()
        self.uncertain: set[str] = set()
        self.versions: set[str] = set()  # libraries whose numbers depend on their version

    def seed(self, library: str, value: Any) -> None:
        """torch.manual_seed, np.random.seed; of random.seed() and the like no number is known."""
        if not isinstance(value, (int, float)):
            self.streams.pop(library, None)
            return
        self.streams[library] = self._stream(library, value)
        self.unseeded.discard(library)
        self.doubted.discard(library)

    def doubt(self) -> None:
        """Something is left out that may have drawn numbers."""
        self.doubted |= self.streams.keys() - self.unseeded

    def _stream(self, library: str, value: float) -> Any:
        if library == "random":
            return random.Random(value)  # noqa: S311
        if library == "torch":
            import torch

            return torch.Generator().manual_seed(int(value) % 2**63)
        import numpy as np

        return np.random.RandomState(int(value) % 2**32)

    def of(self, library: str) -> Any:
        """The stream of a library: torch's, NumPy's or Python's own generator."""
        if library not in self.streams:
            self.streams[library] = self._stream(library, UNSEEDED)
            self.unseeded.add(library)
        if library in self.doubted:
            self.uncertain.add(library)
        return self.streams[library]

    def draw(
        self, library: str, kind: str, shape: tuple[int, ...], *bounds: float, dtype: str = "float32", own: Any = None
    ) -> Array:
        """Numbers of a kind: randn, rand, randint (low, high), uniform (low, high), normal (mean, deviation), randperm.

        They are of the library's stream, or of `own`, a generator of torch's.

        Raises LimitError for too many.
        """
        count = 1
        for size in shape:
            count *= size
        if count > MAX_DRAWN:
            raise LimitError("reading the cell", f"{count:,} random numbers are drawn, and {MAX_DRAWN:,} is the limit")
        try:
            found = (
                self._torch(kind, shape, bounds, dtype, own) if library == "torch" else self._numpy(kind, shape, bounds)
            )
        except (RuntimeError, TypeError, ValueError) as error:
            raise PythonRaises(type(error).__name__, str(error)[:100]) from None
        return Array(shape, array("d", found))

    def loader_order(self, count: int, shuffle: bool, own: Any = None) -> Iterator[int]:
        """The order in which torch's DataLoader goes through so many items.

        It draws a seed for its workers at once, and the order with the first batch; its sampler draws a permutation
        more where it ends.
        """
        import torch

        def drawn() -> int:
            return int(torch.empty((), dtype=torch.int64).random_(generator=stream).item())

        def shuffled() -> Iterator[int]:
            order = stream if own is not None else torch.Generator().manual_seed(drawn())
            yield from map(int, torch.randperm(count, generator=order).tolist())
            torch.randperm(count, generator=order)

        stream = self.of("torch") if own is None else own
        drawn()
        return shuffled() if shuffle else iter(range(count))

    def _torch(self, kind: str, shape: tuple[int, ...], bounds: tuple[float, ...], dtype: str, own: Any) -> list[float]:
        import torch

        stream = self.of("torch") if own is None else own
        like = {"dtype": getattr(torch, dtype), "generator": stream}
        if kind == "randint":
            drawn = torch.randint(int(bounds[0]), int(bounds[1]), shape, generator=stream)
        elif kind == "randperm":
            drawn = torch.randperm(shape[0], generator=stream)
        elif kind == "uniform":
            drawn = torch.empty(shape, dtype=like["dtype"]).uniform_(bounds[0], bounds[1], generator=stream)
        elif kind == "normal":
            drawn = torch.normal(bounds[0], bounds[1], shape, **like)
        else:
            drawn = (torch.randn if kind == "randn" else torch.rand)(shape, **like)
        return [float(one) for one in drawn.double().reshape(-1).tolist()]

    def _numpy(self, kind: str, shape: tuple[int, ...], bounds: tuple[float, ...]) -> list[float]:
        stream = self.of("np")
        if kind == "randint":
            drawn = stream.randint(int(bounds[0]), int(bounds[1]), shape)
        elif kind == "uniform":
            drawn = stream.uniform(bounds[0], bounds[1], shape)
        elif kind == "normal":
            drawn = stream.normal(bounds[0], bounds[1], shape)
        elif kind == "randperm":
            drawn = stream.permutation(shape[0])
        else:
            drawn = (stream.randn if kind == "randn" else stream.random_sample)(
                *(shape if kind == "randn" else (shape,))
            )
        import numpy as np

        return [float(one) for one in np.asarray(drawn, dtype=float).reshape(-1)]
