"""Every line of a derivation checked against the one before it; one that fails is a defect of gradcli."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from fractions import Fraction

from gradcli.backends.arb.evaluate import is_ball
from gradcli.backends.symbolic.decide import Decider
from gradcli.errors import DefectError
from gradcli.language.nodes import Node
from gradcli.language.numbers import Dtype
from gradcli.language.tree_facts import has_rounded
from gradcli.runtime.deadlines import Budget, OutOfTime
from gradcli.steps.blocks import Piece
from gradcli.steps.check import POINTS, STAGE, Probe, compare_trees, is_moderate, is_sharp, may_agree
from gradcli.steps.comparison import DIGITS, compare_decimals
from gradcli.steps.data import DerivationLine, LineCheck
from gradcli.steps.places import MAX_NESTED, SamplePoint
from gradcli.steps.places import places as candidates
from gradcli.steps.printer import StepPrinter
from gradcli.tape.tape import Tape
from gradcli.terminal.numbers import figure

SYMPY_PART = 0.25  # of the seconds for SymPy, for one line
SHOWN_DIGITS = 12
LONGEST_SHOWN = 200  # characters of a line in a message

NO_POINT = "no sample point found at which both have a value"
CANCELS = "what its rounded decimals make cancels"
LATE = "the time was up (--patience)"


class Verifier:
    """Checks the lines of one section.

    start   the derivative that is asked for, still to be taken
    final   the formula, None where there is none
    """

    def __init__(
        self, tape: Tape, names: Collection[str], dtype: Dtype, printer: StepPrinter, numbers: Budget, sympy: Budget
    ) -> None:
        self.tape = tape
        self.names = names
        self.dtype = dtype
        self.printer = printer
        self.numbers = numbers
        self.sympy = sympy
        self.most = SYMPY_PART * sympy.seconds
        self.places: list[SamplePoint] = []
        self.rounded = False  # decimals of a line, in this section: what is put in may have them
        self.decider = Decider(names, "", {})

    def begin(
        self, by: str, moving: Mapping[str, Node], start: Node, final: Node | None, at: Mapping[str, Fraction] | None
    ) -> None:
        """Find points for one section: where the derivative and the formula have a value, if there are such."""
        self.places, self.rounded = [], False
        self.decider = Decider(self.names, by, moving)
        asked = Probe(start, self.names)
        shown = asked if final is None else Probe(final, self.names)
        found: tuple[list[SamplePoint], ...] = (
            [],
            [],
            [],
        )  # sharp ones, blunt ones, and those without the formula's value
        if asked.nested <= MAX_NESTED:
            for place in candidates(self.tape, list(self.tape.inputs), at, [by]):
                value = asked.ball(place)
                if is_moderate(value):
                    found[int(not is_sharp(value)) if is_ball(shown.ball(place)) else 2].append(place)
                if len(found[0]) == POINTS:
                    break
        self.places = [place for places in found for place in places][:POINTS]

    def lines(self, piece: Piece) -> tuple[DerivationLine, ...]:
        """The lines of a block with their checks.

        Raises DefectError where two neighbours differ.
        """
        lines: list[DerivationLine] = []
        before: Probe | None = None
        for index, draft in enumerate(piece.drafts):
            tree = piece.tested(index)
            tested = Probe(tree, self.names)
            check = None
            if before is not None:
                check = self._check(piece, index, before, tested)
            written = self.printer.of(draft.tree)
            if piece.text is not None and index == len(piece.drafts) - 1:
                written = replace(written, text=piece.text)
            lines.append(DerivationLine(written, draft.rules, check))
            before = tested
        return tuple(lines)

    def _check(self, piece: Piece, index: int, before: Probe, after: Probe) -> LineCheck:
        first, second = piece.tested(index - 1), piece.tested(index)
        if first is second:  # the program's functions written out: there is nothing to compare but the spelling
            return LineCheck(len(self.places), DIGITS, True, None if self.places else NO_POINT)
        try:
            check = self.numbers.run(lambda: self._compared(piece, index, before, after))
        except OutOfTime:
            return LineCheck(0, 0, note=LATE)
        try:
            sure = self.sympy.run(lambda: self.decider.equal(first, second), self.most)
            return replace(check, symbolic=sure)
        except OutOfTime:
            return check

    def _compared(self, piece: Piece, index: int, before: Probe, after: Probe) -> LineCheck:
        is_rounded = has_rounded(piece.tested(index - 1)) or has_rounded(piece.tested(index))
        found, digits, note = compare_decimals(
            lambda digits: compare_trees(before, after, self.places, digits), is_rounded or self.rounded, self.dtype
        )
        self.rounded |= note is not None
        if found.differs is not None and is_rounded and may_agree(before, after, found.differs, self.dtype):
            return LineCheck(0, 0, note=CANCELS)
        if found.differs is not None:
            raise self._defect(piece, index, before, after, found.differs)
        return found.said(NO_POINT, digits, note)

    def _defect(self, piece: Piece, index: int, before: Probe, after: Probe, point: SamplePoint) -> DefectError:
        line = piece.drafts[index]
        shown = self.printer.of(line.tree).text
        shown = shown if len(shown) <= LONGEST_SHOWN else shown[:LONGEST_SHOWN] + "..."
        rules = ", ".join(rule.reason for rule in line.rules)
        values = [one.ball(point).mid().str(SHOWN_DIGITS, radius=False) for one in (before, after)]
        where = ", ".join(f"{name} = {figure(float(value))}" for name, value in point.inputs.items())
        return DefectError(
            STAGE, f"the step to {shown} ({rules}) fails its check: at {where} it is {values[1]}, and not {values[0]}"
        )
