"""The form of each formula: in the program's names, with some written out where that is shorter, or a short program."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import count, product
from typing import Any, NamedTuple

import sympy

from gradcli.backends.symbolic.build import SYMPY_FAILS, NoFormula, PastLimit, SymbolicTape, symbol
from gradcli.backends.symbolic.from_tape import TapePrograms, from_tape
from gradcli.backends.symbolic.higher import TotalDerivatives
from gradcli.backends.symbolic.put_names import Meaning, exact_roots, put_names, put_relations, put_solved
from gradcli.backends.symbolic.signs import with_signs
from gradcli.backends.symbolic.straight_line import straight_line
from gradcli.backends.symbolic.tidy import operations, tidy
from gradcli.backends.symbolic.tree import SympyTree
from gradcli.backends.symbolic.typed_arguments import typed_arguments
from gradcli.functions import table
from gradcli.language.printer import unparse
from gradcli.tape.chain import Chain
from gradcli.tape.dependence import depends
from gradcli.tape.findings import Positions
from gradcli.tape.tape import ConstantNumber, Input

LONG = 120  # parts of a formula that may be shown as a program: more than three lines
MODEST = 32  # parts of a formula of a higher order that is not looked at again
SHORTER = 0.8  # of its parts, that the program may have
MAX_WRITTEN_OUT = 16  # parts of a definition that is put in for its name, to see whether that is shorter
MAX_WHOLE = 400  # parts of a formula with all definitions put in, to see whether that is shorter
TIMES = 8  # as many parts as a formula has at most, of it with all definitions put in
DIGITS = 15  # characters of a number beyond which it is long
LONG_NUMBER = 6  # parts that such a one counts for
PLAIN = 6  # parts of a formula that is not looked at again
MAX_NAMES = 8  # that are put in one by one
LETTERS = "tuvwpqs"  # that new names begin with


class FormulaForm(NamedTuple):
    """A formula as SymPy's expression: as it is built, and tidied."""

    raw: Any
    tidied: Any
    is_shared: bool = False  # whether it is part of a program


