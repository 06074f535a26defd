"""The derivation with the numbers of the point put in, and what it comes to there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from gradcli.backends.mp.arithmetic import Arithmetic, GivenUp, decimals
from gradcli.backends.symbolic.equal import same as same_value
from gradcli.errors import DefectError, LimitError
from gradcli.functions import table
from gradcli.language.nodes import Call, Name, Node, Number, same, walk
from gradcli.language.numbers import fraction_of
from gradcli.language.numbers import rounded as rounded_to
from gradcli.language.stack import COMPARISONS
from gradcli.language.tree_facts import has_rounded
from gradcli.language.trees import HERE, is_call, is_named_derivative, pending
from gradcli.language.written_out import Statement
from gradcli.problem.job import Job
from gradcli.steps.at_point import Findings, exist, undefined, wrong
from gradcli.steps.blocks import Piece
from gradcli.steps.check import Probe, agree
from gradcli.steps.comparison import DIGITS, is_near, rounded_digits
from gradcli.steps.data import Block, DerivationLine, LineCheck, Section, Written
from gradcli.steps.places import BITS, SamplePoint, evaluator_of, exactly
from gradcli.steps.printer import StepPrinter
from gradcli.steps.values import NumberLines, is_double
from gradcli.tape.findings import Finding, Formula
from gradcli.tape.tape import Tape

NOT_PROVEN = "the numbers are not told apart, nor proven equal"

STAGE = "putting the numbers in"


class ScalarAtPoint:
    """Puts the numbers of the point into lines; with `rounded`, constants are numbers of the dtype."""

    def __init__(self, job: Job, printer: StepPrinter, rounded: bool, by_names: Mapping[str, Fraction]) -> None:
        assert job.numbers is not None
        self.arithmetic = Arithmetic()
        self.arithmetic.bits = BITS[0]
        self.names = set(job.names.known)
        self.dtype = job.dtype
        self.printer = printer
        self.written = NumberLines(job.dtype, printer)
        self.wholes = dict(by_names)  # what names, and derivatives of them, come to by hand
        self.is_unknown = False  # the value that was asked for last: it takes more bits than there are
        tape, point = exactly(job.exact), dict(job.numbers)
        if rounded:  # constants are numbers of the dtype, like the values of variables
            constants = {
                name: rounded_to(one.value, job.dtype) or one.value
                for name, one in table.BY_CONSTANT.items()
                if name not in self.names
            }
            tape = Tape(list(tape.ops), dict(tape.inputs), tape.named, tape.output)
            for name in constants:
                tape.input(name)
            point |= constants
            self.names |= constants.keys()
        self.point = SamplePoint(evaluator_of(tape), point)

    def agreed(self, tree: Node | None, formula: Formula) -> Any:
        """The formula's value here; None where there is none, or where SymPy's differs."""
        value = None if tree is None else self.value(tree)
        if value is not None and formula.value is not None and not same_value(self.text(value), formula.value):
            return None
        return value

    def statement(self, piece: Piece, has_derivative: bool = True) -> list[Block]:
        """An intermediate's value, and its derivative, unless there is none."""
        statement = piece.statement
        assert statement is not None
        name = self.printer.of(Name(statement.name, HERE))
        found = [self.block(name, [statement.tree], with_names=True)]
        if has_derivative:
            left = self.printer.of(pending(Name(statement.name, HERE), piece.by))
            found.append(self.block(left, [piece.core], with_names=True))
        return [one for one in found if one is not None]

    def text(self, value: Any) -> str | None:
        """The decimals of a value."""
        return None if value is None else decimals(value, DIGITS)

    def value(self, tree: Node) -> Any:
        """The value of a tree at the point; None where there is none, or where it `is_unknown`."""
        self.is_unknown = False
        try:
            return Probe(tree, self.names).value(self.point)
        except GivenUp:
            self.is_unknown = True
            return None

    def block(self, left: Written, trees: list[Node], with_names: bool = False) -> Block | None:
        """Each of these lines with numbers, then the value; None where there is no value."""
        known = (found for tree in reversed(trees) if (found := self.value(tree)) is not None)  # what cancels is not
        value = next(known, None)
        if value is None:
            return None
        lines: list[DerivationLine] = []
        before: Node | None = None
        whole: Fraction | None = None
        off = self.written.rounded = False
        for tree in trees:
            if any(is_call(one, "diff") and not is_named_derivative(one) for one in walk(tree)):
                continue
            numbers, by_hand, is_infinite = self.written.put_in(tree, self._number)
            if with_names and tree is trees[0] and not same(numbers, tree):
                lines.append(DerivationLine(self.printer.of(tree)))
            if before is not None and same(numbers, before):
                continue
            before, whole = numbers, by_hand
            off |= is_infinite or (whole is not None and not self.written.is_near(whole, value))
            if isinstance(numbers, Number) or (is_call(numbers, "neg") and isinstance(_inner(numbers), Number)):
                continue  # the value itself
            check = self._check(numbers, trees[0], value) if lines else None
            lines.append(
                DerivationLine(self.printer.of(numbers), check=check, sign="≈" if self.written.rounded else "=")
            )
        if off:
            whole, self.written.rounded = None, True  # what cancels: the numbers of the dtype make something else
        if whole is not None:
            self.wholes[left.text] = whole
        return Block(left, (*lines, self.written.value(value, whole, LineCheck(1, DIGITS) if lines else None)))

    def _check(self, numbers: Node, tree: Node, value: Any) -> LineCheck:
        digits = rounded_digits(self.dtype) if has_rounded(numbers) else DIGITS
        try:
            found = agree(Probe(tree, self.names), Probe(numbers, self.names), self.point, digits)
        except LimitError as reason:  # a number that nobody would write out, such as 1e200**300
            return LineCheck(0, 0, note=reason.message)
        if found is False and not self.is_within_rounding(tree) and not self.is_within_rounding(numbers):
            raise DefectError(STAGE, f"{self.printer.of(numbers).text} is not {decimals(value, 12)}")
        return LineCheck(1, digits) if found else LineCheck(0, 0, note=NOT_PROVEN)

    def by_hand(self, statements: Iterable[Statement]) -> dict[str, Fraction]:
        """What the names of a program come to with the decimals as they are written, those that do."""
        for statement in statements:
            _, whole, _ = self.written.put_in(statement.tree, self._number)
            if whole is not None and self.written.is_near(whole, self.value(statement.tree)):
                self.wholes[self.printer.of(Name(statement.name, HERE)).text] = whole
        return self.wholes

    def is_within_rounding(self, tree: Node) -> bool:
        """Whether something in a tree cancels, or a comparison in it ties, but for the rounding of its decimals."""
        for node in walk(tree):
            if isinstance(node, Call) and is_call(node, "+", "-", *COMPARISONS):
                first, second = map(self.value, node.args)
                if first is not None and second is not None and is_double(first) and is_double(second):
                    a, b = fraction_of(first), fraction_of(second)
                    if is_near(a, -b if node.function == "+" else b, self.dtype):
                        return True
        return False

    def _number(self, node: Node) -> Node | None:
        """The number that a name, or the derivative of one, stands for."""
        if isinstance(node, Call) and is_named_derivative(node):
            return self.written.literal(self.value(node), self.wholes.get(self.printer.of(node).text)) or node
        if isinstance(node, Name) and node.name in self.names:
            return self.written.literal(self.value(node), self.wholes.get(self.printer.of(node).text))
        return None


