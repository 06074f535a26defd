"""Index formulas with pending derivatives, spelled as steps are."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from gradcli.backends.symbolic.indexed.formulas import Indexed
from gradcli.backends.symbolic.indexed.polish import polished
from gradcli.backends.symbolic.indexed.tree import IndexTree, lettered
from gradcli.backends.symbolic.matrix.form import in_algebra
from gradcli.language.nodes import Name, Node
from gradcli.language.numbers import Dtype
from gradcli.language.trees import HERE, call
from gradcli.steps.data import Written
from gradcli.steps.printer import StepPrinter, joined
from gradcli.steps.tensors.pending import gathered


class StepTree(IndexTree):
    """Makes trees of index formulas with pending derivatives."""

    def _PendingDerivative(self, expression: Any) -> Node:  # noqa: N802 - found by the name of the class
        return call("diff", *map(self.of, expression.args))


class IndexedPrinter:
    """Writes formulas of one table; `taken` are names that no bound index may have, numbers have so many digits."""

    def __init__(
        self, f: Indexed, dtype: Dtype, names: Collection[str], taken: Collection[str], digits: int | None = None
    ) -> None:
        self.f = f
        self.dtype = dtype
        self.taken = taken
        self.trees = StepTree(dtype, names, f.sizes_of)
        self.trees_here = StepTree(dtype, names, f.sizes_here)  # of formulas that have the sizes put in
        self.printer = StepPrinter(digits=digits)

    def of(self, formula: Any, polish: bool = False) -> Written:
        """A formula."""
        formula = self.letters(formula)
        return self.written(self.trees.of(polished(formula) if polish else formula))

    def letters(self, formula: Any) -> Any:
        """A formula with letters for its bound indices."""
        return lettered(gathered(formula), self.taken)

    def written(self, tree: Node) -> Written:
        """A tree of a formula."""
        return self.printer.of(tree, in_algebra(tree, self.f, self.dtype))

    def whole(self, letter: str, tree: Node) -> Written:
        """What a letter stands for, as an expression of whole tensors: u = W@x."""
        name = Name(letter, HERE)
        return joined(self.printer.of(name), self.printer.of(tree, in_algebra(tree, self.f, self.dtype, whole=True)))
