"""The formulas of all derivatives of a program over tensors, and their values at every entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy
import torch

from gradcli.engines.arrays import Array
from gradcli.engines.findings import Positions
from gradcli.engines.formula_value import Unknown
from gradcli.engines.formulas import SYMPY_FAILS
from gradcli.engines.job import Job
from gradcli.engines.run import run_all, tensor_of
from gradcli.engines.symbolic import NoFormula, symbol
from gradcli.engines.tensors import index_text
from gradcli.engines.tensors.axes import Axes
from gradcli.engines.tensors.derivative import derivative
from gradcli.engines.tensors.evaluate import Evaluator
from gradcli.engines.tensors.index_rows import IndexFormulas
from gradcli.engines.tensors.matrix_form import matrix_form
from gradcli.engines.tensors.notation import base, index_symbol
from gradcli.engines.tensors.polish import polished, shortest
from gradcli.engines.tensors.study import TensorFormula
from gradcli.language.numbers import to_float

Index = tuple[int, ...]


class Writer:
    """Writes the formulas of one job."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.tape = job.written
        self.axes = Axes(self.tape, job.names.known)
        self.tables: dict[frozenset[int], IndexFormulas] = {}
        self.places = [place for name in job.targets if (place := self.tape.find(name)) is not None]
        self.values: list[torch.Tensor] | None = None

    def write(self, of: Index | None, positions: Positions) -> tuple[TensorFormula, Any]:
        """A formula, and its values at every entry where there is a point (None where it has none)."""
        try:
            formula, indices, f = self._formula(of, positions)
            written = self._written(formula, indices, f, self.shape(of, positions), positions)
        except NoFormula as reason:
            return TensorFormula(note=str(reason)), None
        except SYMPY_FAILS:
            return TensorFormula(note="SymPy cannot build it"), None
        if self.job.point is None:
            return written, None
        try:
            return written, self._evaluated(formula, indices, f, self.shape(of, positions))
        except (NoFormula, Unknown, RuntimeError, OverflowError):
            return written, None

    def shape(self, of: Index | None, positions: Positions) -> tuple[int, ...]:
        """The shape of a derivative: the output's, then each variable's."""
        shape = self.tape.ops[self.tape.output].shape if of is None else ()
        for position in positions:
            shape = (*shape, *self.tape.ops[self.places[position]].shape)
        return shape

    def _formula(self, of: Index | None, positions: Positions) -> tuple[Any, list[Any], IndexFormulas]:
        """The formula of an entry, and the symbols of its indices."""
        ranks = [len(self.tape.ops[self.places[position]].shape) for position in positions]
        output = self.tape.output if of is None else self.tape.ops[self.tape.output].args[of[0]]
        rank = len(self.tape.ops[output].shape)
        taken = {*self.job.names.known, *map(str, self.axes.values)}
        indices = [index_symbol(name) for name in index_text.index_names(rank + sum(ranks), taken)]
        f = self._table(positions)
        formula = f.entry(output, tuple(indices[:rank]))
        for position in positions:
            own = len(self.tape.ops[self.places[position]].shape)
            at = indices[rank : rank + own]
            rank += own
            formula = derivative(f, formula, self.job.targets[position], at, self.axes.sizes[self.places[position]])
        if self.job.targets != self.job.wrt:
            formula = formula.xreplace({symbol(self.job.step): sympy.S.Zero})
        return shortest(formula), indices, f

    def _table(self, positions: Positions) -> IndexFormulas:
        """The formulas of the tape, where the intermediates that are differentiated by are names."""
        names = {
            self.places[position]: self.job.targets[position]
            for position in positions
            if not self.tape.ops[self.places[position]].is_input
        }
        return self.tables.setdefault(frozenset(names), IndexFormulas(self.tape, self.axes, names))

    def _written(
        self, formula: Any, indices: Sequence[Any], f: IndexFormulas, shape: Sequence[int], positions: Positions
    ) -> TensorFormula:
        names = {*self.job.names.known, *map(str, indices), *map(str, self.axes.values)}
        lettered = index_text.lettered(formula, names)
        if lettered.has(sympy.zoo, sympy.nan, sympy.oo, sympy.I):
            raise NoFormula("SymPy finds no finite real form")
        shown = polished(lettered)
        text = index_text.text(shown, self.job.dtype, self.job.names.known)
        letters = sorted((s for s in lettered.free_symbols if s in self.axes.values), key=str)
        bounds = index_text.bounds(shown)
        letters = [s for s in self.axes.values if s in letters or s in bounds]
        here = None
        if set(letters) & lettered.free_symbols:
            put_in = polished(shortest(self.axes.here(lettered)))
            here = index_text.text(put_in, self.job.dtype, self.job.names.known)
        whole = None
        if positions:
            whole = matrix_form(formula, indices, shape, f, self.job.dtype, self.job.names.known)
        return TensorFormula(
            text,
            here if here != text else None,
            tuple(map(str, indices)),
            {str(letter): self.axes.values[letter] for letter in letters},
            index_text.latex(shown) if self.job.latex else None,
            whole,
        )

    # Values

    def _evaluated(self, formula: Any, indices: Sequence[Any], f: IndexFormulas, shape: Sequence[int]) -> Any:
        values = self.all_values()
        tensors: dict[Any, Any] = {}
        numbers: dict[Any, float] = {}
        for name, place in {**self.tape.inputs, **self.tape.named}.items():
            if values[place].dim():
                tensors[base(name).label] = values[place].to(torch.float64)
            else:
                numbers[symbol(name)] = float(values[place])
        for name, place in f.constants.items():
            tensors[base(name).label] = values[place]
            tensors[symbol(name)] = values[place]
        for key, opaque in f.opaque.items():
            tensors[key] = opaque.value(values)
        with torch.no_grad():
            found = Evaluator(tensors, numbers, self.axes.values).entries(formula, indices, shape)
        return found.to(torch.float64).numpy()

    def all_values(self) -> list[torch.Tensor]:
        """The value of every operation in double precision."""
        if self.values is None:
            like = torch.empty((), dtype=torch.float64)
            differentiated = {op.args[1] for op in self.tape.ops if op.row is not None and op.row.name == "diff"}
            inputs = {
                name: _tensor(value, like).requires_grad_(self.tape.inputs[name] in differentiated)
                for name, value in self.job.place.items()
                if name in self.tape.inputs
            }
            self.values = [value.detach() for value in run_all(self.tape, inputs, like, differentiated)]
        return self.values


def _tensor(value: Any, like: torch.Tensor) -> torch.Tensor:
    return tensor_of(value, like) if isinstance(value, Array) else torch.tensor(to_float(value), dtype=like.dtype)
