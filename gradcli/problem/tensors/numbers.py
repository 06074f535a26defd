"""The formulas of a program whose variables are all numbers: its lists and matrices are written out.

`[0, 0, 0, 1][3]*x` is x, `max([x, y])` is max(x, y), and the derivative of a matrix by a number is a matrix of
formulas.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

import sympy

from gradcli.backends.symbolic.build import SYMPY_FAILS, NoFormula, SymbolicTape, symbol
from gradcli.backends.symbolic.equal import alike, same
from gradcli.backends.symbolic.formulas import ties
from gradcli.backends.symbolic.tidy import tidy
from gradcli.backends.symbolic.tree import SympyTree
from gradcli.backends.symbolic.typed import Literals
from gradcli.backends.symbolic.value import Point, exact
from gradcli.errors import GradcliError
from gradcli.functions.entries import EntryRule, MatrixRule
from gradcli.language.latex_style import LATEX
from gradcli.language.nodes import Node
from gradcli.language.printer import Printer, unparse
from gradcli.language.trees import call
from gradcli.problem.job import Job
from gradcli.tape.chain import differentiated
from gradcli.tape.dependence import entry_rule
from gradcli.tape.entry_rules import EXTREMES, FEW, Entries
from gradcli.tape.findings import Formula
from gradcli.tape.scalarize import unrolled_size
from gradcli.tape.tape import Derivative, Op, Primitive, Tape

MAX_ENTRIES = 16  # of a derivative
MAX_OPERATIONS = 2_000  # on numbers

Index = tuple[int, ...]


class WrittenOut(NamedTuple):
    """A formula by entries: as it is shown, the expressions of its entries, and its tree."""

    formula: Formula
    entries: Sequence[Any]
    tree: Node


class NumberFormulas:
    """The formulas of one job, by entries of its output."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.tape = job.written

    @cached_property
    def is_possible(self) -> bool:
        """Whether all variables are numbers, and all entries are known whatever these are."""
        tape, job = self.tape, self.job
        if job.direction is not None or job.targets != job.wrt or not all(name in tape.inputs for name in job.targets):
            return False
        if any(tape.ops[index].shape for index in tape.inputs.values()) or unrolled_size(tape) > MAX_OPERATIONS:
            return False
        return not any(self._chooses(op) for op in tape.ops)

    def _chooses(self, op: Op) -> bool:
        """Whether what an entry is made of depends on values."""
        if isinstance(op, Derivative) or not isinstance(op, Primitive) or op.row.shape is None:
            return isinstance(op, Derivative)
        entry = entry_rule(self.tape, op)
        if isinstance(entry, EntryRule) and entry.fold in EXTREMES:
            return math.prod(self.tape.ops[op.args[0]].shape) > FEW
        is_middle = isinstance(entry, EntryRule) and (entry.orders or entry.counts)
        return entry is None or is_middle or isinstance(entry, MatrixRule)

    def write(self, output: int, positions: Sequence[int], latex: bool) -> WrittenOut | None:
        """The formula of a derivative of an operation; None where there is none."""
        shape = self.tape.ops[output].shape
        if not self.is_possible or not positions or math.prod(shape) > MAX_ENTRIES or len(shape) > 2:
            return None
        try:
            pairs = [self._entry(output, at, positions) for at in itertools.product(*map(range, shape))]
            trees = SympyTree(self.job.dtype, self.job.names.known, Literals(self.tape, dtype=self.job.dtype))
            found = [self._here(raw, tidied) for raw, tidied in pairs]
            node = _listed([trees.of(one) for one in found], shape)
            notes = [] if self.point is not None else [ties(raw, tidied, trees) for raw, tidied in pairs]
        except (NoFormula, GradcliError, *SYMPY_FAILS):
            return None
        note = "; ".join(dict.fromkeys(filter(None, notes))) or None
        latex_text = Printer(LATEX).of(node) if latex else None
        return WrittenOut(Formula(unparse(node), latex=latex_text, note=note), found, node)

    @cached_property
    def point(self) -> Point | None:
        """The job's point; None where it has none."""
        numbers = self.job.numbers
        return None if numbers is None else Point({symbol(name): exact(value) for name, value in numbers.items()})

    def _here(self, raw: Any, tidied: Any) -> Any:
        """The formula that is shown: at a tie, which it does not mention, the one that was built."""
        if self.point is None or raw is tidied or not raw.has(sympy.Eq):
            return tidied
        value = self.point.text(raw)
        return tidied if value is None or same(self.point.text(tidied), value) else raw

    def _entry(self, output: int, at: Index, positions: Sequence[int]) -> tuple[Any, Any]:
        """The formula of an entry as it is built, and tidied."""
        source = self.job.program.source
        entries = Entries(self.tape, dict.fromkeys(self.tape.inputs, Fraction(0)), list(self.tape.inputs), source)
        place = entries.entry(output, at)
        numbers = entries.numbers
        names = [self.job.targets[position] for position in dict.fromkeys(positions)]
        targets = [numbers.inputs[name] if name in numbers.inputs else numbers.input(name) for name in names]
        grown = Tape(numbers.ops, numbers.inputs, numbers.named, place, numbers.most)
        chain = differentiated(grown, tuple(targets), len(positions), source)
        chosen = tuple(sorted(names.index(self.job.targets[position]) for position in positions))
        raw = SymbolicTape(chain.tape).build(chain.partials[chosen], {})
        tidied = tidy(raw)
        return raw, tidied if alike(raw, tidied) else raw

    def values(self, found: Sequence[Any], shape: Sequence[int]) -> Any:
        """The values of the entries at the job's point, an array of doubles; None where one has none."""
        import numpy as np

        if self.point is None:
            return None
        texts = [self.point.text(one) for one in found]
        if None in texts:
            return None
        return np.array([float(text) for text in texts if text is not None]).reshape(tuple(shape))


def _listed(nodes: Sequence[Node], shape: Sequence[int]) -> Node:
    """Entries as a list of lists."""
    if not shape:
        return nodes[0]
    rows = [nodes[i : i + len(nodes) // shape[0]] for i in range(0, len(nodes), len(nodes) // shape[0])]
    return call("[]", *(_listed(row, shape[1:]) for row in rows))
