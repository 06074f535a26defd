"""The answer for a reader: the root, a table of the derivatives, and what there is to say of them."""

from __future__ import annotations

from gradcli.implicit.data import Implicit, ImplicitPartial
from gradcli.language.notation import derivative_sign, style_of
from gradcli.reference.verdict import Verdict
from gradcli.terminal.console import AMBER, Screen
from gradcli.terminal.numbers import figure, short, with_digits
from gradcli.terminal.readable import PRECISION, both
from gradcli.terminal.tables import table, width
from gradcli.terminal.wrap import beside, fold, prose

STYLES = {
    Verdict.AGREE: "green", Verdict.UNDEFINED: AMBER, Verdict.UNDECIDED: AMBER,
    Verdict.INACCURATE: "red", Verdict.DISAGREE: "bold red",
}  # fmt: skip


def render(found: Implicit, screen: Screen, quiet: bool = False) -> str:
    """The whole answer; with `quiet` without the sentences below."""
    blocks = ["\n".join(_root(found, screen))] if found.at is not None else []
    blocks += _table(found, screen)
    if not quiet:
        blocks.append("\n".join(_sentences(found, screen)))
    return "\n\n".join(block.strip("\n") for block in blocks if block.strip()) + "\n"


def _root(found: Implicit, screen: Screen) -> list[str]:
    columns, precision, digits = screen.columns, screen.precision, screen.precision or PRECISION
    at = found.at or {}
    known = ", ".join(f"{name} = {figure(value, digits)}" for name, value in at.items() if name not in found.solve)
    lines = []
    for one in found.roots:
        said = "solves it" if len(found.equations) == 1 else "is the solution"
        root = with_digits(one.value, precision)
        lines += fold(f"{one.name} = {root} {said}" + (f" at {known}" if known else ""), columns, 2)
        known = ""
    if not found.roots:
        starts = ", ".join(f"{name} = {figure(at[name], digits)}" for name in found.solve if name in at)
        lines += fold(f"at {known}, {starts}" if known else f"at {starts}", columns, 2)
        return lines
    proof = "proven to be one, and the only one around" if found.proof == "enclosed" else "found to be one"
    nearest = "; no other is nearer to the start" if found.is_nearest else ""
    moved = [
        f"{one.name} moved by {one.moved:.2g} from {figure(one.start, digits)}" for one in found.roots if one.moved
    ]
    return [*lines, *prose("; ".join([f"{proof}{nearest}", *moved]), columns, 2)]


def _table(found: Implicit, screen: Screen) -> list[str]:
    names = [name_of(one, screen.unicode) for one in found.partials]
    if found.at is None:
        return ["\n".join([*found.definitions, *(line for name, one in zip(names, found.partials)
                                                for line in _formula(name, one, screen))])]  # fmt: skip
    headers = ["", "autograd", "derivative", "its value", "digits", "verdict"]
    rows = [_cells(name, one, screen.precision) for name, one in zip(names, found.partials)]
    styles = {(i, 5): STYLES[one.verdict] for i, one in enumerate(found.partials) if one.verdict}
    if width(headers, rows) <= screen.columns and not found.definitions:
        return [table(headers, rows, screen, styles)]
    styles = {(i, 4): style for (i, _), style in styles.items()}
    kept = [[cell for j, cell in enumerate(row) if j != 2] for row in rows]
    below = [*found.definitions]
    for name, one in zip(names, found.partials):
        below += _formula(name, one, screen)
    return [table(["", "autograd", "by formula", "digits", "verdict"], kept, screen, styles), "\n".join(below)]


def _formula(name: str, one: ImplicitPartial, screen: Screen) -> list[str]:
    return beside(f"{name} = ", one.symbolic or "(no formula)", screen.columns)


def _cells(name: str, one: ImplicitPartial, precision: int | None) -> list[str]:
    number, value = both(one, precision)
    verdict = one.verdict.value if one.verdict else ""
    return [
        name, number, one.symbolic or "(no formula)", value,
        "" if one.digits is None else f"{one.digits:.1f}", f"{verdict}: {one.kind}" if one.kind else verdict,
    ]  # fmt: skip


def name_of(one: ImplicitPartial, unicode: bool) -> str:
    """The sign of a derivative."""
    return derivative_sign(style_of(unicode), one.of, one.wrt)


def _sentences(found: Implicit, screen: Screen) -> list[str]:
    said = []
    told: set[str] = set()
    for one in found.partials:
        name = name_of(one, screen.unicode)
        if one.verdict in (Verdict.INACCURATE, Verdict.DISAGREE):
            said.append(f"{name} is {short(one.reference)}")
        if one.left is not None or one.right is not None:
            said.append(f"{name} is {_side(one.left)} from the left, {_side(one.right)} from the right")
        if one.symbolic_holds is False:
            said.append(f"the formula of {name} does not give its value here")
        if one.note and one.note not in told:
            told.add(one.note)
            said.append(f"{name}: {one.note}")
    if found.triple is not None:
        product = figure(found.triple, screen.precision or PRECISION)
        said.append(f"the product of the three derivatives is {product}; by the triple product rule -1")
    return [line for sentence in said for line in prose(sentence, screen.columns, 2)]


def _side(value: str | None) -> str:
    return "unknown" if value is None else short(value)
