"""Index formulas as trees, their bound indices by letters."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import sympy
from sympy.core.sorting import ordered

from gradcli.backends.symbolic.indexed.notation import Held, Over, index_symbol
from gradcli.backends.symbolic.tree import SympyTree
from gradcli.language.index_notation import ENTRY
from gradcli.language.nodes import Name, Node
from gradcli.language.numbers import Dtype
from gradcli.language.trees import HERE, call

LETTERS = "ijklpqrst"


def index_names(count: int, taken: Collection[str]) -> list[str]:
    """So many names for indices that mean nothing else."""
    names = [letter for letter in LETTERS if letter not in taken]
    names += [f"i{n}" for n in range(1, count + 1) if f"i{n}" not in taken]
    return names[:count]


def lettered(formula: Any, taken: Collection[str]) -> Any:
    """A formula whose bound indices have letters, and whose held values are the values themselves."""
    heights = sorted({node.args[1] for node in formula.atoms(Over)}, key=lambda s: (len(s.name), s.name), reverse=True)
    used = {str(symbol) for symbol in formula.free_symbols if not symbol.is_Indexed} | set(taken)
    names = index_names(len(heights), used)
    renamed = formula.xreplace({old: index_symbol(name) for old, name in zip(heights, names)})
    return renamed.replace(Held, lambda held: held)


class IndexTree(SympyTree):
    """Makes trees of lettered formulas, with sums over indices and entries of tensors.

    `sizes` gives those of the dimensions of what has a name: a sum over a part of one says how far it goes, as one
    would type it. Without it every sum has its size.
    """

    def __init__(self, dtype: Dtype, names: Collection[str] = (), sizes: Callable[[str], Sequence[Any]] | None = None):
        super().__init__(dtype, names)
        self.sizes = sizes

    def _Indexed(self, expression: Any) -> Node:
        return call(ENTRY, Name(str(expression.base.label), HERE), *map(self.of, expression.indices))

    def _ListedIndex(self, expression: Any) -> Node:
        listing, *indices = expression.args
        return call(ENTRY, Name(listing.name, HERE), *map(self.of, indices))

    def _KroneckerDelta(self, expression: Any) -> Node:
        return call("delta", *map(self.of, sorted(expression.args, key=lambda arg: (arg.is_Number, str(arg)))))

    def _Total(self, expression: Any) -> Node:
        return self._over("Sum", expression)

    def _Multiple(self, expression: Any) -> Node:
        """The product; one in which a single factor is 1, over all values of the index but that one's."""
        body, index, size = expression.args
        if body.is_Piecewise and len(body.args) == 2 and body.args[0][0] == 1 and isinstance(body.args[0][1], sympy.Eq):
            other = next((side for side in body.args[0][1].args if side != index), None)
            inner = body.args[1][0]
            if other is not None and not self._says_its_size(inner, index, size):
                return call("Product", *map(self.of, (inner, index, size, other)))
        return self._over("Product", expression)

    def _says_its_size(self, body: Any, index: Any, size: Any) -> bool:
        """Whether a product over all values but one has to say how many there are: x[j+1], or a part of x."""
        is_plain = any(index in entry.indices for entry in body.atoms(sympy.Indexed))
        return self.sizes is not None and (not is_plain or self._is_over_a_part(body, index, size))

    def _Largest(self, expression: Any) -> Node:
        return self._over("Max", expression)

    def _Smallest(self, expression: Any) -> Node:
        return self._over("Min", expression)

    def _over(self, head: str, expression: Any) -> Node:
        body, index, size = map(self.of, expression.args)
        if self._is_over_a_part(*expression.args):
            return call(head, body, call("<", index, size))
        return call(head, body, index, size)

    def _is_over_a_part(self, body: Any, index: Any, size: Any) -> bool:
        """Whether an entry with this index is of a dimension that has another size."""
        return self.sizes is not None and any(
            one == index and known != size
            for entry in body.atoms(sympy.Indexed)
            for one, known in zip(entry.indices, self.sizes(str(entry.base.label)))
        )

    def _Selects(self, expression: Any) -> Node:
        """An equality, the shorter side first."""
        return call("==", *map(self.of, ordered(expression.args[:2])))

    def _Ordered(self, expression: Any) -> Node:
        """An equality of places, the computed one first."""
        return call("==", *map(self.of, expression.args[:1:-1]))

    def _Held(self, expression: Any) -> Node:
        return self.of(expression.args[0])

    def _Mod(self, expression: Any) -> Node:
        return call("%", *map(self.of, expression.args))

    def _floor(self, expression: Any) -> Node:
        whole, below = expression.args[0].as_numer_denom()
        return call("floor", self.of(whole)) if below == 1 else call("//", self.of(whole), self.of(below))
