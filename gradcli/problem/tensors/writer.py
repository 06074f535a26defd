"""The formulas of all derivatives of a program over tensors, and their values at every entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sympy

from gradcli.backends.symbolic.build import NoFormula, symbol
from gradcli.backends.symbolic.formulas import SYMPY_FAILS
from gradcli.backends.symbolic.indexed.axes import Axes
from gradcli.backends.symbolic.indexed.derivative import derivative
from gradcli.backends.symbolic.indexed.notation import index_symbol
from gradcli.backends.symbolic.indexed.polish import polished, shortest
from gradcli.backends.symbolic.indexed.rows import IndexFormulas
from gradcli.backends.symbolic.indexed.tree import IndexTree, index_names, lettered
from gradcli.backends.symbolic.matrix.form import in_algebra, matrix_algebra, matrix_form
from gradcli.backends.symbolic.value import Unknown
from gradcli.language.index_notation import seen
from gradcli.language.latex_style import LATEX
from gradcli.language.printer import Printer, unparse
from gradcli.problem.job import Job
from gradcli.problem.tensors.study import TensorFormula
from gradcli.tape.findings import Positions

if TYPE_CHECKING:
    from gradcli.problem.tensors.forward import Forward

Index = tuple[int, ...]


class TensorFormulaWriter:
    """Writes the formulas of one job; `forward` evaluates them."""

    def __init__(self, job: Job, forward: Forward | None = None) -> None:
        self.job = job
        self.forward = forward
        self.tape = job.written
        self.axes = Axes(self.tape, job.names.known)
        self.tables: dict[frozenset[int], IndexFormulas] = {}
        self.places = [place for name in job.targets if (place := self.tape.find(name)) is not None]

    def write(self, of: Index | None, positions: Positions) -> tuple[TensorFormula, Any]:
        """A formula, and its values at every entry where there is a point (None where it has none)."""
        try:
            formula, indices, f = self.formula(of, positions)
            written = self.written(formula, indices, f, self.shape(of, positions), positions)
        except NoFormula as reason:
            return TensorFormula(note=str(reason)), None
        except (Unknown, *SYMPY_FAILS):
            return TensorFormula(note="SymPy cannot build it"), None
        if self.forward is None:
            return written, None
        return written, self.forward.entries(formula, indices, f, self.axes, self.shape(of, positions))

    def shape(self, of: Index | None, positions: Positions) -> tuple[int, ...]:
        """The shape of a derivative: the output's, then each variable's."""
        shape = self.tape.ops[self.tape.output].shape if of is None else ()
        for position in positions:
            shape = (*shape, *self.tape.ops[self.places[position]].shape)
        return shape

    def formula(self, of: Index | None, positions: Positions) -> tuple[Any, list[Any], IndexFormulas]:
        """The formula of an entry, and the symbols of its indices.

        Raises NoFormula where there is none.
        """
        ranks = [len(self.tape.ops[self.places[position]].shape) for position in positions]
        output = self.tape.output if of is None else self.tape.ops[self.tape.output].args[of[0]]
        rank = len(self.tape.ops[output].shape)
        taken = {*self.job.names.known, *map(str, self.axes.values)}
        indices = [index_symbol(name) for name in index_names(rank + sum(ranks), taken)]
        f = self._table(positions)
        formula = f.entry(output, tuple(indices[:rank]))
        for position in positions:
            own = len(self.tape.ops[self.places[position]].shape)
            at = indices[rank : rank + own]
            rank += own
            formula = derivative(f, formula, self.called(position), at, self.axes.sizes[self.places[position]])
        if self.job.targets != self.job.wrt:
            formula = formula.xreplace({symbol(self.job.step): sympy.S.Zero})
        formula = shortest(formula)
        if any(one.is_integer and one not in (*indices, *self.axes.values) for one in formula.free_symbols):
            raise NoFormula("SymPy takes a sum with branches out of a condition")  # its index would mean nothing there
        return formula, indices, f

    def _table(self, positions: Positions) -> IndexFormulas:
        """The formulas of the tape, where the intermediates that are differentiated by are names."""
        names = {
            self.places[position]: self.called(position)
            for position in positions
            if not self.tape.variable(self.places[position])
        }
        return self.tables.setdefault(frozenset(names), IndexFormulas(self.tape, self.axes, names))

    def called(self, position: int) -> str:
        """The name in the formulas; a second name of the same thing (`y = x`) is not in them."""
        place = self.places[position]
        return self.tape.variable(place) or self.job.targets[self.places.index(place)]

    def written(
        self, formula: Any, indices: Sequence[Any], f: IndexFormulas, shape: Sequence[int], positions: Positions
    ) -> TensorFormula:
        """A formula in its spellings.

        Raises NoFormula where it has no finite form.
        """
        names = {*self.job.names.known, *map(str, indices), *map(str, self.axes.values)}
        named = lettered(formula, names)
        if named.has(sympy.zoo, sympy.nan, sympy.oo, sympy.I):
            raise NoFormula("SymPy finds no finite real form")
        shown = polished(named)
        trees = IndexTree(self.job.dtype, self.job.names.known)
        tree = trees.of(shown)
        text = unparse(tree)
        found = seen(tree, set(map(str, self.axes.values)), everywhere=self.job.latex)
        letters = [letter for letter in self.axes.values if str(letter) in found]
        here = unparse(trees.of(polished(shortest(self.axes.here(named))))) if letters else None
        whole = None
        if positions:
            whole = matrix_form(formula, indices, shape, f, self.job.dtype, self.job.names.known)
        algebra = matrix_algebra(whole.node, f, self.job.dtype) if whole and self.job.latex else None
        return TensorFormula(
            text,
            here if here != text else None,
            tuple(map(str, indices)),
            {str(letter): self.axes.values[letter] for letter in letters},
            Printer(LATEX).of(in_algebra(tree, f, self.job.dtype)) if self.job.latex else None,
            whole.text if whole else None,
            Printer(LATEX).of(algebra) if algebra else None,
        )
