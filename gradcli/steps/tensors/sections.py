"""The derivations of a program over tensors: every derivative's blocks, each line checked."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import astuple, replace
from functools import partial
from itertools import combinations_with_replacement
from typing import Any

from gradcli.errors import LimitError
from gradcli.language.nodes import Name, walk
from gradcli.language.statics import is_none
from gradcli.problem.job import Job
from gradcli.problem.tensors.numbers import WrittenOut
from gradcli.problem.tensors.sources import outputs_of
from gradcli.problem.tensors.writer import TensorFormulaWriter
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.steps import known_rules as known
from gradcli.steps.data import Block, DerivationLine, LineCheck, Section, Written
from gradcli.steps.printer import joined, written_sign
from gradcli.steps.tensors.check import TOO_LARGE, TensorLineChecker, entries_of
from gradcli.steps.tensors.derive import FAILS, TensorDeriver, TensorLineDraft, reason_of
from gradcli.steps.tensors.explicit import Explicit, Undecided
from gradcli.steps.tensors.forms import Forms
from gradcli.steps.tensors.pending import PendingDerivative
from gradcli.steps.tensors.point import at_point
from gradcli.steps.tensors.sample import TooLarge
from gradcli.steps.tensors.wanted import WantedDerivative
from gradcli.steps.tensors.worlds import Worlds
from gradcli.tape.findings import TIME_UP, Formula
from gradcli.tape.trees import tree_of

STAGE = "writing the steps"
MAX_SECTIONS = 60
SECONDS_A_SECTION = 0.3
SHARE = 0.5  # of the time, that is kept for numbers
SYMBOLIC_ENTRIES = 2  # of a derivative, that SymPy is asked about


def sections_of(job: Job, name: str, digits: int | None = None) -> tuple[list[Section], list[str]]:
    """A derivation for each variable of each output, of each order up to the job's, and what is to be said of all.

    `name` is what the output is called, numbers have so many digits. Raises DefectError where a step fails its check.
    """
    writer = TensorFormulaWriter(job)
    chosen = [
        (of, positions)
        for of in outputs_of(job)
        for order in range(1, job.order + 1)
        for positions in combinations_with_replacement(range(len(writer.places)), order)
    ]
    if len(chosen) > MAX_SECTIONS:
        raise LimitError(
            STAGE, f"there are {len(chosen):,} derivatives to derive, and {MAX_SECTIONS} is the limit",
            hint="name fewer variables with --wrt",
        )  # fmt: skip
    deadline = Deadline(job.allowance + SECONDS_A_SECTION * len(chosen))
    found = []
    for of, positions in chosen:
        wanted = WantedDerivative(writer, of, positions, name, digits)
        try:
            found.append(deadline.run(partial(_section, wanted, deadline)))
        except OutOfTime:
            found.append(_without(wanted, TIME_UP))
    return found, [f"note: {warning}" for warning in job.notes]


def _without(wanted: WantedDerivative, reason: str) -> Section:
    """A derivative whose steps are not shown."""
    title = written_sign(wanted.output_name, wanted.names, wanted.of)
    return Section(title, tuple(wanted.names), (), of=wanted.of or None, notes=(f"no steps: {reason}",))


def _section(wanted: WantedDerivative, deadline: Deadline) -> Section:
    try:
        deriver = TensorDeriver(wanted)
        drafts = deriver.drafts()
    except FAILS as reason:
        return _without(wanted, reason_of(reason))
    return _Writing(deriver, drafts, deadline).section()


class _Writing:
    """Checks the drafts of one derivation, and writes them."""

    def __init__(self, deriver: TensorDeriver, drafts: Sequence[TensorLineDraft], deadline: Deadline) -> None:
        self.deriver = deriver
        self.wanted = wanted = deriver.wanted
        self.drafts = drafts
        self.deadline = deadline
        self.allowed = wanted.job.allowance
        self.indexed = deriver.indexed
        self.tables = [deriver.f, deriver.final_f] if deriver.final_f else [deriver.f]
        self.places = {wanted.output_name: (wanted.output, wanted.of)}
        self.checker: TensorLineChecker | None = None
        self.explicit: Explicit | None = None
        self.written_out: WrittenOut | None = None
        with contextlib.suppress(TooLarge):
            worlds = Worlds(wanted.job, deriver.axes, wanted.name, wanted.output, deadline)
            self.checker = TensorLineChecker(worlds, self.tables, self.places)
            self.explicit = Explicit(deriver.f, wanted.target, worlds.tape, worlds.sizes)

    def section(self) -> Section:
        """The derivation as plain data."""
        deriver, wanted = self.deriver, self.wanted
        formula = self._formula()
        blocks = [self._block(draft) for draft in self.drafts[:-1]]
        blocks.append(self._block(self.drafts[-1], formula))
        notes = []
        if formula.text is None:
            notes.append(f"no formula: {formula.note}")
        else:
            forms = Forms(deriver, formula, self.tables, self.places, self.deadline)
            blocks += forms.blocks()
        section = Section(
            self.indexed.of(wanted.sign()), tuple(wanted.names), tuple(blocks), formula=formula.text,
            of=wanted.of or None, notes=tuple(notes),
        )  # fmt: skip
        return at_point(section, deriver, self.tables, self.places, self.deadline)

    def _formula(self) -> Formula:
        """What `diff` shows."""
        deriver, wanted = self.deriver, self.wanted
        if deriver.final_f is None:
            return Formula(note=deriver.reason)
        try:
            general = wanted.writer.written(
                deriver.final, wanted.indices, deriver.final_f, wanted.shape, wanted.positions
            )
            self.written_out = wanted.writer.shorter(general, wanted.of or None, wanted.positions)
            return self.written_out.formula if self.written_out else general
        except FAILS as reason:
            return Formula(note=reason_of(reason))

    # Blocks

    def _block(self, draft: TensorLineDraft, formula: Formula | None = None) -> Block:
        """A chain of equalities; with the formula that `diff` shows at its end, where that is given."""
        entry, given = self.indexed.of(draft.entry), self.indexed.of(draft.given)
        equation = joined(entry, given)
        introduced = self._introduced(draft.operation, equation)
        if draft.left is None or not draft.lines:
            return Block(entry, (DerivationLine(given, (), self._defined(draft, equation)),), note=draft.note)
        self._defined(draft, equation)
        left = self.indexed.of(draft.left)
        indices = [*draft.indices, *self.deriver.at.items()]
        lines = [
            DerivationLine(written, rules, self._checked(draft, line, indices, joined(left, written)))
            for line, rules, done in draft.lines
            if (written := self.indexed.of(line, done))
        ]
        if formula is not None and formula.text is not None:
            lines = self._ended(draft, lines, formula, indices, left)
        return Block(left, tuple(lines), introduced if given.text != entry.text else None, draft.note)

    def _introduced(self, index: int, equation: Written) -> Written:
        """What an entry is computed as, after what a letter stands for as a whole: u = W@x."""
        letter = self.deriver.f.letters.get(index)
        tree, sizes = tree_of(self.wanted.tape, index), self.deriver.axes.sizes[index]
        dropped = len(self.deriver.f.shown(index, sizes)) < len(sizes)
        if letter is None or dropped or isinstance(tree, Name) or any(map(is_none, walk(tree))):
            return equation
        whole = self.indexed.whole(letter, tree)
        return Written(
            *(f"{a}{gap}{b}" for a, gap, b in zip(astuple(whole), (": ", ": ", r":\quad ", ": "), astuple(equation)))
        )

    def _ended(
        self, draft: TensorLineDraft, lines: list[DerivationLine], formula: Formula, indices: Any, left: Written
    ) -> list[DerivationLine]:
        """The lines, the last one the very formula that `diff` shows."""
        written = self.indexed.of(self.deriver.final, polish=True)
        final = replace(written, text=formula.text or "")
        if self.written_out is not None:
            final = self.indexed.printer.of(self.written_out.tree)
        check = self._checked(draft, self.deriver.final, indices, joined(left, final))
        if lines and lines[-1].formula.text == final.text:
            return [*lines[:-1], DerivationLine(final, lines[-1].rules, check)]
        return [*lines, DerivationLine(final, (known.TIDY,), check)]

    # Checks

    def _check(self, left: Any, right: Any, indices: Any, text: Written) -> LineCheck:
        self.deadline.check()
        if self.checker is None:
            return LineCheck(0, 0, note=TOO_LARGE)
        return self.checker.equal(left, right, indices, lambda: text.text)

    def _defined(self, draft: TensorLineDraft, text: Written) -> LineCheck | None:
        """What an entry is computed as; a derivative is the last line of another derivation, checked there."""
        if isinstance(draft.entry, PendingDerivative):
            return None
        return self._check(draft.entry, draft.given, draft.indices, text)

    def _checked(self, draft: TensorLineDraft, line: Any, indices: Any, text: Written) -> LineCheck:
        """A line of a derivation: at sample points, and by SymPy where it decides."""
        start = draft.given if isinstance(draft.entry, PendingDerivative) else draft.entry
        check = self._check(PendingDerivative(start, self.wanted.entry), line, indices, text)
        return LineCheck(check.points, check.digits, self._decided(draft, line, indices), check.note)

    def _decided(self, draft: TensorLineDraft, line: Any, indices: Any) -> bool:
        """Whether SymPy finds a line to be the derivative, for a few entries and small sizes."""
        if self.explicit is None or self.checker is None or not self.checker.readings:
            return False
        if self.deadline.left < SHARE * self.allowed:
            return False
        entries = list(entries_of(self.checker.readings[0], indices))[:SYMBOLIC_ENTRIES]
        for env in entries:
            self.deadline.check()
            try:
                derivative = self.explicit.derivative(draft.given, self.wanted.entry, env)
            except (Undecided, *FAILS):
                return False
            if not self.explicit.equal(derivative, line, env):
                return False
        return bool(entries)
