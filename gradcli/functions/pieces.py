"""Pieces along a dimension of a tensor, as texts of the language: shapes, definitions, backwards."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import Any

from gradcli.functions.entries import PlaceRule
from gradcli.functions.rearranging import at, place, text
from gradcli.functions.shapes import Shape, ShapeError

MAX_ORDER = 10  # of finite differences
EACH = "give each part a name: a, b = ..."
# Of torch.split, torch.chunk, torch.tensor_split, np.split, hsplit, vsplit, dsplit; each entry alone, of torch.unbind.
WAYS = ("sizes", "chunks", "sections", "equal", "hsplit", "vsplit", "dsplit", "each")


def narrowed_shape(x: Shape, dim: int, start: int, length: int) -> Shape:
    """The shape of so many entries along a dimension."""
    along = place(x, dim)
    begin = start + x[along] if start < 0 else start
    if length < 1 or begin < 0 or begin + length > x[along]:
        raise ShapeError(f"{length} entries from {start} on are more than the {x[along]} that there are")
    return (*x[:along], length, *x[along + 1 :])


def narrowed(x: Shape, dim: int, start: int, length: int) -> str:
    """So many entries along a dimension."""
    along = place(x, dim)
    begin = start + x[along] if start < 0 else start
    return "x" + at(along, f"{begin}:{begin + length}")


def ends(x: Shape, along: int, before: int, after: int) -> str:
    """Zeros around an adjoint, along one dimension."""
    pairs = [(0, 0)] * (len(x) - along - 1) + [(before, after)]
    return f"zero_pad(g, {text([one for pair in pairs for one in pair])})"


def narrowed_back(x: Shape, dim: int, start: int, length: int) -> tuple[str]:
    """Zeros around them."""
    along = place(x, dim)
    begin = start + x[along] if start < 0 else start
    return (ends(x, along, begin, x[along] - begin - length),)


def parts_shape(x: Shape, count: int, dim: int) -> Shape:
    """The shape of equal parts along a dimension, one after the other in front."""
    along = place(x, dim)
    if not isinstance(count, int):
        raise ShapeError(f"parts of several sizes are not a tensor: {EACH}")
    if count < 1 or x[along] % count:
        raise ShapeError(f"{x[along]} entries are not {count} equal parts: {EACH}")
    return (count, *x[:along], x[along] // count, *x[along + 1 :])


def parts(x: Shape, count: int, dim: int) -> str:
    """Equal parts along a dimension."""
    along, found = place(x, dim), parts_shape(x, count, dim)
    apart = (*x[:along], *found[:1], *found[along + 1 :])
    return f"movedim(reshape(x, {text(apart)}), {along}, 0)"


def parts_back(x: Shape, count: int, dim: int) -> tuple[str]:
    """The parts one after the other again."""
    return (f"reshape(movedim(g, 0, {place(x, dim)}), {text(x)})",)


def stacked_along(x: Shape, how: str) -> int:
    """The dimension that hsplit, vsplit or dsplit cuts: the second one, or the only one; the first; the third."""
    least = {"hsplit": 1, "vsplit": 2, "dsplit": 3}[how]
    if len(x) < least:
        raise ShapeError(f"{how} is of tensors of {least} dimensions or more")
    return min(1, len(x) - 1) if how == "hsplit" else least - 2 if how == "vsplit" else 2


def side_by_side(how: str, of: Callable[..., Any]) -> Callable[..., Any]:
    """The same of parts along the dimension that hsplit, vsplit or dsplit cuts."""
    return lambda x, sections: of(x, sections, stacked_along(x, how))


def _cut(x: Shape, cut: Any, dim: int, how: str) -> tuple[int, str]:
    """The dimension that is cut, and by which of the rules of numbers and lists."""
    if how == "each":
        if cut != 1:
            raise ShapeError("each entry alone is a part of 1")
        return place(x, dim), "sizes"
    if how not in ("hsplit", "vsplit", "dsplit"):
        return place(x, dim), how
    if dim:
        raise ShapeError(f"{how} has a dimension of its own")
    return stacked_along(x, how), "equal"


def bounds(x: Shape, cut: Any, dim: int, how: str) -> list[tuple[int, int]]:
    """Where each part along a dimension begins and ends, as a library's function cuts."""
    size = x[place(x, dim)]
    if isinstance(cut, int):
        if cut < 1:
            raise ShapeError("a number of parts, or of entries, is a whole number from 1")
        if how == "equal" and size % cut:
            raise ShapeError(f"{size} entries are not {cut} equal parts: np.array_split gives parts that differ by one")
        if how in ("sections", "equal"):
            return [_pair(k * (size // cut) + min(k, size % cut), size // cut + (k < size % cut)) for k in range(cut)]
        step = -(-size // cut) if how == "chunks" else cut
        return [(start, min(start + step, size)) for start in range(0, size, step)]
    if how == "chunks" or not isinstance(cut, (list, tuple)) or not all(isinstance(one, int) for one in cut):
        raise ShapeError("parts are cut by a whole number" + (", or a list of them" if how != "chunks" else ""))
    if how in ("sections", "equal"):  # places, as those of slices
        ends = (0, *cut, size)
        return [slice(a, b).indices(size)[:2] for a, b in pairwise(ends)]
    if sum(cut) != size or min(cut) < 0:
        raise ShapeError(f"parts of {', '.join(map(str, cut))} entries are {sum(cut)}, and there are {size}")
    return [_pair(end - one, one) for end, one in zip(accumulate(cut), cut)]


def _pair(start: int, length: int) -> tuple[int, int]:
    return start, start + length


def _part_at(x: Shape, number: int, cut: Any, of: int | None, dim: int, how: str) -> tuple[int, int, int]:
    """The dimension that is cut, and where one of the parts begins and ends."""
    along, rule = _cut(x, cut, dim, how)
    found = bounds(x, cut, along, rule)
    if of is not None and of != len(found):
        raise ShapeError(f"there {numbered(len(found))}, and {of} names")
    if not -len(found) <= number < len(found):
        raise ShapeError(f"there {numbered(len(found))}, and none with the number {number}")
    start, end = found[number]
    if start >= end:
        raise ShapeError(f"the part with the number {number} is empty")
    return along, start, end


def numbered(count: int) -> str:
    """How many parts there are, in words."""
    return "is one part" if count == 1 else f"are {count} parts"


def part_shape(x: Shape, number: int, cut: Any, of: int | None, dim: int, how: str) -> Shape:
    """The shape of one of the parts, which may differ in size; an entry alone has a dimension less."""
    along, start, end = _part_at(x, number, cut, of, dim, how)
    return (*x[:along], *([end - start] if how != "each" else []), *x[along + 1 :])


def part(x: Shape, number: int, cut: Any, of: int | None, dim: int, how: str) -> str:
    """One of the parts."""
    along, start, end = _part_at(x, number, cut, of, dim, how)
    return "x" + at(along, str(start) if how == "each" else f"{start}:{end}")


def part_back(x: Shape, number: int, cut: Any, of: int | None, dim: int, how: str) -> tuple[str]:
    """Zeros in the place of the other parts."""
    along, start, end = _part_at(x, number, cut, of, dim, how)
    back = ends(x, along, start, x[along] - end)
    if how == "each":  # of a vector it is a number, whose gradient g multiplies
        back = back.replace("(g", f"(unsqueeze(g, {along})" if len(x) > 1 else "(ones(1)")
    return (back,)


def unbound(x: Shape, dim: int) -> Shape:
    """The shape of what stands along a dimension, that dimension in front."""
    along = place(x, dim)
    return (x[along], *x[:along], *x[along + 1 :])


def by_size(of: Callable[..., Any]) -> Callable[..., Any]:
    """The same of parts that have a size, whose number follows from it."""

    def call(x: Shape, size: Any, dim: int) -> Any:
        along = place(x, dim)
        if not isinstance(size, int):
            raise ShapeError(f"parts of several sizes are not a tensor: {EACH}")
        if size < 1 or x[along] % size:
            raise ShapeError(f"{x[along]} entries are not equal parts of {size}: {EACH}")
        return of(x, x[along] // size, dim)

    return call


def differences_shape(x: Shape, n: int, dim: int) -> Shape:
    """The shape of finite differences."""
    along = place(x, dim)
    if not 0 <= n <= min(MAX_ORDER, x[along] - 1):
        raise ShapeError(f"differences of {x[along]} entries are of an order from 0 to {min(MAX_ORDER, x[along] - 1)}")
    return (*x[:along], x[along] - n, *x[along + 1 :])


def _weighted(n: int, pieces: Sequence[str]) -> str:
    """Pieces with the weights of a difference of some order: 1, -2, 1, the last one positive."""
    found = ""
    for k in range(n, -1, -1):
        weight = (-1) ** (n - k) * math.comb(n, k)
        sign = (" + " if weight > 0 else " - ") if found else ""
        found += f"{sign}{f'{abs(weight)}*' * (abs(weight) != 1)}{pieces[k]}"
    return found


def differences(x: Shape, n: int, dim: int) -> str:
    """Each entry less the one before it, so many times."""
    along = place(x, dim)
    size = x[along] - n
    return _weighted(n, [f"x{at(along, f'{k}:{k + size}')}" for k in range(n + 1)]) if n else "x"


def differences_back(x: Shape, n: int, dim: int) -> tuple[str]:
    """The same differences of the adjoint, with zeros around it."""
    along = place(x, dim)
    return (_weighted(n, [ends(x, along, k, n - k) for k in range(n + 1)]) if n else "g",)


def windows_shape(x: Shape, dim: int, size: int, step: int) -> Shape:
    """The shape of windows along a dimension, what is in them last."""
    along = place(x, dim)
    if not 1 <= size <= x[along] or step < 1:
        raise ShapeError(f"a window has from 1 to {x[along]} entries, and a step is a whole number from 1")
    return (*x[:along], (x[along] - size) // step + 1, *x[along + 1 :], size)


def windows(x: Shape, dim: int, size: int, step: int) -> PlaceRule:
    """That of windows."""
    along = place(x, dim)

    def inner(here: Any, *_: Any) -> tuple[Any, ...]:
        return (*here[:along], here[along] * step + here[-1], *here[along + 1 : -1])

    return PlaceRule(inner, sizes=lambda given: None, repeats=True)


def windows_back(x: Shape, dim: int, size: int, step: int) -> tuple[str]:
    """Added where they come from."""
    along = place(x, dim)
    count = windows_shape(x, dim, size, step)[along]
    places = [i * step + k for i in range(count) for k in range(size)]
    apart = f"reshape(movedim(g, -1, {along + 1}), {text((*x[:along], count * size, *x[along + 1 :]))})"
    return (f"index_add(zeros({text(x)}), {along}, {text(places)}, {apart})",)
