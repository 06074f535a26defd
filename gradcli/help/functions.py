"""The table of functions as text: a line each by family, or everything about one row."""

from __future__ import annotations

from gradcli.functions import table
from gradcli.functions.row import Row
from gradcli.functions.several import Several
from gradcli.language.printer import usage
from gradcli.terminal.console import Screen
from gradcli.terminal.wrap import fold, prose

LEAST = 20  # columns of a description
GAP = 2
MOST_USAGE = 34  # columns of the left column; a longer usage has a line of its own


def whole_table(screen: Screen, about: str = "") -> str:
    """Every family with its rows: how each is written, and what it is; or only those that a word is in."""
    width, word = screen.columns, about.lower()
    families: dict[str, list[tuple[str, str]]] = {}
    for family, rows in table.FAMILIES.items():
        entries = [(usage(row.name), _doc(row)) for row in rows]
        families[family] = [one for one in entries if word in family.lower() or word in " ".join(one).lower()]
    constants = [(row.spelling, row.doc) for row in table.CONSTANTS]
    families["constants"] = [one for one in constants if word in " ".join(("constants", *one)).lower()]
    blocks = [
        "\n".join([family, *(line for one in entries for line in _entry(*one, width))])
        for family, entries in families.items()
        if entries
    ]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _doc(row: Row) -> str:
    also = f"; also {', '.join(row.aliases)}" if row.aliases else ""
    return row.doc + also


def _entry(left: str, doc: str, width: int) -> list[str]:
    """A usage and its description side by side, the description folded; below each other on a narrow screen."""
    column = min(MOST_USAGE, width // 2)
    margin = " " * GAP
    if width - column - 2 * GAP < LEAST:
        return [*fold(margin + left, width, 3 * GAP), *prose(2 * margin + doc, width, 2 * GAP)]
    folded = prose(doc, width - column - 2 * GAP)
    if len(left) > column:
        return [*fold(margin + left, width, 3 * GAP), *(" " * (column + 2 * GAP) + line for line in folded)]
    lines = [f"{margin}{left:<{column}}{margin}{folded[0]}"]
    return lines + [" " * (column + 2 * GAP) + line for line in folded[1:]]


def one_row(row: Row, screen: Screen) -> str:
    """A row in full: documentation, derivative, domain, kinks, engines, spellings and an example."""
    width = screen.columns
    facts = [("", usage(row.name)), ("", _doc(row)), *_facts(row)]
    left = max(len(name) for name, _ in facts)
    lines = []
    for name, text in facts:
        margin = f"{name:<{left}}  " if name else ""
        lines += prose(margin + text, width, len(margin))
    return "\n".join(lines) + "\n"


def several_rows(function: Several, screen: Screen) -> str:
    """A function of several values: which they are, and the row of each."""
    lines = [
        f"{function.values} = {function.name}(...): each value is a row of its own; write _ for one that is not needed"
    ]
    for output, name in function.outputs.items():
        lines.append(f"  {output}: {usage(name)}, {table.BY_NAME[name].doc}" if name else f"  {output}: not here")
    return "\n".join(line for text in lines for line in prose(text, screen.columns, 4)) + "\n"


def _facts(row: Row) -> list[tuple[str, str]]:
    facts = []
    for parameter, rule in zip(row.parameters, row.derivative):
        facts.append((f"by {parameter.name}", rule or "no derivative that gradcli knows: a constant"))
    if isinstance(row.definition, str):
        facts.append(("equals", row.definition))
    if row.domain:
        facts.append(("domain", row.domain))
    facts += [("kink", str(kink)) for kink in row.kinks]
    facts.append(("autograd", engine(row)))
    facts += [("note", note) for note in (row.note, row.says) if note]
    if row.libraries:
        facts.append(("pasted", ", ".join(spellings(row))))
    if row.example:
        program, _, point = row.example.partition(" at ")
        facts.append(("example", f'gradcli diff "{program}"' + (f" --at {point}" if point else "")))
    return facts


def engine(row: Row) -> str:
    """What torch runs for a row."""
    if row.name in ("[:]", "...", "None"):
        return "none: it is part of a spelling"
    if row.reads:
        return f"that of {row.reads[0]}"
    if row.shape and row.torch is None:
        return "a constant"
    if row.gives_truth or row.torch is not None or row.name == "diff":
        return "torch's own"
    if row.forward is not None:
        return "an autograd Function: torch forward, the derivatives above backward"
    if row.scipy is not None:
        return "an autograd Function: SciPy (or mpmath) forward, the derivatives above backward"
    return "an autograd Function: mpmath forward, the derivatives above backward"


def spellings(row: Row) -> list[str]:
    """How libraries spell a row, with the prefixes that the language knows."""
    prefixes = {library: prefix for prefix, library in reversed(table.PREFIXES.items())}
    return [f"{prefixes.get(library, library)}.{name}" for library, name in row.spellings()]
