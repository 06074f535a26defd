"""The same with the numbers of a point: one entry with every number put in, and the whole derivative."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gradcli.backends.mp.arithmetic import GivenUp
from gradcli.backends.symbolic.build import symbol
from gradcli.backends.symbolic.indexed.formulas import Indexed
from gradcli.backends.symbolic.value import Unknown
from gradcli.errors import LimitError
from gradcli.language.index_notation import ENTRY
from gradcli.language.nodes import Call, Name, Node
from gradcli.language.trees import is_call, value_of
from gradcli.problem.study import PartialBlock, Study
from gradcli.problem.tensors.examine import Examiner, judges_all
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.steps.at_point import exist, missing, undefined, wrong
from gradcli.steps.data import Block, DerivationLine, Rule, Section
from gradcli.steps.tensors.check import lookups_of
from gradcli.steps.tensors.derive import FAILS, TensorDeriver
from gradcli.steps.tensors.reading import Reading
from gradcli.steps.tensors.sample import HERE, NUMBERS, Index, SampleTensors, TooLarge, known_number
from gradcli.steps.tensors.substituted import written_out
from gradcli.steps.values import NumberLines
from gradcli.tape.arrays import every, nested
from gradcli.tape.findings import Finding
from gradcli.tape.strict import Listed

MAX_ENTRIES = 2_500  # of a derivative whose values are computed
MAX_SHOWN = 16  # numbers of a tensor that are written down
DIGITS = 15  # to which the formula's value is the true one
STOPS = (GivenUp, TooLarge, Unknown, LimitError)


class TensorAtPoint:
    """The numbers of one derivation."""

    def __init__(
        self,
        deriver: TensorDeriver,
        tables: Sequence[Indexed],
        places: Mapping[str, tuple[int, Index]],
        deadline: Deadline,
    ) -> None:
        self.wanted = wanted = deriver.wanted
        self.deriver = deriver
        assert wanted.job.point is not None
        self.deadline = deadline
        self.world = SampleTensors(wanted.tape, wanted.job.point, wanted.name, wanted.output, wanted.job)
        self.reading = Reading(self.world, lookups_of(tables, places), deriver.axes.values)
        self.written = NumberLines(wanted.job.dtype, deriver.indexed.printer)

    # One entry

    def names(self) -> list[Block]:
        """The values of the intermediates."""
        found = []
        f = self.deriver.f
        for index in self.deriver.places:
            shape = self.wanted.tape.ops[index].shape
            if math.prod(shape) > MAX_SHOWN:
                continue
            try:
                values = [self.world.number(index, at) for at in every(shape)]
            except STOPS:
                continue
            if all(value is not None for value in values):
                shown = f.shown(index, shape)
                found.append(
                    Block(self.deriver.indexed.of(symbol(f.targets[index])), (self.written.tensor(shown, values),))
                )
        return found

    def entry(self, formula: Any, at: Index) -> Block | None:
        """The formula at an entry, with the numbers in place of the names; None where it has no value."""
        deriver, wanted = self.deriver, self.wanted
        env = dict(zip(wanted.indices, at))
        try:
            value = self.reading.number(formula, env)
        except STOPS:
            return None
        if value is None:
            return None
        lines: list[DerivationLine] = []
        whole = None
        self.written.rounded = False
        plain = written_out(deriver.axes.here(formula), env)
        if plain is not None:
            tree = deriver.indexed.trees_here.of(plain)
            lines.append(DerivationLine(deriver.indexed.written(tree)))
            numbers, whole, is_infinite = self.written.put_in(tree, self._number)
            shown = deriver.indexed.printer.of(numbers)
            if shown.text != lines[0].formula.text:
                sign = "≈" if self.written.rounded else "="
                lines.append(DerivationLine(shown, (Rule("put in", "put in the numbers"),), sign=sign))
            if is_infinite or (whole is not None and not self.written.is_near(whole, value)):
                whole, self.written.rounded = None, True  # what cancels: the numbers of the dtype make something else
        last = self.written.value(value, whole)
        if lines and lines[-1].formula.text == last.formula.text:
            lines[-1] = replace(lines[-1], sign=last.sign)
        else:
            lines.append(last)
        return Block(deriver.indexed.of(wanted.sign(env)), tuple(lines))

    def _number(self, node: Node) -> Node | None:
        """The value of an entry, or of a number that has a name."""
        at: Index = ()
        if isinstance(node, Call) and is_call(node, ENTRY):
            node, *indices = node.args
            at = tuple(int(value_of(index) or 0) for index in indices)
        if not isinstance(node, Name) or node.name not in self.reading.lookups:
            return None
        value = known_number(self.reading.lookups[node.name](self.world, at, HERE))
        if value is None:
            raise GivenUp
        return self.written.literal(value)

    # All entries

    def values(self, formula: Any) -> list[Any] | None:
        """The formula's value at every entry; None where they are too many."""
        shape = self.wanted.shape
        if math.prod(shape) > MAX_ENTRIES:
            return None
        found = []
        for at in every(shape):
            self.deadline.check()
            try:
                found.append(self.reading.number(formula, dict(zip(self.wanted.indices, at))))
            except GivenUp:
                found.append(None)
            except STOPS:
                return None
        return found

    def findings(self) -> dict[Index, Finding]:
        """What the reference says of the entries, within half of the time that is left."""
        wanted = self.wanted
        names = tuple(dict.fromkeys(wanted.names))
        job = replace(wanted.job, wrt=names, order=len(wanted.names))
        if not judges_all(job):
            return {}
        part = PartialBlock(wanted.of or None, tuple(map(names.index, wanted.names)), wanted.shape)
        study = Study(wanted.tape.ops[wanted.tape.output].shape, {}, parts=[part])
        share = self.deadline.within(self.deadline.left / 2)
        try:
            share.run(lambda: Examiner(job, study, (), {}).examine(share))
        except (OutOfTime, LimitError):
            return {}
        return part.findings

    def whole(self, values: Sequence[Any]) -> Block | None:
        """All values, where they are few; what is None has no derivative."""
        shape = self.wanted.shape
        if not shape or len(values) > MAX_SHOWN or len(shape) > 2:
            return None
        return Block(self.deriver.indexed.of(self.wanted.whole), (self.written.tensor(shape, values),))


