"""A derivation for a reader: chains of equalities, each line with its reason beside it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from gradcli.steps import reasons
from gradcli.steps.data import Block, Derivation, DerivationLine, Section, Written
from gradcli.steps.sentences import checked, notes, place
from gradcli.terminal.console import ENDLESS, Screen, printed
from gradcli.terminal.wrap import clauses, fold, fold_formula

GAP = 3  # columns between a formula and its reason
LEAST_REASON = 24  # columns that a reason needs beside a formula
WIDEST = 72  # the column of the reasons where lines may be as long as they like
MARGIN = 2
_ASCII_SIGNS = {"=": "=", "≈": "~="}

Piece = tuple[str, str]  # a text and its style


def render(derivation: Derivation, screen: Screen, quiet: bool = False) -> str:
    """The whole derivation; with `quiet` without the sentences on its checks."""
    view = _View(screen)
    several = len(derivation.sections) > 1
    for section in derivation.sections:
        view.section(section, derivation, several)
    if not quiet:
        view.sentences([*notes(derivation.notes), *checked(derivation)])
    return view.text()


class _View:
    def __init__(self, screen: Screen) -> None:
        self.width = screen.columns
        self.screen = screen
        self.lines: list[list[Piece]] = []

    def text(self) -> str:
        """Everything written so far."""
        return printed((Text.assemble(*line) for line in self.lines), self.screen)

    def shown(self, written: Written) -> str:
        """Mathematics as the screen can show it."""
        return written.on(self.screen.unicode)

    def sign(self, line: DerivationLine) -> str:
        """What stands between the sides of a line."""
        return line.sign if self.screen.unicode else _ASCII_SIGNS[line.sign]

    def gap(self) -> None:
        """A line between two parts."""
        if self.lines:
            self.lines.append([])

    def section(self, section: Section, derivation: Derivation, several: bool) -> None:
        """One derivation: its blocks, then the numbers, then what is to be said."""
        if several:
            self.gap()
            self.lines.append([(self.shown(section.title), "bold")])
        column = self.column(section.blocks)
        for block in section.blocks:
            self.block(block, column)
        if section.numbers:
            self.gap()
            self.lines += [[(line, "bold")] for line in fold(f"With {place(derivation)}:", self.width)]
            self.gap()
            for block in section.numbers:
                self.numbers(block)
        if section.notes:
            self.sentences(notes(section.notes))

    def block(self, block: Block, column: int) -> None:
        """A chain of equalities, what is given before it."""
        self.gap()
        if block.given:
            for line in fold_formula(self.shown(block.given), self.width - MARGIN):
                self.lines.append([(" " * MARGIN + line, "")])
        self.chain(block, column)
        if block.note:
            self.sentences(notes([block.note]))

    def numbers(self, block: Block) -> None:
        """A chain of equalities on one line, where it fits."""
        sides = (f" {self.sign(line)} {self.shown(line.formula)}" for line in block.lines)
        whole = self.shown(block.left) + "".join(sides)
        if MARGIN + len(whole) <= min(self.width, WIDEST):
            self.lines.append([(" " * MARGIN + whole, "")])
        else:
            self.chain(block, 0)

    def column(self, blocks: Sequence[Block]) -> int:
        """Where the reasons of these blocks begin: after every formula that leaves room for one."""
        widest = min(self.width - LEAST_REASON - GAP, WIDEST if self.width == ENDLESS else self.width)
        ends = [
            MARGIN + len(self.shown(block.left)) + 3 + len(self.shown(line.formula))
            for block in blocks
            for line in block.lines
            if line.rules
        ]
        return max((end for end in ends if end <= widest), default=0) + GAP

    def chain(self, block: Block, column: int) -> None:
        """The lines of a block."""
        left = self.shown(block.left)
        for index, line in enumerate(block.lines):
            self.line(left if index == 0 else " " * len(left), line, column)

    def line(self, left: str, line: DerivationLine, column: int) -> None:
        """One equality; its reason beside it where there is room, else below."""
        head = f"{' ' * MARGIN}{left} {self.sign(line)} "
        folded = fold_formula(self.shown(line.formula), self.width - len(head))
        said = reasons.plain(line, self.screen.unicode)
        for index, piece in enumerate(folded):
            self.lines.append([((head if index == 0 else " " * len(head)) + piece, "")])
        if not said:
            return
        end = len(head) + len(folded[-1])
        room = self.width - column
        if len(folded) == 1 and end + GAP <= column and all(len(one) < room for one in said.split("; ")):
            beside = clauses(said, room)
            self.lines[-1] += [(" " * (column - end) + beside[0], "dim")]
            self.lines += [[(" " * column + one, "dim")] for one in beside[1:]]
        elif end + GAP + len(said) <= self.width:
            self.lines[-1] += [(" " * GAP + said, "dim")]
        else:
            indent = len(head) + MARGIN
            self.lines += [[(" " * indent + one, "dim")] for one in clauses(said, self.width - indent)]

    def sentences(self, said: Sequence[str]) -> None:
        """Sentences below."""
        if not said:
            return
        self.gap()
        for one in said:
            self.lines += [[(line, "")] for line in fold(one, self.width)]
