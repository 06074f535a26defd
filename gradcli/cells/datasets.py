"""torch.utils.data: sets of data, and loaders that give them in batches, in the order in which torch shuffles them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import islice
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.creation import make
from gradcli.cells.iterating import CellIterable
from gradcli.cells.limits import MAX_ITEMS
from gradcli.cells.nesting import array_of
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow, Instance, LibraryPath

# What says how a loader works, and not what it gives.
_WORKING = frozenset((
    "num_workers", "pin_memory", "timeout", "worker_init_fn", "multiprocessing_context", "prefetch_factor",
    "persistent_workers", "pin_memory_device",
))  # fmt: skip
_NAMES = ("dataset", "batch_size", "shuffle", "sampler", "batch_sampler", "num_workers", "collate_fn")


class DatasetObject(CellIterable):
    """A TensorDataset: tensors with as many rows."""

    def __init__(self, tensors: list[TensorObject]) -> None:
        self.tensors = tensors

    def count(self, reader: CellReader, node: ast.AST) -> int:
        """The rows of each."""
        return reader.engine.shape(self.tensors[0])[0]

    def item(self, reader: CellReader, index: Any, node: ast.AST) -> tuple[Any, ...]:
        """The row at a place, or those at several, of each tensor."""
        span = reader.span(node)
        return tuple(reader.graph.subscript(one, index, span) for one in self.tensors)

    def items(self, reader: CellReader, node: ast.AST) -> Iterator[Any]:
        """Row by row."""
        return (self.item(reader, place, node) for place in range(self.count(reader, node)))


class SubsetObject(CellIterable):
    """Some items of a dataset, as random_split chooses them."""

    def __init__(self, dataset: Any, indices: list[int]) -> None:
        self.dataset = dataset
        self.indices = indices

    def count(self, reader: CellReader, node: ast.AST) -> int:
        """How many were chosen."""
        return len(self.indices)

    def item(self, reader: CellReader, index: Any, node: ast.AST) -> Any:
        """The item at a place."""
        return reader.subscripted(self.dataset, self.indices[index], node)

    def items(self, reader: CellReader, node: ast.AST) -> Iterator[Any]:
        """One by one, in their order."""
        return (reader.subscripted(self.dataset, place, node) for place in self.indices)


class LoaderObject(CellIterable):
    """A DataLoader: a dataset, and how its batches are made."""

    def __init__(self, dataset: Any, size: int | None, shuffle: bool, drop_last: bool, own: Any, collate: Any) -> None:
        self.dataset = dataset
        self.size = size
        self.shuffle = shuffle
        self.drop_last = drop_last
        self.own = own  # the generator that it was given
        self.collate = collate

    def count(self, reader: CellReader, node: ast.AST) -> int:
        """The number of batches."""
        rows, size = _count(reader, self.dataset, node), self.size or 1
        return rows // size if self.drop_last else -(-rows // size)

    def items(self, reader: CellReader, node: ast.AST) -> Iterator[Any]:
        """The batches; torch draws a seed each time, and one more for the order where that is shuffled."""
        rows = _count(reader, self.dataset, node)
        order = reader.random.loader_order(rows, self.shuffle, self.own)
        return self._batches(reader, order, node)

    def _batches(self, reader: CellReader, order: Iterator[int], node: ast.AST) -> Iterator[Any]:
        size = self.size
        if size is None:
            for place in order:
                yield reader.subscripted(self.dataset, place, node)
            return
        for start in range(0, self.count(reader, node) * size, size):
            chosen = list(islice(order, size))
            reader.step(node)
            if self.collate is None and isinstance(self.dataset, DatasetObject):
                index = chosen if self.shuffle else slice(start, start + len(chosen))
                yield list(self.dataset.item(reader, index, node))
                continue
            samples = [reader.subscripted(self.dataset, place, node) for place in chosen]
            yield (
                collated(reader, samples, node)
                if self.collate is None
                else reader.invoke(self.collate, [samples], {}, node)
            )
        next(order, None)  # the sampler is asked whether there is another item


def dataset(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> DatasetObject:
    """TensorDataset(x, y)"""
    if not args or not all(isinstance(one, TensorObject) for one in args):
        raise CannotFollow("a TensorDataset of these is not followed", reader.span(node))
    return DatasetObject(list(args))


def loader(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> LoaderObject:
    """DataLoader(dataset, batch_size, shuffle=..., drop_last=...)"""
    given = dict(zip(_NAMES, args)) | keywords
    own = getattr(given.get("generator"), "own", None)
    known = {"dataset", "batch_size", "shuffle", "drop_last", "generator", "collate_fn"} | _WORKING
    other = [one for one, value in given.items() if one not in known and value is not None]
    size, data = given.get("batch_size", 1), given.get("dataset")
    if other or len(args) > len(_NAMES) or (given.get("generator") is not None and own is None):
        raise CannotFollow(f"a DataLoader with {other[0] if other else 'these'} is not followed", reader.span(node))
    if size is not None and (not isinstance(size, int) or size < 1):
        raise CannotFollow("the size of the batches is not known", reader.span(node))
    _count(reader, data, node)
    return LoaderObject(
        data, size, bool(given.get("shuffle")), bool(given.get("drop_last")), own, given.get("collate_fn")
    )


def loader_attribute(reader: CellReader, made: LoaderObject, name: str, node: ast.AST) -> Any:
    """loader.dataset, loader.batch_size"""
    known = {"dataset": made.dataset, "batch_size": made.size, "drop_last": made.drop_last}
    if name not in known:
        raise CannotFollow(f".{name} of a DataLoader is not followed", reader.span(node))
    return known[name]


def random_split(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> list[Any]:
    """random_split(dataset, lengths, generator): parts that are drawn."""
    given = dict(zip(("dataset", "lengths", "generator"), args)) | keywords
    rows, lengths = _count(reader, given["dataset"], node), list(reader.iterated(given["lengths"], node))
    if any(isinstance(one, float) for one in lengths):  # fractions: what is left over goes to the first ones
        sizes = [int(rows * one) for one in lengths]
        lengths = [size + (place < rows - sum(sizes)) for place, size in enumerate(sizes)]
    if sum(lengths) != rows:
        message = "Sum of input lengths does not equal the length of the input dataset!"
        raise reader.raised("ValueError", message, node)
    own = getattr(given.get("generator"), "own", None)
    drawn = [int(one) for one in reader.random.draw("torch", "randperm", (rows,), own=own).data]
    ends = [sum(lengths[: place + 1]) for place in range(len(lengths))]
    return [SubsetObject(given["dataset"], drawn[end - size : end]) for end, size in zip(ends, lengths)]


def subset(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> SubsetObject:
    """Subset(dataset, indices)"""
    given = dict(zip(("dataset", "indices"), args)) | keywords
    indices = reader.iterated(reader.graph.index(given["indices"]), node)
    if not all(isinstance(one, int) for one in indices):
        raise CannotFollow("the indices of a Subset are not known", reader.span(node))
    _count(reader, given["dataset"], node)
    return SubsetObject(given["dataset"], indices)


def _count(reader: CellReader, data: Any, node: ast.AST) -> int:
    """How many items a dataset has."""
    if isinstance(data, CellIterable):
        found = data.count(reader, node)
    elif isinstance(data, Instance) and data.cls.find("__len__") is not None:
        found = reader.invoke(reader.attribute(data, "__len__", node), [], {}, node)
    elif isinstance(data, TensorObject) and reader.engine.shape(data):
        found = reader.engine.shape(data)[0]
    elif isinstance(data, (list, tuple, range)):
        found = len(data)
    else:
        raise CannotFollow("a DataLoader of this is not followed", reader.span(node))
    if not isinstance(found, int) or found > MAX_ITEMS:
        raise CannotFollow("the dataset has no length that is known, or is too long", reader.span(node))
    return found


def collated(reader: CellReader, samples: list[Any], node: ast.AST) -> Any:
    """A batch of samples, as torch's default_collate puts them together."""
    first = samples[0]
    if isinstance(first, TensorObject) and not any(one.requires_grad for one in samples):
        data, _ = array_of(samples, reader.span(node), reader.array)
        return reader.graph.input(data, first.vertex.dtype)
    if isinstance(first, TensorObject):
        return reader.graph.made(reader.graph.operand(samples, reader.span(node)), samples)
    if isinstance(first, (int, float)):
        words = {"dtype": LibraryPath("torch.float64")} if isinstance(first, float) else {}
        return make(reader, "torch", "tensor", [samples], words, node)
    if isinstance(first, (list, tuple)):
        return [collated(reader, list(column), node) for column in zip(*samples)]
    if isinstance(first, dict):
        return {name: collated(reader, [one[name] for one in samples], node) for name in first}
    if isinstance(first, str):
        return samples
    raise CannotFollow("a batch of these is not followed", reader.span(node))
