"""What is around a tensor, or goes on beyond its edges, as texts of the language: shapes, definitions, backwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.functions.entries import PlaceRule
from gradcli.functions.rearranging import at, numbers, text
from gradcli.functions.shapes import Shape, ShapeError

MODES = ("constant", "reflect", "replicate", "circular")
OF_NUMPY = {"constant": "constant", "edge": "replicate", "reflect": "reflect", "wrap": "circular"}  # np.pad's words
PAIR = 2  # numbers that say how much is added at the two ends of a dimension


def pads(x: Shape, given: Any) -> list[tuple[int, int]]:
    """How much is added before and after each dimension; torch begins with the last one."""
    found = numbers(given)
    if len(found) % PAIR or len(found) > PAIR * len(x) or any(not isinstance(one, int) for one in found):
        raise ShapeError("two numbers for each dimension, from the last one on, are expected: before and after it")
    pairs = [(found[i], found[i + 1]) for i in range(0, len(found), PAIR)]
    return [(0, 0)] * (len(x) - len(pairs)) + pairs[::-1]


def around_shape(x: Shape, pad: Any) -> Shape:
    """The shape with something around."""
    sizes = tuple(size + before + after for size, (before, after) in zip(x, pads(x, pad)))
    if any(size < 1 for size in sizes):
        raise ShapeError("nothing is left")
    return sizes


def zero_padded(x: Shape, pad: Any) -> PlaceRule:
    """That of zeros around."""
    around = pads(x, pad)

    def inner(here: Any, *_: Any) -> tuple[Any, ...]:
        return tuple(i - before for i, (before, _) in zip(here, around))

    def inside(here: Any, sizes: Any, given: Any) -> tuple[Any, ...]:
        found: list[Any] = []
        for i, size, (before, after) in zip(here, given[0], around):
            found += [i >= before] * (before > 0) + [i < size + before] * (after > 0)
        return tuple(found)

    def sizes(given: Any) -> tuple[Any, ...]:
        return tuple(size + before + after for size, (before, after) in zip(given[0], around))

    return PlaceRule(inner, sizes=sizes, inside=inside)


def padded_shape(x: Shape, pad: Any, mode: str = "constant", value: Any = 0) -> Shape:
    """The shape with something around, or of a tensor that goes on beyond its edges."""
    return around_shape(x, pad) if mode == "constant" else continued_shape(mode)(x, pad)


def padded(x: Shape, pad: Any, mode: str, value: Any, name: str = "value") -> str:
    """A number around, of this parameter, or a tensor that goes on beyond its edges."""
    if mode != "constant":
        return f"{mode}_pad(x, {text(numbers(pad))})"
    if value == 0:
        return f"zero_pad(x, {text(numbers(pad))})"
    return f"where(zero_pad(ones({text(x)}), {text(numbers(pad))}) == 1, zero_pad(x, {text(numbers(pad))}), {name})"


def widths(x: Shape, width: Any) -> list[int]:
    """What numpy is told of how much is added, as torch is: for all ends, for both ends, or for each dimension."""
    each = [width] if isinstance(width, int) else list(width)
    if not any(isinstance(one, (list, tuple)) for one in each):
        each = [each]
    pairs = [list(numbers(one)) for one in each]
    if len(pairs) == 1:
        pairs *= len(x)
    if len(pairs) != len(x) or any(
        len(pair) not in (1, PAIR) or any(not isinstance(one, int) or one < 0 for one in pair) for pair in pairs
    ):
        raise ShapeError(
            "how much is added is expected as a number, as (before, after), or as such a pair for each dimension"
        )
    return [one for pair in reversed(pairs) for one in (pair[0], pair[-1])]


def numpy_shape(x: Shape, width: Any, mode: str, value: Any) -> Shape:
    """The shape of `np.pad`."""
    return padded_shape(x, widths(x, width), OF_NUMPY[mode])


def numpy_padded(x: Shape, width: Any, mode: str, value: Any) -> str:
    """`np.pad` as torch has it; a number has no ends."""
    return "x" if not x else padded(x, widths(x, width), OF_NUMPY[mode], value, "constant_values")


def numpy_back(x: Shape, width: Any, mode: str, value: Any) -> tuple[str]:
    """What is inside, and what the edges go on with."""
    return ("1",) if not x else padded_back(x, widths(x, width), OF_NUMPY[mode])


def padded_back(x: Shape, pad: Any, mode: str = "constant", value: Any = 0) -> tuple[str]:
    """What is inside, and what the edges go on with."""
    if mode != "constant":
        return continued_back(mode)(x, pad)
    return (f"zero_pad(g, {text([-one for one in numbers(pad)])})",)


def _places(kind: str, size: int, before: int, after: int) -> list[int]:
    """The place of each entry of a dimension that goes on beyond its ends."""
    found = []
    for i in range(-before, size + after):
        if kind == "reflect":
            found.append(-i if i < 0 else 2 * (size - 1) - i if i >= size else i)
        else:
            found.append(i % size if kind == "circular" else min(max(i, 0), size - 1))
    return found


def continued_shape(kind: str) -> Callable[..., Shape]:
    """The shape of a tensor that goes on beyond its edges."""

    def shape(x: Shape, pad: Any) -> Shape:
        for size, (before, after) in zip(x, pads(x, pad)):
            most = {"reflect": size - 1, "circular": size}.get(kind, max(before, after, 0))
            if max(before, after) > most or min(before, after) < 0:
                raise ShapeError(f"of {size} entries from 0 to {most} are added at an end")
        return around_shape(x, pad)

    return shape


def continued(kind: str) -> Callable[..., str]:
    """A tensor that goes on beyond its edges, dimension by dimension."""

    def written(x: Shape, pad: Any) -> str:
        around = [(along, pair) for along, pair in enumerate(pads(x, pad)) if any(pair)]
        if len(around) != 1:
            found = "x"
            for along, pair in around:
                found = f"{kind}_pad({found}, {text([0, 0] * (len(x) - along - 1) + list(pair))})"
            return found
        ((along, (before, after)),) = around
        size = x[along]
        return _joined(along, _edge(kind, x, along, size, before, True), "x", _edge(kind, x, along, size, after, False))

    return written


def _joined(along: int, *pieces: str) -> str:
    return f"cat([{', '.join(piece for piece in pieces if piece)}], {along})"


def _edge(kind: str, x: Shape, along: int, size: int, count: int, is_first: bool) -> str:
    """What is added at an end."""
    if not count:
        return ""
    if kind == "circular":
        return "x" + at(along, f"{size - count}:" if is_first else f":{count}")
    if kind == "reflect":
        inner = f"1:{count + 1}" if is_first else f"{size - 1 - count}:{size - 1}"
        return f"flip(x{at(along, inner)}, {along})"
    sizes = (*x[:along], count, *x[along + 1 :])
    return f"broadcast_to(x{at(along, ':1' if is_first else f'{size - 1}:')}, {text(sizes)})"


def continued_back(kind: str) -> Callable[..., tuple[str]]:
    """Each entry gets the adjoints of all of its copies."""

    def written(x: Shape, pad: Any) -> tuple[str]:
        found, sizes = "g", list(around_shape(x, pad))
        for along, (before, after) in enumerate(pads(x, pad)):
            if before or after:
                sizes[along] = x[along]
                places = _places(kind, x[along], before, after)
                found = f"index_add(zeros({text(sizes)}), {along}, {text(places)}, {found})"
        return (found,)

    return written
