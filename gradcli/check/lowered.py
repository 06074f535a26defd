"""The tapes of a program and of the claims about it: tensors are written out, literals are exact."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from gradcli.check.stated import Claim, ClaimedEntry, Index, Problem
from gradcli.check.unrolled import Taken, blank
from gradcli.errors import GradcliError, LimitError, Source, Span, did_you_mean
from gradcli.functions import shapes as sizes
from gradcli.functions.shapes import Shape, text
from gradcli.language.assumptions import STAGE as ASSUMING
from gradcli.language.claims import STAGE, Claimed
from gradcli.language.foreign import is_latex
from gradcli.language.names import Names, names_of
from gradcli.language.nodes import Name, Node, Output, Program, walk
from gradcli.language.trees import call, number
from gradcli.language.written_sums import entries_of
from gradcli.tape.arrays import every
from gradcli.tape.chain import chain
from gradcli.tape.entry_rules import Entries
from gradcli.tape.findings import Positions
from gradcli.tape.lower import lower
from gradcli.tape.reread import reread
from gradcli.tape.scalarize import aligned, entry_name
from gradcli.tape.sweep import expand
from gradcli.tape.tape import Tape

MAX_OUTPUTS = 64  # entries of the program's value whose derivatives are claimed


class Lowered:
    """The tapes of a program, and those of claims about it."""

    def __init__(self, program: Program, names: Names, shapes: Mapping[str, Shape], wrt: Sequence[str]) -> None:
        self.program = program
        self.names = names
        self.shapes = shapes
        self.wrt = wrt
        self.true = self._lower(program, custom_vjps=False)
        self.is_tensor = self.true.has_tensors
        self.point: dict[str, Any] = {name: blank(shapes.get(name, ())) for name in names.variables}
        self.variables = tuple(
            entry_name(name, index) for name in names.variables for index in every(shapes.get(name, ()))
        )

    def _lower(self, program: Program, custom_vjps: bool) -> Tape:
        tape = lower(program, self.names.variables, None, custom_vjps, self.shapes, True, self.wrt)
        for name in self.names.variables:
            tape.input(name, self.shapes.get(name, ()))
        return tape

    def shape_of(self, name: str) -> Shape:
        """The shape of a variable, or of an intermediate."""
        place = self.true.find(name)
        return self.true.ops[place].shape if place is not None else ()

    def _shape_of_tree(self, node: Node) -> Shape | None:
        """The shape of a part of a claim; None where it has names that the program has not."""
        if not {one.name for one in walk(node) if isinstance(one, Name)} <= self.names.known:
            return None
        if isinstance(node, Name):
            return self.shape_of(node.name)
        statements = [one for one in self.program.statements if not isinstance(one, Output)]
        tape = self._lower(Program((*statements, Output(node, node.span)), self.program.source), custom_vjps=False)
        return tape.ops[tape.output].shape

    def fill(self, problem: Problem) -> None:
        """Add the chains of all entries of the output."""
        shape = self.true.ops[self.true.output].shape
        problem.outputs = list(every(shape))
        if len(problem.outputs) > MAX_OUTPUTS:
            raise LimitError(
                STAGE, f"the program has {len(problem.outputs):,} outputs, and {MAX_OUTPUTS} is the limit",
                hint="check one of them: y[0]",
            )  # fmt: skip
        written = self._numbers(self.true)
        taken = self._numbers(self._lower(self.program, custom_vjps=True)) if problem.has_custom_vjps else written
        targets = [entry_name(name, index) for name in self.wrt for index in every(self.shape_of(name))]
        for place, other in zip(written.outputs, taken.outputs):
            written.tape.output, taken.tape.output = place, other
            true = chain(written.tape, targets, problem.order, problem.source)
            problem.chains.append(true)
            same = taken is written
            problem.taken.append(true if same else chain(taken.tape, targets, problem.order, problem.source))

    def _numbers(self, tape: Tape) -> _Numbers:
        """A tape of numbers that comes to the same, and where the entries of the output stand on it."""
        if not self.is_tensor:
            return _Numbers(tape, [tape.output])
        free = {*self.names.variables, *self.wrt}
        unroller = Taken(tape, self.point, free, self.program.source)
        outputs = [unroller.entry(tape.output, index) for index in every(tape.ops[tape.output].shape)]
        for name in (*self.names.variables, *self.wrt):  # what the output does not need is an input all the same
            for index in every(self.shape_of(name)):
                unroller.entry(tape.find(name) or 0, index)
        return _Numbers(unroller.numbers, outputs)

    def _whole(self, problem: Problem, wrt: Sequence[str]) -> tuple[Shape, list[tuple[int, Positions, Index]]]:
        """The shape of a derivative, and each of its entries: the output, the positions and the index."""
        offsets, count = {}, 0
        for name in problem.wrt:
            offsets[name] = count
            count += math.prod(self.shape_of(name))
        given = [self.shape_of(name) for name in wrt]
        shape = self.derivative_shape(wrt)
        entries = []
        for output, first in enumerate(problem.outputs):
            for indices in product(*(list(enumerate(every(one))) for one in given)):
                positions = tuple(sorted(offsets[name] + flat for name, (flat, _) in zip(wrt, indices)))
                entries.append((output, positions, (*first, *(i for _, index in indices for i in index))))
        return shape, entries

    def autograd(self, problem: Problem, wrt: tuple[str, ...]) -> Claim:
        """The claim that autograd makes."""
        shape, whole = self._whole(problem, wrt)
        return Claim(wrt, shape, [ClaimedEntry(output, positions, None, index) for output, positions, index in whole])

    def claim(self, problem: Problem, said: Claimed, wrt: tuple[str, ...]) -> Claim:
        """The claim that somebody makes.

        Raises GradcliError where it names what the program does not have, or has another shape.
        """
        shape, whole = self._whole(problem, wrt)
        tape = self.claimed(said, shape)
        own = tape.ops[tape.output].shape
        if not tape.has_tensors and not self.is_tensor:
            tape = expand(tape, said.source)
            return Claim(wrt, shape, [ClaimedEntry(*whole[0][:2], tape.output, ())], said, tape)
        unroller = Entries(tape, self.point, set(self.names.variables), said.source)
        entries = [
            ClaimedEntry(output, positions, unroller.entry(tape.output, aligned(index, own)), index)
            for output, positions, index in whole
        ]
        return Claim(wrt, shape, entries, said, unroller.numbers)

    def derivative_shape(self, wrt: Sequence[str]) -> Shape:
        """The shape of a derivative: the output's, then that of each name."""
        return (*self.true.ops[self.true.output].shape, *(size for name in wrt for size in self.shape_of(name)))

    def claimed(self, said: Claimed, shape: Shape) -> Tape:
        """The tape of a claimed formula for a derivative of a shape.

        Raises GradcliError where it names what the program does not have, or has another shape.
        """
        statements = [one for one in self.program.statements if not isinstance(one, Output)]
        formula = _claimed_entries(said, shape, self._shape_of_tree)
        stated = Program((*statements, *said.definitions, Output(formula, said.formula_span)), said.source)
        self._check_names(stated, said.source, [*(one.value for one in said.definitions), said.formula], STAGE)
        tape = self._claimed(stated, said.source)
        own = tape.ops[tape.output].shape
        if not _fits(own, shape):
            raise GradcliError(
                STAGE,
                f"the claim is {sizes.text(own)}, and the derivative {sizes.text(shape)}",
                source=said.source,
                span=said.formula_span,
            )
        return tape

    def condition(self, node: Node, source: Source) -> Claim:
        """What is assumed, entry by entry: 1 where it holds, else 0."""
        statements = [one for one in self.program.statements if not isinstance(one, Output)]
        stated = Program((*statements, Output(call("where", node, number(1), number(0)), node.span)), source)
        self._check_names(stated, source, [node], ASSUMING)
        tape = self._claimed(stated, source, ASSUMING)
        shape = tape.ops[tape.output].shape
        if not tape.has_tensors:
            tape = expand(tape, source)
            return Claim((), (), [ClaimedEntry(0, (), tape.output, ())], None, tape)
        unroller = Entries(tape, self.point, set(self.names.variables), source)
        entries = [ClaimedEntry(0, (), unroller.entry(tape.output, index), index) for index in every(shape)]
        return Claim((), shape, entries, None, unroller.numbers)

    def _claimed(self, stated: Program, source: Source, stage: str = STAGE) -> Tape:
        """The tape of a claimed formula; what is wrong with it is said of the claim, and not of the program."""
        try:
            if is_latex(source.text):
                stated = reread(stated, lambda one: self._lower(one, custom_vjps=False))
            return self._lower(stated, custom_vjps=False)
        except GradcliError as error:
            error.message = error.message.replace(
                "the output is true or false, which", "the claim is true or false; that"
            )
            if error.source is source:
                error.stage = stage
            raise

    def _check_names(self, stated: Program, source: Source, nodes: Sequence[Node], stage: str) -> None:
        known = self.names.known
        for name in names_of(stated, set(self.names.variables)).variables:
            if name not in known:
                raise GradcliError(
                    stage,
                    f'the program has no name "{name}"',
                    source=source,
                    span=_span_of(name, nodes),
                    expected=f"a formula of {', '.join(self.names.known)}" if known else "a number",
                    hint=did_you_mean(name, sorted(known)),
                )


