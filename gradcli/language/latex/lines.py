"""The statements of a text in LaTeX: lines of an alignment, or what stands in dollar signs."""

from __future__ import annotations

from gradcli.language.latex import cursor
from gradcli.language.latex.syntax import Items

STATEMENTS = frozenset(("align", "align*", "aligned", "equation", "equation*", "gather", "gather*", "gathered", "split",
                        "eqnarray", "eqnarray*", "displaymath", "math", "multline", "multline*"))  # fmt: skip


def lines_of(items: Items) -> list[Items]:
    """The statements of a text: what stands in dollar signs, in an alignment, or on lines of its own."""
    meaning = tuple(item for item in items if not cursor.is_space(item))
    if len(meaning) == 1 and (meaning[0].is_("group", "$") or meaning[0].is_("environment", *STATEMENTS)):
        return lines_of(meaning[0].inside)
    if meaning and all(item.is_("group", "$") or item.is_("sign", ",", ";", ".") for item in meaning):
        return [line for item in meaning if item.kind == "group" for line in lines_of(item.inside)]
    lines = [piece for line in cursor.split(items, "\\") for piece in cursor.split(line, ";")]
    return [line for line in lines if any(not cursor.is_space(item) for item in line)]
