"""A derivation as a page for a browser: one file, its mathematics in MathML, without any script."""

from __future__ import annotations

from collections.abc import Iterator

from gradcli.safe import Target, safe
from gradcli.steps.data import Block, Derivation, Section, Written
from gradcli.steps.reasons import reasons
from gradcli.steps.sentences import checked, notes, place
from gradcli.terminal.page import mathematics

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 code { font-size: 1.1rem; font-weight: 600; white-space: pre-wrap; }
h2 { font-size: 1.3rem; margin: 2.5rem 0 0.5rem; }
math { font-size: 1.15rem; }
table { border-collapse: collapse; margin: 0.5rem 0 1.25rem; display: block; overflow-x: auto; }
td { padding: 0.3rem 0.35rem; vertical-align: middle; }
td:first-child { text-align: right; }
td.reason { padding-left: 2.5rem; min-width: 16rem; color: GrayText; font-size: 0.9rem; }
td.reason math { font-size: 0.95rem; }
p.given { margin: 1rem 0 0 0.35rem; }
footer { border-top: 1px solid GrayText; margin-top: 2.5rem; padding-top: 0.75rem; font-size: 0.9rem; }
""".strip()


def html(derivation: Derivation, quiet: bool = False) -> str:
    """The whole page.

    Raises GradcliError where the package that turns LaTeX into MathML is missing.
    """
    said = [f"<h1><code>{_text(derivation.program)}</code></h1>", body(derivation, quiet)]
    head = [
        "<!doctype html>", '<html lang="en">', "<head>", '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">', f"<title>{_text(derivation.program)}</title>",
        "<style>", _STYLE, "</style>", "</head>",
    ]  # fmt: skip
    return "\n".join([*head, "<body>", *said, "</body>", "</html>"]) + "\n"


def body(derivation: Derivation, quiet: bool = False) -> str:
    """The derivation as a piece of a page."""
    lines: list[str] = []
    for section in derivation.sections:
        lines += _section(section, derivation)
    said = [] if quiet else [*notes(derivation.notes), *checked(derivation)]
    lines += ["<footer>", *(f"<p>{_text(sentence)}</p>" for sentence in said), "</footer>"] if said else []
    return "\n".join(lines)


def _section(section: Section, derivation: Derivation) -> Iterator[str]:
    yield f"<h2>{_math(section.title)}</h2>"
    for block in section.blocks:
        yield from _block(block)
    if section.numbers:
        yield f"<p>With {_text(place(derivation))}:</p>"
        for block in section.numbers:
            yield from _block(block)
    yield from (f"<p>{_text(note)}</p>" for note in notes(section.notes))


def _block(block: Block) -> Iterator[str]:
    if block.given:
        yield f'<p class="given">{_math(block.given)}</p>'
    yield "<table>"
    for index, line in enumerate(block.lines):
        left = _math(block.left) if index == 0 else ""
        reason = reasons(line, _text, lambda written: _mathml(written.latex, written.shown))
        yield (
            f"<tr><td>{left}</td><td>{_text(line.sign)}</td><td>{_math(line.formula)}</td>"
            f'<td class="reason">{reason}</td></tr>'
        )
    yield "</table>"
    if block.note:
        yield f"<p>{_text(block.note)}</p>"


def _math(written: Written) -> str:
    """A formula; in signs where it cannot be set."""
    return _mathml(rf"\displaystyle {written.latex}", written.shown) if written.latex else _text(written.shown)


def _mathml(latex: str, shown: str) -> str:
    return mathematics(latex) or _text(shown)


def _text(text: str) -> str:
    return safe(text, Target.XML)
