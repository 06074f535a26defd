"""The formulas of all partials: built, tidied, evaluated at the point, and written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy
from mpmath.libmp import NoConvergence

from gradcli.backends.mp.arithmetic import Arithmetic
from gradcli.backends.symbolic.build import NoFormula, SymbolicTape, symbol
from gradcli.backends.symbolic.tidy import tidy
from gradcli.backends.symbolic.tree import SympyTree
from gradcli.backends.symbolic.value import Point, alike, exact, same
from gradcli.functions import table
from gradcli.language.latex_style import LATEX
from gradcli.language.nodes import Node
from gradcli.language.numbers import Dtype, rounded
from gradcli.language.printer import Printer
from gradcli.language.styles import TEXT
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.tape.chain import Chain
from gradcli.tape.findings import TIME_UP, Formula, Positions

BETWEEN_BITS = 300  # of the value of an intermediate


SYMPY_FAILS = (
    RecursionError, TypeError, ValueError, ArithmeticError, NotImplementedError, AttributeError, LookupError,
    NoConvergence,
)  # fmt: skip


class FormulaWriter:
    """Writes the formulas of one chain; moved on to another point, it builds and tidies none of them again."""

    def __init__(
        self, chain: Chain, names: Sequence[str], point: Mapping[str, Fraction] | None, dtype: Dtype, latex: bool
    ) -> None:
        self.chain = chain
        self.names = names
        self.dtype = dtype
        self.latex = latex
        self.formulas = SymbolicTape(chain.tape)
        self.plain: SymbolicTape | None = None
        self.trees = SympyTree(dtype, {*chain.tape.inputs, *names})
        self.text, self.textbook = Printer(TEXT), Printer(LATEX)
        self.forms: dict[Positions, tuple[Any, Any] | NoFormula] = {}
        self.plain_forms: dict[Positions, Any] = {}
        self.texts: dict[Any, tuple[str, str | None]] = {}
        self.shown: dict[Positions, Node] = {}  # the formulas that were written last, as trees
        self.move(point)

    def move(self, point: Mapping[str, Fraction] | None) -> None:
        """Evaluate the formulas at this point from now on."""
        self.point = point
        self.here = None if point is None else Point(self._known_values(point))

    def write(self, truths: Mapping[Positions, str | None], deadline: Deadline) -> dict[Positions, Formula]:
        """The formula of every partial; `truths` are values that the formulas should have at the point."""
        written: dict[Positions, Formula] = {}
        self.shown = {}
        wanted = [positions for positions in self.chain.partials if len(positions) == self.chain.order]

        def write_all() -> None:
            for positions in wanted:
                written[positions] = self._one(positions, truths.get(positions))

        try:
            deadline.run(write_all)
        except OutOfTime:
            for positions in wanted:
                written.setdefault(positions, Formula(None, note=TIME_UP))
        return written

    def _one(self, positions: Positions, truth: str | None) -> Formula:
        try:
            expression, value = self._choose(positions, truth)
            text, latex = self.written(expression)
            self.shown[positions] = self.trees.of(expression)
        except NoFormula as reason:
            return Formula(None, note=str(reason))
        except SYMPY_FAILS:
            return Formula(None, note="SymPy cannot build it")
        return Formula(text, latex, value)

    def written(self, expression: Any) -> tuple[str, str | None]:
        """A formula in the language, and in LaTeX where that is wanted."""
        if expression not in self.texts:
            tree = self.trees.of(expression)
            self.texts[expression] = self.text.of(tree), self.textbook.of(tree) if self.latex else None
        return self.texts[expression]

    def forms_of(self, positions: Positions) -> tuple[Any, Any]:
        """The formula as it is built, and tidied.

        Raises NoFormula where there is none.
        """
        if positions not in self.forms:
            try:
                raw = self.formulas.build(self.chain.partials[positions], self._symbols(positions))
                self.forms[positions] = raw, tidy(raw)
            except NoFormula as reason:
                self.forms[positions] = reason
        forms = self.forms[positions]
        if isinstance(forms, NoFormula):
            raise forms
        return forms

    def _choose(self, positions: Positions, truth: str | None) -> tuple[Any, str | None]:
        """The tidied form, unless its value at the point shows that tidying, or SymPy, changed it."""
        raw, tidied = self.forms_of(positions)
        if self.point is None:
            return (tidied if alike(raw, tidied) else raw), None
        value = self._value(tidied)
        if truth is None and tidied is not raw:
            truth = self._value(raw)
        if truth is None or same(value, truth):
            return tidied, value
        if same(self._value(raw), truth):
            return raw, self._value(raw)
        deep = self.here.deep_text(tidied) if self.here is not None else None
        if same(deep, truth):
            return tidied, deep
        plain = self._plain(positions)
        plain_value = self._value(plain)
        return (plain, plain_value) if same(plain_value, truth) else (tidied, value)

    def _plain(self, positions: Positions) -> Any:
        """The formula with constants as mere names."""
        if positions not in self.plain_forms:
            if self.plain is None:
                self.plain = SymbolicTape(self.chain.tape, plain_constants=True)
            symbols = self._symbols(positions)
            self.plain_forms[positions] = self.plain.build(self.chain.partials[positions], symbols)
        return self.plain_forms[positions]

    def _symbols(self, positions: Positions) -> dict[int, str]:
        """The intermediates that this partial is by: there they are names."""
        chosen = {self.chain.targets[position]: self.names[position] for position in positions}
        return {index: name for index, name in chosen.items() if not self.chain.tape.variable(index)}

    def _value(self, expression: Any) -> str | None:
        """The formula's value at the point."""
        return None if self.here is None else self.here.text(expression)

    def _known_values(self, point: Mapping[str, Fraction]) -> dict[Any, Any]:
        """The values of the variables, of the intermediates that are names in a formula, and of the constants."""
        known = {row.name: rounded(row.value, self.dtype) or row.value for row in table.CONSTANTS}
        values = {name: exact(value) for name, value in {**known, **point}.items()}
        between = {n: t for n, t in zip(self.names, self.chain.targets) if not self.chain.tape.variable(t)}
        if between:
            arithmetic = Arithmetic()
            arithmetic.bits = BETWEEN_BITS
            found = self.chain.values(arithmetic, point, derivatives=False)
            values |= {
                name: sympy.Float._new(found[t]._mpf_, BETWEEN_BITS)
                for name, t in between.items()
                if found[t] is not None
            }
        return {symbol(name): value for name, value in values.items()}
