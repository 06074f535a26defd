"""The formulas of all derivatives of a program over tensors, and their values at every entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sympy

from gradcli.backends.symbolic.build import SYMPY_FAILS, NoFormula, symbol
from gradcli.backends.symbolic.indexed.axes import Axes
from gradcli.backends.symbolic.indexed.derivative import derivative
from gradcli.backends.symbolic.indexed.notation import Selects, base, index_symbol, place
from gradcli.backends.symbolic.indexed.polish import polished, shortest
from gradcli.backends.symbolic.indexed.rows import IndexFormulas
from gradcli.backends.symbolic.indexed.tree import IndexTree, index_names, lettered
from gradcli.backends.symbolic.matrix.form import in_algebra, matrix_algebra, matrix_form
from gradcli.backends.symbolic.value import Unknown
from gradcli.language.index_notation import seen
from gradcli.language.latex_style import LATEX
from gradcli.language.nodes import Node
from gradcli.language.printer import Printer, unparse
from gradcli.problem.job import Job
from gradcli.problem.tensors.numbers import NumberFormulas, WrittenOut
from gradcli.tape.dependence import depends, reaches
from gradcli.tape.findings import Formula, Positions
from gradcli.tape.tape import ConstantNumber, ConstantTensor, Derivative, Input

if TYPE_CHECKING:
    from gradcli.problem.tensors.forward import Forward

Index = tuple[int, ...]

TIES = "where entries tie, only one of them counts as equal in the formula"
MAX_WRITTEN_OUT = 80  # parts of a program with all names written out, to see whether its derivatives are shorter so


class TensorFormulaWriter:
    """Writes the formulas of one job; `forward` evaluates them."""

    def __init__(self, job: Job, forward: Forward | None = None) -> None:
        self.job = job
        self.forward = forward
        self.tape = job.written
        self.axes = Axes(self.tape, job.names.known)
        self.numbers = NumberFormulas(job)
        self.tables: dict[frozenset[tuple[int, str]], IndexFormulas] = {}
        self.places = [index for name in job.targets if (index := self.tape.find(name)) is not None]

    def write(self, of: Index | None, positions: Positions) -> tuple[Formula, Any]:
        """A formula, and its values at every entry where there is a point (None where it has none)."""
        general, values = self._general(of, positions)
        found = self.shorter(general, of, positions)
        if found is None:
            return general, values
        shape = self.shape(of, positions)
        return found.formula, None if self.forward is None else self.numbers.values(found.entries, shape)

    def shorter(self, general: Formula, of: Index | None, positions: Positions) -> WrittenOut | None:
        """The formula with lists and matrices written out; None where a variable is a tensor, or it is no shorter."""
        output = self.tape.output if of is None else self.tape.ops[self.tape.output].args[of[0]]
        found = self.numbers.write(output, positions, self.job.latex)
        if found is None or (general.text is not None and len(general.text) <= len(found.formula.text or "")):
            return None
        return found

    def write_diagonal(self, positions: Positions) -> tuple[Formula, Any]:
        """The formula of a Jacobian that is 0 beside its diagonal, and its values on it: None where it may be more."""
        formula, found = self._any(None, positions)
        if found is None or self.forward is None:
            return formula, None
        general, indices, f = found
        rank = len(indices) // 2
        pairs = list(zip(indices[rank:], indices[:rank]))
        if any(general.xreplace({sympy.KroneckerDelta(*pair): sympy.S.Zero}) != 0 for pair in pairs):
            return formula, None
        shape = self.shape(None, positions)[rank:]
        values = self.forward.entries(general.xreplace(dict(pairs)), indices[:rank], f, self.axes, shape)
        return self._with_ties(formula), values

    def text_alone(self, positions: Positions) -> Formula:
        """The formula of an entry of a Jacobian at any indices."""
        return self._any(None, positions)[0]

    def _general(self, of: Index | None, positions: Positions) -> tuple[Formula, Any]:
        """The formula of an entry at any indices, and its values."""
        written, found = self._any(of, positions)
        if found is None:
            return written, None
        if self.forward is None:
            may_tie = any(not one.is_by_places for one in found[0].atoms(Selects))
            return replace(written, note=TIES) if may_tie else written, None
        values = self.forward.entries(*found, self.axes, self.shape(of, positions))
        return self._with_ties(written), values

    def _with_ties(self, formula: Formula) -> Formula:
        """A formula that was evaluated, with what is to be said of it where entries tie."""
        return replace(formula, note=TIES) if self.forward is not None and self.forward.has_ties else formula

    def _any(
        self, of: Index | None, positions: Positions
    ) -> tuple[Formula, tuple[Any, list[Any], IndexFormulas] | None]:
        """The formula of an entry at any indices, as it is written and as what is evaluated."""
        try:
            formula, indices, f = self.formula(of, positions)
            return self.written(formula, indices, f, self.shape(of, positions), positions), (formula, indices, f)
        except NoFormula as reason:
            return Formula(note=str(reason)), None
        except (Unknown, *SYMPY_FAILS):
            return Formula(note="SymPy cannot build it"), None

    def shape(self, of: Index | None, positions: Positions) -> tuple[int, ...]:
        """The shape of a derivative: the output's, then each variable's."""
        shape = self.tape.ops[self.tape.output].shape if of is None else ()
        for position in positions:
            shape = (*shape, *self.tape.ops[self.places[position]].shape)
        return shape

    def formula(self, of: Index | None, positions: Positions) -> tuple[Any, list[Any], IndexFormulas]:
        """The formula of an entry, and the symbols of its indices; in the program's names, unless that is longer.

        Raises NoFormula where there is none.
        """
        targets = self._targets(positions)
        plain = self._table(targets)
        names = self._names()
        if not names.keys() - targets.keys():
            return self._formula(of, positions, plain)
        try:
            named = self._formula(of, positions, self._table({**names, **targets}))
        except NoFormula:
            return self._formula(of, positions, plain)
        used = named[0].free_symbols & {
            base(name).label if self.tape.ops[index].shape else symbol(name) for index, name in names.items()
        }
        if not used or _size(self._start(of, plain)[0]) > MAX_WRITTEN_OUT:
            return named
        try:
            written_out = self._formula(of, positions, plain)
        except (NoFormula, *SYMPY_FAILS):
            return named
        return written_out if _size(written_out[0]) < _size(named[0]) else named

    def _start(self, of: Index | None, f: IndexFormulas) -> tuple[Any, int]:
        """What is differentiated, its indices numbered, and how many there are."""
        output = self.tape.output if of is None else self.tape.ops[self.tape.output].args[of[0]]
        rank = len(self.tape.ops[output].shape)
        return f.entry(output, tuple(map(place, range(rank)))), rank

    def _formula(
        self, of: Index | None, positions: Positions, f: IndexFormulas
    ) -> tuple[Any, list[Any], IndexFormulas]:
        """The formula in the names of a table."""
        formula, rank = self._start(of, f)
        ranks = [len(self.tape.ops[self.places[position]].shape) for position in positions]
        taken = {*self.job.names.known, *map(str, self.axes.values)}
        indices = [index_symbol(name) for name in index_names(rank + sum(ranks), taken)]
        formula = formula.xreplace(dict(zip(map(place, range(rank)), indices)))
        for position in positions:
            target = self.places[position]
            own = len(self.tape.ops[target].shape)
            at = indices[rank : rank + own]
            rank += own
            through = self._through(f, target)
            formula = derivative(f, formula, self.called(position), at, self.axes.sizes[target], through)
        if self.job.targets != self.job.wrt:
            formula = formula.xreplace({symbol(self.job.step): sympy.S.Zero})
        formula = shortest(formula)
        if any(one.is_integer and one not in (*indices, *self.axes.values) for one in formula.free_symbols):
            raise NoFormula("SymPy takes a sum with branches out of a condition")  # its index would mean nothing there
        return formula, indices, f

    def _targets(self, positions: Positions) -> dict[int, str]:
        """The intermediates that are differentiated by: there they are names, whatever else is written out."""
        return {
            self.places[position]: self.called(position)
            for position in positions
            if not self.tape.variable(self.places[position])
        }

    def _names(self) -> dict[int, str]:
        """What the program names, but for its output, and for what a `diff` inside the program differentiates."""
        found: dict[int, str] = {}
        inside = self._inside_diff()
        for name, index in self.tape.named.items():
            op = self.tape.ops[index]
            is_plain = isinstance(op, (Input, ConstantNumber, ConstantTensor))
            if not (is_plain or inside[index] or index == self.tape.output or name in self.tape.inputs):
                found.setdefault(index, name)
        return found

    def _inside_diff(self) -> bytearray:
        """For each operation, whether it lies between a `diff` and what that is by: as a name it would be constant."""
        inside = bytearray(len(self.tape.ops))
        for op in self.tape.ops:
            if isinstance(op, Derivative):
                value, by = op.args
                for index, both in enumerate(zip(depends(self.tape, [by]), reaches(self.tape, [value]))):
                    inside[index] |= all(both)
        return inside

    def _table(self, names: dict[int, str]) -> IndexFormulas:
        """The formulas of the tape in these names."""
        return self.tables.setdefault(frozenset(names.items()), IndexFormulas(self.tape, self.axes, names))

    def _through(self, f: IndexFormulas, target: int) -> list[int]:
        """The intermediates that are names, and depend on what is differentiated by."""
        flags = depends(self.tape, [target], derivatives=True)
        return [index for index in sorted(f.targets) if flags[index] and index != target]

    def called(self, position: int) -> str:
        """The name in the formulas; a second name of the same thing (`y = x`) is not in them."""
        place = self.places[position]
        return self.tape.variable(place) or self.job.targets[self.places.index(place)]

    def written(
        self, formula: Any, indices: Sequence[Any], f: IndexFormulas, shape: Sequence[int], positions: Positions
    ) -> Formula:
        """A formula in its spellings.

        Raises NoFormula where it has no finite form.
        """
        names = {*self.job.names.known, *map(str, indices), *map(str, self.axes.values)}
        named = lettered(formula, names)
        if named.has(sympy.zoo, sympy.nan, sympy.oo, sympy.I):
            raise NoFormula("SymPy finds no finite real form")
        shown = polished(named)
        tree = self._tree(shown, f.sizes_of)
        text = unparse(tree)
        found = seen(tree, set(map(str, self.axes.values)), everywhere=self.job.latex)
        letters = [letter for letter in self.axes.values if str(letter) in found]
        here = None
        if letters:  # the sizes put in
            put_in = polished(shortest(self.axes.here(named)))
            here = unparse(self._tree(put_in, f.sizes_here))
        whole = None
        if positions:
            whole = matrix_form(formula, indices, shape, f, self.job.dtype, self.job.names.known)
        algebra = matrix_algebra(whole.node, f, self.job.dtype) if whole and self.job.latex else None
        return Formula(
            text,
            Printer(LATEX).of(in_algebra(tree, f, self.job.dtype)) if self.job.latex else None,
            here=here if here != text else None,
            indices=tuple(map(str, indices)),
            sizes={str(letter): self.axes.values[letter] for letter in letters},
            matrix=whole.text if whole else None,
            matrix_latex=Printer(LATEX).of(algebra) if algebra else None,
        )

    def _tree(self, formula: Any, sizes: Callable[[str], Sequence[Any]]) -> Node:
        return IndexTree(self.job.dtype, self.job.names.known, sizes).of(formula)


def _size(formula: Any) -> int:
    return sum(1 for _ in sympy.preorder_traversal(formula))