def at_point(
    section: Section,
    deriver: TensorDeriver,
    tables: Sequence[Indexed],
    places: Mapping[str, tuple[int, Index]],
    deadline: Deadline,
) -> Section:
    """The section with the numbers of the job's point, where there is one."""
    wanted, formula = deriver.wanted, deriver.final
    if wanted.job.point is None or section.formula is None:
        return section
    here = TensorAtPoint(deriver, tables, places, deadline)
    notes = list(section.notes)
    findings = here.findings()
    gone, exists, undefined_here = missing(findings), exist(findings, math.prod(wanted.shape)), undefined(findings)
    first = next((at for at in every(wanted.shape) if at not in gone), None)
    try:
        values = here.values(formula)
        entry = None if first is None else here.entry(formula, first)
        blocks = here.names()
    except FAILS:
        return replace(section, exists=exists, notes=(*notes, "the numbers cannot be put in"))
    if undefined_here is not None:
        notes.append(undefined_here)
    blocks += [entry] if entry is not None else []
    value: Listed = None
    if values is None:
        notes.append(f"{math.prod(wanted.shape):,} entries are too many to be put in here: diff has them")
    else:
        values = [None if at in gone else value for at, value in zip(every(wanted.shape), values)]
        computed = dict(zip(every(wanted.shape), values))
        said = wrong(findings, lambda at, truth: _is_same(computed[at], findings[at], truth))
        notes += [] if said is None else [said]
        value = nested(wanted.shape, [None if one is None else float(one) for one in values])
        whole = here.whole(values)
        blocks += [whole] if whole is not None else []
        if whole is None and wanted.shape:
            notes.append(f"the derivative has {len(values):,} entries: --format json has them all")
    return replace(section, numbers=tuple(blocks), value=value, exists=exists, notes=tuple(notes))


def _is_same(value: Any, finding: Finding, truth: str) -> bool:
    """Whether the formula's value at an entry is the true one; one that is not known is not wrong."""
    if value is None or not finding.exists:
        return True
    exact = NUMBERS.mpf(truth)
    size = max(abs(exact), abs(value), NUMBERS.mpf(finding.size or 0))
    return bool(abs(exact - value) <= size * NUMBERS.mpf(10) ** -DIGITS)
