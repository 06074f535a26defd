"""Generators of random numbers that a cell holds: torch.Generator, np.random.default_rng, np.random.RandomState."""

from __future__ import annotations

import ast
from array import array
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.creation import sizes
from gradcli.cells.random_numbers import MAX_DRAWN
from gradcli.cells.ranges import check_size
from gradcli.cells.values import CannotFollow, ReaderFunction
from gradcli.tape.arrays import Array

MAKERS = frozenset(("torch.Generator", "numpy.random.default_rng", "numpy.random.RandomState"))
# Methods of NumPy's generators: the names of the arguments in front of the size.
_DRAWS = {
    "normal": ("loc", "scale"), "uniform": ("low", "high"), "standard_normal": (), "random": (),
    "integers": ("low", "high"), "randn": (), "rand": (), "randint": ("low", "high"), "random_sample": (),
}  # fmt: skip


class GeneratorObject:
    """A generator: torch's or NumPy's own, of the seed that the cell gives."""

    def __init__(self, library: str, own: Any) -> None:
        self.library = library
        self.own = own


def generator(
    path: str, reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> GeneratorObject:
    """torch.Generator(), np.random.default_rng(seed)"""
    if path == "torch.Generator":
        import torch

        return GeneratorObject("torch", torch.Generator())
    seed = args[0] if args else keywords.get("seed")
    if not isinstance(seed, int):
        raise CannotFollow("a generator without a seed gives other numbers each time", reader.span(node))
    import numpy as np

    own = np.random.default_rng(seed % 2**63) if path.endswith("default_rng") else np.random.RandomState(seed % 2**32)
    return GeneratorObject("np", own)


def generator_method(reader: CellReader, made: GeneratorObject, name: str, node: ast.AST) -> Any:
    """g.manual_seed(0), rng.normal(size=3)"""
    if made.library == "torch":
        if name != "manual_seed":
            raise CannotFollow(f".{name} of a generator is not followed", reader.span(node))

        def seeded(args: list[Any], keywords: dict[str, Any], place: ast.AST) -> GeneratorObject:
            made.own.manual_seed(int(args[0]) % 2**63)
            return made

        return ReaderFunction(name, seeded)
    if name not in _DRAWS or not hasattr(made.own, name):
        raise CannotFollow(f".{name} of a generator is not followed", reader.span(node))
    return ReaderFunction(name, lambda args, keywords, place: _drawn(reader, made, name, args, keywords, place))


def _drawn(
    reader: CellReader, made: GeneratorObject, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    names = _DRAWS[name]
    if name in ("randn", "rand"):
        args, keywords = [], {"size": tuple(args)}
    given = dict(zip((*names, "size"), args)) | keywords
    size = given.pop("size", None)
    if not set(given) <= set(names) or not all(isinstance(one, (int, float)) for one in given.values()):
        raise CannotFollow(f"the arguments of {name} are not followed", reader.span(node))
    shape = () if size is None else sizes(reader, [size], node)
    check_size(reader, shape, node)
    if len(shape) and max(shape) > MAX_DRAWN:
        raise CannotFollow("too many random numbers are drawn", reader.span(node))
    found = (
        getattr(made.own, name)(size=shape, **given)
        if name not in ("randn", "rand")
        else getattr(made.own, name)(*shape)
    )
    if size is None:
        return float(found)
    whole = name in ("integers", "randint")
    data = Array(shape, array("d", [float(one) for one in found.reshape(-1)]))
    return reader.graph.input(data, "int64" if whole else "float64", "np")