def with_numbers(
    section: Section,
    pieces: Sequence[Piece],
    formula: Formula,
    tree: Node | None,
    finding: Finding | None,
    job: Job,
    printer: StepPrinter,
    by_names: Mapping[str, Fraction],
) -> Section:
    """The section with its derivation in numbers, and what is to be said of the point.

    `by_names`: what names come to by hand.

    Raises DefectError where the last line's value is not the formula's.
    """
    findings: Findings = {} if finding is None else {(): finding}
    exists, unknown = exist(findings, 1), False
    here = ScalarAtPoint(job, printer, False, by_names)
    value = here.agreed(tree, formula)
    if value is None and tree is not None and formula.value is not None and not here.is_unknown:
        # its constants are those of the dtype: what they make of terms that cancel says nothing of such digits
        here = ScalarAtPoint(job, printer, True, by_names)
        value = here.agreed(tree, formula)
        if value is None and (other := here.value(tree)) is not None:
            if not here.is_within_rounding(tree):
                raise DefectError(STAGE, f"{section.formula} is {here.text(other)} and {formula.value}")
            value = other
    if value is None and tree is not None:
        here.value(tree)
        unknown = here.is_unknown
    blocks = [block for piece in pieces[:-1] for block in here.statement(piece, exists is not False)]
    if pieces and pieces[-1].statement is not None:
        blocks += here.statement(pieces[-1], has_derivative=False)
    trees = [pieces[-1].core] if pieces and pieces[-1].complete else []
    trees += [tree] if tree is not None else []
    last = here.block(section.title, trees, len(pieces) > 1) if trees and exists is not False else None
    blocks += [] if last is None else [last]
    notes = [*section.notes, *_notes(section, here.text(value), last is not None, unknown, findings)]
    double = None if value is None or last is None else float(formula.value or value)
    return replace(section, numbers=tuple(blocks), value=double, exists=exists, notes=tuple(notes))


def _notes(section: Section, value: str | None, has_numbers: bool, unknown: bool, findings: Findings) -> Iterator[str]:
    """What is to be said of the point."""
    gone = undefined(findings)
    if gone is not None:
        yield gone
    elif unknown:
        yield "what the formula comes to at this point is not known: it takes more digits than are computed with"
        return
    elif not has_numbers and not section.notes:
        yield "the formula has no value at this point"
    if section.formula is not None:
        said = wrong(findings, lambda _, truth: value is not None and same_value(value, truth))
        if said is not None:
            yield said


def _inner(node: Node) -> Node:
    assert isinstance(node, Call)
    return node.args[0]