class FormulaForms:
    """Chooses the forms of the formulas of one chain; `taken` are names that new ones may not be."""

    def __init__(
        self,
        chain: Chain,
        wrt: Sequence[str],
        trees: SympyTree,
        taken: Collection[str],
        signs: Mapping[str, int],
    ) -> None:
        self.chain = chain
        self.signs = signs  # of variables that are assumed to be positive or negative
        self.wrt = wrt
        self.trees = trees
        self.typed = trees.literals.known
        self.tape = SymbolicTape(chain.tape)
        self.whole = SymbolicTape(chain.tape)  # for what is written out, with a budget of its own
        self.names = _names(chain, wrt)
        trees.typed = typed_arguments(self.tape, self.names, chain.length, trees)
        self.totals = TotalDerivatives(chain, self.whole, self.names)
        self.active = depends(chain.tape, chain.tape.inputs.values(), chain.length)
        self.prefix = _prefix({*chain.tape.inputs, *chain.tape.named, *wrt, *taken})
        self.single: dict[Positions, FormulaForm | NoFormula] = {}
        self.shared: dict[Positions, FormulaForm] = {}
        self.expansions: dict[Positions, FormulaForm | None] = {}
        self.definitions: dict[Any, Any] = {}
        self.tidied: dict[Any, Any] = {}  # what was tidied before

    def of(self, positions: Positions) -> FormulaForm:
        """The form of a formula.

        Raises NoFormula where there is none.
        """
        form = self.shared.get(positions) or self.single[positions]
        if isinstance(form, NoFormula):
            raise form
        return form

    def is_long(self, positions: Positions) -> bool:
        """Whether a formula may have to be a program."""
        if positions not in self.single:
            try:
                self.single[positions] = self._single(positions)
            except NoFormula as reason:
                self.single[positions] = reason
            except SYMPY_FAILS:
                self.single[positions] = NoFormula("SymPy cannot build it")
            if len(positions) > 1 and self._is_past(positions, MODEST):
                self._differentiate(positions)
        return self._is_past(positions, LONG)

    def _is_past(self, positions: Positions, most: int) -> bool:
        form = self.single[positions]
        return isinstance(form, PastLimit) or (isinstance(form, FormulaForm) and operations(form.tidied, most) > most)

    def _differentiate(self, positions: Positions) -> None:
        """Take what SymPy makes of the formula of one order less, where that is shorter."""
        by = self.chain.targets[positions[-1]]
        self.is_long(positions[:-1])
        before, form = self.single[positions[:-1]], self.single[positions]
        if isinstance(before, NoFormula) or self.targets(positions) or not self.chain.tape.variable(by):
            return
        found = self.totals.of(before.tidied, symbol(self.wrt[positions[-1]]))
        if found is None or (isinstance(form, FormulaForm) and operations(found) >= operations(form.tidied)):
            return
        if self.totals.holds(found, self.chain.partials[positions]):
            self.single[positions] = FormulaForm(found, found)

    def share(self, wanted: Sequence[Positions]) -> None:
        """Write these, which are long, as one program: where that is shorter, and where there is no other way."""
        names = self._names_of(wanted)
        outputs = [self.chain.partials[positions] for positions in wanted]
        try:
            program = straight_line(self.tape, outputs, names, self.prefix, self.typed)
        except NoFormula:
            return
        single = [form for positions in wanted if isinstance(form := self.single[positions], FormulaForm)]
        if len(single) == len(wanted) and program.size > SHORTER * sum(operations(form.tidied) for form in single):
            return
        self.definitions = program.definitions
        for positions, formula in zip(wanted, program.formulas):
            self.shared[positions] = FormulaForm(formula, formula, is_shared=True)

    def from_tape(self, wanted: Sequence[Positions]) -> TapePrograms:
        """These without SymPy."""
        fresh = (f"{self.prefix}{number}" for number in count(len(self.definitions) + 1))
        return from_tape(self.chain, wanted, self._names_of(wanted), fresh, self.trees)

    def _names_of(self, wanted: Sequence[Positions]) -> dict[int, str]:
        """The names that stand in these formulas when they are one program."""
        names = dict(self.names)
        for positions in wanted:
            names |= self.targets(positions)
        return names

    def expanded(self, positions: Positions) -> FormulaForm | None:
        """The form in the variables alone; None where it is too long."""
        if positions not in self.expansions:
            form = self.of(positions)
            own = {symbol(name) for name in self.names.values()} - {symbol(n) for n in self.targets(positions).values()}
            if not form.is_shared and not form.tidied.free_symbols & own:
                self.expansions[positions] = form
            else:
                self.expansions[positions] = self._with(self.targets(positions), positions)
        return self.expansions[positions]

    def targets(self, positions: Positions) -> dict[int, str]:
        """The intermediates that a partial is by: there they are names, whatever else is written out."""
        chosen = {self.chain.targets[position]: self.wrt[position] for position in positions}
        return {index: name for index, name in chosen.items() if not self.chain.tape.variable(index)}

    def _single(self, positions: Positions) -> FormulaForm:
        """The shortest of the form in all names, and those with some of them written out."""
        targets = self.targets(positions)
        names = {**self.names, **targets}
        raw = self.tape.build(self.chain.partials[positions], names)
        zeros = self.totals.zeros(raw) if names else set()
        plainer = raw.xreplace(dict.fromkeys(zeros, sympy.S.Zero)) if zeros else raw
        if plainer is not raw and self.totals.holds(plainer, self.chain.partials[positions]):
            raw = plainer
        raw = with_signs(raw, self.signs)
        best = FormulaForm(raw, self._tidied(raw))
        for meaning in self._relations(zeros):
            best = self._shorter(put_names(best.tidied, (meaning,)), best, positions)
        used = [
            index
            for index, name in names.items()
            if index not in targets and self._may_be_written_out(index, symbol(name), best)
        ]
        if not used and operations(best.tidied, PLAIN) <= PLAIN:
            return best
        for index in reversed(used[-MAX_NAMES:]):
            fewer = {other: name for other, name in names.items() if other != index}
            if self.whole.view(names).written_out(index) <= MAX_WRITTEN_OUT:
                other = self._with(fewer, positions)
                if other is not None and self._is_shorter(other, best):
                    best, names = other, fewer
        could = [index for index in self.names if index not in targets and self.active[index]][-MAX_NAMES:]
        if not could or operations(best.tidied, MAX_WHOLE) > MAX_WHOLE:
            return best
        best = self._with_names_put_in(best, names, could, positions)
        if not used:
            return best
        plain = {index: name for index, name in names.items() if index in targets or not self.active[index]}
        most = min(MAX_WHOLE, TIMES * operations(best.tidied))
        if plain != names and self.whole.view(plain).measure(self.chain.partials[positions])[0] <= most:
            whole = self._with(plain, positions)
            if whole is not None:
                whole = self._with_names_put_in(whole, plain, could, positions)
                best = whole if self._is_shorter(whole, best) else best
        return best

    def _relations(self, zeros: Iterable[Any]) -> Iterator[Meaning]:
        """What is as much as something else where two terms cancel: S*npdf(d1) for K*exp(-r*T)*npdf(d2)."""
        for whole in sorted(zeros, key=sympy.default_sort_key):
            if len(whole.args) == 2:
                first, second = map(self._least, whole.args)
                yield Meaning(-first, second)
                yield Meaning(-second, first)

    def _with_names_put_in(
        self, form: FormulaForm, names: Mapping[int, str], chosen: Sequence[int], positions: Positions
    ) -> FormulaForm:
        """A form in these names with others put in where that is shorter."""
        try:
            typed = [
                Meaning(symbol(self.names[index]), self.whole.define(index, names))
                for index in chosen
                if self.whole.view(names).written_out(index) <= MAX_WHOLE
            ]
        except NoFormula:
            return form
        meanings = [Meaning(name, self._least(formula)) for name, formula in typed]
        found = (
            put_relations(form.tidied, meanings),
            put_names(form.tidied, meanings),
            put_names(form.raw, typed),
            put_solved(form.raw, typed),
        )
        best = form
        for one in dict.fromkeys(found):
            best = self._shorter(one, best, positions)
        for put in (put_relations, put_names) if best is not form else ():
            best = self._shorter(put(best.tidied, meanings), best, positions)
        return best

    def _shorter(self, found: Any, form: FormulaForm, positions: Positions) -> FormulaForm:
        """A form in other names where that is shorter, and holds."""
        if found is form.tidied or found is form.raw:
            return form
        tidied = self._tidied(exact_roots(found))
        other = FormulaForm(tidied, tidied)
        is_shorter = self._is_shorter(other, form) and self.totals.holds(tidied, self.chain.partials[positions])
        return other if is_shorter else form

    def _tidied(self, raw: Any) -> Any:
        return with_signs(self._least(raw), self.signs)

    def _least(self, formula: Any) -> Any:
        if formula not in self.tidied:
            self.tidied[formula] = tidy(formula, self.typed)
        return self.tidied[formula]

    def _may_be_written_out(self, index: int, name: Any, form: FormulaForm) -> bool:
        """Whether a name stands in a formula, for more than a number; or for an exponent."""
        if name not in form.tidied.free_symbols:
            return False
        return bool(self.active[index]) or any(name in one.exp.free_symbols for one in form.tidied.atoms(sympy.Pow))

    def _with(self, names: Mapping[int, str], positions: Positions) -> FormulaForm | None:
        """The form in these names; None where it is too long, or has no finite form."""
        try:
            raw = with_signs(self.whole.build(self.chain.partials[positions], names), self.signs)
        except NoFormula:
            return None
        return FormulaForm(raw, self._tidied(raw))

    def _is_shorter(self, other: FormulaForm, form: FormulaForm) -> bool:
        """Whether another form reads faster: it has fewer parts, or as many and fewer letters."""
        fewest = operations(form.tidied) + _long_numbers(form.tidied)
        parts = operations(other.tidied, fewest) + _long_numbers(other.tidied)
        return parts < fewest or (parts == fewest and self._letters(other) < self._letters(form))

    def _letters(self, form: FormulaForm) -> int:
        return len(unparse(self.trees.of(form.tidied)))


def _long_numbers(formula: Any) -> int:
    """What is added for numbers that read like formulas themselves: 11.980191985106082."""
    return sum(LONG_NUMBER for one in formula.atoms(sympy.Float) if len(repr(float(one))) > DIGITS)


def _names(chain: Chain, wrt: Sequence[str]) -> dict[int, str]:
    """What the program names: the operations that stand in formulas as names. The output's own name stands for it."""
    found: dict[int, str] = {}
    for name, index in chain.tape.named.items():
        op = chain.tape.ops[index]
        is_plain = isinstance(op, (Input, ConstantNumber)) or index == chain.tape.output
        if not is_plain and name not in chain.tape.inputs:
            found.setdefault(index, name)
    return found


def _prefix(taken: Collection[str]) -> str:
    """What new names begin with: no name that is taken is that and a number."""
    numbered = [name for name in (*taken, *table.BY_NAME) if name[-1:].isdigit()]
    for letters in ("".join(chosen) for length in (1, 2, 3) for chosen in product(LETTERS, repeat=length)):
        if not any(name.startswith(letters) and name[len(letters) :].isdigit() for name in numbered):
            return letters
    raise AssertionError("every name is taken")
