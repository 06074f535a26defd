"""Cases and matrices in LaTeX: where(...) and lists."""

from __future__ import annotations

from gradcli.errors import Span
from gradcli.language.latex import cursor
from gradcli.language.latex.syntax import Item, Items
from gradcli.language.latex.writing import LatexWriter

_MATRICES = {
    "matrix": "group", "pmatrix": "group", "bmatrix": "group", "Bmatrix": "group", "smallmatrix": "group",
    "array": "group", "vmatrix": "abs", "Vmatrix": "norm",
}  # fmt: skip
_CASES = ("cases", "dcases", "rcases")
_OTHERWISE = ("otherwise", "else", "sonst", "elsewhere")
_IF = ("if", "for", "when", "where", "falls")
_TEXTS = ("text", "textrm", "mathrm", "mbox", "textit", "operatorname")
_OPPOSITE = {"<": ">=", ">": "<=", "<=": ">", ">=": "<", "==": "!=", "!=": "=="}


def environment(reader: LatexWriter, item: Item, around: str = "group") -> None:
    """Write what an environment holds; bars around a matrix are its determinant."""
    if item.text in _CASES:
        _cases(reader, item)
        return
    if item.text not in _MATRICES:
        reader.fail(
            item.span, f"{item.text} is not an environment that gradcli knows", "cases, pmatrix, bmatrix, align, ..."
        )
    kind = _MATRICES[item.text] if around in ("group", "square") else around
    head = {"abs": "det", "norm": "norm"}.get(kind)
    if head is None:
        _matrix(reader, item)
    else:
        reader.call(head, item.span, lambda: _matrix(reader, item))


def _rows(item: Item) -> list[list[Items]]:
    lines = cursor.split(item.inside, "\\")
    rows = [[_trimmed(cell) for cell in cursor.split(line, "&")] for line in lines]
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def _trimmed(cell: Items) -> Items:
    """A cell without spaces and the comma at its end."""
    cell = tuple(one for one in cell if not cursor.is_space(one) and not one.is_("command", "hline"))
    return cell[:-1] if cell and cell[-1].is_("sign", ",", ".") else cell


def _matrix(reader: LatexWriter, item: Item) -> None:
    """Rows as lists; one column is a vector."""
    rows = _rows(item)
    if not rows or any(not cell for row in rows for cell in row):
        reader.fail(item.span, "an entry of this matrix is missing")
    if len({len(row) for row in rows}) > 1:
        reader.fail(item.span, "the rows of this matrix have different lengths")
    reader.sign("[", item.span)
    for place, row in enumerate(rows):
        if place:
            reader.sign(",", item.span)
        if len(row) == 1:
            reader.sequence(row[0])
            continue
        reader.sign("[", item.span)
        reader.arguments(row, item.span)
        reader.sign("]", item.span)
    reader.sign("]", item.span)


def _cases(reader: LatexWriter, item: Item) -> None:
    """where(condition, value, ...); the last line is what is left."""
    rows: list[tuple[Items, Items]] = []
    for row in _rows(item):
        value, *rest = row
        condition = tuple(one for cell in rest for one in cell)
        if value and value[-1].is_("sign", ","):
            value = value[:-1]
        if not value or not condition:
            reader.fail(
                item.span, "a case has a value and a condition", r"x & \text{if } x > 0 \\ 0 & \text{otherwise}"
            )
        rows.append((value, condition))
    if not rows:
        reader.fail(item.span, "there are no cases here")
    last = rows[-1][1]
    if not _is_otherwise(last) and not (len(rows) == 2 and _are_opposite(rows[0][1], last)):
        reader.fail(
            cursor.span_of(last, item.span),
            "what holds where none of the conditions does is not said",
            hint=r"write \text{otherwise} as the last condition",
        )
    for value, condition in rows[:-1]:
        reader.name("where", item.span)
        reader.sign("(", item.span)
        if _is_otherwise(condition):
            reader.fail(cursor.span_of(condition, item.span), "this is not the last case")
        reader.sequence(_condition(condition))
        reader.sign(",", item.span)
        reader.sequence(value)
        reader.sign(",", item.span)
    reader.group(lambda: reader.sequence(rows[-1][0]), item.span)
    for _ in rows[:-1]:
        reader.sign(")", Span(item.span.end - 1, item.span.end))


def _word(item: Item) -> str:
    """The words that a text holds, without spaces."""
    if item.kind != "command" or item.text not in _TEXTS:
        return ""
    return "".join(one.text for one in item.args[-1] or ()).lower().strip(".,:")


def _condition(items: Items) -> Items:
    """A condition without the words around it."""
    return tuple(item for item in items if _word(item) not in _IF)


def _is_otherwise(items: Items) -> bool:
    return len(items) == 1 and _word(items[0]) in _OTHERWISE


def _are_opposite(first: Items, second: Items) -> bool:
    """Whether the second of two plain comparisons holds just where the first does not."""
    one, other = _condition(first), _condition(second)
    signs = [[(place, sign) for place, item in enumerate(each) if (sign := _comparison(item))] for each in (one, other)]
    if [len(found) for found in signs] != [1, 1]:
        return False
    (place, sign), (at, opposite) = signs[0][0], signs[1][0]
    same = [item.text for item in one[:place]] == [item.text for item in other[:at]]
    same = same and [item.text for item in one[place + 1 :]] == [item.text for item in other[at + 1 :]]
    simple = all(item.kind in ("letter", "number", "sign") for item in (*one, *other) if not _comparison(item))
    return same and simple and _OPPOSITE[sign] == opposite


def _comparison(item: Item) -> str | None:
    sign = cursor.operator(item)
    sign = "==" if sign == "=" else sign
    return sign if sign in _OPPOSITE else None
