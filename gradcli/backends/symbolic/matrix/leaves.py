"""Entries of tensors, and Kronecker deltas, as whole tensors: transposes, slices, diagonals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sympy
from sympy import KroneckerDelta, S

from gradcli.backends.symbolic.matrix.chains import eye
from gradcli.backends.symbolic.matrix.nodes import ALL, MatrixNode, Named, NoMatrix, Sub, number
from gradcli.language.nodes import Name, Node, walk
from gradcli.language.printer import unparse
from gradcli.language.trees import substituted
from gradcli.tape.trees import tree_of

if TYPE_CHECKING:
    from gradcli.backends.symbolic.indexed.formulas import Indexed

MAX_NAMES = 8  # times that names of the program are written out inside a name


class Leaves:
    """Reads what has no parts; `sizes` are those of the indices."""

    def __init__(self, f: Indexed, sizes: Mapping[Any, int]) -> None:
        self.f = f
        self.sizes = sizes
        self.inputs = {*f.tape.inputs, *f.targets.values()}

    def read(self, e: Any) -> tuple[MatrixNode, tuple[Any, ...]]:
        """The tensor, and what its axes stand for."""
        if isinstance(e, KroneckerDelta):
            return self._delta(e)
        if e.is_Indexed:
            return self._entry(e)
        if e.is_Symbol and e not in self.sizes:
            return self._named(str(e), 0), ()
        if e.is_NumberSymbol and e in (sympy.pi, sympy.E):
            return MatrixNode("constant", data=e), ()
        raise NoMatrix

    def places(self, index: Any) -> tuple[MatrixNode, tuple[Any, ...]]:
        """The values of an index as a vector."""
        if index.is_Integer:
            return number(index), ()
        if index not in self.sizes:
            raise NoMatrix
        return MatrixNode("arange", (), 1, self.sizes[index]), (index,)

    def _named(self, name: str, rank: int) -> MatrixNode:
        """A tensor by name, if the name can be typed in."""
        tree = self._expanded(self.f.meaning(name))
        if any(_is_place(one.name) and one.name not in self.inputs for one in walk(tree) if isinstance(one, Name)):
            raise NoMatrix
        return MatrixNode("name", (), rank, Named(unparse(tree), tree))

    def _expanded(self, tree: Node) -> Node:
        """A name of something computed, with its parts in place of the program's names for them: inv(y)."""
        places = {name: place for name, place in self.f.tape.named.items() if name not in self.inputs}
        for _ in range(MAX_NAMES):
            found = {one.name for one in walk(tree) if isinstance(one, Name)} & places.keys()
            if not found:
                return tree
            parts = {name: tree_of(self.f.tape, places[name]) for name in found}
            tree = substituted(tree, parts, simplify=False)
        raise NoMatrix

    def _shape(self, label: Any) -> tuple[Any, ...]:
        """The sizes of a tensor by name."""
        f, name = self.f, str(label)
        if label in f.opaque:
            return f.opaque[label].own
        for places in (f.constants, f.tape.inputs, f.tape.named, {n: place for place, n in f.targets.items()}):
            if name in places:
                return f.sizes(places[name])
        raise NoMatrix

    def _entry(self, e: Any) -> tuple[MatrixNode, tuple[Any, ...]]:
        sizes = self._shape(e.base.label)
        if len(sizes) != len(e.indices) or len(sizes) > 3:
            raise NoMatrix
        if len(sizes) == 1:
            found = self._reshaped(e, int(self.f.axes.here(sizes[0])))
            if found is not None:
                return found
        subs: list[Sub] = []
        axes: list[Any] = []
        for index, size in zip(e.indices, sizes):
            sub, axis = self._sub(self.f.axes.here(index), int(self.f.axes.here(size)))
            subs.append(sub)
            axes += axis
        node = self._named(str(e.base.label), len(sizes))
        while subs and subs[-1] == ALL:
            subs.pop()
        if subs:
            node = MatrixNode("item", (node,), len(axes), tuple(subs))
        if len(axes) > 2:
            raise NoMatrix
        if len(axes) == 2 and axes[0] == axes[1]:
            return MatrixNode("diagonal", (node,), 1), (axes[0],)
        return node, tuple(axes)

    def _reshaped(self, e: Any, size: int) -> tuple[MatrixNode, tuple[Any, ...]] | None:
        """The entries of a vector, row by row."""
        index = self.f.axes.here(e.indices[0])
        axes = sorted(index.free_symbols, key=lambda s: abs(index.coeff(s)), reverse=True)
        if len(axes) != 2 or any(s not in self.sizes for s in axes):
            return None
        rows, columns = (self.sizes[s] for s in axes)
        if rows * columns != size or index != axes[0] * columns + axes[1]:
            return None
        return MatrixNode("reshape", (self._named(str(e.base.label), 1),), 2, (rows, columns)), tuple(axes)

    def _sub(self, index: Any, size: int) -> tuple[Sub, list[Any]]:
        """How one index is written, and the axis that it leaves."""
        if index.is_Integer:
            if not -size <= index < size:
                raise NoMatrix
            return int(index), []
        inside = [s for s in index.free_symbols if s in self.sizes]
        if len(inside) != 1 or index.free_symbols != set(inside):
            raise NoMatrix
        (s,) = inside
        step, start = index.coeff(s), index.xreplace({s: S.Zero})
        if not (step.is_Integer and start.is_Integer and step != 0 and index == start + step * s):
            raise NoMatrix
        count = self.sizes[s]
        if step < 0:
            if (step, start) != (-1, size - 1):
                raise NoMatrix
            return (None, None if count == size else size - 1 - count, -1), [s]
        last = start + step * (count - 1)
        if start < 0 or last >= size:
            raise NoMatrix
        if start == 0 and step == 1 and count == size:
            return ALL, [s]
        stop = None if last + step >= size else int(last + 1)
        return (int(start) or None, stop, None if step == 1 else int(step)), [s]

    def _delta(self, e: Any) -> tuple[MatrixNode, tuple[Any, ...]]:
        first, second = (self.f.axes.here(arg) for arg in e.args)
        if first.is_Integer or (second not in self.sizes and not second.is_Integer):
            first, second = second, first
        size = self.sizes.get(first)
        if size is None or (second in self.sizes and self.sizes[second] != size):
            return self._shifted(first, second)
        if second in self.sizes:
            return eye(size), (first, second)
        if second.is_Integer and 0 <= second < size:
            return MatrixNode("item", (eye(size),), 1, (int(second),)), (first,)
        raise NoMatrix

    def _shifted(self, first: Any, second: Any) -> tuple[MatrixNode, tuple[Any, ...]]:
        """Rows of the unit matrix: delta(n-1-i, j), delta(i+1, j)."""
        if second not in self.sizes:
            raise NoMatrix
        sub, axes = self._sub(first, self.sizes[second])
        if not axes or axes[0] == second:
            raise NoMatrix
        return MatrixNode("item", (eye(self.sizes[second]),), 2, (sub,)), (*axes, second)


def _is_place(name: str) -> bool:
    """Whether this is what an operation with a long text is called: M12."""
    return name[:1] == "M" and name[1:].isdigit()
