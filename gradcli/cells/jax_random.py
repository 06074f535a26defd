"""jax.random: keys, and the numbers that JAX 0.5 and later draw from them (Threefry of 20 rounds, counted by entry)."""

from __future__ import annotations

import ast
import math
from array import array
from dataclasses import dataclass
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.creation import sizes
from gradcli.cells.random_numbers import MAX_DRAWN
from gradcli.cells.ranges import check_size, number
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow
from gradcli.tape.arrays import Array

ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
PARITY = 0x1BD11BDA
LIBRARY = "jax"


@dataclass(frozen=True)
class JaxKey:
    """A key: two numbers of 32 bits."""

    high: int
    low: int


def _hashed(key: JaxKey, counts: Any) -> tuple[Any, Any]:
    """Threefry-2x32 of a key at counts below 2**32."""
    import numpy as np

    word = np.uint32
    keys = (word(key.high), word(key.low), word(key.high ^ key.low ^ PARITY))
    one, two = np.full(counts.shape, keys[0], word), counts + keys[1]
    for group in range(5):
        for turn in ROTATIONS[group % 2]:
            one = one + two
            two = ((two << word(turn)) | (two >> word(32 - turn))) ^ one
        one, two = one + keys[(group + 1) % 3], two + keys[(group + 2) % 3] + word(group + 1)
    return one, two


def _uniform(key: JaxKey, count: int, low: float, high: float) -> Any:
    """Floats of 32 bits from low up to, but without, high."""
    import numpy as np

    one, two = _hashed(key, np.arange(count, dtype=np.uint32))
    mantissas = ((one ^ two) >> np.uint32(9)) | np.uint32(0x3F800000)
    unit = mantissas.view(np.float32) - np.float32(1)
    start, width = np.float32(low), np.float32(high) - np.float32(low)
    return np.maximum(start, unit * width + start)


def _normal(key: JaxKey, count: int) -> list[float]:
    import numpy as np
    import torch

    drawn = _uniform(key, count, float(np.nextafter(np.float32(-1), np.float32(0))), 1.0)
    inverse = torch.erfinv(torch.from_numpy(drawn).double()).float()
    return [float(one) for one in (inverse * math.sqrt(2.0)).double().tolist()]


def new_key(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> JaxKey:
    """jax.random.PRNGKey(seed), jax.random.key(seed)"""
    seed = args[0] if args else keywords.get("seed")
    if not isinstance(seed, int):
        raise CannotFollow("the seed of a key is not known", reader.span(node))
    return JaxKey(0, int(seed) % 2**32)


def split(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> list[JaxKey]:
    """jax.random.split(key, num=2)"""
    import numpy as np

    count = args[1] if len(args) > 1 else keywords.get("num", 2)
    if not isinstance(count, int) or not 0 < count <= MAX_DRAWN:
        raise CannotFollow("the number of keys is not known", reader.span(node))
    one, two = _hashed(_key(reader, args, keywords, node), np.arange(count, dtype=np.uint32))
    return [JaxKey(int(a), int(b)) for a, b in zip(one, two)]


def fold_in(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> JaxKey:
    """jax.random.fold_in(key, data)"""
    import numpy as np

    data = args[1] if len(args) > 1 else keywords.get("data")
    if not isinstance(data, int) or not 0 <= data < 2**32:
        raise CannotFollow("the number that is folded into a key is not known", reader.span(node))
    one, two = _hashed(_key(reader, args, keywords, node), np.array([data], dtype=np.uint32))
    return JaxKey(int(one[0]), int(two[0]))


def bernoulli(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> TensorObject:
    """jax.random.bernoulli(key, p=0.5, shape=())"""
    given = dict(zip(("key", "p", "shape"), args)) | keywords
    shape, count = _shape(reader, given.get("shape", ()), node)
    key = _key(reader, [given.get("key")], {}, node)
    if given.keys() - {"key", "p", "shape"}:
        raise CannotFollow("a bernoulli with options is not followed", reader.span(node))
    chance = number(reader, given.get("p", 0.5), node)
    numbers = array("d", [float(one < chance) for one in _uniform(key, count, 0.0, 1.0)])
    return reader.graph.input(Array(shape, numbers), "bool", LIBRARY)


def randint(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> TensorObject:
    """jax.random.randint(key, shape, minval, maxval): the remainders of two draws of 32 bits, put together."""
    import numpy as np

    given = dict(zip(("key", "shape", "minval", "maxval"), args)) | keywords
    if given.keys() != {"key", "shape", "minval", "maxval"}:
        raise CannotFollow("a randint with options is not followed", reader.span(node))
    shape, count = _shape(reader, given["shape"], node)
    low, high = given["minval"], given["maxval"]
    if not isinstance(low, int) or not isinstance(high, int) or not -(2**31) <= low < high < 2**31:
        raise CannotFollow("the ends of a randint are not known", reader.span(node))
    two = split(reader, [_key(reader, [given["key"]], {}, node)], {}, node)
    upper, lower = (np.bitwise_xor(*_hashed(one, np.arange(count, dtype=np.uint32))).astype(object) for one in two)
    width = high - low
    times = (2**16 % width) ** 2 % 2**32 % width
    found = [low + ((int(a) % width * times) % 2**32 + int(b) % width) % 2**32 % width for a, b in zip(upper, lower)]
    return reader.graph.input(Array(shape, array("d", map(float, found))), "int64", LIBRARY)


def _shape(reader: CellReader, given: Any, node: ast.AST) -> tuple[tuple[int, ...], int]:
    """A shape, and how many numbers it has."""
    shape = sizes(reader, [given], node)
    check_size(reader, shape, node)
    count = math.prod(shape)
    if count > MAX_DRAWN:
        raise CannotFollow("too many random numbers are drawn", reader.span(node))
    reader.random.versions.add(LIBRARY)
    return shape, count


def drawn(name: str, reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> TensorObject:
    """jax.random.normal(key, shape), jax.random.uniform(key, shape, minval=0, maxval=1)"""
    key = _key(reader, args, keywords, node)
    given = dict(zip(("shape", "dtype", "minval", "maxval"), args[1:])) | keywords
    shape, count = _shape(reader, given.get("shape", ()), node)
    if name == "normal":
        numbers = _normal(key, count)
    else:
        ends = (number(reader, given.get(one, end), node) for one, end in (("minval", 0.0), ("maxval", 1.0)))
        numbers = [float(one) for one in _uniform(key, count, *ends)]
    return reader.graph.input(Array(shape, array("d", numbers)), "float32", LIBRARY)


def _key(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> JaxKey:
    found = args[0] if args else keywords.get("key")
    if not isinstance(found, JaxKey):
        raise CannotFollow("a key of jax.random is expected here", reader.span(node))
    return found
