"""The derivations of a program over numbers, every line checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import NamedTuple

from gradcli.backends.symbolic.formulas import FormulaWriter
from gradcli.language.nodes import Define, Name, Node, walk
from gradcli.language.trees import HERE, is_call, pending
from gradcli.language.written_out import Statement, TooLong, prepared, statements_of
from gradcli.problem.job import Job
from gradcli.problem.sources import Kept, gather
from gradcli.runtime.deadlines import Budget, OutOfTime
from gradcli.steps.blocks import Blocks, BlockSource, Piece
from gradcli.steps.check import high_precision
from gradcli.steps.data import Block, DerivationLine, Section, Written
from gradcli.steps.lines import derived
from gradcli.steps.numbers import ScalarAtPoint, with_numbers
from gradcli.steps.places import exactly
from gradcli.steps.printer import StepPrinter, written_sign
from gradcli.steps.verify import Verifier
from gradcli.tape.findings import TIME_UP, Evidence, Formula, Positions

MAX_OPERATIONS = 20_000  # of a program whose steps are written down
MAX_SECTIONS = 100  # derivatives whose steps are written down
MAX_DEFINITIONS = 100  # of a formula that is a program
NUMBERS_PART = 2.0  # of the allowance, for checks by numbers


class _Drafted(NamedTuple):
    """A section before it is checked: its blocks, the names that move, and the whole derivative still to be taken."""

    pieces: Sequence[Piece] = ()
    moving: Mapping[str, Node] = {}
    start: Node | None = None
    note: str | None = None


class ScalarDeriver:
    """Writes the derivations of one job; `name` is what the output is called, numbers have so many digits."""

    def __init__(self, job: Job, name: str, digits: int | None = None) -> None:
        self.job = job
        self.name = name
        defined = [one.name for one in job.program.statements if isinstance(one, Define)]
        self.printer = StepPrinter(defined, job.names.known, job.names.variables, digits)
        self.evidence: list[Evidence] = []
        self.formulas: dict[Positions, Node] = {}  # as trees
        self.programs: dict[Positions, dict[str, Node]] = {}  # those that are no single line, after their definitions
        self.ends: dict[Positions, Node] = {}  # what the next order starts from
        self.statements: list[Statement] = []
        self.by_names: Mapping[str, Fraction] = {}  # what these come to at the point, by hand
        self.too_long: str | None = None
        self.count = 0
        self.drafting = Budget(job.allowance)
        self.numbers = Budget(NUMBERS_PART * job.allowance)
        self.sympy = Budget(job.patience)

    def sections(self) -> list[Section]:
        """A derivation for each partial derivative, of each order up to the one that is wanted.

        Raises DefectError where a step fails its check, GradcliError where the program has no derivative.
        """
        job = self.job
        if not job.wrt:
            return []
        for order in range(1, job.order + 1):
            reference = order == job.order and job.point is not None
            kept = Kept()
            self.evidence.append(gather(replace(job, order=order, reference=reference), kept=kept))
            if kept.writer is not None:
                self._keep(self.evidence[-1], kept.writer)
        try:
            if len(job.exact.ops) > MAX_OPERATIONS:
                raise TooLong(f"the program has more than {MAX_OPERATIONS:,} operations")
            self.statements = statements_of(job.program, self.name, job.dtype)
        except TooLong as reason:
            self.too_long = str(reason)
        with high_precision():
            if job.numbers is not None:
                self.by_names = ScalarAtPoint(job, self.printer, False, {}).by_hand(self.statements)
            return [
                self._section(chosen)
                for order in range(1, job.order + 1)
                for chosen in combinations_with_replacement(range(len(job.wrt)), order)
            ]

    def _section(self, chosen: Positions) -> Section:
        evidence = self.evidence[len(chosen) - 1]
        formula = evidence.formulas.get(chosen, Formula(None, note=TIME_UP))
        wrt = tuple(self.job.wrt[position] for position in chosen)
        sign = written_sign(self.name, wrt)
        tree = self.formulas.get(chosen)
        self.count += 1
        try:
            drafted = self.drafting.run(lambda: self._drafted(chosen, wrt, tree, formula.text))
        except OutOfTime:
            drafted = _Drafted(note=f"no steps: {TIME_UP}")
        blocks = self._checked(drafted, wrt, tree)
        if drafted.start is None and tree is not None:
            written = self.printer.of(tree)
            blocks = (*blocks, Block(sign, (DerivationLine(replace(written, text=formula.text or written.text)),)))
        missing = None if formula.text else f"no formula: {formula.note}"
        notes = tuple(note for note in (drafted.note, missing) if note)
        blocks = (*blocks, *self._program(sign, self.programs.get(chosen, {})))
        section = Section(sign, wrt, blocks, formula=formula.text, notes=notes)
        if self.job.numbers is None:
            return section
        finding = evidence.findings.get(chosen) if len(chosen) == self.job.order else None
        return with_numbers(section, drafted.pieces, formula, tree, finding, self.job, self.printer, self.by_names)

    def _keep(self, evidence: Evidence, writer: FormulaWriter) -> None:
        """The formulas that end the derivations: on one line where they can be, and where another order follows."""
        for chosen, tree in writer.shown.items():
            formula, whole = evidence.formulas[chosen], writer.expanded.get(chosen)
            if whole is not None and (formula.is_program or self.job.order > 1):
                evidence.formulas[chosen] = replace(formula, text=formula.expanded)
                self.formulas[chosen] = prepared(whole, self.job.dtype)
            elif not formula.is_program:
                self.formulas[chosen] = prepared(tree, self.job.dtype)
            else:
                self.programs[chosen] = {**writer.defined, "": tree}

    def _program(self, sign: Written, trees: Mapping[str, Node]) -> Iterator[Block]:
        """A formula that is no single line, as a short program."""
        if len(trees) <= MAX_DEFINITIONS:
            for name, tree in trees.items():
                yield Block(
                    self.printer.of(Name(name, HERE)) if name else sign, (DerivationLine(self.printer.of(tree)),)
                )

    def _drafted(self, chosen: Positions, wrt: Sequence[str], formula: Node | None, text: str | None) -> _Drafted:
        if self.too_long:
            return _Drafted(note=f"no steps: {self.too_long}")
        if self.count > MAX_SECTIONS:
            return _Drafted(note=f"no steps: they are written for {MAX_SECTIONS} derivatives; name others with --wrt")
        if len(chosen) > 1:
            return self._higher_order(chosen, wrt, formula, text)
        source = BlockSource(self.statements, self.job.names.known, self.job.dtype, self.printer)
        pieces: list[Piece] = []
        try:
            blocks = Blocks(source, wrt[0], wrt)
            pieces.extend(blocks.pieces())
        except TooLong as reason:
            return _Drafted(pieces, {}, None, f"the steps stop here: {reason}")
        last = pieces[-1]
        blocks.finish(last, formula, text)
        self._ends_with(chosen, last)
        return _Drafted(pieces, blocks.definitions, last.tested(0))

    def _higher_order(self, chosen: Positions, wrt: Sequence[str], formula: Node | None, text: str | None) -> _Drafted:
        """From the derivative of one order less, as it was shown."""
        before = self.ends.get(chosen[:-1])
        if before is None:
            return _Drafted(note="no steps: those of the order before it are not complete")
        source = BlockSource(self.statements[-1:], self.job.names.known, self.job.dtype, self.printer)
        blocks = Blocks(source, wrt[-1], wrt)
        try:
            start = pending(before, wrt[-1])
            drafts = derived(start, blocks.tool)
        except TooLong as reason:
            return _Drafted(note=f"no steps: {reason}")
        piece = Piece(None, wrt[-1], drafts, drafts[-1].tree)
        blocks.finish(piece, formula, text)
        self._ends_with(chosen, piece)
        return _Drafted([piece], {}, start)

    def _ends_with(self, chosen: Positions, piece: Piece) -> None:
        """What the next order starts from; SymPy's form has lost what is detached."""
        detached = any(is_call(one, "detach") for one in walk(piece.core))
        if piece.complete:
            self.ends[chosen] = piece.loose if detached and piece.loose is not None else piece.result

    def _checked(self, drafted: _Drafted, wrt: Sequence[str], formula: Node | None) -> tuple[Block, ...]:
        """The blocks with every line checked."""
        if not drafted.pieces:
            return ()
        job = self.job
        verifier = Verifier(exactly(job.exact), job.names.known, job.dtype, self.printer, self.numbers, self.sympy)
        try:
            start = drafted.start or drafted.pieces[-1].tested(0)
            self.numbers.run(lambda: verifier.begin(wrt[-1], drafted.moving, start, formula, job.numbers))
        except OutOfTime:
            verifier.places = []
        several = len(drafted.pieces) > 1
        blocks = []
        for piece in drafted.pieces:
            statement = piece.statement
            name = self.name if statement is None else statement.name
            by = wrt if piece is drafted.pieces[-1] and drafted.start is not None else wrt[-1:]
            given = None
            if statement is not None and (several or statement.is_named):
                given = self.printer.assignment(statement.name, statement.typed)
            blocks.append(Block(written_sign(name, by), verifier.lines(piece), given))
        return tuple(blocks)
