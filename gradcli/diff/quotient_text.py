"""Tables of difference quotients for a reader: the digits that agree are coloured, and sentences say why they go."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from gradcli.diff.data import Partial, Result, Verdict
from gradcli.diff.names import PartialNames
from gradcli.diff.quotient_data import SIDES, BestStep, QuotientRow, QuotientTable, paired
from gradcli.language.numbers import DTYPES
from gradcli.reference.kinds import kind_words
from gradcli.terminal.console import Screen, printed
from gradcli.terminal.numbers import figure, short, to_digits
from gradcli.terminal.tables import PADDING, empty
from gradcli.terminal.wrap import fold

LEAST_DIGITS = 6  # of a quotient, however little room there is
GOOD, REST = "green", "dim"
STUCK = "x + h = x"
LEAST_PLAIN = 1e-3  # of steps that are written without an exponent
FEW = 2  # digits of a step that theory has


def block(result: Result, screen: Screen, quiet: bool = False) -> str:
    """All tables, each with what there is to say of it; with `quiet` without the sentences."""
    names = PartialNames(result, screen.unicode)
    shown = [_one(table, partial, result, names, screen, quiet) for table, partial in paired(result)]
    return "\n".join(shown)


def _one(
    table: QuotientTable, partial: Partial, result: Result, names: PartialNames, screen: Screen, quiet: bool
) -> str:
    title = f"Difference quotients of {names.output(table.of or ())} by {table.wrt}"
    if table.derivative is not None:
        title += f"; {names.of(partial)} = {to_digits(table.derivative)}"
    below = [] if quiet else ["", *sentences(table, partial, result)]
    lines = [Text(line) for sentence in below for line in fold(sentence, screen.columns, 2)]
    return printed([Text(title, "bold"), Text(), _rows(table, result, screen), *lines], screen)


def _rows(table: QuotientTable, result: Result, screen: Screen) -> Table:
    """The table, with as many digits as there is room for."""
    whole = max(math.ceil(DTYPES[result.dtype].digits), LEAST_DIGITS)
    for digits in range(whole, LEAST_DIGITS - 1, -1):
        rows = [_cells(row, table, digits) for row in table.rows]
        heads = ["h", *(head for side in SIDES for head in (side, "digits")), ""]
        kept = [index for index, cells in enumerate(zip(*rows)) if any(cell.plain for cell in cells)]
        if digits < whole:  # a sentence says what the last column does
            kept = [place for place in kept if heads[place]]
        widths = [max(len(heads[place]), *(len(row[place]) for row in rows)) for place in kept]
        if sum(widths) + (len(kept) - 1) * (PADDING + screen.is_terminal) <= screen.columns:
            break
    made = empty(screen)
    for place in kept:
        made.add_column(heads[place], no_wrap=True)
    for row in rows:
        made.add_row(*(row[place] for place in kept))
    return made


def _cells(row: QuotientRow, table: QuotientTable, digits: int) -> list[Text]:
    """The step, each quotient with the count of its right digits, and whether it moves anything at all."""

    best = {(one.side, one.h) for one in table.best}
    cells = [Text(scientific(row.h))]
    for side in SIDES:
        count = getattr(row, f"{side}_digits")
        mark = "*" if (side, row.h) in best and count is not None else ""
        cells.append(_cell(row, side, digits))
        cells.append(Text("" if count is None else f"{count:.1f}{mark}", style=GOOD if mark else ""))
    return [*cells, Text(STUCK if row.stuck else "", style=REST)]


def scientific(h: float) -> str:
    """A step, which is a power of ten."""
    return figure(h) if h >= LEAST_PLAIN else f"1e{math.log10(h):.0f}"


def _cell(row: QuotientRow, side: str, digits: int) -> Text:
    """A quotient, its digits that are right in one colour and the others in another."""

    number = getattr(row, side)
    if not math.isfinite(number):
        return Text(str(number), style=REST)
    text = f"{number:#.{digits}g}"
    right = _length(text, int(getattr(row, f"{side}_digits") or 0))
    return Text.assemble((text[:right], GOOD), (text[right:], REST))


def _length(text: str, digits: int) -> int:
    """How many characters of a number its first digits take."""
    seen, end = 0, 0
    for index, char in enumerate(text):
        if char == "e" or seen == digits:
            break
        if char.isdigit() and (seen or char != "0"):
            seen, end = seen + 1, index + 1
    return end


def sentences(table: QuotientTable, partial: Partial, result: Result) -> list[str]:
    """Which step is the best one, and why; at a point without a derivative what each side does."""
    if partial.verdict is Verdict.UNDEFINED:
        return [_of_sides(partial)]
    if table.derivative is None:
        return ["The derivative is not known here, and no digits can be counted."]
    best = {one.side: one for one in table.best}
    said = []
    for side in ("forward", "central"):
        if side in best:
            said.append(_best(best[side], table, result))
    if table.rows[-1].stuck:
        first = next(row.h for row in table.rows if row.stuck)
        said.append(
            f"From h = {scientific(first)} on, {table.wrt} + h is {table.wrt} in {result.dtype}: the difference is 0."
        )
    if partial.digits is not None:
        said.append(f"Autograd takes no step: {partial.digits:.1f} digits.")
    return said


def _best(best: BestStep, table: QuotientTable, result: Result) -> str:
    digits = "" if best.digits is None else f" ({best.digits:.1f} digits)"
    head = f"{best.side.capitalize()}: best at h = {scientific(best.h)}{digits}."
    is_central = best.side == "central"
    order, name, left = (table.third, "f'''", "h**2*|f'''|/6") if is_central else (table.second, "f''", "h*|f''|/2")
    u = f"2**-{DTYPES[result.dtype].bits}"
    if order is None:
        return f"{head} Larger steps leave out too much, smaller ones show the rounding of f."
    if order == "0":
        return f"{head} {name} is 0 here, so that large steps leave out little; small ones show the rounding of f."
    if best.expected is None:
        return head
    rule = f"(3*{u}*|f/f'''|)**(1/3)" if is_central else f"2*sqrt({u}*|f/f''|)"
    rounding = f"{u}*|f|/h" if is_central else f"2*{u}*|f|/h"
    return (
        f"{head} Larger steps leave out {left}, smaller ones show the rounding of f, {rounding}:"
        f" the sum is least near h = {rule} = {figure(best.expected, FEW)}."
    )


def _of_sides(partial: Partial) -> str:
    """What the quotients do where there is no derivative."""
    words = kind_words(partial.kind or "").here
    if partial.left is None and partial.right is None:
        return f"There is no derivative: {words}. What the quotients show is none, however steady."
    right, left = (short(one) if one is not None else "no number" for one in (partial.right, partial.left))
    text = f"There is no derivative: {words}. Forward quotients go to {right}, backward ones to {left}"
    if partial.left not in (None, "inf", "-inf") and partial.right not in (None, "inf", "-inf"):
        mean = (float(partial.left) + float(partial.right)) / 2
        return f"{text}; central ones show the mean of both, {figure(mean)}, which is no derivative."
    return f"{text}; central ones show no derivative."


def latex_table(table: QuotientTable, name: str) -> Sequence[str]:
    """The lines of a LaTeX table: a row for each step."""
    from gradcli.language.latex_names import latex_decimal

    head = " & ".join([r"$h$", *SIDES])
    lines = [r"\begin{tabular}{llll}", rf"\multicolumn{{4}}{{l}}{{${name}$}} \\", head + r" \\ \hline"]
    for row in table.rows:
        numbers = [latex_decimal(repr(getattr(row, side))) for side in ("h", *SIDES)]
        lines.append(" & ".join(f"${one}$" for one in numbers) + r" \\")
    return [*lines, r"\end{tabular}"]