class _Numbers(NamedTuple):
    tape: Tape
    outputs: list[int]


def _fits(own: Shape, shape: Shape) -> bool:
    """Whether a claim's shape goes with the derivative's."""
    pairs = zip(reversed(own), reversed(shape))
    return len(own) <= len(shape) and all(a in (1, b) for a, b in pairs)


def _span_of(name: str, nodes: Sequence[Node]) -> Span | None:
    return next((one.span for node in nodes for one in walk(node) if isinstance(one, Name) and one.name == name), None)


def _claimed_entries(said: Claimed, shape: Shape, shape_of: Callable[[Node], Shape | None]) -> Node:
    """The claimed formula without letters and sums: a list with an entry for each value of each letter.

    Raises GradcliError where the letters are not those of the derivative's entries.
    """
    letters = [letter for one in said.letters for letter in one]
    if letters and len(letters) != len(shape):
        raise GradcliError(
            STAGE,
            f"the claim is about an entry by {len(letters)} letters, and the derivative is {text(shape)}",
            source=said.source,
            span=said.names_span,
        )
    for letter in letters:
        if letter.isdigit() or letters.count(letter) > 1:
            raise GradcliError(
                STAGE,
                "a claim about entries is about all of them",
                source=said.source,
                span=said.names_span,
                expected="a letter of its own for each index, such as ∂f/∂x[i] = ...",
            )
    return entries_of(said.formula, letters, shape, shape_of, said.source)
