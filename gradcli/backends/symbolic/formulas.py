"""The formulas of all partials: built, tidied, evaluated at the point, and written down."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import sympy

from gradcli.backends.mp.arithmetic import Arithmetic
from gradcli.backends.symbolic.build import SYMPY_FAILS, NoFormula, PastLimit, SymbolicTape, symbol
from gradcli.backends.symbolic.equal import alike, same
from gradcli.backends.symbolic.forms import FormulaForms
from gradcli.backends.symbolic.from_tape import TapePrograms
from gradcli.backends.symbolic.tree import SympyTree
from gradcli.backends.symbolic.typed import Literals
from gradcli.backends.symbolic.value import Computed, Point, exact
from gradcli.functions import table
from gradcli.language.latex_style import LATEX
from gradcli.language.nodes import Node
from gradcli.language.numbers import Dtype, rounded
from gradcli.language.printer import Printer, unparse
from gradcli.language.styles import TEXT
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.tape.chain import Chain
from gradcli.tape.findings import Definition, Formula, Positions
from gradcli.tape.tape import Primitive

MAX_TIES = 3  # that are named


def ties(raw: Any, shown: Any, trees: SympyTree) -> str | None:
    """What is to be said of the ties that a formula does not mention, and that as it was built does."""
    if raw is shown:
        return None
    left_out = sorted(raw.atoms(sympy.Eq) - shown.atoms(sympy.Eq), key=str)
    where = " or ".join(unparse(trees.of(one)) for one in left_out[:MAX_TIES]) + (" ..." if left_out[MAX_TIES:] else "")
    return f"where {where} it has a corner, and autograd takes the middle of the slopes" if left_out else None


class FormulaWriter:
    """Writes the formulas of one chain; moved on to another point, it builds and tidies none of them again.

    `names` are those that the derivatives are by; `taken` are further ones that new names may not be. `in_plane`: the
    formulas are evaluated with complex numbers.
    """

    def __init__(
        self,
        chain: Chain,
        names: Sequence[str],
        point: Mapping[str, Fraction] | None,
        dtype: Dtype,
        latex: bool,
        taken: Collection[str] = (),
        signs: Mapping[str, int] = MappingProxyType({}),
        in_plane: bool = False,
    ) -> None:
        self.in_plane = in_plane
        self.chain = chain
        self.names = names
        self.dtype = dtype
        self.latex = latex
        self.trees = SympyTree(
            dtype,
            {*chain.tape.inputs, *chain.tape.named, *names, *taken},
            Literals(chain.tape, chain.length, dtype),
        )
        self.forms = FormulaForms(chain, names, self.trees, taken, signs)
        self.program: TapePrograms | None = None  # of what is too long for SymPy
        self.plain: SymbolicTape | None = None
        self.plain_forms: dict[Positions, Any] = {}
        self.text, self.textbook = Printer(TEXT), Printer(LATEX)
        self.texts: dict[Any, tuple[str, str | None]] = {}
        self.wanted = [positions for positions in chain.partials if len(positions) == chain.order]
        self.used: set[Any] = set()  # names of definitions
        self.shown: dict[Positions, Node] = {}  # the formulas that were written last, as trees
        self.expanded: dict[Positions, Node] = {}  # in the variables alone
        self.move(point)

    def move(self, point: Mapping[str, Fraction] | None) -> None:
        """Evaluate the formulas at this point from now on."""
        self.point = point
        if point is None:
            self.here = None
            return
        known, computed = self._known(point), self._computed(point)
        self.here = Point(known, computed, self.forms.definitions, self.in_plane)

    def write(self, truths: Mapping[Positions, str | None], deadline: Deadline) -> dict[Positions, Formula]:
        """The formula of every partial; `truths` are values that the formulas should have at the point."""
        written: dict[Positions, Formula] = {}
        self.shown, self.expanded = {}, {}

        def write_all() -> None:
            for positions in self.in_turn():
                with contextlib.suppress(PastLimit):
                    written[positions] = self._one(positions, truths.get(positions))

        with contextlib.suppress(OutOfTime):
            deadline.run(write_all)
        missing = [positions for positions in self.wanted if positions not in written]
        return written | self._from_tape(missing) if missing else written

    def in_turn(self) -> Iterator[Positions]:
        """The partials whose formulas are built: first those that need no others."""
        postponed = []
        for positions in self.wanted:
            if self.forms.is_long(positions):
                postponed.append(positions)
            else:
                yield positions
        if postponed and not self.forms.definitions:
            self.forms.share(postponed)
            self.move(self.point)
        yield from postponed

    def _from_tape(self, wanted: Sequence[Positions]) -> dict[Positions, Formula]:
        """The formulas of these, which SymPy takes too long for; there is always a formula."""
        if self.program is None or set(wanted) - self.program.formulas.keys():
            self.program = self.forms.from_tape(wanted)
        values = {} if self.point is None else self.program.values(self.point)
        found = {}
        for positions in wanted:
            tree = self.shown[positions] = self.program.formulas[positions]
            found[positions] = Formula(*self._printed(tree), values.get(positions), is_program=True)
        return found

    @property
    def defined(self) -> dict[str, Node]:
        """What stands for the new names in the formulas that were written, and in other definitions of them."""
        used = set(self.used)
        for name, formula in reversed(self.forms.definitions.items()):
            if name in used:
                used |= formula.free_symbols & self.forms.definitions.keys()
        found = {name.name: self.trees.of(one) for name, one in self.forms.definitions.items() if name in used}
        return found | (self.program.definitions if self.program is not None else {})

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """The same, written down."""
        return tuple(Definition(name, *self._printed(tree)) for name, tree in self.defined.items())

    def _one(self, positions: Positions, truth: str | None) -> Formula:
        try:
            expression, value = self._choose(positions, truth)
            return self.formula(positions, expression, value)
        except PastLimit:
            raise
        except NoFormula as reason:
            return Formula(None, note=str(reason))
        except SYMPY_FAILS:
            return Formula(None, note="SymPy cannot build it")

    def formula(self, positions: Positions, expression: Any, value: str | None = None) -> Formula:
        """A partial's formula, written down."""
        text, latex = self.written(expression)
        self.shown[positions] = self.trees.of(expression)
        used = expression.free_symbols & self.forms.definitions.keys()
        self.used |= used
        note = ties(self.forms.of(positions).raw, expression, self.trees) if self.point is None else None
        return Formula(text, latex, value, note, self._expanded(positions, expression), bool(used))

    def _expanded(self, positions: Positions, chosen: Any) -> str | None:
        """The formula in the variables alone."""
        try:
            form = self.forms.expanded(positions)
            if form is None:
                return None
            expression = chosen if form is self.forms.of(positions) else form.tidied
            self.expanded[positions] = self.trees.of(expression)
            return self.written(expression)[0]
        except SYMPY_FAILS:
            return None

    def written(self, expression: Any) -> tuple[str, str | None]:
        """A formula in the language, and in LaTeX where that is wanted."""
        if expression not in self.texts:
            self.texts[expression] = self._printed(self.trees.of(expression))
        return self.texts[expression]

    def _printed(self, tree: Node) -> tuple[str, str | None]:
        return self.text.of(tree), self.textbook.of(tree) if self.latex else None

    def _choose(self, positions: Positions, truth: str | None) -> tuple[Any, str | None]:
        """The tidied form, unless its value at the point shows that tidying, or SymPy, changed it."""
        raw, tidied, is_shared = self.forms.of(positions)
        if self.point is None:
            return (tidied if is_shared or alike(raw, tidied) else raw), None
        value = self._value(tidied)
        if truth is None and tidied is not raw:  # where there is no derivative, what was built has the last word
            truth = self._value(raw)
        if truth is None or same(value, truth):
            return tidied, value
        if tidied is not raw and same(raw_value := self._value(raw), truth):
            return raw, raw_value
        deep = self.here.deep_text(tidied) if self.here is not None else None
        if same(deep, truth):
            return tidied, deep
        for other in self._others(positions):
            if same(found := self._value(other), truth):
                return other, found
        return tidied, value

    def _others(self, positions: Positions) -> Iterator[Any]:
        """The formula with everything written out, and with constants as mere names."""
        form = self.forms.expanded(positions)
        if form is None:
            return
        yield form.tidied
        yield form.raw
        if positions not in self.plain_forms:
            if self.plain is None:
                self.plain = SymbolicTape(self.chain.tape, plain_constants=True)
            names = self.forms.targets(positions)
            self.plain_forms[positions] = self.plain.build(self.chain.partials[positions], names)
        yield self.plain_forms[positions]

    def _value(self, expression: Any) -> str | None:
        """The formula's value at the point."""
        return None if self.here is None else self.here.text(expression)

    def _known(self, point: Mapping[str, Fraction]) -> dict[Any, Any]:
        """The values of the variables, and of the constants."""
        known = {row.name: rounded(row.value, self.dtype) or row.value for row in table.CONSTANTS}
        return {symbol(name): exact(value) for name, value in {**known, **point}.items()}

    def _computed(self, point: Mapping[str, Fraction]) -> Computed | None:
        """The values of the intermediates that are names in a formula."""
        places = {symbol(name): index for index, name in self.forms.names.items()}
        for positions in self.wanted:
            places |= {symbol(name): index for index, name in self.forms.targets(positions).items()}
        if not places:
            return None

        def values(arithmetic: Arithmetic) -> dict[Any, Any]:
            found = self.chain.values(arithmetic, point, derivatives=False)
            return {name: found[index] for name, index in places.items()}

        rows = (op.row for op in self.chain.tape.ops[: self.chain.length] if isinstance(op, Primitive))
        return Computed(frozenset(places), values, not all(row.elementary for row in rows))
