"""The derivation of one derivative in index notation: a chain of equalities for each name, the output's at the end."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sympy import Indexed, KroneckerDelta, S

from gradcli.backends.symbolic.build import SYMPY_FAILS, NoFormula, symbol
from gradcli.backends.symbolic.indexed.derivative import active
from gradcli.backends.symbolic.indexed.notation import ListedIndex, base, index_symbol
from gradcli.backends.symbolic.indexed.rows import IndexFormulas
from gradcli.backends.symbolic.indexed.tree import index_names
from gradcli.backends.symbolic.value import Unknown
from gradcli.steps import known_rules as known
from gradcli.steps.data import Rule, Written
from gradcli.steps.printer import joined
from gradcli.steps.tensors.expand import Expander
from gradcli.steps.tensors.named import NamedFormulas, lettered_operations, names_of
from gradcli.steps.tensors.pending import PendingDerivative, checked_size, gathered, replaced, spread, without_deltas
from gradcli.steps.tensors.printer import IndexedPrinter
from gradcli.steps.tensors.wanted import WantedDerivative
from gradcli.tape.tape import Input

FAILS = (NoFormula, Unknown, *SYMPY_FAILS)

MAX_LINES = 30  # of one chain of equalities
MAX_NAMES = 60  # of a program
MAX_KEPT = 60  # parts of a derivative that is put in where it is needed; a longer one stays a name there


@dataclass
class TensorLineDraft:
    """A chain of equalities as formulas.

    place       the operation whose entry it is about
    entry       that entry as it is written
    indices     its indices, with their sizes
    given       what the entry is computed as
    left        its derivative
    lines       what that is equal to, each with the rules that lead there, and whether it is a finished formula
    """

    operation: int
    entry: Any
    indices: Sequence[tuple[Any, Any]]
    given: Any
    left: Any
    lines: list[tuple[Any, tuple[Rule, ...], bool]] = field(default_factory=list)
    note: str | None = None

    def add(self, formula: Any, *rules: Rule, done: bool = False) -> None:
        """A line, unless it is the one before.

        Raises NoFormula where it is too long.
        """
        formula = gathered(checked_size(formula))
        if not self.lines or self.lines[-1][0] != formula:
            self.lines.append((formula, rules, done))

    @property
    def last(self) -> Any:
        """The formula that the chain has come to."""
        return self.lines[-1][0] if self.lines else self.left


class TensorDeriver:
    """Derives one derivative of a job."""

    def __init__(self, wanted: WantedDerivative) -> None:
        self.wanted = wanted
        self.tape = wanted.tape
        self.axes = wanted.writer.axes
        self.at = wanted.at
        self.final: Any = None
        self.final_f: IndexFormulas | None = None
        self.reason: str | None = None  # why there is no formula in terms of the variables alone
        self.f = self._named()
        known_places = {*wanted.places, wanted.output}
        self.places = [index for index in sorted(self.f.targets) if index not in known_places]
        taken = {*wanted.taken, *map(str, wanted.indices), *self.f.letters.values()}
        self.indexed = IndexedPrinter(self.f, wanted.job.dtype, wanted.job.names.known, taken, wanted.digits)
        self.derivatives: dict[Any, TensorLineDraft] = {}  # of what has a name, by its label

    def _named(self) -> NamedFormulas:
        """The names of a first derivative; a further one starts from the formula of the one before."""
        wanted, tape = self.wanted, self.tape
        targets = {index for index in wanted.places if not isinstance(tape.ops[index], Input)}
        if len(wanted.positions) > 1:
            return NamedFormulas(
                tape, self.axes, {place: n for place, n in zip(wanted.places, wanted.names) if place in targets}, {}
            )
        names = names_of(tape, wanted.output, targets)
        if len(names) > MAX_NAMES:
            raise NoFormula(f"there would be more than {MAX_NAMES} intermediates to differentiate")
        avoided = {*wanted.taken, wanted.output_name, *index_names(len(wanted.taken) + 20, ())}
        letters = lettered_operations(tape, wanted.output, [wanted.target], {*names, wanted.target}, avoided)
        return NamedFormulas(tape, self.axes, names, letters)

    def drafts(self) -> list[TensorLineDraft]:
        """All chains of equalities, the output's last.

        Raises NoFormula where the output's has none.
        """
        found = []
        moving = {self.wanted.label}
        for place in self.places:
            draft = self._begin(place)
            found.append(draft)
            label = draft.entry.base.label if draft.entry.is_Indexed else draft.entry
            if draft.given not in active(self.f, draft.given, moving):
                draft.left = None
                continue
            try:
                self._derive(draft, moving)
                self.derivatives[label] = draft
            except FAILS as reason:
                draft.lines.clear()
                draft.note = f"no steps: {reason_of(reason)}"
            moving.add(label)
        draft = self._output()
        self._derive(draft, moving)
        self._finish(draft)
        return [*found, draft]

    def _output(self) -> TensorLineDraft:
        """What the derivation is of: the output, or a derivative of it."""
        wanted = self.wanted
        at = tuple(wanted.before)
        if len(wanted.positions) > 1:
            given, _, f = wanted.writer.formula(wanted.of or None, wanted.positions[:-1])
            self.f.opaque |= f.opaque
            self.f.constants |= f.constants
        elif wanted.output == wanted.target:
            given = base(wanted.name)[at] if at else symbol(wanted.name)
        else:
            given = self.f.own(wanted.output, at)
        entry = wanted.sign(order=len(wanted.positions) - 1)
        return TensorLineDraft(wanted.output, entry, list(zip(at, wanted.sizes)), checked_size(given), wanted.sign())

    def _own_indices(self, index: int) -> tuple[Any, ...]:
        """The indices of something with a name: letters that no index of the derivative has."""
        taken = set(self.indexed.taken)
        sizes = self.axes.sizes[index]
        left = iter([index_symbol(name) for name in index_names(len(sizes), taken)])
        dropped = index in self.f.letters
        return tuple(S.Zero if dropped and size == S.One else next(left) for size in sizes)

    def _begin(self, position: int) -> TensorLineDraft:
        """What has a name."""
        at = self._own_indices(position)
        entry, given = self.f.entry_of(position, at), self.f.own(position, at)
        indices = [(index, size) for index, size in zip(at, self.axes.sizes[position]) if index != S.Zero]
        return TensorLineDraft(
            position, entry, indices, checked_size(given), PendingDerivative(entry, self.wanted.entry)
        )

    def _derive(self, draft: TensorLineDraft, moving: set[Any]) -> None:
        """From the derivative of what something is computed as to a formula without deltas that could be contracted."""
        expander = Expander(self.f, self.wanted.label, moving)
        line, rules = expander.first(draft.given, self.wanted.entry)
        while rules:
            draft.add(self._in_scope(line, draft.indices), *rules)
            if len(draft.lines) > MAX_LINES:
                raise NoFormula(f"it would take more than {MAX_LINES} lines")
            line, rules = expander.next(line)
        self._substitute_derivatives(draft, expander, line)
        self._contract(draft)

    def _substitute_derivatives(self, draft: TensorLineDraft, expander: Expander, line: Any) -> None:
        """Deltas for the tensor's own entries, and what is known already for those of names."""
        rules: list[Rule] = []
        found: dict[Written, Written] = {}
        for pending in sorted(self.indexed.letters(line).atoms(PendingDerivative), key=str):
            left = self.indexed.of(pending)
            if expander.is_own(pending):
                equation = joined(left, self.indexed.of(expander.delta(pending)))
                rules = rules or [Rule("delta", "the derivative of an entry", equation)]
            elif (value := self._known(pending, line)) is not None:
                found[left] = self.indexed.of(value)
        if found:
            rules.append(known.substituted(tuple(found.items())))
        line, mapping = spread(line), {}
        for pending in line.atoms(PendingDerivative):
            value = expander.delta(pending) if expander.is_own(pending) else self._known(pending, line)
            if value is not None:
                mapping[pending] = spread(value)
        if mapping:
            draft.add(line.xreplace(mapping), *rules)

    def _known(self, pending: PendingDerivative, line: Any) -> Any:
        """The derivative of an entry of something with a name; None where it stays one in a line."""
        entry = pending.args[0]
        draft = self.derivatives.get(entry.base.label if entry.is_Indexed else entry)
        if draft is None or not draft.lines or (pending != line and _parts(draft.last) > MAX_KEPT):
            return None
        if not entry.is_Indexed:
            return draft.last
        return replaced(draft.last, dict(zip(draft.entry.indices, entry.indices)))

    def _contract(self, draft: TensorLineDraft) -> None:
        """The deltas that fix an index of a sum, used up."""
        before = draft.last
        if before is draft.left:
            raise NoFormula("there are no steps for what it is an entry of")
        after = without_deltas(before, self.at)
        if after != before:
            fixed = self._fixed(before)
            said = f"contract the delta{'s' * (len(fixed) > 1)}: {', '.join(fixed)}"
            draft.add(after, Rule("contract", said) if fixed else known.TIDY, done=True)

    def _fixed(self, before: Any) -> list[str]:
        """Which indices the deltas fix: k = i."""
        free = set(map(str, before.free_symbols))
        found = set()
        for delta in self.indexed.letters(before).atoms(KroneckerDelta):
            inner = [arg for arg in delta.args if not set(map(str, arg.free_symbols)) <= free]
            wanted = [arg for arg in delta.args if arg in self.at]
            if len(inner) == 1 and len(wanted) == 1 and not inner[0].has(ListedIndex):
                found.add(f"{inner[0]} = {wanted[0]}")
        return sorted(found)

    # The end

    def _finish(self, draft: TensorLineDraft) -> None:
        """Names put in, and the formula that `diff` shows; without one, the derivative in terms of names stays."""
        try:
            self.final, indices, self.final_f = self.wanted.writer.formula(
                self.wanted.of or None, self.wanted.positions
            )
        except FAILS as reason:
            self.reason = reason_of(reason)
            return
        assert list(indices) == self.wanted.indices
        formula = draft.last
        kept = {str(one) for one in self.final.free_symbols}
        used = [place for place in self._used(formula) if self.f.targets[place] not in kept]
        with contextlib.suppress(NoFormula):  # the last line is the same, and may be shorter
            while names := [place for place in self._used(formula) if self.f.targets[place] not in kept]:
                formula = self._in_scope(checked_size(self._written_out(formula, names)))
            if used:
                draft.add(formula, known.substituted(tuple(map(self._definition, used))), done=True)

    def _in_scope(self, formula: Any, own: Sequence[tuple[Any, Any]] = ()) -> Any:
        """The formula itself; its indices are those of the derivative, and its own.

        Raises NoFormula where SymPy took a branch out of a sum, whose index means nothing there.
        """
        known_indices = {*self.wanted.indices, *self.at, *self.axes.values, *(index for index, _ in own)}
        if any(one.is_integer and one not in known_indices for one in formula.free_symbols):
            raise NoFormula("SymPy takes a sum with branches out of a condition")
        return formula

    def _definition(self, index: int) -> tuple[Written, Written]:
        """What a name stands for."""
        at = self._own_indices(index)
        return self.indexed.of(self.f.entry_of(index, at)), self.indexed.of(self.f.own(index, at))

    def _used(self, formula: Any) -> list[int]:
        """The places of the names that stand in a formula, but for what it is differentiated by."""
        labels = {str(s) for s in formula.free_symbols if not s.is_Indexed}
        return [place for place in self.places if self.f.targets[place] in labels]

    def _written_out(self, formula: Any, indices: Sequence[int]) -> Any:
        """The formula with what some names stand for."""
        wanted = {self.f.targets[index]: index for index in indices}
        formula, mapping = spread(formula), {}
        for entry in formula.atoms(Indexed):
            place = wanted.get(str(entry.base.label))
            if place is not None:
                mapping[entry] = spread(self.f.own(place, self._full(place, entry.indices)))
        for name, place in wanted.items():
            if not self.f.entry_of(place, self._full(place)).is_Indexed:
                mapping[symbol(name)] = spread(self.f.own(place, self._full(place)))
        return formula.xreplace(mapping)

    def _full(self, index: int, indices: Sequence[Any] = ()) -> tuple[Any, ...]:
        """All indices of an entry, those that are not written among them."""
        left = iter(indices)
        dropped = index in self.f.letters
        return tuple(S.Zero if dropped and size == S.One else next(left, S.Zero) for size in self.axes.sizes[index])


def _parts(formula: Any) -> int:
    count, stack = 0, [formula]
    while stack:
        count += 1
        stack.extend(stack.pop().args)
    return count


def reason_of(error: BaseException) -> str:
    """Why something has no formula, in words."""
    return str(error) if isinstance(error, NoFormula) else "SymPy cannot build it"
