"""The formula once more: with the sizes put in, and of whole tensors."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import sympy

from gradcli.backends.arb.context import precision
from gradcli.backends.arb.evaluate import BallEvaluator
from gradcli.backends.arb.tensors.arrays import array_of
from gradcli.backends.arb.tensors.forward import TensorEvaluation
from gradcli.backends.symbolic.decide import MAX_OPERATIONS
from gradcli.backends.symbolic.indexed.formulas import Indexed
from gradcli.backends.symbolic.indexed.polish import polished, shortest
from gradcli.backends.symbolic.matrix.form import matrix_algebra, matrix_form
from gradcli.backends.symbolic.tidy import operations
from gradcli.errors import GradcliError
from gradcli.language.nodes import Name, Output
from gradcli.language.parser import parse
from gradcli.language.tree_facts import has_rounded
from gradcli.language.trees import HERE
from gradcli.runtime.deadlines import Deadline
from gradcli.steps.data import Block, DerivationLine, LineCheck, Rule
from gradcli.steps.places import exactly
from gradcli.steps.printer import joined
from gradcli.steps.tensors.check import TOO_LARGE, Env, TensorLineChecker
from gradcli.steps.tensors.derive import TensorDeriver
from gradcli.steps.tensors.reading import Reading
from gradcli.steps.tensors.sample import MAX_REAL, Index
from gradcli.steps.tensors.worlds import MAX_UNROLLED, Worlds
from gradcli.tape.arrays import Array, every
from gradcli.tape.dependence import is_by_numbers
from gradcli.tape.entry_rules import Entries
from gradcli.tape.findings import Formula
from gradcli.tape.lower import lower
from gradcli.tape.scalarize import unrolled_size

WHOLE = Rule("whole", "as a whole")


class Forms:
    """Writes and checks the further forms of one formula, with the sizes that the program has."""

    def __init__(
        self,
        deriver: TensorDeriver,
        formula: Formula,
        tables: Sequence[Indexed],
        places: Mapping[str, tuple[int, Index]],
        deadline: Deadline,
    ) -> None:
        self.deriver = deriver
        self.wanted = deriver.wanted
        self.formula = formula
        self.tables = tables
        self.places = places
        self.deadline = deadline
        self.checker: TensorLineChecker | None = None

    def blocks(self) -> Iterator[Block]:
        """The blocks of those that there are."""
        if self.formula.here is not None:
            yield self._here()
        if self.formula.matrix is not None:
            yield self._matrix()

    def _here(self) -> Block:
        """With the sizes put in."""
        deriver, text = self.deriver, self.formula.here or ""
        letters = deriver.indexed.letters(deriver.final)
        formula = polished(shortest(deriver.axes.here(letters)))
        spelled = deriver.indexed.written(deriver.indexed.trees_here.of(formula))
        written = replace(spelled, text=text)
        left = deriver.indexed.of(self.wanted.sign())
        checker = self._worlds()
        check = LineCheck(0, 0, note=TOO_LARGE)
        if checker is not None:
            check = checker.equal(deriver.final, formula, self.wanted.ranges, lambda: joined(left, written).text)
        if operations(formula, MAX_OPERATIONS) <= MAX_OPERATIONS:
            check = replace(check, symbolic=sympy.expand(deriver.axes.here(letters) - formula) == 0)
        sizes = self.formula.sizes
        names, values = ", ".join(sizes), ", ".join(map(str, sizes.values()))
        return Block(left, (DerivationLine(written, (Rule("sizes", f"with {names} = {values}"),), check),))

    def _worlds(self) -> TensorLineChecker | None:
        """Sample points of the program's own sizes; None where it is too large."""
        if self.checker is None:
            wanted = self.wanted
            if unrolled_size(wanted.tape) > MAX_REAL:
                return None
            axes = self.deriver.axes
            worlds = Worlds(wanted.job, axes, wanted.name, wanted.output, self.deadline, real=True)
            self.checker = TensorLineChecker(worlds, self.tables, self.places)
        return self.checker

    # Whole tensors

    def _matrix(self) -> Block:
        """As a formula of whole tensors: its text is a program, and is run as one."""
        deriver, text = self.deriver, self.formula.matrix or ""
        assert deriver.final_f is not None
        wanted, job = self.wanted, self.wanted.job
        found = matrix_form(deriver.final, wanted.indices, wanted.shape, deriver.final_f, job.dtype, job.names.known)
        whole = deriver.indexed.of(wanted.whole)
        tree = Name(text, HERE) if found is None else found.tree
        algebra = None if found is None else matrix_algebra(found.node, deriver.final_f, job.dtype)
        written = deriver.indexed.printer.of(tree, algebra or Name(text, HERE))
        return Block(whole, (DerivationLine(written, (WHOLE,), self._run(text, joined(whole, written).text)),))

    def _run(self, text: str, equation: str) -> LineCheck:
        """The text as a program, its entries held against the formula's."""
        checker = self._worlds()
        if checker is None:
            return LineCheck(0, 0, note=TOO_LARGE)
        wanted, job = self.wanted, self.wanted.job
        names = {**wanted.tape.inputs, **wanted.tape.named, **dict(zip(wanted.names, wanted.places))}
        shapes = {name: shape for name, index in names.items() if (shape := wanted.tape.ops[index].shape)}
        try:
            program = parse(text)
            tape = exactly(lower(program, tuple(names), job.dtype, False, shapes, True))
        except GradcliError as error:
            return LineCheck(0, 0, note=error.message)
        if unrolled_size(tape) > MAX_UNROLLED:
            return LineCheck(0, 0, note=TOO_LARGE)

        def values(reading: Reading) -> Callable[[Env], Any]:
            entry = self._entries(reading, tape, names)
            rank = len(tape.ops[tape.output].shape)
            return lambda env: entry(tuple(env[index] for index, _ in wanted.ranges)[:rank])

        is_rounded = any(isinstance(one, Output) and has_rounded(one.value) for one in program.statements)
        return checker.held(self.deriver.final, values, wanted.ranges, lambda: equation, is_rounded)

    def _entries(self, reading: Reading, tape: Any, names: Mapping[str, int]) -> Callable[[Index], Any]:
        """The entries of a program's output: written out as numbers, or of whole tensors where they are none."""
        if not all(is_by_numbers(tape, op) for op in tape.ops):
            with precision(reading.world.bits):
                point = {}
                for name, position in tape.inputs.items():
                    shape = tape.ops[position].shape
                    point[name] = array_of([reading.world.value(names[name], at) for at in every(shape)], shape)
                values = TensorEvaluation(tape, point, [1] * len(tape.ops)).values[tape.output]
            return lambda at: values[at] if values[at].is_finite() else None
        unroller = Entries(tape, _anything(tape), list(names), self.wanted.job.program.source)
        evaluator = BallEvaluator(unroller.numbers)

        def entry(at: Index) -> Any:
            place = unroller.entry(tape.output, at)
            inputs = {one: reading.world.value(names[name], index) for one, (name, index) in unroller.variables.items()}
            with precision(reading.world.bits):
                return evaluator.run(inputs)[place]

        return entry


def _anything(tape: Any) -> dict[str, Any]:
    """Values for all variables, which do not matter."""
    from array import array

    found: dict[str, Any] = {}
    for name, index in tape.inputs.items():
        shape = tape.ops[index].shape
        found[name] = Array(shape, array("d", bytes(8 * math.prod(shape)))) if shape else Fraction(0)
    return found
