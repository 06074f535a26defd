"""The blocks of one derivation: dy/dx for every intermediate that moves, then the output's, put together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from gradcli.backends.symbolic.decide import shortened
from gradcli.functions.table import BY_NAME
from gradcli.language.nodes import Call, Name, Node, Number, same, walk
from gradcli.language.numbers import Dtype
from gradcli.language.printer import unparse
from gradcli.language.tree_facts import size, uses
from gradcli.language.trees import HERE, call, derived_name, is_call, number, pending, rebuilt
from gradcli.language.written_out import Statement, TooLong, unfolded
from gradcli.steps import known_rules as known
from gradcli.steps.lines import MAX_PARTS, LineDraft, derived
from gradcli.steps.printer import StepPrinter
from gradcli.steps.rules import Differentiation

MAX_BLOCKS = 100
MAX_PUT_IN = 12  # parts of a derivative that is put in where it is used; longer ones stay names until the end


@dataclass
class Piece:
    """A block in the making: the statement, its lines as trees, and the last one before anything was put in.

    `tests` are the trees that stand for the lines in their checks, where those differ.
    """

    statement: Statement | None
    by: str
    drafts: list[LineDraft]
    core: Node
    tests: dict[int, Node] = field(default_factory=dict)
    loose: Node | None = None  # the last line before it was simplified
    text: str | None = None  # the formula as it is shown: that of the last line
    complete: bool = True  # whether the last line is written in variables alone

    @property
    def result(self) -> Node:
        """The last line."""
        return self.drafts[-1].tree

    def tested(self, index: int) -> Node:
        """What stands for a line in its check."""
        return self.tests.get(index, self.drafts[index].tree)


class BlockSource(NamedTuple):
    """What is differentiated: the statements, and how they are written."""

    statements: Sequence[Statement]
    names: frozenset[str]
    dtype: Dtype
    printer: StepPrinter

    @property
    def definitions(self) -> dict[str, Node]:
        """The intermediates."""
        return {one.name: one.tree for one in self.statements[:-1]}


def _flowing(tree: Node) -> set[str]:
    """The names that a derivative flows through: not those of conditions, or below a step of derivative 0."""
    found: set[str] = set()
    stack: list[Node] = [tree]
    while stack:
        one = stack.pop()
        if isinstance(one, Name):
            found.add(one.name)
        elif isinstance(one, Call) and not is_call(one, "detach"):
            stack += one.args[is_call(one, "where") :] if one.user or not _is_step(one.function) else ()
    return found


def _is_step(name: str) -> bool:
    row = BY_NAME.get(name)
    return row is not None and (row.gives_truth or (bool(row.derivative) and set(row.derivative) == {"0"}))


class Blocks:
    """Differentiates the statements of a program by one name; `targets` stay names in the formula."""

    def __init__(self, source: BlockSource, by: str, targets: Sequence[str]) -> None:
        self.source = source
        self.by = by
        self.targets = targets
        self.tools: dict[str, Differentiation] = {}
        self.moving: list[str] = []
        self.results: dict[str, Node] = {}
        self.tool(by)
        start = next((i + 1 for i, one in enumerate(source.statements) if one.name == by and one.is_named), 0)
        self.after = list(source.statements[start:]) or [source.statements[-1]]
        for statement in self.after:
            if self.tools[by].flows(statement.tree) and statement.name != by:
                self.moving.append(statement.name)
                self.tools[by].add(statement.name)

    def tool(self, by: str) -> Differentiation:
        """What differentiates by a name; inside the program's own diff intermediates are written out."""
        if by not in self.tools:
            source = self.source
            self.tools[by] = Differentiation(by, (), source.names, source.dtype, source.printer)
        return self.tools[by]

    @property
    def definitions(self) -> dict[str, Node]:
        """What moves, and how it is computed."""
        return {one.name: one.tree for one in self.after if one.name in self.moving and one.is_named}

    def pieces(self) -> Iterator[Piece]:
        """A block for each intermediate that moves and that the output uses, then the output's.

        Raises TooLong.
        """
        output = self.source.statements[-1]
        if output.name == self.by and output.is_named:
            yield Piece(
                output,
                self.by,
                [LineDraft(pending(Name(self.by, HERE), self.by)), LineDraft(_ONE, (known.VARIABLE,))],
                _ONE,
            )
            return
        wanted = self._wanted()
        if len(wanted) > MAX_BLOCKS:
            raise TooLong(f"there would be more than {MAX_BLOCKS} statements to differentiate")
        for statement in wanted:
            piece = self._piece(statement)
            self._substitute(piece, lambda name: size(self.results[name]) <= MAX_PUT_IN)
            short = shortened(piece.result, self.source.names, self.source.dtype)
            if short is not None and size(short) < size(piece.result):
                piece.drafts.append(LineDraft(short, (known.TIDY,)))
            self.results[statement.name] = piece.result
            yield piece
        yield self._piece(output)

    def _wanted(self) -> list[Statement]:
        """The intermediates that move and that a derivative flows through to the output, in order."""
        needed = _flowing(self.source.statements[-1].tree)
        wanted: list[Statement] = []
        for statement in reversed(self.after[:-1]):
            if statement.name in needed and statement.name in self.moving:
                wanted.append(statement)
                needed |= _flowing(statement.tree)
        return wanted[::-1]

    def _piece(self, statement: Statement) -> Piece:
        tree = self._with_own_derivatives(statement.tree)
        drafts = derived(pending(tree, self.by), self.tool)
        core = drafts[-1].tree
        if not statement.functions:
            return Piece(statement, self.by, drafts, core)
        first = drafts[0].tree
        rules = tuple(known.definition(name) for name in statement.functions)
        return Piece(
            statement,
            self.by,
            [LineDraft(pending(statement.typed, self.by)), LineDraft(first, rules), *drafts[1:]],
            core,
            {0: first},
        )

    def _with_own_derivatives(self, tree: Node) -> Node:
        """The program's own diff by a name: what depends on it is written out, so that it can be seen."""
        if not any(is_call(one, "diff") for one in walk(tree)):
            return tree

        def change(one: Node) -> Node | None:
            if not isinstance(one, Call) or not is_call(one, "diff"):
                return None
            body, by = one.args
            assert isinstance(by, Name)
            keep = {by.name} | {name for name in self.source.definitions if not self._depends(name, by.name)}
            return pending(rebuilt(unfolded(body, self.source.definitions, keep), change, simplify=False), by.name)

        return rebuilt(tree, change, simplify=False)

    def _depends(self, name: str, on: str) -> bool:
        """Whether an intermediate is computed from a name."""
        if name == on:
            return True
        return uses(unfolded(Name(name, HERE), self.source.definitions, (on,)), (on,))

    # Putting together

    def _substitute(self, piece: Piece, chosen: Callable[[str], bool]) -> None:
        """Put the derivatives of intermediates in, those that are chosen, until none is left."""
        while True:
            found = {name: one for one in walk(piece.result) if (name := derived_name(one)) is not None}
            names = [name for name in self.moving if name in found and name in self.results and chosen(name)]
            if not names:
                return
            result = rebuilt(piece.result, partial(_replaced, {name: self.results[name] for name in names}))
            printer = self.source.printer
            said = tuple((printer.of(found[name]), printer.of(self.results[name])) for name in names)
            piece.drafts.append(LineDraft(result, (known.substituted(said),)))
            if size(result) > MAX_PARTS:
                raise TooLong(f"a line would have more than {MAX_PARTS} parts")

    def finish(self, piece: Piece, formula: Node | None, text: str | None) -> None:
        """Put everything into the output's derivative, down to the formula that is shown.

        Where that would be too long on the way, the formula follows at once; without one, what there is stays.
        """
        kept = len(piece.drafts)
        try:
            self._substitute(piece, lambda name: True)
            self._write_out(piece, formula)
        except TooLong:
            del piece.drafts[kept:]
            piece.complete = formula is not None
        piece.loose, piece.text = piece.result, text
        if formula is None:
            return
        if same(formula, piece.result):
            piece.drafts[-1] = piece.drafts[-1]._replace(tree=formula)
        else:
            plain = self._without_ties(piece, formula)
            if plain is None:
                return
            moved = Counter(map(_head, walk(formula))) == Counter(map(_head, walk(plain)))
            held = any(is_call(one, "detach") for one in walk(plain))
            shorter = len(unparse(formula)) < len(unparse(plain))
            rule = known.ORDERED if moved else known.TIDY if shorter else known.REWRITTEN
            rule = known.VALUE if held else rule
            piece.drafts.append(LineDraft(formula, (rule,)))

    def _without_ties(self, piece: Piece, formula: Node) -> Node | None:
        """What there is without the ties that the formula leaves out, which a line says; None where it is just that."""
        kept = {unparse(one) for one in walk(formula) if is_call(one, "==")}
        left_out: dict[str, Node] = {}

        def change(one: Node) -> Node | None:
            if not isinstance(one, Call) or not is_call(one, "where"):
                return None
            inner = one.args[2]
            if not isinstance(inner, Call) or not is_call(inner, "where") or not is_call(inner.args[0], "=="):
                return None
            tie = unparse(inner.args[0])
            if tie in kept:
                return None
            left_out[tie] = inner.args[0]
            return call(
                "where", rebuilt(one.args[0], change), rebuilt(one.args[1], change), rebuilt(inner.args[2], change)
            )

        plain = rebuilt(piece.result, change)
        if not left_out:
            return piece.result
        piece.drafts.append(LineDraft(plain, (known.ties(tuple(map(self.source.printer.of, left_out.values()))),)))
        if not same(formula, plain):
            return plain
        piece.drafts[-1] = piece.drafts[-1]._replace(tree=formula)
        return None

    def _write_out(self, piece: Piece, formula: Node | None) -> None:
        """Put the intermediates in that are no names in the formula."""
        kept = {*self.targets, *(one.name for one in walk(formula or _ONE) if isinstance(one, Name))}
        definitions = {name: tree for name, tree in self.source.definitions.items() if name not in kept}
        used = {one.name for one in walk(piece.result) if isinstance(one, Name)} & definitions.keys()
        if not used:
            return
        result = unfolded(piece.result, definitions)
        for name in reversed(list(definitions)):
            if name in used:
                used |= {one.name for one in walk(definitions[name]) if isinstance(one, Name)} & definitions.keys()
        printer = self.source.printer
        said = tuple(
            (printer.of(Name(name, HERE)), printer.of(tree)) for name, tree in definitions.items() if name in used
        )
        if size(result) > MAX_PARTS:
            raise TooLong(f"a line would have more than {MAX_PARTS} parts")
        piece.drafts.append(LineDraft(result, (known.substituted(said),)))


def _head(node: Node) -> object:
    """What a part of a tree is, wherever it stands."""
    return node.value if isinstance(node, Number) else node.name if isinstance(node, Name) else node.function


def _replaced(values: Mapping[str, Node], node: Node) -> Node | None:
    """What is put in for the derivative of a name."""
    name = derived_name(node)
    return None if name is None else values.get(name)


_ONE = number(1)
