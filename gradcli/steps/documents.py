"""A derivation as LaTeX and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from gradcli.safe import Target, safe
from gradcli.steps.data import Block, Derivation, DerivationLine
from gradcli.steps.reasons import reasons
from gradcli.steps.sentences import checked, notes, place

_SIGNS = {"=": "=", "≈": r"\approx"}


def latex(derivation: Derivation, quiet: bool = False) -> str:
    """Displays to be pasted into a document that uses amsmath."""
    lines: list[str] = []
    several = len(derivation.sections) > 1
    for section in derivation.sections:
        if several:
            lines += [rf"\paragraph{{${section.title.latex}$}}", ""]
        lines += _displays(section.blocks)
        if section.numbers:
            lines += [f"With {safe(place(derivation), Target.LATEX)}:", "", *_displays(section.numbers)]
        lines += [safe(note, Target.LATEX) + "\n" for note in notes(section.notes)]
    lines += [f"% {safe(sentence, Target.LINE)}" for sentence in _last(derivation, quiet)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _displays(blocks: tuple[Block, ...]) -> Iterator[str]:
    for block in blocks:
        if block.given:
            yield from (r"\[", block.given.latex, r"\]")
        yield from (r"\begin{align*}", *_rows(block), r"\end{align*}")
        yield from ([safe(block.note, Target.LATEX)] if block.note else [])
        yield ""


def _last(derivation: Derivation, quiet: bool) -> list[str]:
    """What is said of the whole."""
    return [] if quiet else [*notes(derivation.notes), *checked(derivation)]


def markdown(derivation: Derivation, quiet: bool = False) -> str:
    """Headings, and mathematics between double dollar signs."""
    lines = [f"# {safe(derivation.program, Target.CODE)}", ""]
    for section in derivation.sections:
        lines += [f"## ${section.title.latex}$", "", *_aligned(section.blocks)]
        if section.numbers:
            lines += [f"With {safe(place(derivation), Target.MARKDOWN)}:", "", *_aligned(section.numbers)]
        lines += [safe(note, Target.MARKDOWN) + "\n" for note in notes(section.notes)]
    lines += [safe(sentence, Target.MARKDOWN) + "\n" for sentence in _last(derivation, quiet)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _aligned(blocks: tuple[Block, ...]) -> Iterator[str]:
    for block in blocks:
        if block.given:
            yield from ("$$", block.given.latex, "$$", "")
        yield from ("$$", r"\begin{aligned}", *_rows(block), r"\end{aligned}", "$$", "")
        yield from ([safe(block.note, Target.MARKDOWN), ""] if block.note else [])


def _rows(block: Block) -> list[str]:
    """The lines of a block, aligned at their signs."""
    rows = []
    for index, line in enumerate(block.lines):
        left = block.left.latex if index == 0 else ""
        end = r" \\" if index < len(block.lines) - 1 else ""
        rows.append(f"{left} &{_SIGNS[line.sign]} {line.formula.latex}{_reasons(line)}{end}")
    return rows


def _reasons(line: DerivationLine) -> str:
    said = reasons(line, lambda words: rf"\text{{{safe(words, Target.LATEX)}}}", lambda written: written.latex)
    return f" && {said}" if said else ""
